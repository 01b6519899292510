"""The values that an expression of a template may have, as samples of each of their Go types.

The samples of a type include one that is true and one that is false, if it has both, and lists with
and without elements. The module does not know trees.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from confd_lib.funcs.lookup import SRV
from confd_lib.funcs.sequences import KVPairs
from confd_lib.store.store import KVPair
from gotmpl import BUILTINS, Slice
from gotmpl.golang.time import Time, now

_PAIR: Final = KVPair("/k", "w")
# Longer texts and ranges are not followed: a template may double them again and again.
_MOST_EXACT: Final = 10_000
_SRV: Final = SRV("w", 1, 1, 1)


@dataclass(frozen=True, slots=True)
class Shape:
    """A Go type.

    Attributes:
        name: the type as Go prints it, and the value if there is only one.
        samples: values of the type.
        members: the kind of the values in it, if its own samples do not show it: `json`, or `any`;
            or these values.
    """

    name: str
    samples: tuple[object, ...] = field(compare=False)
    members: str | Value = ""


@dataclass(frozen=True, slots=True)
class Value:
    """The possible types of an expression.

    Attributes:
        shapes: its possible types; empty if nothing is known.
        exact: whether the one sample is the value itself.
        key: the key, if it is that of a `getv` without a default.
    """

    shapes: tuple[Shape, ...] = ()
    exact: bool = False
    key: str = ""

    @property
    def samples(self) -> tuple[object, ...]:
        """The samples of all types that it may have; of every type if nothing is known."""
        return tuple(one for shape in self.shapes or _EVERY for one in shape.samples)

    @property
    def tests(self) -> set[bool]:
        """The results that a condition may have."""
        return {not BUILTINS["not"](one) for one in self.samples}


def names(value: Value) -> str:
    """Return the types that a value may have, for a message."""
    return " or ".join(dict.fromkeys(type_name(shape.samples[-1]) for shape in value.shapes))


def type_name(value: object) -> str:
    """Return the type of a value as Go prints it.

    >>> type_name("a"), type_name(1.5)
    ('string', 'float64')
    """
    return str(BUILTINS["printf"]("%T", value))


def _shape(*samples: object, members: str = "") -> Shape:
    return Shape(type_name(samples[-1]), samples, members)


_JSON_LIST: Final = _shape([], [None], members="json")
_JSON_MAP: Final = _shape({}, {"k": None}, members="json")
_NIL: Final = _shape(None)
_FLOAT: Final = _shape(0.0, 1.5)
_TEXT: Final = _shape("", "w")
_BOOL: Final = _shape(False, True)  # noqa: FBT003 - two samples
_SHAPES: Final[dict[object, Shape]] = {
    str: _TEXT,
    int: _shape(0, 7),
    bool: _BOOL,
    float: _FLOAT,
    Slice[str]: _shape(Slice("string"), Slice("string", ["w"])),
    KVPairs: _shape(KVPairs(), KVPairs([_PAIR])),
    Slice[KVPair]: _shape(Slice(KVPair.__go_type__), Slice(KVPair.__go_type__, [_PAIR])),
    KVPair: _shape(_PAIR),
    range: _shape(range(0), range(7, 8)),
    Time: _shape(now()),
    Slice[SRV]: _shape(Slice(SRV.__go_type__), Slice(SRV.__go_type__, [_SRV])),
    SRV: _shape(_SRV),
    dict[str, object]: _JSON_MAP,
    list[object]: _JSON_LIST,
}
_BY_NAME: Final = {shape.name: shape for shape in (*_SHAPES.values(), _NIL)}
_EVERY: Final = (*_BY_NAME.values(), _shape(0j, 1j))

UNKNOWN: Final = Value()
# A value in JSON. Its numbers are floats, which comes first, as errors name the first type.
JSON: Final = Value((_FLOAT, _TEXT, _BOOL, _JSON_MAP, _JSON_LIST, _NIL))


def declared(annotation: object) -> Value:
    """Return what an annotation of a template function stands for; unknown for any value."""
    shape = _SHAPES.get(annotation)
    return Value((shape,)) if shape else UNKNOWN


def exactly(value: object) -> Value:
    """Return the value that a constant has; only its type if the value is large."""
    if isinstance(value, str | range) and len(value) > _MOST_EXACT:
        return like([value])
    return Value((Shape(f"{type_name(value)} {value!r}", (value,)),), exact=True)


def like(values: Iterable[object]) -> Value:
    """Return the values of the types that some values have; unknown if one is of no known type."""
    found = {type_name(value): None for value in values}
    shapes = tuple(_BY_NAME[name] for name in found if name in _BY_NAME)
    return Value(shapes) if len(shapes) == len(found) else UNKNOWN


def general(value: Value) -> Value:
    """Return what a value may be if only its type is known."""
    return like(value.samples) if value.exact else value


def mapped(values: Iterable[Value]) -> Value:
    """Return a map of some values, of which a template may read one by a key that is not there."""
    inside = union([*map(general, values), Value((_NIL,))])
    return Value((Shape(_JSON_MAP.name, _JSON_MAP.samples, inside if inside.shapes else "any"),))


def members(kind: str | Value) -> Value:
    """Return the values in a container, by `Shape.members`."""
    if isinstance(kind, Value):
        return kind
    return JSON if kind == "json" else UNKNOWN


def union(values: Iterable[Value]) -> Value:
    """Return what is one of some values; unknown if one of them is."""
    listed = list(values)
    if not all(one.shapes for one in listed):
        return UNKNOWN
    shapes = dict.fromkeys(shape for one in listed for shape in one.shapes)
    return Value(tuple(shapes))


def without_sample(error: str) -> str:
    """Return an error of printf without the value that was tried.

    >>> without_sample("%!d(string=x)")
    '%!d(string=…)'
    """
    head, mark, rest = error.partition("=")
    _, end, tail = rest.rpartition(")")
    return f"{head}=…){tail}" if mark and end else error
