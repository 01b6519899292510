"""docs/functions.md: every function, in one place, with an example and the confd that has it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from confd_lib import funcs
from confd_lib.store.store import Store
from docs.tables import functions
from docs.tables.functions import GO, THEMES
from gotmpl import BUILTINS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/functions.md").read_text("utf-8")
ENTRIES = [entry for theme in THEMES.values() for entry in theme]
EXAMPLES = re.findall(r"^(\{\{.*?\S) +→  (.*)$", PAGE, re.MULTILINE)


def version(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(".")))


def test_each_function_of_confd_has_one_entry() -> None:
    assert sorted(entry.name for entry in ENTRIES) == sorted(funcs.functions(Store()))


def test_each_function_of_go_has_one_entry() -> None:
    assert sorted(entry.name for entry in GO) == sorted(BUILTINS)


@pytest.mark.parametrize("entry", [*ENTRIES, *GO], ids=lambda entry: entry.name)
def test_an_example_calls_the_function(entry: functions.Entry) -> None:
    assert entry.examples or entry.name == "call"
    assert all(re.search(rf"\b{entry.name}\b", example) for example in entry.examples)


@pytest.mark.parametrize(("example", "result"), EXAMPLES, ids=[row[0] for row in EXAMPLES])
def test_the_page_shows_what_an_example_gives(example: str, result: str) -> None:
    with functions.machine():
        assert functions.result(example) == result


def test_all_examples_are_read() -> None:
    assert len(EXAMPLES) == sum(len(entry.examples) for entry in (*ENTRIES, *GO))


def test_the_fork_of_0_11_has_the_functions_up_to_that_version() -> None:
    old = {entry.name for entry in ENTRIES if version(entry.since) <= (0, 11)}
    assert old == set(funcs.functions(Store(), "0.11"))


def test_confd_0_16_has_them_all() -> None:
    assert {entry.name for entry in ENTRIES} == set(funcs.functions(Store(), "0.16"))
    assert max(version(entry.since) for entry in ENTRIES) == (0, 16)
