"""The common cases of builtins as Python expressions, which fall back to the call.

Each tests exact types and does what Go does for them. All other values go to the function itself,
so no case here needs to be complete.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import and_
from typing import Final, NamedTuple

from gotmpl.codegen.python import literal
from gotmpl.codegen.state import Draft, Metered
from gotmpl.codegen.values import Known, Value
from gotmpl.fmt.formats import Directive, parse_format
from gotmpl.limits import CACHED
from gotmpl.strconv.quoting import is_valid

CallCode = Callable[[Sequence[str]], str]  # returns the call, given its arguments
Inlining = Callable[[Draft, Sequence[Value], CallCode], str | None]


class _Named(NamedTuple):
    """An argument that a test gives a name.

    Attributes:
        name: the name.
        given: the expression that gives it, and is it.
        rest: the argument where the test fails.
    """

    name: str
    given: str
    rest: str


def _named(draft: Draft, value: Value) -> _Named:
    name, given = draft.named(value)
    return _Named(name, given, value.rest(name))


# -- Comparison, print


def _compare(operator: str, *types: type) -> Inlining:
    """Return the inlining of a comparison of a value with a constant of one of the types.

    Strings must be ASCII: in others one side may hold a rune, the other the same bytes as escapes.
    """

    def inline(draft: Draft, values: Sequence[Value], call: CallCode) -> str | None:
        known = [value.value for value in values if isinstance(value, Known)]
        if len(values) != 2 or len(known) != 1 or type(known[0]) not in types:
            return None
        if isinstance(known[0], str) and not known[0].isascii():
            return None
        named = [_named(draft, value) for value in values]
        (given,) = (
            one.given
            for one, value in zip(named, values, strict=True)
            if not isinstance(value, Known)
        )
        test = f"type({given}) is {type(known[0]).__name__}"
        compared = f" {operator} ".join(one.name for one in named)
        return f"({compared} if {test} else {call([one.rest for one in named])})"

    return inline


def _print(draft: Draft, values: Sequence[Value], call: CallCode) -> str | None:
    """Go: print; of one string."""
    if len(values) != 1:
        return None
    name, given, rest = _named(draft, values[0])
    return f"({name} if type({given}) is str else {call([rest])})"


# -- printf

_FEW: Final = 16  # arguments of a call that is inlined where there are limits
_WIDEST: Final = 9999
_MOST_PRECISE: Final = 999


class _Verb(NamedTuple):
    """A verb for values of one type, or a few.

    Attributes:
        test: Python for whether a value is of such a type: `{0}` is the name of the value and `{1}`
            the expression that gives it the name.
        field: the field of an f-string that prints such a value, without flags; empty to print it
            by Python's `%`.
        type: the type, if it is one.
        flags: whether it may have flags and a width, as Python's `%` prints them.
        zero: whether the flag 0 may be among them.
        precision: whether it may have a precision.
    """

    test: str
    field: str = ""
    type: type | None = None
    flags: bool = True
    zero: bool = True
    precision: bool = False


_INTEGER: Final = _Verb("type({1}) is int")
_SIMPLE: Final = "{{{0} if type({0}) in PLAIN else SIMPLE[type({0})]({0})}}"
_VERBS: Final[Mapping[str, _Verb]] = {
    "d": _INTEGER._replace(field="{{{0}}}", type=int),
    "x": _INTEGER,
    "X": _INTEGER,
    # Python writes infinities and NaN its own way: only these differ from 0 when subtracted.
    "f": _Verb("(type({1}) is float and {0} - {0} == 0.0)", precision=True),
    "s": _Verb("type({1}) is str", "{{{0}}}", str, zero=False, precision=True),
    "q": _Verb("type({1}) is str", "{{quote({0})}}", str, flags=False),
    "t": _Verb("type({1}) is bool", "{{'true' if {0} else 'false'}}", bool, flags=False),
    "v": _Verb("type({1}) in SIMPLE", _SIMPLE, flags=False),
}


def _printf(draft: Draft, values: Sequence[Value], call: CallCode) -> str | None:
    """Go: printf; of a format that is known, with as many arguments as it takes."""
    form, *args = values
    if draft.metered is not Metered.NOT and len(args) > _FEW:
        return None  # the function checks the limits while it makes the text
    if not isinstance(form, Known) or type(form.value) is not str or not args:
        return None
    if len(form.value) > CACHED or any(isinstance(value, Known) for value in args):
        return None
    parts = parse_format(form.value)
    directives = [part for part in parts if isinstance(part, Directive)]
    if len(directives) != len(args) or not all(directive.simple for directive in directives):
        return None
    verbs = [_verb(directive) for directive in directives]
    found = [verb for verb in verbs if verb is not None]
    if len(found) < len(verbs):
        return None
    named = [_named(draft, value) for value in args]
    tests = [
        verb.test.format(*one)
        for verb, one, value in zip(found, named, args, strict=True)
        if not (value.is_atom and verb.type and value.exact is verb.type)
    ]
    fields = (verb.field.format(*one) for verb, one in zip(found, named, strict=True))
    text = "".join(literal(part) if isinstance(part, str) else next(fields) for part in parts)
    text = f'merge_escapes(f"{text}")' if _may_join_bytes(parts) else f'f"{text}"'
    if not tests:
        return text
    # `&`, not `and`: each test must run, since it names an argument of the call.
    test = " & ".join(f"({test})" for test in tests) if len(tests) > 1 else tests[0]
    return f"({text} if {test} else {call([form.text, *(one.rest for one in named)])})"


def _may_join_bytes(parts: Sequence[str | Directive]) -> bool:
    """Return whether two neighbours may hold bytes that are one rune side by side."""
    bytes_at = [
        not is_valid(part) if isinstance(part, str) else part.spec.verb in ("s", "v")
        for part in parts
    ]
    return any(map(and_, bytes_at, bytes_at[1:]))


def _verb(directive: Directive) -> _Verb | None:
    """Return how a directive prints values of its common types, if Python can as Go does."""
    spec = directive.spec
    verb = _VERBS.get(spec.verb)
    if verb is None or (directive.plain and verb.field):
        return verb
    zero = spec.zero and (spec.minus or not verb.zero)
    if not verb.flags or zero or spec.plus or spec.sharp or spec.space or spec.width > _WIDEST:
        return None
    if spec.precision is not None and not (verb.precision and spec.precision <= _MOST_PRECISE):
        return None
    flag = "-" if spec.minus else "0" if spec.zero else ""
    precision = "" if spec.precision is None else f".{spec.precision}"
    form = f"%{flag}{spec.width or ''}{precision}{spec.verb}"
    return verb._replace(field=f"{{{{'{form}' % {{0}}}}}}")


INLINE: Final[Mapping[str, Inlining]] = {
    "eq": _compare("==", str, int),
    "ge": _compare(">=", int),
    "gt": _compare(">", int),
    "le": _compare("<=", int),
    "lt": _compare("<", int),
    "ne": _compare("!=", str, int),
    "print": _print,
    "printf": _printf,
}
