"""SIGKILL at 200 random moments: every file is a whole version of itself, and nothing is left over.

A destination counts as whole if content, mode and owner are those of one version; a reader that
never pauses looks at them through one descriptor, and so sees all three of the same file.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Final, Self

import pytest

from tests.soak.busy import RESOURCES, VERSIONS, confd_of, hold, passes, site_of
from tests.soak.conftest import Tell
from tests.soak.site import PATIENCE, Site

KILLS: Final = 200
LONGEST: Final = 0.1  # seconds from the beginning of the passes to the kill; some passes of them

Seen = tuple[bytes, int, int]

WHOLE: Final[list[set[Seen]]] = [
    {(version.content(number), version.mode, version.uid) for version in VERSIONS}
    for number in range(RESOURCES)
]


def seen(dest: Path) -> Seen:
    with dest.open("rb") as file:
        info = os.fstat(file.fileno())
        return file.read(), stat.S_IMODE(info.st_mode), info.st_uid


def torn(site: Site) -> list[str]:
    """Name the destinations that are not a whole version."""
    dests = [site.out / f"{number:02d}.conf" for number in range(RESOURCES)]
    return [dest.name for dest, whole in zip(dests, WHOLE, strict=True) if seen(dest) not in whole]


class Reader:
    """A thread that looks at all destinations, again and again."""

    def __init__(self, site: Site) -> None:
        self.rounds = 0
        self.torn: list[str] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._read, args=(site,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _read(self, site: Site) -> None:
        while not self._stop.wait(0.005):
            self.torn += torn(site)
            self.rounds += 1


@pytest.fixture(scope="module")
def fork() -> multiprocessing.context.ForkServerContext:
    """Processes that begin with everything imported, so that kills meet passes and not imports."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["pytest", "tests.soak.busy"])
    return context


@contextmanager
def running(
    fork: multiprocessing.context.ForkServerContext, target: Callable[..., None], argument: object
) -> Iterator[tuple[BaseProcess, object]]:
    """Run a function in a process, which has said something; it is killed with the block."""
    ours, theirs = fork.Pipe()
    process = fork.Process(target=target, args=(argument, theirs))
    process.start()
    try:
        theirs.close()
        assert ours.poll(PATIENCE)
        yield process, ours.recv()
    finally:
        process.kill()
        process.join()
        process.close()
        ours.close()


def test_a_kill_at_any_moment_leaves_whole_files_and_the_next_run_nothing_else(
    tmp_path: Path, fork: multiprocessing.context.ForkServerContext, tell: Tell
) -> None:
    draw = random.Random(9)
    sites = tuple(site_of(tmp_path, version) for version in VERSIONS)
    site, confds = sites[0], [confd_of(each) for each in sites]
    confds[0].run_once()
    left = 0
    with running(fork, hold, site.out / "held") as (_, held), Reader(site) as reader:
        mine = [Path(str(held)).name]
        for number in range(KILLS):
            with running(fork, passes, sites) as (process, _):
                process.join(draw.uniform(0, LONGEST))
            assert torn(site) == []
            left += site.strays() != mine
            results = confds[number % 2].run_once()
            assert [result.error for result in results if result.error] == []
            assert site.strays() == mine
            assert {seen(dest)[1] for dest in site.out.glob("*.conf")} == {
                VERSIONS[number % 2].mode
            }
    assert reader.torn == []
    assert reader.rounds > KILLS
    assert left > 0  # else no kill has met a pass
    confds[0].run_once()
    assert site.strays() == []
    tell(
        f"{KILLS} kills of a pass over {RESOURCES} files",
        f"0 torn files in {reader.rounds} looks at all; {left} stages left and swept; "
        "a stage in use stayed",
    )
