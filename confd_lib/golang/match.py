"""Patterns over keys, with the meaning of Go's `path.Match`: `gets` and `getvs` select by them.

Knows texts only, neither a store nor its order. A pattern is read once, into the segments between
its slashes, so that a store can follow it level by level instead of trying every key it holds.

`*` is any run without `/`, `?` one character but `/`, `[a-z]` a class (`^` alone negates), a
backslash takes the next character as it is, and the whole key must match.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

from confd_lib.errors import ConfdError

_REPLACEMENT: Final = 0xFFFD


class BadPattern(ConfdError):
    """The pattern is malformed; `str()` is Go's text.

    Attributes:
        pattern: the pattern as it was given.
    """

    def __init__(self, pattern: str) -> None:
        super().__init__(pattern)
        self.pattern = pattern

    def __str__(self) -> str:
        return "syntax error in pattern"


class _Class(NamedTuple):
    """A set of characters: `[a-z]`."""

    negated: bool
    ranges: tuple[tuple[int, int], ...]

    def holds(self, rune: int) -> bool:
        return any(low <= rune <= high for low, high in self.ranges) != self.negated


_STAR: Final = "*"
_ANY: Final = "?"

# One element of a pattern: literal text as bytes, _STAR, _ANY or a class.
_Token = bytes | str | _Class
# What stands between two stars: it has one length in characters, so the leftmost place is enough.
_Chunk = tuple[_Token, ...]


class Glob(NamedTuple):
    """A run of a pattern that is not mere text.

    Attributes:
        head: what the text begins with, before the first star.
        chunks: what follows each star.
    """

    head: _Chunk
    chunks: tuple[_Chunk, ...]

    def matches(self, text: str) -> bool:
        """Whether the whole text is what the pattern says. Go: path.Match."""
        if self == _ANYTHING:
            return "/" not in text
        name = text.encode("utf-8", "surrogateescape")
        at = _match_chunk(self.head, name, 0)
        if not self.chunks:
            return at == len(name)
        for chunk in self.chunks[:-1]:
            if at < 0:
                return False
            at = _find_chunk(chunk, name, at, last=False)
        return at >= 0 and _find_chunk(self.chunks[-1], name, at, last=True) >= 0


_ANYTHING: Final = Glob((), ((),))

# What stands between two slashes of a pattern: plain text, or a glob.
Segment = str | Glob


def fits(segment: Segment, text: str) -> bool:
    """Whether the whole text is what the segment says."""
    return segment == text if isinstance(segment, str) else segment.matches(text)


class Pattern(NamedTuple):
    """A pattern, cut where its slashes are.

    Attributes:
        segments: what stands between the slashes: plain text, or a glob that matches no slash.
        rest: the glob that everything after these segments must match as a whole, since a class
            in it holds `/`; None where there is none.
    """

    segments: tuple[Segment, ...]
    rest: Glob | None

    def matches(self, key: str) -> bool:
        """Whether the whole key is what the pattern says.

        >>> read("/a/*/c").matches("/a/b/c"), read("/a/*").matches("/a/b/c")
        (True, False)
        """
        parts = key.split("/", len(self.segments) if self.rest else -1)
        if len(parts) != len(self.segments) + (self.rest is not None):
            return False
        globs = self.segments if self.rest is None else (*self.segments, self.rest)
        return all(map(fits, globs, parts))


@lru_cache(maxsize=512)
def read(pattern: str) -> Pattern:
    """Read a pattern.

    Raises:
        BadPattern: Go's `path.Match` would refuse it, whatever the key.

    >>> read("/a/*").segments[:2], read("/x[^a]y").rest is None
    (('', 'a'), False)
    """
    segments: list[Segment] = []
    tokens: list[_Token] = []
    crosses = False
    for token in _tokens(pattern):
        if token == b"/" and not crosses:
            segments.append(_segment(tokens))
            tokens = []
            continue
        crosses = crosses or (isinstance(token, _Class) and token.holds(ord("/")))
        tokens.append(token)
    if crosses:
        return Pattern(tuple(segments), _glob(tokens))
    return Pattern((*segments, _segment(tokens)), None)


# -- Reading


def _tokens(pattern: str) -> list[_Token]:
    tokens: list[_Token] = []
    at = 0
    while at < len(pattern):
        char = pattern[at]
        at += 1
        if char == "[":
            found, at = _read_class(pattern, at)
            tokens.append(found)
        elif char in "*?":
            tokens.append(char)
        else:
            if char == "\\":
                char, at = _char(pattern, at), at + 1
            tokens.append(char.encode("utf-8", "surrogateescape"))
    return tokens


def _read_class(pattern: str, at: int) -> tuple[_Class, int]:
    """Read a class whose `[` stands before `at`; return it and where it ends."""
    negated = pattern.startswith("^", at)
    at += negated
    ranges: list[tuple[int, int]] = []
    while not (ranges and pattern.startswith("]", at)):
        low, at = _class_char(pattern, at)
        high = low
        if pattern.startswith("-", at):
            high, at = _class_char(pattern, at + 1)
        ranges.append((low, high))
    return _Class(negated, tuple(ranges)), at + 1


def _class_char(pattern: str, at: int) -> tuple[int, int]:
    # Go: getEsc. A character of a class never ends the pattern, and is never an invalid byte.
    char = _char(pattern, at)
    if char in "-]":
        raise BadPattern(pattern)
    if char == "\\":
        at += 1
        char = _char(pattern, at)
    if "\ud800" <= char <= "\udfff" or at + 1 == len(pattern):
        raise BadPattern(pattern)
    return ord(char), at + 1


def _char(pattern: str, at: int) -> str:
    if at >= len(pattern):
        raise BadPattern(pattern)
    return pattern[at]


def _segment(tokens: list[_Token]) -> Segment:
    literals = [token for token in tokens if isinstance(token, bytes)]
    if len(literals) == len(tokens):
        return b"".join(literals).decode("utf-8", "surrogateescape")
    return _glob(tokens)


def _glob(tokens: list[_Token]) -> Glob:
    chunks: list[list[_Token]] = [[]]
    for token in tokens:
        if token == _STAR:
            # A star after a star adds nothing.
            if len(chunks) == 1 or chunks[-1]:
                chunks.append([])
        else:
            chunks[-1].append(token)
    return Glob(tuple(chunks[0]), tuple(tuple(chunk) for chunk in chunks[1:]))


# -- Matching, over bytes as Go does it


def _find_chunk(chunk: _Chunk, name: bytes, at: int, *, last: bool) -> int:
    """Return where the chunk ends at its leftmost place from `at` on; -1 where it has none.

    The star before it skips no slash, but may skip a part of a character: Go steps by bytes.
    """
    if last and not chunk:
        return -1 if b"/" in name[at:] else len(name)
    while True:
        end = _match_chunk(chunk, name, at)
        if end == len(name) or (end >= 0 and not last):
            return end
        if at == len(name) or name[at] == ord("/"):
            return -1
        at += 1


def _match_chunk(chunk: _Chunk, name: bytes, at: int) -> int:
    """Return where the chunk ends when it begins at `at`; -1 where it does not match."""
    for token in chunk:
        if isinstance(token, bytes):
            if not name.startswith(token, at):
                return -1
            at += len(token)
            continue
        if at == len(name):
            return -1
        rune, width = _rune(name, at)
        if rune == ord("/") if token == _ANY else not _holds(token, rune):
            return -1
        at += width
    return at


def _holds(token: str | _Class, rune: int) -> bool:
    return isinstance(token, _Class) and token.holds(rune)


def _rune(name: bytes, at: int) -> tuple[int, int]:
    """Return the character at `at` and its width. Go: utf8.DecodeRune."""
    lead = name[at]
    if lead < 0x80:
        return lead, 1
    width = 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
    try:
        return ord(name[at : at + width].decode()), width
    except UnicodeDecodeError:
        return _REPLACEMENT, 1
