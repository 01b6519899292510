"""Invent data of every kind that the judge can build, and list the names that reach into it.

Everything is drawn from one `random.Random`, so that a seed, or hypothesis, decides all of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any, Final

from .texts import lines

INTS: Final = [0, 1, 2, 3, 7, -1, -3, 10, 42, 65, 127, 255, 1000, 0x1F600, -100, 99999]
BIG: Final = [9223372036854775807, -9223372036854775808, 4294967296, -4294967296]
FLOATS: Final = [0.0, 1.0, 1.5, -0.5, 2.25, 100000.0, 1e6, 1e20, 1e21, 1e-5, 123456789.0, 0.1, -0.0,
    3.14159, 1e100, 5e-324]  # fmt: skip
ODD_FLOATS: Final = ["NaN", "+Inf", "-Inf"]
STRINGS: Final = ["", "a", "b", "hello", "Hello World", " ", "0", "false", "日本", "é", "a\udcffb",
    "<b>'&\"", "x\ny", "%d", "{{", "tab\t", "10", "9", "a/b", "\x00", "😀", "\u2028", "true", "1.5",
    "z"]  # fmt: skip
KEYS: Final = ["a", "b", "c", "name", "port", "x", "y", "é", "Name", "len", "zz"]

# Kinds of values, repeated by how often they are drawn.
SCALARS: Final = lines("vocabulary", "scalars")
KINDS: Final = [*SCALARS, *lines("vocabulary", "kinds")]

# The kind of each field or method of a struct.
STRUCTS: Final[dict[str, dict[str, str]]] = {
    "main.Point": {"X": "int", "Y": "int"},
    "main.KVPair": {"Key": "string", "Value": "string"},
    "main.Box": {"Value": "any"},
    "main.Pretty": {"V": "int"},
    "main.Person": {"Name": "string", "Age": "int"},
    "*main.Host": {"Name": "string", "Port": "int"},
    "main.Service": {
        "Name": "string", "Port": "int", "Weight": "float", "Up": "bool",
        "Tags": "strings", "Labels": "map", "Extra": "any",
    },
}  # fmt: skip
NAMED: Final[dict[str, str]] = {
    "main.Names": "list", "main.Dict": "map", "main.Label": "string", "main.Level": "int",
    "main.Color": "int", "main.Celsius": "float",
}  # fmt: skip
# Methods without arguments, and their results.
METHODS: Final[dict[str, dict[str, Any]]] = {
    "main.Person": {"Greet": "hello", "Nicknames": {"$": "list", "of": "string", "items": ["a"]},
    "About": {"name": "a", "age": 1}, "Any": "a", "Nothing": None, "Fail": ""},
    "main.Pretty": {"String": "<pretty 1>"},
    "*main.Host": {"Address": "a:1"},
    "main.Names": {"Count": 1},
    "main.Dict": {"Size": 1},
    "main.Label": {"Shout": "A"},
    "main.Level": {"Next": {"$": "named", "type": "main.Level", "value": 1}},
    "main.Color": {"String": "color-1"},
    "main.Celsius": {"String": "1.0°C"},
}  # fmt: skip


class Inventor:
    """Invent JSON values, tags included."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def root(self) -> Any:
        """Return the data of a template: mostly a map with a few keys."""
        if self._random.random() < 0.04:
            return self.value(1)
        return {key: self.value(2) for key in self._random.sample(KEYS, 5)}

    def value(self, depth: int) -> Any:
        """Return any value; lists and maps no deeper than `depth`."""
        kinds = SCALARS if depth <= 0 else KINDS
        return self.of(self._random.choice(kinds), depth)

    def of(self, kind: str, depth: int) -> Any:
        """Return a value of a kind."""
        return getattr(self, f"_{kind}")(depth - 1)

    def _any(self, depth: int) -> Any:
        return self.value(depth)

    def _int(self, _: int) -> Any:
        return self._random.choice(BIG if self._random.random() < 0.06 else INTS)

    def _string(self, _: int) -> Any:
        return self._random.choice(STRINGS)

    def _float(self, _: int) -> Any:
        if self._random.random() < 0.06:
            return {"$": "float", "text": self._random.choice(ODD_FLOATS)}
        return self._random.choice(FLOATS)

    def _bool(self, _: int) -> Any:
        return self._random.random() < 0.5

    def _nil(self, _: int) -> Any:
        return None

    def _bytes(self, _: int) -> Any:
        return {"$": "bytes", "text": self._random.choice(STRINGS)}

    def _complex(self, _: int) -> Any:
        choice = self._random.choice
        return {"$": "complex", "re": choice(FLOATS), "im": choice(FLOATS)}

    def _list(self, depth: int) -> Any:
        return [self.value(depth) for _ in range(self._random.randrange(4))]

    def _map(self, depth: int) -> Any:
        keys = self._random.sample(KEYS, self._random.randrange(4))
        return {key: self.value(depth) for key in keys}

    def _typed(self, depth: int) -> Any:
        of, kind = self._random.choice(
            [("int", "int"), ("float64", "float"), ("bool", "bool"), ("string", "string")]
        )
        return self._typed_list(
            of, [self.of(kind, depth) for _ in range(self._random.randrange(4))]
        )

    def _strings(self, depth: int) -> Any:
        return self._typed_list("string",
            [self.of("string", depth) for _ in range(self._random.randrange(4))])  # fmt: skip

    @staticmethod
    def _typed_list(of: str, items: list[Any]) -> Any:
        return {"$": "list", "of": of, "items": items}

    def _struct(self, depth: int) -> Any:
        name = self._random.choice(list(STRUCTS))
        fields = {field: self.of(kind, depth) for field, kind in STRUCTS[name].items()}
        return {"$": "struct", "type": name, "fields": fields}

    def _named(self, depth: int) -> Any:
        name = self._random.choice(list(NAMED))
        value = self.of(NAMED[name], depth)
        if isinstance(value, dict) and "$" in value:  # Python and Go spell NaN differently
            value = 0.5
        return {"$": "named", "type": name, "value": value}

    def _keyed(self, depth: int) -> Any:
        keyed: list[tuple[str, list[object]]] = [
            ("int", [3, -1, 10, 2]),
            ("bool", [True, False]),
            ("float64", [1.5, -2.0, 10.0]),
        ]
        key, keys = self._random.choice(keyed)
        chosen = self._random.sample(list(keys), self._random.randrange(1, len(keys) + 1))
        return {"$": "map", "key": key, "items": [[each, self.value(depth)] for each in chosen]}

    def _rare(self, depth: int) -> Any:
        """Return a value with an address, which each engine prints differently; so it is rare."""
        return self.of(self._random.choice(["stream", "func", "list", "map", "list", "map"]), depth)

    def _error(self, _: int) -> Any:
        return {"$": "error", "text": self._random.choice(["disk full", "", "100%"])}

    def _stream(self, depth: int) -> Any:
        tag = self._random.choice(["chan", "seq", "seq2"])
        items = [self.value(depth) for _ in range(self._random.randrange(3))]
        return {
            "$": tag,
            "items": [[i, x] for i, x in enumerate(items)] if tag == "seq2" else items,
        }

    def _func(self, _: int) -> Any:
        return {"$": "func", "name": self._random.choice(["add", "answer", "concat", "echo"])}


def kind_of(value: Any) -> str:
    """Return the kind of a value, as the grammar names it."""
    if isinstance(value, dict):
        return tagged_kind(value) if "$" in value else "map"
    return {bool: "bool", int: "int", float: "float", str: "string", list: "list"}.get(
        type(value), "nil"
    )


def tagged_kind(value: dict[str, Any]) -> str:
    tag: str = value["$"]
    if tag == "named":
        return NAMED[value["type"]]
    if tag == "list":
        return "strings" if value["of"] == "string" else "typed"
    return {"map": "keyed", "chan": "stream", "seq": "stream", "seq2": "stream"}.get(tag, tag)


def members(value: Any) -> dict[str, Any]:
    """Return the values that a dot and a name reach in a value, by name."""
    if not isinstance(value, dict):
        return {}
    if "$" not in value:
        return value
    inner = value.get("fields") or (value.get("value") if value["$"] == "named" else {})
    fields: dict[str, Any] = inner if isinstance(inner, dict) and "$" not in inner else {}
    return {**fields, **METHODS.get(value.get("type", ""), {})}


def elements(value: Any) -> list[Any]:
    """Return the elements that a range over a value visits."""
    if isinstance(value, list):
        return value
    if not isinstance(value, dict):
        return []
    if "$" not in value:
        return list(value.values())
    if value["$"] == "named":
        return elements(value["value"])
    items: list[Any] = value.get("items", [])
    pairs = value["$"] in {"map", "seq2"}
    return [item[1] for item in items] if pairs else items


def paths(value: Any, depth: int = 4) -> Iterator[tuple[str, Any]]:
    """Yield every chain of names below a value, with the value that it reaches."""
    for name, inner in members(value).items():
        yield f".{name}", inner
        if depth:
            for path, reached in paths(inner, depth - 1):
                yield f".{name}{path}", reached
