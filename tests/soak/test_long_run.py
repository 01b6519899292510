"""5 000 changes under a watch, with faults at random: it does not grow, and loses nothing."""

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
from tests.soak.conftest import Tell
from tests.soak.site import PATIENCE, ROOT, Site, tree, until

CHANGES: Final = 5_000
WARM: Final = 500
RESOURCES: Final = 5
MOST_AT_ONCE: Final = 5  # changes that are made before the files are looked at
FAULTS: Final[tuple[FaultName, ...]] = get_args(FaultName)
RISK: Final = 0.05  # that a fault is on during some changes
MEETING: Final = 0.5  # seconds at most that a fault stays on until a request comes
ROOM: Final = 8.0  # MB that may come and go
FEW: Final = 3  # descriptors and threads that may: a file just being written, a dying connection
TEXT: Final = '{{getv "/self/release"}} {{range ls "/self/members"}}{{.}} {{end}}\n'


@dataclass(frozen=True, slots=True)
class Size:
    """What a process takes: MB of memory, descriptors and threads."""

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
    """A release, and lists and keys that differ from those of the one before."""
    members = [{"name": f"web_{number}"} for number in range(release % 7)]
    return tree(release, members=members, **{f"key_{release % 50}": "x" * (release % 90)})


def rendered(release: int) -> str:
    members = " ".join(f"web_{number}" for number in range(release % 7))
    return f"{release} {members}{' ' if members else ''}\n"


def current(dests: list[Path], release: int) -> bool:
    wanted = rendered(release)
    return all(dest.exists() and dest.read_text() == wanted for dest in dests)


def disturb(server: MetadataServer, name: FaultName, process: subprocess.Popen[bytes]) -> None:
    """Let a fault be there for some requests."""
    before = server.requests[-1]
    server.faults.add(name, delay=0.001)
    until(lambda: server.requests[-1] is not before, process, MEETING)


def size_at_rest(server: MetadataServer, process: subprocess.Popen[bytes]) -> Size:
    """Look at a process that has asked for news, whatever it still closes."""
    assert until(lambda: server.wait_for_waiters(timeout=0.01), process)
    return Size.of(process.pid)


def test_a_watch_of_many_changes_does_not_grow(site: Site, tell: Tell) -> None:
    draw = random.Random(9)
    dests = [site.add(f"{number}", TEXT) for number in range(RESOURCES)]
    release = faults = looks = 0
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
            looks += 1
            if warm is None and release >= WARM:
                warm = size_at_rest(server, process)
        end = size_at_rest(server, process)
    assert warm is not None
    assert end.memory < warm.memory + ROOM
    assert end.descriptors <= warm.descriptors + FEW
    assert end.threads <= warm.threads + FEW
    assert site.strays() == []
    tell(
        f"{release} changes under a watch, {faults} faults, {looks} times current",
        f"{warm.memory:.1f} MB became {end.memory:.1f}, "
        f"{warm.descriptors} descriptors {end.descriptors}",
    )
