"""Several stores as one: of a key that several have, the value of the last one counts.

Knows nothing of any particular store. Each layer is asked and watched in its own way, and one that
fails keeps its last values, so that changes of the others still arrive.
"""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from queue import Empty, Queue
from typing import TYPE_CHECKING, Final, TypeAlias

from confd_lib.errors import BackendError, CannotWatch, Interrupted, as_backend_error
from confd_lib.golang.path import join
from confd_lib.logs import LOGGER
from confd_lib.store.store import Store
from gotmpl.arguments import checked, described
from metadata_client import delays

from .protocol import Reporting, check_backend

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Hashable, Iterator, Sequence
    from threading import Event

    from .protocol import Backend, Snapshot

# The number of a layer, counted from 0, and its new state or the error that ends the watch.
_News: TypeAlias = "tuple[int, Snapshot | BackendError]"

INTERVAL: Final = 600.0
# The pauses after a layer's watch has ended with an error: the first, and the longest.
_FIRST_RETRY_S: Final = 2.0
_LAST_RETRY_S: Final = 60.0
# The stop event does not wake a wait for news, so it is checked this often.
_STOP_CHECK_S: Final = 0.2
# A backend ends `changes` within a second of its stop event; a close waits no longer.
_JOIN_S: Final = 0.7


@checked
@dataclass(frozen=True, slots=True)
class Layer:
    """A store, and how it is asked among others.

    Attributes:
        backend: the store.
        prefix: stands before each key that the store is asked for, and is cut off again.
        name: names the layer in messages; empty for its number.
        keys: the store is asked for these keys and those below them, and for no others, as a store
            may refuse the rest; without `prefix`.

    >>> from confd_lib.backends import Memory
    >>> layer = Layer(Memory({}), prefix="/v1", keys=["/secret"])
    >>> layer.asked(["/self", "/secret/db"]), layer.asked(["/"])
    (['/v1/secret/db'], ['/v1/secret'])
    """

    backend: Backend
    prefix: str = "/"
    name: str = ""
    keys: Sequence[str] = ("/",)

    def __post_init__(self) -> None:
        check_backend(self.backend)

    def asked(self, keys: Sequence[str]) -> list[str]:
        """Return the store's own keys that a question for some keys needs.

        Args:
            keys: absolute keys, without the layer's prefix.
        """
        return [join("/", self.prefix, one) for key in keys for one in self._common(key)]

    def view(self, snapshot: Snapshot, prefix: str, keys: Sequence[str]) -> Store:
        """Return the keys that one resource asks for, from a state of this store.

        A key that the state lacks may be another layer's, though the store alone would fail here.

        Args:
            snapshot: the state.
            prefix: the full prefix of the resource, without the layer's.
            keys: its keys, below that prefix.
        """
        wanted = [one for key in keys for one in self._common(join("/", prefix, key))]
        while True:
            try:
                return snapshot.view(join("/", self.prefix), wanted).view(prefix)
            except BackendError as error:
                if not set(error.keys).intersection(wanted):
                    raise
                wanted = [key for key in wanted if key not in error.keys]

    def _common(self, key: str) -> Iterator[str]:
        """Yield the keys that lie below a key, or are it, and below one of the layer's."""
        for own in (join("/", own) for own in self.keys):
            if _is_within(key, own):
                yield key
                return
            if _is_within(own, key):
                yield own


def _named(layer: Layer, number: int) -> Layer:
    if not isinstance(layer, Layer):
        raise TypeError(f"a layer is a backends.Layer(store), not {described(layer)}")
    return layer if layer.name else replace(layer, name=f"layer {number}")


def _is_within(key: str, outer: str) -> bool:
    return outer in ("/", key) or key.startswith(f"{outer}/")


@dataclass(frozen=True, slots=True)
class LayeredSnapshot:
    """The states of all layers at one moment.

    Attributes:
        layers: the layers.
        parts: the state of each; None for one that was not asked.
    """

    layers: tuple[Layer, ...]
    parts: tuple[Snapshot | None, ...]

    @property
    def version(self) -> str:
        """The versions of the layers that have one, each after the layer's name."""
        named = [(layer.name, part.version) for layer, part in self._asked() if part.version]
        return ", ".join(f"{name} {version}" for name, version in named)

    def view(self, prefix: str, keys: Sequence[str]) -> Store:
        """Return the keys that one resource asks for, with its prefix cut off."""
        return Store.layered(layer.view(part, prefix, keys) for layer, part in self._asked())

    def _asked(self) -> Iterator[tuple[Layer, Snapshot]]:
        for layer, part in zip(self.layers, self.parts, strict=True):
            if part is not None:
                yield layer, part


class Layered:
    """Several stores as one.

    While a layer fails, its last good part stands for it, and `lost` is the error; without a good
    part that has all keys in question, the error is raised.

    Args:
        layers: from the first to the last; of a key that several have, the last one's value counts.
        interval: seconds after which a layer that cannot be watched is asked again.

    >>> from confd_lib.backends import Memory
    >>> defaults = Memory({"/db": {"host": "localhost", "port": 5432}})
    >>> vault = Memory({"/v1/db/password": "s3cret"})
    >>> layered = Layered([Layer(defaults), Layer(vault, prefix="/v1")])
    >>> dict(layered.get_values(["/db"]).view("/db", ["/"]).items())
    {'/host': 'localhost', '/port': '5432', '/password': 's3cret'}
    """

    @checked
    def __init__(self, layers: Sequence[Layer], *, interval: float = INTERVAL) -> None:
        named = [_named(layer, number) for number, layer in enumerate(layers, 1)]
        self._members = tuple(_Member(layer, interval, self._report) for layer in named)
        self._layers = tuple(named)
        self._lock = threading.Lock()
        self.joins_prefixes = any(layer.backend.joins_prefixes for layer in named)
        self.report: Callable[[BackendError | None], None] = lambda _: None

    @property
    def away(self) -> list[str]:
        """The names of the layers that do not answer."""
        return [member.name for member in self._members if member.loss is not None]

    @property
    def lost(self) -> BackendError | None:
        """The error of the layers that do not answer; None if all of them do."""
        losses = [loss for member in self._members if (loss := member.loss) is not None]
        if not losses:
            return None
        return BackendError("; ".join(map(str, losses)), kind=frozenset(one.kind for one in losses))

    def get_values(self, keys: Sequence[str]) -> Snapshot:
        """Ask each layer once.

        Raises:
            BackendError: a layer fails and has no good part of some keys, or it fails for some
                alone; the error names them, and the layer.
        """
        return LayeredSnapshot(self._layers, tuple(member.read(keys) for member in self._members))

    def changes(
        self, keys: Sequence[str], since: Snapshot | None, stop: Event
    ) -> Iterator[Snapshot]:
        """Yield the state after each change in a layer, as soon as each layer has a part.

        Raises:
            BackendError: a layer fails for some of the keys alone; the others are to be asked for.
        """
        asked = [layer.asked(keys) for layer in self._layers]
        parts: list[Snapshot | None] = [None] * len(asked)
        if isinstance(since, LayeredSnapshot):
            parts = list(since.parts)
        with self._listening(asked, parts) as news:
            while not stop.is_set():
                try:
                    at, found = news.get(timeout=_STOP_CHECK_S)
                except Empty:
                    continue
                if isinstance(found, BackendError):
                    raise found
                parts[at] = found
                if all(parts[at] is not None for at, keys in enumerate(asked) if keys):
                    yield LayeredSnapshot(self._layers, tuple(parts))

    def _report(self) -> None:
        with self._lock:  # the last report is that of the present state
            self.report(self.lost)

    @contextmanager
    def _listening(
        self, asked: Sequence[Sequence[str]], parts: Sequence[Snapshot | None]
    ) -> Iterator[Queue[_News]]:
        """Watch each layer in a thread of its own, and give the queue of their news."""
        news: Queue[_News] = Queue()
        stop = threading.Event()
        threads = [
            threading.Thread(
                target=member.listen,
                args=(asked[at], parts[at], stop, at, news),
                name=f"confd-layer-{at + 1}",
                daemon=True,
            )
            for at, member in enumerate(self._members)
            if asked[at]
        ]
        try:
            for thread in threads:
                thread.start()
            yield news
        finally:
            stop.set()
            _join(threads)


def _join(threads: Sequence[threading.Thread]) -> None:
    """Wait for the end of threads; those that do not end in time are left behind."""
    deadline = time.monotonic() + _JOIN_S
    for thread in threads:
        if thread.ident is not None:
            thread.join(max(0.0, deadline - time.monotonic()))


class _Member:
    """A layer in use.

    Args:
        layer: the layer.
        interval: seconds after which it is asked again if it cannot be watched.
        report: called by `listen` after each try.

    Attributes:
        name: names the layer in messages.
        loss: the error of the last try; None if that was answered.
    """

    def __init__(self, layer: Layer, interval: float, report: Callable[[], None]) -> None:
        self.name = layer.name
        self.loss: BackendError | None = None
        self._layer = layer
        self._backend = layer.backend
        self._interval = interval
        self._report = report
        # The last good part, and the keys that it was asked for.
        self._good: tuple[Snapshot, frozenset[str]] | None = None
        self._answers = 0
        self._failures: set[Hashable] = set()
        self._warnings: set[str] = set()
        if isinstance(layer.backend, Reporting):
            layer.backend.report = self._heard

    def read(self, keys: Sequence[str]) -> Snapshot | None:
        """Ask the layer once, and return its part, or its last good one if it fails.

        Returns:
            None if the layer has none of the keys.

        Raises:
            BackendError: it fails, and has no good part of some keys, or it fails for some alone.
        """
        asked = self._layer.asked(keys)
        if not asked:
            self.loss = None
            return None
        try:
            part = self._backend.get_values(asked)
        except Interrupted:
            raise
        except Exception as error:  # noqa: BLE001 - a store of somebody else's may raise anything
            return self._instead(keys, as_backend_error(error))
        self._take(part, asked)
        return part

    def listen(
        self,
        asked: Sequence[str],
        since: Snapshot | None,
        stop: Event,
        at: int,
        news: Queue[_News],
    ) -> None:
        """Put each state of the layer that differs from the one before into a queue.

        Args:
            asked: the keys of the store.
            since: the state that the consumer has, if it has one.
            stop: ends the waiting, which outlives failures of the whole layer.
            at: put beside each state.
            news: the queue; gets the error, as the last item, if the layer fails for some keys.
        """
        retries, in_doubt = delays(_FIRST_RETRY_S, _LAST_RETRY_S), since is None
        while not stop.is_set():
            error = BackendError("the store ended the watch")
            try:
                for part in self._states(asked, since, in_doubt, stop):
                    if stop.is_set():
                        return
                    self._take(part, asked)
                    self._report()
                    if part != since:
                        news.put((at, part))
                    since, retries = part, delays(_FIRST_RETRY_S, _LAST_RETRY_S)
            except Interrupted:
                return
            except Exception as raised:  # noqa: BLE001 - a thread's border: silence would look like no news
                error = as_backend_error(raised)
            if _is_of_some(error, asked):
                news.put((at, self._named("", error)))
                return
            if not stop.is_set():
                self._heard(error)
                in_doubt = True
                stop.wait(next(retries))

    def _states(
        self, asked: Sequence[str], since: Snapshot | None, in_doubt: bool, stop: Event
    ) -> Iterator[Snapshot]:
        """Yield each state of the layer; where it cannot be watched, the state in intervals."""
        try:
            yield from self._backend.changes(asked, since, stop)
        except CannotWatch as error:
            self._warn(f"{self.name}: {error}; asking every {self._interval:g} s instead")
        else:
            return
        while not stop.wait(0 if in_doubt else self._interval):
            in_doubt = False
            yield self._backend.get_values(asked)

    def _instead(self, keys: Sequence[str], error: BackendError) -> Snapshot:
        """Return the last good part after a failure.

        Raises:
            BackendError: it lacks some of the keys, or the store has failed for some alone.
        """
        needed = set(self._layer.asked(keys))
        if _is_of_some(error, needed):
            raise self._without(set(error.keys), keys, error) from error
        self._lose(error)
        part, covered = self._good or (None, frozenset())
        if part is not None and covered.issuperset(needed):
            return part
        raise self._without(needed - covered, keys, error) from error

    def _without(self, own: set[str], keys: Sequence[str], error: BackendError) -> BackendError:
        """Return the error of the keys that need any of these own ones; it names none for all."""
        lost = [key for key in keys if not own.isdisjoint(self._layer.asked([key]))]
        found = self._named("", error, lost if len(lost) < len(keys) else ())
        found.repeated = found.kind in self._failures
        self._failures.add(found.kind)
        return found

    def _take(self, part: Snapshot, asked: Sequence[str]) -> None:
        self._good = part, frozenset(asked)
        self._answered()

    def _answered(self) -> None:
        self.loss = None
        self._answers += 1
        self._failures.clear()

    def _lose(self, error: BackendError) -> None:
        self.loss = self._named(" keeps its last values" if self._good else "", error)

    def _heard(self, error: BackendError | None) -> None:
        """Note how a try of a watch ended."""
        if error is None:
            self._answered()
        else:
            self._lose(error)
        self._report()

    def _named(self, does: str, error: BackendError, keys: Sequence[str] = ()) -> BackendError:
        """Return an error of the store with the name of the layer; each outage is a kind."""
        kind = frozenset(((self.name, self._answers, error.kind),))
        return BackendError(f"{self.name}{does}: {error}", keys, kind)

    def _warn(self, line: str) -> None:
        if line not in self._warnings:
            self._warnings.add(line)
            LOGGER.warning("%s", line)


def _is_of_some(error: BackendError, keys: Collection[str]) -> bool:
    """Return whether a store has failed for some of the keys, and not for the others."""
    return bool(error.keys) and not set(keys).issubset(error.keys)
