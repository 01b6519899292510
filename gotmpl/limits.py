"""Limits of what one execution may cost, and the meter that holds an execution to them.

Generated code takes a tick for each step; functions of users may call `check_limits`. Knows no
templates.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from itertools import chain, compress, islice, repeat
from typing import Final, NamedTuple, Self, TypeVar

# A text of this many characters or more is measured when a function returns it.
LARGE: Final = 4096
# A text longer than this is not kept in a cache: all caches together hold some 30 MB at most.
CACHED: Final = 256
# A loop over a list shorter than this is not counted, if its body is quick and steps have no limit.
SHORT: Final = 256
# The most ticks between two checks, and the seconds that make them fewer.
_MOST_TICKS: Final = 256
_QUICK: Final = 0.001
# The most turns of quick loops between two checks.
_MOST_TURNS: Final = 16384
# Pieces of output between two measurements, and pieces that are joined at a time.
_UNMEASURED: Final = 1024
_PIECES: Final = 1024
_SOME: Final = 256  # pieces of a text between two checks, or that may be large


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
_NO_TICKS: Final[Iterator[bool]] = iter(())
_running: Final[ContextVar[Meter | None]] = ContextVar("gotmpl.limits", default=None)


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

    The execution runs with the meter as its context, in which `check_limits` finds it.

    Attributes:
        ticks: gives a true item for each step, and raises `Exceeded` where a limit is passed.
        loose: whether pieces of the output may be large that were not measured.

    Args:
        limits: what the execution may cost.
        out: where the execution appends what it writes.
        clock: returns seconds.
    """

    _free = 0  # turns of quick loops until the next check, which `_left` does not hold
    loose = False
    _joined = _written = 0  # pieces that were measured, and their characters

    def __init__(
        self, limits: Limits, out: list[str], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._limits, self._out, self._clock = limits, out, clock
        self._checked = self._begun = clock()
        # The steps that no lot of ticks holds; one more, since the template itself takes a tick.
        self._left = sys.maxsize if limits.steps is None else limits.steps + 1
        self.ticks: Iterator[bool] = chain.from_iterable(self._lots())

    def __enter__(self) -> Self:
        self._outer = _running.set(self)
        return self

    def __exit__(self, *_: object) -> None:
        _running.reset(self._outer)
        self.ticks = _NO_TICKS  # the old ones refer to the meter

    # -- Steps

    def _lots(self) -> Iterator[Iterable[bool]]:
        """Yield the ticks in lots, with a check before each but the first.

        A lot is larger than the last one, or smaller where that took long.
        """
        lot = 1
        while True:
            if lot > self._left:
                self._give_back()
            given = min(lot, self._left)
            if not given:
                raise _exceeded("steps", self._limits.steps, "step")
            self._left -= given
            yield repeat(_TICK, given)
            now = self._clock()
            slow = now - self._checked > _QUICK
            lot = max(1, lot // 2) if slow else min(_MOST_TICKS, lot * 2)
            self._check_at(now, measured=slow)

    def takes(self, turns: int) -> bool:
        """Return whether a quick loop may make so many turns without ticks, and count them."""
        if turns > self._free and not self._frees(turns):
            return False
        self._free -= turns
        return True

    def _frees(self, turns: int) -> bool:
        """Return whether quick loops may make so many turns until the next check, after one now."""
        self._give_back()
        if turns > min(_MOST_TURNS, self._left):
            return False
        self._check_at(self._clock(), measured=True)
        self._free = min(_MOST_TURNS, self._left)
        self._left -= self._free
        return True

    def _give_back(self) -> None:
        self._left += self._free
        self._free = 0

    def turns(self, items: Iterable[T]) -> Iterable[T]:
        """Return the items of a quick loop, with ticks if they are many or cannot be counted."""
        if type(items) in _SIZED and self.takes(len(items)):  # type: ignore[arg-type]  # the type says so
            return items
        return compress(items, self.ticks)

    # -- Time and output

    def _check_at(self, now: float, *, measured: bool) -> None:
        """Raise `Exceeded` if the time is over, or the output is too long if it is measured."""
        limit = self._limits.output
        if limit is not None:
            unmeasured = len(self._out) - self._joined
            if measured or unmeasured > min(limit, _UNMEASURED):
                self.check_output()
        self._checked = now
        self._check_time(now)

    def _check_time(self, now: float) -> None:
        seconds = self._limits.seconds
        if seconds is not None and now > self._begun + seconds:
            raise _exceeded("seconds", seconds, "second")

    def check(self, made: int = 0) -> None:
        """Raise `Exceeded` if the time, the output or a text of `made` characters is too much."""
        self.check_output(made)
        self._check_time(self._clock())

    def check_output(self, made: int = 0) -> None:
        """Raise `Exceeded` if the output, or a text of `made` characters, is too long."""
        limit = self._limits.output
        if limit is None:
            return
        # A length that the output is not past, if large pieces were measured.
        most = self._written + (len(self._out) - self._joined) * LARGE
        if self.loose or most + made > limit:
            self._measure(limit)
            if max(made, self._written) > limit:
                raise _exceeded("output", limit, "character", " of output")

    def _measure(self, limit: int) -> None:
        """Count what was written since the last time, and drop what is past the limit.

        The pieces are joined: that costs less than to add their lengths, and is needed anyway.
        """
        out, joined, start = self._out, [], self._joined
        some = _SOME if self.loose else _PIECES
        while start < len(out) and self._written <= limit:
            joined.append("".join(out[start : start + some]))
            self._written += len(joined[-1])
            start += some
        out[self._joined :] = joined
        self._joined = len(out)

    def text(self) -> str:
        """Return what was written, up to the limit of the output."""
        if self._limits.output is not None:
            self._measure(self._limits.output)
        return "".join(self._out)[: self._limits.output]

    def fit(self, value: object) -> object:
        """Return the result of a function, unless it is a text that is too long."""
        self.check(len(value) if isinstance(value, str) else 0)
        return value

    def wrote(self) -> None:
        """Count the large piece that was written last."""
        if self._limits.output is not None:
            self._measure(self._limits.output)
        self.check()


def _exceeded(name: str, limit: object, unit: str, of: str = "") -> Exceeded:
    plural = "" if limit == 1 else "s"
    shown = f"{limit:g}" if isinstance(limit, float) else limit
    return Exceeded(f"limit of {shown} {unit}{plural}{of} exceeded", name)


def check_limits(made: int = 0) -> None:
    """End the execution that called a function, if it is past a limit.

    For functions given to a template that work long or return long texts. Does nothing where the
    execution has no limits; what it raises is no `Exception` and becomes the `LimitError`.

    Args:
        made: the length of the text that the function is about to return.

    >>> check_limits()
    """
    meter = _running.get()
    if meter is not None:
        meter.check(made)


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
