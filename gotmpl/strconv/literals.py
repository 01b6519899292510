r"""Go's literals both ways: what a string, a rune or a number means, and how Go quotes.

Mirrors `strconv` and the number rules of `text/template/parse`. Knows neither tokens nor trees.

Text is `str`; a byte that is no UTF-8 rides along as a surrogate escape (`\xff` is `"\udcff"`).
"""

from __future__ import annotations

import math
import re
from typing import Final

from gotmpl.record import record
from gotmpl.strconv.floats import format_float
from gotmpl.strconv.printable import is_print

__all__ = [
    "Number",
    "can_backquote",
    "format_float",
    "from_utf8",
    "is_print",
    "joined",
    "parse_float",
    "parse_number",
    "quote",
    "quote_rune",
    "quote_rune_to_ascii",
    "quote_to_ascii",
    "rune_text",
    "unquote",
    "unquote_char",
    "utf8",
]

_INVALID: Final = "invalid syntax"  # Go: strconv.ErrSyntax
_RUNE_ERROR: Final = "\ufffd"
# Patterns that most templates never need are compiled, and kept, by `re` when they are.
_SURROGATE: Final = "[\ud800-\udfff]"
_NO_BYTE: Final = "[\ud800-\udc7f\udd00-\udfff]"


# -- Bytes and runes


def utf8(text: str) -> bytes:
    r"""The bytes that Go holds for this text; a surrogate that stands for no byte is U+FFFD.

    >>> utf8("é\udcff")
    b'\xc3\xa9\xff'
    """
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return re.sub(_NO_BYTE, _RUNE_ERROR, text).encode("utf-8", "surrogateescape")


def from_utf8(data: bytes) -> str:
    r"""The text of these bytes; what is no UTF-8 becomes surrogate escapes.

    >>> from_utf8(b"a\xff")
    'a\udcff'
    """
    return data.decode("utf-8", "surrogateescape")


def rune_text(rune: int) -> str:
    """The rune as text; U+FFFD where it is none (Go: utf8.AppendRune)."""
    if 0 <= rune <= 0x10FFFF and not 0xD800 <= rune <= 0xDFFF:
        return chr(rune)
    return _RUNE_ERROR


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
    if 0xDC80 <= rune <= 0xDCFF:  # a byte that was no UTF-8
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


def joined(text: str) -> str:
    """The text with byte escapes that together make runes put together."""
    return from_utf8(utf8(text)) if not text.isascii() and re.search(_SURROGATE, text) else text


def quote(text: str) -> str:
    r"""The text as a Go string literal (Go: strconv.Quote, the verb `%q`).

    >>> print(quote('say "日"\n\udcff'))
    "say \"日\"\n\xff"
    """
    # Most texts are their own spelling; to see that first makes quoting them ten times faster.
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return f'"{_NOT_PLAIN.sub(_escape_in_string, joined(text))}"'


def quote_to_ascii(text: str) -> str:
    r"""The text as a Go string literal in ASCII (Go: strconv.QuoteToASCII).

    >>> print(quote_to_ascii("日"))
    "\u65e5"
    """
    return f'"{_NOT_PLAIN.sub(_escape_in_ascii_string, joined(text))}"'


def quote_rune(rune: int) -> str:
    r"""The rune as a Go character literal (Go: strconv.QuoteRune).

    >>> print(quote_rune(0x65E5), quote_rune(10), quote_rune(-1))
    '日' '\n' '�'
    """
    char = rune_text(rune)
    return rf"'\{char}'" if char == "'" else f"'{_escape(char, ascii_only=False)}'"


def quote_rune_to_ascii(rune: int) -> str:
    r"""The rune as a Go character literal in ASCII (Go: strconv.QuoteRuneToASCII).

    >>> print(quote_rune_to_ascii(0x65E5))
    '\u65e5'
    """
    char = rune_text(rune)
    return rf"'\{char}'" if char == "'" else f"'{_escape(char, ascii_only=True)}'"


_NOT_IN_RAW: Final = "[\x00-\x08\x0a-\x1f`\x7f\ufeff\ud800-\udfff]"


def can_backquote(text: str) -> bool:
    """Whether the text can stand between back quotes on one line (Go: strconv.CanBackquote)."""
    return re.search(_NOT_IN_RAW, joined(text)) is None


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
        raise ValueError(_INVALID)
    return rune


def _valid_byte(value: int) -> int:
    if value > 0xFF:
        raise ValueError(_INVALID)
    return value


def _escaped_rune(match: re.Match[str], quote: str) -> int:
    """What one escape stands for: a rune, or a byte if it is hexadecimal or octal."""
    kind, digits = match.lastgroup, match[match.lastgroup or 0]
    if kind == "named":
        if digits in "'\"" and digits != quote:
            raise ValueError(_INVALID)
        return ord(_NAMED_RUNES.get(digits, digits))
    if kind == "octal":
        return _valid_byte(int(digits, 8))
    return _valid_rune(int(digits, 16))


def _unescape_in_string(match: re.Match[str]) -> str:
    if match.lastgroup is None:
        if match[0] in '\\"\n':
            raise ValueError(_INVALID)
        return _RUNE_ERROR  # Go decodes what is no UTF-8 here, and keeps it only in raw strings
    rune = _escaped_rune(match, '"')
    if match.lastgroup in ("byte", "octal") and rune >= 0x80:
        return chr(0xDC00 + rune)
    return chr(rune)


def unquote(token: str) -> str:
    r"""The text of an interpreted or raw string literal (Go: strconv.Unquote).

    Raises:
        ValueError: the literal is malformed; the message is Go's `invalid syntax`.

    >>> unquote(r'"caf\u00e9\t\xff"'), unquote("`a\\b`")
    ('café\t\udcff', 'a\\b')
    """
    mark, body = token[:1], token[1:-1]
    if len(token) < 2 or mark not in ('"', "`") or token[-1] != mark:
        raise ValueError(_INVALID)
    if mark == "`":
        if "`" in body:
            raise ValueError(_INVALID)
        return body.replace("\r", "")
    return joined(re.sub(_SPECIAL_IN_STRING, _unescape_in_string, body))


def unquote_char(text: str, quote: str) -> tuple[int, str]:
    r"""The first rune of an escaped text, and what follows it (Go: strconv.UnquoteChar).

    Args:
        text: what stands behind the opening quote.
        quote: the quote, which may not occur unescaped.

    Raises:
        ValueError: there is no rune; the message is Go's `invalid syntax`.

    >>> unquote_char(r"\x41b'", "'")
    (65, "b'")
    """
    char = text[:1]
    if char in ("", quote):
        raise ValueError(_INVALID)
    if char != "\\":
        return ord(re.sub(_SURROGATE, _RUNE_ERROR, char)), text[1:]
    match = re.match(_ESCAPE, text)
    if match is None:
        raise ValueError(_INVALID)
    return _escaped_rune(match, quote), text[match.end() :]


# -- Numbers


@record
class Number:
    """A numeric constant with every type that holds it exactly (Go: parse.NumberNode)."""

    is_int: bool = False
    is_uint: bool = False
    is_float: bool = False
    is_complex: bool = False
    int_: int = 0
    uint: int = 0
    float_: float = 0.0
    complex_: complex = 0j


_FLOAT: Final = r"""(?x) (?P<sign>[+-]?)(?:
        0[xX](?P<hex>(?:[0-9a-fA-F_]*\.?[0-9a-fA-F_]*)[pP][+-]?[0-9][0-9_]*)
      | (?:[0-9_]*\.?[0-9_]*)(?:[eE][+-]?[0-9][0-9_]*)?
    )"""
_INTEGER: Final = r"""(?x) 0[bB](?P<b>[01_]+) | 0[oO](?P<o>[0-7_]+) | 0[xX](?P<x>[0-9a-fA-F_]+)
      | 0(?P<old>[0-7_]*) | (?P<d>[1-9_][0-9_]*)"""
_BASES: Final = {"b": 2, "o": 8, "x": 16, "old": 8, "d": 10}
# An underscore stands between digits, or between the prefix of a base and a digit.
_BAD_UNDERSCORE: Final = "(?<![0-9])_|_(?![0-9])"
_BAD_HEX_UNDERSCORE: Final = "(?<![0-9a-fA-FxX])_|_(?![0-9a-fA-F])"
_PREFIX: Final = "[+-]?0[bBoO]"
_MAX_UINT64: Final = 2**64 - 1
_MAX_UINT64_DIGITS: Final = 20


def _underscores_ok(text: str) -> bool:
    """Go: underscoreOK."""
    if "_" not in text:
        return True
    if "x" in text or "X" in text:
        return re.search(_BAD_HEX_UNDERSCORE, text) is None
    return re.search(_BAD_UNDERSCORE, re.sub(_PREFIX, "0", text)) is None


def parse_float(text: str) -> float:
    """The float that a decimal or hexadecimal literal means (Go: strconv.ParseFloat).

    Raises:
        ValueError: `invalid syntax` or `value out of range`, as Go says.

    >>> parse_float("1_000.5"), parse_float("0x1p-2")
    (1000.5, 0.25)
    """
    match = re.fullmatch(_FLOAT, text)
    if match is None or not _underscores_ok(text):
        raise ValueError(_INVALID)
    plain = text.replace("_", "")
    try:
        value = float(plain) if match["hex"] is None else float.fromhex(plain)
    except OverflowError:
        value = math.inf
    except ValueError:
        raise ValueError(_INVALID) from None
    if math.isinf(value):
        raise ValueError("value out of range")  # Go: strconv.ErrRange
    return value


def _parse_uint(text: str) -> int | None:
    """Go: strconv.ParseUint with base 0; None for any of its errors."""
    match = re.fullmatch(_INTEGER, text)
    if match is None or not _underscores_ok(text):
        return None
    base, digits = _BASES[match.lastgroup or ""], (match[match.lastgroup or 0]).replace("_", "")
    if base == 10 and len(digits) > _MAX_UINT64_DIGITS:
        return None
    value = int(digits or "0", base)
    return value if value <= _MAX_UINT64 else None


def _parse_int(text: str) -> int | None:
    """Go: strconv.ParseInt with base 0; None for any of its errors."""
    size = _parse_uint(text[1:] if text[:1] in ("+", "-") else text)
    if size is None:
        return None
    value = -size if text[0] == "-" else size
    return value if -(2**63) <= value < 2**63 else None


def _from_float(value: float, *, complex_: complex | None = None) -> Number:
    """The number of a float, which is an integer too where nothing is lost."""
    whole = value.is_integer()
    is_int = whole and -(2.0**63) <= value < 2.0**63
    is_uint = whole and 0 <= value < 2.0**64
    return Number(
        is_int=is_int,
        is_uint=is_uint,
        is_float=True,
        is_complex=complex_ is not None,
        int_=int(value) if is_int else 0,
        uint=int(value) if is_uint else 0,
        float_=value,
        complex_=0j if complex_ is None else complex_,
    )


def _from_complex(value: complex) -> Number:
    """Go: simplifyComplex."""
    if value.imag:
        return Number(is_complex=True, complex_=value)
    return _from_float(value.real, complex_=value)


def _parse_char(text: str) -> Number:
    rune, tail = unquote_char(text[1:], text[0])
    if tail != "'":
        raise ValueError(f"malformed character constant: {text}")
    return Number(
        is_int=True, is_uint=True, is_float=True, int_=rune, uint=rune, float_=float(rune)
    )


# Go: lexer.scanNumber, which never goes back (hence the possessive quantifiers). A second number
# with a sign, right behind the first, makes a complex one.
_LEXED: Final = (
    r"[+-]?+(?>0[xX][0-9a-fA-F_]*+\.?+[0-9a-fA-F_]*+(?:[pP][+-]?+[0-9_]*+)?+"
    r"|0[oO][0-7_]*+\.?+[0-7_]*+|0[bB][01_]*+\.?+[01_]*+"
    r"|[0-9_]*+\.?+[0-9_]*+(?:[eE][+-]?+[0-9_]*+)?+)i?+"
)
_PAIR: Final = rf"{_LEXED}(?=[+-]){_LEXED}"
# Go: fmt's floatToken, which looks for Inf before it looks for digits.
_TOKEN: Final = (
    r"[+-]?+i?+(?>0[xX][0-9a-fA-F_]*+\.?+[0-9a-fA-F_]*+(?:[pP][+-]?+[0-9_]*+)?+"
    r"|[0-9_]*+\.?+[0-9_]*+(?:[eEpP][+-]?+[0-9_]*+)?+)"
)
_SCANNED_PAIR: Final = rf"(?P<real>{_TOKEN})(?P<imag>[+-]{_TOKEN})i"


def _scan_float(text: str) -> float:
    try:
        return parse_float(text)
    except ValueError as error:
        raise ValueError(f"strconv.ParseFloat: parsing {quote(text)}: {error}") from None


def _parse_complex(text: str) -> Number:
    match = re.match(_SCANNED_PAIR, text)
    if match is None:
        raise ValueError("syntax error scanning complex number")  # Go: fmt.errComplex
    return _from_complex(complex(_scan_float(match["real"]), _scan_float(match["imag"])))


def _parse_imaginary(text: str) -> Number | None:
    try:
        return _from_complex(complex(0.0, parse_float(text)))
    except ValueError:
        return None


def _parse_real(text: str) -> Number:
    try:
        value = parse_float(text)
    except ValueError:
        raise ValueError(f"illegal number syntax: {quote(text)}") from None
    if not any(mark in text for mark in ".eEpP"):
        raise ValueError(f"integer overflow: {quote(text)}")  # 08 too, as Go has it
    return _from_float(value)


def _parse_integer(text: str) -> Number | None:
    signed, unsigned = _parse_int(text), _parse_uint(text)
    if signed is None and unsigned is None:
        return None
    return Number(
        is_int=signed is not None,
        is_uint=unsigned is not None or signed == 0,
        is_float=True,
        int_=signed or 0,
        uint=unsigned or 0,
        float_=float(unsigned if signed is None and unsigned is not None else signed or 0),
    )


def parse_number(text: str) -> Number:
    """What a number or a character constant means (Go: parse.newNumber).

    Raises:
        ValueError: it means nothing; the message is Go's.

    >>> parse_number("1e3").int_, parse_number("'a'").int_, parse_number("1+2i").complex_
    (1000, 97, (1+2j))
    """
    if text.startswith("'"):
        return _parse_char(text)
    if ("+" in text[1:] or "-" in text[1:]) and re.fullmatch(_PAIR, text):
        return _parse_complex(text)
    if text.endswith("i") and (number := _parse_imaginary(text[:-1])):
        return number
    return _parse_integer(text) or _parse_real(text)
