"""The pages that are made of tables: `make pages` would change nothing."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

from docs import tables
from docs.tables.__main__ import PAGES

ROOT = Path(__file__).parents[2]
MODULES = [path.stem for path in sorted(Path(tables.__path__[0]).glob("[a-z]*.py"))]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_what_the_tables_give(name: str) -> None:
    assert (ROOT / name).read_text("utf-8") == PAGES[name](), "`make pages` writes it"


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_give_what_they_show(name: str) -> None:
    assert doctest.testmod(importlib.import_module(f"docs.tables.{name}")).failed == 0
