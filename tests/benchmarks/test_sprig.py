"""The benchmark of sprig's commonest functions: both engines write the same."""

from __future__ import annotations

import pytest

from benchmarks import sprig
from benchmarks.timing import Effort

pytest.importorskip("gotpl")


def test_the_engines_write_the_same() -> None:
    made = sprig.tasks()
    assert len(made) == 2 * len(sprig.CALLS) == 20
    assert all(task.output().strip() for task in made.values())


def test_the_table_has_a_row_for_each_function() -> None:
    rows = sprig.table(Effort(rounds=1, slice_ms=0.1)).splitlines()[2:]
    assert [row.split("`")[1] for row in rows] == list(sprig.CALLS)
