"""How long to wait before asking again: capped, and jittered so that hosts do not ask in step.

Knows nothing of what is asked.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_FIRST: Final = 0.25
_LAST: Final = 5.0


def delays(draw: Callable[[], float] = random.random) -> Iterator[float]:
    """Seconds to wait after the first failure in a row, the second, and so on for ever.

    Args:
        draw: a number from 0 up to 1, anew for each delay.

    >>> from itertools import islice
    >>> list(islice(delays(draw=lambda: 1.0), 7))
    [0.25, 0.5, 1.0, 2.0, 4.0, 5.0, 5.0]
    """
    ceiling = _FIRST
    while True:
        yield ceiling * (0.5 + draw() / 2)
        ceiling = min(2 * ceiling, _LAST)
