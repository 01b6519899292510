"""The events of a run, and their observers: the status file, the metrics, systemd, the child.

A run reports each event once, to all observers. Knows nothing of what they do with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from confd_lib.destination.update import Status
from confd_lib.logs import LOGGER

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from confd_lib.confdir.resource import Key
    from confd_lib.destination.update import Result
    from confd_lib.run.source import Connection

    Observer = Callable[["Report"], None]

# A resource with one of these holds what the store says, or will once its values have settled.
IN_STEP: Final = frozenset((Status.UPDATED, Status.REMOVED, Status.IN_SYNC, Status.WAITING))


@dataclass(frozen=True, slots=True)
class Step:
    """The loop begins a step, or still waits for its next pass: it lives.

    Attributes:
        name: the file of a resource, the confd folder, or the store; empty while the loop waits.
    """

    name: str = ""


@dataclass(frozen=True, slots=True)
class Passed:
    """A pass has ended.

    Attributes:
        results: the outcome of each resource; of one with `each`, of each of its files.
        version: the version of the store that was rendered last; empty where it has none.
        began: when the pass began, by `time.monotonic`.
        seconds: how long it took.
    """

    results: Sequence[Result]
    version: str
    began: float = 0.0
    seconds: float = 0.0

    @property
    def behind(self) -> list[Result]:
        """The results of the files that do not hold what the store says."""
        return [result for result in self.results if result.status not in IN_STEP]

    @property
    def good(self) -> bool:
        """Whether every file is in step; a conf.d without resources is a fault of the setup."""
        return bool(self.results) and not self.behind

    @property
    def changed(self) -> bool:
        """Whether a file was changed."""
        return any(result.changed for result in self.results)


@dataclass(frozen=True, slots=True)
class ConnectionChanged:
    """The store stopped or started to answer, or fails for another reason; from any thread."""

    connection: Connection


@dataclass(frozen=True, slots=True)
class Reloaded:
    """A reload_cmd has ended.

    Attributes:
        keys: the keys of the files that it was run for, each the path of a resource, and the file
            if that resource has `each`.
        failed: whether it failed.
    """

    keys: tuple[Key, ...]
    failed: bool


@dataclass(frozen=True, slots=True)
class Reloading:
    """A signal asks for conf.d to be read again.

    Attributes:
        moment: when, by `time.monotonic`; a pass that began later has read it.
    """

    moment: float


@dataclass(frozen=True, slots=True)
class Ending:
    """The process is about to end."""


Report = Step | Passed | ConnectionChanged | Reloaded | Reloading | Ending


class Events:
    """The observers of a run.

    >>> events = Events()
    >>> events.add(print)
    >>> events.tell(Step("a.toml"))
    Step(name='a.toml')
    """

    def __init__(self) -> None:
        self._observers: tuple[Observer, ...] = ()

    def add(self, observer: Observer) -> None:
        """Let a function be called with each event, after those that were added before.

        Args:
            observer: is called in the thread of the event, which waits for it. An exception of its
                own is logged, and stops neither the run nor the next observer.
        """
        self._observers = (*self._observers, observer)

    def tell(self, event: Report) -> None:
        """Call each observer with an event."""
        for observer in self._observers:
            try:
                observer(event)
            except Exception:  # noqa: BLE001 - of somebody else's function; the pass goes on
                LOGGER.exception("An observer of the passes failed")
