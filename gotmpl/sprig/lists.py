"""Functions that make lists. Knows nothing of versions."""

from __future__ import annotations

from gotmpl.golang.strings import merge_bytes
from gotmpl.limits import check_limits
from gotmpl.values.kinds import Slice


def tuple_(*items: object) -> list[object]:
    """Return the arguments as a list."""
    return list(items)


def join(separator: str, parts: Slice[str]) -> str:
    """Return the texts with the separator between them."""
    return merge_bytes(separator.join(parts))


def until(count: int) -> Slice[int]:
    """Return the integers from 0 up to `count`, which is not among them; down to it if below 0."""
    return until_step(0, count, -1 if count < 0 else 1)


def until_step(start: int, stop: int, step: int) -> Slice[int]:
    """Return the integers from `start` before `stop`; none if `step` does not lead there."""
    found = range(start, stop, step) if step else range(0)
    check_limits(len(found))
    return Slice("int", found)
