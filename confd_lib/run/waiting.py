"""How a loop waits for its next pass: for a change in the store, a request, or the stop event.

One thread waits in the store for all resources. Knows nothing of what a pass does.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from confd_lib.errors import BackendError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from confd_lib.backends.protocol import Backend, Snapshot

# The stop event does not wake a wait for messages, so it is checked this often.
_STOP_CHECK_S: Final = 0.5
# A backend ends `changes` within a second of its stop event; a close waits no longer.
_JOIN_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class News:
    """The store has changed."""

    snapshot: Snapshot


@dataclass(frozen=True, slots=True)
class Lost:
    """The watch has ended with an error."""

    error: BackendError


@dataclass(frozen=True, slots=True)
class Wish:
    """A request for a pass."""


Message = News | Lost | Wish


class Inbox:
    """Holds the messages to a loop: a request, the latest news, and the loss of the watch.

    A message replaces the one before it of its kind, so that only the latest snapshot is kept.

    Args:
        on_wait: is called at least twice a second while a loop waits.

    >>> inbox = Inbox()
    >>> inbox.put(Wish())
    >>> inbox.wait(60, threading.Event())
    Wish()
    """

    def __init__(self, on_wait: Callable[[], None] = lambda: None) -> None:
        self._on_wait = on_wait
        # Each step of `put` is atomic and blocks nobody: a signal handler may call it, whatever
        # the code that it interrupted was doing.
        self._wishes: deque[Message] = deque(maxlen=1)
        self.clear()
        # Held until there is something to read. Not `SimpleQueue.get(timeout=…)`, which on Python
        # 3.11 and 3.12 blocks for ever if a signal handler runs while its timeout expires.
        self._bell = threading.Lock()
        self._bell.acquire()

    def put(self, wish: Wish) -> None:
        """Leave a request for a pass; safe in any thread and in a signal handler."""
        self._leave(self._wishes, wish)

    def slot(self) -> Callable[[News | Lost], None]:
        """Return the function with which a listener leaves its messages, up to the next `clear`."""
        news, losses = self._news, self._losses
        return lambda message: self._leave(losses if isinstance(message, Lost) else news, message)

    def clear(self) -> None:
        """Drop the messages of the listener, and ignore its later ones."""
        self._news: deque[Message] = deque(maxlen=1)
        self._losses: deque[Message] = deque(maxlen=1)

    def wait(self, seconds: float, stop: threading.Event) -> Message | None:
        """Wait for a message, and take it: a request before news, and news before a loss.

        Args:
            seconds: the longest wait.
            stop: ends the wait within a second.

        Returns:
            None if there was no message in time.
        """
        deadline = time.monotonic() + seconds
        while not stop.is_set():
            message = self._take()
            left = deadline - time.monotonic()
            if message is not None or left <= 0:
                return message
            self._on_wait()
            self._bell.acquire(timeout=min(left, _STOP_CHECK_S))
        return None

    def _leave(self, slot: deque[Message], message: Message) -> None:
        slot.append(message)
        with suppress(RuntimeError):  # it has been rung already
            self._bell.release()

    def _take(self) -> Message | None:
        for slot in (self._wishes, self._news, self._losses):
            with suppress(IndexError):
                return slot.popleft()
        return None


class Listener:
    """A thread that watches the store, and leaves its messages in an inbox.

    Args:
        backend: the store.
        keys: the absolute keys whose changes are news.
        since: the state that was rendered last, if any.
        inbox: gets the messages.
    """

    def __init__(
        self, backend: Backend, keys: Sequence[str], since: Snapshot | None, inbox: Inbox
    ) -> None:
        self._stop = threading.Event()
        self._put = inbox.slot()
        self._thread = threading.Thread(
            target=self._listen, args=(backend, keys, since), name="confd-listener", daemon=True
        )
        try:
            self._thread.start()
        except RuntimeError as error:  # as where a container may have no more threads
            self._put(Lost(BackendError(f"the store cannot be watched: {error}")))

    def close(self) -> None:
        """End the thread; one that does not end within a second is left behind."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join(_JOIN_S)

    def _listen(self, backend: Backend, keys: Sequence[str], since: Snapshot | None) -> None:
        try:
            for snapshot in backend.changes(keys, since, self._stop):
                if self._stop.is_set():
                    return
                self._put(News(snapshot))
            lost = BackendError("the store ended the watch")
        except BackendError as error:
            lost = error
        except Exception as error:  # noqa: BLE001 - a thread's border: silence would look like no news
            lost = BackendError(f"the watch broke: {type(error).__name__}: {error}")
        if not self._stop.is_set():
            self._put(Lost(lost))
