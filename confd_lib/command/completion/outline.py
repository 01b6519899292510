"""The commands, as data: read from the table of `confd`'s flags and from parsers.

Knows nothing of shells and pages, which are made of it.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from confd_lib.command.settings import usage
from confd_lib.command.settings.table import Flag

FILES: Final = frozenset({"FILE", "PATH", "TEMPLATE", "TESTS"})
"""The words for values that name a file, or a folder."""
FOLDERS: Final = frozenset({"CONFDIR", "DIR"})
"""The words for values that name a folder."""


@dataclass(frozen=True, slots=True)
class Option:
    """A flag or an argument of a command.

    Attributes:
        names: the flag in all its spellings; empty for an argument.
        about: a phrase that says what it does.
        value: the word for its value; empty for a flag without one.
        choices: the values that there are; empty if they cannot be listed.
    """

    names: tuple[str, ...]
    about: str
    value: str = ""
    choices: tuple[str, ...] = ()

    @property
    def takes_file(self) -> bool:
        """Whether its value names a file."""
        return self.value in FILES

    @property
    def takes_folder(self) -> bool:
        """Whether its value names a folder."""
        return self.value in FOLDERS

    @property
    def is_known(self) -> bool:
        """Whether a shell knows what its value may be."""
        return bool(self.choices) or self.takes_file or self.takes_folder


@dataclass(frozen=True, slots=True)
class Command:
    """A command.

    Attributes:
        name: its words: `confd-lib render`.
        about: a sentence that says what it does.
        synopsis: how it is called, behind its name.
        groups: its flags by their headings.
        arguments: its other words, in order.
        commands: the commands that its first word may be.
        notes: the text at the end of its help, of commands that a parser reads.
    """

    name: str
    about: str
    synopsis: str
    groups: Mapping[str, tuple[Option, ...]] = field(default_factory=dict)
    arguments: tuple[Option, ...] = ()
    commands: tuple[Command, ...] = ()
    notes: str = ""

    @property
    def brief(self) -> str:
        """Its first sentence."""
        return self.about.partition(". ")[0].removesuffix(".")

    @property
    def options(self) -> tuple[Option, ...]:
        """Its flags, in the order of its help."""
        return tuple(option for group in self.groups.values() for option in group)


def every(command: Command) -> Iterator[Command]:
    """Yield a command and all below it."""
    yield command
    for inner in command.commands:
        yield from every(inner)


def of_confd() -> Command:
    """Return `confd`, whose flags have one dash or two.

    >>> of_confd().options[0].names
    ('-compat', '--compat')
    """
    groups = {title: tuple(map(_of_flag, flags)) for title, flags in usage.groups().items()}
    return Command("confd", usage.ABOUT, "[FLAG ...]", groups)


def _of_flag(flag: Flag) -> Option:
    names = (f"-{flag.name}", f"--{flag.name}")
    return Option(names, usage.described(flag), flag.value, flag.choices)


def of_parser(parser: argparse.ArgumentParser) -> Command:
    """Return the command that a parser of `argparse` reads.

    >>> parser = argparse.ArgumentParser("sum", description="Adds numbers.")
    >>> _ = parser.add_argument("numbers", nargs="+", metavar="N", help="a number")
    >>> of_parser(parser).synopsis
    '[OPTION ...] N [N ...]'
    """
    # The actions have no public name: `argparse` itself is meant to write the help.
    groups = {group.title or "": _options(group._group_actions) for group in parser._action_groups}
    arguments = [action for action in parser._actions if not action.option_strings]
    return Command(
        parser.prog,
        " ".join((parser.description or "").split()),
        synopsis(parser),
        {title: options for title, options in groups.items() if options},
        tuple(_option(one) for one in arguments if not isinstance(one, _Commands)),
        tuple(of_parser(one) for one in _commands(arguments)),
        parser.epilog or "",
    )


_Commands = argparse._SubParsersAction


def _commands(actions: list[argparse.Action]) -> Iterator[argparse.ArgumentParser]:
    for action in actions:
        if isinstance(action, _Commands):
            yield from action.choices.values()


# How often a word may stand; `argparse` writes its own usage differently in each Python.
_TIMES: Final[Mapping[object, str]] = {
    None: "{0}",
    "?": "[{0}]",
    "+": "{0} [{0} ...]",
    "*": "[{0} ...]",
}


def synopsis(parser: argparse.ArgumentParser) -> str:
    """Return how a command is called, behind its name: what it needs is named, the rest is not.

    >>> parser = argparse.ArgumentParser()
    >>> group = parser.add_mutually_exclusive_group(required=True)
    >>> _ = group.add_argument("--a", metavar="FILE"), group.add_argument("--b", metavar="DIR")
    >>> _ = parser.add_argument("words", nargs="*", metavar="WORD")
    >>> synopsis(parser)
    '(--a FILE | --b DIR) [OPTION ...] [WORD ...]'
    """
    return " ".join(_synopsis(parser))


def _synopsis(parser: argparse.ArgumentParser) -> Iterator[str]:
    for group in parser._mutually_exclusive_groups:
        if group.required:
            yield f"({' | '.join(map(_call, group._group_actions))})"
    for action in parser._actions:
        if action.option_strings and action.required:
            yield _call(action)
    yield "[OPTION ...]"
    for action in parser._actions:
        if isinstance(action, _Commands):
            yield f"{action.metavar} ..."
        elif not action.option_strings:
            yield _TIMES[action.nargs].format(_word(action))


def _call(action: argparse.Action) -> str:
    return f"{action.option_strings[-1]} {_word(action)}"


def _word(action: argparse.Action) -> str:
    return action.metavar if isinstance(action.metavar, str) else action.dest.upper()


def _options(actions: list[argparse.Action]) -> tuple[Option, ...]:
    return tuple(_option(action) for action in actions if action.option_strings)


def _option(action: argparse.Action) -> Option:
    choices = tuple(map(str, action.choices or ()))
    return Option(
        tuple(action.option_strings),
        (action.help or "").replace("%%", "%"),
        "" if action.nargs == 0 else _word(action),
        choices,
    )
