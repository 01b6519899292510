"""Escapes the characters that would control a terminal.

All output for people passes here: log lines, usage errors, lint, traces, and rendered text if
stdout is a terminal. Knows nothing of the writers.
"""

from __future__ import annotations

import re
from typing import Final

# Control characters except tab and line feed, the marks that reorder a line, and surrogates, which
# represent bytes that are not UTF-8.
_UNSAFE: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
_BYTES: Final = range(0xDC80, 0xDD00)
# The most characters of a quotation.
_MOST: Final = 200


def lines(text: str) -> str:
    r"""Return a text with escapes for all characters that control a terminal but `\n` and `\t`.

    >>> lines("a\tb\n\x1b[2Jc\r\n")
    'a\tb\n\\x1b[2Jc\\r\n'
    """
    return _UNSAFE.sub(_escape, text)


def one_line(text: str) -> str:
    r"""Return a text with escapes for all characters that control a terminal but `\t`.

    >>> one_line("a\nb\x9b2J\u202e\udcff")
    'a\\nb\\x9b2J\\u202e\\xff'
    """
    return lines(text).replace("\n", "\\n")


def quotation(said: object) -> str:
    r"""Return the beginning of what a server has said, as one line for a message.

    >>> quotation("no leader\r\nX-Token: secret"), len(quotation("long" * 1000))
    ('no leader', 200)
    """
    return str(said).strip()[:_MOST].partition("\n")[0].rstrip()


def _escape(found: re.Match[str]) -> str:
    if found[0] == "\r":
        return "\\r"
    code = ord(found[0])
    code -= 0xDC00 if code in _BYTES else 0
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
