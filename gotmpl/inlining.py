"""The common cases of builtins as Python expressions, with the call for all other cases behind.

Each is a test of exact types and what Go does for these. Whatever the test does not let through
goes to the function itself, so that nothing here need be complete.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from gotmpl.directives import Directive, Spec, parse_format
from gotmpl.draft import Draft, Value

Call = Callable[[Sequence[str]], str]  # what calls the function itself, given its arguments


def _named(draft: Draft, value: Value) -> tuple[str, str]:
    """Return a name for a value, and the expression that gives it the name and is the value."""
    if value.atom:
        return value.code, value.code
    name = draft.name("x")
    return name, f"{name} := {value.code}"


def _all(tests: Sequence[str]) -> str:
    """Return the test for all; each is evaluated, since it names a value that the call needs."""
    return tests[0] if len(tests) == 1 else " & ".join(f"({test})" for test in tests)


# -- Comparison and truth


def _equal(operator: str) -> Callable[[Draft, Sequence[Value], Call], str | None]:
    """Return the inlining of `eq` or `ne`: a string, and one in ASCII that is known.

    ASCII has one spelling; other texts may be runes here and escaped bytes there.
    """

    def inline(draft: Draft, values: Sequence[Value], call: Call) -> str | None:
        if len(values) != 2:
            return None
        names, tests = [], []
        for value in values:
            name, given = _named(draft, value)
            names.append(name)
            if value.exact is not str or not value.atom:
                tests.append(f"type({given}) is str")
        known = [value.constant for value in values if value.is_constant]
        if len(tests) != 1 or not all(isinstance(one, str) and one.isascii() for one in known):
            return None
        return f"({f' {operator} '.join(names)} if {tests[0]} else {call(names)})"

    return inline


def _not(draft: Draft, values: Sequence[Value], call: Call) -> str | None:
    """Go: not; of a bool."""
    name, given = _named(draft, values[0])
    return f"(not {name} if type({given}) is bool else {call([name])})"


def _print(draft: Draft, values: Sequence[Value], call: Call) -> str | None:
    """Go: print; of one string."""
    if len(values) != 1:
        return None
    name, given = _named(draft, values[0])
    return f"({name} if type({given}) is str else {call([name])})"


# -- printf


@dataclass(frozen=True, slots=True)
class _Verb:
    """How a verb prints the values of one type: the test for it, and the text of a replacement."""

    test: str
    type: str = ""
    zeros: bool = False  # whether zeros may pad it, as Go and Python do alike
    precision: bool = False


# `{0}` is the name of the value and `{1}` the expression that gives it the name.
_VERBS: Final[Mapping[str, _Verb]] = {
    "s": _Verb("type({1}) is str", precision=True),
    "d": _Verb("type({1}) is int", "d", zeros=True),
    "x": _Verb("type({1}) is int", "x", zeros=True),
    "X": _Verb("type({1}) is int", "X", zeros=True),
    # Python writes infinities and NaN its own way: they are what differs from itself here.
    "f": _Verb("(type({1}) is float and {0} - {0} == 0.0)", "f", zeros=True, precision=True),
}
_NO_FLAGS: Final = {"plus": False, "sharp": False, "space": False, "sharp_v": False}


def _replacement(spec: Spec, verb: _Verb) -> str | None:
    """Return Python's format specification for what a directive asks, if it has one."""
    if any(getattr(spec, flag) != off for flag, off in _NO_FLAGS.items()) or spec.plus_v:
        return None
    if spec.precision is not None and not verb.precision:
        return None
    if spec.zero and not (verb.zeros and not spec.minus):
        return None
    align = ("<" if spec.minus else "0" if spec.zero else ">") if spec.width else ""
    width = f"{align}{spec.width}" if spec.width else ""
    precision = "" if spec.precision is None else f".{spec.precision}"
    if verb.type == "f" and not precision:
        precision = ".6"
    return f"{width}{precision}{verb.type if verb.type != 'd' else ''}"


def _directive(directive: Directive, name: str, given: str) -> tuple[str, str] | None:
    """Return the test for a value and the replacement field that prints it."""
    if directive.plain == "v":
        return f"type({given}) in PLAIN", f"{{{name}}}"
    if directive.plain == "q":
        return f"type({given}) is str", f"{{quote({name})}}"
    verb = _VERBS.get(directive.spec.verb)
    if verb is None or not directive.simple:
        return None
    replacement = _replacement(directive.spec, verb)
    if replacement is None:
        return None
    colon = ":" if replacement else ""
    return verb.test.format(name, given), f"{{{name}{colon}{replacement}}}"


def _printf(draft: Draft, values: Sequence[Value], call: Call) -> str | None:
    """Go: printf; of a format that is known, with as many arguments as it takes."""
    form, *args = values
    if type(form.constant) is not str:
        return None
    parts = parse_format(form.constant)
    if len(args) != sum(isinstance(part, Directive) for part in parts):
        return None
    names, tests, fields = [form.code], [], []
    left = iter(args)
    for part in parts:
        if isinstance(part, str):
            fields.append(_literal(part))
            continue
        value = next(left)
        name, given = _named(draft, value)
        field = None if value.is_constant else _directive(part, name, given)
        if field is None:
            return None
        names.append(name)
        tests.append(field[0])
        fields.append(field[1])
    if not tests:
        return None
    return f'(f"{"".join(fields)}" if {_all(tests)} else {call(names)})'


def _literal(text: str) -> str:
    """Return text as it stands in an f-string in double quotes."""
    quoted = repr(f'"{text}')[2:-1]  # a double quote inside makes repr choose single ones
    return quoted.replace('"', '\\"').replace("{", "{{").replace("}", "}}")


INLINE: Final[Mapping[str, Callable[[Draft, Sequence[Value], Call], str | None]]] = {
    "eq": _equal("=="),
    "ne": _equal("!="),
    "not": _not,
    "print": _print,
    "printf": _printf,
}
