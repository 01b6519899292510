"""Write a value of a tree as the body of a reply: as text, JSON or YAML.

Pure functions, which write what rancher-metadata v0.7.4 writes, numbers as Go prints them. They
know nothing of HTTP, paths or answers.
"""

from __future__ import annotations

import base64
import functools
import json
import math
import re
from itertools import takewhile
from typing import TYPE_CHECKING, Final
from urllib.parse import quote_plus

import yaml

from metadata_client import float32, yaml11
from metadata_client.paths import Panic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_Dumper: Final = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class Unserialisable(Exception):
    """The value cannot be written in this format; `str()` is the message of the service."""


class HalfWritten(Panic):
    """The handler panics in the middle of a listing; `written` holds the lines before that."""

    def __init__(self, written: bytes) -> None:
        super().__init__()
        self.written = written


# -- Texts

# Surrogates but U+DC80 to U+DCFF, which stand for bytes that are not UTF-8 (PEP 383).
_LONE: Final = re.compile("[\ud800-\udc7f\udd00-\udfff]")
_RAW_BYTE: Final = re.compile("[\udc80-\udcff]")


def without_surrogates(text: str) -> str:
    """Return the text with U+FFFD for each lone surrogate, as Go decodes one from JSON."""
    return text if text.isascii() else _LONE.sub("\ufffd", text)


def _encoded(text: str) -> bytes:
    return without_surrogates(text).encode("utf-8", "surrogateescape")


# -- Numbers


def go_float(value: float, *, low: int, high: int) -> str:
    """Return the shortest decimal form that reads back as the same number, as Go's strconv does.

    Args:
        value: the number.
        low: numbers below 10**low are written with an exponent.
        high: numbers from 10**high on are written with an exponent.

    >>> [go_float(x, low=-6, high=21) for x in (3.0, 1.2e-06, 1e-7, 1e20, 1e21, -0.0)]
    ['3', '0.0000012', '1e-07', '100000000000000000000', '1e+21', '-0']
    """
    if not math.isfinite(value):
        return {math.inf: "+Inf", -math.inf: "-Inf"}.get(value, "NaN")
    digits, exponent = _shortest(abs(value))
    sign = "-" if math.copysign(1, value) < 0 else ""
    if value and not low <= exponent < high:
        tail = f".{digits[1:]}" if digits[1:] else ""
        return f"{sign}{digits[0]}{tail}e{exponent:+03d}"
    if exponent < 0:
        return f"{sign}0.{'0' * (-exponent - 1)}{digits}"
    whole, part = digits[: exponent + 1].ljust(exponent + 1, "0"), digits[exponent + 1 :]
    return f"{sign}{whole}{f'.{part}' if part else ''}"


def _shortest(value: float) -> tuple[str, int]:
    """Return the digits of the shortest form, and the power of ten of the first digit."""
    mantissa, _, exponent = repr(value).partition("e")
    whole, _, part = mantissa.partition(".")
    digits = f"{whole}{part}".lstrip("0")
    power = len(whole) - 1 + int(exponent or 0)
    if whole == "0":
        power = int(exponent or 0) - 1 - (len(part) - len(part.lstrip("0")))
    return (digits.rstrip("0") or "0", power if digits else 0)


_g: Final = functools.partial(go_float, low=-4, high=6)  # Go: %g, and so %v
_json_float: Final = functools.partial(go_float, low=-6, high=21)  # Go: encoding/json


def sprint(value: object) -> str:
    """Return the text of Go's `fmt.Sprint`, with which the old value of a waiter is compared.

    >>> sprint({"b": [1, None], "a": True})
    'map[a:true b:[1 <nil>]]'
    """
    match value:
        case None:
            return "<nil>"
        case bool():
            return "true" if value else "false"
        case float():
            return _g(value)
        case dict():
            pairs = (f"{without_surrogates(key)}:{sprint(value[key])}" for key in sorted(value))
            return f"map[{' '.join(pairs)}]"
        case list():
            return f"[{' '.join(map(sprint, value))}]"
    return without_surrogates(str(value))


# -- Text


def text(value: object) -> bytes:
    r"""Return the body of a text reply: a scalar itself, or the listing of a map or list.

    Raises:
        Panic: the service drops the connection.

    >>> text({"name": "web", "ports": []}), text([{"name": "a b"}, 1]), text(None)
    (b'name\nports/\n', b'0=a+b\n1\n', b'')
    """
    if isinstance(value, dict):
        return b"".join(sorted(_line(key, value[key]) for key in value))
    if isinstance(value, list):
        return _listing(value)
    return _encoded(_scalar(value))


def _scalar(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float() if math.isfinite(value):
            whole, _, part = f"{value:f}".partition(".")
            return f"{whole}.{part}".rstrip("0").rstrip(".")
        case float():
            return _g(value)
    return str(value)


def _escape(key: str) -> str:
    # Go: url.QueryEscape leaves the tilde, as quote_plus does
    return quote_plus(_encoded(key))


def _line(key: str, child: object) -> bytes:
    return f"{_escape(key)}{'/' if isinstance(child, dict | list) else ''}\n".encode()


def _listing(items: list[object]) -> bytes:
    lines: list[str] = []
    for index, item in enumerate(items):
        try:
            lines.append(f"{index}{_label(item)}\n")
        except Panic:
            raise HalfWritten("".join(lines).encode()) from None
    return "".join(lines).encode()


def _label(item: object) -> str:
    if isinstance(item, dict):
        for field in ("name", "uuid"):
            if field in item:
                return f"={_escape(_string(item[field]))}"
    return "/" if isinstance(item, dict | list) else ""


def _string(value: object) -> str:
    if isinstance(value, str):
        return value
    raise Panic  # Go: a type assertion without the comma


# -- JSON


_JSON: Final = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
# Go: encoding/json HTMLEscape. These characters occur in strings only.
_JSON_ESCAPES: Final = (
    ("<", "\\u003c"),
    (">", "\\u003e"),
    ("&", "\\u0026"),
    ("\u2028", "\\u2028"),
    ("\u2029", "\\u2029"),
)
_PADDED_EXPONENT: Final = re.compile(r"e-0(\d)$")
_STRING_OR_FLOAT: Final = re.compile(
    r'(?<!\\)"[^"\\]*+(?:\\.[^"\\]*+)*+" |'
    r" (?<![0-9.])(?P<float>-?[0-9]++(?:\.[0-9]+(?:e[-+][0-9]+)?|e[-+][0-9]+))",
    re.VERBOSE,
)


def json_text(value: object) -> bytes:
    r"""Return the body of a JSON reply: compact, with sorted keys, as Go's encoding/json does.

    Raises:
        Unserialisable: the value holds an infinite number or NaN.

    >>> json_text({"b": 3.0, "a": "<é>"}).decode()
    '{"a":"\\u003cé\\u003e","b":3}'
    """
    floats = set(_floats(value))
    odd = next((x for x in floats if not math.isfinite(x)), None)
    if odd is not None:
        raise Unserialisable(f"json: unsupported value: {_g(odd)}")
    made = _JSON.encode(value)
    if any(_number(x) != repr(x) for x in floats):
        made = _STRING_OR_FLOAT.sub(_go_number, made)
    for char, escape in _JSON_ESCAPES:
        if char in made:
            made = made.replace(char, escape)
    try:
        return made.encode()
    except UnicodeEncodeError:  # Go: bytes that are not UTF-8
        return _RAW_BYTE.sub(r"\\ufffd", without_surrogates(made)).encode()


def _go_number(match: re.Match[str]) -> str:
    return match[0] if match["float"] is None else _number(float(match[0]))


def _number(value: float) -> str:
    # Go: encoding/json writes e-7 where strconv has e-07
    return _PADDED_EXPONENT.sub(r"e-\1", _json_float(value))


def _floats(value: object) -> Iterator[float]:
    """Yield every float in a tree; visit each shared part once."""
    stack, visited = [value], set[int]()
    while stack:
        item = stack.pop()
        if isinstance(item, float):
            yield item
        elif isinstance(item, dict | list) and id(item) not in visited:
            visited.add(id(item))
            stack.extend(item.values() if isinstance(item, dict) else item)


# -- YAML


class _Emitter(_Dumper):  # type: ignore[valid-type,misc]  # the C dumper has no types
    """PyYAML's emitter without resolvers, so that it keeps the style that we give each scalar."""


_Emitter.yaml_implicit_resolvers = {}

_STR: Final = "tag:yaml.org,2002:str"
_BINARY: Final = "tag:yaml.org,2002:binary"
_BASE64_LINE: Final = 70


def yaml_text(value: object) -> bytes:
    r"""Return the body of a YAML reply, as go-yaml v2 writes it.

    >>> yaml_text({"on": ["y", 1, None]})
    b'"on":\n- "y"\n- 1\n- null\n'
    """
    made: str = yaml.serialize(_node(value), Dumper=_Emitter, allow_unicode=True)
    return made.removesuffix("...\n").encode()


def _node(value: object) -> yaml.Node:
    match value:
        case dict():
            pairs = [(_node(key), _node(value[key])) for key in sorted(value, key=_natural)]
            return yaml.MappingNode("tag:yaml.org,2002:map", pairs, flow_style=not pairs)
        case list():
            items = [_node(item) for item in value]
            return yaml.SequenceNode("tag:yaml.org,2002:seq", items, flow_style=not items)
        case str():
            return _text_node(without_surrogates(value))
    return yaml.ScalarNode(_STR, _yaml_scalar(value))


def _text_node(value: str) -> yaml.Node:
    try:
        value.encode()
    except UnicodeEncodeError:
        return _binary_node(_encoded(value))
    return yaml.ScalarNode(_STR, value, style=_style(value))


def _binary_node(value: bytes) -> yaml.Node:
    # Go: resolve.go encodeBase64
    text = base64.b64encode(value).decode()
    if len(text) < _BASE64_LINE:
        return yaml.ScalarNode(_BINARY, text)
    lines = [text[start : start + _BASE64_LINE] for start in range(0, len(text), _BASE64_LINE)]
    return yaml.ScalarNode(_BINARY, "".join(f"{line}\n" for line in lines), style="|")


def _yaml_scalar(value: object) -> str:
    if value is None:
        return "null"
    if not isinstance(value, float):
        return _scalar(value)
    shortest = float32.shortest(value)
    if math.isfinite(shortest):
        return _g(shortest)
    return {math.inf: ".inf", -math.inf: "-.inf"}.get(shortest, ".nan")


def _style(value: str) -> str | None:
    # Go: encode.go stringv
    if not isinstance(yaml11.resolve(value), str) or yaml11.is_number_base60(value):
        return '"'
    return "|" if "\n" in value else None


@functools.cmp_to_key
def _natural(left: str, right: str) -> int:
    """Compare keys as Go's sorter.go: letters last, runs of digits by their numbers."""
    differ = next((i for i, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), None)
    if differ is None:
        return len(left) - len(right)
    a, b = left[differ], right[differ]
    if a.isalpha() or b.isalpha():
        return ord(a) - ord(b) if a.isalpha() and b.isalpha() else 1 if a.isalpha() else -1
    runs = [_digits(side, differ) for side in (left, right)]
    numbers = [int(run or "0") for run in runs]
    if numbers[0] != numbers[1]:
        return numbers[0] - numbers[1]
    return len(runs[0]) - len(runs[1]) or ord(a) - ord(b)


def _digits(key: str, start: int) -> str:
    return "".join(takewhile("0123456789".__contains__, key[start:]))


RENDERERS: Final[dict[str, Callable[[object], bytes]]] = {
    "text": text,
    "json": json_text,
    "yaml": yaml_text,
}
