"""The tracer: an observer that follows values from the store to the lines of the output.

It wraps the functions that ask the store and notes each read at the node that runs; variables and
the cursor carry the reads that made them. The module does not know how traces look.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from os import PathLike
from pathlib import Path
from types import MappingProxyType
from typing import Final

import gotmpl
from confd_lib.confdir import templates
from confd_lib.funcs import functions as available
from confd_lib.funcs.readers import READERS, Argument
from confd_lib.golang.path import join
from confd_lib.golang.strings import to_bytes
from confd_lib.store.store import KeyNotFound, KVPair, Store
from confd_lib.tracing.origins import Facts, facts, is_root
from confd_lib.tracing.records import Outcome, OutputLine, Piece, Read
from confd_lib.tracing.traces import Trace
from gotmpl import nodes
from gotmpl.arguments import checked

Function = Callable[..., object]


@checked
def trace(  # noqa: PLR0913 - one keyword for each choice
    template: str | PathLike[str],
    values: Store | Mapping[str, object] | None = None,
    *,
    name: str = "",
    compat: str = "",
    funcs: Mapping[str, Callable[..., object]] | None = None,
    without: Collection[str] = (),
    data: object = None,
    delims: tuple[str, str] = ("{{", "}}"),
    parts: Mapping[str, str] = MappingProxyType({}),
) -> Trace:
    """Render a template and record the keys that were read and the lines that came from them.

    Args:
        template: a text; or the path of a file, as a `Path`.
        values: a Store, or a tree of values as `confd_lib.render` takes it.
        name: the template's name in errors; by default that of the file, or `template`.
        compat: as for `confd_lib.render`.
        funcs: as for `confd_lib.render`.
        without: as for `confd_lib.render`.
        data: as for `confd_lib.render`.
        delims: the beginning and the end of an action.
        parts: the texts of templates that it may call, by their names; what they write counts as
            written by the call.

    Returns:
        the trace; if the render fails, it ends with the error.

    Raises:
        gotmpl.ParseError: the text is not a template.
        TemplateFileError: the file cannot be read.

    >>> made = trace('{{range ls "/port"}}{{.}}={{getv (printf "/port/%s" .)}} {{end}}',
    ...              {"port": {"http": 80}})
    >>> made.text, made.lines[0].keys
    ('http=80 ', ('/port/http',))
    """
    if isinstance(template, str):
        name, text = name or "template", template
    else:
        name, text = name or Path(template).name, templates.read_text(Path(template))
    tracer = Tracer(name, text)
    store = values if isinstance(values, Store) else Store(values)
    functions = tracer.functions(store, compat, funcs, without)
    made = templates.parse(name, text, functions, delims, tracer, parts)
    return tracer.finish(made, data)


@dataclass(slots=True, eq=False)
class _Evaluation:
    """One execution of a node: its reads, and the evaluations whose values it used."""

    facts: Facts | None
    sources: tuple[_Evaluation, ...] = ()
    reads: list[Read] = field(default_factory=list)
    turns: int = 0

    def made_of(self) -> Iterator[str]:
        """Yield the keys that made the value."""
        pending, visited = [self], set[_Evaluation]()
        while pending:
            one = pending.pop()
            if one in visited:
                continue
            visited.add(one)
            yield from (key for read in one.reads for key in read.keys or (read.argument,))
            pending.extend(reversed(one.sources))


@dataclass(frozen=True, slots=True)
class _Written:
    """A piece of output and its origin; plain if it is text of the file itself."""

    text: str
    line: int
    plain: bool
    keys: tuple[str, ...]
    conditions: tuple[str, ...]


class Tracer:
    """Follows one execution.

    Args:
        name: the name of the template.
        text: its text.
    """

    def __init__(self, name: str, text: str) -> None:
        self._name, self._text = name, text
        self._reads: list[Read] = []
        self._written: list[_Written] = []
        self._facts: dict[nodes.Node, Facts] = {}
        self._known: set[nodes.Tree] = set()
        self._now = _Evaluation(None)
        self._line = 1
        # By node or declaration: the last evaluation that gave it a value.
        self._values: dict[nodes.Node, _Evaluation] = {}
        self._branches: dict[nodes.Node, _Evaluation] = {}
        self._chosen: dict[nodes.Node, _Evaluation] = {}  # for a `range`, the current turn
        self._called: _Evaluation | None = None

    def functions(
        self,
        store: Store,
        compat: str,
        own: Mapping[str, Function] | None = None,
        without: Collection[str] = (),
    ) -> dict[str, Function]:
        """Return the functions of a template; those that ask the store are wrapped."""
        made = available(store, compat, own, without)
        asking = READERS.keys() - (own or {})
        return {
            name: self._noting(name, function, store) if name in asking else function
            for name, function in made.items()
        }

    def finish(self, template: gotmpl.Template, data: object = None) -> Trace:
        """Execute the template, which this tracer observes, with data; return the trace."""
        error = None
        try:
            template.render(data)
        except gotmpl.ExecError as failed:
            error = failed
        lines = tuple(_lines(self._written))
        return Trace(self._name, self._text, tuple(self._reads), lines, error)

    # -- Events of the execution

    def visit(self, visit: gotmpl.Visit) -> None:
        """Handle that the execution passes a place."""
        if is_root(visit):
            self._enter(visit)
        elif visit.branch:
            self._branch(visit)
        else:
            self._node(visit)

    def write(self, text: str) -> None:
        """Record a piece of output, which the current node writes."""
        facts = self._now.facts
        plain = facts is None or isinstance(facts.node, nodes.TextNode)
        keys = () if plain else tuple(dict.fromkeys(self._now.made_of()))
        plain = plain and (facts is None or self._is_own(facts.tree))
        self._written.append(_Written(text, self._line, plain, keys, self._conditions()))

    def _is_own(self, tree: nodes.Tree) -> bool:
        """Return whether a tree stands in the file itself, and not in one that it shares."""
        return tree.source.text == self._text

    def _enter(self, visit: gotmpl.Visit) -> None:
        if visit.tree not in self._known:
            self._known.add(visit.tree)
            self._facts.update(facts(visit.tree))
        # The cursor of a template is the argument of its call.
        if self._called is not None:
            self._values[visit.tree.root] = self._called

    def _node(self, visit: gotmpl.Visit) -> None:
        fact = self._facts[visit.node]
        used = [self._values.get(declaration) for declaration in fact.uses]
        if fact.dot is not None:
            used.append(self._values.get(fact.dot))
        self._now = _Evaluation(fact, tuple(one for one in used if one is not None))
        if self._is_own(visit.tree):
            self._line = visit.tree.source.line(visit.node.pos)
        for declaration in fact.declares:
            self._values[declaration] = self._now
        if isinstance(visit.node, nodes.BranchNode):
            self._branches[visit.node] = self._now
        self._called = self._now if isinstance(visit.node, nodes.TemplateNode) else None

    def _branch(self, visit: gotmpl.Visit) -> None:
        whole = self._branches[visit.node]
        whole.turns += 1
        value = whole
        if visit.branch == "list" and isinstance(visit.node, nodes.RangeNode):
            value = _element(whole, whole.turns - 1)
        self._chosen[visit.node] = value
        if visit.branch == "list" and not isinstance(visit.node, nodes.IfNode):
            for node in (visit.node, *(whole.facts.declares if whole.facts else ())):
                self._values[node] = value

    # -- Reads

    def _noting(self, name: str, function: Function, store: Store) -> Function:
        @functools.wraps(function)
        def read(argument: str, *more: str) -> object:
            try:
                answer = function(argument, *more)
            except KeyNotFound:
                self._note(Read(self._line, name, argument, Outcome.MISSING))
                raise
            if more and not store.exists(argument):
                self._note(Read(self._line, name, argument, Outcome.DEFAULT))
                return answer
            keys = _ANSWERS[READERS[name]](store, argument, answer)
            outcome = Outcome.HIT if keys else Outcome.MISSING
            value = answer if isinstance(answer, str) else getattr(answer, "Value", None)
            self._note(Read(self._line, name, argument, outcome, keys, value))
            return answer

        return read

    def _note(self, read: Read) -> None:
        self._reads.append(read)
        self._now.reads.append(read)

    def _conditions(self) -> tuple[str, ...]:
        inside = self._now.facts.inside if self._now.facts else ()
        around = (self._chosen[node] for node in reversed(inside))
        return tuple(dict.fromkeys(key for one in around for key in one.made_of()))


def _element(whole: _Evaluation, turn: int) -> _Evaluation:
    """Return the value of one turn of a `range`: one key of a list of keys, else the whole."""
    read = _listing(whole)
    if read is None or turn >= len(read.keys):
        return whole
    one = replace(read, keys=(read.keys[turn],))
    return _Evaluation(whole.facts, reads=[one])


def _listing(value: _Evaluation) -> Read | None:
    """Return the read whose keys are the elements of a value, one for one, or None."""
    while value.facts is not None:
        pipe = getattr(value.facts.node, "pipe", None)
        first = pipe.cmds[0].args[0] if isinstance(pipe, nodes.PipeNode) else None
        if pipe is None or len(pipe.cmds) != 1:
            return None
        if isinstance(first, nodes.IdentifierNode) and first.ident in _LISTS:
            return value.reads[0] if len(value.reads) == 1 else None
        if not isinstance(first, nodes.VariableNode) or len(value.sources) != 1:
            return None
        value = value.sources[0]
    return None


# -- The keys in an answer


def _key(_: Store, argument: str, answer: object) -> tuple[str, ...]:
    return () if answer is False else (argument,)


def _matching_keys(store: Store, pattern: str, answer: object) -> tuple[str, ...]:
    """Return the keys in the order of the answer: `gets` lists pairs, and `getvs` sorts values."""
    items = _items(answer)
    pairs = [item for item in items if isinstance(item, KVPair)]
    if len(pairs) < len(items):
        pairs = sorted(store.gets(pattern), key=lambda pair: to_bytes(pair.Value))
    return tuple(pair.Key for pair in pairs)


def _keys_below(_: Store, path: str, answer: object) -> tuple[str, ...]:
    return tuple(join(path, str(name)) for name in _items(answer))


def _items(answer: object) -> list[object]:
    return answer if isinstance(answer, list) else []


_ANSWERS: Final[Mapping[Argument, Callable[[Store, str, object], tuple[str, ...]]]] = {
    Argument.KEY: _key,
    Argument.PATTERN: _matching_keys,
    Argument.PATH: _keys_below,
}
_LISTS: Final = READERS.keys() - {name for name, takes in READERS.items() if takes is Argument.KEY}


# -- Lines


def _lines(written: Iterable[_Written]) -> Iterator[OutputLine]:
    """Cut the pieces into lines; the text after the last line feed is a line, even if empty."""
    number = 1
    pieces: list[Piece] = []
    conditions: dict[str, None] = {}
    for one in written:
        for i, part in enumerate(one.text.split("\n")):
            line = one.line + (i if one.plain else 0)
            if i:
                yield OutputLine(
                    number, tuple(pieces or [Piece("", line - one.plain)]), tuple(conditions)
                )
                number, pieces, conditions = number + 1, [], {}
            if part:
                pieces.append(Piece(part, line, one.keys))
                conditions.update(dict.fromkeys(one.conditions))
    yield OutputLine(number, tuple(pieces), tuple(conditions))
