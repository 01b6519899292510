"""Reads and writes JSON as Go's `encoding/json` does: the same values, texts and errors.

Knows neither templates nor backends. Python's own reader decodes most texts. A text that is decoded
differently by Go is read a second time here, byte by byte: one that is not JSON, or that holds lone
surrogates, bytes which are not UTF-8, numbers beyond float64, or deep nesting.
"""

from __future__ import annotations

import json
import re
from typing import Final, NoReturn

from gotmpl.golang.strings import from_bytes, to_bytes
from gotmpl.strconv.quoting import quote

# The deepest nesting of a document (Go: maxNestingDepth).
MAX_DEPTH: Final = 10_000

# Python's reader may accept these where Go refuses or replaces them.
_NEEDS_CARE: Final = re.compile(
    r"\\u[dD][89a-fA-F]|[\ud800-\udfff]|[0-9.][eE]\+?[0-9]{3}|(?<![0-9])[0-9]{300}"
)
_SPACE: Final = re.compile(rb"[ \t\r\n]*")
_PLAIN: Final = re.compile(rb"[^\"\\\x00-\x1f\x80-\xff]*")
_HEX4: Final = re.compile(rb"[0-9a-fA-F]{0,4}")
_DIGITS: Final = re.compile(rb"[0-9]*")
_LITERALS: Final[dict[bytes, tuple[bytes, object]]] = {
    b"t": (b"true", True),
    b"f": (b"false", False),
    b"n": (b"null", None),
}
_ESCAPES: Final = dict(zip(b'"\\/bfnrt', '"\\/\b\f\n\r\t', strict=True))

# The signs that Go escapes in texts beside those that every writer does.
_NOT_IN_HTML: Final = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}

_KINDS: Final[dict[type, str]] = {
    dict: "object",
    list: "array",
    str: "string",
    float: "number",
    bool: "bool",
}


def decode(text: str) -> object:
    r"""Return the value of a JSON text; every number is a float, as in Go's `interface {}`.

    Raises:
        ValueError: the text is not JSON, or a number overflows float64. The message is Go's.

    >>> decode('{"a": [1, null]}')
    {'a': [1.0, None]}
    >>> decode("{'a': 1}")
    Traceback (most recent call last):
    ValueError: invalid character '\'' looking for beginning of object key string
    """
    value, too_large = _read(text)
    if too_large:
        raise ValueError(too_large)
    return value


def decode_leniently(text: str) -> object:
    """Return the value of a JSON text, in which a number beyond float64 is 0; None of any other.

    Go: json.Unmarshal into an `interface {}`, whose error is ignored.

    >>> decode_leniently("[1e400, 1]"), decode_leniently("[1,")
    ([0.0, 1.0], None)
    """
    try:
        return _without_infinity(_read(text)[0])
    except ValueError:
        return None


def _without_infinity(value: object) -> object:
    if isinstance(value, dict):
        return {name: _without_infinity(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_without_infinity(element) for element in value]
    return 0.0 if value in (float("inf"), float("-inf")) else value


def decode_object(text: str) -> dict[str, object]:
    """Return the members of a JSON object; null has no members.

    Raises:
        ValueError: as for `decode`, or the text is another JSON value.
    """
    found = _as(dict, text, "map[string]interface {}")
    return found if isinstance(found, dict) else {}


def decode_array(text: str) -> list[object]:
    """Return the elements of a JSON array; null has no elements.

    Raises:
        ValueError: as for `decode`, or the text is another JSON value.
    """
    found = _as(list, text, "[]interface {}")
    return found if isinstance(found, list) else []


class Number(str):
    """A number with the digits that it has in its text. Go: json.Number."""

    __slots__ = ()


def decode_numbers(text: str) -> object:
    """Return the value of a JSON text; a number keeps its digits. Go: Decoder.UseNumber.

    Raises:
        ValueError: the text is not JSON; the message is Python's.
        RecursionError: it nests deeper than Python's reader goes.

    >>> decode_numbers("[12345678901234567890, 1.50]")
    ['12345678901234567890', '1.50']
    """
    value: object = json.loads(text, parse_int=Number, parse_float=Number, parse_constant=_refuse)
    return value


def encode(value: object) -> str:
    r"""Return a value of `decode_numbers` as JSON, with sorted names. Go: json.Marshal.

    >>> print(encode({"b": [Number("1.50"), True, None], "a": "<é>"}))
    {"a":"\u003cé\u003e","b":[1.50,true,null]}
    """
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{encode(k)}:{encode(value[k])}" for k in sorted(value)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(encode, value)) + "]"
    return json.dumps(value, ensure_ascii=False).translate(_NOT_IN_HTML)


def _as(wanted: type, text: str, go_type: str) -> object:
    value, too_large = _read(text)
    if value is not None and not isinstance(value, wanted):
        kind = _KINDS[type(value)]
        raise ValueError(f"json: cannot unmarshal {kind} into Go value of type {go_type}")
    if too_large:
        raise ValueError(too_large)
    return value


def _read(text: str) -> tuple[object, str]:
    """Return the value, and Go's error text for the first number that float64 cannot hold."""
    if not _NEEDS_CARE.search(text):
        try:
            return json.loads(text, parse_int=float, parse_constant=_refuse), ""
        except (ValueError, RecursionError):
            pass
    reader = _Reader(to_bytes(text))
    return reader.read(), reader.too_large


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


class _Reader:
    """Reads one text, and keeps the open containers on a stack of its own.

    Attributes:
        data: the text as bytes.
        at: the index of the next byte.
        too_large: Go's error text for the first number that overflows; empty without one.
        open: the containers that are not closed yet, the innermost last.
        names: for each open container the name of the member that is read; empty in an array.
    """

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0
        self.too_large = ""
        self.open: list[dict[str, object] | list[object]] = []
        self.names: list[str] = []

    def read(self) -> object:
        while True:
            value = self.value()
            if value is _OPENED:
                continue
            while True:
                if not self.open:
                    self.end()
                    return value
                self.put(value)
                if not self.closes():
                    break
                value = self.close()

    # -- Values

    def value(self) -> object:
        """Return the next value; of a container that is not empty, read the beginning only."""
        char = self.next_char()
        if char in b"{[":
            return self.begin({} if char == b"{" else [], b"}" if char == b"{" else b"]")
        if char == b'"':
            return self.string()
        if char in b"-0123456789":
            return self.number()
        if char in _LITERALS:
            return self.literal(*_LITERALS[char])
        raise self.unexpected("looking for beginning of value")

    def begin(self, container: dict[str, object] | list[object], closer: bytes) -> object:
        if len(self.open) >= MAX_DEPTH:
            raise ValueError("exceeded max depth")
        self.at += 1
        if self.next_char() == closer:
            self.at += 1
            return container
        self.open.append(container)
        self.names.append("")
        if isinstance(container, dict):
            self.name()
        return _OPENED

    def name(self) -> None:
        """Read the name of a member and its colon."""
        if self.next_char() != b'"':
            raise self.unexpected("looking for beginning of object key string")
        self.names[-1] = self.string()
        if self.next_char() != b":":
            raise self.unexpected("after object key")
        self.at += 1

    def put(self, value: object) -> None:
        container = self.open[-1]
        if isinstance(container, dict):
            container[self.names[-1]] = value
        else:
            container.append(value)

    def closes(self) -> bool:
        """Return whether the innermost container ends here; if not, go on to its next value."""
        is_object = isinstance(self.open[-1], dict)
        char = self.next_char()
        if char == b",":
            self.at += 1
            if is_object:
                self.name()
            return False
        if char != (b"}" if is_object else b"]"):
            raise self.unexpected(
                "after object key:value pair" if is_object else "after array element"
            )
        return True

    def close(self) -> object:
        self.at += 1
        self.names.pop()
        return self.open.pop()

    def end(self) -> None:
        self.at = self.after(_SPACE)
        if self.at < len(self.data):
            raise self.unexpected("after top-level value")

    # -- Scalars

    def literal(self, word: bytes, value: object) -> object:
        for expected in word:
            if self.char() != bytes([expected]):
                raise self.unexpected(f"in literal {word.decode()} (expecting '{chr(expected)}')")
            self.at += 1
        return value

    def number(self) -> float:
        start = self.at
        self.at += self.char() == b"-"
        if self.char() == b"0":
            self.at += 1
        else:
            self.digits()
        if self.data.startswith(b".", self.at):
            self.at += 1
            self.digits()
        if self.data[self.at : self.at + 1] in (b"e", b"E"):
            self.at += 1
            self.at += self.char() in b"+-"
            self.digits()
        text = self.data[start : self.at].decode()
        number = float(text)
        if number in (float("inf"), float("-inf")):
            self.too_large = self.too_large or self.complaint(text)
        return number

    def digits(self) -> None:
        if not self.char().isdigit():
            raise self.unexpected("in numeric literal")
        self.at = self.after(_DIGITS)

    def complaint(self, number: str) -> str:
        # Go: UnmarshalTypeError.Error. The path is a JSON pointer with dots instead of slashes.
        steps = [
            name.replace("~", "~0").replace("/", "~1")
            if isinstance(container, dict)
            else str(len(container))
            for container, name in zip(self.open, self.names, strict=True)
        ]
        path = ".".join(steps)
        is_index = path.rpartition(".")[2].isdecimal()
        where = f"{'' if is_index else 'Go struct field '}.{path}" if path else "Go value"
        return f"json: cannot unmarshal number {number} into {where} of type float64"

    def string(self) -> str:
        self.at += 1
        parts: list[str] = []
        while True:
            start, self.at = self.at, self.after(_PLAIN)
            parts.append(self.data[start : self.at].decode())
            char = self.char()
            if char == b'"':
                self.at += 1
                return "".join(parts)
            if char == b"\\":
                parts.append(self.escape())
            elif char < b" ":
                raise self.unexpected("in string")
            else:
                parts.append(self.rune())

    def escape(self) -> str:
        kind = self.data[self.at + 1 : self.at + 2]
        if not kind:
            raise _ended()
        if kind == b"u":
            return self.unicode_escape()
        if kind[0] not in _ESCAPES:
            raise self.bad_escape(2)
        self.at += 2
        return _ESCAPES[kind[0]]

    def unicode_escape(self) -> str:
        r"""Return the character of `\uXXXX`, or of a surrogate pair; a lone half is U+FFFD."""
        unit = self.hex4(self.at)
        if unit is None:
            if self.after(_HEX4, self.at + 2) == len(self.data):
                raise _ended()
            raise self.bad_escape(6)
        self.at += 6
        if not 0xD800 <= unit < 0xE000:
            return chr(unit)
        low = self.hex4(self.at)
        if unit >= 0xDC00 or low is None or not 0xDC00 <= low < 0xE000:
            return "\ufffd"
        self.at += 6
        return chr(0x10000 + (unit - 0xD800 << 10 | low - 0xDC00))

    def hex4(self, at: int) -> int | None:
        digits = self.after(_HEX4, at + 2)
        if not self.data.startswith(b"\\u", at) or digits != at + 6:
            return None
        return int(self.data[at + 2 : digits], 16)

    def rune(self) -> str:
        """Return the next character, which is not ASCII; an undecodable byte is U+FFFD."""
        for width in (2, 3, 4):
            try:
                char = self.data[self.at : self.at + width].decode()
            except UnicodeDecodeError:
                continue
            self.at += width
            return char
        self.at += 1
        return "\ufffd"

    # -- The position, and the errors there

    def after(self, pattern: re.Pattern[bytes], at: int | None = None) -> int:
        found = pattern.match(self.data, self.at if at is None else at)
        return found.end() if found else len(self.data)

    def char(self) -> bytes:
        """Return the byte at the position.

        Raises:
            ValueError: the text ends there.
        """
        if self.at >= len(self.data):
            raise _ended()
        return self.data[self.at : self.at + 1]

    def next_char(self) -> bytes:
        self.at = self.after(_SPACE)
        return self.char()

    def unexpected(self, where: str) -> ValueError:
        start = self.at
        is_stray = self.data[start] >= 0x80 and self.rune() == "\ufffd" and self.at == start + 1
        char = self.data[start : max(self.at, start + 1)]
        shown = f"'\\x{char[0]:x}'" if is_stray else _quoted_char(char.decode())
        return ValueError(f"invalid character {shown} {where}")

    def bad_escape(self, length: int) -> ValueError:
        # Go: InvalidTextError.Error.
        sequence = from_bytes(self.data[self.at : self.at + length])
        quoted = quote(sequence)
        plain = (
            "`" not in sequence
            and " " not in sequence
            and quoted[1:-1] == sequence.replace("\\", "\\\\").replace('"', '\\"')
        )
        shown = f"`{sequence}`" if plain else quoted
        return ValueError(f"invalid escape sequence {shown} in string")


_OPENED: Final = object()


def _ended() -> ValueError:
    return ValueError("unexpected end of JSON input")


def _quoted_char(char: str) -> str:
    # Go: strconv.QuoteRune.
    if char == "'":
        return "'\\''"
    return "'\"'" if char == '"' else f"'{quote(char)[1:-1]}'"
