"""A consumer of `changes`, in a thread of its own as in the loop."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import Any, Final, TypeVar

from confd_lib.backends import Reporting
from confd_lib.errors import BackendError
from tests.confd_lib.backends.contract.kinds import Subject

T = TypeVar("T")

# What does not come within so many seconds does not come.
_LIMIT: Final = 60


class Watcher:
    """Collects what a watch yields and reports.

    Attributes:
        stop: ends the watch.
        states: what a resource with the watched keys gets, after each change.
        reports: the failures that the backend reported, and None for each answer.
        error: what ended the watch.
    """

    def __init__(self, subject: Subject, paths: tuple[str, ...], since: Any) -> None:
        self.stop = threading.Event()
        self.states: list[dict[str, str]] = []
        self.reports: list[BackendError | None] = []
        self.error: Exception | None = None
        self._changed = threading.Condition()
        self._subject, self._paths, self._since = subject, paths, since
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def _watch(self) -> None:
        subject = self._subject
        if isinstance(subject.backend, Reporting):
            subject.backend.report = self._report
        keys = [subject.key(path) for path in self._paths]
        try:
            for snapshot in subject.backend.changes(keys, self._since, self.stop):
                self._note(self.states, subject.seen(snapshot, *self._paths))
        except Exception as error:  # noqa: BLE001 - a thread's border; tests look at it
            self.error = error
            self._note(self.reports, None)

    def _report(self, error: BackendError | None) -> None:
        self._note(self.reports, error)

    def _note(self, notes: list[T], note: T) -> None:
        with self._changed:
            notes.append(note)
            self._changed.notify_all()

    def _until(self, happened: Callable[[], bool], what: str) -> None:
        with self._changed:
            if not self._changed.wait_for(lambda: happened() or self.error is not None, _LIMIT):
                raise AssertionError(f"{what} did not come; seen {self.states[-3:]}")
        if not happened():
            raise AssertionError(f"the watch ended before {what}") from self.error

    def until(self, **values: str) -> None:
        """Wait for a state with these values, by the last name of their keys."""
        wanted = {f"/{name}": value for name, value in values.items()}

        def is_there() -> bool:
            last = self.states[-1] if self.states else {}
            return all(
                any(key.endswith(name) and found == value for key, found in last.items())
                for name, value in wanted.items()
            )

        self._until(is_there, f"a state with {values}")

    def until_state(self, values: dict[str, str]) -> None:
        """Wait for exactly this state."""
        self._until(lambda: self.states[-1:] == [values], f"the state {values}")

    def until_lost(self) -> BackendError:
        """Wait for the report of a failure."""
        self._until(lambda: any(self.reports), "the report of a failure")
        return next(filter(None, self.reports))

    def until_answers(self, count: int) -> None:
        """Wait for so many reports of an answer."""
        self._until(lambda: self.reports.count(None) >= count, f"{count} answers")

    def end(self) -> bool:
        """Set the stop event, and return whether the watch ended."""
        self.stop.set()
        self._thread.join(_LIMIT)
        return not self._thread.is_alive()


@contextlib.contextmanager
def watching(subject: Subject, *paths: str, since: Any = None) -> Iterator[Watcher]:
    """Watch keys while the block lasts; the watch has to end with it."""
    watcher = Watcher(subject, paths, since)
    try:
        yield watcher
    finally:
        assert watcher.end(), "the watch goes on after the stop event"
