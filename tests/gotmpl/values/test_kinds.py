"""How Python values look to Go, and which of their attributes no template may read."""

from __future__ import annotations

import collections
import copy
import dataclasses
import datetime as dt
import decimal
import enum
import fractions
import functools
import math
import pickle
import types
from typing import ClassVar, NamedTuple, Self

import pytest

import gotmpl
from gotmpl import ExecError, Template
from gotmpl.values.fields import NO_FIELD, field, field_names, method
from gotmpl.values.keys import sorted_items, sorted_keys
from gotmpl.values.kinds import TRUE, Kind, Slice, is_true, kind
from gotmpl.values.names import type_name
from tests.gotmpl.oracle.regenerate import load
from tests.gotmpl.oracle.verdict import wrong


@dataclasses.dataclass
class Host:
    name: str
    labels: dict[str, str]
    _secret: str = "hidden"
    limit: ClassVar[int] = 5

    def address(self) -> str:
        return f"{self.name}.internal"

    def _private(self) -> str:
        return self._secret

    @property
    def upper(self) -> str:
        return self.name.upper()

    def __bool__(self) -> bool:
        return False


class Pair(NamedTuple):
    first: int
    second: int


class Ports(list[int]):
    def highest(self) -> int:
        return max(self)


class Color(enum.Enum):
    RED = 1


class Shade(enum.Enum):
    DARK = 1
    BRIGHT = 2


@dataclasses.dataclass
class Secret:
    name: str
    _secret: str


class Size(enum.IntEnum):
    TWO = 2


class Level(int):
    def __new__(cls, number: int) -> Self:
        assert number == 2
        return super().__new__(cls, number)


class Box:
    def __init__(self) -> None:
        self.side = 2

    @functools.cached_property
    def volume(self) -> int:
        return int(self.side**3)


HOST = Host("web", {})


def upper(text: str, *rest: int) -> str:
    return text.upper() * len(rest)


@pytest.mark.parametrize(
    ("value", "of_kind", "name"),
    [
        (None, Kind.INVALID, "<nil>"),
        (True, Kind.BOOL, "bool"),
        (1, Kind.INT, "int"),
        (b"", Kind.SLICE, "[]uint8"),
        ((1,), Kind.SLICE, "[]interface {}"),
        (Slice("string"), Kind.SLICE, "[]string"),
        (range(3), Kind.SLICE, "[]int"),
        ({}, Kind.MAP, "map[string]interface {}"),
        ({1: 1}, Kind.MAP, "map[int]interface {}"),
        ({1: 1, "a": 1}, Kind.MAP, "map[interface {}]interface {}"),
        ({None: 1}, Kind.MAP, "map[interface {}]interface {}"),
        (types.MappingProxyType({}), Kind.MAP, "map[string]interface {}"),
        (collections.OrderedDict(), Kind.MAP, "collections.OrderedDict"),
        (HOST, Kind.STRUCT, "test_kinds.Host"),
        (Pair(1, 2), Kind.STRUCT, "test_kinds.Pair"),
        (Ports(), Kind.SLICE, "test_kinds.Ports"),
        (ValueError("x"), Kind.POINTER, "*errors.errorString"),
        (upper, Kind.FUNC, "func(string, ...int) string"),
        (functools.partial(upper, "a"), Kind.FUNC, "func(...int) string"),
        (Host, Kind.FUNC, "func(string, map[string]interface {}, string)"),
        (iter([]), Kind.CHAN, "chan interface {}"),
    ],
)
def test_kinds_and_type_names(value: object, of_kind: Kind, name: str) -> None:
    assert (kind(value), type_name(value)) == (of_kind, name)


def takes_numbers(numbers: Slice[int]) -> int:
    return sum(numbers)


def takes_list(numbers: list[int]) -> int:
    return len(numbers)


def takes_text(text: str) -> str:
    return text


@pytest.mark.parametrize(
    "text",
    [
        "{{.}} {{print . 1 .}} {{html .}}",
        '{{printf "%v %d %x %q %s %#v %T %6.2d" . . . . . . . .}}',
        "{{len .}} {{index . 1}} {{slice . 1 2}} {{slice . 0}}",
        "{{range .}}{{.}},{{end}}{{range $i, $x := .}}{{$i}}{{$x}},{{else}}none{{end}}",
        "{{if .}}true{{end}}{{not .}}{{and . 1}}{{or . 1}}",
        "{{numbers .}} {{list .}}",
        "{{range .}}{{.x}}{{end}}",
        "{{.x}}",
        "{{index . 9}}",
        "{{eq . .}}",
        "{{lt . 1}}",
        "{{text .}}",
        "{{call .}}",
    ],
)
@pytest.mark.parametrize("numbers", [range(1, 4), range(0)])
def test_a_range_is_a_slice_of_ints(text: str, numbers: range) -> None:
    funcs = {"numbers": takes_numbers, "list": takes_list, "text": takes_text}
    template = Template("t").funcs(funcs).parse(text)
    answers = []
    for data in (numbers, Slice("int", numbers)):
        try:
            answers.append(template.render(data))
        except ExecError as error:
            answers.append(f"{error.partial} {error}")
    assert answers[0] == answers[1]


def test_is_true_is_gos() -> None:
    assert wrong(load("values_print", op="truth")) == []
    assert is_true(HOST)


class Falsy:
    def __bool__(self) -> bool:
        raise AssertionError


class Empty:
    def __len__(self) -> int:
        raise AssertionError


class FalseText(str):
    __slots__ = ()

    def __bool__(self) -> bool:
        raise AssertionError


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        pytest.param(HOST, True, id="struct"),
        pytest.param(Falsy(), True, id="struct with __bool__"),
        pytest.param(Empty(), True, id="struct with __len__"),
        pytest.param(FalseText("a"), True, id="named string"),
        pytest.param(FalseText(""), False, id="empty named string"),
        pytest.param(collections.OrderedDict(), False, id="empty OrderedDict"),
        pytest.param(collections.OrderedDict(a=1), True, id="OrderedDict"),
        pytest.param(fractions.Fraction(0), True, id="a library's struct"),
    ],
)
def test_a_value_is_true_in_each_turn_of_a_loop_as_it_is_in_go(value: object, wanted: bool) -> None:
    text = "{{range .}}{{if .x}}1{{end}}{{with .x}}2{{end}}{{end}}"
    rows = [{"x": value}] * 3  # a class is remembered after the first
    assert gotmpl.render(text, rows) == ("12" * 3 if wanted else "")


def test_classes_that_are_remembered_for_their_values_are_few() -> None:
    for number in range(300):
        assert is_true(type(f"Class{number}", (), {})())
    assert len(TRUE) <= 256


@pytest.mark.parametrize("asked", ["__bool__", "__len__"])
@pytest.mark.parametrize(
    "text", ["{{if .x}}1{{end}}", "{{with .x}}1{{end}}", "{{if and .x 1}}1{{end}}"]
)
def test_a_struct_is_true_also_if_its_class_can_be_asked_later(text: str, asked: str) -> None:
    TRUE.clear()  # it may be full
    cls = type("Host", (), {})
    template = Template("t").parse(f"{{{{range .}}}}{text}{{{{end}}}}")
    assert template.render([{"x": cls()}]) == "1"
    setattr(cls, asked, lambda _: 0)
    assert template.render([{"x": cls()}]) == "1"


def test_fields_are_the_public_ones_in_order() -> None:
    assert field_names(HOST) == ("name", "labels")
    assert field_names(Pair(1, 2)) == ("first", "second")
    assert field(Pair(1, 2), "second") == 2
    assert field(HOST, "limit") is NO_FIELD


class Slotted:
    __slots__ = ("_hidden", "port", "unset")

    def __init__(self) -> None:
        self.port = 80
        self._hidden = 1


def test_fields_of_other_objects_are_their_public_attributes() -> None:
    assert field_names(Slotted()) == ("port",)
    assert field(Slotted(), "unset") is NO_FIELD
    error = FileNotFoundError(2, "no such file")
    error.path = "/etc/x"  # type: ignore[attr-defined]  # any exception can have an attribute
    assert field_names(error) == ("path",)
    assert field_names(types.SimpleNamespace(b=1, a=2, _c=3)) == ("b", "a")


def test_methods_are_the_public_ones() -> None:
    for name, result in (("address", "web.internal"), ("upper", "WEB")):
        found = method(HOST, name)
        assert found is not None
        assert found() == result
    highest = method(Ports([1, 9]), "highest")
    assert highest is not None
    assert highest() == 9
    assert method(dt.date(2024, 5, 1), "isoformat") is None


CLOSED = ["_secret", "_private", "__class__", "__dict__", "__init__", "__reduce__"]


@pytest.mark.parametrize("value", [HOST, Ports([1]), Pair(1, 2), ValueError("x"), Color.RED, upper])
@pytest.mark.parametrize("name", CLOSED)
def test_private_names_do_not_exist(value: object, name: str) -> None:
    assert (field(value, name), method(value, name)) == (NO_FIELD, None)


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("text", "format"),
        ([], "append"),
        (Ports(), "append"),
        ({}, "items"),
        (collections.OrderedDict(), "move_to_end"),
        (Slice("string"), "elem"),
        (1, "bit_length"),
        (Pair(1, 2), "count"),
        (ValueError("x"), "add_note"),
        (ValueError("x"), "args"),
        (Host, "address"),
        (Host, "mro"),
        (dataclasses, "dataclass"),
        (upper, "func_globals"),
        (functools.partial(upper), "func"),
        ((letter for letter in ""), "gi_frame"),
        ((letter for letter in ""), "close"),
    ],
)
def test_attributes_of_python_itself_are_out_of_reach(value: object, name: str) -> None:
    assert (field(value, name), method(value, name)) == (NO_FIELD, None)


def test_objects_without_fields_compare_themselves() -> None:
    text = "{{eq .a .b}} {{ne .a .b}}"
    one, other = dt.date(2024, 5, 6), dt.date(2024, 5, 7)
    assert gotmpl.render(text, {"a": one, "b": dt.date(2024, 5, 6)}) == "true false"
    assert gotmpl.render(text, {"a": one, "b": other}) == "false true"
    assert gotmpl.render(text, {"a": object(), "b": object()}) == "false true"
    assert gotmpl.render(text, {"a": Color.RED, "b": Color.RED}) == "true false"


def test_dataclasses_compare_by_all_their_fields() -> None:
    one, other = Secret("web", "one"), Secret("web", "other")
    assert gotmpl.render("{{eq .a .a}} {{eq .a .b}}", {"a": one, "b": other}) == "true false"


def test_a_range_over_a_named_int_gives_ints_of_its_type() -> None:
    text = "{{range .}}{{printf `%T %d,` . .}}{{end}}"
    assert gotmpl.render(text, Level(2)) == "test_kinds.Level 0,test_kinds.Level 1,"
    assert gotmpl.render(text, Size.TWO) == "int 0,int 1,"


def test_a_cached_property_is_a_method_whether_it_was_read_or_not() -> None:
    box = Box()
    assert gotmpl.render("{{.}} {{.volume}} {{.}}", box) == "{2} 8 {2}"


@pytest.mark.parametrize(
    ("items", "shown"),
    [
        ({decimal.Decimal(10), decimal.Decimal(9)}, "[9 10]"),
        ({dt.date(2024, 5, 6), dt.date(2023, 1, 1)}, "[2023-01-01 2024-05-06]"),
        ({Pair(2, 1), Pair(1, 2)}, "[{1 2} {2 1}]"),
        ({frozenset("b"), frozenset("a"), frozenset()}, "[[] [a] [b]]"),
        ({Shade.DARK, Shade.BRIGHT, Color.RED}, "[Color.RED Shade.BRIGHT Shade.DARK]"),
        ({(2, "a"), (1, "b")}, "[[1 b] [2 a]]"),
        ({1, "a", None, 1.5}, "[<nil> 1 1.5 a]"),
    ],
)
def test_sets_are_in_the_order_of_go_s_keys(items: set[object], shown: str) -> None:
    assert gotmpl.render("{{.}}", items) == shown


def test_a_typed_list_survives() -> None:
    typed = Slice("string", ["a", "b"])
    for twin in (pickle.loads(pickle.dumps(typed)), copy.copy(typed), copy.deepcopy(typed)):
        assert (type(twin), twin.elem, twin) == (Slice, "string", ["a", "b"])


@pytest.mark.parametrize(
    ("keys", "ordered"),
    [
        (
            ["b", "a", "\uffff", "\U0001f600", "\udcff"],
            ["a", "b", "\uffff", "\U0001f600", "\udcff"],
        ),
        (["b", "a", "B"], ["B", "a", "b"]),
        ([10, 9, -1], [-1, 9, 10]),
        ([True, False], [False, True]),
        ([(2, "a"), (1, "b")], [(1, "b"), (2, "a")]),
        (["a", 2, None], [None, 2, "a"]),
        ([1j, 0.5 + 0j], [1j, 0.5 + 0j]),
    ],
)
def test_keys_are_in_gos_order(keys: list[object], ordered: list[object]) -> None:
    assert sorted_keys(dict.fromkeys(keys)) == ordered
    elements = {key: object() for key in keys}  # which do not compare
    assert sorted_items(elements) == [(key, elements[key]) for key in ordered]


def test_nan_is_the_first_key() -> None:
    first, *rest = sorted_keys(dict.fromkeys([1.0, float("nan"), float("-inf")]))
    assert math.isnan(first)
    assert rest == [float("-inf"), 1.0]
