"""Removes the LC_CTYPE that Python adds to the environment of the process.

Where the locale is "C", as in most containers, Python sets LC_CTYPE for itself and for every
process that it starts (PEP 538). Here it would become a key of the backend env, and a variable of
templates and commands.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAME: Final = "LC_CTYPE"
_COERCED: Final = frozenset(("C.UTF-8", "C.utf8", "UTF-8"))
_UNSET: Final = frozenset(("", "C", "POSIX"))


def undo(given: str = "/proc/self/environ") -> None:
    """Restore the LC_CTYPE that the process was started with.

    Args:
        given: the file with the environment of the start, where the system has one.
    """
    if os.environ.get(_NAME) not in _COERCED:
        return
    value = None if _is_coerced(os.environ) else os.environ[_NAME]
    with contextlib.suppress(OSError), open(given, "rb") as file:  # noqa: PTH123 - a path object costs more than the read
        value = _value(file.read())
    if value is None:
        del os.environ[_NAME]
    else:
        os.environ[_NAME] = value


def _value(environment: bytes) -> str | None:
    start = f"{_NAME}=".encode()
    found = (line for line in environment.split(b"\0") if line.startswith(start))
    line = next(found, None)
    return None if line is None else os.fsdecode(line.removeprefix(start))


def _is_coerced(environ: Mapping[str, str]) -> bool:
    """Return whether Python set the variable, by its own rules."""
    return (
        environ.get("PYTHONCOERCECLOCALE") != "0"
        and not environ.get("LC_ALL")
        and environ.get("LANG", "") in _UNSET
    )
