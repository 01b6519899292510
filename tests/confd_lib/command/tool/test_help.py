"""The help of `confd-lib` and `gotmpl`: a sentence, a phrase for each flag, examples that parse."""

from __future__ import annotations

import argparse
import re
import shlex

import pytest

from confd_lib.command.completion import outline
from confd_lib.command.tool import cli
from gotmpl.command import cli as gotmpl

PARSERS = {"confd-lib": cli._parser, "gotmpl": gotmpl.parser}
COMMANDS = [
    command
    for parser in PARSERS.values()
    for command in outline.every(outline.of_parser(parser()))
    if not command.commands
]
EXAMPLES = [
    line.strip()
    for command in COMMANDS
    for line in command.notes.partition("Examples:\n")[2].splitlines()
]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda one: one.name)
def test_a_command_says_what_it_does_with_examples_of_itself(command: outline.Command) -> None:
    assert re.fullmatch(r"[A-Z].*\.", command.about)
    examples = command.notes.partition("Examples:\n")[2].splitlines()
    assert examples
    assert all(command.name in line for line in examples)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda one: one.name)
def test_each_flag_and_word_is_explained(command: outline.Command) -> None:
    for option in (*command.options, *command.arguments):
        assert option.about, option.names


@pytest.mark.parametrize("command", COMMANDS, ids=lambda one: one.name)
def test_the_help_fits_a_terminal(command: outline.Command, monkeypatch, capsys) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    program, *words = command.name.split()
    with pytest.raises(SystemExit) as caught:
        PARSERS[program]().parse_args([*words, "--help"])
    assert caught.value.code == 0
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 80


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_has_flags_that_exist(example: str) -> None:
    """Of a line of the shell the part that begins with the command is read, up to its end."""
    call = re.search(r"(confd-lib|gotmpl) [^|>)]*", example)
    assert call
    program, *words = shlex.split(call[0])
    options = PARSERS[program]().parse_args(words)
    assert isinstance(options, argparse.Namespace)
