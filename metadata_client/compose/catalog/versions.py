"""Versions of entries and of Rancher itself: their orders, and ranges of them.

There are two orders: the catalog service picks a default by semantic versions, and compares with
servers and for upgrades by rules of its own. Knows nothing of files.
"""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass
from functools import cmp_to_key, total_ordering
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

# -- The order of the catalog service

_LETTERS: Final = re.compile("[a-z]+")
_DIGITS: Final = re.compile("[0-9]+")
_PARTS: Final = re.compile("[.-]")


def is_greater(version: str, other: str) -> bool:
    """Return whether a version comes after another one in the order of the catalog service.

    >>> is_greater("v1.10.0", "1.9.0"), is_greater("1.0.0", "1.0.0-rc1"), is_greater("1.6.0", "1.6")
    (True, True, True)
    """
    return _compared(version, other) > 0


def _compared(version: str, other: str) -> int:
    mine, others = _parts(version), _parts(other)
    for part, against in zip(mine, others, strict=False):
        distance = _compared_parts(part, against)
        if distance:
            return distance
    longer = mine[len(others) :] or others[len(mine) :]
    if not longer:
        return 0
    # A further number makes a version greater, anything else a forerunner.
    sign = 1 if len(mine) > len(others) else -1
    return sign if longer[0].isdecimal() else -sign


def _parts(version: str) -> list[str]:
    return _PARTS.split(version.partition("+")[0].lstrip("v"))


def _compared_parts(part: str, other: str) -> int:
    """Return the order of two parts: by their words, then by their numbers, else as texts."""
    words = _LETTERS.search(part), _LETTERS.search(other)
    if words[0] and words[1] and words[0][0] != words[1][0]:
        return 1 if words[0][0] > words[1][0] else -1
    numbers = _DIGITS.search(part), _DIGITS.search(other)
    if numbers[0] and numbers[1]:
        first, second = (number[0].lstrip("0") for number in numbers if number)
        pair = ((len(first), first), (len(second), second))
        return (pair[0] > pair[1]) - (pair[0] < pair[1])
    return (part > other) - (part < other)


in_order: Final = cmp_to_key(_compared)
"""The key that sorts versions by the order of the catalog service."""


def is_offered(server: str, minimum: str, maximum: str) -> bool:
    """Return whether a version is offered by a Rancher server.

    Args:
        server: the server's version; empty if it is unknown, to which every minimum is fine.
        minimum: the first version that is offered it; empty for any.
        maximum: the last one; empty for any.

    >>> is_offered("v1.6.0", "v1.5.0", "v1.6"), is_offered("", "v1.6.0", "")
    (False, True)
    """
    if server and minimum and is_greater(minimum, server):
        return False
    return not (maximum and is_greater(server, maximum))


# -- Semantic versions

_SEMANTIC: Final = re.compile(
    r"(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)"
    r"(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?"
)


@total_ordering
@dataclass(frozen=True, slots=True)
class Semantic:
    """A semantic version, without what follows its `+`.

    Attributes:
        numbers: major, minor and patch.
        prerelease: the parts behind its `-`; empty for a release.

    >>> Semantic.of("1.0.0-rc.9") < Semantic.of("v1.0.0-rc.10") < Semantic.of("1.0.0")
    True
    """

    numbers: tuple[int, ...]
    prerelease: tuple[str, ...] = ()

    @classmethod
    def of(cls, text: str) -> Semantic | None:
        """Return the version of a text; None if it is no full semantic version."""
        match = _SEMANTIC.fullmatch(text.strip("v"))
        if match is None:
            return None
        *numbers, prerelease = match.groups()
        return cls(
            tuple(map(int, numbers)), tuple((prerelease or "").split(".")) if prerelease else ()
        )

    def __lt__(self, other: Semantic) -> bool:
        return self._key() < other._key()

    def _key(self) -> tuple[object, ...]:
        parts = [(0, int(p), "") if p.isdecimal() else (1, 0, p) for p in self.prerelease]
        return self.numbers, not self.prerelease, parts


UNKNOWN: Final = Semantic((0, 0, 0))
"""The place of whatever is no full semantic version."""

_COMPARISONS: Final[dict[str, Callable[[Semantic, Semantic], bool]]] = {
    "": operator.eq,
    "=": operator.eq,
    "==": operator.eq,
    "!": operator.ne,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
_SPACED: Final = re.compile(r"([=!<>])\s+")
_CONDITION: Final = re.compile("([=!<>]{0,2})(v?[0-9][0-9A-Za-z.+-]*)")


def satisfies(version: str, wanted: str) -> bool:
    """Return whether a version is in a range; false for what is no version, or no range.

    >>> wanted = ">=1.0.0 <2.0.0 || 3.1.0"
    >>> [satisfies(version, wanted) for version in ("v1.4.0", "2.0.0", "3.1.0", "1.4", "latest")]
    [True, False, True, False, False]
    """
    current = Semantic.of(version)
    try:
        ranges = [_conditions(part) for part in wanted.split("||")]
    except ValueError:
        return False
    if current is None:
        return False
    return any(all(holds(current, bound) for holds, bound in one) for one in ranges)


def _conditions(text: str) -> list[tuple[Callable[[Semantic, Semantic], bool], Semantic]]:
    parts = _SPACED.sub(r"\1", text).split()
    found = [match.groups() for match in map(_CONDITION.fullmatch, parts) if match]
    bounds = [(_COMPARISONS.get(sign), Semantic.of(bound)) for sign, bound in found]
    complete = [(holds, bound) for holds, bound in bounds if holds and bound]
    if not parts or len(complete) < len(parts):
        raise ValueError(text)
    return complete
