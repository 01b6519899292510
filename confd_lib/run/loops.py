"""The loops, which decide when the next pass begins, and from which state of the store.

They know a pass as a function that returns results, and nothing of how it is made.
"""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Final

from confd_lib.errors import CannotWatch
from confd_lib.logs import LOGGER
from confd_lib.run.waiting import Listener, Lost, News
from metadata_client import delays

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from threading import Event

    from confd_lib.backends.protocol import Snapshot
    from confd_lib.destination.update import Result
    from confd_lib.errors import BackendError
    from confd_lib.run.source import Source
    from confd_lib.run.waiting import Inbox

    Pass = Callable[[Event, Snapshot | None], list[Result]]
    Due = Callable[[], float]

# The first pause after a pass in which something failed, and after the loss of a watch. The next
# ones are longer: up to the regular pause, and to a minute.
_FIRST_RETRY_S: Final = 2.0
_LAST_RETRY_S: Final = 60.0


def interval(
    run_pass: Pass, inbox: Inbox, seconds: float, stop: Event, due: Due
) -> Iterator[list[Result]]:
    """Run a pass after each pause.

    Args:
        run_pass: runs a pass, which asks the store.
        inbox: a request in it ends the pause.
        seconds: the regular pause; a shorter one follows a pass in which something failed.
        stop: ends the loop.
        due: returns the seconds until something that was put off needs a pass; may be infinity.

    Yields:
        the results of each pass.
    """
    pauses = _Pauses(seconds)
    while not stop.is_set():
        results = run_pass(stop, None)
        yield results
        inbox.wait(min(pauses.after(results), due()), stop)


class Watch:
    """Runs a pass after each change of a store.

    Args:
        source: the store.
        run_pass: runs a pass from the state that it is given, or from None by asking the store.
        inbox: a request in it ends the wait for news.
        resync: seconds after which a pass asks the store though there is no news; sooner after one
            in which something failed.
        stop: ends the loop.
        due: returns the seconds until something that was put off needs a pass; may be infinity.
    """

    def __init__(
        self, source: Source, run_pass: Pass, inbox: Inbox, resync: float, stop: Event, due: Due
    ) -> None:
        self._source = source
        self._pass = run_pass
        self._inbox = inbox
        self._resync = resync
        self._stop = stop
        self._due = due
        self._pauses = _Pauses(resync)
        self._retries = delays(_FIRST_RETRY_S, _LAST_RETRY_S)
        self._refusals: set[str] = set()

    def passes(self) -> Iterator[list[Result]]:
        """Yield the results of each pass."""
        while not self._stop.is_set():
            results = self._run(None)
            yield results
            yield from self._follow(results)

    def _run(self, news: Snapshot | None) -> list[Result]:
        self._source.begin(news)
        return self._pass(self._stop, news)

    def _follow(self, results: Sequence[Result]) -> Iterator[list[Result]]:
        """Run a pass for each change, until the store has to be asked again."""
        keys, resync = self._source.keys, time.monotonic() + self._resync
        with self._listening():
            while keys == self._source.keys:
                pause = min(self._pauses.after(results), self._due())
                end = min(resync, time.monotonic() + pause)
                snapshot = self._news(end)
                if snapshot is None:
                    return
                results = self._run(snapshot)
                yield results

    @contextlib.contextmanager
    def _listening(self) -> Iterator[None]:
        """Watch the store while the block lasts, even if it could not be asked before."""
        if not self._source.keys:
            yield
            return
        source = self._source
        listener = Listener(source, source.keys, source.snapshot, self._inbox)
        try:
            yield
        finally:
            listener.close()
            self._inbox.clear()

    def _news(self, end: float) -> Snapshot | None:
        """Wait for the next state of the store; return None once the store is to be asked again."""
        message = self._inbox.wait(end - time.monotonic(), self._stop)
        if isinstance(message, Lost):
            pause = self._pause_after(message.error, end - time.monotonic())
            self._inbox.wait(pause, self._stop)  # a request ends the pause
            return None
        self._retries = delays(_FIRST_RETRY_S, _LAST_RETRY_S)
        return message.snapshot if isinstance(message, News) else None

    def _pause_after(self, error: BackendError, left: float) -> float:
        """Log the loss of the watch, and return the seconds until the next try."""
        if not isinstance(error, CannotWatch):
            self._source.report(error)
            return min(left, next(self._retries))
        if str(error) not in self._refusals:
            LOGGER.warning("%s; asking every %g s instead", error, self._resync)
            self._refusals.add(str(error))
        return left


class _Pauses:
    """The seconds between two passes.

    Args:
        regular: the seconds after a pass in which nothing failed; the most after any other.
    """

    def __init__(self, regular: float) -> None:
        self._regular = regular
        self._retries = delays(_FIRST_RETRY_S, regular)

    def after(self, results: Sequence[Result]) -> float:
        """Return the seconds after a pass; they grow with each failure in a row."""
        if any(result.error for result in results):
            return next(self._retries)
        self._retries = delays(_FIRST_RETRY_S, self._regular)
        return self._regular
