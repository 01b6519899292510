"""The time that a poll waits.

Knows nothing of what is polled.
"""

from __future__ import annotations

import math
from typing import Final

# The system counts milliseconds in 31 bits.
_MOST_MS: Final = (1 << 31) - 1


def milliseconds(seconds: float | None) -> int | None:
    """Return the argument of a poll that ends after some seconds, or sooner: poll in a loop.

    A poll takes 24.8 days at most, and settings are durations of any length.

    Args:
        seconds: the time; None or infinity for any time.

    >>> milliseconds(0.0001), milliseconds(-1), milliseconds(1e300), milliseconds(math.inf)
    (1, 0, 2147483647, None)
    """
    if seconds is None or seconds == math.inf:
        return None
    return math.ceil(min(max(seconds, 0) * 1000, _MOST_MS))
