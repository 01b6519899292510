"""Objects whose methods fail: nothing but TemplateError leaves an execution.

* Whatever a method of the data raises, at any place and with any builtin, the error is a
  TemplateError whose `__cause__` is that exception, or the method was not needed.
* What was rendered before the failure is in `partial`, and `execute` has written it.
"""

from __future__ import annotations

import collections
import dataclasses
import io
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gotmpl

# -- Objects of each protocol, whose methods raise as often as hypothesis says


class Planned(Exception):
    """Raised by the methods of hostile objects; cannot always print itself."""

    def __init__(self, *, mute: bool) -> None:
        super().__init__("planned")
        self.mute = mute

    def __str__(self) -> str:
        if self.mute:
            raise ValueError("mute")
        return "planned"


METHODS = (
    *("__getitem__", "__getattr__", "__getattribute__", "__len__", "__iter__", "__next__"),
    *("__contains__", "__str__", "__repr__", "__eq__", "__ne__", "__hash__", "__bool__"),
    *("__format__", "__lt__", "__le__", "__gt__", "__int__", "__index__", "__float__"),
    *("__complex__", "__call__", "__reversed__", "keys", "items", "get", "__copy__"),
    *("__reduce_ex__", "encode", "isascii", "name", "String", "Error", "__class__"),
)


class Items(Sequence[object]):
    def __len__(self) -> int:
        return 2

    def __getitem__(self, index: Any) -> Any:
        return ["a", "b"][index]


class Few(AbstractSet[object]):
    def __len__(self) -> int:
        return 1

    def __iter__(self) -> Iterator[object]:
        return iter(["a"])

    def __contains__(self, item: object) -> bool:
        return item == "a"


class Keys(Mapping[str, object]):
    def __len__(self) -> int:
        return 2

    def __getitem__(self, key: str) -> object:
        return {"name": "n", "list": [1]}[key]

    def __iter__(self) -> Iterator[str]:
        return iter(["name", "list"])


class Thing:
    def __init__(self) -> None:
        self.name = "n"
        self.list = [1]


@dataclasses.dataclass
class Record:
    name: str = "n"
    list: object = None


class Turns(Iterator[object]):
    def __init__(self) -> None:
        self.left = 2

    def __next__(self) -> object:
        self.left -= 1
        if self.left < 0:
            raise StopIteration
        return self.left


class Text(str):
    __slots__ = ()


class Number(int):
    __slots__ = ()


class Real(float):
    __slots__ = ()


class Bytes(bytes):
    __slots__ = ()


class Fault(Exception):
    pass


BASES: dict[type, tuple[object, ...]] = {
    Items: (),
    Few: (),
    Keys: (),
    Thing: (),
    Record: (),
    Turns: (),
    Text: ("text",),
    Number: (2,),
    Real: (1.5,),
    Bytes: (b"ab",),
    Fault: ("fault",),
    list: ([1, 2],),
    tuple: ([1, 2],),
    dict: ({"name": "n", "list": [1]},),
    set: ({1, 2},),
    collections.OrderedDict: ({"name": "n"},),
    collections.deque: ("ab",),
}


@dataclasses.dataclass(frozen=True)
class Recipe:
    """How to build a hostile object.

    Attributes:
        base: the class that it derives from.
        failing: the names of the methods that raise, once the object is complete.
        mute: whether what they raise cannot print itself either.
        within: what the object is put into.
    """

    base: type
    failing: frozenset[str]
    mute: bool
    within: str

    def value(self) -> object:
        armed: list[bool] = []
        methods: dict[str, object] = {name: self._method(name, armed) for name in self.failing}
        for name in {"name", "__class__"} & self.failing:
            methods[name] = property(self._method(name, armed), lambda *_: None)
        value = type(f"Hostile{self.base.__name__}", (self.base,), methods)(*BASES[self.base])
        armed.append(True)
        return WITHIN[self.within](value)

    def _method(self, name: str, armed: list[bool]) -> Callable[..., object]:
        def fail(*args: object, **kwargs: object) -> object:
            if armed:
                raise Planned(mute=self.mute)
            return getattr(self.base, name)(*args, **kwargs)

        return fail


WITHIN: dict[str, Callable[[Any], object]] = {
    "nothing": lambda value: value,
    "list": lambda value: [value, value],
    "dict": lambda value: {"name": value, "list": [value]},
    "record": lambda value: Record(name=value, list=[value]),
}


def recipes() -> st.SearchStrategy[Recipe]:
    """Return recipes of hostile objects."""
    failing = st.frozensets(st.sampled_from(METHODS), max_size=4)
    bases, within = st.sampled_from(list(BASES)), st.sampled_from(list(WITHIN))
    return st.builds(Recipe, bases, failing, st.booleans(), within)


PIECES = (
    *("{{.x}}", "{{.x.name}}", "{{.x.list.y}}", "{{.x.String}}", "{{.x.get 1}}", "{{$.x.name}}"),
    *("{{range .x}}{{.}}{{else}}-{{end}}", "{{range $i, $e := .x}}{{$i}}{{$e}}{{else}}-{{end}}"),
    *("{{if .x}}a{{else}}b{{end}}", "{{with .x}}{{.name}}{{end}}", "{{not .x}}"),
    *("{{and .x 1}}", "{{or .x 1}}", "{{len .x}}", "{{index .x 0}}", '{{index .x "name"}}'),
    *("{{index .l .x}}", "{{index .m .x}}", "{{slice .x 0 1}}", "{{slice .l .x}}", "{{call .x}}"),
    *("{{call .f .x}}", "{{f .x}}", "{{text .x}}", "{{list .x}}", "{{map .x}}", "{{int .x}}"),
    *("{{print .x 1 .x}}", "{{println .x}}", '{{printf "%v %s %d %q %x" .x .x .x .x .x}}'),
    *('{{printf "%T %#v %+v %5.2f %c" .x .x .x .x .x}}', '{{printf "%*d" .x 1}}', "{{printf .x}}"),
    *(
        "{{html .x}}",
        "{{js .x}}",
        "{{urlquery .x}}",
        "{{eq .x .x}}",
        '{{eq .x "a" 1}}',
        "{{ne 1 .x}}",
    ),
    *("{{lt .x 1}}", "{{le .x .x}}", '{{gt .x "a"}}', "{{ge 1.5 .x}}", '{{template "in" .x}}'),
    *("{{range .l}}{{$.x.name}}{{eq $.x 1}}{{printf `%d` $.x}}{{end}}", "{{len (slice .x 1)}}"),
)
AROUND = ("@", "{{range 1}}{{with $}}@{{end}}{{end}}", "{{if 1}}" * 20 + "@" + "{{end}}" * 20)


def takes_text(text: str) -> str:
    return text


def takes_list(items: list[object]) -> int:
    return len(items)


def takes_map(entries: dict[str, object]) -> int:
    return len(entries)


def takes_int(number: int) -> int:
    return number


FUNCS: dict[str, Callable[..., object]] = {
    "f": lambda value: value,
    "text": takes_text,
    "list": takes_list,
    "map": takes_map,
    "int": takes_int,
}


@settings(max_examples=600, deadline=None)
@given(
    recipe=recipes(),
    pieces=st.lists(st.sampled_from(PIECES), min_size=1, max_size=3),
    around=st.sampled_from(AROUND),
    limited=st.booleans(),
)
def test_nothing_but_template_error_leaves(
    recipe: Recipe, pieces: list[str], around: str, limited: bool
) -> None:
    inner = '{{define "in"}}{{.name}}{{end}}'
    template = gotmpl.Template("t").funcs(FUNCS)
    template.parse(f"{inner}start{around.replace('@', ''.join(pieces))}")
    if limited:
        template.limits(seconds=60, output=10**9, steps=10**9)
    out = io.StringIO()
    data = {"x": recipe.value(), "l": [1, 2], "m": {"a": 1}, "f": FUNCS["f"]}
    error = failure(template, out, data)
    assert out.getvalue().startswith("start")
    if error is not None:
        assert str(error).startswith("template: t:1:")
        assert out.getvalue() == error.partial


def failure(template: gotmpl.Template, out: io.StringIO, data: object) -> gotmpl.ExecError | None:
    """Return the error of an execution; any other exception escapes."""
    try:
        template.execute(out, data)
    except gotmpl.ExecError as error:
        return error
    return None


# -- Cases


class Away(Mapping[str, object]):
    def __getitem__(self, key: str) -> object:
        raise Planned(mute=False)

    def __iter__(self) -> Iterator[str]:
        return iter(["a"])

    def __len__(self) -> int:
        return 1


class Lazy:
    @property
    def name(self) -> str:
        raise Planned(mute=False)


class Unprintable:
    def __str__(self) -> str:
        raise Planned(mute=False)


class Unhashable(str):
    __slots__ = ()

    def __hash__(self) -> int:
        raise Planned(mute=False)


class Endless(Sequence[int]):
    def __len__(self) -> int:
        raise Planned(mute=False)

    def __getitem__(self, index: Any) -> Any:
        return 1


def stops() -> Iterator[int]:
    yield 1
    raise Planned(mute=False)


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("{{.a}}", Away()),
        ("{{.}}", Away()),
        ("{{range .}}{{end}}", Away()),
        ('{{index . "a"}}', Away()),
        ("{{.name}}", Lazy()),
        ("{{range .}}{{end}}", stops()),
        ("{{len .}}", Endless()),
        ("{{if .}}{{end}}", Endless()),
        ("{{index . 0}}", Endless()),
        ("{{.}}", Endless()),
    ],
)
def test_the_exception_is_the_cause(text: str, data: object) -> None:
    with pytest.raises(gotmpl.ExecError, match="planned") as caught:
        gotmpl.render(f"before{text}", data)
    assert isinstance(caught.value.__cause__, Planned)
    assert caught.value.partial == "before"


@pytest.mark.parametrize("text", ["{{.}}", "{{print .}}", "{{html .}}", '{{printf "%s" .}}'])
@pytest.mark.parametrize("value", [Unprintable(), [Unprintable()], ValueError(Unprintable())])
def test_a_text_that_raises_ends_the_execution(text: str, value: object) -> None:
    with pytest.raises(gotmpl.ExecError, match="planned") as caught:
        gotmpl.render(f"before{text}", value)
    assert isinstance(caught.value.__cause__, Planned)
    assert caught.value.partial == "before"


def test_an_exception_that_cannot_print_itself_is_named() -> None:
    class Silent:
        @property
        def name(self) -> str:
            raise Planned(mute=True)

    with pytest.raises(gotmpl.ExecError, match=r"error calling name: Planned$"):
        gotmpl.render("{{.name}}", Silent())


def test_an_exception_without_a_text_is_named() -> None:
    def fail() -> str:
        raise TimeoutError

    with pytest.raises(gotmpl.ExecError, match=r"error calling fail: TimeoutError$"):
        gotmpl.render("{{fail}}", funcs={"fail": fail})


def test_a_function_whose_signature_raises_has_no_place() -> None:
    class Odd:
        @property
        def __signature__(self) -> object:
            raise Planned(mute=False)

        def __call__(self) -> str:
            return ""

    with pytest.raises(gotmpl.ExecError, match=r"^template: t: planned$") as caught:
        gotmpl.Template("t").funcs({"f": Odd()}).parse("{{f}}").render()
    assert isinstance(caught.value.__cause__, Planned)


@pytest.mark.parametrize("text", ["{{.}}", "{{eq .x .x}}", "{{range .}}{{.}}{{end}}", "{{html .}}"])
def test_cyclic_data_end(text: str) -> None:
    thing = Thing()
    thing.list = [thing]
    ring: dict[str, object] = {"x": thing}
    ring["ring"] = ring
    with pytest.raises(gotmpl.ExecError):
        gotmpl.render(text, ring)


def test_integers_of_any_length_are_an_error_or_a_text() -> None:
    number = 10**9_999
    for text in ("{{.}}", "{{print .}}", '{{printf "%d" .}}', "{{range 1}}{{$}}{{end}}"):
        with pytest.raises(gotmpl.ExecError, match="4300 digits"):
            gotmpl.render(text, number)
    assert gotmpl.render('{{eq . .}} {{len (printf "%x" .)}} {{if .}}yes{{end}}', number) == (
        f"true {len(f'{number:x}')} yes"
    )


# -- Classes that are odd themselves


def boom(*_: object, **__: object) -> Any:
    raise Planned(mute=False)


class OddNames(type):
    def __getattribute__(cls, name: str) -> Any:
        if name in ("__name__", "__module__", "__go_type__", "__mro__", "__slots__", "_fields"):
            boom()
        return super().__getattribute__(name)


class OddHash(type):
    __hash__ = boom
    __eq__ = boom


def odd(*bases: type, meta: type = type, **members: object) -> Callable[[], object]:
    """Return what makes a value of a class of these members: pytest reads attributes of values."""

    def build() -> object:
        cls = types.new_class(
            "Odd", bases, {"metaclass": meta}, lambda names: names.update(members)
        )
        value: object = cls()
        return value

    return build


ODD: list[Callable[[], object]] = [
    odd(meta=OddNames),
    odd(meta=OddHash),
    odd(__module__=None, name="n"),
    odd(__module__=5, name="n"),
    odd(__dict__=property(boom)),
    odd(tuple, _fields=5),
    odd(tuple, _fields=("name", "missing")),
    odd(__dataclass_fields__=5),
    odd(__go_type__=property(boom)),
    odd(__class__=property(boom)),
    odd(__class__=property(lambda _: dict)),
    odd(dict, __class__=property(lambda _: int)),
    odd(__class__=property(lambda _: ValueError)),
    odd(__call__=boom, __signature__=property(boom)),
    odd(list, __len__=lambda _: -1),
    odd(list, __len__=lambda _: 2**70),
    odd(__str__=lambda _: 5),
    odd(String=lambda _: 5),
    odd(ValueError, __str__=lambda _: 5),
    odd(__getattribute__=boom),
    lambda: memoryview(b"abcd").cast("B", (2, 2)),
    lambda: "\ud800",
    lambda: types.SimpleNamespace(**{"x y": 1, "": 2}),
    lambda: {
        1: 2,
        "a": 3,
        None: 4,
        (1, "a"): 5,
        (1, 2): 6,
        1j: 7,
        float("nan"): 8,
        frozenset("a"): 9,
    },
]


@pytest.mark.parametrize("build", ODD)
def test_odd_classes_are_an_error_or_a_text(build: Callable[[], object]) -> None:
    value = build()
    for piece in PIECES:
        template = gotmpl.Template("t").funcs(FUNCS)
        template.parse(f'{{{{define "in"}}}}{{{{.name}}}}{{{{end}}}}start{piece}')
        out = io.StringIO()
        for data in (value, [value], {"x": value, "l": [1, 2], "m": {"a": 1}, "f": FUNCS["f"]}):
            failure(template, out, data)
        assert out.getvalue().startswith("start")
