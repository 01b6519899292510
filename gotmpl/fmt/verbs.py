"""Prints one value of a basic kind by one verb: Go's `fmt/format.go` as a table.

A kind's table lacks the verbs that do not fit it; `printing` writes the error. Knows no containers
and no methods.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from gotmpl.strconv.floats import format_float
from gotmpl.strconv.quoting import (
    can_backquote,
    merge_escapes,
    quote,
    quote_rune,
    quote_rune_to_ascii,
    quote_to_ascii,
    rune_text,
    unicode_notation,
    utf8,
)
from gotmpl.values.kinds import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gotmpl.fmt.formats import Spec

_MASK64: Final = 2**64 - 1
_MAX_RUNE: Final = 0x10FFFF


def pad(text: str, spec: Spec, *, zero: bool = True) -> str:
    """Return the text padded to the width, with zeros if the flag is set and `zero`."""
    missing = spec.width - len(text)
    if missing <= 0:
        return text
    if spec.minus:
        return text + " " * missing
    return ("0" if zero and spec.zero else " ") * missing + text


# -- Strings and bytes


def _truncate(text: str, spec: Spec) -> str:
    text = merge_escapes(text)
    return text if spec.precision is None else text[: spec.precision]


def format_string(text: str, spec: Spec) -> str:
    """Return the text, cut to the precision and padded to the width (Go: fmtS)."""
    return pad(_truncate(text, spec), spec)


def format_quoted(text: str, spec: Spec) -> str:
    """Return the text as a Go literal (Go: fmtQ)."""
    text = _truncate(text, spec)
    if spec.sharp and can_backquote(text):
        return pad(f"`{text}`", spec)
    return pad(quote_to_ascii(text) if spec.plus else quote(text), spec)


def _format_value_string(text: str, spec: Spec) -> str:
    return format_quoted(text, spec) if spec.sharp_v else format_string(text, spec)


def format_hex_bytes(data: bytes, spec: Spec) -> str:
    """Return the bytes as hexadecimal digits (Go: fmtSbx)."""
    data = data[: spec.precision]
    digits = data.hex(" ") if spec.space else data.hex()
    if spec.sharp and data:
        digits = "0x" + digits.replace(" ", " 0x")
    return pad(digits.upper() if spec.verb == "X" else digits, spec)


def _format_hex_string(text: str, spec: Spec) -> str:
    return format_hex_bytes(utf8(text), spec)


# -- Integers


def _prefix(digits: str, code: str, spec: Spec) -> str:
    letter = "0o" if spec.verb == "O" else ""
    if not spec.sharp:
        return letter
    if code == "o":
        return letter + ("" if digits.startswith("0") else "0")
    return {"b": "0b", "x": "0x", "X": "0X"}.get(code, "")


def _sign(value: int, spec: Spec) -> str:
    if value < 0:
        return "-"
    return "+" if spec.plus else " " if spec.space else ""


def _least_digits(sign: str, spec: Spec) -> int:
    """Return the least number of digits: `%.3d`, or `%03d` less the sign."""
    if spec.precision is not None:
        return spec.precision
    return spec.width - len(sign) if spec.zero and not spec.minus else 0


def format_integer(value: int, code: str, spec: Spec) -> str:
    """Return the integer in the base of a code of Python's `format` (Go: fmtInteger)."""
    if value == 0 and spec.precision == 0:
        return " " * spec.width
    sign = _sign(value, spec)
    digits = format(abs(value), code).rjust(_least_digits(sign, spec), "0")
    return pad(sign + _prefix(digits, code, spec) + digits, spec, zero=False)


def _in_base(code: str) -> Callable[[int, Spec], str]:
    return lambda value, spec: format_integer(value, code, spec)


def format_0x(value: int, spec: Spec, *, leading: bool = True) -> str:
    """Return an address or a byte of `%#v` (Go: fmt0x64)."""
    return format_integer(value, "x", replace(spec, sharp=leading))


def _format_unsigned_value(value: int, spec: Spec) -> str:
    return format_0x(value, spec) if spec.sharp_v else format_integer(value, "d", spec)


def _rune(value: int) -> int:
    rune = value & _MASK64
    return rune if rune <= _MAX_RUNE else -1


def _format_char(value: int, spec: Spec) -> str:
    return pad(rune_text(_rune(value)), spec)


def _format_quoted_char(value: int, spec: Spec) -> str:
    write = quote_rune_to_ascii if spec.plus else quote_rune
    return pad(write(_rune(value)), spec)


def _format_unicode(value: int, spec: Spec) -> str:
    """Go: fmtUnicode, `U+0078` or, with #, `U+0078 'x'`."""
    digits = max(spec.precision or 0, 4)
    return pad(unicode_notation(value & _MASK64, digits, shown=spec.sharp), spec, zero=False)


# -- Floats


def _restore_zeros(number: str, verb: str, precision: int) -> str:
    """Restore the point and zeros that the flag # keeps; counts the x as a digit, as Go does."""
    marks = "pP" if verb in "xX" else "eE"
    at = next((place for place, char in enumerate(number) if char in marks), len(number))
    body, tail = number[:at], number[at:]
    digits = (6 if precision < 0 else precision) if verb in "gGx" else 0
    digits -= len(body.replace(".", "").lstrip("0"))
    if "." not in body:
        digits -= body == "0"
        body += "."
    return body + "0" * digits + tail


def _write_float(value: float, verb: str, precision: int, spec: Spec) -> str:
    """Go: fmt.fmtFloat."""
    number = format_float(value, verb, precision)
    sign, number = (number[0], number[1:]) if number[0] in "+-" else ("+", number)
    if spec.space and sign == "+" and not spec.plus:
        sign = " "
    if number in ("Inf", "NaN"):
        bare = number == "NaN" and not spec.space and not spec.plus
        return pad(number if bare else sign + number, spec, zero=False)
    if spec.sharp and verb != "b":
        number = _restore_zeros(number, verb, precision)
    if not spec.plus and sign == "+":
        return pad(number, spec)
    if spec.zero and not spec.minus:
        return sign + number.rjust(spec.width - 1, "0")
    return pad(sign + number, spec)


# The verb of strconv and the precision where none is given, by the verb of fmt.
_FLOAT_VERBS: Final = {
    "v": ("g", -1),
    "b": ("b", -1),
    "g": ("g", -1),
    "G": ("G", -1),
    "x": ("x", -1),
    "X": ("X", -1),
    "f": ("f", 6),
    "F": ("f", 6),
    "e": ("e", 6),
    "E": ("E", 6),
}


def _format_float(value: float, spec: Spec) -> str:
    verb, precision = _FLOAT_VERBS[spec.verb]
    return _write_float(value, verb, precision if spec.precision is None else spec.precision, spec)


def _format_complex(value: complex, spec: Spec) -> str:
    real = _format_float(value.real, spec)
    imag = _format_float(value.imag, replace(spec, plus=True))  # always has its sign
    return f"({real}{imag}i)"


# -- Booleans


def _format_bool(value: object, spec: Spec) -> str:
    return pad("true" if value else "false", spec)


# -- The table

_SIGNED: Final[Mapping[str, Callable[[int, Spec], str]]] = {
    "v": _in_base("d"),
    "d": _in_base("d"),
    "b": _in_base("b"),
    "o": _in_base("o"),
    "O": _in_base("o"),
    "x": _in_base("x"),
    "X": _in_base("X"),
    "c": _format_char,
    "q": _format_quoted_char,
    "U": _format_unicode,
}
# By kind and verb. `Any` because the kind, which a type checker cannot see, ties the value's type.
VERBS: Final[Mapping[Kind, Mapping[str, Callable[[Any, Spec], str]]]] = {
    Kind.BOOL: {"v": _format_bool, "t": _format_bool},
    Kind.INT: _SIGNED,
    Kind.UINT8: {**_SIGNED, "v": _format_unsigned_value},
    Kind.FLOAT64: dict.fromkeys(_FLOAT_VERBS, _format_float),
    Kind.COMPLEX128: dict.fromkeys(_FLOAT_VERBS, _format_complex),
    Kind.STRING: {
        "v": _format_value_string,
        "s": format_string,
        "q": format_quoted,
        "x": _format_hex_string,
        "X": _format_hex_string,
    },
}
