"""Semantic versions and their constraints, as `Masterminds/semver` 3.4 has them.

Knows no templates.
"""

# ruff: noqa: N802 - a template calls the methods by the names that Go gives them

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import ClassVar, Final, NamedTuple

from gotmpl.strconv.quoting import quote

_MOST: Final = (1 << 64) - 1
_LONGEST: Final = 256  # characters of a version
_PARTS: Final = r"[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*"
_VERSION: Final = re.compile(
    rf"v?([0-9]+)(?:\.([0-9]+))?(?:\.([0-9]+))?(?:-({_PARTS}))?(?:\+({_PARTS}))?", re.ASCII
)


class Uint64(int):
    """A part of a version."""

    __go_type__: ClassVar[str] = "uint64"


@dataclass(frozen=True, slots=True)
class Version:
    """A semantic version; it prints as its normal form.

    >>> parse_version("v1.2-rc.1").String(), parse_version("1").IncMinor().String()
    ('1.2.0-rc.1', '1.1.0')
    """

    __go_type__: ClassVar[str] = "*semver.Version"

    _numbers: tuple[int, int, int]
    _prerelease: str = ""
    _metadata: str = ""
    _original: str = ""

    def Major(self) -> Uint64:
        """Return the first number."""
        return Uint64(self._numbers[0])

    def Minor(self) -> Uint64:
        """Return the second number."""
        return Uint64(self._numbers[1])

    def Patch(self) -> Uint64:
        """Return the third number."""
        return Uint64(self._numbers[2])

    def Prerelease(self) -> str:
        """Return the text behind `-`."""
        return self._prerelease

    def Metadata(self) -> str:
        """Return the text behind `+`."""
        return self._metadata

    def Original(self) -> str:
        """Return the text that was read."""
        return self._original

    def String(self) -> str:
        """Return the version with three numbers and without a leading `v`."""
        before = f"-{self._prerelease}" if self._prerelease else ""
        after = f"+{self._metadata}" if self._metadata else ""
        return ".".join(map(str, self._numbers)) + before + after

    def MarshalText(self) -> bytes:
        """Return the normal form."""
        return self.String().encode()

    # -- Order

    def Compare(self, other: Version) -> int:
        """Return -1 if it is before the other version, 1 if it is after it, else 0."""
        one, two = self._key(), other._key()
        return (one > two) - (one < two)

    def Equal(self, other: Version) -> bool:
        """Return whether neither is before the other."""
        return self.Compare(other) == 0

    def LessThan(self, other: Version) -> bool:
        """Return whether it is before the other version."""
        return self.Compare(other) < 0

    def LessThanEqual(self, other: Version) -> bool:
        """Return whether it is not after the other version."""
        return self.Compare(other) <= 0

    def GreaterThan(self, other: Version) -> bool:
        """Return whether it is after the other version."""
        return self.Compare(other) > 0

    def GreaterThanEqual(self, other: Version) -> bool:
        """Return whether it is not before the other version."""
        return self.Compare(other) >= 0

    def _key(self) -> tuple[object, ...]:
        """Return what orders versions: a pre-release is before its release."""
        parts = [
            (0, int(part), "") if part.isdecimal() else (1, 0, part)
            for part in self._prerelease.split(".")
        ]
        return (self._numbers, 0 if self._prerelease else 1, parts)

    # -- The next version

    def IncPatch(self) -> Version:
        """Return the next patch; of a pre-release, its release."""
        major, minor, patch = self._numbers
        return self._next(major, minor, patch + (not self._prerelease))

    def IncMinor(self) -> Version:
        """Return the next minor version."""
        major, minor, _ = self._numbers
        return self._next(major, minor + 1, 0)

    def IncMajor(self) -> Version:
        """Return the next major version."""
        return self._next(self._numbers[0] + 1, 0, 0)

    def _next(self, *numbers: int) -> Version:
        made = Version(numbers)  # type: ignore[arg-type]  # three numbers
        v = "v" if self._original.startswith("v") else ""
        return replace(made, _original=v + made.String())


def parse_version(text: str) -> Version:
    """Return the version of a text, which may have fewer numbers and a leading `v`.

    Raises:
        ValueError: the text is no version; the message is Go's.

    >>> parse_version("1.2.3.4")
    Traceback (most recent call last):
    ValueError: invalid semantic version
    """
    found = _VERSION.fullmatch(text)
    if found is None or len(text) > _LONGEST:
        raise ValueError("invalid semantic version")
    numbers = tuple(map(_number, (found[1], found[2] or "0", found[3] or "0")))
    for part in (found[4] or "").split("."):
        if part.isdecimal() and part[0] == "0" and len(part) > 1:
            raise ValueError("version segment starts with 0")
    return Version(numbers, found[4] or "", found[5] or "", text)  # type: ignore[arg-type]


def _number(digits: str) -> int:
    if int(digits) > _MOST:
        raise ValueError(
            "error parsing version segment: strconv.ParseUint: "
            f"parsing {quote(digits)}: value out of range"
        )
    return int(digits)


# -- Constraints

_WILD: Final = "xX*"
_BOUND: Final = (
    r"v?(?:[0-9]+|[xX*])(?:\.(?:[0-9]+|[xX*]))?(?:\.(?:[0-9]+|[xX*]))?"
    rf"(?:-{_PARTS})?(?:\+{_PARTS})?"
)
_OPERATOR: Final = r"=>|=<|>=|<=|!=|~>|=|>|<|~|\^|"
_ONE: Final = re.compile(rf"[ ]*+({_OPERATOR})[ ]*+({_BOUND})(?=[ ,]|$)[ ]*+(?:,[ ]*+(?=[^ ]))?")
_RANGE: Final = re.compile(rf"(?<![0-9A-Za-z.*+-])({_BOUND})[ ]++-[ ]++({_BOUND})")
_PIECES: Final = re.compile(
    rf"v?([0-9]+|[xX*])(?:\.([0-9]+|[xX*]))?(?:\.([0-9]+|[xX*]))?((?:-{_PARTS})?(?:\+{_PARTS})?)"
)


class _Constraint(NamedTuple):
    """One comparison; `given` tells how many of the three numbers it has."""

    operator: str
    bound: Version
    given: int


def satisfies(constraint: str, version: Version) -> bool:
    """Return whether a version is in the range of a constraint.

    Raises:
        ValueError: the text is no constraint; the message is Go's.

    >>> satisfies(">=1.2, <2 || ^3", parse_version("3.1")), satisfies("*", parse_version("1.0-rc"))
    (True, False)
    """
    spelled = _RANGE.sub(r">=\1 <=\2", constraint)
    groups = [_group(part) for part in spelled.split("||")]
    return any(_holds(group, version) for group in groups)


def _group(text: str) -> list[_Constraint]:
    found, at = list[_Constraint](), 0
    text = re.sub("[\t\n\f\r]", " ", text)
    while at < len(text) or not found:
        one = _ONE.match(text, at)
        if one is None:
            raise ValueError(f"improper constraint: {text}")
        found.append(_constraint(one[1], one[2]))
        at = one.end()
    return found


def _constraint(operator: str, bound: str) -> _Constraint:
    major, minor, patch, rest = _PIECES.fullmatch(bound).groups()  # type: ignore[union-attr]
    numbers = [major, minor, patch]
    given = next((i for i, one in enumerate(numbers) if one is None or one in _WILD), 3)
    known = [*numbers[:given], "0", "0", "0"][:3]
    return _Constraint(operator, parse_version(".".join(known) + rest), given)


def _holds(group: list[_Constraint], version: Version) -> bool:
    """Return whether all comparisons hold; a pre-release needs one among them."""
    if version._prerelease and not any(one.bound._prerelease for one in group):
        return False
    return all(_CHECKS[one.operator](version, one) for one in group)


def _agree(version: Version, one: _Constraint, count: int) -> bool:
    """Return whether the first numbers agree, those that the constraint has."""
    count = min(count, one.given)
    return version._numbers[:count] == one.bound._numbers[:count]


def _tilde(version: Version, one: _Constraint) -> bool:
    if version.LessThan(one.bound):
        return False
    is_any = one.bound._numbers == (0, 0, 0) and one.given in (0, 3)
    return is_any or _agree(version, one, 2)


def _equal(version: Version, one: _Constraint) -> bool:
    return version.Equal(one.bound) if one.given == 3 else _tilde(version, one)


def _unequal(version: Version, one: _Constraint) -> bool:
    return not (version.Equal(one.bound) if one.given == 3 else _agree(version, one, 2))


def _above(version: Version, one: _Constraint) -> bool:
    if one.given in (0, 3):
        return version.GreaterThan(one.bound)
    return version._numbers[: one.given] > one.bound._numbers[: one.given]


def _at_most(version: Version, one: _Constraint) -> bool:
    if one.given == 3:
        return version.LessThanEqual(one.bound)
    count = max(one.given, 1)
    return version._numbers[:count] <= one.bound._numbers[:count]


def _caret(version: Version, one: _Constraint) -> bool:
    """Return whether the first number that is not 0 agrees, and those before it."""
    if version.LessThan(one.bound):
        return False
    significant = next((i for i, number in enumerate(one.bound._numbers) if number), 2)
    return _agree(version, one, significant + 1)


_CHECKS: Final[dict[str, Callable[[Version, _Constraint], bool]]] = {
    "": _equal,
    "=": _equal,
    "!=": _unequal,
    ">": _above,
    "<": lambda version, one: version.LessThan(one.bound),
    ">=": lambda version, one: not version.LessThan(one.bound),
    "=>": lambda version, one: not version.LessThan(one.bound),
    "<=": _at_most,
    "=<": _at_most,
    "~": _tilde,
    "~>": _tilde,
    "^": _caret,
}
