"""The protocol between a pass and a store.

Knows nothing of any particular store, nor of templates and resources.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from confd_lib.golang.path import join
from gotmpl.arguments import described

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from threading import Event

    from confd_lib.errors import BackendError
    from confd_lib.store.store import Store


class Snapshot(Protocol):
    """The state of a store at one moment; all resources of a pass are rendered from one."""

    @property
    def version(self) -> str:
        """A text that differs from those of other states; for logs and the status file."""

    def view(self, prefix: str, keys: Sequence[str]) -> Store:
        """Return the keys that one resource asks for, with its prefix cut off.

        Args:
            prefix: the full prefix of the resource.
            keys: its keys, below that prefix.
        """


class Backend(Protocol):
    """A store of keys and values."""

    joins_prefixes: bool
    """Whether the prefix of the run and that of a resource are joined, unless `compat` decides."""

    def get_values(self, keys: Sequence[str]) -> Snapshot:
        """Ask the store once.

        Args:
            keys: absolute keys, which include the prefix.

        Returns:
            one consistent state that covers the keys.

        Raises:
            BackendError: the store cannot be asked, or not for some of the keys, which it names.
        """

    def changes(
        self, keys: Sequence[str], since: Snapshot | None, stop: Event
    ) -> Iterator[Snapshot]:
        """Yield each state that differs from the one before.

        The iterator outlives outages of the store. It runs in a thread of its own, and
        `get_values` may be called meanwhile.

        Args:
            keys: as for `get_values`; at least one.
            since: the state that was rendered last. Without one, the present state is yielded as
                soon as it can be had.
            stop: ends the waiting within a second, and the iterator with it.

        Raises:
            CannotWatch: the store cannot report changes; raised by the call or by the first step
                of the iterator.
            BackendError: the watch cannot go on by itself; a later call may succeed.
        """


def check_backend(backend: object) -> None:
    """Refuse an argument that is no store.

    Raises:
        TypeError: it is something else, such as a mapping, or the class of a store.
    """
    if isinstance(backend, type) or not hasattr(backend, "get_values"):
        call = ": call it" if isinstance(backend, type) else ""
        found = f"{described(backend)}{call}"
        raise TypeError(f"backend is a store, such as backends.Memory(values), not {found}")


def values_of(backend: Backend, prefix: str, keys: Sequence[str]) -> Store:
    """Ask a store once, and return what a resource with this prefix and these keys sees.

    Raises:
        BackendError: the store does not answer, or refuses a key.
    """
    asked = [join("/", prefix, key) for key in keys]
    return backend.get_values(asked).view(join("/", prefix), keys)


@runtime_checkable
class Reporting(Protocol):
    """A backend that reports how each try to reach its store ended, while `changes` waits.

    Attributes:
        report: set by whoever runs the backend, and called by `changes`, in whichever thread: with
            the error after a failure that it outlives, with None after each answer.
    """

    report: Callable[[BackendError | None], None]


@runtime_checkable
class Partial(Protocol):
    """A backend of several stores, which answers though one of them does not."""

    @property
    def lost(self) -> BackendError | None:
        """The error of the stores for which an earlier answer stands; None without such."""


@dataclass(frozen=True, slots=True)
class StoreSnapshot:
    """A snapshot of a store whose answers are trees.

    Attributes:
        version: as in `Snapshot`.
        store: everything that was answered, under absolute keys.
    """

    version: str
    store: Store

    def view(self, prefix: str, keys: Sequence[str]) -> Store:
        """Return the keys that one resource asks for, with its prefix cut off."""
        return self.store.view(prefix, keys)
