"""Waiting for what may end a pause: a change in the store, a wish for another pass, or the end.

One thread waits in the store for all resources; what it hears goes to the inbox of the loop. Knows
nothing of what a pass does.
"""

from __future__ import annotations

import queue
import threading
import time
from typing import TYPE_CHECKING, Final, NamedTuple

from confd_lib.errors import BackendError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from confd_lib.backends import Backend, Snapshot

# An event that somebody else sets wakes nobody here; it is looked at this often, in seconds.
_STOP_CHECK: Final = 0.2


class News(NamedTuple):
    """Something else than before is in the store."""

    snapshot: Snapshot


class Lost(NamedTuple):
    """Nothing more will be heard of the store."""

    error: BackendError


class Wish:
    """Somebody wants another pass."""


Message = News | Lost | Wish


class Inbox:
    """What the loop is told, in order; of several news only the latest is worth hearing."""

    def __init__(self) -> None:
        # Its `put` may be called by a signal handler, whatever the interrupted code was doing.
        self._messages: queue.SimpleQueue[Message] = queue.SimpleQueue()

    def put(self, message: Message) -> None:
        """Leave a message."""
        self._messages.put(message)

    def clear(self) -> None:
        """Forget what has not been heard."""
        while not self._messages.empty():
            self._messages.get()

    def wait(self, seconds: float, stop: threading.Event) -> Message | None:
        """Wait for a message.

        Args:
            seconds: the most to wait.
            stop: ends the wait.

        Returns:
            None if there was none. Of news that follow each other, the last.
        """
        deadline = time.monotonic() + seconds
        while not stop.is_set():
            left = deadline - time.monotonic()
            try:
                message = self._messages.get(timeout=min(max(left, 0), _STOP_CHECK))
            except queue.Empty:
                if left <= 0:
                    return None
                continue
            return self._latest(message)
        return None

    def _latest(self, message: Message) -> Message:
        """Skip news that are no longer new; whatever else was said comes before news."""
        while isinstance(message, News) and not self._messages.empty():
            message = self._messages.get()
        return message


class Listener:
    """A thread that waits in the store, and puts what it hears into an inbox.

    It ends soon after it is closed; the backend sees to that.

    Args:
        backend: the store.
        keys: what is of interest.
        since: what is known already.
        inbox: where news go.
    """

    def __init__(
        self, backend: Backend, keys: Sequence[str], since: Snapshot, inbox: Inbox
    ) -> None:
        self._stop = threading.Event()
        self._inbox = inbox
        self._changes = backend.changes(keys, since, self._stop)
        self._thread = threading.Thread(target=self._listen, name="confd-listener", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the waiting; nothing is put into the inbox any more."""
        self._stop.set()
        self._thread.join()

    def _listen(self) -> None:
        try:
            for snapshot in self._changes:
                if self._stop.is_set():
                    return
                self._inbox.put(News(snapshot))
            lost = BackendError("the store ended the watch")
        except BackendError as error:
            lost = error
        except Exception as error:  # noqa: BLE001 - a thread's border: silence would look like no news
            lost = BackendError(f"the watch broke: {type(error).__name__}: {error}")
        if not self._stop.is_set():
            self._inbox.put(Lost(lost))
