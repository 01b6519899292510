"""The news for open pages: server-sent events that say that files have changed.

Knows nothing of files and of what is shown.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Final

# A proxy or a browser may close a connection on which nothing comes.
_PING_S: Final = 15.0


class Feed:
    """The news, for all pages that listen.

    Args:
        generation: returns the number of the state of the files.
    """

    def __init__(self, generation: Callable[[], int]) -> None:
        self._generation = generation
        self._lock = threading.Lock()
        self._listeners: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}
        self._has_ended = False

    def publish(self) -> None:
        """Send the generation to all pages; it may be called in any thread."""
        with self._lock:
            for event, loop in self._listeners.items():
                with suppress(RuntimeError):  # the loop has ended
                    loop.call_soon_threadsafe(event.set)

    def end(self) -> None:
        """End the events of all pages; they connect again by themselves."""
        self._has_ended = True
        self.publish()

    async def events(self) -> AsyncIterator[str]:
        """Yield an event now, and at each change."""
        changed = asyncio.Event()
        with self._lock:
            self._listeners[changed] = asyncio.get_running_loop()
        try:
            yield self._event()
            while not self._has_ended:
                try:
                    await asyncio.wait_for(changed.wait(), _PING_S)
                except TimeoutError:
                    yield ": ping\n\n"
                    continue
                changed.clear()
                if not self._has_ended:
                    yield self._event()
        finally:
            with self._lock:
                del self._listeners[changed]

    def _event(self) -> str:
        return f"event: changed\ndata: {json.dumps({'generation': self._generation()})}\n\n"
