"""The overview: every file as every container, rendered no more often than their reads differ.

Two containers of one stack see the same keys but for those below `/self`. Where a template reads
the same there for both, its output is the same too. Knows nothing of what is shown.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import gotmpl
from confd_lib.errors import ConfdError
from confd_lib.funcs.readers import READERS
from confd_lib.golang.strings import encode
from confd_lib.preview.model import masks
from confd_lib.preview.model.renderings import Rules, Sheet, parse

if TYPE_CHECKING:
    from confd_lib.confdir.resource import TemplateResource
    from confd_lib.preview.model.projects import Entry, Project
    from confd_lib.preview.model.states import State
    from confd_lib.preview.model.worlds import World
    from confd_lib.store.store import Store

# How many outcomes of a template are compared with before it is rendered once more.
_MOST_KNOWN: Final = 16
_MEANS_MORE: Final = frozenset("*?[\\")

Functions = Mapping[str, Callable[..., object]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of one rendering.

    Attributes:
        resource: the name of the file.
        container: the container; empty for a store.
        digest: of the output; empty if it fails.
        error: why it fails; empty if it does not.
    """

    resource: str
    container: str = ""
    digest: bytes = b""
    error: str = ""


def outcomes(
    project: Project, world: World, state: State, rules: Rules, patterns: Sequence[str]
) -> Iterator[Outcome]:
    """Yield the outcome of each file as each container, container by container.

    Args:
        project: the confd folder.
        world: the values.
        state: the state; its container does not count.
        rules: the rules of rendering.
        patterns: of the keys whose values are hidden.
    """
    renders = _Renders(rules, world.controls.versions)
    for container in [one.name for one in world.controls.containers] or [""]:
        of = replace(state, container=container)

        @functools.cache
        def seen(resource: TemplateResource, of: State = of) -> Store:
            return masks.masked(world.stores(resource, of)[0], patterns).store

        for entry in project.entries(seen):
            try:
                made = renders.outcome(entry, seen)
            except (ConfdError, gotmpl.TemplateError) as error:
                made = Outcome(entry.name, error=str(error))
            yield replace(made, container=container)


@dataclass(frozen=True, slots=True)
class _Read:
    """A read that may differ between containers: a call of a function, and its answer."""

    function: str
    arguments: tuple[object, ...]
    answer: object


@dataclass(frozen=True, slots=True)
class _Known:
    """An outcome, and the reads that led to it."""

    reads: Sequence[_Read]
    outcome: Outcome


@dataclass(slots=True)
class _Rendered:
    """A template, and the outcomes that are known of it.

    Attributes:
        sheet: the template.
        template: the same parsed.
        known: the outcomes, the latest first.
    """

    sheet: Sheet
    template: gotmpl.Template
    known: list[_Known] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Renders:
    """Renders templates, each with several stores.

    Attributes:
        rules: the rules.
        versions: the versions of the metadata, with one of which a prefix may begin.
        rendered: the templates so far, by the name of the file.
    """

    rules: Rules
    versions: Sequence[str]
    rendered: dict[str, _Rendered | gotmpl.TemplateError] = field(default_factory=dict)

    def outcome(self, entry: Entry, seen: Callable[[TemplateResource], Store]) -> Outcome:
        """Return the outcome of a file.

        Raises:
            TemplateFileError: a file of its template cannot be read.
            gotmpl.ParseError: the template cannot be parsed.
        """
        if entry.resource is None:
            return Outcome(entry.name, error=entry.error)
        store = seen(entry.resource)
        found = self._template(entry, store)
        reading = self.rules.reading(store)
        for known in found.known:
            if all(_answer(reading, one) == one.answer for one in known.reads):
                return known.outcome
        reads: list[_Read] = []
        found.template.funcs({**self.rules.available(store), **self._noting(entry, reading, reads)})
        known = _Known(reads, _rendered(found))
        found.known[:] = [known, *found.known[: _MOST_KNOWN - 1]]
        return known.outcome

    def _template(self, entry: Entry, store: Store) -> _Rendered:
        if entry.name not in self.rendered:
            try:
                sheet = Sheet.read(entry)
                made = _Rendered(sheet, parse(sheet, self.rules.available(store)))
                self.rendered[entry.name] = made
            except gotmpl.TemplateError as error:
                self.rendered[entry.name] = error
        found = self.rendered[entry.name]
        if isinstance(found, gotmpl.TemplateError):
            raise found
        return found

    def _noting(self, entry: Entry, reading: Functions, reads: list[_Read]) -> Functions:
        """Return the functions that read the store; they note reads of what is not shared."""
        assert entry.resource is not None
        prefix = entry.resource.prefix
        return {
            name: self._one(name, call, prefix, reads)
            for name, call in reading.items()
            if name in READERS
        }

    def _one(
        self, name: str, call: Callable[..., object], prefix: str, reads: list[_Read]
    ) -> Callable[..., object]:
        @functools.wraps(call)
        def read(argument: str, *more: str) -> object:
            if not is_shared(f"{prefix}/{argument}", self.versions):
                asked = _Read(name, (argument, *more), None)
                reads.append(replace(asked, answer=_answer({name: call}, asked)))
            return call(argument, *more)

        return read


def is_shared(path: str, versions: Sequence[str]) -> bool:
    """Return whether all containers of a stack have the same keys at a path.

    Args:
        path: a key, a pattern or a path, with the prefix of its resource.
        versions: the versions of the metadata, with one of which it may begin.

    >>> is_shared("/services/web/scale", ()), is_shared("/latest/self/name", ("latest",))
    (True, False)
    """
    names = [name for name in path.split("/") if name not in ("", ".")]
    names = names[1:] if names and names[0] in versions else names
    if not names or ".." in names or not _MEANS_MORE.isdisjoint(names[0]):
        return False
    return names[0] != "self"


def _answer(functions: Functions, read: _Read) -> object:
    """Return the answer of a function, or the text of its error."""
    try:
        return functions[read.function](*read.arguments)
    except ConfdError as error:
        return type(error), str(error)


def _rendered(found: _Rendered) -> Outcome:
    entry = found.sheet.entry
    try:
        text = found.template.render(entry.data)
    except gotmpl.TemplateError as error:
        return Outcome(entry.name, error=str(error))
    return Outcome(entry.name, digest=hashlib.sha256(encode(text)).digest())
