"""The types and functions that the cases may use: known.go in Python.

A change here needs the same change in known.go. Knows the encoding of data (README.md), and nothing
of how the engine works.
"""

# ruff: noqa: N802 - methods carry the names that Go's have

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

from gotmpl import BUILTINS, Slice
from gotmpl.values.kinds import Uint8


class Fault(Exception):
    """An error that a function returns."""

    __go_type__: ClassVar[str] = "*errors.errorString"


def wrapped(n: int) -> int:
    """Return a sum as 64 bits hold it."""
    return (n + 2**63) % 2**64 - 2**63


# -- Structs


@dataclass
class Point:
    __go_type__: ClassVar[str] = "main.Point"
    X: int = 0
    Y: int = 0


@dataclass
class KVPair:
    __go_type__: ClassVar[str] = "main.KVPair"
    Key: str = ""
    Value: str = ""


@dataclass
class Box:
    __go_type__: ClassVar[str] = "main.Box"
    Value: object = None


def no_strings() -> Slice[str]:
    return Slice("string", [])


@dataclass
class Service:
    __go_type__: ClassVar[str] = "main.Service"
    Name: str = ""
    Port: int = 0
    Weight: float = 0.0
    Up: bool = False
    Tags: Slice[str] = field(default_factory=no_strings)
    Labels: dict[str, object] = field(default_factory=dict)
    Extra: object = None


@dataclass
class Person:
    __go_type__: ClassVar[str] = "main.Person"
    Name: str = ""
    Age: int = 0

    def Greet(self) -> str:
        return "hello " + self.Name

    def Add(self, a: int, b: int) -> int:
        return wrapped(a + b)

    def Older(self, years: int) -> Person:
        return Person(self.Name, wrapped(self.Age + years))

    def Join(self, sep: str, *s: str) -> str:
        return sep.join(s)

    def Tell(self, n: int, sep: str, *s: str) -> str:
        return str(n) + sep + sep.join(s)

    def Fail(self) -> str:
        raise Fault("no greeting")

    def Check(self, ok: bool) -> str:
        if not ok:
            raise Fault("not ok")
        return "ok"

    def Pair(self) -> None:
        """Has two results, so that no template can call it."""

    def Trio(self, n: int) -> None:
        """Has three results."""

    def Nothing(self) -> object:
        return None

    def Any(self) -> object:
        return self.Name

    def Echo(self, v: object) -> object:
        return v

    def Panic(self) -> str:
        raise Fault("person panicked")

    def Nicknames(self) -> Slice[str]:
        return Slice("string", [self.Name, self.Name + "y"])

    def About(self) -> dict[str, object]:
        return {"name": self.Name, "age": self.Age}

    Pair.__go_results__ = ("string", "int")  # type: ignore[attr-defined]  # as any attribute
    Trio.__go_results__ = ("int", "int", "int")  # type: ignore[attr-defined]  # as any attribute


@dataclass
class Pretty:
    __go_type__: ClassVar[str] = "main.Pretty"
    V: int = 0

    def String(self) -> str:
        return f"<pretty {self.V}>"


@dataclass
class Host:
    __go_type__: ClassVar[str] = "*main.Host"
    Name: str = ""
    Port: int = 0

    def Address(self) -> str:
        return f"{self.Name}:{self.Port}"


# -- Named types of other kinds


class Names(list[object]):
    __go_type__: ClassVar[str] = "main.Names"

    def Count(self) -> int:
        return len(self)


class Dict(dict[str, object]):
    __go_type__: ClassVar[str] = "main.Dict"

    def Size(self) -> int:
        return len(self)


class Label(str):
    __slots__ = ()
    __go_type__: ClassVar[str] = "main.Label"

    def Shout(self) -> str:
        return upper(self)

    def With(self, m: Label) -> str:
        return str(self) + str(m)


class Level(int):
    __go_type__: ClassVar[str] = "main.Level"

    def Next(self) -> Level:
        return Level(wrapped(self + 1))

    def Plus(self, m: Level) -> Level:
        return Level(wrapped(self + m))

    def GoString(self) -> str:
        return f"main.Level({int(self)})"


class Color(int):
    __go_type__: ClassVar[str] = "main.Color"

    def String(self) -> str:
        return f"color-{int(self)}"


class Celsius(float):
    __go_type__: ClassVar[str] = "main.Celsius"

    def String(self) -> str:
        return f"{float(self):.1f}°C"


# -- Without a method, or with the one that prints


@dataclass
class Pair:
    __go_type__: ClassVar[str] = "main.Pair"
    X: object = None
    Y: object = None


@dataclass
class Pointer(Pair):
    __go_type__ = "*main.Pair"


class Words(list[str]):
    __go_type__: ClassVar[str] = "main.Words"


class Bytes(bytes):
    __go_type__: ClassVar[str] = "main.Bytes"


class Number(int):
    __go_type__: ClassVar[str] = "main.Number"


@dataclass
class Stringer:
    __go_type__: ClassVar[str] = "main.Stringer"
    Text: str = ""

    def String(self) -> str:
        return self.Text


@dataclass
class Panicker:
    __go_type__: ClassVar[str] = "main.Panicker"
    Text: str = ""

    def String(self) -> str:
        raise RuntimeError(self.Text)


class Failure(Exception):
    """In Go a struct that is an error; here an exception with a public attribute."""

    __go_type__: ClassVar[str] = "main.Failure"

    def __init__(self, Code: object = None) -> None:  # noqa: N803 - as in Go
        super().__init__(Code)
        self.Code = Code

    def __str__(self) -> str:
        return str(BUILTINS["print"]("failure ", self.Code))


# -- Functions


def add(a: int, b: int) -> int:
    return wrapped(a + b)


def half(x: float) -> float:
    return x / 2


def upper(s: str) -> str:
    """Return the text with ASCII letters in upper case; Unicode tables differ."""
    return "".join(letter.upper() if letter.isascii() else letter for letter in s)


def repeat(s: str, n: int) -> str:
    if n < 0 or n > 100:
        raise Fault("count out of range")
    return s * n


def invert(b: bool) -> bool:
    return not b


def join(items: Slice[str], sep: str) -> str:
    return sep.join(items)


def words(s: str) -> Slice[str]:
    return Slice("string", s.split(" "))


def sum_(*numbers: int) -> int:
    return wrapped(sum(numbers))


def glue(a: str, b: str, *rest: str) -> str:
    return a + b + "+".join(rest)


def concat(sep: str, *parts: str) -> str:
    return sep.join(parts)


def count(*values: object) -> int:
    return len(values)


def list_(*values: object) -> list[object]:
    return list(values)


def first(items: list[object]) -> object:
    if not items:
        raise Fault("the list is empty")
    return items[0]


def dict_(*pairs: object) -> dict[str, object]:
    if len(pairs) % 2:
        raise Fault("dict wants pairs")
    made: dict[str, object] = {}
    for key, value in zip(pairs[::2], pairs[1::2], strict=True):
        if type(key) is not str:
            raise Fault("dict wants string keys")
        made[key] = value
    return made


def size(m: dict[str, object]) -> int:
    return len(m)


def echo(v: object) -> object:
    return v


def none() -> object:
    return None


def answer() -> int:
    return 42


def ratio() -> float:
    return 0.5


def yes() -> bool:
    return True


def name() -> str:
    return "gopher"


def raw() -> bytes:
    return b"raw"


def point(x: int, y: int) -> Point:
    return Point(x, y)


def person(name: str, age: int) -> Person:
    return Person(name, age)


def box(v: object) -> Box:
    return Box(v)


def adder(n: int) -> Callable[[int], int]:
    def plus(m: int) -> int:
        return wrapped(n + m)

    return plus


def fail() -> str:
    raise Fault("boom")


def check(s: str) -> str:
    if not s:
        raise Fault("100% empty")
    return s


def crash() -> str:
    raise Fault("crashed")


def level(l: Level) -> Level:  # noqa: E741 - as in Go
    return l


def warm(c: Celsius) -> Celsius:
    return c


def broken(v: object) -> object:
    raise Fault("code 7")


FUNCTIONS: Final[dict[str, Callable[..., object]]] = {
    f.__name__.rstrip("_"): f
    for f in (
        add, half, upper, repeat, invert, join, words, sum_, concat, glue, count, list_, first,
        dict_, size, echo, none, answer, ratio, yes, name, raw, point, person, box, adder, fail,
        check, crash, level, warm, broken,
    )
}  # fmt: skip


# -- Data


def decode(value: Any) -> Any:
    """Build the Python value of a JSON value; README.md has the tags.

    >>> decode({"a": [1, {"$": "complex", "re": 1, "im": 2}]})
    {'a': [1, (1+2j)]}
    """
    if isinstance(value, list):
        return [decode(item) for item in value]
    if isinstance(value, dict):
        if "$" in value:
            return BUILDERS[value["$"]](value)
        return {key: decode(item) for key, item in value.items()}
    return value


def typed_list(tagged: dict[str, Any]) -> object:
    return Slice(tagged["of"], decode(tagged["items"]))


def structure(tagged: dict[str, Any]) -> object:
    return TYPES[tagged["type"]](**decode(tagged.get("fields", {})))


def sequence(tagged: dict[str, Any]) -> Callable[[], Iterator[object]]:
    items = decode(tagged["items"])

    def seq() -> Iterator[object]:
        yield from items

    return seq


def sequence_of_pairs(tagged: dict[str, Any]) -> Callable[[], Iterator[object]]:
    pairs = decode(tagged["items"])

    def seq2() -> Iterator[object]:
        yield from map(tuple, pairs)

    return seq2


TYPES: Final[dict[str, Callable[..., object]]] = {
    kind.__go_type__: kind
    for kind in (
        Point, KVPair, Box, Service, Person, Pretty, Host, Names, Dict, Label, Level, Color,
        Celsius, Pair, Pointer, Words, Bytes, Number, Stringer, Panicker, Failure
    )
} | {"uint8": Uint8}  # fmt: skip

BUILDERS: Final[dict[str, Callable[[dict[str, Any]], Any]]] = {
    "float": lambda tagged: float(tagged["text"]),
    "complex": lambda tagged: complex(float(tagged["re"]), float(tagged["im"])),
    "bytes": lambda tagged: tagged["text"].encode("utf-8", "surrogateescape"),
    "error": lambda tagged: ValueError(tagged["text"]),
    "func": lambda tagged: FUNCTIONS[tagged["name"]],
    "list": typed_list,
    "map": lambda tagged: dict(decode(tagged["items"])),
    "struct": structure,
    "named": lambda tagged: TYPES[tagged["type"]](decode(tagged["value"])),
    "chan": lambda tagged: iter(decode(tagged["items"])),
    "seq": sequence,
    "seq2": sequence_of_pairs,
}
