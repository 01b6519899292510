"""The soak tests: what they share, and the table that `make soak` ends with.

Each test tells what it did and found in one row or more; rows stand in the order of the run.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from tests.soak.site import Site

HERE: Final = Path(__file__).parent
ROWS: Final = pytest.StashKey[list[tuple[str, str]]]()

Tell = Callable[[str, str], None]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker("soak")


@pytest.fixture
def tell(pytestconfig: pytest.Config) -> Tell:
    """Add a row to the table: what was done, and what was found."""

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
