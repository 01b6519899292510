"""Every test that COMPATIBILITY.md names exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / name for name in ("COMPATIBILITY.md", "CHANGELOG.md")]
NAMED = sorted(
    set(re.findall(r"`(test_\w+\.py)(?:::(\w+))?`", (ROOT / "COMPATIBILITY.md").read_text()))
)


@pytest.mark.parametrize(("file", "test"), NAMED)
def test_a_named_test_exists(file: str, test: str) -> None:
    files = list((ROOT / "tests").rglob(file))
    assert files
    assert any(f"def {test}" in path.read_text() for path in files)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_nothing_is_said_twice(page: Path) -> None:
    """Both pages are merged line by line, which may keep an old form of an entry."""
    starts = re.findall(
        r"^(?!.*\| test \|$)(?:\| |- )(.{24}[^|.,;:]*)", page.read_text(), re.MULTILINE
    )
    assert [start for start in {*starts} if starts.count(start) > 1] == []
