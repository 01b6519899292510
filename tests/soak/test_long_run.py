"""A watch over 5 000 changes, with random faults: its size stays, and no change is lost."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, get_args

from metadata_client import MetadataServer
from metadata_client.server.faults import FaultName
from tests.soak.conftest import Report
from tests.soak.site import PATIENCE, ROOT, Site, tree, until

CHANGES: Final = 5_000
WARM: Final = 500
RESOURCES: Final = 5
MOST_AT_ONCE: Final = 5  # changes before the files are checked
FAULTS: Final[tuple[FaultName, ...]] = get_args(FaultName)
RISK: Final = 0.05  # the probability of a fault during a group of changes
LONGEST: Final = 0.5  # the most seconds that a fault waits for a request
SLACK: Final = 8.0  # MB by which memory may vary
FEW: Final = 3  # descriptors and threads: a file that is being written, a connection that ends
TEXT: Final = '{{getv "/self/release"}} {{range ls "/self/members"}}{{.}} {{end}}\n'


@dataclass(frozen=True, slots=True)
class Size:
    """The size of a process: MB of memory, descriptors and threads."""

    memory: float
    descriptors: int
    threads: int

    @classmethod
    def of(cls, pid: int) -> Size:
        proc = Path(f"/proc/{pid}")
        pages = int((proc / "statm").read_text().split()[1])
        memory = pages * os.sysconf("SC_PAGE_SIZE") / 1e6
        descriptors, threads = (len(list((proc / of).iterdir())) for of in ("fd", "task"))
        return cls(memory, descriptors, threads)


@contextmanager
def watching(site: Site, url: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "tests.soak.watcher", url, str(site.path)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        try:
            yield process
        finally:
            assert process.stdin is not None
            process.stdin.close()
            try:
                assert process.wait(PATIENCE) == 0
            finally:
                process.kill()


def answers(release: int) -> dict[str, object]:
    """Return a release, with lists and keys that differ from those of the one before."""
    members = [{"name": f"web_{number}"} for number in range(release % 7)]
    return tree(release, members=members, **{f"key_{release % 50}": "x" * (release % 90)})


def rendered(release: int) -> str:
    members = " ".join(f"web_{number}" for number in range(release % 7))
    return f"{release} {members}{' ' if members else ''}\n"


def current(dests: list[Path], release: int) -> bool:
    wanted = rendered(release)
    return all(dest.exists() and dest.read_text() == wanted for dest in dests)


def disturb(server: MetadataServer, name: FaultName, process: subprocess.Popen[bytes]) -> None:
    """Turn a fault on until a request comes."""
    before = server.requests[-1]
    server.faults.add(name, delay=0.001)
    until(lambda: server.requests[-1] is not before, process, LONGEST)


def size_at_rest(server: MetadataServer, process: subprocess.Popen[bytes]) -> Size:
    """Return the size of a process while it waits for a change."""
    assert until(lambda: server.wait_for_waiters(timeout=0.01), process)
    return Size.of(process.pid)


def test_a_watch_of_many_changes_does_not_grow(site: Site, report: Report) -> None:
    draw = random.Random(9)
    dests = [site.add(f"{number}", TEXT) for number in range(RESOURCES)]
    release = faults = checks = 0
    warm = None
    with MetadataServer(answers(0), tick=0.05) as server, watching(site, server.url) as process:
        assert until(lambda: current(dests, 0), process)
        while release < CHANGES:
            if draw.random() < RISK:
                disturb(server, draw.choice(FAULTS), process)
                faults += 1
            for _ in range(draw.randint(1, MOST_AT_ONCE)):
                release += 1
                server.replace(answers(release))
            server.faults.clear()
            assert until(partial(current, dests, release), process)
            checks += 1
            if warm is None and release >= WARM:
                warm = size_at_rest(server, process)
        end = size_at_rest(server, process)
    assert warm is not None
    assert end.memory < warm.memory + SLACK
    assert end.descriptors <= warm.descriptors + FEW
    assert end.threads <= warm.threads + FEW
    assert site.strays() == []
    report(
        f"{release} changes under a watch, {faults} faults, {checks} times all current",
        f"{warm.memory:.1f} MB became {end.memory:.1f}, "
        f"{warm.descriptors} descriptors {end.descriptors}",
    )
