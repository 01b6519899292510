"""The examples in gotmpl's docstrings give what they show."""

from __future__ import annotations

import doctest
import importlib

import pytest

import gotmpl
from tests.layers import modules

# Public names that are data, protocols or a base class, and need no example.
WITHOUT = {"BUILTINS", "Observer", "Visit", "Writer", "nodes", "TemplateError"}


@pytest.mark.parametrize("name", modules("gotmpl"))
def test_examples_give_what_they_show(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0


@pytest.mark.parametrize("name", sorted(set(gotmpl.__all__) - WITHOUT))
def test_a_public_name_has_an_example(name: str) -> None:
    assert ">>> " in (getattr(gotmpl, name).__doc__ or "")
