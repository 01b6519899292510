"""The help of `confd`, made of the table of its flags.

Knows nothing of how flags are read.
"""

from __future__ import annotations

import shutil
import textwrap
from typing import TYPE_CHECKING, Final

from confd_lib.command.settings.table import TABLE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from confd_lib.command.settings.table import Flag

ABOUT: Final = "Renders templates with the keys of a store, and writes what differs."
EXAMPLES: Final[Mapping[str, str]] = {
    "confd -onetime -backend env": "one pass, with the environment as the store",
    "confd -watch -backend etcd -node 10.0.0.1:2379": "a pass at each change in etcd",
    "confd -preflight -backend file -file values.yaml": "what is missing for a first run",
    "confd -watch -exec 'nginx -g \"daemon off;\"'": "with a process that follows the files",
}
"""Command lines, and what each does."""
_INDENT: Final = " " * 8


def groups() -> Mapping[str, Sequence[Flag]]:
    """Return the flags under their headings, without those that are ignored.

    >>> [flag.name for flag in groups()["Stores"]][:2]
    ['auth-token', 'auth-type']
    """
    used = [flag for flag in TABLE if flag.help]
    stores = [flag for flag in used if flag.of or flag.name in ("backend", "prefix")]
    return {"Flags": [flag for flag in used if flag not in stores], "Stores": stores}


def ignored() -> str:
    """Return a line with the flags that are taken for compatibility alone."""
    names = " ".join(f"-{flag.name}" for flag in TABLE if not flag.help)
    return f"Accepted for compatibility and ignored: {names}"


def usage(program: str, width: int = 0) -> str:
    """Return the help text.

    Args:
        program: the name of the command.
        width: the columns of a line; 0 for those of the terminal, up to 100.
    """
    width = width or min(shutil.get_terminal_size().columns, 100)
    lines = [f"Usage of {program}:", *_wrapped(ABOUT, width, "  "), "", "Examples:"]
    for command, about in EXAMPLES.items():
        lines += [f"  {command}", f"{_INDENT}{about}"]
    for title, flags in groups().items():
        lines += ["", f"{title}:", *(line for flag in flags for line in _lines(flag, width))]
    return "\n".join([*lines, "", *_wrapped(ignored(), width), ""])


def described(flag: Flag) -> str:
    """Return the help of a flag with its default and its variable.

    >>> described(next(flag for flag in TABLE if flag.name == "interval"))
    'seconds between passes; with -watch, between passes without a change (default 600)'
    """
    default = f" (default {flag.default})" if flag.default else ""
    variable = f" (variable {flag.variable})" if flag.variable else ""
    return f"{flag.help}{default}{variable}"


def _lines(flag: Flag, width: int) -> list[str]:
    head = f"  -{flag.name} {flag.value}".rstrip()
    return [head, *_wrapped(described(flag), width, _INDENT)]


def _wrapped(text: str, width: int, indent: str = "") -> list[str]:
    return textwrap.wrap(
        text,
        max(width, len(_INDENT) + 20),
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
