"""The environment as the process was given it: without the LC_CTYPE that the interpreter adds.

Where the locale is "C", the normal state of a container, Python sets LC_CTYPE for itself and for
every process that it starts (PEP 538). Here it would be a key of the backend env, and a variable of
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
    """Give LC_CTYPE back the value that the process was started with.

    Args:
        given: the file that holds the environment of the start, where the system has one.
    """
    if os.environ.get(_NAME) not in _COERCED:
        return
    value = None if _is_coerced(os.environ) else os.environ[_NAME]
    with contextlib.suppress(OSError), open(given, "rb") as file:  # noqa: PTH123 - as cheap as can be
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
    """Judge by Python's rules whether it was Python that set the variable."""
    return (
        environ.get("PYTHONCOERCECLOCALE") != "0"
        and not environ.get("LC_ALL")
        and environ.get("LANG", "") in _UNSET
    )
