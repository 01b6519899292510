"""The functions that every template has, as plain Python functions: Go's `text/template/funcs.go`.

`and` and `or` stop early only in generated code. Failures are a `FuncError` in Go's words, without
the place. Knows no templates.
"""

from __future__ import annotations

import copy
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from gotmpl.builtins.comparison import eq, ge, gt, le, lt, ne
from gotmpl.builtins.escaping import escape_html, escape_js, escape_query
from gotmpl.errors import FuncError
from gotmpl.fmt.printf import sprintf
from gotmpl.fmt.printing import join_operands, sprint, sprintln, to_text
from gotmpl.strconv.quoting import from_utf8, utf8
from gotmpl.values.arguments import arguments
from gotmpl.values.keys import has_string_keys, stored_key
from gotmpl.values.kinds import (
    DICTS,
    INTERFACE,
    Interface,
    Kind,
    Map,
    Uint8,
    is_func,
    is_true,
    kind,
    plain,
    stands_for,
)
from gotmpl.values.names import key_type_name, type_name
from gotmpl.values.signatures import Refused, Signature
from gotmpl.values.slices import element, part

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

# -- Logic


def and_(first: object, /, *others: object) -> object:
    """Return the first value that is false, or the last.

    >>> and_(1, 0, 2)
    0
    """
    values = (first, *others)
    return next((value for value in values if not is_true(value)), values[-1])


def or_(first: object, /, *others: object) -> object:
    """Return the first value that is true, or the last.

    >>> or_(0, "", "x")
    'x'
    """
    values = (first, *others)
    return next((value for value in values if is_true(value)), values[-1])


def not_(value: object, /) -> bool:
    """Return whether a value is false."""
    return not is_true(value)


# -- Indexing


def _position(index: object, limit: int) -> int:
    """Return the index as an int from 0 to the limit, which is included (Go: indexArg)."""
    if type(index) is int and 0 <= index <= limit:
        return index
    if index is None:
        raise FuncError("cannot index slice/array with nil")
    if kind(index) not in (Kind.INT, Kind.UINT8):
        raise FuncError(f"cannot index slice/array with type {type_name(index)}")
    position: int = plain(index)  # type: ignore[assignment]  # the kind says int
    if 0 <= position <= limit:
        return position
    raise FuncError(f"index out of range: {position}")


def _element(item: Sequence[object], index: object) -> object:
    position = _position(index, len(item))
    if position == len(item):  # Go lets it pass, and reflect panics
        raise FuncError("reflect: slice index out of range")
    return element(item, position)


def _byte(item: str, index: object) -> Uint8:
    data = utf8(plain(item))
    position = _position(index, len(data))
    if position == len(data):
        raise FuncError("reflect: string index out of range")
    return Uint8(data[position])


def _check_key(key: object, want: str) -> None:
    """Refuse a key of the wrong type (Go: prepareArg), or one that cannot be hashed."""
    got = type_name(key)
    if want == INTERFACE and kind(key) in (Kind.SLICE, Kind.MAP, Kind.FUNC):
        raise FuncError(f"runtime error: hash of unhashable type {got}")
    if want in (INTERFACE, got) or (want == "int" and kind(key) in (Kind.INT, Kind.UINT8)):
        return
    if key is None:
        raise FuncError(f"value is nil; should be of type {want}")
    raise FuncError(f"value has type {got}; should be {want}")


# 1, 1.0 and True are one key to Python and three to Go.
_ONE_TO_PYTHON: Final = (int, float, bool)


def _value(item: Mapping[object, object], key: object) -> object:
    """Return the value of a key; where the map lacks it, Go's zero value, which may be nil."""
    if type(key) is str:
        if key in item:
            return item[key]
        if isinstance(item, Map):
            return item.zero
        if has_string_keys(item):
            return None
    elif type(item) is dict and type(key) in _ONE_TO_PYTHON:
        stored = stored_key(item, key)
        if type(stored) is type(key):
            return item[stored]
        if stored is None and type(next(iter(item), None)) is type(key):
            return None
    want = key_type_name(item)
    _check_key(key, want)
    if want != INTERFACE:
        return item.get(key)
    return next((item[mine] for mine in item if mine == key and kind(mine) is kind(key)), None)


_INDEXED: Final[Mapping[Kind, Callable[[Any, object], object]]] = {
    Kind.MAP: _value,
    Kind.SLICE: _element,
    Kind.STRING: _byte,
}


def _index_one(item: object, index: object) -> object:
    find = _INDEXED.get(kind(item))
    if find:
        return find(item, index)
    if item is None:
        raise FuncError("index of nil pointer")
    raise FuncError(f"can't index item of type {type_name(item).removeprefix('*')}")


def index(item: object, /, *indexes: object) -> object:
    """Return an element of an item, by one index after another: `index x 1 "a"` is x[1]["a"].

    Raises:
        FuncError: an item has no such index, or cannot be indexed.

    >>> index({"a": [1, 2]}, "a", 1)
    2
    """
    if item is None:
        raise FuncError("index of untyped nil")
    found: Any = item
    for one in indexes:
        cls = type(found)
        if type(one) is str and cls in DICTS and (one in found or has_string_keys(found)):
            found = dict.get(found, one)
        elif type(one) is int and (cls is list or cls is tuple) and 0 <= one < len(found):
            found = found[one]
        else:
            found = _index_one(found, one)
    return found


# -- Slicing


def _slice_bounds(indexes: Sequence[object], size: int) -> tuple[int, int]:
    count = len(indexes)
    start = _position(indexes[0], size) if count else 0
    stop = _position(indexes[1], size) if count > 1 else size
    limit = _position(indexes[2], size) if count > 2 else size
    if start > stop:
        raise FuncError(f"invalid slice index: {start} > {stop}")
    if stop > limit:
        raise FuncError(f"invalid slice index: {stop} > {limit}")
    return start, stop


def _same_type(item: Any, taken: Any) -> Any:
    """Return a part as a value of the item's type, if that is a named type."""
    cls = type(item)
    if cls is type(taken):
        return taken
    if stands_for(cls):
        return taken
    if issubclass(cls, str):
        return str.__new__(cls, taken)
    if issubclass(cls, list):
        whole = copy.copy(item)
        whole[:] = taken
        return whole
    return taken


def _slice_string(item: str, indexes: Sequence[object]) -> object:
    if len(indexes) == 3:
        raise FuncError("cannot 3-index slice a string")
    text = plain(item)
    if text.isascii():
        start, stop = _slice_bounds(indexes, len(text))
        return _same_type(item, text[start:stop])
    data = utf8(text)
    start, stop = _slice_bounds(indexes, len(data))
    return _same_type(item, from_utf8(data[start:stop]))


def slice_(item: object, /, *indexes: object) -> object:
    """Return the part of a string, by bytes, or of a list: `slice x 1 2` is x[1:2].

    Raises:
        FuncError: the indexes do not fit, or the item has no parts.

    >>> slice_("abc", 1), slice_([1, 2, 3], 0, 2)
    ('bc', [1, 2])
    """
    if item is None:
        raise FuncError("slice of untyped nil")
    if len(indexes) > 3:
        raise FuncError(f"too many slice indexes: {len(indexes)}")
    if isinstance(item, str):
        return _slice_string(item, indexes)
    if kind(item) is not Kind.SLICE:
        raise FuncError(f"can't slice item of type {type_name(item).removeprefix('*')}")
    start, stop = _slice_bounds(indexes, len(item))  # type: ignore[arg-type]  # the kind says so
    return _same_type(item, part(item, start, stop))


_SIZED: Final = frozenset({dict, list, tuple})  # the most common types that `len` takes


def len_(item: object, /) -> int:
    """Return the length of a string in bytes, of a list or of a map.

    >>> len_("é"), len_({"a": 1})
    (2, 1)
    """
    if type(item) in _SIZED:
        return len(item)  # type: ignore[arg-type]  # the type says so
    if isinstance(item, str):
        text = plain(item)
        return len(text) if text.isascii() else len(utf8(text))
    if item is None:
        raise FuncError("reflect: call of reflect.Value.Type on zero Value")
    if isinstance(item, Interface):  # only nil is passed so
        raise FuncError("len of nil pointer")
    if kind(item) in (Kind.SLICE, Kind.MAP):
        return len(item)  # type: ignore[arg-type]  # the kind says so
    if kind(item) is Kind.CHAN:
        return 0  # an iterator has no buffer
    raise FuncError(f"len of type {type_name(item).removeprefix('*')}")


# -- Calling


def call(function: object, *args: object, name: str | None = None) -> object:
    """Return the result of a function that is data (Go: the builtin `call`).

    Args:
        function: the function.
        args: its arguments.
        name: how the template spells the function; None if it does not.

    Raises:
        FuncError: the value is not a function, or takes other arguments.
    """
    if function is None:
        raise FuncError("call of nil")
    if name is None:  # Go: reflect.Value.String
        name = function if isinstance(function, str) else f"<{type_name(function)} Value>"
    if not is_func(function) or not callable(function):
        raise FuncError(f"non-function {name} of type {type_name(function)}")
    signature = Signature.of(function)
    few = len(args) < signature.required
    if few or (signature.variadic is None and len(args) > len(signature.params)):
        least = "at least " if signature.variadic else ""
        want = signature.required if few else len(signature.params)
        raise FuncError(f"wrong number of args for {name}: got {len(args)} want {least}{want}")
    try:
        return function(*arguments(signature, args))
    except Refused as refused:
        raise FuncError(str(refused)) from None


# -- Printing and escaping


def print_(*args: object) -> str:
    """Return the arguments as one text, with a space between two that are no strings."""
    return sprint(args)


def printf(format: str, /, *args: object) -> str:  # noqa: A002 - the name that Go gives it
    """Return the format with its verbs replaced by the arguments, as Go's fmt does."""
    return sprintf(format, args)


def println(*args: object) -> str:
    """Return the arguments with spaces between them and a new line behind them."""
    return sprintln(args)


def _eval_args(args: Sequence[object]) -> str:
    """Return the arguments as a template would write them (Go: evalArgs)."""
    if len(args) == 1:
        return args[0] if type(args[0]) is str else to_text(args[0])
    kinds = (Kind.STRING, Kind.INVALID)  # nil has become the string `<no value>`
    return join_operands(
        [(arg, True) if type(arg) is str else (to_text(arg), kind(arg) in kinds) for arg in args]
    )


def html(*args: object) -> str:
    """Return the arguments as text for HTML.

    >>> html("<", None)
    '&lt;&lt;no value&gt;'
    """
    return escape_html(_eval_args(args))


def js(*args: object) -> str:
    """Return the arguments as text for a JavaScript string."""
    return escape_js(_eval_args(args))


def urlquery(*args: object) -> str:
    """Return the arguments as text for a URL's query."""
    return escape_query(_eval_args(args))


BUILTINS: Final[Mapping[str, Callable[..., object]]] = MappingProxyType(
    {
        "and": and_,
        "call": call,
        "eq": eq,
        "ge": ge,
        "gt": gt,
        "html": html,
        "index": index,
        "js": js,
        "le": le,
        "len": len_,
        "lt": lt,
        "ne": ne,
        "not": not_,
        "or": or_,
        "print": print_,
        "printf": printf,
        "println": println,
        "slice": slice_,
        "urlquery": urlquery,
    }
)
