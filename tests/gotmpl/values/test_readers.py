"""Fields that a loop reads by `READERS` are those that the top of a template gets by the rules."""

from __future__ import annotations

import argparse
import collections
import dataclasses
import datetime as dt
import functools
import itertools
import logging
import pathlib
import types
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, NamedTuple

import pytest

import gotmpl
from gotmpl.values.readers import EARLY_READERS, READERS

NAMES = ("a", "b", "limit", "_a", "x", "y", "year", "name", "items", "get", "append", "Error", "é")


@dataclasses.dataclass
class Record:
    a: object = 1
    limit: ClassVar[int] = 5

    @property
    def b(self) -> int:
        return 2

    def y(self) -> int:
        return 3


@dataclasses.dataclass(slots=True, frozen=True)
class Frozen:
    a: object = 1
    _a: int = 2


class Pair(NamedTuple):
    a: int = 1
    x: int = 2


class Slotted:
    __slots__ = ("_a", "a", "x")

    def __init__(self) -> None:
        self.a = 1


class Plain:
    limit = 5
    y = 7

    def __init__(self) -> None:
        self.a, self.y, self._a = 1, 2, 3

    @functools.cached_property
    def x(self) -> int:
        return 4


class Dynamic:
    def __init__(self) -> None:
        self.a = 1

    def __getattr__(self, name: str) -> str:
        return f"made {name}"


class Watched:
    def __init__(self) -> None:
        self.a = 1

    def __getattribute__(self, name: str) -> Any:
        return "watched" if name == "a" else super().__getattribute__(name)


class Entries(dict[str, object]):
    def y(self) -> int:
        return 3


class Refusing(dict[str, object]):
    """Fails where it is asked for some keys."""

    def get(self, key: str, default: object = None) -> object:  # type: ignore[override]
        if key in ("b", "x", "year"):
            raise ValueError(key)
        return super().get(key, default)


class Keys(str):
    __slots__ = ()


DATA: dict[str, object] = {"a": 1, "items": 2, "x": None, "é": 3}
VALUES = [
    *(Record(), Record(None), Record({"a": 1}), Frozen(), Pair(), Slotted(), Plain(), Dynamic()),
    *(Watched(), Entries(DATA), Refusing(DATA), DATA, {}, {1: 2}, {1: 2, "a": 3}, {Keys("a"): 1}),
    *(collections.OrderedDict(DATA), types.MappingProxyType(DATA), collections.ChainMap(DATA)),
    *(collections.defaultdict(list, DATA), collections.Counter("aab"), types.SimpleNamespace(a=1)),
    *(argparse.Namespace(a=print, x=1), logging.getLogger("root"), dt.date(2024, 5, 6)),
    *(pathlib.PurePosixPath("/a"), None, 1, "a", [1], ValueError("a"), Record, len, range(2)),
]
TEMPLATES = (
    *("{{.@}}", "{{print .@}}", "{{.@.a}}", "{{(.@).a.x}}", "{{len .@}}", "{{eq .@ 1}}"),
    *(
        "{{if .@}}y{{else}}n{{end}}",
        "{{with .@}}y{{end}}",
        "{{if not .@}}n{{end}}",
        "{{range .@}}y{{end}}",
    ),
    # Fields that are read together.
    *("<{{.a}}-{{.@}}>", "{{.@}}-{{.a}}-{{.x}}", "{{.@}}{{.@}}", "{{.@.a}}{{.a}}{{.@.x}}{{.a.x}}"),
    *("{{printf `%v-%v-%s` .a .@ .x}}", "{{if eq .a .@}}y{{end}}", "{{if .@}}{{.@}}{{.a}}{{end}}"),
)


@functools.cache
def parsed(text: str, option: str) -> gotmpl.Template:
    return gotmpl.Template("t").option(option).parse(text)


def outcome(text: str, data: object, option: str) -> tuple[str, ...]:
    """Return the output, or the reason of the error and where it is."""
    try:
        return (parsed(text, option).render(data),)
    except gotmpl.ExecError as error:
        return error.partial, error.reason, error.context


@pytest.mark.parametrize("option", ["missingkey=default", "missingkey=zero", "missingkey=error"])
@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_a_loop_gives_what_the_top_gives(value: object, option: str) -> None:
    for template in TEMPLATES:
        for name in NAMES:
            text = template.replace("@", name)
            loop = "{{range 1}}{{with $}}@{{end}}{{end}}".replace("@", text)
            top = "{{with .}}@{{end}}".replace("@", text)
            assert outcome(loop, value, option) == outcome(top, value, option), text


@pytest.mark.parametrize(
    "text", ["<{{.a}} {{.x}}>", "<{{.a}} {{printf `%v %v` .x .a}} {{.items}}>"]
)
def test_values_of_all_classes_take_turns_in_a_loop(text: str) -> None:
    loop = "{{range .}}@{{end}}".replace("@", text)
    for first, second in itertools.pairwise((*VALUES, *VALUES[::-3])):
        alone, partial = [], ""
        for row in (first, second, first):
            alone = list(outcome(loop, [row], "missingkey=default"))
            partial += alone[0]
            if len(alone) > 1:
                break
        assert outcome(loop, [first, second, first], "missingkey=default") == (partial, *alone[1:])


@pytest.mark.parametrize(
    "value",
    [
        *(Record(), Frozen(), Pair(), Slotted(), types.SimpleNamespace(a=1)),
        *(collections.OrderedDict(DATA), types.MappingProxyType(DATA), DATA, Entries(DATA)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_common_classes_are_read_without_asking_the_rules(value: object) -> None:
    read = READERS["a missing"][type(value)]
    assert read(value, "a", ...) == 1
    assert read(value, "missing", ...) is ...


@pytest.mark.parametrize(
    "value",
    [
        *(Record(None), Frozen(None), types.SimpleNamespace(a=None)),
        *(collections.OrderedDict(a=None), types.MappingProxyType({"a": None}), Entries(a=None)),
        Pair(None),  # type: ignore[arg-type]  # a type says what is usual
    ],
    ids=lambda value: type(value).__name__,
)
def test_none_is_read_without_asking_the_rules(value: object) -> None:
    assert READERS["a"][type(value)](value, "a", ...) is None


def test_no_field_is_read_early_beside_a_method_which_may_change_it() -> None:
    record = Record()
    early, where_needed = EARLY_READERS["a b"][Record], READERS["a b"][Record]
    assert [early(record, name, ...) for name in "ab"] == [..., ...]
    assert [where_needed(record, name, ...) for name in "ab"] == [1, ...]


class Counted(Mapping[object, object]):
    """A map that counts the keys that it is asked to list."""

    def __init__(self, keys: list[object]) -> None:
        self.entries = dict.fromkeys(keys, 1)
        self.listed = 0

    def __getitem__(self, key: object) -> object:
        return self.entries[key]

    def __len__(self) -> int:
        return len(self.entries)

    def __iter__(self) -> Iterator[object]:
        for key in self.entries:
            self.listed += 1
            yield key


@pytest.mark.parametrize("first", ["z", 0, None])
@pytest.mark.parametrize("text", ["{{.k7}}{{.missing}}", '{{range 9}}{{index $ "missing"}}{{end}}'])
def test_a_missing_key_lists_no_more_than_the_first_keys(text: str, first: object) -> None:
    counted = Counted([first, *(f"k{number}" for number in range(1000))])
    gotmpl.render(text, counted)
    assert counted.listed <= 3 * 9


@pytest.mark.parametrize(
    ("entries", "text", "result"),
    [
        ({1: "int", 2: "two"}, "{{index . 1}} {{index . 3}}", "int <no value>"),
        ({1: "int", "a": "text"}, '{{index . 1}} {{index . "a"}}', "int text"),
        ({1: "int", "a": "text"}, "{{index . 1.0}}", "<no value>"),
        ({True: "bool", 2: "two"}, "{{index . 1}} {{index . true}}", "<no value> bool"),
        ({1.0: "float", "a": 1}, "{{index . 1}} {{index . 1.0}}", "<no value> float"),
    ],
)
def test_numbers_that_are_one_key_to_python_are_not_to_go(
    entries: dict[object, object], text: str, result: str
) -> None:
    assert gotmpl.render(text, entries) == result


class Failing(type):
    def __getattr__(cls, name: str) -> Any:
        raise LookupError(name)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("x{{if false}}{{.a}}{{end}}", ("x",)),
        ("x{{with 1}}{{if 0}}{{$.a}}{{end}}{{end}}", ("x",)),
        ("x{{.a}}", ("x", "__go_type__", "{{.a}}")),
        ("x{{if 1}}y{{.a}}{{.b}}{{end}}", ("xy", "__go_type__", "{{.a}}")),
    ],
)
def test_a_class_that_cannot_be_asked_fails_where_a_field_is_read(
    text: str, wanted: tuple[str, ...]
) -> None:
    value = Failing("Host", (), {})()
    called = '{{define "in"}}@{{end}}{{template "in" .}}'.replace("@", text)
    for whole, data in (("{{range .}}@{{end}}".replace("@", text), [value]), (called, value)):
        assert outcome(whole, data, "missingkey=default") == wanted


@pytest.mark.parametrize(("base", "given"), [(str, "x"), (int, 1), (list, [1])])
def test_a_class_that_is_no_struct_is_not_asked_for_fields(base: type, given: object) -> None:
    value = Failing("Text", (base,), {"__go_type__": "p.Text"})(given)
    for text, context in (("{{.a}}", ".a"), ("{{range 1}}{{$.a}}{{end}}", "$.a")):
        wanted = ("", "can't evaluate field a in type p.Text", context)
        assert outcome(text, value, "missingkey=default") == wanted


def test_what_holds_a_value_that_cannot_be_asked_is_read_once() -> None:
    read = []

    class Noted(dict[str, object]):
        def get(self, key: str, default: object = None) -> object:  # type: ignore[override]
            read.append(key)
            return super().get(key, default)

    with pytest.raises(gotmpl.ExecError):
        gotmpl.render("{{range .}}{{.host.a}}{{end}}", [Noted(host=Failing("Host", (), {})())])
    assert read == ["host"]


def test_readers_of_many_classes_are_not_kept() -> None:
    for number in range(2000):
        assert READERS["a"][type(f"C{number}", (Frozen,), {})](Frozen(), "a", None) == 1
    assert sum(map(len, READERS.values())) <= 1024


def test_readers_of_many_names_are_not_kept() -> None:
    for number in range(1000):
        names = " ".join(["a", *(f"n{number}x{index}" for index in range(99))])
        assert READERS[names][Frozen](Frozen(), "a", None) == 1
    assert sum(names.count(" ") + 1 for names in READERS) <= 65536 + 100


def test_many_readers_of_one_class_are_not_kept() -> None:
    for number in range(20000):
        assert READERS[f"a n{number}"][Frozen](Frozen(), "a", None) == 1
    assert sum(map(len, READERS.values())) <= 8192


@pytest.mark.parametrize(("lists", "classes"), [(1, 300), (300, 1), (10, 60), (5000, 1), (8, 1000)])
def test_the_readers_of_one_execution_are_made_once(lists: int, classes: int) -> None:
    READERS.clear()
    hosts = [type(f"C{number}", (Frozen,), {}) for number in range(classes)]
    for number in range(lists):
        for cls in hosts:
            assert READERS[f"a n{number}"][cls](Frozen(), "a", None) == 1
    assert sum(map(len, READERS.values())) == lists * classes
