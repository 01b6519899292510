"""What a pass asks of a store, and what it gets.

Knows nothing of any particular store, nor of templates and resources.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from threading import Event

    from confd_lib.errors import BackendError
    from confd_lib.store.store import Store


class Snapshot(Protocol):
    """What a store said at one moment; all resources of a pass are rendered from one."""

    @property
    def version(self) -> str:
        """What tells it from others of its store; for logs and the status file."""

    def view(self, prefix: str, keys: Sequence[str]) -> Store:
        """The keys that one resource asks for, with its prefix cut off.

        Args:
            prefix: the full prefix of the resource.
            keys: its keys, below that prefix.
        """


class Backend(Protocol):
    """A store of keys and values."""

    joins_prefixes: bool
    """Whether the prefix of the run and that of a resource are joined, unless `compat` decides."""

    def get_values(self, keys: Sequence[str]) -> Snapshot:
        """Ask once.

        Args:
            keys: absolute keys, their prefix joined to them already.

        Returns:
            one consistent view that covers the keys.

        Raises:
            BackendError: the store cannot be asked, or not for some of the keys, which it names.
        """

    def changes(
        self, keys: Sequence[str], since: Snapshot | None, stop: Event
    ) -> Iterator[Snapshot]:
        """Wait for what differs from a snapshot, and yield it, again and again.

        The iterator outlives outages of the store. It runs in a thread of its own, and
        `get_values` may be called meanwhile.

        Args:
            keys: as for `get_values`; at least one.
            since: what has been rendered; whatever differs from it is news. None: nothing has, so
                that the present state is news as soon as it can be had.
            stop: ends the waiting within a second, and the iterator with it.

        Raises:
            CannotWatch: the store has no way to say that something changed; by the call itself or
                by the first step of the iterator.
            BackendError: the watch cannot go on by itself; whoever called may try again later.
        """


@runtime_checkable
class Reporting(Protocol):
    """A backend that says how each try to reach its store ended, while `changes` waits.

    Attributes:
        report: set by whoever runs the backend, and called by `changes`, in whichever thread: with
            the error after a failure that it outlives, with None after each answer.
    """

    report: Callable[[BackendError | None], None]


@dataclass(frozen=True, slots=True)
class StoreSnapshot:
    """A snapshot of a store whose answers are trees.

    Attributes:
        version: what tells it from others.
        store: everything that was answered, under absolute keys.
    """

    version: str
    store: Store

    def view(self, prefix: str, keys: Sequence[str]) -> Store:
        """The keys that one resource asks for, with its prefix cut off."""
        return self.store.view(prefix, keys)
