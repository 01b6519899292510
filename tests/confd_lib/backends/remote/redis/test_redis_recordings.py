"""Runs of confd 0.16 beside Redis, again with our command: the same files and exit statuses."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from tests.confd_lib.backends.remote.runs import Rerun, rows, unlike
from tests.servers.recorded import Recording

ROWS: Final = rows("redis")
NOTHING: Final = "ls / [] lsdir / []\n"
# Where ours differs on purpose: the destinations, with what they hold here.
DIFFERENT: Final[Mapping[str, Mapping[str, str]]] = {
    # A glob sign in a key or a separator stands for itself, where confd finds what it matches.
    "redis-star-part": {"out0": NOTHING},
    "redis-star-middle": {"out2": NOTHING},
    "redis-separator-star": {"out0": f'2 "/a/b" "1"\n{NOTHING}'},
    # A percent sign in a separator stands for itself, where confd finds nothing.
    "redis-separator-percent": {"out0": f'2 "/a/b" "1"\n{NOTHING}'},
    # The hashes below a folder are there, where confd has texts alone.
    "redis-hash-below": {
        "out0": f'2 "/hh/str" "s"\n3 "/hh/sub/x" "1"\n{NOTHING}',
        "out2": '2 "/h/*" "star"\n2 "/h/a" "1"\n2 "/h/d" "3"\n2 "/h/e f" ""\n2 "/h/ü" "ö"\n'
        f'2 "/hh/str" "s"\n3 "/h/b/c" "2"\n3 "/hh/sub/x" "1"\n{NOTHING}',
    },
    # The flag -password is followed, where confd ignores it.
    "redis-password-flag": {"out0": f'2 "/app/name" "confd"\n{NOTHING}'},
}


@pytest.mark.parametrize(
    "recording", [one for one in ROWS if one.id not in DIFFERENT], ids=lambda one: one.id
)
def test_a_run_is_as_recorded(recording: Recording, rerun: Rerun):
    run = rerun(recording)
    assert run.is_alike, unlike(run)


@pytest.mark.parametrize(
    "recording", [one for one in ROWS if one.id in DIFFERENT], ids=lambda one: one.id
)
def test_a_run_differs_as_intended(recording: Recording, rerun: Rerun):
    run = rerun(recording)
    ours, theirs = run.files
    assert run.status[0] == 0
    differing = {path: held for path, held in ours.items() if held != theirs[path]}
    wanted = DIFFERENT[recording.id].items()
    assert {Path(path).name: held for path, held in differing.items()} == {
        name: text.encode() for name, text in wanted
    }


def test_each_difference_is_of_a_recording():
    assert DIFFERENT.keys() <= {one.id for one in ROWS}
