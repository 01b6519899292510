"""Faults on demand, such as real metadata services have.

Chooses the faults that apply to a request, and applies them to answers and replies. Knows nothing
of sockets and threads.

    refuse       connections are refused, open ones closed: the service is being restarted
    not_ready    no answers yet: everything is 404, dated versions are invalid
    error        500
    garbage      200 with a body that is not JSON
    cut          the body ends in the middle, and so does the connection
    close        the connection is closed before the first byte
    slow         the body comes in pieces, with a pause before each
    stale        the served answers stay as they are, even when they are replaced
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
    """A fault, and the requests to which it applies.

    Attributes:
        name: the name of the fault.
        times: the number of requests to which it applies before it ends; None for all.
        path: the fault applies only to requests whose path contains this text.
        delay: the pauses of `slow`, in seconds.
    """

    name: FaultName
    times: int | None = None
    path: str = ""
    delay: float = 0.05


class Faults:
    """The faults that are on.

    Args:
        changed: called after each change of the faults.

    >>> faults = Faults()
    >>> faults.add("error", times=1)
    >>> faults.consume(Request("GET", "/")), faults.consume(Request("GET", "/"))
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
        """Turn a fault on; it is on when this returns. The module's docstring describes each fault.

        Args:
            name: the name of the fault.
            times: the number of requests to which it applies before it ends; None for all.
            path: the fault applies only to requests whose path contains this text.
            delay: the pauses of `slow`, in seconds.
        """
        with self._condition:
            self._faults[name] = Fault(name, times, path, delay)
        self._changed()

    def clear(self, *names: FaultName) -> None:
        """Turn the named faults off, or all faults if no name is given."""
        with self._condition:
            for name in names or tuple(self._faults):
                self._faults.pop(name, None)
        self._changed()

    @contextmanager
    def on(self, name: FaultName, *, path: str = "", delay: float = 0.05) -> Iterator[None]:
        """Turn a fault on for the length of a `with` block."""
        self.add(name, path=path, delay=delay)
        try:
            yield
        finally:
            self.clear(name)

    def matching(self, request: Request) -> dict[FaultName, Fault]:
        """Return the faults that apply to a request now, without counting them."""
        with self._condition:
            return {n: fault for n, fault in self._faults.items() if fault.path in request.path}

    def consume(self, request: Request) -> dict[FaultName, Fault]:
        """Return the faults that apply to a request, and count this request for them."""
        with self._condition:
            found = self.matching(request)
            for name, fault in found.items():
                self._count(name, fault)
        return found

    def _count(self, name: FaultName, fault: Fault) -> None:
        self._hits[name] += 1
        if fault.times == 1:
            del self._faults[name]
        elif fault.times is not None:
            self._faults[name] = replace(fault, times=fault.times - 1)
        self._condition.notify_all()

    def wait_for(self, name: FaultName, hits: int = 1, timeout: float = 10.0) -> bool:
        """Wait until a fault has applied to this many requests; False after so many seconds."""
        with self._condition:
            return self._condition.wait_for(lambda: self._hits[name] >= hits, timeout)


# -- Answers


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


def apply_to_answers(answers: Answers, faults: dict[FaultName, Fault], generation: int) -> View:
    """Return the answers as a request sees them under these faults."""
    view: View = answers
    if "not_ready" in faults:
        return Answers({})
    if "null_lists" in faults:
        view = _Twisted(answers, _nulls)
    if "reorder" in faults:
        # The order is the same for all requests until the answers change.
        view = _Twisted(answers, lambda v: _reordered(v, random.Random(generation)))
    return view


# -- Replies

_GARBAGE: Final = b"<html><body>It works!</body></html>"


def _cut(reply: Reply) -> Reply:
    return replace(reply, cut=len(reply.body) // 2, close=True)


_CHANGES: Final[dict[FaultName, Callable[[Reply], Reply]]] = {
    "error": lambda _: Reply(500, b"500 Internal Server Error\n"),
    "garbage": lambda reply: replace(reply, status=200, body=_GARBAGE),
    "cut": _cut,
}
"""The faults that change a reply, and how."""

WAKES: Final = frozenset({"not_ready", "error", "garbage", "cut", "close", "no_wait"})
"""The faults that end a wait at once."""


def apply_to_reply(reply: Reply, faults: dict[FaultName, Fault]) -> Reply:
    """Return the reply as these faults change it."""
    for name, change in _CHANGES.items():
        if name in faults:
            reply = change(reply)
    return reply
