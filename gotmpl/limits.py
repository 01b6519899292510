"""Limits of what one execution may cost, and the meter that holds an execution to them.

Generated code takes its steps from a meter; functions of users may call `check_limits`. Knows no
templates.
"""

from __future__ import annotations

import enum
import math
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, compress, islice, repeat
from types import CodeType, FrameType
from typing import Final, NamedTuple, TypeVar, cast

# A text of this many characters or more is measured when a function returns it.
LARGE: Final = 4096
# A text longer than this is not kept in a cache: all caches together hold some 30 MB at most.
CACHED: Final = 256
# A loop over fewer items of a list or dict is not counted, if it is quick and steps have no limit.
SHORT: Final = 256
FIRST_LOT: Final = 16  # steps before the first check
# The most of them between two checks, and the seconds that make them fewer.
_MOST_STEPS: Final = 1024
_FASTER: Final = 4  # times as many, or as few, as the last time
_QUICK: Final = 0.001
MOST_QUICK: Final = 16384  # turns of a quick loop that count at once
_UNMEASURED: Final = 4096  # pieces of output between two measurements
FEW: Final = 256  # pieces of output that are joined at a time: each may be large
_SOME: Final = 256  # pieces of a text between two checks


class Flow(enum.Enum):
    """Generated code, as far as limits matter: its costliest part."""

    CONSTANT = "writes a constant"
    STRAIGHT = "runs each of its lines once, and has few"
    REPEATED = "has loops, calls of templates or many lines"


class Limits(NamedTuple):
    """The cost that one execution may have; None is no limit.

    Attributes:
        seconds: of wall clock.
        output: characters written.
        steps: turns of loops and calls of templates.
    """

    seconds: float | None = None
    output: int | None = None
    steps: int | None = None


T = TypeVar("T")
# What a loop iterates over if its turns can be counted before it begins.
_SIZED: Final = frozenset({list, tuple, range})
_TICK: Final = True
# The code of the functions that run executions with limits.
_runners: Final[set[CodeType]] = set()


class Exceeded(BaseException):
    """An execution is past a limit; `str()` is the reason.

    Not an `Exception`, so that no function's `except Exception` lets the execution go on.

    Attributes:
        limit: the name of the limit.
    """

    def __init__(self, reason: str, limit: str) -> None:
        super().__init__(reason)
        self.limit = limit


class Meter:
    """Counts what one execution costs, and ends it where it passes a limit.

    Attributes:
        free: how many steps may be taken until the next check; below zero, one was taken too many.

    Args:
        limits: what the execution may cost.
        out: where the execution appends what it writes.
        clock: returns seconds.
        begun: when the execution began, if not now.
    """

    _joined = _written = 0  # pieces that were measured, and their characters
    _lot = FIRST_LOT
    _ticks: Iterator[bool] | None = None
    _given: Iterator[bool] = iter(())  # ticks that were free when they were given, and may still be

    def __init__(
        self,
        limits: Limits,
        out: list[str],
        clock: Callable[[], float] = time.monotonic,
        begun: float | None = None,
    ) -> None:
        seconds, output, steps = self._limits = limits
        self._out, self._clock = out, clock
        self._checked = begun = clock() if begun is None else begun
        self._until = math.inf if seconds is None else begun + seconds
        self._full = _UNMEASURED if output is None or output > _UNMEASURED else output
        self.free, self._left = FIRST_LOT, sys.maxsize  # the steps that are free, and the others
        if steps is not None:
            self.free = min(FIRST_LOT, steps)
            self._left = steps - self.free

    @property
    def ticks(self) -> Iterator[bool]:
        """Gives a true item for each step, and raises `Exceeded` where a limit is passed."""
        if self._ticks is None:
            self._ticks = chain.from_iterable(self._lots_of_ticks())
        return self._ticks

    def close(self) -> None:
        """Drop the ticks, which refer to the meter."""
        self._ticks = None

    # -- Steps

    def step(self) -> None:
        """Check the limits where a step was taken that was not free."""
        self._check_steps()
        if self.free < 0:
            raise self._too_many()

    def _lots_of_ticks(self) -> Iterator[Iterable[bool]]:
        """Yield the ticks in lots, with a check before each but the first."""
        while True:
            if not self.free:
                self._check_steps()
            if not self.free:
                raise self._too_many()
            self._given, self.free = repeat(_TICK, self.free), 0
            yield self._given

    def _check_steps(self, wanted: int = 0) -> None:
        """Check the limits of time and output, and make steps free.

        They are more than the last time, or fewer if the time since the last check was long; as
        many as are wanted, at least, if there are as many.
        """
        now = self._clock()
        slow = now - self._checked > _QUICK
        if slow:
            self._lot = self._lot // _FASTER or 1
        elif self._lot < _MOST_STEPS:
            self._lot *= _FASTER
        self._checked = now
        if slow or len(self._out) > self._full:
            self.check_output()
        if now > self._until:
            raise self._too_late()
        left, wanted = self._left + self.free, max(self._lot, wanted)
        if left < wanted:
            left += sum(self._given)  # which takes them back
        self.free = min(left, wanted)
        self._left = left - self.free

    def turns(self, items: Iterable[T], cost: int, at_once: int = FIRST_LOT) -> Iterable[T]:
        """Return the items of a loop, with checks between some of them if they are many.

        Args:
            items: the items.
            cost: the steps of each turn, with those of its calls that take no ticks.
            at_once: how many steps may pass without a check.
        """
        if type(items) not in _SIZED:
            return self._ticking(items, cost)
        steps = len(items) * cost  # type: ignore[arg-type]  # the type says so
        if self.free < steps <= at_once:
            self._check_steps(steps)
        left = self.free - steps
        if left < 0:
            return chain.from_iterable(self._lots(cast("Sequence[T]", items), cost))
        self.free = left
        return items

    def quick(self, items: Iterable[T]) -> Iterable[T]:
        """Return the items of a loop whose turns do little: many count at once."""
        return self.turns(items, 1, MOST_QUICK)

    def _ticking(self, items: Iterable[T], cost: int) -> Iterable[T]:
        """Return items of which each takes as many ticks as a turn costs."""
        for _ in range(cost):
            items = compress(items, self.ticks)
        return items

    def _lots(self, items: Sequence[T], cost: int) -> Iterator[Iterable[T]]:
        """Yield items in lots, with a check before each; as ticks allow, where steps run out."""
        start = 0
        while start < len(items):
            if self.free < cost:
                self._check_steps(cost)
            lot = items[start : start + self.free // cost]
            if not lot:
                yield self._ticking(items[start:], cost)
                return
            start += len(lot)
            self.free -= len(lot) * cost
            yield lot

    # -- Time and output

    def check(self, made: int = 0) -> None:
        """Raise `Exceeded` if the time, the output or a text of `made` characters is too much."""
        self.check_output(made)
        self._checked = now = self._clock()
        if now > self._until:
            raise self._too_late()

    def _too_many(self) -> Exceeded:
        return _exceeded("steps", self._limits.steps, "step")

    def _too_late(self) -> Exceeded:
        return _exceeded("seconds", self._limits.seconds, "second")

    def check_output(self, made: int = 0) -> None:
        """Raise `Exceeded` if the output, or a text of `made` characters, is too long."""
        limit = self._limits.output
        if limit is None:
            return
        self._measure(limit)
        if max(made, self._written) > limit:
            raise too_long(limit)

    def _measure(self, limit: int) -> None:
        """Count what was written since the last time, and drop what is past the limit.

        The pieces are joined: that costs less than to add their lengths, and is needed anyway.
        """
        out, joined, start = self._out, [], self._joined
        while start < len(out) and self._written <= limit:
            joined.append("".join(out[start : start + FEW]))
            self._written += len(joined[-1])
            start += FEW
        out[self._joined :] = joined
        self._joined = len(out)
        self._full = self._joined + min(limit, _UNMEASURED)

    def text(self, *, loose: bool = True) -> str:
        """Return what was written; where that is too long, at least one character too many.

        Args:
            loose: whether pieces may be longer than those that are not measured at once.
        """
        limit, pieces = self._limits.output, len(self._out)
        if limit is not None and pieces > FEW and (loose or pieces * LARGE > limit):
            self._measure(limit)
        return "".join(self._out)


def too_long(limit: int) -> Exceeded:
    """Return the error of an output, or of a text for it, that is past its limit."""
    return _exceeded("output", limit, "character", " of output")


def _exceeded(name: str, limit: object, unit: str, of: str = "") -> Exceeded:
    plural = "" if limit == 1 else "s"
    shown = f"{limit:g}" if isinstance(limit, float) else limit
    return Exceeded(f"limit of {shown} {unit}{plural}{of} exceeded", name)


def show_variables(function: Callable[..., object]) -> None:
    """Let `check_limits` find executions in the frames of the function that runs them.

    The function has the variables `limits`, `out` and `begun`, as `Meter` takes them, and `meter`,
    which is None if the code needs no meter. An execution of a few microseconds costs nothing so.
    """
    _runners.add(function.__code__)


def _meter() -> Meter | None:
    """Return the meter of the execution that has called, if it has limits."""
    frame: FrameType | None = sys._getframe()
    while frame is not None and frame.f_code not in _runners:
        frame = frame.f_back
    if frame is None:
        return None
    found = frame.f_locals
    return found["meter"] or Meter(found["limits"], found["out"], begun=found["begun"])


def check_limits(made: int = 0) -> None:
    """End the execution that called a function, if it is past a limit.

    For functions given to a template that work long or return long texts. Does nothing where the
    execution has no limits; what it raises is no `Exception` and becomes the `LimitError`.

    Args:
        made: the length of the text that the function is about to return.

    >>> check_limits()
    """
    meter = _meter() if _runners else None
    if meter is not None:
        meter.check(made)


def fit(value: T) -> T:
    """Return the result of a function, unless it is a text that is too long."""
    check_limits(len(value) if isinstance(value, str) else 0)
    return value


def checked(pieces: Iterable[str]) -> Iterator[str]:
    """Yield the pieces of a text, and check the limits from time to time."""
    rest, made = iter(pieces), 0
    while some := list(islice(rest, _SOME)):
        made += sum(map(len, some))
        check_limits(made)
        yield from some


def numbers(span: range) -> Iterator[int]:
    """Yield the numbers of a range that is printed, and check the limits from time to time."""
    for start in range(0, len(span), LARGE):
        check_limits(len(span))
        yield from span[start : start + LARGE]
