"""SIGKILL at 200 random moments while names come and go: no file is torn or forgotten.

The file of a name is one whole version or missing at any moment. One more pass leaves exactly the
files of its names, beside those of others, and a reload has seen them.
"""

from __future__ import annotations

import random
from functools import partial
from pathlib import Path
from typing import Final

import pytest

from tests.soak.conftest import Report
from tests.soak.kills import KILLS, LONGEST, Fork, Reader, preloaded, running
from tests.soak.names import confd_of, files, passes, site_of
from tests.soak.site import Site

VERSIONS: Final = [files(version) for version in (0, 1)]
OTHERS: Final = {"other.conf": "mine", "s99.conf": "mine too"}


def present(site: Site) -> dict[str, str]:
    """Return the contents of the files; one that goes while it is read is left out."""
    found: dict[str, str] = {}
    for path in sorted(site.out.glob("[!.]*.conf")):
        try:
            found[path.name] = path.read_text()
        except FileNotFoundError:
            continue
    return found


def torn(site: Site) -> list[str]:
    """Return the names of the files that are not one whole version."""
    return [
        name
        for name, text in present(site).items()
        if text not in {OTHERS.get(name), *(version.get(name) for version in VERSIONS)}
    ]


def _in_order(line: str) -> str:
    return " ".join(sorted(line.split()))


@pytest.fixture(scope="module")
def fork() -> Fork:
    return preloaded()


def test_a_kill_at_any_moment_forgets_no_file_and_takes_none_of_others(
    tmp_path: Path, fork: Fork, report: Report
) -> None:
    draw = random.Random(9)
    site = Site.make(tmp_path)
    log = tmp_path / "log"
    # A reload outlives the process that started it, so each adds a line of its own.
    site_of(site, reload_cmd=f"echo $(ls {site.out}) >> {log}")
    seen = 0
    for name, text in OTHERS.items():
        (site.out / name).write_text(text)
    between = 0
    with Reader(partial(torn, site)) as reader:
        for number in range(KILLS):
            version = number % 2
            with running(fork, passes, site) as (process, _):
                process.join(draw.uniform(0, LONGEST))
            between += present(site) not in [{**one, **OTHERS} for one in VERSIONS]
            results = confd_of(site, version).run_once()
            assert [result.error for result in results if result.error] == []
            assert present(site) == {**VERSIONS[version], **OTHERS}
            lines = log.read_text().splitlines()
            assert " ".join(sorted(present(site))) in map(_in_order, lines[seen:])
            seen = len(lines)
            assert len(site.strays()) == 1  # the list
    assert reader.torn == []
    assert reader.rounds > KILLS
    assert between > 0  # else no kill has hit a pass
    report(
        f"{KILLS} kills of a pass whose names come and go",
        f"0 torn files in {reader.rounds} checks of all; {between} passes were cut, and none of "
        "their files was forgotten; files of others stayed",
    )
