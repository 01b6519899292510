"""Build values from one line of JSON, as `main.go` does in Go."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, ClassVar

from gotmpl.fmt.printing import sprint
from gotmpl.strconv.quoting import utf8
from gotmpl.values.kinds import Slice, Uint8

if TYPE_CHECKING:
    from collections.abc import Callable

Json = Any  # what the json module gives


@dataclasses.dataclass
class Point:
    __go_type__: ClassVar[str] = "main.Point"
    X: object
    Y: object


@dataclasses.dataclass
class Pointer(Point):
    __go_type__ = "*main.Point"


class Named(str):
    __slots__ = ()
    __go_type__ = "main.Named"


class Number(int):
    __go_type__ = "main.Number"


class Names(list[str]):
    __go_type__ = "main.Names"


class RawBytes(bytes):
    __go_type__ = "main.Bytes"


@dataclasses.dataclass
class Stringer:
    __go_type__: ClassVar[str] = "main.Stringer"
    Text: str

    def String(self) -> str:  # noqa: N802 - Go's name
        return self.Text


@dataclasses.dataclass
class Panicker:
    __go_type__: ClassVar[str] = "main.Panicker"
    Text: str

    def String(self) -> str:  # noqa: N802 - Go's name
        raise RuntimeError(self.Text)


class Failure(Exception):
    """In Go a struct that is an error; here an exception with a public attribute."""

    __go_type__ = "main.Failure"

    def __init__(self, code: object) -> None:
        super().__init__(code)
        self.Code = code

    def __str__(self) -> str:
        return sprint(["failure ", self.Code])


def read_text(raw: Json) -> str:
    """Return a string as a question or an answer spells it."""
    if isinstance(raw, str):
        return raw
    return bytes.fromhex(raw["hex"]).decode("utf-8", "surrogateescape")


def write_text(text: str) -> Json:
    """Return the spelling of a string in a question or an answer."""
    try:
        return utf8(text).decode()
    except UnicodeDecodeError:
        return {"hex": utf8(text).hex()}


def _map(key: Callable[[Json], Any]) -> Callable[[Json], object]:
    return lambda raw: {key(name): read_value(value) for name, value in raw}


_READERS: dict[str, Callable[[Json], object]] = {
    "nil": lambda _: None,
    "bool": lambda raw: raw == "true",
    "int": int,
    "uint8": Uint8,
    "float": float,
    "complex": lambda raw: complex(float(raw[0]), float(raw[1])),
    "string": read_text,
    "bytes": lambda raw: utf8(read_text(raw)),
    "list": lambda raw: [read_value(item) for item in raw],
    "strings": lambda raw: Slice("string", map(read_text, raw)),
    "ints": lambda raw: Slice("int", map(int, raw)),
    "map": _map(read_text),
    "intmap": _map(int),
    "floatmap": _map(float),
    "anymap": _map(lambda raw: read_value(raw)),  # noqa: PLW0108 - it is defined below
    "point": lambda raw: Point(*map(read_value, raw)),
    "pointer": lambda raw: Pointer(*map(read_value, raw)),
    "named": lambda raw: Named(read_text(raw)),
    "number": Number,
    "names": lambda raw: Names(map(read_text, raw)),
    "rawbytes": lambda raw: RawBytes(utf8(read_text(raw))),
    "stringer": lambda raw: Stringer(read_text(raw)),
    "panicker": lambda raw: Panicker(read_text(raw)),
    "failure": lambda raw: Failure(read_value(raw)),
    "error": lambda raw: ValueError(read_text(raw)),
}


def read_value(raw: Json) -> Any:
    """Return the value of `{"type": …}`."""
    ((name, inner),) = raw.items()
    return _READERS[name](inner)
