"""Runs generated code, bound to the functions and templates of a set, and explains its failures.

Internal signals and exceptions of functions become `ExecError` here. Code is generated when a
template is first used, and regenerated when a function's signature or the set of defined templates
that it uses has changed.
"""

from __future__ import annotations

import itertools
import linecache
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import CodeType, TracebackType
from typing import Final, Generic, Protocol, TypeVar, cast

from gotmpl.builtins.functions import BUILTINS
from gotmpl.codegen.probes import Observer, instrument
from gotmpl.codegen.python import Place
from gotmpl.codegen.state import Known, Metered
from gotmpl.codegen.statements import generate
from gotmpl.codegen.unit import Unit
from gotmpl.errors import ExecError, LimitError, message
from gotmpl.limits import Exceeded, Limits, Meter
from gotmpl.record import record
from gotmpl.run import runtime
from gotmpl.run.methods import Methods
from gotmpl.strconv.quoting import merge_escapes, quote
from gotmpl.syntax.nodes import Node, TemplateNode, Tree
from gotmpl.values.fields import NO_FIELD, method
from gotmpl.values.kinds import TESTED_ALIKE, is_true
from gotmpl.values.readers import Readers
from gotmpl.values.signatures import Signature

# Go's limit, which its message names; ours is that of the interpreter.
_MAX_DEPTH: Final = 100_000
_TOO_DEEP: Final = f"exceeded maximum template depth ({_MAX_DEPTH})"
# With more nested calls of templates than this, a RecursionError is theirs.
_RECURSION: Final = 50


_Error = TypeVar("_Error", bound=ExecError)

Entry = Callable[..., None]  # of the output, the meter if there are limits, and the data


class Parsed(Protocol):
    """The part of a template that running it needs."""

    @property
    def name(self) -> str:
        """The name of the template."""

    @property
    def tree(self) -> Tree | None:
        """The tree, if anything was parsed."""

    def _fitting(self, program: Program) -> Code:
        """Return the code that fits a program."""


_T = TypeVar("_T")
_P = TypeVar("_P", bound=Parsed)


@dataclass(slots=True, eq=False)
class Group(Generic[_P]):
    """The state that the templates of a set share (Go: common)."""

    functions: dict[str, Callable[..., object]] = field(default_factory=dict)
    templates: dict[str, _P] = field(default_factory=dict)
    missingkey: str = "default"
    limits: Limits | None = None
    methods: Methods | None = None
    observer: Observer | None = None
    _program: Program | None = None

    def changed(self) -> None:
        """Drop the program, which was bound to what has changed."""
        self._program = None

    def program(self) -> Program:
        """Return the functions and templates as they are now, ready to run."""
        program = self._program
        if program is None:
            program = self._program = Program(self)
        return program


def _metered(limits: Limits | None) -> Metered:
    if limits is None:
        return Metered.NOT
    return Metered.IN_PART if limits.steps is None else Metered.WHOLE


class _Seen(dict[str, _T]):
    """Look-ups by name, remembered."""

    def __init__(self, look: Callable[[str], _T]) -> None:
        super().__init__()
        self._look = look

    def __missing__(self, name: str) -> _T:
        self[name] = found = self._look(name)
        return found


_serial = itertools.count(1)


@dataclass(slots=True, eq=False, weakref_slot=True)
class Code:
    """The generated code of one template, and what it depends on.

    Attributes:
        name: the template's name.
        tree: the tree that it was generated from.
        unit: the source.
        compiled: the compiled source.
        functions: the functions that it names, with their signatures.
        templates: the templates that it names, and whether they were defined.
        observed: whether it calls an observer.
        metered: how it holds an execution to limits.
    """

    name: str
    tree: Tree
    unit: Unit
    compiled: CodeType
    functions: Mapping[str, object]
    templates: Mapping[str, object]
    observed: bool
    metered: Metered

    @classmethod
    def of(cls, name: str, tree: Tree, program: Program) -> Code:
        """Generate the code of a template.

        Raises:
            ExecError: it is nested deeper than Python can take.
        """
        functions, templates = _Seen(program.known), _Seen(program.defines)
        shown = name if name.isprintable() else ascii(name)[1:-1]
        filename = f"<template {shown} #{next(_serial)}>"
        observed, metered = program.observer is not None, program.metered
        try:
            probed = instrument(tree) if observed else tree
            unit = generate(probed, functions, templates, metered=metered)
            text = unit.module.text
            compiled = compile(text, filename, "exec", dont_inherit=True)
        except (RecursionError, MemoryError, SyntaxError) as error:
            raise ExecError("max expression depth exceeded", name=name) from error
        code = cls(name, tree, unit, compiled, functions, templates, observed, metered)
        linecache.cache[filename] = (len(text), None, unit.module.lines, filename)
        weakref.finalize(code, linecache.cache.pop, filename, None)
        return code

    def fits(self, program: Program) -> bool:
        """Return whether the code is valid in a program: signatures and templates are the same."""
        return (
            self.observed == (program.observer is not None)
            and self.metered is program.metered
            and all(program.known(name) == known for name, known in self.functions.items())
            and all(program.defines(name) == known for name, known in self.templates.items())
        )


class _ObservedOutput:
    """An output list that also reports each write to the observer."""

    __slots__ = ("_observer", "_out")

    def __init__(self, out: list[str], observer: Observer) -> None:
        self._out = out
        self._observer = observer

    def append(self, text: str) -> None:
        self._out.append(text)
        self._observer.write(text)


class Program:
    """The functions and templates of a set at one time, bound together.

    Args:
        group: the set.
    """

    def __init__(self, group: Group[_P]) -> None:
        self._functions = dict(group.functions)
        self._templates: dict[str, Parsed] = dict(group.templates)
        self.observer = group.observer
        self.limits = group.limits
        self.metered = _metered(group.limits)
        find = method if group.methods is None else group.methods.find
        fields = runtime.Fields(group.missingkey, find)
        # A missing key is nil, unless its name has to be in an error.
        self._lacking = NO_FIELD if group.missingkey == "error" else None
        self._names: dict[str, object] = {
            "MISSING": runtime.MISSING,
            "NO_FIELD": NO_FIELD,
            "PLAIN": runtime.PLAIN_TYPES,
            "TESTED_ALIKE": TESTED_ALIKE,
            "UNSET": runtime.UNSET,
            "argument": runtime.argument,
            "bind": fields.bind,
            "boxes": runtime.boxes,
            "chain": fields.chain,
            "compress": itertools.compress,
            "each": runtime.each,
            "fail": runtime.fail,
            "find": fields.find,
            "held": fields.held,
            "interface": runtime.interface,
            "is_true": is_true,
            "merge_escapes": merge_escapes,
            "nil_interface": runtime.nil_interface,
            "pairs": runtime.pairs,
            "quote": quote,
            "show": runtime.show,
        }
        if self.observer is not None:
            self._names["visit"] = self.observer.visit
        self._entries: dict[Parsed, Entry] = {}
        self._codes: dict[str, Code] = {}

    def known(self, name: str) -> Known | None:
        """Return what is known of a function."""
        function = self._functions.get(name)
        if function is not None:
            return Known(Signature.of(function), builtin=False)
        function = BUILTINS.get(name)
        return None if function is None else Known(Signature.of(function), builtin=True)

    def defines(self, name: str) -> bool:
        """Return whether there is a template of a name."""
        return name in self._templates

    def run(self, template: Parsed, data: object) -> tuple[str, ExecError | None]:
        """Execute a template; return the output, and the error if it failed."""
        if self.limits is not None:
            return self._run_limited(template, data, self.limits)
        out: list[str] = []
        try:
            self._entry(template)(
                _ObservedOutput(out, self.observer) if self.observer else out, data
            )
        except Exception as error:  # noqa: BLE001 - all become ExecError
            text = merge_escapes("".join(out))
            return text, self._exec_error(error, text, template)
        return merge_escapes("".join(out)), None

    def _run_limited(
        self, template: Parsed, data: object, limits: Limits
    ) -> tuple[str, ExecError | None]:
        out: list[str] = []
        with Meter(limits, out) as meter:
            try:
                shown = _ObservedOutput(out, self.observer) if self.observer else out
                self._entry(template)(shown, meter, data)
                meter.check_output()
            except (Exception, Exceeded) as error:  # noqa: BLE001 - as in `run`
                text = merge_escapes(meter.text())
                return text, self._exec_error(error, text, template)
        return merge_escapes("".join(out)), None

    def _entry(self, template: Parsed) -> Entry:
        """Return the function that executes a template."""
        entry = self._entries.get(template)
        if entry is None:
            entry = self._entries[template] = self._bind(template._fitting(self))
        return entry

    def _bind(self, code: Code) -> Entry:
        names = {**self._names, **code.unit.constants}
        for local, name in code.unit.functions.items():
            names[local] = self._functions.get(name) or BUILTINS[name]
        for local, name in code.unit.templates.items():
            names[local] = self._on_first_use(names, local, name)
        for local, (name, raw) in code.unit.readers.items():
            names[local] = Readers(name, NO_FIELD if raw else self._lacking)
        exec(code.compiled, names)
        self._codes[code.compiled.co_filename] = code
        return cast("Entry", names[code.unit.entry])

    def _on_first_use(self, names: dict[str, object], local: str, name: str) -> Entry:
        """Return a function that binds a template and puts it in its own place."""

        def bind(*taken: object) -> None:
            names[local] = entry = self._entry(self._templates[name])
            entry(*taken)

        return bind

    # -- Failures

    def _exec_error(self, error: BaseException, partial: str, template: Parsed) -> ExecError:
        frames = list(self._frames(error.__traceback__))
        if isinstance(error, RecursionError):
            calls = [frame for frame in frames if isinstance(frame.node, TemplateNode)]
            if len(calls) > _RECURSION:
                deepest = _deepest_in_go([frame.node for frame in calls])
                return calls[deepest].error(_TOO_DEEP, partial)
        if isinstance(error, Exceeded) and frames:
            # A template that is called takes its tick before it visits a node: its caller has one.
            placed = [frame for frame in frames if frame.place is not None]
            return (placed or frames)[-1].exceeded(error, partial)
        if not frames:
            if isinstance(error, ExecError):  # the code could not be generated
                return error
            if isinstance(error, Exceeded):
                return _Frame(template._fitting(self), None).exceeded(error, partial)
            return _without_place(error, template.name, partial)
        return frames[-1].explain(error, partial)

    def _frames(self, traceback: TracebackType | None) -> Iterator[_Frame]:
        """Yield the frames of the set's templates, the innermost last, up to the first function."""
        begun = False
        while traceback is not None:
            code = traceback.tb_frame.f_code
            made = self._codes.get(code.co_filename)
            if made is not None:
                begun = True
                yield _Frame(made, made.unit.module.places.get(traceback.tb_lineno))
            elif begun and code.co_filename != __file__:  # as `bind` is, before another template
                return
            traceback = traceback.tb_next


def _deepest_in_go(calls: Sequence[Node | None]) -> int:
    """Return the index of the nested call that Go would name, at the same place in the cycle.

    Where the interpreter ends depends on how deep its stack was before.
    """
    half = calls[len(calls) // 2 :]
    period = next((n for n in range(1, len(half)) if half[n:] == half[:-n]), 1)
    last = len(calls) - 1
    return last - (last - _MAX_DEPTH) % period


def _without_place(error: BaseException, name: str, partial: str) -> ExecError:
    """Return the error of an exception that no line of a template has raised."""
    made = ExecError(message(error), name=name, partial=partial)
    made.__cause__ = error
    return made


@record
class _Frame:
    """A template in execution, and the place of its current line."""

    code: Code
    place: Place | None

    @property
    def node(self) -> Node | None:
        return None if self.place is None else self.code.unit.nodes[self.place.node]

    def explain(self, error: BaseException, partial: str) -> ExecError:
        """Return the error that an exception at this place stands for."""
        if isinstance(error, runtime.Stop):
            node = self.code.unit.nodes[error.node]
            reason = error.reason
            if isinstance(error, runtime.Unprintable):
                reason = f"can't print {node} {reason}"
            return self._at(node, reason, partial, error.__cause__, ExecError)
        if self.place is None:
            return _without_place(error, self.code.name, partial)
        reason = message(error)
        if self.place.function:
            reason = f"error calling {self.place.function}: {reason}"
        return self.error(reason, partial, error)

    def exceeded(self, error: Exceeded, partial: str) -> LimitError:
        """Return the error of a limit: at the place, or at the end of the template."""
        node = self.node or self.code.tree.root.nodes[-1]
        made = self._at(node, str(error), partial, None, LimitError)
        made.limit = error.limit
        return made

    def error(self, reason: str, partial: str, cause: BaseException | None = None) -> ExecError:
        """Return an error at the place."""
        node = self.node
        assert node is not None
        return self._at(node, reason, partial, cause, ExecError)

    def _at(
        self,
        node: Node,
        reason: str,
        partial: str,
        cause: BaseException | None,
        error: type[_Error],
    ) -> _Error:
        source = self.code.tree.source
        made = error(
            reason,
            name=source.name,
            line=source.line(node.pos),
            column=source.column(node.pos),
            template=self.code.name,
            context=str(node),
            partial=partial,
        )
        made.__cause__ = cause
        return made
