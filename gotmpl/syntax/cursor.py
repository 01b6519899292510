"""Reads the tokens of one action with Go's lookahead, and raises Go's parse errors.

Go reports an error on the line of the furthest token that it has fetched, so the cursor remembers
that. Knows no nodes.
"""

from __future__ import annotations

from typing import Final, NoReturn

from gotmpl.errors import ParseError
from gotmpl.strconv.quoting import quote
from gotmpl.syntax.nodes import Source
from gotmpl.syntax.tokens import KEYWORDS, Tokens

_NOTHING: Final = Tokens("", (), ())


class Cursor:
    """A position in the tokens of an action.

    Attributes:
        source: what is parsed.
        base: the position in the source of the first token.
        action: where the current action begins, whose line errors name; -1 when none is open (Go
            clears it there).
    """

    __slots__ = ("_index", "_kinds", "_pos", "_seen", "_tokens", "action", "base", "source")

    def __init__(self, source: Source) -> None:
        self.source = source
        self._pos = self.action = -1
        self.load(_NOTHING, 0)

    def load(self, tokens: Tokens, base: int) -> None:
        """Start on the tokens of another action."""
        self._tokens, self._kinds, self.base = tokens, tokens.kinds, base
        self._index = self._seen = 0

    # -- Reading

    def next(self) -> str:
        """Read the next token; return its kind."""
        kind = self._kinds[self._index]
        self._index += 1
        return kind

    def next_non_space(self) -> str:
        """Read the next token that is no space; return its kind."""
        kind = self._kinds[self._index]
        self._index += 1
        if kind == "space":
            kind = self._kinds[self._index]
            self._index += 1
        return kind

    def peek_non_space(self) -> str:
        """Return the kind of the next token that is no space; a space before it is read."""
        kind = self.next_non_space()
        self.back()
        return kind

    def expect(self, kind: str, context: str) -> None:
        """Read the next token that is no space, which must be of a kind."""
        if self.next_non_space() != kind:
            self.unexpected(context)

    def back(self) -> None:
        """Unread the last token."""
        self._seen = max(self._seen, self._index)
        self._index -= 1

    def mark(self) -> int:
        """Return the position, for `reset`."""
        return self._index

    def reset(self, mark: int) -> None:
        """Return to a position; the furthest token stays the same."""
        self._seen = max(self._seen, self._index)
        self._index = mark

    # -- The token read last

    @property
    def pos(self) -> int:
        """Where it begins in the source; one object for all nodes that begin there."""
        pos = self.base + self._tokens.starts[self._index - 1]
        if pos != self._pos:
            self._pos = pos
        return self._pos

    @property
    def text(self) -> str:
        """Its text."""
        starts, index = self._tokens.starts, self._index
        end = starts[index] if index < len(starts) else None
        return self._tokens.text[starts[index - 1] : end]

    # -- Errors

    def furthest(self) -> int:
        """Return the position of the furthest token read."""
        return self.base + self._tokens.starts[max(self._seen, self._index, 1) - 1]

    def error(self, reason: str, pos: int | None = None) -> NoReturn:
        """Raise a parse error on the line of a position, by default of the furthest token read."""
        pos = self.furthest() if pos is None else pos
        raise ParseError(reason, name=self.source.name, line=self.source.line(pos))

    def unexpected(self, context: str) -> NoReturn:
        """Raise the error of the token read last (Go: Tree.unexpected)."""
        kind = self._kinds[self._index - 1]
        if kind != "error":
            self.error(f"unexpected {self._spell(kind)} in {context}")
        self.error(self._tokens.fault + self._started())

    def _started(self) -> str:
        """Return where the action began, if that is on another line."""
        if self.action < 0:
            return ""
        line = self.source.line(self.action)
        if line == self.source.line(self.pos):
            return ""
        place = f" started at {self.source.name}:{line}"
        return place if self._tokens.fault.endswith(" action") else f" in action{place}"

    def _spell(self, kind: str) -> str:
        """Go: item.String."""
        if kind in KEYWORDS or kind == "dot":
            return f"<{self.text}>"
        text = self.source.right if kind == "right delim" else self.text
        raw = text.encode("utf-8", "surrogateescape")
        return f"{quote(text[:10])}..." if len(raw) > 10 else quote(text)
