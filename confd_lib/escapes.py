"""Text that a terminal shows character by character: what would control it becomes an escape.

Everything that a person reads passes here: log lines, usage errors, lint, traces, and rendered text
where stdout is a terminal. Knows nothing of who writes what.
"""

from __future__ import annotations

import re
from typing import Final

# Control characters but the tab, the marks that reorder a line, and the surrogates that stand for
# bytes which are not UTF-8.
_UNSAFE: Final = (
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
_BYTES: Final = range(0xDC80, 0xDD00)


def lines(text: str) -> str:
    r"""Return a text of several lines in which only line feeds and tabs control a terminal.

    >>> lines("a\tb\n\x1b[2Jc\r\n")
    'a\tb\n\\x1b[2Jc\\r\n'
    """
    return re.sub(_UNSAFE, _escape, text)


def one_line(text: str) -> str:
    r"""Return a text without line feeds, in which only tabs control a terminal.

    >>> one_line("a\nb\x9b2J\u202e\udcff")
    'a\\nb\\x9b2J\\u202e\\xff'
    """
    return lines(text).replace("\n", "\\n")


def _escape(found: re.Match[str]) -> str:
    if found[0] == "\r":
        return "\\r"
    code = ord(found[0])
    code -= 0xDC00 if code in _BYTES else 0
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
