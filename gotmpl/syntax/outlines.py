"""Outlines of templates: their parts, and the shape of each, found from the tokens alone.

A part is what a text writes up to the next control structure, or that structure; parts share no
variables. Its shape is all but the names and the plain texts in it: parts of equal shape have equal
trees and equal code, but for these values. Knows no trees.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, NamedTuple

from gotmpl.limits import CACHED
from gotmpl.syntax.lexer import Piece, PieceKind, cut
from gotmpl.syntax.nodes import Part, Source
from gotmpl.syntax.tokens import Tokens, tokenize

LOOP_WORDS: Final = ("break", "continue")  # no keywords if a function has that name
MARK: Final = re.compile(r"Qz(\d+)zQ")
_MARK: Final = "Qz{}zQ"
_MOST: Final = 40  # nodes that nothing interrupts
_LONGEST: Final = 64  # characters of a literal in a shape
_LARGEST: Final = 200  # texts and actions of a part that has a shape
# A string that may hold a mark, or the beginning of one that goes on in the text behind it.
_LIKE_MARKS: Final = re.compile(r"Qz|Q.$|\\[0-7xuU]")
_PLAIN: Final = re.compile(r"[ !#$&-\[\]-_a-~]+")  # what Go quotes as it is, and no format
_BRANCHES: Final = frozenset({"if", "range", "with"})
_NAMES: Final = frozenset({"template", "define"})  # a string that names a template follows
_QUOTED: Final = frozenset({"string", "raw"})
_NAME: Final = "name"  # the kind of such a string
# Tokens whose text is part of a shape if it is no value.
_LITERAL: Final = _QUOTED | {
    *(_NAME, "bool", "char", "complex", "number", "stray", "variable", "word")
}
# What ends the text that is written at once.
_INTERRUPTS: Final = _BRANCHES | {"template", "break", "continue"}


class _Action(NamedTuple):
    """An action; it is in a cache, so it holds little.

    Attributes:
        text: the text between the delimiters.
        word: its keyword, if it begins with one.
        shape: its tokens: their kinds, and the texts of those that are no values.
        values: its values: names and plain texts.
        are_names: which of them are names, which others may be equal to.
        functions: the functions that it calls.
        templates: the template that it names, if any.
        variables: the variables in it.
        sets: whether it may set variables.
    """

    text: str
    word: str
    shape: tuple[str, ...]
    values: tuple[str, ...]
    are_names: tuple[bool, ...]
    functions: tuple[str, ...]
    templates: tuple[str, ...]
    variables: tuple[str, ...]
    sets: bool

    def is_just(self, *shape: str) -> bool:
        """Return whether it has these tokens, and spaces, only."""
        return [token for token in self.shape if token != "space"] == list(shape)


class _Unshaped(Exception):
    """The code of an action depends on more than a shape holds."""


@lru_cache(maxsize=1024)
def _action(text: str) -> _Action | None:
    """Return what an action consists of; None if it has no shape."""
    try:
        return _read(tokenize(text, closed=True))
    except _Unshaped:
        return None


def _read(tokens: Tokens) -> _Action:
    if tokens.kinds[-1] == "error":
        raise _Unshaped
    shape: list[str] = []
    values: list[str] = []
    are_names: list[bool] = []
    named: dict[str, list[str]] = {"word": [], "variable": [], _NAME: []}
    for kind, text in _texts(tokens):
        value = _value(kind, text)
        if value:
            values.append(value)
            are_names.append(kind not in _QUOTED)
            shape.append(text[0])
        else:
            shape.append(_literal(kind, text) if kind in _LITERAL else kind)
        if kind in named:
            named[kind].append(text)
    if "call" in named["word"]:  # whose error names its argument
        raise _Unshaped
    return _Action(
        tokens.text,
        _keyword(tokens),
        tuple(shape),
        tuple(values),
        tuple(are_names),
        tuple(named["word"]),
        tuple([text[1:-1] for text in named[_NAME]]),
        tuple(named["variable"]),
        "declare" in tokens.kinds or "assign" in tokens.kinds,
    )


def _keyword(tokens: Tokens) -> str:
    """Return the kind of the first token that is no space."""
    return tokens.kinds[tokens.kinds[0] == "space"]


def _texts(tokens: Tokens) -> list[tuple[str, str]]:
    """Return the kinds and texts of tokens; a string that names a template has its own kind."""
    text, starts = tokens.text, tokens.starts
    found = [
        (kind, text[start:end])
        for kind, start, end in zip(tokens.kinds, starts, starts[1:], strict=False)
    ]
    if _keyword(tokens) in _NAMES:
        index = next((i for i, (kind, _) in enumerate(found) if kind in _QUOTED), None)
        if index is None or not _PLAIN.fullmatch(found[index][1][1:-1]):
            raise _Unshaped
        found[index] = _NAME, found[index][1]
    return found


def _value(kind: str, text: str) -> str:
    """Return the value of a token: a name, or a plain text; nothing if it has none."""
    if kind == "field" or (kind == "variable" and text != "$"):
        if not text.isascii():
            raise _Unshaped
        return text[1:]
    return text[1:-1] if kind in _QUOTED and _PLAIN.fullmatch(text, 1, len(text) - 1) else ""


def _literal(kind: str, text: str) -> str:
    """Return a token whose text is part of a shape; a long one is in none, nor is a mark."""
    like_marks = _LIKE_MARKS if kind in _QUOTED else MARK
    if len(text) > _LONGEST or like_marks.search(text):
        raise _Unshaped
    return f"{kind} {text}"


# -- Outlines

_Item = str | _Action  # a text or an action


def outline(
    source: Source, functions: Container[str], pieces: Iterable[Piece] | None = None
) -> dict[str, list[Part]] | None:
    """Return the parts of the templates of a source, by name, the outer one last.

    None if not all of it has a shape, or if it cannot be parsed; the parser says why.

    Args:
        source: what would be parsed.
        functions: the names of the functions that it may call.
        pieces: what it is cut into, if it is already.

    >>> found = outline(Source("t", '{{define "x"}}{{.a}}{{end}}b{{if .c}}d{{end}}{{.e}}'), ())
    >>> {name: [part.values for part in parts] for name, parts in found.items()}
    {'x': [['a']], 't': [['b', 'c', 'd'], ['e']]}
    """
    if any(word in functions for word in LOOP_WORDS):
        return None
    templates = _templates(source, functions, cut(source) if pieces is None else pieces)
    if templates is None:
        return None
    main = templates.pop(source.name)
    found = {name: [_part(_whole(_runs(items)))] for name, items in templates.items()}
    runs = list(_runs(main))
    # A template that calls itself may do so as deep as Python allows, so it is one function.
    is_whole = any(run.sets_root for run in runs) or any(
        source.name in item.templates
        for items in (main, *templates.values())
        for item in items
        if type(item) is _Action
    )
    found[source.name] = [_part(run) for run in ([_whole(runs)] if is_whole else _joined(runs))]
    return found


def _templates(
    source: Source, functions: Container[str], pieces: Iterable[Piece]
) -> dict[str, list[_Item]] | None:
    """Return what the templates of a source consist of, by name, the outer one last."""
    main: list[_Item] = []
    items, name, depth = main, source.name, 0
    found: dict[str, list[_Item]] = {}
    for kind, _, text, end in pieces:
        if kind is PieceKind.TEXT:
            items.append(text)
        elif kind is not PieceKind.COMMENT:
            action = None if end < 0 or len(text) > CACHED else _action(text)
            if action is None or not all(map(functions.__contains__, action.functions)):
                return None
            word = action.word
            if word == "define":
                if items is not main or depth or not action.is_just(word, action.shape[-1]):
                    return None
                items, (name,) = [], action.templates
            elif word == "end" and not depth:
                if items is main or name in {*found, source.name} or not action.is_just(word):
                    return None
                found[name], items = items, main
            else:
                items.append(action)
                depth += (word in _BRANCHES) - (word == "end")
    found[source.name] = main
    return None if items is not main or depth else found


@dataclass(slots=True)
class _Run:
    """Texts and actions in a row.

    Attributes:
        items: the texts and actions.
        size: the number of nodes.
        declared: the variables that may be in scope behind it.
        sets_root: whether it may set `$`.
        writes: whether it writes a value.
    """

    items: list[_Item] = field(default_factory=list)
    size: int = 0
    declared: list[str] = field(default_factory=list)
    sets_root: bool = False
    writes: bool = False

    def add(self, other: _Run) -> None:
        """Add what follows, where nothing asks for the rest of it any more."""
        self.items += other.items
        self.size += other.size


def _runs(items: Iterable[_Item]) -> Iterator[_Run]:
    """Yield what is written at once; a text alone joins the control structure behind it."""
    run, depth = _Run(), 0
    for item in items:
        is_action = type(item) is _Action
        word = item.word if type(item) is _Action else ""
        interrupts = word in _INTERRUPTS
        if not depth:
            if (interrupts and run.writes) or run.size == _MOST:
                yield run
                run = _Run()
            run.size += 1
            run.writes = run.writes or (is_action and not interrupts)
        run.items.append(item)
        if type(item) is _Action and item.sets:
            run.sets_root = run.sets_root or "$" in item.variables
            if not depth and word not in _BRANCHES:
                run.declared += item.variables
        if word in _BRANCHES:
            depth += 1
        elif word == "end":
            depth -= 1
        if not depth and (interrupts or word == "end"):
            yield run
            run = _Run()
    if run.items:
        yield run


def _whole(runs: Iterable[_Run]) -> _Run:
    """Return all runs as one."""
    whole = _Run()
    for run in runs:
        whole.add(run)
    return whole


def _joined(runs: Sequence[_Run]) -> Sequence[_Run]:
    """Return the runs with those joined that a variable is in from its declaration on."""
    if not any(run.declared for run in runs):
        return runs
    last_use = {
        name: index
        for index, run in enumerate(runs)
        for item in run.items
        if type(item) is _Action
        for name in item.variables
    }
    joined: list[_Run] = []
    end = -1
    for index, run in enumerate(runs):
        if index <= end:
            joined[-1].add(run)
        else:
            joined.append(run)
        end = max(end, index, *(last_use[name] for name in run.declared))
    return joined


def _part(run: _Run) -> Part:
    key: list[object] = []
    values: list[str] = []
    names: dict[str, int] = {}
    functions: list[str] = []
    templates: list[str] = []
    for item in run.items:
        if type(item) is not _Action:
            key.append("text")
            values.append(str(item))
            continue
        key.append(item.shape)
        functions += item.functions
        templates += item.templates
        for value, is_name in zip(item.values, item.are_names, strict=True):
            if is_name:
                index = names.setdefault(value, len(values))
                key.append(index)
                if index < len(values):
                    continue
            values.append(value)
    shape = tuple(key) if len(run.items) <= _LARGEST else None
    return Part(run.size, shape, values, functions, templates, run.items)


@dataclass(slots=True, eq=False)
class Known:
    """The knowledge of a shape.

    Attributes:
        is_parsed: whether a part of this shape was parsed, so that others can be.
    """

    is_parsed: bool = False


@lru_cache(maxsize=1024)
def known(shape: tuple[object, ...]) -> Known:  # noqa: ARG001 - the cache is by it
    """Return what is known of a shape."""
    return Known()


def blank(part: Part) -> str:
    """Return the text of a part with marks in the place of its values, and with Go's delimiters.

    The source's own might stand in a mark.

    >>> source = Source("t", "x{{if .a}}y{{ print .b.a}}{{end}}")
    >>> (part,) = outline(source, ["print"])["t"]
    >>> blank(part)
    'Qz0zQ{{if .Qz1zQ}}Qz2zQ{{ print .Qz3zQ.Qz1zQ}}{{end}}'
    """
    out: list[str] = []
    names: dict[str, str] = {}
    marks = map(_MARK.format, itertools.count())
    for item in part.items:
        if type(item) is not _Action:
            out.append(next(marks))
            continue
        out.append("{{")
        for kind, text in _texts(tokenize(item.text, closed=True)):
            value = _value(kind, text)
            if not value:
                out.append(text)
            elif kind in _QUOTED:
                out += (text[0], next(marks), text[0])
            else:
                if value not in names:
                    names[value] = next(marks)
                out += (text[0], names[value])
        out.append("}}")
    return "".join(out)
