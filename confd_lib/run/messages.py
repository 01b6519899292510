"""Takes secrets out of the error of a resource, for the log and the status file.

A file that not everybody may read holds secrets, which a template or a command may quote in its
error. Knows nothing of when a line is written.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import gotmpl
from confd_lib.errors import CommandError, ConfdError

if TYPE_CHECKING:
    from collections.abc import Iterable

_QUOTED: Final = re.compile(r'"(?:[^"\\]|\\.)*+"?')
_MASK: Final = "***"
# Shorter values are no secrets, and would mask parts of every key.
_SHORTEST: Final = 4
_MISSING: Final = "key does not exist: "


def message(error: Exception, secrets: Iterable[str]) -> str:
    r"""Return the error of a private file in one line, without its secrets.

    Args:
        error: the error.
        secrets: the values that the template of the file could read.

    >>> broken = CommandError("Reload failed", "app -t", "exit status 1", "bad password: hunter2")
    >>> str(broken)
    'Reload failed: exit status 1: app -t: bad password: hunter2'
    >>> message(broken, ["hunter2"])
    'Reload failed: exit status 1: app -t: its output is logged with -log-level debug'
    >>> bad = gotmpl.ExecError('parsing "hunter2": invalid syntax', name="t", line=1, template="t")
    >>> message(bad, [])
    'template: t:1:0: executing "t" at <>: parsing "***": invalid syntax'
    """
    if isinstance(error, CommandError):
        return str(error.without_output())
    if isinstance(error, gotmpl.TemplateError):
        place = str(error).removesuffix(error.reason)
        return place + _masked(error.reason, secrets, place)
    # One that nobody foresaw, of somebody else's code, may quote anything.
    return _masked(str(error), secrets) if type(error) is ConfdError else str(error)


def _masked(reason: str, secrets: Iterable[str], place: str = "") -> str:
    """Mask each quotation in a reason, and each secret that is a word of its own."""
    before, missing, key = _QUOTED.sub(f'"{_MASK}"', reason).partition(_MISSING)
    # A missing key may be made of values, unless it stands in the template as it is.
    shown = key if f'"{key}"' in place else _MASK
    text = before + (missing + shown if missing else "")
    found = {value for value in secrets if len(value) >= _SHORTEST and value in text}
    for value in sorted(found, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", _MASK, text)
    return text
