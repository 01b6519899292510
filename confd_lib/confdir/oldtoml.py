r"""Rewrites the TOML that confd 0.16 reads, and no later decoder, as TOML 1.0.

A text that is TOML 1.0 stays as it is. What confd refuses stays too, and so does what it reads in
broken files alone. Knows nothing of the settings.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from confd_lib import escapes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# The end of a text may be missing: then the token is read once all the same, and stays as it is.
_TOKEN: Final = re.compile(
    r"""(?sx)
    (?P<basic>    "{3} (?: [^"\\] | \\. | "(?!"") )*+ (?:"{3})? | "(?: [^"\\\r\n] | \\. )*+ "? )
  | (?P<literal>  '{3} (?: [^']         | '(?!'') )*+ (?:'{3})? | '(?: [^'\r\n] )*+         '? )
  | (?P<comment>  \# [^\r\n]*+ )
  | (?P<word>     [\w.:+-]++ )
  | (?P<comma>    (?<!\{) , [ \t]*+ (?=\}) )
  | (?P<line_end> \r++ \n? )
    """
)
NOT_UTF8: Final = "bytes that are not UTF-8: save the file as UTF-8"
_CONTROL: Final = r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)"
_BYTE: Final = "[\udc80-\udcff]"
_IN_BASIC: Final = re.compile(rf"(?s)(\\.)|{_CONTROL}|{_BYTE}")
_IN_LITERAL: Final = re.compile(rf'[\\"]|{_CONTROL}')
_CONTROLS: Final = re.compile(_CONTROL)
_ODD: Final = re.compile(f"{_CONTROL}|{_BYTE}")
_ZEROS: Final = re.compile(
    r"([+-]?)(?:0_?(?=[0-9]))++([0-9][0-9_]*+(?:\.[0-9_]++)?(?:[eE][+-]?[0-9_]++)?)"
)


@dataclass(frozen=True, slots=True)
class Outdated:
    """A fault that confd 0.16 does not mind.

    Attributes:
        line: its line, from 1.
        reason: the fault, with advice.

    >>> print(Outdated(3, "a number cannot begin with 0: write 10"))
    line 3: a number cannot begin with 0: write 10; only confd 0.16 and older read it
    """

    line: int
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.reason}; only confd 0.16 and older read it"


def rewrite(text: str) -> tuple[str, tuple[Outdated, ...]]:
    r"""Return a text as TOML 1.0, with the values that confd 0.16 reads in it.

    Args:
        text: the document; bytes that are not UTF-8 are surrogates.

    Returns:
        the text, with as many lines, and the first fault of each kind.

    >>> rewrite("uid = 010 # root\n")
    ('uid = 10 # root\n', (Outdated(line=1, reason='a number cannot begin with 0: write 10'),))
    """
    first: dict[str, Outdated] = {}

    def replace(found: re.Match[str]) -> str:
        kind = found.lastgroup or ""
        rewritten, reason = _RULES[kind](found[0])
        if reason and kind not in first:
            first[kind] = Outdated(text.count("\n", 0, found.start()) + 1, reason)
        return rewritten

    return _TOKEN.sub(replace, text), tuple(first.values())


# -- Rules: each returns a token as TOML 1.0, and its fault; empty without one


def _basic(token: str) -> tuple[str, str]:
    return _IN_BASIC.sub(_in_basic, token), _reason(token)


def _in_basic(found: re.Match[str]) -> str:
    if found[1]:
        return found[0]
    return _escape(found) if found[0].isascii() else "\ufffd"  # as Go decodes a byte


def _literal(token: str) -> tuple[str, str]:
    """Return a text with its bytes; a control character needs an escape, and so other quotes."""
    quotes = token[:3] if token.startswith("'''") else "'"
    if _CONTROLS.search(token) and token.endswith(quotes):
        body = _IN_LITERAL.sub(_escape, token[len(quotes) : -len(quotes)])
        written = quotes.replace("'", '"')
        return f"{written}{body}{written}", _reason(token)
    return token, _reason(token)


def _escape(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"


def _comment(token: str) -> tuple[str, str]:
    return _CONTROLS.sub(" ", token), _reason(token)


def _reason(token: str) -> str:
    odd = _ODD.search(token)
    if odd is None:
        return ""
    if not odd[0].isascii():
        return NOT_UTF8
    shown = escapes.one_line(odd[0])
    return f'the control character {shown} stands in it: remove it, or write {_escape(odd)} in "…"'


def _word(token: str) -> tuple[str, str]:
    number = _ZEROS.fullmatch(token)
    if number is None:
        return token, ""
    rewritten = number[1] + number[2]
    return rewritten, f"a number cannot begin with 0: write {rewritten}"


def _comma(_: str) -> tuple[str, str]:
    return "", "a comma stands before }: remove it"


def _line_end(token: str) -> tuple[str, str]:
    if token == "\r\n":
        return token, ""
    return "\n", "a carriage return stands in it: end lines with LF, or with CR and LF"


_RULES: Final[Mapping[str, Callable[[str], tuple[str, str]]]] = {
    "basic": _basic,
    "literal": _literal,
    "comment": _comment,
    "word": _word,
    "comma": _comma,
    "line_end": _line_end,
}
