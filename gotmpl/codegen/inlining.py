"""The common cases of builtins as Python expressions, with the call for all other cases behind.

Each is a test of exact types and what Go does for these. Whatever the test does not let through
goes to the function itself, so that nothing here need be complete.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from gotmpl.codegen.state import Draft, Metered, Value

Call = Callable[[Sequence[str]], str]  # what calls the function itself, given its arguments


def _all(tests: Sequence[str]) -> str:
    """Return the test for all; each is evaluated, since it names a value that the call needs."""
    return tests[0] if len(tests) == 1 else " & ".join(f"({test})" for test in tests)


# -- Comparison and truth


def _compare(operator: str, *types: type) -> Callable[[Draft, Sequence[Value], Call], str | None]:
    """Return the inlining of a comparison: of a value of one of the types with a constant of it.

    Of strings, those in ASCII: these have one spelling, while others may be runes here and escaped
    bytes there.
    """

    def inline(draft: Draft, values: Sequence[Value], call: Call) -> str | None:
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


def _not(draft: Draft, values: Sequence[Value], call: Call) -> str | None:
    """Go: not; of a bool."""
    name, given = draft.named(values[0])
    return f"(not {name} if type({given}) is bool else {call([name])})"


def _print(draft: Draft, values: Sequence[Value], call: Call) -> str | None:
    """Go: print; of one string."""
    if len(values) != 1:
        return None
    name, given = draft.named(values[0])
    return f"({name} if type({given}) is str else {call([name])})"


# -- printf

_FEW: Final = 16  # arguments of a call that is inlined where there are limits

# Verbs that print values of one type as Python's `%` does, with the flags and sizes that it may
# have here: `{0}` is the name of the value and `{1}` the expression that gives it the name. Their
# patterns are compiled, and kept, by `re` when a template has such a verb.
_WIDTH: Final = r"(-?([1-9][0-9]{0,3})?|0[0-9]{0,3})"  # Go refuses what has seven digits
_VERBS: Final[Mapping[str, tuple[str, str]]] = {
    "s": ("type({1}) is str", r"-?([1-9][0-9]{0,3})?(\.[0-9]{1,3})?"),
    "d": ("type({1}) is int", _WIDTH),
    "x": ("type({1}) is int", _WIDTH),
    "X": ("type({1}) is int", _WIDTH),
    # Python writes infinities and NaN its own way: they are what differs from itself here.
    "f": ("(type({1}) is float and {0} - {0} == 0.0)", rf"{_WIDTH}(\.[0-9]{{1,3}})?"),
}
# Verbs without flags, as fields of an f-string: quicker, and there are some that `%` lacks.
_FIELDS: Final[Mapping[str, tuple[str, str]]] = {
    "d": ("type({1}) is int", "{{{0}}}"),
    "q": ("type({1}) is str", "{{quote({0})}}"),
    "s": ("type({1}) is str", "{{{0}}}"),
    "v": ("type({1}) in PLAIN", "{{{0}}}"),
}
_DIRECTIVE: Final = re.compile(r"%([-+# 0]*[0-9]*(?:\.[0-9]*)?)([a-zA-Z%])")


def _printf(draft: Draft, values: Sequence[Value], call: Call) -> str | None:
    """Go: printf; of a format that is known, with as many arguments as it takes."""
    form, *args = values
    if (
        draft.metered is not Metered.NOT and len(args) > _FEW
    ):  # the function checks the text while it is made
        return None
    if type(form.constant) is not str or any(value.is_constant for value in args) or not args:
        return None
    directives = [match for match in _DIRECTIVE.finditer(form.constant) if match[2] != "%"]
    if "%" in _DIRECTIVE.sub("", form.constant) or len(directives) != len(args):
        return None
    named = [draft.named(value) for value in args]
    write = _f_string if all(match[1] == "" for match in directives) else _percent
    printed = write(form.constant, directives, named)
    if printed is None:
        return None
    tests, text = printed
    return f"({text} if {_all(tests)} else {call([form.code, *(name for name, _ in named)])})"


_Printed = tuple[list[str], str] | None  # the tests of the values, and the expression


def _f_string(
    form: str, directives: Sequence[re.Match[str]], named: Sequence[tuple[str, str]]
) -> _Printed:
    tests, text, place = [], "", 0
    for match, (name, given) in zip(directives, named, strict=True):
        if match[2] not in _FIELDS:
            return _percent(form, directives, named)
        test, replacement = _FIELDS[match[2]]
        tests.append(test.format(name, given))
        text += _literal(form[place : match.start()]) + replacement.format(name)
        place = match.end()
    return tests, f'f"{text}{_literal(form[place:])}"'


def _percent(
    form: str, directives: Sequence[re.Match[str]], named: Sequence[tuple[str, str]]
) -> _Printed:
    tests = []
    for match, (name, given) in zip(directives, named, strict=True):
        if match[2] not in _VERBS:
            return None
        test, sizes = _VERBS[match[2]]
        if not re.fullmatch(sizes, match[1]):
            return None
        tests.append(test.format(name, given))
    names = ", ".join(name for name, _ in named)
    operand = f"({names})" if len(named) > 1 else names
    return tests, f"{form!r} % {operand}"


def _literal(text: str) -> str:
    """Return a part of a format as it stands in an f-string in double quotes."""
    quoted = repr(f'"{text.replace("%%", "%")}')[2:-1]  # a double quote makes repr take single ones
    return quoted.replace('"', '\\"').replace("{", "{{").replace("}", "}}")


INLINE: Final[Mapping[str, Callable[[Draft, Sequence[Value], Call], str | None]]] = {
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
