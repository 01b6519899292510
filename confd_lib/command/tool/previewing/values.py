"""Where `confd-lib preview` takes values from: compose files, a file of values, or a store.

Knows flags, and nothing of templates and of what is shown.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from confd_lib import backends
from confd_lib.backends.simulated import View
from confd_lib.command.tool import following, sources, stack
from confd_lib.errors import ConfdError
from confd_lib.golang import walk
from confd_lib.preview.model import pins
from confd_lib.preview.model.history import Recent
from confd_lib.preview.model.paths import shown_path
from confd_lib.preview.model.states import StateError
from confd_lib.preview.model.worlds import StackWorld, StoreWorld
from gotmpl import did_you_mean, near
from metadata_client import MetadataError, compose

if TYPE_CHECKING:
    import argparse

    from confd_lib.confdir.resource import TemplateResource
    from confd_lib.preview.model.scene import Scene
    from confd_lib.preview.model.states import State
    from confd_lib.preview.model.worlds import Source
    from confd_lib.store.store import Store

_MOST_WORLDS: Final = 4


def source(options: argparse.Namespace) -> Source:
    """Return where the flags say that the values are."""
    if options.compose:
        return FromCompose(options)
    return FromFile(options) if options.values else FromStore(options)


class FromCompose:
    """The stack of compose files, or of an entry of a catalog.

    Args:
        options: the flags that describe it.
    """

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self._name = ""
        # Most edits are of templates, and leave the stack as it is.
        self._worlds: Recent[object, StackWorld] = Recent(_MOST_WORLDS)

    def world(self, _: Sequence[TemplateResource], state: State) -> StackWorld:
        """Return the stack with the answers and the scales of a state.

        Raises:
            MetadataError: the files cannot be loaded, or a scale is of no service.
            StateError: an answer is to no question.
        """
        key = _contents(self.files()), state.scales, state.answers
        return self._worlds.get_or_make(key, lambda: self._load(state))

    def _load(self, state: State) -> StackWorld:
        options = self._options
        defined = stack.load(options, scaled=False, answers=dict(state.answers))
        _check_answers(state, [question.variable for question in defined.questions])
        self._name = defined.name
        return StackWorld.of(defined, {**dict(options.scale), **dict(state.scales)})

    def files(self) -> Iterator[Path]:
        """Yield the files that describe the stack."""
        try:
            yield from compose.files_of(self._options.compose)
        except MetadataError:  # a view reports it
            yield Path(self._options.compose)
        if self._options.entry_answers:
            yield Path(self._options.entry_answers)

    def pinned(self, scene: Scene) -> pins.Values:
        """Return the call that loads the stack in a test."""
        options, state = self._options, scene.state
        answers = stack.answers_of(options, dict(state.answers)) or {}
        called = {
            "scale": {**dict(options.scale), **dict(state.scales)},
            "env": pins.hidden(dict(options.env), scene),
            "name": self._name,
            "dialect": options.dialect,
            "answers": pins.hidden({name: str(one) for name, one in answers.items()}, scene),
        }
        folder = pins.quoted(shown_path(options.compose))
        return pins.of_stack(pins.Call("confd.compose", (folder,), called), scene)


def _check_answers(state: State, asked: Sequence[str]) -> None:
    for variable, _ in state.answers:
        if variable not in asked:
            there = f"there are {', '.join(asked)}" if asked else "the stack asks nothing"
            hint = did_you_mean(near(variable, asked)) or there
            raise StateError(f"there is no question {variable}; {hint}")


class FromFile:
    """A file of values, or a folder of such files.

    Args:
        options: the flags that name it.
    """

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options

    def world(self, _: Sequence[TemplateResource], __: State) -> StoreWorld:
        """Return the values.

        Raises:
            ConfdError: the file cannot be read.
        """
        view = View(backends.File(self._options.values).get_values(["/"]).view("/", ["/"]))

        def lookup(resource: TemplateResource) -> tuple[Store, Store]:
            if self._options.prefix:
                resource = replace(resource, prefix=self._options.prefix)
            return view.store_of(resource), view.whole_of(resource)

        return StoreWorld(lookup)

    def files(self) -> Iterator[Path]:
        """Yield the file, or those of the folder."""
        return map(Path, walk.files(self._options.values, lambda _: True))

    def pinned(self, scene: Scene) -> pins.Values:
        """Return the lines that write the values in a test."""
        return pins.of_store(scene)


class FromStore:
    """The keys of a store, which is asked and never written.

    Args:
        options: the flags that name it.
    """

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self._lock = threading.Lock()
        self._asked: tuple[TemplateResource, ...] = ()
        self._contents: object = ()
        self._answer: dict[str, Store] | ConfdError | None = None

    def world(self, resources: Sequence[TemplateResource], _: State) -> StoreWorld:
        """Return what the store held when it was asked last: at once after an edit of its files.

        Raises:
            ConfdError: the store did not answer.
        """
        with self._lock:
            now = tuple(resources), _contents(self.files())
            if self._answer is None or (self._asked, self._contents) != now:
                self._asked, self._contents = now
                self._answer = self._ask(resources)
            answer = self._answer
        if isinstance(answer, ConfdError):
            raise answer
        return StoreWorld(lambda one: (answer[one.path], answer[one.path]))

    def has_moved(self) -> bool:
        """Ask the store again; return whether its answer is another."""
        with self._lock:
            asked, old = self._asked, self._answer
        if old is None:
            return False
        new = self._ask(asked)
        if _held(old) == _held(new):
            return False
        with self._lock:
            if self._asked != asked:  # a resource has been edited meanwhile
                return False
            self._answer = new
        return True

    def files(self) -> Iterator[Path]:
        """Yield the files that the flags name, and those of the folders that they name."""
        for path in sources.files(self._options):
            yield from map(Path, walk.files(path, lambda _: True))

    def pinned(self, scene: Scene) -> pins.Values:
        """Return the lines that write the values in a test."""
        return pins.of_store(scene)

    def _ask(self, resources: Iterable[TemplateResource]) -> dict[str, Store] | ConfdError:
        try:
            return sources.views_of(self._options, resources)
        except ConfdError as error:
            return error


def _held(answer: dict[str, Store] | ConfdError) -> object:
    """Return an answer as a value that can be compared."""
    if isinstance(answer, ConfdError):
        return str(answer)
    try:
        return {path: dict(store.items()) for path, store in answer.items()}
    except ConfdError as error:  # a value that no key can have, which a view reports
        return str(error)


def _contents(paths: Iterable[Path]) -> tuple[tuple[Path, bytes | None], ...]:
    """Return digests of files, which differ once a file does."""
    return tuple((path, following.digest(path)) for path in paths)


def watch(source: Source, stop: threading.Event, seconds: float, moved: Callable[[], None]) -> None:
    """Ask a store again and again, until it is to stop.

    Args:
        source: the source of values; one that is no store is not asked.
        stop: ends the questions.
        seconds: the time between two of them.
        moved: called after an answer that differs.
    """
    if isinstance(source, FromStore):
        while not stop.wait(seconds):
            if source.has_moved():
                moved()
