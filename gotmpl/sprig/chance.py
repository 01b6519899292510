"""Functions whose results are random, from a source that is given. Knows no versions."""

from __future__ import annotations

import string
import uuid
from typing import TYPE_CHECKING, Final

from gotmpl.limits import check_limits

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

_ALPHABETS: Final = {
    "randAlphaNum": string.ascii_letters + string.digits,
    "randAlpha": string.ascii_letters,
    "randNumeric": string.digits,
    "randAscii": "".join(map(chr, range(32, 127))),
}


def chances(random: Random) -> dict[str, Callable[..., object]]:
    """Return the functions that draw from `random`: texts of some length, and uuids."""

    def drawing(alphabet: str) -> Callable[[int], str]:
        def draw(count: int) -> str:
            """Return a text of `count` characters by chance."""
            check_limits(count)
            return "".join(random.choices(alphabet, k=max(count, 0)))

        return draw

    def uuidv4() -> str:
        """Return a UUID of version 4 by chance."""
        return str(uuid.UUID(int=random.getrandbits(128), version=4))

    return {"uuidv4": uuidv4, **{name: drawing(chars) for name, chars in _ALPHABETS.items()}}
