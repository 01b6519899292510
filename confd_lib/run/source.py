"""The store of a run: a backend, the keys of its last question, and whether it answers.

Knows nothing of resources and loops. An outage is logged once for each kind of failure, when it
begins, and once more when it is over.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from confd_lib.backends.protocol import Partial, Reporting, check_backend
from confd_lib.errors import BackendError, Interrupted, as_backend_error
from confd_lib.logs import LOGGER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from confd_lib.backends.protocol import Backend, Snapshot


@dataclass(frozen=True, slots=True)
class Connection:
    """Whether a store answers.

    Attributes:
        reachable: whether the last question, or the last try of a watch, was answered; False before
            the first.
        since: when `reachable` last changed, in seconds since 1970.
        last_answer: when the store last answered, in seconds since 1970; 0 if it never did.
        error: the text of the last failure; empty if the store answers.
        answered: the moment of `last_answer` by `time.monotonic`, for its age: the seconds since
            1970 are to be shown, and not to be compared, as somebody may set the clock.

    >>> Connection(reachable=True, since=10, last_answer=20).then("refused", now=30, moment=3)
    Connection(reachable=False, since=30, last_answer=20, error='refused', answered=0.0)
    """

    reachable: bool
    since: float
    last_answer: float
    error: str = ""
    answered: float = 0.0

    def then(self, error: str, *, now: float, moment: float) -> Connection:
        """Return the state after one more question, which ended with an error or with none."""
        reachable = not error
        return Connection(
            reachable,
            self.since if reachable is self.reachable else now,
            now if reachable else self.last_answer,
            error,
            moment if reachable else self.answered,
        )


class Source:
    """A backend with the keys of its last question and its answer.

    Args:
        backend: the store.
        clock: gives the seconds since 1970.
        monotonic: gives seconds that never go back.

    Attributes:
        keys: the absolute keys that the pass asked for.
        snapshot: the state that the pass renders; None if it could not be had.
        connection: whether the store answers.
        on_change: is called, from any thread, when the store stops or starts to answer, and when
            it fails for another reason.
    """

    def __init__(
        self,
        backend: Backend,
        *,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        check_backend(backend)
        self._backend = backend
        self._clock = clock
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._failures: set[object] = set()
        self.joins_prefixes = backend.joins_prefixes
        self.keys: tuple[str, ...] = ()
        self.snapshot: Snapshot | None = None
        self.connection = Connection(reachable=False, since=clock(), last_answer=0.0)
        self.on_change: Callable[[Connection], None] = lambda _: None
        if isinstance(backend, Reporting):
            backend.report = self.report

    def begin(self, news: Snapshot | None) -> None:
        """Begin a pass, with a state that is news or with None."""
        self.snapshot = news
        if news is None:
            self.keys = ()

    def rest(self) -> None:
        """Note that no resource asks for keys, so that an outage of the store concerns nobody."""
        with self._lock:
            if self.connection.last_answer or self.connection.error:
                self.connection = Connection(reachable=False, since=self._clock(), last_answer=0.0)

    def get_values(self, keys: Sequence[str]) -> Snapshot:
        """Ask the backend.

        Raises:
            BackendError: the backend failed; `repeated` if such a failure has been logged already.
        """
        self.keys, self.snapshot = tuple(keys), None
        try:
            self.snapshot = self._backend.get_values(keys)
        except Interrupted:
            raise
        except Exception as error:  # noqa: BLE001 - a store of somebody else's may raise anything
            raised = as_backend_error(error)
            # Where only some keys are lost, the store answered: the others are asked for next.
            if not raised.keys or set(raised.keys) >= set(keys):
                raised.repeated = not self._note(raised)
            raise raised from error.__cause__ if raised is error else error
        self._note_answer()
        return self.snapshot

    def changes(
        self, keys: Sequence[str], since: Snapshot | None, stop: threading.Event
    ) -> Iterator[Snapshot]:
        """Yield the changes of the backend.

        Raises:
            BackendError: the watch has ended.
        """
        for snapshot in self._backend.changes(keys, since, stop):
            self._note_answer()
            yield snapshot

    def report(self, error: BackendError | None) -> None:
        """Note how one try of a watch ended, and log a new failure; None is an answer."""
        if error is None:
            self._note(None)
            return
        level = logging.ERROR if self._note(error) else logging.DEBUG
        LOGGER.log(level, "%s", error)

    def _note_answer(self) -> None:
        """Note an answer, for parts of which an earlier one may stand."""
        self.report(self._backend.lost if isinstance(self._backend, Partial) else None)

    def _note(self, error: BackendError | None) -> bool:
        """Return whether this is the first failure of its kind since the store last answered."""
        with self._lock:
            before, first = self.connection, False
            text = "" if error is None else str(error) or type(error).__name__
            self.connection = before.then(text, now=self._clock(), moment=self._monotonic())
            if error is not None:
                first = error.kind not in self._failures
                self._failures.add(error.kind)
            elif self._failures:
                self._failures = set()
                LOGGER.info("The store answers again")
            now = self.connection
        if before.reachable is not now.reachable or before.error not in ("", now.error):
            self.on_change(now)
        return first
