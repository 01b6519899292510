"""An expression that is applied to texts: found, replaced and split as Go does.

An empty match next to another match does not count. Knows no syntax.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Final

from gotmpl.golang.regexp.syntax import translated
from gotmpl.golang.strings import merge_bytes

# Longer expressions are not kept.
_CACHED: Final = 1000
_SPECIAL: Final = re.compile(r"[\\.+*?()|\[\]{}^$]")
# Go: Regexp.expand. A dollar that leads nowhere stays.
_REFERENCE: Final = re.compile(r"\$(?:(\$)|(\w+)|\{(\w+)\})")
_LARGEST: Final = 8  # digits of a group's number

_Match = re.Match[str]


class Expression:
    """A compiled expression. Go: regexp.Regexp.

    >>> Expression.of("a*").find_all("baac", -1)
    ['', 'aa', '']
    """

    __slots__ = ("_names", "_pattern", "_text")

    def __init__(self, text: str) -> None:
        pattern, self._names = translated(text)
        self._text = text
        self._pattern = re.compile(pattern)

    @staticmethod
    def of(text: str) -> Expression:
        """Return the expression of a text.

        Raises:
            ValueError: it is no expression; the message is Go's.
        """
        read = _compiled if len(text) <= _CACHED else _compiled.__wrapped__
        return read(text)

    def matches(self, text: str) -> bool:
        """Return whether the text has a match. Go: MatchString."""
        return self._pattern.search(text) is not None

    def find(self, text: str) -> str:
        """Return the first match; an empty text without one. Go: FindString."""
        found = self._pattern.search(text)
        return found[0] if found else ""

    def find_all(self, text: str, count: int) -> list[str]:
        """Return the matches, at most `count`; all below 0. Go: FindAllString."""
        return [found[0] for found in self._all(text, count)]

    def _all(self, text: str, count: int) -> Iterator[_Match]:
        """Yield matches. Go: allMatches."""
        at, before, left = 0, -1, count if count >= 0 else len(text) + 1
        while left > 0 and at <= len(text):
            found = self._pattern.search(text, at)
            if found is None:
                return
            start, end = found.span()
            accepted = True
            if end == at:
                accepted = start != before
                at += 1
            else:
                at = end
            before = end
            if accepted:
                left -= 1
                yield found

    def replace_all(self, text: str, replacement: str) -> str:
        """Return the text with its matches replaced; `$1` stands for a group. Go: ReplaceAll."""
        return self._replaced(text, lambda found: self._expanded(replacement, found))

    def replace_all_literal(self, text: str, replacement: str) -> str:
        """Return the text with its matches replaced. Go: ReplaceAllLiteral."""
        return self._replaced(text, lambda _: replacement)

    def _replaced(self, text: str, write: Callable[[_Match], str]) -> str:
        pieces, at, before = list[str](), 0, 0
        while at <= len(text):
            found = self._pattern.search(text, at)
            if found is None:
                break
            start, end = found.span()
            pieces.append(text[before:start])
            if end > before or start == 0:
                pieces.append(write(found))
            before = end
            at = max(at + 1, end) if at < len(text) else at + 1
        return merge_bytes("".join([*pieces, text[before:]]))

    def _expanded(self, replacement: str, found: _Match) -> str:
        def group(reference: _Match) -> str:
            return "$" if reference[1] else self._group(reference[2] or reference[3], found)

        return _REFERENCE.sub(group, replacement)

    def _group(self, name: str, found: _Match) -> str:
        if name.isascii() and name.isdecimal():
            is_number = len(name) <= _LARGEST and (name == "0" or name[0] != "0")
            number = int(name) if is_number else len(self._names)
            return (found[number] or "") if number < len(self._names) else ""
        named = (found[i] for i, one in enumerate(self._names) if one == name)
        return next((group for group in named if group is not None), "")

    def split(self, text: str, count: int) -> list[str]:
        """Return the parts between matches, at most `count`; all below 0. Go: Split."""
        if self._text and not text:
            return [""]
        parts, start, end = list[str](), 0, 0
        for found in self._all(text, count):
            if 0 < count == len(parts) + 1:
                break
            end = found.start()
            if found.end():
                parts.append(text[start:end])
            start = found.end()
        return parts if end == len(text) else [*parts, text[start:]]


@lru_cache(maxsize=256)
def _compiled(text: str) -> Expression:
    return Expression(text)


def quote_meta(text: str) -> str:
    r"""Return an expression that matches the text. Go: QuoteMeta.

    >>> quote_meta("a.b-c")
    'a\\.b-c'
    """
    return _SPECIAL.sub(r"\\\g<0>", text)
