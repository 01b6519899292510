"""The overview: every file as every container, rendered no more often than their reads differ.

Two containers of one stack see the same keys but for those below `/self`. Where a template reads
the same there for both, its output is the same too. Knows nothing of what is shown.
"""

from __future__ import annotations

import functools
import hashlib
import threading
import time
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
# A path with more names than these lies inside of one part below `/self`.
_DEPTH: Final = 2

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
        def seat(resource: TemplateResource, of: State = of) -> _Seat:
            store = masks.masked(world.stores(resource, of)[0], patterns).store
            return _Seat(store, world.own(resource, of))

        for entry in project.entries(lambda one: seat(one).store):
            try:
                made = renders.outcome(entry, seat)
            except (ConfdError, gotmpl.TemplateError) as error:
                made = Outcome(entry.name, error=str(error))
            yield replace(made, container=container)


class Progress:
    """Outcomes that are found in several steps; for several threads.

    Args:
        outcomes: yields them.
    """

    def __init__(self, outcomes: Iterator[Outcome]) -> None:
        self._outcomes = outcomes
        self._lock = threading.Lock()
        self._found: list[Outcome] = []
        self.is_complete = False

    def advance(self, seconds: float) -> Sequence[Outcome]:
        """Return the outcomes so far, after so much more time at most."""
        end = time.monotonic() + seconds
        with self._lock:
            while not self.is_complete and time.monotonic() < end:
                found = next(self._outcomes, None)
                self.is_complete = found is None
                self._found += [found] if found else []
            return tuple(self._found)


@dataclass(frozen=True, slots=True)
class _Seat:
    """A container as one resource sees the world through it.

    Attributes:
        store: the keys that the resource sees.
        own: the parts below `/self`, some of which other containers share.
    """

    store: Store
    own: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class _Read:
    """A read that may differ between containers: a call of a function, and its answer.

    Attributes:
        part: the part below `/self` in which it reads; empty if that is not known.
        function: the function.
        arguments: its arguments.
        answer: its answer.
    """

    part: str
    function: str
    arguments: tuple[object, ...]
    answer: object = None


@dataclass(frozen=True, slots=True)
class _Known:
    """An outcome, and all that led to it.

    Attributes:
        reads: the reads, by the part below `/self`.
        own: the parts of the container that read.
        outcome: the outcome.
    """

    reads: Mapping[str, Sequence[_Read]]
    own: Mapping[str, object]
    outcome: Outcome

    def holds(self, seat: _Seat, reading: Functions) -> bool:
        """Return whether another container must have the same outcome."""
        return all(
            _is_same(self.own.get(part), seat.own.get(part))
            or all(_answer(reading, one) == one.answer for one in reads)
            for part, reads in self.reads.items()
        )


def _is_same(one: object, other: object) -> bool:
    return one is not None and one is other


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
    """Renders templates, each as several containers.

    Attributes:
        rules: the rules.
        versions: the versions of the metadata, with one of which a prefix may begin.
        rendered: the templates so far, by the name of the file.
    """

    rules: Rules
    versions: Sequence[str]
    rendered: dict[str, _Rendered | gotmpl.TemplateError] = field(default_factory=dict)

    def outcome(self, entry: Entry, seat: Callable[[TemplateResource], _Seat]) -> Outcome:
        """Return the outcome of a file.

        Raises:
            TemplateFileError: a file of its template cannot be read.
            gotmpl.ParseError: the template cannot be parsed.
        """
        if entry.resource is None:
            return Outcome(entry.name, error=entry.error)
        here = seat(entry.resource)
        found = self._template(entry, here.store)
        reading = self.rules.reading(here.store)
        for known in found.known:
            if known.holds(here, reading):
                return known.outcome
        reads: dict[str, list[_Read]] = {}
        noting = self._noting(entry.resource.prefix, reading, reads)
        found.template.funcs({**self.rules.available(here.store), **noting})
        made = _Known(reads, here.own, _rendered(found))
        found.known[:] = [made, *found.known[: _MOST_KNOWN - 1]]
        return made.outcome

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

    def _noting(self, prefix: str, reading: Functions, reads: dict[str, list[_Read]]) -> Functions:
        """Return the functions that read the store; they note reads of what is not shared."""

        def noting(name: str, call: Callable[..., object]) -> Callable[..., object]:
            @functools.wraps(call)
            def read(argument: str, *more: str) -> object:
                part = part_of(f"{prefix}/{argument}", self.versions)
                if part is not None:
                    asked = _Read(part, name, (argument, *more))
                    answer = _answer(reading, asked)
                    reads.setdefault(part, []).append(replace(asked, answer=answer))
                return call(argument, *more)

            return read

        return {name: noting(name, call) for name, call in reading.items() if name in READERS}


def part_of(path: str, versions: Sequence[str]) -> str | None:
    """Return the part below `/self` in which a path lies.

    Args:
        path: a key, a pattern or a path, with the prefix of its resource.
        versions: the versions of the metadata, with one of which it may begin.

    Returns:
        the part; empty if it may lie in several parts, None if all containers share the path.

    >>> versions = ("latest",)
    >>> part_of("/latest/self/service/name", versions), part_of("/*/x", versions)
    ('service', '')
    >>> part_of("/services/web/scale", versions)
    """
    names = [name for name in path.split("/") if name not in ("", ".")]
    names = names[1:] if names and names[0] in versions else names
    if not names or ".." in names or not _MEANS_MORE.isdisjoint(names[0]):
        return ""
    if names[0] != "self":
        return None
    is_plain = len(names) > _DEPTH and _MEANS_MORE.isdisjoint(names[1])
    return names[1] if is_plain else ""


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
