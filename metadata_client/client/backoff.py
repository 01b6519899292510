"""Pauses between tries: capped, and jittered so that many hosts do not ask at the same time.

Knows nothing of the requests that are tried again.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# Not the generator of the module: threads of ours would disturb a program that has seeded it.
_dice: Final = random.Random()


def delays(
    first: float = 0.25, most: float = 5.0, *, draw: Callable[[], float] = _dice.random
) -> Iterator[float]:
    """Yield the seconds to wait after the first failure in a row, the second, and so on for ever.

    Each delay lies between a half and the whole of a ceiling, which doubles each time.

    Args:
        first: the first ceiling, in seconds.
        most: the last ceiling, in seconds; also the first, if that is higher.
        draw: returns a number from 0 up to 1, another one for each delay.

    >>> from itertools import islice
    >>> list(islice(delays(draw=lambda: 1.0), 7))
    [0.25, 0.5, 1.0, 2.0, 4.0, 5.0, 5.0]
    >>> list(islice(delays(2, 60, draw=lambda: 0.0), 7))
    [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]
    """
    ceiling = min(first, most)
    while True:
        yield ceiling * (0.5 + draw() / 2)
        ceiling = min(2 * ceiling, most)
