"""Errors about keys and functions have one line of text, and attributes that survive pickle."""

from __future__ import annotations

import pickle

import pytest

from confd_lib.errors import ConfdError, MissingLibrary
from confd_lib.golang.match import BadPattern
from confd_lib.store.levels import TooDeep
from confd_lib.store.rules import NotAValue
from confd_lib.store.store import KeyNotFound


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (BadPattern("["), "syntax error in pattern"),
        (KeyNotFound("/k"), "key does not exist: /k"),
        (
            MissingLibrary("lookupSRV", "dns"),
            "lookupSRV needs a library: pip install 'confd-lib[dns]'",
        ),
        (TooDeep(), "values nest deeper than 10000 levels, or hold themselves"),
        (
            NotAValue({1}),
            (
                "a key cannot have a value of type set: {1} "
                "(use text, a number, a boolean, None, a mapping or a list)"
            ),
        ),
    ],
)
def test_text_and_attributes(error: ConfdError, text: str) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert str(error) == str(again) == text
    assert isinstance(again, ConfdError)
    assert vars(again) == vars(error)
