"""The examples in the docstrings of this folder give what they show."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

WITH_EXAMPLES = [
    path.stem for path in Path(__file__).parent.glob("*.py") if "\n    >>> " in path.read_text()
]


def test_there_are_examples() -> None:
    assert {"proxy", "stores"} <= set(WITH_EXAMPLES)


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_examples_give_what_they_show(name: str) -> None:
    result = doctest.testmod(importlib.import_module(f"tests.servers.{name}"))
    assert result.failed == 0
    assert result.attempted > 0
