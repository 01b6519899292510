"""The examples in the docstrings of this folder and below give what they show."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

HERE = Path(__file__).parent
WITH_EXAMPLES = [
    ".".join(path.relative_to(HERE).with_suffix("").parts)
    for path in sorted(HERE.rglob("*.py"))
    if "\n    >>> " in path.read_text()
]


def test_there_are_examples() -> None:
    assert {"loopback.proxy", "stores"} <= set(WITH_EXAMPLES)


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_examples_give_what_they_show(name: str) -> None:
    result = doctest.testmod(importlib.import_module(f"tests.servers.{name}"))
    assert result.failed == 0
    assert result.attempted > 0
