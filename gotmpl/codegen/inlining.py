"""The common cases of builtins as Python expressions, which fall back to the call.

Each tests exact types and does what Go does for them. All other values go to the function itself,
so no case here needs to be complete.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import and_
from typing import Final, NamedTuple

from gotmpl.codegen.state import Draft, Metered, Value
from gotmpl.fmt.formats import Directive, Spec, parse_format
from gotmpl.limits import CACHED
from gotmpl.strconv.quoting import is_valid

CallCode = Callable[[Sequence[str]], str]  # returns the call, given its arguments


def _all(tests: Sequence[str]) -> str:
    """Join tests with `&`, not `and`: each must run, since it assigns an argument of the call."""
    return tests[0] if len(tests) == 1 else " & ".join(f"({test})" for test in tests)


# -- Comparison, not, print


def _compare(
    operator: str, *types: type
) -> Callable[[Draft, Sequence[Value], CallCode], str | None]:
    """Return the inlining of a comparison of a value with a constant of one of the types.

    Strings must be ASCII: in others one side may hold a rune, the other the same bytes as escapes.
    """

    def inline(draft: Draft, values: Sequence[Value], call: CallCode) -> str | None:
        known = [value.constant for value in values if value.is_constant]
        if len(values) != 2 or len(known) != 1 or type(known[0]) not in types:
            return None
        if isinstance(known[0], str) and not known[0].isascii():
            return None
        names, test = [], ""
        for value in values:
            name, given = draft.named(value)
            names.append(name)
            if not value.is_constant:
                test = f"type({given}) is {type(known[0]).__name__}"
        return f"({f' {operator} '.join(names)} if {test} else {call(names)})"

    return inline


def _not(draft: Draft, values: Sequence[Value], call: CallCode) -> str | None:
    """Go: not; of a bool."""
    name, given = draft.named(values[0])
    return f"(not {name} if type({given}) is bool else {call([name])})"


def _print(draft: Draft, values: Sequence[Value], call: CallCode) -> str | None:
    """Go: print; of one string."""
    if len(values) != 1:
        return None
    name, given = draft.named(values[0])
    return f"({name} if type({given}) is str else {call([name])})"


# -- printf

_FEW: Final = 16  # arguments of a call that is inlined where there are limits


class _Verb(NamedTuple):
    """A verb that prints values of one type as Python's `%` does.

    Attributes:
        test: Python for whether a value is of that type: `{0}` is the name of the value and `{1}`
            the expression that gives it the name.
        zero: whether it may have the flag 0.
        precision: whether it may have a precision.
    """

    test: str
    zero: bool
    precision: bool


_INTEGER: Final = _Verb("type({1}) is int", zero=True, precision=False)
_VERBS: Final[Mapping[str, _Verb]] = {
    "s": _Verb("type({1}) is str", zero=False, precision=True),
    "d": _INTEGER,
    "x": _INTEGER,
    "X": _INTEGER,
    # Python writes infinities and NaN its own way: only these differ from 0 when subtracted.
    "f": _Verb("(type({1}) is float and {0} - {0} == 0.0)", zero=True, precision=True),
}
_WIDEST: Final = 9999
_MOST_PRECISE: Final = 999
# Verbs without flags, as fields of an f-string: faster, and `%` lacks some of them.
_FIELDS: Final[Mapping[str, tuple[str, str]]] = {
    "d": ("type({1}) is int", "{{{0}}}"),
    "q": ("type({1}) is str", "{{quote({0})}}"),
    "s": ("type({1}) is str", "{{{0}}}"),
    "v": ("type({1}) in PLAIN", "{{{0}}}"),
}


def _printf(draft: Draft, values: Sequence[Value], call: CallCode) -> str | None:
    """Go: printf; of a format that is known, with as many arguments as it takes."""
    form, *args = values
    if draft.metered is not Metered.NOT and len(args) > _FEW:
        return None  # the function checks the limits while it makes the text
    if type(form.constant) is not str or any(value.is_constant for value in args) or not args:
        return None
    if len(form.constant) > CACHED:
        return None
    parts = parse_format(form.constant)
    directives = [part for part in parts if isinstance(part, Directive)]
    if len(directives) != len(args) or not all(directive.simple for directive in directives):
        return None
    named = [draft.named(value) for value in args]
    is_plain = all(directive.plain in _FIELDS for directive in directives)
    printed = (_f_string if is_plain else _percent)(parts, named)
    if printed is None:
        return None
    tests, text = printed
    if _may_join_bytes(parts):
        text = f"merge_escapes({text})"
    return f"({text} if {_all(tests)} else {call([form.code, *(name for name, _ in named)])})"


_Parts = Sequence[str | Directive]


def _may_join_bytes(parts: _Parts) -> bool:
    """Return whether two neighbours may hold bytes that are one rune side by side."""
    bytes_at = [
        not is_valid(part) if isinstance(part, str) else part.spec.verb in ("s", "v")
        for part in parts
    ]
    return any(map(and_, bytes_at, bytes_at[1:]))


_Named = Iterable[tuple[str, str]]
_Printed = tuple[list[str], str] | None  # the tests of the values, and the expression


def _f_string(parts: _Parts, named: _Named) -> _Printed:
    tests, text, values = [], "", iter(named)
    for part in parts:
        if isinstance(part, str):
            text += _literal(part)
            continue
        test, replacement = _FIELDS[part.plain]
        name, given = next(values)
        tests.append(test.format(name, given))
        text += replacement.format(name)
    return tests, f'f"{text}"'


def _percent(parts: _Parts, named: _Named) -> _Printed:
    tests, form, names, values = [], "", [], iter(named)
    for part in parts:
        if isinstance(part, str):
            form += part.replace("%", "%%")
            continue
        verb = _VERBS.get(part.spec.verb)
        if verb is None or not _is_pythons(part.spec, verb):
            return None
        name, given = next(values)
        tests.append(verb.test.format(name, given))
        names.append(name)
        form += _directive(part.spec)
    operand = f"({', '.join(names)})" if len(names) > 1 else names[0]
    return tests, f"{form!r} % {operand}"


def _is_pythons(spec: Spec, verb: _Verb) -> bool:
    """Return whether Python's `%` prints a directive as Go does."""
    if spec.plus or spec.sharp or spec.space or spec.width > _WIDEST:
        return False
    if spec.zero and (spec.minus or not verb.zero):
        return False
    return spec.precision is None or (verb.precision and spec.precision <= _MOST_PRECISE)


def _directive(spec: Spec) -> str:
    flag = "-" if spec.minus else "0" if spec.zero else ""
    precision = "" if spec.precision is None else f".{spec.precision}"
    return f"%{flag}{spec.width or ''}{precision}{spec.verb}"


def _literal(text: str) -> str:
    """Return a text as part of an f-string in double quotes."""
    quoted = repr(f'"{text}')[2:-1]  # the double quote makes repr use single quotes
    return quoted.replace('"', '\\"').replace("{", "{{").replace("}", "}}")


INLINE: Final[Mapping[str, Callable[[Draft, Sequence[Value], CallCode], str | None]]] = {
    "eq": _compare("==", str, int),
    "ge": _compare(">=", int),
    "gt": _compare(">", int),
    "le": _compare("<=", int),
    "lt": _compare("<", int),
    "ne": _compare("!=", str, int),
    "not": _not,
    "print": _print,
    "printf": _printf,
}
