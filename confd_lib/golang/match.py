"""Patterns over keys with the meaning of Go's `path.Match`, for `gets` and `getvs`.

Knows texts only, not stores. A pattern is read once and cut at its slashes, so that a store can
follow it level by level instead of matching every key.

`*` matches any characters but `/`, `?` one character but `/`, `[a-z]` one of a class (`[^a-z]` one
that is not in it), and a backslash makes the next character literal. The whole key must match.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from confd_lib.errors import ConfdError
from confd_lib.golang.strings import from_bytes, to_bytes

_REPLACEMENT: Final = 0xFFFD
# A pattern longer than this is read each time.
_CACHED: Final = 256


class BadPattern(ConfdError):
    """A pattern is malformed; `str()` is Go's message.

    Attributes:
        pattern: the malformed pattern.
    """

    def __init__(self, pattern: str) -> None:
        super().__init__(pattern)
        self.pattern = pattern

    def __str__(self) -> str:
        return "syntax error in pattern"


@dataclass(frozen=True, slots=True)
class _Class:
    """A set of characters: `[a-z]`.

    Attributes:
        negated: whether the class matches the characters outside of its ranges.
        ranges: the first and the last character of each range.
    """

    negated: bool
    ranges: tuple[tuple[int, int], ...]

    def holds(self, rune: int) -> bool:
        return any(low <= rune <= high for low, high in self.ranges) != self.negated


_STAR: Final = "*"
_ANY: Final = "?"

# One element of a pattern: literal text as bytes, _STAR, _ANY or a class.
_Token = bytes | str | _Class
# The tokens between two stars. They match a fixed number of characters, so that only their leftmost
# match has to be tried.
_Chunk = tuple[_Token, ...]


@dataclass(frozen=True, slots=True)
class Glob:
    """A part of a pattern with at least one star, `?` or class.

    Attributes:
        head: the tokens before the first star.
        chunks: the tokens after each star.
    """

    head: _Chunk
    chunks: tuple[_Chunk, ...]

    def matches(self, text: str) -> bool:
        """Return whether the whole text matches. Go: path.Match."""
        if not self.head and self.chunks == ((),):  # a star alone
            return "/" not in text
        name = to_bytes(text)
        at = _match_chunk(self.head, name, 0)
        if not self.chunks:
            return at == len(name)
        for chunk in self.chunks[:-1]:
            if at < 0:
                return False
            at = _find_chunk(chunk, name, at, last=False)
        return at >= 0 and _find_chunk(self.chunks[-1], name, at, last=True) >= 0


# A pattern between two slashes: plain text, or a glob.
Segment = str | Glob


def fits(segment: Segment, text: str) -> bool:
    """Return whether the whole text matches the segment."""
    return segment == text if isinstance(segment, str) else segment.matches(text)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern, cut at its slashes.

    Attributes:
        segments: the parts between the slashes: plain text, or a glob that matches no slash.
        rest: the glob for everything after these segments, if one of its classes contains `/`;
            else None.
    """

    segments: tuple[Segment, ...]
    rest: Glob | None

    def matches(self, key: str) -> bool:
        """Return whether the whole key matches.

        >>> read("/a/*/c").matches("/a/b/c"), read("/a/*").matches("/a/b/c")
        (True, False)
        """
        parts = key.split("/", len(self.segments) if self.rest else -1)
        if len(parts) != len(self.segments) + (self.rest is not None):
            return False
        globs = self.segments if self.rest is None else (*self.segments, self.rest)
        return all(map(fits, globs, parts))


def read(pattern: str) -> Pattern:
    """Return the pattern that a text describes.

    Raises:
        BadPattern: Go's `path.Match` refuses the text for every key.

    >>> read("/a/*").segments[:2], read("/x[^a]y").rest is None
    (('', 'a'), False)
    """
    return (_read if len(pattern) <= _CACHED else _read.__wrapped__)(pattern)


@lru_cache(maxsize=512)
def _read(pattern: str) -> Pattern:
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
            tokens.append(to_bytes(char))
    return tokens


def _read_class(pattern: str, at: int) -> tuple[_Class, int]:
    """Return the class that begins after its `[` at `at`, and the index after its end."""
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
    # Go: getEsc. It refuses a class at the end of a pattern, and invalid bytes in one.
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
        return from_bytes(b"".join(literals))
    return _glob(tokens)


def _glob(tokens: list[_Token]) -> Glob:
    chunks: list[list[_Token]] = [[]]
    for token in tokens:
        if token == _STAR:
            # A star directly after a star changes nothing.
            if len(chunks) == 1 or chunks[-1]:
                chunks.append([])
        else:
            chunks[-1].append(token)
    return Glob(tuple(chunks[0]), tuple(tuple(chunk) for chunk in chunks[1:]))


# -- Matching, byte by byte as in Go


def _find_chunk(chunk: _Chunk, name: bytes, at: int, *, last: bool) -> int:
    """Return the end of the leftmost match of the chunk at or after `at`; -1 without a match.

    The star before the chunk skips no slash. It may skip a part of a character, as in Go.
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
    """Return the end of a match that begins at `at`; -1 if the chunk does not match there."""
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
