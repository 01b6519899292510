"""Hints at the cause of an error: near names, open blocks, the fields that there are.

Knows the error, the text and the values that were found; it executes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from gotmpl.errors import ParseError, TemplateError
from gotmpl.failures.names import did_you_mean, near
from gotmpl.failures.operands import field_of
from gotmpl.failures.places import Action, actions
from gotmpl.failures.witness import Witness
from gotmpl.syntax.nodes import Source
from gotmpl.values.access import member_names
from gotmpl.values.fields import field_names
from gotmpl.values.names import type_name

_UNKNOWN: Final = re.compile(
    r'(?:(function|template) "([^"]+)" not|undefined (variable) "([^"]+)")'
)
_VARIABLE: Final = re.compile(r"\$\w++")
_DECLARATION: Final = re.compile(r"(\$\w++)\s*+(?:,\s*+(\$\w++)\s*+)?:=")
_OPENING: Final = ("if", "range", "with", "define", "block")
_MOST_NAMED: Final = 8
# Errors whose line is that on which the action begins.
_AT_THE_BEGINNING: Final = ("unclosed", "unterminated")


def of_names(
    error: TemplateError, text: str, functions: Iterable[str], templates: Iterable[str]
) -> Iterator[str]:
    """Yield hints about a function, a variable or a template that does not exist.

    >>> error = TemplateError('function "uper" not defined', name="t", line=1)
    >>> list(of_names(error, "{{uper .}}", ["upper", "lower"], []))
    ['did you mean upper?']
    """
    found = _UNKNOWN.search(error.reason)
    if not found:
        return
    name = found[2] or found[4]
    if found[1] == "function":
        yield did_you_mean(near(name, functions))
    elif found[1] == "template":
        yield did_you_mean(near(name, templates)) or _some("there are the templates", templates)
    else:
        yield _declared(name, text) or did_you_mean(near(name, {*_VARIABLE.findall(text)} - {name}))


def of_blocks(error: TemplateError, source: Source) -> Iterator[str]:
    r"""Yield hints about a block without its end, and an end without its block.

    >>> source = Source("t", "{{if .}}\n{{range .}}\n{{end}}")
    >>> list(of_blocks(TemplateError("unexpected EOF", name="t", line=3), source))
    ['{{if .}} on line 1 has no {{end}}']
    """
    end, other = (f"{source.left}{word}{source.right}" for word in ("end", "else"))
    if error.reason == "unexpected EOF":
        for one in unclosed(source):
            yield f"{_shown(one, source)} on line {source.line(one.pos)} has no {end}"
    elif error.reason.startswith((f"unexpected {end}", f"unexpected {other}")):
        last = _last_closed(source, error.line)
        if last is not None:
            opened, closed = last
            yield (
                f"no block is open there: {_shown(opened, source)} on line "
                f"{source.line(opened.pos)} ended on line {source.line(closed.pos)}"
            )
    elif isinstance(error, ParseError) and not error.reason.startswith(_AT_THE_BEGINNING):
        yield from _of_long_action(error, source)


def _of_long_action(error: ParseError, source: Source) -> Iterator[str]:
    """Yield a hint about an action that began on an earlier line than the error."""
    for one in actions(source):
        begin = source.line(one.pos)
        if begin < error.line <= source.line(one.end):
            yield f"the action that begins on line {begin} goes on here"


def of_fields(error: TemplateError, values: Iterable[Witness]) -> Iterator[str]:
    """Yield hints about a field or a method that a value of a class does not have.

    >>> from types import SimpleNamespace
    >>> error = TemplateError("can't evaluate field prot in type T", name="t", line=1)
    >>> list(of_fields(error, [Witness(".", SimpleNamespace(port=80))]))
    ['did you mean port?']
    """
    for one in values:
        if field_of(error.reason) and not isinstance(one.value, Mapping):
            names = sorted({*field_names(one.value), *member_names(type(one.value))})
            head = f"a value of type {type_name(one.value)} has no fields"
            yield from _instead(error, one, names) if names else (head,)


def of_keys(error: TemplateError, values: Iterable[Witness]) -> Iterator[str]:
    """Yield hints about a key that a map does not have; they name its keys, which are data.

    >>> error = TemplateError('map has no entry for key "prot"', name="t", line=1)
    >>> list(of_keys(error, [Witness(".", {"port": 80})]))
    ['did you mean port?']
    """
    for one in values:
        if field_of(error.reason) and isinstance(one.value, Mapping):
            yield from _instead(error, one, [key for key in one.value if isinstance(key, str)])


def _instead(error: TemplateError, one: Witness, names: list[str]) -> Iterator[str]:
    name = field_of(error.reason)
    if name not in names:
        yield did_you_mean(near(name, names)) or _some(f"{one.text} has the names", names)


def unclosed(source: Source) -> list[Action]:
    """Return the actions that open blocks which are never closed."""
    stack: list[Action] = []
    for one in actions(source):
        if _word(one) in _OPENING:
            stack.append(one)
        elif _word(one) == "end" and stack:
            stack.pop()
    return stack


def _last_closed(source: Source, line: int) -> tuple[Action, Action] | None:
    """Return the last block before a line that opened and closed: both of its actions."""
    stack: list[Action] = []
    last = None
    for one in actions(source):
        if _word(one) in _OPENING:
            stack.append(one)
        elif _word(one) == "end" and stack and source.line(one.pos) <= line:
            last = stack.pop(), one
    return last


def _word(action: Action) -> str:
    return action.inside.partition(" ")[0]


def _shown(action: Action, source: Source) -> str:
    return f"{source.left}{action.inside}{source.right}"


def _some(head: str, names: Iterable[str]) -> str:
    """Return a sentence that lists the names; empty if there are no names."""
    all_names = list(names)
    if not all_names:
        return ""
    more = len(all_names) - _MOST_NAMED
    listed = ", ".join(all_names[:_MOST_NAMED])
    return f"{head} {listed}{f' and {more} more' if more > 0 else ''}"


def _declared(name: str, text: str) -> str:
    """Return a hint about a variable that a text does declare, in a block that has ended."""
    for found in _DECLARATION.finditer(text):
        if name in found.groups():
            line = text.count("\n", 0, found.start()) + 1
            return f"{name} is declared on line {line}, in a block that has ended"
    return ""
