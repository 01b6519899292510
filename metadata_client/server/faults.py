"""Faults on demand: everything that a metadata service has been seen to do to its clients.

Says which fault meets which request, and what it does to answers and replies. Knows nothing of
sockets and threads; the server asks at the right moments.

    refuse       connections are refused, open ones dropped: the service is being restarted
    not_ready    no answers yet: everything is 404, dated versions are invalid
    error        500
    garbage      200 with a body that is not JSON
    cut          the body ends in the middle, and so does the connection
    close        the connection is closed before the first byte
    slow         the body comes in pieces, with a pause before each
    stale        what is served stays as it is, whatever it is replaced with
    reorder      arrays are in another order after each change
    null_lists   empty lists are null
    ignore_wait  a waiter is never answered
    no_wait      a waiter is answered at once, as services before v0.6.2 do
"""

from __future__ import annotations

import random
import threading
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

from metadata_client.answers import Answers

from .wire import Reply, Request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .replies import View

FaultName = Literal[
    "refuse",
    "not_ready",
    "error",
    "garbage",
    "cut",
    "close",
    "slow",
    "stale",
    "reorder",
    "null_lists",
    "ignore_wait",
    "no_wait",
]


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault, and what it meets.

    Attributes:
        name: which fault it is.
        times: how many requests it meets before it is gone; None for all.
        path: it meets only requests whose path has this in it.
        delay: the pause of a slow one, in seconds.
    """

    name: FaultName
    times: int | None = None
    path: str = ""
    delay: float = 0.05


class Faults:
    """The faults that are on.

    >>> faults = Faults()
    >>> faults.add("error", times=1)
    >>> faults.take(Request("GET", "/")), faults.take(Request("GET", "/"))
    ({'error': Fault(name='error', times=1, path='', delay=0.05)}, {})
    """

    def __init__(self, changed: Callable[[], None] = lambda: None) -> None:
        self._changed = changed
        self._faults: dict[FaultName, Fault] = {}
        self._hits: Counter[str] = Counter()
        self._condition = threading.Condition()

    def __contains__(self, name: str) -> bool:
        return name in self._faults

    def add(
        self, name: FaultName, *, times: int | None = None, path: str = "", delay: float = 0.05
    ) -> None:
        """Turn a fault on; it is on when this returns. The meaning of each is in the module's text.

        Args:
            name: which fault.
            times: how many requests it meets before it is gone; None for all.
            path: it meets only requests whose path has this in it.
            delay: the pause of a slow one, in seconds.
        """
        with self._condition:
            self._faults[name] = Fault(name, times, path, delay)
        self._changed()

    def clear(self, *names: FaultName) -> None:
        """Turn faults off; all of them, if none is named."""
        with self._condition:
            for name in names or tuple(self._faults):
                self._faults.pop(name, None)
        self._changed()

    @contextmanager
    def on(self, name: FaultName, *, path: str = "", delay: float = 0.05) -> Iterator[None]:
        """A fault for the length of a `with` block."""
        self.add(name, path=path, delay=delay)
        try:
            yield
        finally:
            self.clear(name)

    def meeting(self, request: Request) -> dict[FaultName, Fault]:
        """The faults that this request would meet now."""
        with self._condition:
            return {n: fault for n, fault in self._faults.items() if fault.path in request.path}

    def take(self, request: Request) -> dict[FaultName, Fault]:
        """The faults that this request meets; they are counted."""
        with self._condition:
            met = self.meeting(request)
            for name, fault in met.items():
                self._count(name, fault)
        return met

    def _count(self, name: FaultName, fault: Fault) -> None:
        self._hits[name] += 1
        if fault.times == 1:
            del self._faults[name]
        elif fault.times is not None:
            self._faults[name] = replace(fault, times=fault.times - 1)
        self._condition.notify_all()

    def wait_for(self, name: FaultName, hits: int = 1, timeout: float = 10.0) -> bool:
        """Wait until a fault has met this many requests since the server was made."""
        with self._condition:
            return self._condition.wait_for(lambda: self._hits[name] >= hits, timeout)


# -- What faults do to answers


@dataclass(frozen=True, slots=True)
class _Twisted:
    answers: Answers
    twist: Callable[[object], object]

    def versions(self) -> tuple[str, ...]:
        return self.answers.versions()

    def resolve(self, version: str) -> str:
        return self.answers.resolve(version)

    def tree(self, version: str, address: str) -> dict[str, object] | None:
        tree = self.answers.tree(version, address)
        return None if tree is None else {key: self.twist(value) for key, value in tree.items()}


def _reordered(value: object, draw: random.Random) -> object:
    if isinstance(value, dict):
        return {key: _reordered(child, draw) for key, child in value.items()}
    if not isinstance(value, list):
        return value
    items = [_reordered(item, draw) for item in value]
    draw.shuffle(items)
    return items


def _nulls(value: object) -> object:
    if isinstance(value, dict):
        return {key: _nulls(child) for key, child in value.items()}
    if isinstance(value, list):
        return [_nulls(item) for item in value] or None
    return value


def seen(answers: Answers, met: dict[FaultName, Fault], generation: int) -> View:
    """What is left of the answers: a request sees them through the faults that it meets."""
    view: View = answers
    if "not_ready" in met:
        return Answers({})
    if "null_lists" in met:
        view = _Twisted(answers, _nulls)
    if "reorder" in met:
        # Each top-level key has its own order, the same for every request of a generation.
        view = _Twisted(answers, lambda v: _reordered(v, random.Random(generation)))
    return view


# -- What faults do to replies

_GARBAGE: Final = b"<html><body>It works!</body></html>"


def _cut(reply: Reply) -> Reply:
    return replace(reply, cut=len(reply.body) // 2, close=True)


SPOILERS: Final[dict[FaultName, Callable[[Reply], Reply]]] = {
    "error": lambda _: Reply(500, b"500 Internal Server Error\n"),
    "garbage": lambda reply: replace(reply, status=200, body=_GARBAGE),
    "cut": _cut,
}
"""What becomes of a reply."""

WAKES: Final = frozenset({"not_ready", "error", "garbage", "cut", "close", "no_wait"})
"""Faults that meet a waiter at once; the others let it wait on."""


def spoilt(reply: Reply, met: dict[FaultName, Fault]) -> Reply:
    """What is left of a reply after the faults that it meets."""
    for name, spoil in SPOILERS.items():
        if name in met:
            reply = spoil(reply)
    return reply
