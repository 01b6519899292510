"""The meter: how many steps may pass, and when the clock is read."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterable, Iterator

import pytest

from gotmpl.limits import Exceeded, Limits, Meter


def test_the_clock_is_read_rarely_while_steps_are_quick_and_often_while_they_are_slow() -> None:
    asked = 0

    def clock() -> float:
        nonlocal asked
        asked += 1
        return now

    now = 0.0
    meter = Meter(Limits(seconds=1000), [], clock)
    for _ in itertools.islice(meter.ticks, 100_000):
        pass
    assert asked < 2000
    asked = 0
    for _ in itertools.islice(meter.ticks, 3000):
        now += 0.1
    assert asked > 1000


def test_a_loop_over_a_list_runs_in_lots_that_are_small_where_turns_are_slow() -> None:
    asked: list[float] = []

    def clock() -> float:
        asked.append(now)
        return now

    now = 0.0
    meter = Meter(Limits(seconds=1000), [], clock)
    assert list(meter.turns([1] * 4000, 1)) == [1] * 4000
    assert len(asked) < 11
    asked.clear()
    for _ in meter.turns(range(4000), 1):
        now += 0.1
    assert len(asked) > 2000
    assert len({round(now, 1) for now in asked[-9:]}) == 9
    numbered = enumerate(meter.turns([5] * 9, 1))
    assert list(numbered) == list(enumerate([5] * 9))


@pytest.mark.parametrize("cost", [1, 2])
@pytest.mark.parametrize(
    "kind", [list, lambda items: items, iter], ids=["list", "range", "iterator"]
)
def test_a_loop_ends_at_the_deadline(kind: Callable[[range], Iterable[int]], cost: int) -> None:
    times = itertools.count()
    meter = Meter(Limits(seconds=30), [], lambda: float(next(times)))
    with pytest.raises(Exceeded, match=r"^limit of 30 seconds exceeded$"):
        for _ in meter.turns(kind(range(10_000)), cost):
            pass
    assert next(times) < 40


@pytest.mark.parametrize("cost", [1, 2, 3])
@pytest.mark.parametrize("kind", [list, tuple, iter])
def test_a_loop_makes_as_many_turns_as_its_steps_allow(
    cost: int, kind: Callable[[list[int]], Iterable[int]]
) -> None:
    for turns in (1, 5, 30, 2000):
        items = list(range(turns))
        assert list(Meter(Limits(steps=turns * cost), []).turns(kind(items), cost)) == items
        made: list[int] = []
        meter = Meter(Limits(steps=turns * cost - 1), [])
        with pytest.raises(Exceeded, match=r"^limit of \d+ steps? exceeded$"):
            made += meter.turns(kind(items), cost)
        assert made == items[:-1]


def test_a_quick_loop_over_a_list_takes_its_turns_at_once() -> None:
    meter, items = Meter(Limits(steps=100), []), [1] * 60
    assert meter.quick(items) is items
    with pytest.raises(Exceeded, match="limit of 100 steps exceeded"):
        for _ in meter.quick(items):
            pass
    many = [1] * 10**6
    assert Meter(Limits(steps=10**9), []).quick(many) is not many


def test_many_quick_loops_end_at_the_deadline() -> None:
    times = itertools.count()
    meter = Meter(Limits(seconds=30), [], lambda: float(next(times)))
    with pytest.raises(Exceeded, match=r"^limit of 30 seconds exceeded$"):
        all(meter.quick([1] * 1000) for _ in range(10_000))
    assert next(times) < 40


def test_the_meter_ends_at_its_deadline() -> None:
    times = itertools.count()
    meter = Meter(Limits(seconds=30), [], lambda: float(next(times)))
    with pytest.raises(Exceeded, match=r"^limit of 30 seconds exceeded$"):
        for _ in meter.ticks:
            pass
    assert next(times) < 40


def any_steps(meter: Meter, chance: random.Random) -> Iterator[None]:
    """Yield once for each step that ticks, calls of templates and loops take in turn."""
    while True:
        match chance.randrange(4):
            case 0:
                next(meter.ticks)
                yield
            case 1:
                meter.free -= 1
                if meter.free < 0:
                    meter.step()
                yield
            case 2:
                yield from meter.turns([None] * chance.randrange(50), 1)
            case _:
                yield from meter.quick([None] * chance.randrange(50))


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("steps", [1, 5, 16, 17, 100, 3000])
def test_steps_count_together_whatever_takes_them(steps: int, seed: int) -> None:
    taken = any_steps(Meter(Limits(steps=steps), []), random.Random(seed))
    assert sum(1 for _ in itertools.islice(taken, steps)) == steps
    with pytest.raises(Exceeded, match=rf"^limit of {steps} steps? exceeded$"):
        next(taken)


def test_ticks_are_taken_back_only_where_steps_run_out() -> None:
    asked: list[float] = []

    def clock() -> float:
        asked.append(0)
        return 0

    meter = Meter(Limits(steps=10**9), [], clock)
    for _ in range(1000):
        next(meter.ticks)
        assert len(list(meter.turns([1] * 3, 1))) == 3
    assert len(asked) < 20
