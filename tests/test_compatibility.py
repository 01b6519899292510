"""Every test that COMPATIBILITY.md names exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
NAMED = sorted(
    set(re.findall(r"`(test_\w+\.py)(?:::(\w+))?`", (ROOT / "COMPATIBILITY.md").read_text()))
)


@pytest.mark.parametrize(("file", "test"), NAMED)
def test_a_named_test_exists(file: str, test: str) -> None:
    files = list((ROOT / "tests").rglob(file))
    assert files
    assert any(f"def {test}" in path.read_text() for path in files)
