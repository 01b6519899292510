"""The benchmark of the preview measures what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks import preview

if TYPE_CHECKING:
    import pytest


def test_a_row_for_each_thing_that_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preview, "SAVES", 1)
    rows = [name for name, _ in preview.run(2)]
    assert rows == [
        "2 containers: from the save to the news",
        "2 containers: from the save to the view",
        "2 containers: overview of 8 files, the first",
        "2 containers: overview of 8 files, after a save",
    ]
