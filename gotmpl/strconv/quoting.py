r"""Go's string and character literals: quoting and unquoting.

Text is `str`; a byte that is not UTF-8 is a surrogate escape in it (`\xff` is `"\udcff"`). Knows no
numbers, tokens or trees (Go: strconv, unicode/utf8).
"""

from __future__ import annotations

import re
from typing import Final

from gotmpl.strconv.printable import is_print

INVALID: Final = "invalid syntax"  # Go: strconv.ErrSyntax
_RUNE_ERROR: Final = "\ufffd"
# Patterns that most templates never need; `re` compiles and caches them on first use.
_SURROGATE: Final = "[\ud800-\udfff]"
_NO_BYTE: Final = "[\ud800-\udc7f\udd00-\udfff]"


# -- Bytes and runes


def utf8(text: str) -> bytes:
    r"""Return the text in UTF-8, with escaped bytes; any other surrogate becomes U+FFFD.

    >>> utf8("é\udcff")
    b'\xc3\xa9\xff'
    """
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return re.sub(_NO_BYTE, _RUNE_ERROR, text).encode("utf-8", "surrogateescape")


def from_utf8(data: bytes) -> str:
    r"""Decode bytes; those that are not UTF-8 become surrogate escapes.

    >>> from_utf8(b"a\xff")
    'a\udcff'
    """
    return data.decode("utf-8", "surrogateescape")


def rune_text(rune: int) -> str:
    """Return the rune as text; U+FFFD if it is invalid (Go: utf8.AppendRune)."""
    if 0 <= rune <= 0x10FFFF and not 0xD800 <= rune <= 0xDFFF:
        return chr(rune)
    return _RUNE_ERROR


def unicode_notation(rune: int, digits: int = 4, *, shown: bool = True) -> str:
    """Return the number of a rune, followed by the rune if it is printable (Go: `%#U`).

    Args:
        rune: the rune.
        digits: how many digits the number has at least.
        shown: whether the rune itself follows.

    >>> unicode_notation(0xE9), unicode_notation(10)
    ("U+00E9 'é'", 'U+000A')
    """
    number = f"U+{rune:0{digits}X}"
    return f"{number} '{chr(rune)}'" if shown and is_print(rune) else number


# -- Quoting

_NAMED_ESCAPES: Final = {
    "\a": r"\a",
    "\b": r"\b",
    "\f": r"\f",
    "\n": r"\n",
    "\r": r"\r",
    "\t": r"\t",
    "\v": r"\v",
    "\\": r"\\",
}
_NOT_PLAIN: Final = re.compile(r"[^ !#-\[\]-~]")  # the double quote and the backslash are not


def _escape(char: str, *, ascii_only: bool) -> str:
    if char in _NAMED_ESCAPES:
        return _NAMED_ESCAPES[char]
    rune = ord(char)
    if 0xDC80 <= rune <= 0xDCFF:  # a byte that is not UTF-8
        return f"\\x{rune - 0xDC00:02x}"
    if rune < 0x20 or rune == 0x7F:
        return f"\\x{rune:02x}"
    if is_print(rune) and (rune < 0x80 or not ascii_only):
        return char
    return f"\\u{rune:04x}" if rune < 0x10000 else f"\\U{rune:08x}"


def _escape_in_string(match: re.Match[str]) -> str:
    return r"\"" if match[0] == '"' else _escape(match[0], ascii_only=False)


def _escape_in_ascii_string(match: re.Match[str]) -> str:
    return r"\"" if match[0] == '"' else _escape(match[0], ascii_only=True)


def is_valid(text: str) -> bool:
    r"""Return whether the text has no surrogates (Go: utf8.ValidString).

    >>> is_valid("é"), is_valid("\udcff")
    (True, False)
    """
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def merge_escapes(text: str) -> str:
    r"""Replace surrogate escapes that form valid UTF-8 by their characters.

    Whatever puts texts side by side does so: bytes that make a rune then are that rune.

    >>> merge_escapes("\udcc3" + "\udca9")
    'é'
    """
    return text if is_valid(text) else from_utf8(utf8(text))


def quote(text: str) -> str:
    r"""Return the text as a Go string literal (Go: strconv.Quote, the verb `%q`).

    >>> print(quote('say "日"\n\udcff'))
    "say \"日\"\n\xff"
    """
    # Most texts need no escapes; to test that first makes quoting them ten times faster.
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return f'"{_NOT_PLAIN.sub(_escape_in_string, merge_escapes(text))}"'


def quote_to_ascii(text: str) -> str:
    r"""Return the text as a Go string literal in ASCII (Go: strconv.QuoteToASCII).

    >>> print(quote_to_ascii("日"))
    "\u65e5"
    """
    return f'"{_NOT_PLAIN.sub(_escape_in_ascii_string, merge_escapes(text))}"'


def quote_rune(rune: int) -> str:
    r"""Return the rune as a Go character literal (Go: strconv.QuoteRune).

    >>> print(quote_rune(0x65E5), quote_rune(10), quote_rune(-1))
    '日' '\n' '�'
    """
    char = rune_text(rune)
    return rf"'\{char}'" if char == "'" else f"'{_escape(char, ascii_only=False)}'"


def quote_rune_to_ascii(rune: int) -> str:
    r"""Return the rune as a Go literal in ASCII (Go: strconv.QuoteRuneToASCII).

    >>> print(quote_rune_to_ascii(0x65E5))
    '\u65e5'
    """
    char = rune_text(rune)
    return rf"'\{char}'" if char == "'" else f"'{_escape(char, ascii_only=True)}'"


_NOT_IN_RAW: Final = "[\x00-\x08\x0a-\x1f`\x7f\ufeff\ud800-\udfff]"


def can_backquote(text: str) -> bool:
    """Return whether the text can be written in back quotes (Go: strconv.CanBackquote)."""
    return re.search(_NOT_IN_RAW, merge_escapes(text)) is None


# -- Unquoting

_ESCAPE: Final = r"""(?x) \\(?:
        (?P<named>[abfnrtv\\"'])
      | x(?P<byte>[0-9A-Fa-f]{2})
      | u(?P<short>[0-9A-Fa-f]{4})
      | U(?P<long>[0-9A-Fa-f]{8})
      | (?P<octal>[0-7]{3})
    )"""
_SPECIAL_IN_STRING: Final = rf"""{_ESCAPE}|[\\"\n\ud800-\udfff]"""
_NAMED_RUNES: Final = {escape[1]: char for char, escape in _NAMED_ESCAPES.items()}


def _valid_rune(rune: int) -> int:
    if rune > 0x10FFFF or 0xD800 <= rune <= 0xDFFF:
        raise ValueError(INVALID)
    return rune


def _valid_byte(value: int) -> int:
    if value > 0xFF:
        raise ValueError(INVALID)
    return value


def _escaped_rune(match: re.Match[str], quote: str) -> int:
    """Return the rune that an escape stands for, or the byte if it is hexadecimal or octal."""
    kind, digits = match.lastgroup, match[match.lastgroup or 0]
    if kind == "named":
        if digits in "'\"" and digits != quote:
            raise ValueError(INVALID)
        return ord(_NAMED_RUNES.get(digits, digits))
    if kind == "octal":
        return _valid_byte(int(digits, 8))
    return _valid_rune(int(digits, 16))


def _unescape_in_string(match: re.Match[str]) -> str:
    if match.lastgroup is None:
        if match[0] in '\\"\n':
            raise ValueError(INVALID)
        return _RUNE_ERROR  # Go replaces such bytes, but keeps them in raw strings
    rune = _escaped_rune(match, '"')
    if match.lastgroup in ("byte", "octal") and rune >= 0x80:
        return chr(0xDC00 + rune)
    return chr(rune)


def unquote(token: str) -> str:
    r"""Return the text of an interpreted or raw string literal (Go: strconv.Unquote).

    Raises:
        ValueError: the literal is malformed; the message is Go's `invalid syntax`.

    >>> unquote(r'"caf\u00e9\t\xff"'), unquote("`a\\b`")
    ('café\t\udcff', 'a\\b')
    """
    token = merge_escapes(token)
    mark, body = token[:1], token[1:-1]
    if len(token) < 2 or mark not in ('"', "`") or token[-1] != mark:
        raise ValueError(INVALID)
    if mark == "`":
        if "`" in body:
            raise ValueError(INVALID)
        return body.replace("\r", "")
    return merge_escapes(re.sub(_SPECIAL_IN_STRING, _unescape_in_string, body))


def unquote_char(text: str, quote: str) -> tuple[int, str]:
    r"""Return the first rune of an escaped text, and what follows it (Go: strconv.UnquoteChar).

    Args:
        text: what follows the opening quote.
        quote: the quote, which may not occur unescaped.

    Raises:
        ValueError: the text does not begin with a rune; the message is Go's `invalid syntax`.

    >>> unquote_char(r"\x41b'", "'")
    (65, "b'")
    """
    char = text[:1]
    if char in ("", quote):
        raise ValueError(INVALID)
    if char != "\\":
        return ord(re.sub(_SURROGATE, _RUNE_ERROR, char)), text[1:]
    match = re.match(_ESCAPE, text)
    if match is None:
        raise ValueError(INVALID)
    return _escaped_rune(match, quote), text[match.end() :]
