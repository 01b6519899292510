"""How long to wait before asking again."""

from __future__ import annotations

import inspect
import random
from itertools import islice
from typing import Any

import pytest

from metadata_client import delays

CEILINGS: list[Any] = [
    pytest.param({}, [0.25, 0.5, 1, 2, 4, 5, 5], id="as it is"),
    pytest.param({"first": 2, "most": 60}, [2, 4, 8, 16, 32, 60, 60], id="other bounds"),
    pytest.param({"first": 9, "most": 5}, [5, 5], id="first above most"),
]


@pytest.mark.parametrize(("bounds", "ceilings"), CEILINGS)
@pytest.mark.parametrize(("drawn", "part"), [(0.0, 0.5), (0.5, 0.75), (1.0, 1.0)])
def test_a_delay_is_drawn_below_its_ceiling(
    bounds: dict[str, float], ceilings: list[float], drawn: float, part: float
) -> None:
    made = list(islice(delays(**bounds, draw=lambda: drawn), len(ceilings)))
    assert made == [part * ceiling for ceiling in ceilings]


def test_each_delay_is_drawn_for_itself() -> None:
    drawn = iter([0.0, 1.0, 0.0, 1.0])
    assert list(islice(delays(1, 1, draw=drawn.__next__), 4)) == [0.5, 1.0, 0.5, 1.0]


def test_it_is_chance_that_draws():
    """Of a generator of its own: a program may have seeded the module's."""
    draw = inspect.signature(delays).parameters["draw"].default
    assert isinstance(draw.__self__, random.Random)
    assert draw != random.random
