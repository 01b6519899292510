"""Fixtures of the soak tests, and the table at the end of `make soak`.

Each test adds at least one row with its action and its result, in the order of the run.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from tests.soak.site import Site

HERE: Final = Path(__file__).parent
ROWS: Final = pytest.StashKey[list[tuple[str, str]]]()

Report = Callable[[str, str], None]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker("soak")
            item.add_marker(pytest.mark.timeout(1000))  # some sync many files, beside other tests


@pytest.fixture
def report(pytestconfig: pytest.Config) -> Report:
    """Return a function that adds a row to the table: an action and its result."""

    def add(done: str, found: str) -> None:
        pytestconfig.stash.setdefault(ROWS, []).append((done, found))

    return add


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    rows = config.stash.get(ROWS, [])
    if not rows:
        return
    width = max(len(done) for done, _ in rows)
    terminalreporter.section("nothing lost")
    for done, found in rows:
        terminalreporter.write_line(f"{done:<{width}}  {found}")


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site.make(tmp_path)
