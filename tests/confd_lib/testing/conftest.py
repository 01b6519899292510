"""The terminal of pytest within these tests is that of a person, also in CI."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def person(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide the variables of CI, for which pytest cuts no lines of its summary."""
    for name in ("CI", "BUILD_NUMBER"):
        monkeypatch.delenv(name, raising=False)
