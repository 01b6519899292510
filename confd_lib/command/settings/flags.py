"""Flags, by the rules of Go's package `flag`, which are not those of getopt.

One dash or two, `-x v` or `-x=v`, a boolean as `-x` or `-x=v` only; the first word that is not a
flag ends them. The module does not know what flags are for, and imports little, because
`confd --version` runs it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from confd_lib.command.settings.table import FLAGS
from confd_lib.errors import ConfigError
from confd_lib.golang.strconv import parse_bool, parse_int
from gotmpl import did_you_mean, near

if TYPE_CHECKING:
    from collections.abc import Sequence

    from confd_lib.command.settings.table import Flag, Value

_HELP: Final = ("h", "help")


def parse(args: Sequence[str]) -> tuple[dict[str, Value] | None, tuple[str, ...]]:
    """Read flags by the rules of Go's package `flag`.

    Args:
        args: the words after the command's name.

    Returns:
        the flags that are given, or None where one of them asks for help; and the words after them.

    Raises:
        ConfigError: a flag is unknown, or its value is not valid; in Go's words.

    >>> parse(["--node", "a:80", "-node=b:80", "-noop=f", "stop", "-watch"])
    ({'node': ('a:80', 'b:80'), 'noop': False}, ('stop', '-watch'))
    >>> parse(["-backend=etcd", "-backend=file"])[0]
    {'backend': ('etcd', 'file')}
    """
    values: dict[str, Value] = {}
    words = list(args)
    while words and len(words[0]) > 1 and words[0].startswith("-"):
        word = words.pop(0)
        if word == "--":
            break
        name, text = _split(word)
        if name in _HELP:
            return None, ()
        if name not in FLAGS:
            raise _unknown(name)
        flag = FLAGS[name]
        values[name] = _value(flag, _argument(flag, text, words), values.get(name, ()))
    return values, tuple(words)


def _unknown(name: str) -> ConfigError:
    """Return the error of an unknown flag, in Go's words; its note names the nearest flags."""
    error = ConfigError(f"flag provided but not defined: -{name}")
    if advice := did_you_mean([f"-{one}" for one in near(name, FLAGS)]):
        error.add_note(advice)
    return error


def unread(words: Sequence[str]) -> str:
    """Return a sentence about the word that ended the flags and the words after it.

    Args:
        words: the words after the flags, at least one.

    >>> unread(["true", "-backend", "file"])
    'the word "true" ends the flags, and "-backend file" is not read (a boolean is -x or -x=true)'
    """
    first, *rest = words
    after = f', and "{" ".join(rest)}" is not read' if rest else ""
    hint = " (a boolean is -x or -x=true)" if first.lower() in ("false", "true") else ""
    return f'the word "{first}" ends the flags{after}{hint}'


def _split(word: str) -> tuple[str, str | None]:
    """Split a flag into its name and the text after `=`, if it has one."""
    bare = word[2:] if word.startswith("--") else word[1:]
    if bare[0] in "-=":
        raise ConfigError(f"bad flag syntax: {word}")
    name, equals, text = bare.partition("=")
    return name, text if equals else None


def _argument(flag: Flag, text: str | None, words: list[str]) -> str:
    """Return the text of a value: after `=`, or else the next word unless it is a boolean."""
    if text is not None:
        return text
    if isinstance(flag.default, bool):
        return "true"
    if not words:
        raise ConfigError(f"flag needs an argument: -{flag.name}")
    return words.pop(0)


def _value(flag: Flag, text: str, before: Value) -> Value:
    """Convert a value to the type of the flag's default."""
    kind = "boolean value" if isinstance(flag.default, bool) else "value"
    to = "" if isinstance(flag.default, bool) else "flag "
    try:
        if isinstance(flag.default, bool):
            return parse_bool(text)
        if isinstance(flag.default, int):
            return parse_int(text)
    except ValueError as error:
        # Go: package flag says less than strconv does.
        why = "value out of range" if str(error).endswith("range") else "parse error"
        message = f'invalid {kind} "{text}" for {to}-{flag.name}: {why}'
        raise ConfigError(message) from error
    if isinstance(flag.default, tuple) and isinstance(before, tuple):
        return (*before, text)
    if flag.layers and before not in ((), text):
        several = before if isinstance(before, tuple) else (str(before),)
        return tuple(dict.fromkeys((*several, text)))
    return text
