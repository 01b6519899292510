"""Loops over rows of many kinds: what code learns of one row changes nothing for the next."""

from __future__ import annotations

import dataclasses
import functools
import itertools
import types
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gotmpl import ExecError, Template


@dataclasses.dataclass
class Host:
    a: object = 1
    b: object = "x"


@dataclasses.dataclass(slots=True)
class Slotted:
    a: object = 2
    b: object = "y"


class Bare:
    def __init__(self, **fields: object) -> None:
        vars(self).update(fields)


class Unset:
    __slots__ = ("a", "b")


class Method:
    b = 3

    def a(self) -> str:
        return "called"


class Propertied:
    """Changes an attribute when its property is read."""

    def __init__(self) -> None:
        self.b = 0

    @property
    def a(self) -> int:
        self.b += 1
        return self.b


class Cached:
    def __init__(self) -> None:
        self.b = 0

    @functools.cached_property
    def a(self) -> int:
        self.b += 1
        return self.b


class Asked:
    """Answers for attributes that it does not have."""

    def __getattr__(self, name: str) -> str:
        return f"asked for {name}"


class Pair(NamedTuple):
    a: object = 9
    b: object = 10


ROWS: Final[Mapping[str, Callable[[], object]]] = {
    "dict": lambda: {"a": 1, "b": 2},
    "dict that lacks a key": lambda: {"a": 1},
    "OrderedDict": lambda: OrderedDict(b=3, a=4),
    "OrderedDict that lacks a key": lambda: OrderedDict(b=3),
    "defaultdict": lambda: defaultdict(int, a=5),
    "mapping": lambda: types.MappingProxyType({"a": 6, "b": None}),
    "dataclass": Host,
    "dataclass of dicts": lambda: Host(a={"a": 7, "b": 8}),
    "slots": Slotted,
    "slots that are not set": Unset,
    "object": lambda: Bare(a=1, b=1.5),
    "object that lacks an attribute": lambda: Bare(b=True),
    "object without attributes": object,
    "namespace": lambda: types.SimpleNamespace(a=1, b=[2]),
    "namespace that lacks an attribute": lambda: types.SimpleNamespace(a=1),
    "named tuple": Pair,
    "class with a method": Method,
    "class with a property": Propertied,
    "class with a cached property": Cached,
    "class that answers for any name": Asked,
    "nil": lambda: None,
}
BODIES: Final = (
    "{{.a}} {{.b}}",
    "{{.a}}{{if .b}} b{{end}}{{.b}}",
    "{{if .a}}a{{end}}{{with .b}}{{.}}{{end}}",
    '{{printf "%v %v" .a .b}}',
    "{{.a}} {{.b}} {{.class}}",
    "{{.a.a}} {{.a.b}} {{.b}}",
)


def output(text: str, value: object) -> tuple[str, str]:
    """Return what a template writes, and why it fails."""
    try:
        return Template("t").parse(text).render(value), ""
    except ExecError as error:
        return error.partial, error.reason


def one_by_one(text: str, rows: Sequence[Callable[[], object]]) -> tuple[str, str]:
    """Return what a loop over rows is to write, by a loop over each alone, and why it fails."""
    written, reason = "", ""
    for row in rows:
        more, reason = output(text, [row()])
        written += more
        if reason:
            break
    return written, reason


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("first", ROWS)
def test_a_row_is_read_alike_behind_any_other(first: str, body: str) -> None:
    text = f"{{{{range .}}}}{body};{{{{end}}}}"
    for second in ROWS.values():
        rows = (ROWS[first], ROWS[first], second, second, ROWS[first])
        assert output(text, [row() for row in rows]) == one_by_one(text, rows)


@given(st.sampled_from(BODIES), st.lists(st.sampled_from(tuple(ROWS.values())), max_size=8))
def test_rows_of_any_kinds_are_read_as_each_alone(
    body: str, rows: Sequence[Callable[[], object]]
) -> None:
    text = f"{{{{range .}}}}{body};{{{{end}}}}"
    assert output(text, [row() for row in rows]) == one_by_one(text, rows)


@pytest.mark.parametrize("make", [dict, OrderedDict, functools.partial(defaultdict, int)])
def test_a_key_that_is_read_is_not_made(make: Callable[[], dict[str, int]]) -> None:
    rows = [make() for _ in range(3)]
    nothing = "<no value> <no value>;"
    assert output("{{range .}}{{.a}} {{.b}};{{end}}", rows) == (nothing * 3, "")
    assert not any(rows)


@pytest.mark.parametrize(
    ("name", "of"),
    [
        *itertools.product(["from", "None", "class", "größe", "ﬁ", "a1"], [Bare, dict]),
        ("__debug__", dict),
    ],
)
def test_a_field_may_have_any_name_that_go_allows(name: str, of: Callable[..., object]) -> None:
    """Python refuses some names as attributes, and takes some letters for others."""
    rows = [of(**{name: n, "a": -n}) for n in range(3)]
    text = f"{{{{range .}}}}{{{{.{name}}}}}{{{{.a}}}};{{{{end}}}}"
    for _ in range(3):  # from the second on, the code of a template of this shape is filled
        assert output(text, rows) == ("00;1-1;2-2;", "")


def test_no_name_with_an_underscore_is_seen_of_the_first_row() -> None:
    text = '{{range .}}{{.__doc__}}{{printf "%v" .__reduce_ex__}}{{end}}'
    assert output(text, [object()]) == ("", "can't evaluate field __doc__ in type interface {}")


class Untestable(type):
    """Classes that fail where they are tested for being true."""

    def __bool__(cls) -> bool:
        raise RuntimeError("tested")


def test_a_class_is_not_tested_for_being_true() -> None:
    classes = [Untestable(name, (Bare,), {}) for name in ("First", "Second")]
    rows = [cls(a=n, b=-n) for n, cls in enumerate(classes, 1)]
    assert output("{{range .}}{{.a}}{{.b}};{{end}}", rows) == ("1-1;2-2;", "")


def test_a_key_that_an_ordereddict_lacks_is_asked_of_no_attribute() -> None:
    rows = [OrderedDict(a=1, b=2), OrderedDict(a=3)]
    vars(rows[1])["get"] = lambda _: "an attribute"
    assert output("{{range .}}{{.a}}{{.b}};{{end}}", rows) == ("12;3<no value>;", "")


class Titled(dict[str, object]):
    def a(self) -> str:
        return "method"


def test_a_method_comes_before_a_key_of_its_name() -> None:
    text = "{{range .}}{{.b}}{{.a}}{{if .b}};{{end}}{{end}}"
    assert output(text, [Titled(a="key", b=2)]) == ("2method;", "")


class Answering:
    """Fails where it is asked for the function of a method."""

    def __call__(self) -> str:
        return "called"

    def __getattr__(self, name: str) -> object:
        raise (KeyError if name == "__func__" else AttributeError)(name)


class Counting:
    """Counts how often its method is asked for, and gives another."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def a(self) -> str:
        return "method"

    def __getattribute__(self, name: str) -> object:
        if name == "a":
            self.asked.append(name)
            return lambda: "other"
        return super().__getattribute__(name)


def test_a_value_may_have_a_method_of_its_own() -> None:
    row, counting = Method(), Counting()
    row.a = Answering()  # type: ignore[method-assign]
    assert output("{{.a}}", row) == ("called", "")
    assert output("{{.a}}", counting) == ("other", "")
    assert counting.asked == ["a"]


class Step:
    """Has methods that count how often they are called."""

    def __init__(self) -> None:
        self.calls = 0

    def item(self) -> dict[str, object]:
        self.calls += 1
        return {"a": f"item {self.calls}"}

    def key(self) -> str:
        self.calls += 1
        return "a"


ITEMS: dict[str, Callable[[], object]] = {
    "dict": lambda: {"a": 1, "": 2},
    "nil in a dict": lambda: {"a": None},
    "dict of other keys": lambda: {0: "zero"},
    "OrderedDict": lambda: OrderedDict(a=1),
    "defaultdict": lambda: defaultdict(int),
    "Titled": lambda: Titled(a="key"),
    "list": lambda: ["x", "y"],
    "text": lambda: "text",
    "nil": lambda: None,
    "object": Host,
}
KEYS: dict[str, object] = {
    "text": "a",
    "empty": "",
    "missing": "b",
    "number": 0,
    "bool": True,
    "nil": None,
    "list": [1],
}


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("item", ITEMS)
def test_an_element_is_the_same_in_a_loop(item: str, key: str) -> None:
    """Code that runs once calls `index`; other code has the case of a dict in its line."""
    row = {"item": ITEMS[item](), "key": KEYS[key]}
    once = output("{{index .item .key}}", row)
    assert output("{{range .}}{{index .item .key}}{{end}}", [row]) == once
    assert output("{{range .}}{{$k := .key}}{{index .item $k}}{{end}}", [row]) == once


def test_methods_that_give_an_item_and_a_key_are_called_once_each_in_their_order() -> None:
    assert output("{{range .}}{{index .item .key}}{{end}}", [Step()]) == ("item 1", "")
    row, text = Step(), "{{range .}}{{index .item .key}}{{.calls}}{{end}}"
    assert output(text, [row]) == ("item 12", "")
