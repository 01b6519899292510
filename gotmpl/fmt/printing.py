"""Values as text, as Go's `fmt` writes them: `{{.}}`, `print`, `println` and `printf`.

Prints containers, values with a method for it, and `fmt`'s error texts; the basic kinds are in
`verbs`, format strings in `formats`. Knows nothing of templates.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from gotmpl.errors import FuncError, message
from gotmpl.fmt.formats import PLAIN, Directive, Spec, parse_format, too_large
from gotmpl.fmt.verbs import VERBS, format_0x, format_hex_bytes, format_quoted, format_string, pad
from gotmpl.limits import CACHED, LARGE, check_limits, checked, numbers
from gotmpl.strconv.floats import shortest
from gotmpl.strconv.quoting import from_utf8, merge_escapes
from gotmpl.values.fields import go_string, has_content, method, struct_items
from gotmpl.values.keys import sorted_keys
from gotmpl.values.kinds import Kind, Uint8, is_bytes, kind, plain
from gotmpl.values.names import type_name
from gotmpl.values.slices import elements

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

__all__ = [
    "NO_VALUE",
    "PLAIN",
    "Directive",
    "Spec",
    "format_value",
    "is_printable",
    "join_operands",
    "parse_format",
    "shown",
    "sprint",
    "sprintf",
    "sprintln",
    "to_text",
]

NO_VALUE: Final = "<no value>"  # what a template prints for nil
_NIL: Final = "<nil>"
_MANY: Final = 32  # limits are checked during the join of this many pieces or more
_MAX_DEPTH: Final = 100_000  # such a value ends Go's process


# -- Error texts


def _bad_verb(value: object, spec: Spec) -> str:
    """Return the error text of a verb that does not fit, with the same flags (Go: badVerb)."""
    if value is None:
        return f"%!{spec.verb}({_NIL})"
    text = _format(value, replace(spec, verb="v", erroring=True))
    return f"%!{spec.verb}({type_name(value)}={text})"


# -- Containers, as texts and what is nested in them


class _Nested(NamedTuple):
    """A value still to be printed, and its depth."""

    value: object
    depth: int


_Parts = list["str | _Nested"]
# How %v without flags prints the most common types; tried first.
SIMPLE_TEXTS: Final[Mapping[type, Callable[[Any], str]]] = {
    str: str,
    int: str,
    float: shortest,
    bool: {True: "true", False: "false"}.__getitem__,
}


def _nested(value: object, spec: Spec, depth: int) -> str | _Nested:
    write = SIMPLE_TEXTS.get(type(value)) if spec is PLAIN else None
    return write(value) if write else _Nested(value, depth)


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
        return "interface {}(nil)" if spec.sharp_v else _NIL
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
    while waiting:
        part = waiting.pop()
        if isinstance(part, str):
            out.append(part)
            continue
        if part.depth > _MAX_DEPTH:
            raise FuncError("value is nested too deeply to be printed")
        text = _expand(part.value, spec, part.depth)
        if isinstance(text, str):
            out.append(text)
        else:
            if len(out) > LARGE:
                check_limits(len(out))  # one container may occur in others many times
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
        return pad(_NIL, spec) if spec.verb in ("v", "T") else _bad_verb(value, spec)
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
    return type(value) is str or kind(value) is Kind.STRING


def _quick(value: object) -> str:
    """Print one operand as `%v` does."""
    write = SIMPLE_TEXTS.get(type(value))
    return write(value) if write else format_value(value, PLAIN)


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
    return between.join(pieces if len(pieces) < _MANY else checked(pieces))


def sprint(args: Sequence[object]) -> str:
    """Print the operands, with a space between two that are no strings (Go: fmt.Sprint).

    >>> sprint([1, 2, "a", None])
    '1 2a<nil>'
    """
    return join_operands((_quick(arg), _is_string(arg)) for arg in args)


def sprintln(args: Sequence[object]) -> str:
    r"""Print the operands with spaces between them and a final newline (Go: fmt.Sprintln).

    >>> sprintln(["a", 1])
    'a 1\n'
    """
    return merge_escapes(_joined([_quick(arg) for arg in args], " ")) + "\n"


_MAY_BE_REFUSED: Final = (Kind.STRUCT, Kind.FUNC, Kind.CHAN)


def is_printable(value: object) -> bool:
    """Return whether a template may print the value: not a function, a channel or a lock."""
    of_kind = kind(value)
    if of_kind not in _MAY_BE_REFUSED or go_string(value) is not None:
        return True
    return of_kind is Kind.STRUCT and has_content(value)


def shown(value: object, format_: str = "%v") -> str:
    """Return what a format prints of a value, for an error text; its type if it has no text."""
    if kind(value) is Kind.STRUCT and not is_printable(value):
        return f"<{type_name(value)} Value>"
    return sprintf(format_, [value])


def to_text(value: object) -> str:
    """Return what a template prints for a value that `is_printable` (Go: state.printValue).

    >>> to_text({"b": 1.0, "a": [None]}), to_text(None)
    ('map[a:[<nil>] b:1]', '<no value>')
    """
    write = SIMPLE_TEXTS.get(type(value))
    if write:
        return write(value)
    if value is None:
        return NO_VALUE
    text = format_value(value, PLAIN)
    if kind(value) is Kind.POINTER and text.startswith("&") and go_string(value) is None:
        return text[1:]  # Go: printableValue looks through pointers
    return text


# -- printf


def _take_int(args: Sequence[object], number: int) -> tuple[int | None, int]:
    """Return the width or precision of a star, and the next argument (Go: intFromArg)."""
    if number >= len(args):
        return None, number
    value = plain(args[number])
    if type(value) is not int or too_large(value):
        return None, number + 1
    return value, number + 1


@dataclass(slots=True)
class _Run:
    """The execution of one directive: the next argument, and the error texts so far."""

    args: Sequence[object]
    number: int
    spec: Spec
    well_indexed: bool
    errors: str = ""

    def seek(self, index: int | None) -> None:
        if index is not None and 0 <= index < len(self.args):
            self.number = index
        elif index is not None:
            self.well_indexed = False

    def take_width(self) -> None:
        width, self.number = _take_int(self.args, self.number)
        if width is None:
            self.errors += "%!(BADWIDTH)"
        elif width < 0:
            self.spec = replace(self.spec, width=-width, minus=True, zero=False)
        else:
            self.spec = replace(self.spec, width=width)

    def take_precision(self) -> None:
        precision, self.number = _take_int(self.args, self.number)
        if precision is None or precision < 0:
            self.errors += "%!(BADPREC)"
        else:
            self.spec = replace(self.spec, precision=precision)

    def write(self) -> str:
        verb = self.spec.verb
        if verb == "%":
            return "%"
        if not verb:
            return "%!(NOVERB)"
        if not self.well_indexed:
            return f"%!{verb}(BADINDEX)"
        if self.number >= len(self.args):
            return f"%!{verb}(MISSING)"
        self.number += 1
        return format_value(self.args[self.number - 1], self.spec)


def _run(directive: Directive, args: Sequence[object], number: int) -> tuple[str, int]:
    """Return the text of a directive, and the next argument."""
    run = _Run(args, number, directive.spec, directive.well_indexed)
    run.seek(directive.width_index)
    if directive.width_star:
        run.take_width()
    run.seek(directive.precision_index)
    if directive.precision_star:
        run.take_precision()
    run.seek(directive.verb_index)
    text = run.write()
    return run.errors + text, run.number


def _extra(args: Sequence[object]) -> str:
    shown = (
        _NIL if arg is None else f"{type_name(arg)}={format_value(arg, PLAIN)}" for arg in args
    )
    return f"%!(EXTRA {', '.join(shown)})"


_AS_THEY_ARE: Final = {str: ("s", "v"), int: ("d", "v")}  # the verbs that print the value unchanged


def _piece(arg: object, directive: Directive) -> str:
    as_it_is = directive.plain in _AS_THEY_ARE.get(type(arg), ())
    return str(arg) if as_it_is else format_value(arg, directive.spec)


def texts(format_: str, *args: object) -> list[str]:
    """Return the texts of the directives of a format that are all `simple`, one for each argument.

    >>> texts("%s: %d", "a", "b")
    ['a', '%!d(string=b)']
    """
    directives = [part for part in parse_format(format_) if isinstance(part, Directive)]
    return list(map(_piece, args, directives))


def _pieces(parts: Iterable[str | Directive], args: Sequence[object]) -> Iterator[str]:
    number, reordered = 0, False
    for part in parts:
        if isinstance(part, str):
            yield part
            continue
        if part.simple and number < len(args):
            yield _piece(args[number], part)
            number += 1
            continue
        reordered = reordered or part.reorders
        text, number = _run(part, args, number)
        yield text
    if number < len(args) and not reordered:
        yield _extra(args[number:])


def sprintf(format_: str, args: Sequence[object]) -> str:
    """Print the arguments by the directives of a format (Go: fmt.Sprintf).

    Errors are part of the text, as in Go.

    Raises:
        FuncError: a value cannot be printed: it has neither fields nor text, or is nested without
            end.

    >>> sprintf("%s:%05d %v %d", ["a", 42, [1.5, None], "x"])
    'a:00042 [1.5 <nil>] %!d(string=x)'
    """
    parse = parse_format if len(format_) <= CACHED else parse_format.__wrapped__
    parts = parse(format_)
    pieces = _pieces(parts, args)
    return merge_escapes("".join(pieces if len(parts) < _MANY else checked(pieces)))
