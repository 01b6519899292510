"""The examples in the docstrings of every module give what they show."""

from __future__ import annotations

import doctest
import importlib

import pytest

from tests.layers import PACKAGES, ROOT, modules

# Those of gotmpl are in tests/gotmpl/test_docstrings.py.
MODULES = [name for package in PACKAGES if package != "gotmpl" for name in modules(package)]


@pytest.mark.parametrize("name", [name for name in MODULES if not name.endswith("__main__")])
def test_examples_give_what_they_show(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert doctest.testmod(importlib.import_module(name)).failed == 0
