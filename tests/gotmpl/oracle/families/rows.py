"""Make the rows of a family: templates, each with the data that it names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final, TypeAlias

from tests.gotmpl.oracle.mirror import FUNCTIONS
from tests.gotmpl.oracle.texts import lines

Row: TypeAlias = dict[str, Any]


def tag(kind: str, **fields: object) -> Row:
    """Return a tagged value that JSON lacks (see README.md)."""
    return {"$": kind, **fields}


def struct(name: str, **fields: object) -> Row:
    return tag("struct", type=f"main.{name}", fields=fields)


def named(name: str, value: object) -> Row:
    return tag("named", type=f"main.{name}", value=value)


def typed(of: str, *items: object) -> Row:
    return tag("list", of=of, items=list(items))


def keyed(key: str, *items: tuple[object, object]) -> Row:
    return tag("map", key=key, items=[list(item) for item in items])


# A row's data are the entries that its template names.
WORLD: Final[Row] = {
    "n": 7,
    "zero": 0,
    "neg": -3,
    "big": 9223372036854775807,
    "min": -9223372036854775808,
    "f": 1.5,
    "fzero": 0.0,
    "fneg": -0.0,
    "fint": 3.0,
    "million": 1000000.0,
    "tiny": 1e-7,
    "nan": tag("float", text="NaN"),
    "inf": tag("float", text="+Inf"),
    "ninf": tag("float", text="-Inf"),
    "c": tag("complex", re=1, im=-2),
    "czero": tag("complex", re=0, im=0),
    "s": "hello",
    "empty": "",
    "blank": " ",
    "digits": "0",
    "u": "日本語",
    "accent": "é",
    "bad": "a\udcffz",
    "markup": '<a href="x">O\'Neil & co</a>\n',
    "yes": True,
    "no": False,
    "nil": None,
    "by": tag("bytes", text="raw"),
    "bye": tag("bytes", text=""),
    "bybad": tag("bytes", text="\udcff\u0001"),
    "l": [1, "two", 3.5, None, True],
    "le": [],
    "ll": [[1, 2], [3]],
    "lm": [{"a": 1}, {"a": 2}, {}],
    "ls": ["a", "b"],
    "ints": typed("int", 10, 20, 30),
    "floats": typed("float64", 1.0, 2.5),
    "bools": typed("bool", *[True, False]),
    "strs": typed("string", "a", "b", "c"),
    "none": typed("string"),
    "kvs": typed("main.KVPair", struct("KVPair", Key="/a", Value="1"), struct("KVPair", Key="/b")),
    "m": {"a": 1, "b": "two", "nil": None, "c": [1, 2], "len": 5},
    "me": {},
    "mi": keyed("int", (2, "two"), (1, "one"), (-1, "minus"), (10, None)),
    "mb": keyed("bool", (True, "t"), (False, "f")),
    "mf": keyed("float64", (2.5, "b"), (1.0, "a"), (-0.5, "c")),
    "mo": {"10": 1, "9": 2, "B": 3, "a": 4, "é": 5, "": 6, "日": 7},
    "deep": {"x": {"y": {"z": "bottom", "nil": None, "l": [1]}}},
    "pt": struct("Point", X=1, Y=-2),
    "kv": struct("KVPair", Key="/k", Value="v"),
    "box": struct("Box"),
    "boxed": struct("Box", Value="inside"),
    "boxmap": struct("Box", Value={"k": "v"}),
    "boxint": struct("Box", Value=3),
    "svc": struct(
        "Service",
        Name="web",
        Port=80,
        Weight=0.5,
        Up=True,
        Tags=typed("string", "x", "y"),
        Labels={"role": "db", "nil": None},
        Extra=[1, "e"],
    ),
    "svc0": struct("Service"),
    "p": struct("Person", Name="Ann", Age=30),
    "pretty": struct("Pretty", V=5),
    "h": tag("struct", type="*main.Host", fields={"Name": "db1", "Port": 3306}),
    "names": named("Names", ["a", 1]),
    "d": named("Dict", {"k": 1, "Size": 9}),
    "lb": named("Label", "tag"),
    "lv": named("Level", 3),
    "co": named("Color", 2),
    "ce": named("Celsius", 36.6),
    "err": tag("error", text="disk full"),
    "fn": tag("func", name="add"),
    "fn0": tag("func", name="answer"),
    "fnfail": tag("func", name="fail"),
    "fnvar": tag("func", name="concat"),
    "fnany": tag("func", name="echo"),
    "ch": tag("chan", items=["a", 2, None]),
    "che": tag("chan", items=[]),
    "sq": tag("seq", items=["a", 2, None]),
    "sqe": tag("seq", items=[]),
    "sq2": tag("seq2", items=[["k", 1], ["l", 2]]),
    "sq2e": tag("seq2", items=[]),
}

# An entry is named by .x, $.x or "x"; a function by its name.
MENTIONED: Final = re.compile(r"""[."]([a-z][a-z0-9]*)\b""")
PLACE: Final = re.compile("[@#]")
ACTION: Final = re.compile(r"\{\{.*?\}\}", re.DOTALL)
CALLED: Final = re.compile(r"""(?<![.\w"'`$])([a-z]\w*)""")


def world(template: str) -> Row:
    """Return the data and functions that a template names."""
    data = {key: WORLD[key] for key in MENTIONED.findall(template) if key in WORLD}
    code = " ".join(ACTION.findall(template))
    funcs = sorted({word for word in CALLED.findall(code) if word in FUNCTIONS})
    return {**({"data": data} if data else {}), **({"funcs": funcs} if funcs else {})}


def rows(family: str, templates: Iterable[str], **common: object) -> list[Row]:
    """Return a row for each template, numbered within its family; `common` overrides the world."""
    return [
        {"id": f"{family}-{i:03}", "template": template, **world(template), **common}
        for i, template in enumerate(templates, 1)
    ]


def sections(file: str, *names: str, **common: object) -> list[Row]:
    """Return the rows of sections of texts/<file>.txt, each a family."""
    return [row for name in names for row in rows(name, lines(file, name), **common)]


def numbered(family: str, made: Iterable[Row]) -> list[Row]:
    """Return the rows, numbered as one family."""
    return [{**row, "id": f"{family}-{i:04}"} for i, row in enumerate(made, 1)]


def on(family: str, data: object, templates: Iterable[str], **common: object) -> list[Row]:
    """Return rows that share their dot; None stands for nil data."""
    return rows(family, templates, data=data, **common)


def trees(family: str, templates: Iterable[str], **common: object) -> list[Row]:
    """Return rows that only parse, and print their trees."""
    return rows(family, templates, data=None, mode="parse", **common)


def each(family: str, shape: str, values: Iterable[str], **common: object) -> list[Row]:
    """Return rows of one shape, with each value in the place of `@`."""
    return rows(family, (shape.replace("@", value) for value in values), **common)


def cross(
    family: str, shape: str, first: Iterable[str], second: Iterable[str], **common: object
) -> list[Row]:
    """Return rows of one shape, with each pair of values in the places of `@` and `#`."""
    pairs = [{"@": one, "#": other} for one in first for other in second]
    return rows(family, (PLACE.sub(lambda at, p=pair: p[at[0]], shape) for pair in pairs), **common)  # type: ignore[misc]
