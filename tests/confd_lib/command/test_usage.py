"""The help of confd: each flag with its value, its default and its variable, in lines that fit."""

from __future__ import annotations

import re
import shlex

import pytest

from confd_lib.backends.remote.vault.api import METHODS
from confd_lib.command.settings import flags, stores, usage
from confd_lib.command.settings.table import FLAGS, TABLE
from confd_lib.logs import LEVELS

USED = [flag for flag in TABLE if flag.help]


@pytest.mark.parametrize("width", [60, 80, 100])
def test_lines_fit_the_width(width: int) -> None:
    assert max(map(len, usage.usage("confd", width).splitlines())) <= width


@pytest.mark.parametrize("columns", ["20", "80"])
def test_the_width_is_that_of_the_terminal(monkeypatch, columns: str) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert usage.usage("confd") == usage.usage("confd", int(columns))


@pytest.mark.parametrize("flag", USED, ids=lambda flag: flag.name)
def test_a_flag_has_its_value_its_default_and_its_variable(flag) -> None:
    text = " ".join(usage.usage("confd", 100).split())
    head = f"-{flag.name} {flag.value}".rstrip()
    assert f" {head} {flag.help}" in text
    if flag.variable:
        assert f"(variable {flag.variable})" in text
    if flag.default:
        assert f"{flag.help} (default {flag.default})" in text


@pytest.mark.parametrize("flag", USED, ids=lambda flag: flag.name)
def test_only_a_boolean_has_no_word_for_its_value(flag) -> None:
    assert bool(flag.value) != isinstance(flag.default, bool)


def test_each_flag_stands_in_one_group() -> None:
    shown = [flag.name for group in usage.groups().values() for flag in group]
    assert sorted(shown) == sorted(flag.name for flag in USED)


@pytest.mark.parametrize("command", usage.EXAMPLES)
def test_an_example_has_flags_that_exist(command: str) -> None:
    given, rest = flags.parse(shlex.split(command)[1:])
    assert given
    assert rest == ()


def test_the_choices_are_those_that_are_taken() -> None:
    assert sorted(FLAGS["backend"].choices) == sorted(stores.NAMES)
    assert sorted(FLAGS["auth-type"].choices) == sorted(METHODS)
    assert set(FLAGS["log-level"].choices) <= set(LEVELS)


@pytest.mark.parametrize(
    "name",
    [flag.name for flag in USED if flag.choices and flag.name not in ("compat", "functions")],
)
def test_the_help_names_each_choice(name: str) -> None:
    words = set(re.findall(r"[\w-]+", FLAGS[name].help))
    assert set(FLAGS[name].choices) - {"etcdv3"} <= words
