"""SIGKILL at 200 random moments: every file is one whole version, and the next run sweeps stages.

A destination is whole if content, mode and owner are those of one version. A reader checks them all
the time, each through one descriptor, so that all three belong to the same file.
"""

from __future__ import annotations

import os
import random
import stat
from functools import partial
from pathlib import Path
from typing import Final

import pytest

from tests.soak.busy import RESOURCES, VERSIONS, confd_of, hold, passes, site_of
from tests.soak.conftest import Report
from tests.soak.kills import KILLS, LONGEST, Fork, Reader, preloaded, running
from tests.soak.site import Site

State = tuple[bytes, int, int]

WHOLE: Final[list[set[State]]] = [
    {(version.content(number), version.mode, version.uid) for version in VERSIONS}
    for number in range(RESOURCES)
]


def state(dest: Path) -> State:
    with dest.open("rb") as file:
        info = os.fstat(file.fileno())
        return file.read(), stat.S_IMODE(info.st_mode), info.st_uid


def torn(site: Site) -> list[str]:
    """Return the names of the destinations that are not one whole version."""
    dests = [site.out / f"{number:02d}.conf" for number in range(RESOURCES)]
    return [dest.name for dest, whole in zip(dests, WHOLE, strict=True) if state(dest) not in whole]


@pytest.fixture(scope="module")
def fork() -> Fork:
    return preloaded()


def test_a_kill_at_any_moment_leaves_whole_files_and_stages_that_the_next_run_sweeps(
    tmp_path: Path, fork: Fork, report: Report
) -> None:
    draw = random.Random(9)
    sites = tuple(site_of(tmp_path, version) for version in VERSIONS)
    site, confds = sites[0], [confd_of(each) for each in sites]
    confds[0].run_once()
    left = 0
    with running(fork, hold, site.out / "held") as (_, held), Reader(partial(torn, site)) as reader:
        mine = [Path(str(held)).name]
        for number in range(KILLS):
            with running(fork, passes, sites) as (process, _):
                process.join(draw.uniform(0, LONGEST))
            assert torn(site) == []
            left += site.strays() != mine
            results = confds[number % 2].run_once()
            assert [result.error for result in results if result.error] == []
            assert site.strays() == mine
            assert {state(dest)[1] for dest in site.out.glob("*.conf")} == {
                VERSIONS[number % 2].mode
            }
    assert reader.torn == []
    assert reader.rounds > KILLS
    assert left > 0  # else no kill has hit a pass
    confds[0].run_once()
    assert site.strays() == []
    report(
        f"{KILLS} kills of a pass over {RESOURCES} files",
        f"0 torn files in {reader.rounds} checks of all; {left} stages left and swept; "
        "a stage in use stayed",
    )
