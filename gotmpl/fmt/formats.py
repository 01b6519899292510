"""Parser of format strings: `%[2]*.3f` becomes a directive that says what to print and how.

Mirrors the reading half of Go's `fmt.doPrintf`. Knows no values: what depends on the arguments is
decided in `printing`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

from gotmpl.record import record


@record
class Spec:
    """How one value is printed (Go: fmt.fmt, with the flags of `%#v` and `%+v` apart).

    Attributes:
        verb: the verb; empty if the format ends before it.
        width: in runes; 0 if not given.
        precision: None if not given.
        erroring: inside an error text, where no method of the value is called.
    """

    verb: str = "v"
    minus: bool = False
    plus: bool = False
    sharp: bool = False
    space: bool = False
    zero: bool = False
    width: int = 0
    precision: int | None = None
    plus_v: bool = False
    sharp_v: bool = False
    erroring: bool = False


PLAIN: Final = Spec()  # %v


@record
class Directive:
    """One directive of a format, with the arguments that it names.

    An index counts arguments from 0; it is -1 if malformed, None if absent.

    Attributes:
        spec: how the value is printed, as far as the format says.
        plain: the verb, if there is nothing but the verb; else empty.
        simple: it prints the next argument, and takes no other.
        width_index: `[n]` in front of the width.
        width_star: the width is an argument.
        precision_index: `[n]` in front of the precision.
        precision_star: the precision is an argument.
        verb_index: `[n]` in front of the verb.
        well_indexed: every index is where one is allowed.
    """

    spec: Spec
    plain: str = ""
    simple: bool = True
    width_index: int | None = None
    width_star: bool = False
    precision_index: int | None = None
    precision_star: bool = False
    verb_index: int | None = None
    well_indexed: bool = True

    @property
    def reorders(self) -> bool:
        """Whether it names an argument; surplus arguments are no error then."""
        indexes = (self.width_index, self.precision_index, self.verb_index)
        return any(index is not None for index in indexes)


_FLAGS: Final = re.compile(r"[#0+\- ]*")
_DIGITS: Final = re.compile(r"[0-9]*")
_BRACKETS: Final = re.compile(r"\[([^\]]*)\]")
_TOO_LARGE: Final = 1_000_000


def too_large(number: int) -> bool:
    """Return whether a width or precision is refused (Go: tooLarge)."""
    return abs(number) > _TOO_LARGE


def _parse_digits(digits: str) -> int | None:
    """Return the number; None if it is too large before its last digit (Go: parsenum)."""
    significant = digits.lstrip("0")
    if not digits or len(significant) > len("10000000") or too_large(int(significant[:-1] or 0)):
        return None
    return int(digits)


class _Size(NamedTuple):
    """A width or a precision in a format."""

    argument: int | None = None  # the index in front of it
    star: bool = False
    number: int | None = None
    after_index: bool = False  # an index was read whose use comes later
    well_indexed: bool = True


class _Reader:
    """A position in a format, advanced over one part of a directive at a time."""

    __slots__ = ("place", "text")

    def __init__(self, text: str, place: int) -> None:
        self.text = text
        self.place = place

    def flags(self) -> str:
        match = _FLAGS.match(self.text, self.place)
        self.place = match.end() if match else self.place
        return match[0] if match else ""

    def take(self, char: str) -> bool:
        found = self.text.startswith(char, self.place)
        self.place += found
        return found

    def index(self) -> tuple[int | None, bool]:
        """Return the argument that `[n]` names, and whether `n` is a number (Go: argNumber)."""
        if not self.text.startswith("[", self.place):
            return None, False
        match = _BRACKETS.match(self.text, self.place)
        if match is None or len(self.text) - self.place < len("[n]"):
            self.place += 1
            return -1, False
        self.place = match.end()
        number = _parse_digits(match[1]) if match[1].isascii() and match[1].isdigit() else None
        return (-1, False) if number is None else (number - 1, True)

    def number(self) -> int | None:
        """Return the number here; one that is too large consumes the rest of the format."""
        match = _DIGITS.match(self.text, self.place)
        if match is None or not match[0]:
            return None
        number = _parse_digits(match[0])
        self.place = len(self.text) if number is None else match.end()
        return number

    def size(self) -> _Size:
        """Return a width or precision, with an index in front of it."""
        index, after_index = self.index()
        if self.take("*"):
            return _Size(index, star=True)
        return _Size(index, number=self.number(), after_index=after_index)

    def precision(self, width: _Size) -> _Size:
        """Return the precision; a point without digits means 0, a final point is a verb."""
        if self.place + 1 >= len(self.text) or not self.take("."):
            return _Size(after_index=width.after_index)
        size = self.size()
        well_indexed = not width.after_index  # %[3].2d
        number = None if size.star else size.number or 0
        return size._replace(number=number, well_indexed=well_indexed)

    def verb(self) -> str:
        verb = self.text[self.place : self.place + 1]
        self.place += len(verb)
        return "\ufffd" if "\ud800" <= verb <= "\udfff" else verb  # as Go decodes it


def _spec(flags: str, width: int | None, precision: int | None, verb: str) -> Spec:
    if (flags, width or 0, precision, verb) == ("", 0, None, "v"):
        return PLAIN  # one object, so that the common case is found by identity
    for_value = verb in ("v", "w")  # with these, + and # choose another notation
    return Spec(
        verb=verb,
        minus="-" in flags,
        plus="+" in flags and not for_value,
        sharp="#" in flags and not for_value,
        space=" " in flags,
        zero="0" in flags,
        width=width or 0,
        precision=precision,
        plus_v="+" in flags and for_value,
        sharp_v="#" in flags and for_value,
    )


def _read_directive(reader: _Reader) -> Directive:
    """Read what follows a percent sign (Go: doPrintf)."""
    start = reader.place
    flags, width = reader.flags(), reader.size()
    precision = reader.precision(width)
    verb_index = None if precision.after_index else reader.index()[0]
    verb = reader.verb()
    indexes = (width.argument, precision.argument, verb_index)
    takes_one = not (width.star or precision.star) and indexes == (None, None, None)
    width_misplaced = width.after_index and width.number is not None  # %[3]2d
    return Directive(
        spec=_spec(flags, width.number, precision.number, verb),
        plain=verb if reader.place == start + 1 else "",
        simple=takes_one and verb not in ("", "%"),
        width_index=width.argument,
        width_star=width.star,
        precision_index=precision.argument,
        precision_star=precision.star,
        verb_index=verb_index,
        well_indexed=precision.well_indexed and not width_misplaced,
    )


@lru_cache(maxsize=512)
def parse_format(text: str) -> tuple[str | Directive, ...]:
    """Return the format as literal texts and directives.

    >>> [part if isinstance(part, str) else part.spec.verb for part in parse_format("%s: %d%%")]
    ['s', ': ', 'd', '%']
    """
    parts: list[str | Directive] = []
    place = 0
    while (percent := text.find("%", place)) >= 0:
        parts.append(text[place:percent])
        reader = _Reader(text, percent + 1)
        directive = _read_directive(reader)
        parts.append("%" if directive.plain == "%" else directive)
        place = reader.place
    return tuple(part for part in (*parts, text[place:]) if part != "")
