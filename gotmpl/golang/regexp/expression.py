"""An expression that is applied to texts: found, replaced and split as Go does.

An empty match next to another match does not count. Knows no syntax.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import accumulate, islice
from typing import Any, Final, NamedTuple

from gotmpl.golang.regexp import engine
from gotmpl.golang.regexp.syntax import SyntaxFault, translated
from gotmpl.golang.strings import merge_bytes

# Longer expressions are not kept.
_CACHED: Final = 1000
_SPECIAL: Final = re.compile(r"[\\.+*?()|\[\]{}^$]")
# Go: a byte that is not UTF-8 matches as U+FFFD.
_BYTE: Final = re.compile("[\ud800-\udfff]")
# Go: Regexp.expand. A dollar that leads nowhere stays.
_REFERENCE: Final = re.compile(r"\$(?:(\$)|(\w+)|\{(\w+)\})")
_LARGEST: Final = 8  # digits of a group's number


class _Match(NamedTuple):
    """A match: its place in the text, and its groups, the whole match first."""

    start: int
    end: int
    groups: list[str | None]


class Expression:
    """A compiled expression. Go: regexp.Regexp.

    >>> Expression.of("a*").find_all("baac", -1)
    ['', 'aa', '']
    """

    __slots__ = ("_names", "_pattern", "_text")

    def __init__(self, text: str) -> None:
        pattern, self._names = translated(text)
        self._text = text
        self._pattern = engine.compiled(pattern)
        if self._pattern is None:
            raise SyntaxFault("expression too large", text)

    @staticmethod
    def of(text: str) -> Expression:
        """Return the expression of a text.

        Raises:
            ValueError: it is no expression; the message is Go's.
            ImportError: RE2 is not installed.
        """
        read = _compiled if len(text) <= _CACHED else _compiled.__wrapped__
        return read(text)

    def matches(self, text: str) -> bool:
        """Return whether the text has a match. Go: MatchString."""
        return bool(self.find_all(text, 1))

    def find(self, text: str) -> str:
        """Return the first match; an empty text without one. Go: FindString."""
        return "".join(self.find_all(text, 1))

    def find_all(self, text: str, count: int) -> list[str]:
        """Return the matches, at most `count`; all below 0. Go: FindAllString."""
        return [found.groups[0] or "" for found in self._all(text, count)]

    def _all(self, text: str, count: int = -1) -> Iterator[_Match]:
        """Return the matches, at most `count`; all below 0. Go: allMatches."""
        return islice(self._accepted(text), count if count >= 0 else None)

    def _accepted(self, text: str) -> Iterator[_Match]:
        data = _BYTE.sub("\ufffd", text).encode()
        places = _places(text, data)
        before = -1
        for found in self._pattern.finditer(data):
            start, end = found.span()
            # RE2 goes byte by byte, and sees a `\B` inside a character.
            if _is_inside(data, start):
                continue
            if start < end or start != before:
                yield _Match(places[start], places[end], self._groups(text, places, found))
            before = end

    def _groups(self, text: str, places: Sequence[int], found: Any) -> list[str | None]:
        spans = (found.span(group) for group in range(len(self._names)))
        return [text[places[start] : places[end]] if end >= 0 else None for start, end in spans]

    def replace_all(self, text: str, replacement: str) -> str:
        """Return the text with its matches replaced; `$1` stands for a group. Go: ReplaceAll."""
        return self._replaced(text, lambda found: self._expanded(replacement, found))

    def replace_all_literal(self, text: str, replacement: str) -> str:
        """Return the text with its matches replaced. Go: ReplaceAllLiteral."""
        return self._replaced(text, lambda _: replacement)

    def _replaced(self, text: str, write: Callable[[_Match], str]) -> str:
        pieces, before = list[str](), 0
        for found in self._all(text):
            pieces += (text[before : found.start], write(found))
            before = found.end
        return merge_bytes("".join([*pieces, text[before:]]))

    def _expanded(self, replacement: str, found: _Match) -> str:
        def group(reference: re.Match[str]) -> str:
            return "$" if reference[1] else self._group(reference[2] or reference[3], found.groups)

        return _REFERENCE.sub(group, replacement)

    def _group(self, name: str, groups: list[str | None]) -> str:
        if name.isascii() and name.isdecimal():
            is_number = len(name) <= _LARGEST and (name == "0" or name[0] != "0")
            number = int(name) if is_number else len(groups)
            return (groups[number] or "") if number < len(groups) else ""
        named = (groups[i] for i, one in enumerate(self._names) if one == name)
        return next((group for group in named if group is not None), "")

    def split(self, text: str, count: int) -> list[str]:
        """Return the parts between matches, at most `count`; all below 0. Go: Split."""
        if self._text and not text:
            return [""]
        parts, start, end = list[str](), 0, 0
        for found in self._all(text, count):
            if 0 < count == len(parts) + 1:
                break
            end = found.start
            if found.end:
                parts.append(text[start:end])
            start = found.end
        return parts if end == len(text) else [*parts, text[start:]]


def _places(text: str, data: bytes) -> Sequence[int]:
    """Return the place in the text of each place in its bytes."""
    if len(text) == len(data):
        return range(len(text) + 1)
    return list(accumulate((byte >> 6 != 0b10 for byte in data), initial=0))


def _is_inside(data: bytes, place: int) -> bool:
    """Return whether the place is inside a character."""
    return place < len(data) and data[place] >> 6 == 0b10


@lru_cache(maxsize=256)
def _compiled(text: str) -> Expression:
    return Expression(text)


def quote_meta(text: str) -> str:
    r"""Return an expression that matches the text. Go: QuoteMeta.

    >>> quote_meta("a.b-c")
    'a\\.b-c'
    """
    return _SPECIAL.sub(r"\\\g<0>", text)
