"""Values as text, as Go's `fmt` writes them: `{{.}}`, `print` and `println`.

Prints containers, values with a method for it, and `fmt`'s error texts; the basic kinds are in
`verbs`, `printf` is in a module of its own. Knows nothing of templates.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from gotmpl.errors import FuncError, message
from gotmpl.fmt.formats import PLAIN, Spec
from gotmpl.fmt.verbs import VERBS, format_0x, format_hex_bytes, format_quoted, format_string, pad
from gotmpl.limits import FEW, LARGE, check_limits, checked, numbers
from gotmpl.strconv.floats import shortest
from gotmpl.strconv.quoting import from_utf8, merge_escapes, quote
from gotmpl.values.fields import go_string, has_content, method, struct_items
from gotmpl.values.keys import sorted_items, sorted_keys
from gotmpl.values.kinds import Kind, Uint8, is_bytes, kind, plain
from gotmpl.values.names import type_name
from gotmpl.values.slices import elements

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

NO_VALUE: Final = "<no value>"  # what a template prints for nil
NIL: Final = "<nil>"
MANY: Final = 32  # limits are checked during the join of this many pieces or more
_MAX_DEPTH: Final = 100_000  # such a value ends Go's process


# -- Values made of Python's own types alone, which are tried first

_Texts = Mapping[type, Callable[[Any], str]]
# How %v without flags prints the most common types.
SIMPLE_TEXTS: Final[_Texts] = {
    str: str,
    int: str,
    float: shortest,
    bool: {True: "true", False: "false"}.__getitem__,
}


def _by_lots(text_of: Callable[[Any], str], items: Sequence[object]) -> str:
    """Return the text of many items, and check the limits from time to time."""
    lots: list[str] = []
    made = 0
    for start in range(0, len(items), FEW):
        lots.append(text_of(items[start : start + FEW]))
        made += len(lots[-1])
        check_limits(made)
    return " ".join(lots)


# Loops with `append` are used here: a comprehension in such a function costs half as much again.


def _items_text(texts: _Texts) -> Callable[[Sequence[Any]], str]:
    """Return what prints the items of a slice by a table."""
    unchanged = str if texts.get(str) is str else None  # values of this type are their own texts

    def text_of(items: Sequence[Any]) -> str:
        for item in items:
            if type(item) is not unchanged:
                break
        else:
            return " ".join(items)
        pieces = []
        for item in items:
            pieces.append(texts[type(item)](item))  # noqa: PERF401
        return " ".join(pieces)

    return text_of


def _pairs_text(texts: _Texts) -> Callable[[Sequence[tuple[Any, Any]]], str]:
    """Return what prints the keys and elements of a map by a table."""
    unchanged = str if texts.get(str) is str else None

    def text_of(pairs: Sequence[tuple[Any, Any]]) -> str:
        pieces = []
        for key, item in pairs:
            name = key if type(key) is unchanged else texts[type(key)](key)
            text = item if type(item) is unchanged else texts[type(item)](item)
            pieces.append(f"{name}:{text}")
        return " ".join(pieces)

    return text_of


def _one_deeper(texts: _Texts, most: float = LARGE) -> _Texts:
    """Return a table that prints slices and maps too, whose items `texts` prints.

    Its functions raise `KeyError` for what `_format` has to print: a value with a type that `texts`
    lacks, or with a text of more than `most` characters, which may be in others many times.
    """
    of_items, of_pairs = _items_text(texts), _pairs_text(texts)

    def in_slice(value: Sequence[Any]) -> str:
        text = of_items(value) if len(value) < MANY else _by_lots(of_items, value)
        if len(text) > most:
            raise KeyError(most)
        return f"[{text}]"

    def in_map(value: Mapping[Any, Any]) -> str:
        pairs = sorted_items(value)
        text = of_pairs(pairs) if len(pairs) < MANY else _by_lots(of_pairs, pairs)
        if len(text) > most:
            raise KeyError(most)
        return f"map[{text}]"

    return {**texts, list: in_slice, tuple: in_slice, dict: in_map}


# How verbs without flags print the common types that they fit.
_VERB_TEXTS: Final[Mapping[str, _Texts]] = {
    "v": {**SIMPLE_TEXTS, type(None): lambda _: NIL},
    "s": {str: str},
    "d": {int: str},
    "q": {str: quote},
    "t": {bool: SIMPLE_TEXTS[bool]},
}
# The same with slices and maps, three of them in each other.
_TEXTS: Final[Mapping[str, _Texts]] = {
    verb: _one_deeper(_one_deeper(_one_deeper(texts)), most=math.inf)
    for verb, texts in _VERB_TEXTS.items()
}


def common_text(value: object, verb: str = "v") -> str | None:
    """Return what a verb without flags prints of a value of common types; None of any other.

    >>> common_text(["a", {"b": 1.5}]), common_text(["a", 1], "s")
    ('[a map[b:1.5]]', None)
    """
    write = _TEXTS[verb].get(type(value)) if verb in _TEXTS else None
    try:
        return write(value) if write else None
    except KeyError:
        return None


def _shown(write: Callable[[Any], str]) -> Callable[[Any], str]:
    """Return what prints any slice or map of a type, where `write` prints the common ones."""

    def text_of(value: object) -> str:
        try:
            return write(value)
        except KeyError:
            pass
        return format_value(value, PLAIN)

    return text_of


# How a template prints all values of the common types: nil otherwise than `%v` does.
SHOWN_TEXTS: Final[_Texts] = {
    **SIMPLE_TEXTS,
    type(None): lambda _: NO_VALUE,
    **{cls: _shown(_TEXTS["v"][cls]) for cls in (list, tuple, dict)},
}


# -- Error texts


def _bad_verb(value: object, spec: Spec) -> str:
    """Return the error text of a verb that does not fit, with the same flags (Go: badVerb)."""
    if value is None:
        return f"%!{spec.verb}({NIL})"
    text = _format(value, replace(spec, verb="v", erroring=True))
    return f"%!{spec.verb}({type_name(value)}={text})"


# -- Containers, as texts and what is nested in them


class _Nested(NamedTuple):
    """A value still to be printed, and its depth."""

    value: object
    depth: int


_Parts = list["str | _Nested"]


def _nested(value: object, spec: Spec, depth: int) -> str | _Nested:
    if spec is PLAIN:
        write = SIMPLE_TEXTS.get(type(value))
        return write(value) if write else _Nested(value, depth)
    format_ = _SIMPLE_VERBS.get(type(value), {}).get(spec.verb)
    return format_(value, spec) if format_ else _Nested(value, depth)


def _enclose(value: object, spec: Spec, marks: str, groups: Iterable[_Parts]) -> _Parts:
    """Return the groups between brackets, or as a Go literal of the value's type."""
    start, comma, end = marks[:-1], " ", marks[-1]
    if spec.sharp_v:
        start, comma, end = type_name(value).removeprefix("*") + "{", ", ", "}"
    parts: _Parts = [start]
    for group in groups:
        if len(parts) > 1:
            parts.append(comma)
        parts += group
    parts.append(end)
    return parts


def _in_slice(value: Iterable[object], spec: Spec, depth: int) -> _Parts:
    inner = depth + 1
    # A range takes memory only when it is printed.
    items = numbers(value) if isinstance(value, range) else elements(value)
    printed: _Parts = [_nested(item, spec, inner) for item in items]
    return _enclose(value, spec, "[]", ([item] for item in printed))


def _in_map(value: Mapping[object, object], spec: Spec, depth: int) -> _Parts:
    inner = depth + 1
    pairs: Iterable[_Parts] = (
        [_nested(key, spec, inner), ":", _nested(value[key], spec, inner)]
        for key in sorted_keys(value)
    )
    return _enclose(value, spec, "map[]", pairs)


def _in_struct(value: object, spec: Spec, depth: int) -> _Parts:
    if not has_content(value):
        return [_textual(value, spec)]
    named = spec.plus_v or spec.sharp_v
    fields: Iterable[_Parts] = (
        [f"{name}:" if named else "", _nested(item, spec, depth + 1)]
        for name, item in struct_items(value)
    )
    return _enclose(value, spec, "{}", fields)


def _textual(value: object, spec: Spec) -> str:
    """Return the text of a value without fields, for a verb that does not print texts."""
    found = go_string(value)
    if found is None:
        raise FuncError(f"can't print a value of type {type_name(value)}")
    _, text = found
    return f"{text()}" if spec.verb == "v" else f"%!{spec.verb}({type_name(value)}={text()})"


def _in_pointer(value: object, spec: Spec, depth: int) -> _Parts:
    if depth > 0:  # Go follows a pointer at the top level only
        return [_format_address(value, spec)]
    return ["&", *_in_struct(value, spec, depth)]


def _in_address(value: object, spec: Spec, _depth: int) -> _Parts:
    return [_format_address(value, spec)]


_CONTAINERS: Final[Mapping[Kind, Callable[[Any, Spec, int], _Parts]]] = {
    Kind.SLICE: _in_slice,
    Kind.MAP: _in_map,
    Kind.STRUCT: _in_struct,
    Kind.POINTER: _in_pointer,
    Kind.FUNC: _in_address,
    Kind.CHAN: _in_address,
}


# -- Addresses and bytes

_HAVE_ADDRESS: Final = (Kind.SLICE, Kind.MAP, Kind.POINTER, Kind.FUNC, Kind.CHAN)


def _format_address(value: object, spec: Spec) -> str:
    """Go: fmtPointer."""
    if kind(value) not in _HAVE_ADDRESS:
        return _bad_verb(value, spec)
    address = id(value)
    if spec.verb == "v" and spec.sharp_v:
        return f"({type_name(value)})({format_0x(address, spec)})"
    if spec.verb in ("v", "p"):
        return format_0x(address, spec, leading=not spec.sharp)
    if spec.verb in ("b", "o", "d", "x", "X"):
        return VERBS[Kind.UINT8][spec.verb](address, spec)
    return _bad_verb(value, spec)


def _format_bytes(value: bytes, spec: Spec) -> str | None:
    """Return the bytes as text if the verb prints text, else None (Go: fmtBytes)."""
    match spec.verb:
        case "s":
            return format_string(from_utf8(value), spec)
        case "q":
            return format_quoted(from_utf8(value), spec)
        case "x" | "X":
            return format_hex_bytes(value, spec)
    return None


# -- Methods


def _panicked(error: BaseException, name: str, spec: Spec) -> str:
    """Go: catchPanic."""
    return f"%!{spec.verb}(PANIC={name} method: {format_value(message(error), PLAIN)})"


def _own_text(value: object, spec: Spec) -> str | None:
    """Return the text of the value's own method, if the verb uses it (Go: handleMethods)."""
    if spec.erroring:
        return None
    if spec.verb == "w":
        return _bad_verb(value, spec)
    write = VERBS[Kind.STRING].get("s" if spec.sharp_v else spec.verb)
    name, text = "GoString", method(value, "GoString")
    if not spec.sharp_v:
        name, text = go_string(value) or ("", None)
    if write is None or text is None:
        return None
    if not name or isinstance(value, BaseException):
        return write(text(), spec)  # `__str__` is no method of Go's: what it raises ends all
    try:
        return write(text(), spec)
    except Exception as error:  # noqa: BLE001 - whatever a method of the user's may raise
        return _panicked(error, name, spec)


_SIMPLE: Final = frozenset({bool, int, float, complex, str, bytes, Uint8})
_WITHOUT_METHODS: Final = _SIMPLE | {list, tuple, dict}


def _may_have_methods(value: object, spec: Spec, depth: int) -> bool:
    """Return whether Go looks for methods; with the verb `w` that alone is an error."""
    if spec.verb == "w":
        return depth > 0 or type(value) not in _SIMPLE
    return type(value) not in _WITHOUT_METHODS


# -- Any value


def _expand(value: object, spec: Spec, depth: int) -> str | _Parts:
    """Return the text of a value, or the parts of a container (Go: printValue)."""
    if value is None:
        return "interface {}(nil)" if spec.sharp_v else NIL
    if depth and spec is PLAIN and (text := common_text(value)) is not None:
        return text
    if _may_have_methods(value, spec, depth) and (text := _own_text(value, spec)) is not None:
        return text
    of_kind = kind(value)
    if verbs := VERBS.get(of_kind):
        write = verbs.get(spec.verb)
        return write(plain(value), spec) if write else _bad_verb(value, spec)
    if is_bytes(value):
        text = _format_bytes(bytes(value), spec)
        if text is not None:
            return text
    return _CONTAINERS[of_kind](value, spec, depth)


def _format(value: object, spec: Spec) -> str:
    """Print a value and all nested values, without recursion."""
    out: list[str] = []
    waiting: _Parts = [_Nested(value, 0)]
    made, unchecked = 0, LARGE
    while waiting:
        part = waiting.pop()
        if isinstance(part, str):
            out.append(part)
            continue
        if part.depth > _MAX_DEPTH:
            raise FuncError("value is nested too deeply to be printed")
        text = _expand(part.value, spec, part.depth)
        made += len(text)
        if made > unchecked:
            check_limits(made)  # one container may occur in others many times
            unchecked = made + LARGE
        if isinstance(text, str):
            out.append(text)
        else:
            waiting.extend(reversed(text))
    return _joined(out)


# The verbs of types that have no methods.
_SIMPLE_VERBS: Final = {
    bool: VERBS[Kind.BOOL],
    int: VERBS[Kind.INT],
    float: VERBS[Kind.FLOAT64],
    complex: VERBS[Kind.COMPLEX128],
    str: VERBS[Kind.STRING],
}


def format_value(value: object, spec: Spec) -> str:
    """Print one value by one directive (Go: printArg).

    >>> format_value(["a", None], PLAIN)
    '[a <nil>]'
    """
    write = _SIMPLE_VERBS.get(type(value), {}).get(spec.verb)
    if write:
        return write(value, spec)
    if value is None:
        return pad(NIL, spec) if spec.verb in ("v", "T") else _bad_verb(value, spec)
    if spec.verb == "T":
        return format_string(type_name(value), spec)
    if spec.verb == "p":
        return _format_address(value, spec)
    text = _format(value, spec)
    if type(value) is bytes and spec.sharp_v and spec.verb == "v":
        return text.replace("[]uint8", "[]byte", 1)  # Go: printArg names it so, printValue does not
    return text


# -- print and println


def _is_string(value: object) -> bool:
    return type(value) is str or (type(value) not in SIMPLE_TEXTS and kind(value) is Kind.STRING)


def _quick(value: object) -> str:
    """Print one operand as `%v` does."""
    write = SIMPLE_TEXTS.get(type(value))
    text = write(value) if write else common_text(value)
    return format_value(value, PLAIN) if text is None else text


def join_operands(operands: Iterable[tuple[str, bool]]) -> str:
    """Join texts, with a space between two that both are no strings (Go: doPrint)."""
    out: list[str] = []
    was_string = True
    for text, is_string in operands:
        if not is_string and not was_string:
            out.append(" ")
        out.append(text)
        was_string = is_string
    return merge_escapes(_joined(out))


def _joined(pieces: Sequence[str], between: str = "") -> str:
    """Join pieces; one long text may be among them many times."""
    return between.join(pieces if len(pieces) < MANY else checked(pieces))


def sprint(args: Sequence[object]) -> str:
    """Print the operands, with a space between two that are no strings (Go: fmt.Sprint).

    >>> sprint([1, 2, "a", None])
    '1 2a<nil>'
    """
    return join_operands(
        [(arg, True) if type(arg) is str else (_quick(arg), _is_string(arg)) for arg in args]
    )


def sprintln(args: Sequence[object]) -> str:
    r"""Print the operands with spaces between them and a final newline (Go: fmt.Sprintln).

    >>> sprintln(["a", 1])
    'a 1\n'
    """
    texts = [arg if type(arg) is str else _quick(arg) for arg in args]
    return merge_escapes(_joined(texts, " ")) + "\n"


_MAY_BE_REFUSED: Final = (Kind.STRUCT, Kind.FUNC, Kind.CHAN)


def is_printable(value: object) -> bool:
    """Return whether a template may print the value: not a function, a channel or a lock."""
    if type(value) in _WITHOUT_METHODS:
        return True
    of_kind = kind(value)
    if of_kind not in _MAY_BE_REFUSED or go_string(value) is not None:
        return True
    return of_kind is Kind.STRUCT and has_content(value)


def to_text(value: object) -> str:
    """Return what a template prints for a value that `is_printable` (Go: state.printValue).

    >>> to_text({"b": 1.0, "a": [None]}), to_text(None)
    ('map[a:[<nil>] b:1]', '<no value>')
    """
    if value is None:
        return NO_VALUE
    if (text := common_text(value)) is not None:
        return text
    text = format_value(value, PLAIN)
    if kind(value) is Kind.POINTER and text.startswith("&") and go_string(value) is None:
        return text[1:]  # Go: printableValue looks through pointers
    return text
