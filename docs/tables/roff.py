"""Man pages: the few macros of `man(7)` that they need."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable
from typing import Final

# Characters that roff would change; a point or a quote that begins a line would be a request.
_ESCAPES: Final = {
    "\\": r"\e",
    "-": r"\-",
    "'": r"\(aq",
    "`": r"\(ga",
    "^": r"\(ha",
    "~": r"\(ti",
}


def escape(text: str) -> str:
    r"""Return a text as it is to be printed.

    >>> escape(".x -y…")
    '\\&.x \\-y\\[u2026]'
    """
    escaped = "".join(
        _ESCAPES.get(one) or (one if one.isascii() else f"\\[u{ord(one):04X}]") for one in text
    )
    return f"\\&{escaped}" if escaped.startswith(".") else escaped


def prose(text: str) -> str:
    r"""Return a text of docstrings and help, in lines of 80 characters.

    Code is bold, and so is what begins with a dash.

    >>> prose("write `x`, or -y")
    'write \\fBx\\fR, or \\fB\\-y\\fR'
    """
    parts = re.split(r"`([^`]+)`|\*(\w+)\*|(?<![\w/.])(--?[a-z][\w-]*)", text)
    # Of three groups one has matched: code, what is stressed, or a flag.
    fonts = ("", "B", "I", "B")
    found = "".join(
        f"\\f{fonts[number % 4]}{escape(one)}\\fR" if number % 4 else escape(one)
        for number, one in enumerate(parts)
        if one
    )
    lines = textwrap.wrap(found, 80, break_long_words=False, break_on_hyphens=False)
    return "\n".join(f"\\&{line}" if line.startswith(".") else line for line in lines)


def head(name: str, date: str) -> str:
    """Return the first line of a page of section 1."""
    return f'.TH {escape(name.upper())} 1 {date} "confd\\-lib" "User Commands"'


def section(title: str, *lines: str) -> str:
    """Return a section; its lines are roff already."""
    body = "\n".join(lines).removeprefix(".PP\n")  # a section begins a paragraph itself
    return f'.SH "{escape(title.upper())}"\n{body}'


def part(title: str, *lines: str) -> str:
    """Return a part of a section."""
    return "\n".join((f'.SS "{escape(title)}"', *lines))


def paragraph(text: str) -> str:
    """Return a paragraph of prose."""
    return f".PP\n{prose(text)}"


def entries(pairs: Iterable[tuple[str, str]]) -> str:
    """Return a list: each term, which is roff already, with its prose."""
    return "\n".join(f".TP\n{term}\n{prose(text)}" for term, text in pairs)


def bold(text: str) -> str:
    """Return a text in bold."""
    return f"\\fB{escape(text)}\\fR"


def italic(text: str) -> str:
    """Return a text in italics."""
    return f"\\fI{escape(text)}\\fR"


def literal(text: str) -> str:
    """Return lines that are printed as they are."""
    lines = "\n".join(map(escape, text.splitlines()))
    return f".PP\n.EX\n{lines}\n.EE"
