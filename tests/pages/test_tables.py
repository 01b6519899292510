"""The pages that are made of tables: `make pages` would change nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs.tables.__main__ import PAGES

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_what_the_tables_give(name: str) -> None:
    assert (ROOT / name).read_text("utf-8") == PAGES[name](), "`make pages` writes it"
