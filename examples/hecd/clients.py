"""Three clients that never pause for long, and the count of what they got.

Knows nothing of the servers, except that an answer is the name of the one that gave it.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from typing import Final

# The pause of a client after each answer, and the most seconds that it waits for one.
_PAUSE_S: Final = 0.01
_SECONDS: Final = 20.0
# Of the clients this one keeps its connection; the others open one for each request.
KEPT: Final = (True, False, False)


@dataclass(frozen=True, slots=True)
class Failed:
    """A request without a good answer.

    Attributes:
        begin: when it was sent, in seconds of `time.monotonic`.
        end: when it failed.
        reason: the status or the error.
    """

    begin: float
    end: float
    reason: str


@dataclass(slots=True)
class Clients:
    """The clients and their counts.

    Attributes:
        port: where all of them ask.
        answers: the number of good answers of each server.
        failed: the requests without one.
        slowest: the seconds of the slowest good answer.
    """

    port: int
    answers: Counter[str] = field(default_factory=Counter, init=False)
    failed: list[Failed] = field(default_factory=list, init=False)
    slowest: float = field(default=0.0, init=False)
    _stop: threading.Event = field(default_factory=threading.Event, init=False)
    _threads: list[threading.Thread] = field(default_factory=list, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    @property
    def requests(self) -> int:
        """The number of requests, with those that failed."""
        with self._lock:
            return self.answers.total() + len(self.failed)

    def failed_outside(self, times: Sequence[tuple[float, float]]) -> list[Failed]:
        """Return the failed requests that were not under way at any of some times.

        Args:
            times: the begin and the end of each, in seconds of `time.monotonic`.
        """
        return [
            one
            for one in self.failed
            if not any(one.begin <= end and begin <= one.end for begin, end in times)
        ]

    def start(self) -> None:
        """Let all clients ask."""
        for kept in KEPT:
            thread = threading.Thread(target=self._ask, args=(kept,))
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """Let all clients end, each with the answer that it waits for."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _ask(self, kept: bool) -> None:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=_SECONDS)
        while not self._stop.wait(_PAUSE_S):
            begin = time.monotonic()
            answer, reason = _get(connection)
            with self._lock:
                self._note(begin, answer, reason)
            if reason or not kept:
                connection.close()
        connection.close()

    def _note(self, begin: float, answer: str, reason: str) -> None:
        end = time.monotonic()
        if reason:
            self.failed.append(Failed(begin, end, reason))
        else:
            self.answers[answer] += 1
            self.slowest = max(self.slowest, end - begin)


def _get(connection: HTTPConnection) -> tuple[str, str]:
    """Return an answer and why it is not a good one, which is empty for a good one."""
    try:
        connection.request("GET", "/")
        response = connection.getresponse()
        answer = response.read().decode()
    except (OSError, HTTPException) as error:
        return "", f"{type(error).__name__}: {error}"
    return answer, "" if response.status == 200 else f"status {response.status}"
