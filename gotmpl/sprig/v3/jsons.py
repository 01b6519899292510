"""Functions of JSON, and any value as JSON, as Go's `encoding/json` writes it.

Knows no other functions.
"""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from gotmpl.errors import FuncError
from gotmpl.golang import json as gojson
from gotmpl.golang.strings import from_bytes, in_byte_order
from gotmpl.sprig.v3.values import is_nil
from gotmpl.strconv.floats import format_float
from gotmpl.values.fields import method, struct_items
from gotmpl.values.kinds import Kind, is_bytes, kind, plain
from gotmpl.values.names import type_name
from gotmpl.values.slices import elements

_DEEPEST: Final = 400  # Python's own stack ends soon after

# -- Reading


def from_json(text: str) -> object:
    """Return the value of a JSON text; nil if it is no JSON."""
    return gojson.decode_leniently(text)


def must_from_json(text: str) -> object:
    """Return the value of a JSON text; a text that is no JSON is an error."""
    return gojson.decode(text)


# -- Writing


def must_to_json(value: object) -> str:
    """Return the value as JSON; what JSON cannot hold is an error."""
    return written(value)


def must_to_pretty_json(value: object) -> str:
    """Return the value as JSON in indented lines; what JSON cannot hold is an error."""
    return written(value, indent="  ")


def to_raw_json(value: object) -> str:
    """Return the value as JSON in which `<`, `>` and `&` stay; else as `mustToJson`."""
    return written(value, html=False)


def to_json(value: object) -> str:
    """Return the value as JSON; an empty text if JSON cannot hold it."""
    return _or_empty(must_to_json, value)


def to_pretty_json(value: object) -> str:
    """Return the value as JSON in indented lines; an empty text if JSON cannot hold it."""
    return _or_empty(must_to_pretty_json, value)


def _or_empty(write: Callable[[object], str], value: object) -> str:
    try:
        return write(value)
    except FuncError:
        return ""


# -- The form. Go: json.Marshal

_ESCAPES: Final[Mapping[str, str]] = {
    **{chr(code): f"\\u{code:04x}" for code in (*range(32), 0x2028, 0x2029)},
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    '"': '\\"',
    "\\": "\\\\",
}
_ESCAPED: Final = re.compile('[\x00-\x1f"\\\\\u2028\u2029\ud800-\udfff]')
_ESCAPED_IN_HTML: Final = re.compile('[\x00-\x1f"\\\\\u2028\u2029\ud800-\udfff<>&]')
_OF_HTML: Final = {sign: f"\\u{ord(sign):04x}" for sign in "<>&"}
# Floats below and from these on have an exponent.
_LEAST, _MOST = 1e-6, 1e21


def written(value: object, *, indent: str = "", html: bool = True) -> str:
    r"""Return any value as JSON, the keys of maps in order.

    Args:
        value: the value.
        indent: the text that indents a level; empty for one line.
        html: whether `<`, `>` and `&` are escaped.

    Raises:
        FuncError: JSON cannot hold the value; the text is Go's.

    >>> written({"b": [1.0, None, "<é>"], "a": 1e21})
    '{"a":1e+21,"b":[1,null,"\\u003cé\\u003e"]}'
    """
    return "".join(_parts(value, _Form(indent, html=html), 0))


class _Form:
    """How JSON is laid out."""

    __slots__ = ("_escaped", "_indent", "colon")

    def __init__(self, indent: str, *, html: bool) -> None:
        self._indent = indent
        self._escaped = _ESCAPED_IN_HTML if html else _ESCAPED
        self.colon = ": " if indent else ":"

    def line(self, level: int) -> str:
        """Return what begins a line at a level."""
        return "\n" + self._indent * level if self._indent else ""

    def text(self, value: str) -> str:
        """Return a text in quotes."""
        return f'"{self._escaped.sub(_escape, value)}"'


def _escape(found: re.Match[str]) -> str:
    char = found[0]
    return _ESCAPES.get(char) or _OF_HTML.get(char) or "\\ufffd"  # the rest is not UTF-8


def _parts(value: Any, form: _Form, level: int) -> Iterator[str]:
    if level > _DEEPEST and kind(value) in (Kind.MAP, Kind.SLICE):
        raise FuncError(f"json: unsupported value: encountered a cycle via {type_name(value)}")
    if is_nil(value):
        yield "null"
        return
    marshal = method(value, "MarshalJSON") or _marshaled_text(value, form)
    if marshal is not None:
        shown: Any = marshal()
        yield shown if isinstance(shown, str) else from_bytes(shown)
        return
    match kind(value):
        case Kind.MAP:
            yield from _object(_members(value), form, level)
        case Kind.SLICE if is_bytes(value):
            yield f'"{base64.b64encode(value).decode()}"'
        case Kind.SLICE:
            yield from _array(list(elements(value)), form, level)
        case Kind.STRUCT | Kind.POINTER:
            is_error = isinstance(value, BaseException)
            yield from _object([] if is_error else struct_items(value), form, level)
        case _:
            yield _scalar(value, form)


def _marshaled_text(value: object, form: _Form) -> Callable[[], object] | None:
    marshal = method(value, "MarshalText")
    if marshal is None:
        return None
    return lambda: form.text(from_bytes(marshal()))  # type: ignore[arg-type]  # bytes, as in Go


def _array(items: list[object], form: _Form, level: int) -> Iterator[str]:
    if not items:
        yield "[]"
        return
    for index, item in enumerate(items):
        yield ("," if index else "[") + form.line(level + 1)
        yield from _parts(item, form, level + 1)
    yield form.line(level) + "]"


def _object(members: list[tuple[str, object]], form: _Form, level: int) -> Iterator[str]:
    if not members:
        yield "{}"
        return
    for index, (name, member) in enumerate(members):
        yield ("," if index else "{") + form.line(level + 1) + form.text(name) + form.colon
        yield from _parts(member, form, level + 1)
    yield form.line(level) + "}"


def _members(value: Mapping[object, object]) -> list[tuple[str, object]]:
    names = {_name(key, value): member for key, member in value.items()}
    return [(name, names[name]) for name in in_byte_order(names)]


def _name(key: object, value: object) -> str:
    bare = plain(key)
    if isinstance(bare, str):
        return bare
    if isinstance(bare, int) and not isinstance(bare, bool):
        return str(bare)
    raise FuncError(f"json: unsupported type: {type_name(value)}")


def _scalar(value: object, form: _Form) -> str:
    match plain(value):
        case bool(flag):
            return "true" if flag else "false"
        case str(text):
            return form.text(text)
        case int(number):
            return str(number)
        case float(number) if math.isfinite(number):
            return _float(number)
        case float(number):
            shown = "NaN" if math.isnan(number) else f"{'+' if number > 0 else '-'}Inf"
            raise FuncError(f"json: unsupported value: {shown}")
    raise FuncError(f"json: unsupported type: {type_name(value)}")


def _float(number: float) -> str:
    if number and not _LEAST <= abs(number) < _MOST:
        digits, sign, exponent = format_float(number, "e", -1).partition("e-")
        return digits + sign + (exponent.removeprefix("0") if sign else "")
    return format_float(number, "f", -1)
