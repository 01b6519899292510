"""Runs generated code, bound to the functions and templates of a set.

Internal signals and exceptions of functions become `ExecError` here. Code is generated when a
template is first used, and regenerated when a function's signature or the set of defined templates
that it uses has changed.
"""

from __future__ import annotations

import itertools
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import FunctionType
from typing import Final

from gotmpl.builtins.functions import BUILTINS
from gotmpl.codegen.state import Callee, Metered
from gotmpl.errors import ExecError
from gotmpl.fmt.printf import texts
from gotmpl.fmt.printing import SHOWN_TEXTS, SIMPLE_TEXTS
from gotmpl.limits import Limits, check_limits, fit
from gotmpl.run import runtime
from gotmpl.run.code import Code
from gotmpl.run.failures import Failure
from gotmpl.run.methods import Methods
from gotmpl.run.skeletons import Compiled
from gotmpl.strconv.quoting import merge_escapes, quote
from gotmpl.syntax.nodes import Tree
from gotmpl.syntax.probes import Observer
from gotmpl.values.fields import method
from gotmpl.values.kinds import DICTS, TESTED_ALIKE, TRUE, is_true
from gotmpl.values.readers import EARLY_READERS, READERS
from gotmpl.values.signatures import Signature

Entry = Callable[..., None]  # of the output, the meter if there are limits, and the data


def _but_plain(
    texts: Mapping[type, Callable[[object], str]],
) -> Mapping[type, Callable[[object], str]]:
    """Return the functions for texts of types that Python does not format as Go does."""
    return {cls: texts[cls] for cls in texts.keys() - runtime.PLAIN_TYPES}


# What every template's code may refer to; the rest depends on the set.
_NAMES: Final[Mapping[str, object]] = {
    "DICTS": DICTS,
    "GET": dict.get,
    "MISSING": runtime.MISSING,
    "OrderedDict": OrderedDict,
    "PLAIN": runtime.PLAIN_TYPES,
    "READ": READERS,
    "READ_EARLY": EARLY_READERS,
    "SHOWN": _but_plain(SHOWN_TEXTS),
    "SIMPLE": _but_plain(SIMPLE_TEXTS),
    "TESTED_ALIKE": TESTED_ALIKE,
    "TRUE": TRUE,
    "UNSET": runtime.UNSET,
    "argument": runtime.argument,
    "check_limits": check_limits,
    "compress": itertools.compress,
    "each": runtime.each,
    "fail": runtime.fail,
    "fit": fit,
    "interface": runtime.interface,
    "is_true": is_true,
    "merge_escapes": merge_escapes,
    "nil_interface": runtime.nil_interface,
    "pairs": runtime.pairs,
    "quote": quote,
    "repeat": itertools.repeat,
    "show": runtime.show,
    "texts": texts,
}
# The methods of `runtime.Fields` that code calls.
_LOOKS: Final = ("bind", "held", "raw", "test", "text", "value")


@dataclass(slots=True)
class Settings:
    """The functions and options that the templates of a set share (Go: common)."""

    functions: dict[str, Callable[..., object]] = field(default_factory=dict)
    missingkey: str = "default"
    limits: Limits | None = None
    methods: Methods | None = None
    observer: Observer | None = None


def _metered(limits: Limits | None) -> Metered:
    if limits is None:
        return Metered.NOT
    return Metered.IN_PART if limits.steps is None else Metered.WHOLE


class Program:
    """The functions and templates of a set at one time, bound together.

    Args:
        settings: what the templates share.
        trees: the templates by name.
        codes: the code that there is, by name and tree; code that is generated is added.
    """

    def __init__(
        self,
        settings: Settings,
        trees: Mapping[str, Tree],
        codes: dict[tuple[str, Tree], Code],
    ) -> None:
        self._functions = dict(settings.functions)
        self._trees, self._codes = trees, codes
        self._observer = settings.observer
        self.observed = self._observer is not None
        self.metered = _metered(settings.limits)
        find = method if settings.methods is None else settings.methods.find
        fields = runtime.Fields(settings.missingkey, find)
        looks = {name: getattr(fields, name) for name in _LOOKS}
        self.names: dict[str, object] = {**_NAMES, **looks, "GIVE_NIL": fields.give_nil}
        if self._observer is not None:
            self.names["visit"] = self._observer.visit
        self._entries: dict[str, tuple[Tree, Entry]] = {}
        self.loose = False  # whether any code is loose, as of `Names`
        self._files: dict[str, Code] = {}  # the code that is bound, by the names of its files

    def known(self, name: str) -> Callee | None:
        """Return what is known of a function."""
        function = self._functions.get(name)
        if function is not None:
            return Callee(Signature.of(function), builtin=False)
        function = BUILTINS.get(name)
        return None if function is None else Callee(Signature.of(function), builtin=True)

    def defines(self, name: str) -> bool:
        """Return whether there is a template of a name."""
        return name in self._trees

    def run(self, name: str, tree: Tree, data: object) -> tuple[str, ExecError | None]:
        """Execute a template; return the output, and the error if it failed."""
        out: list[str] = []
        try:
            self.entry(name, tree)(self.shown(out) if self._observer else out, data)
        except Exception as error:  # noqa: BLE001 - all become ExecError
            failure = self.failure(error)
            text = merge_escapes("".join(out) + failure.unwritten)
            return text, failure.error(text, name)
        return merge_escapes("".join(out)), None

    def shown(self, out: list[str]) -> list[str] | _ObservedOutput:
        """Return what appends to an output and tells the observer, if there is one."""
        return out if self._observer is None else _ObservedOutput(out, self._observer)

    def failure(self, error: BaseException) -> Failure:
        """Return what ended an execution."""
        return Failure(error, self._files, __file__)

    def code(self, name: str, tree: Tree) -> Code:
        """Return the code of a template, regenerated if it does not fit.

        Raises:
            ExecError: it is nested deeper than Python can take.
        """
        code = self._codes.get((name, tree))
        if code is None or not code.fits(self):
            code = self._codes[name, tree] = Code.of(name, tree, self)
        return code

    def entry(self, name: str, tree: Tree) -> Entry:
        """Return the function that executes a template."""
        bound = self._entries.get(name)
        if bound is None or bound[0] is not tree:
            bound = self._entries[name] = tree, self._bind(self.code(name, tree))
        return bound[1]

    def _bind(self, code: Code) -> Entry:
        shared = dict(self.names)
        entries = [self._bind_part(part, shared) for part in code.parts]
        self._files[code.filename] = code
        return entries[0] if len(entries) == 1 else _in_turn(entries)

    def _bind_part(self, part: Compiled, shared: dict[str, object]) -> Entry:
        """Return the function that executes a part; `shared` are the names of all parts."""
        refers = part.names
        self.loose = self.loose or refers.loose
        names = shared if part.shares_names else {**shared, **refers.constants}
        for name, local in refers.functions.items():
            names[local] = self._functions.get(name) or BUILTINS[name]
        for name, local in refers.templates.items():
            names[local] = self._on_first_use(names, local, name)
        first, *others = [FunctionType(code, names) for code in part.functions]
        names.update((other.__name__, other) for other in others)
        return first

    def _on_first_use(self, names: dict[str, object], local: str, name: str) -> Entry:
        """Return a function that binds a template and puts it in its own place."""

        def bind(*taken: object) -> None:
            names[local] = entry = self.entry(name, self._trees[name])
            entry(*taken)

        return bind


def _in_turn(entries: Sequence[Entry]) -> Entry:
    """Return the function that executes the parts of a template."""

    def execute(*taken: object) -> None:
        for entry in entries:
            entry(*taken)

    return execute


class _ObservedOutput:
    """An output list that also reports each write to the observer."""

    __slots__ = ("_observer", "_out")

    def __init__(self, out: list[str], observer: Observer) -> None:
        self._out = out
        self._observer = observer

    def append(self, text: str) -> None:
        self._out.append(text)
        self._observer.write(text)
