"""Reads the tokens of one action with Go's lookahead, and words the complaints about them.

Go reports an error on the line of the furthest token that it had fetched, which is why reading
remembers how far it has seen. Knows no nodes.
"""

from __future__ import annotations

from typing import NoReturn

from gotmpl.errors import ParseError
from gotmpl.grammar import KEYWORDS, Token
from gotmpl.literals import quote
from gotmpl.nodes import Source


class Cursor:
    """A place in the tokens of an action.

    Attributes:
        source: what is parsed.
        base: where the tokens' positions count from.
        action: where the action in work begins, whose line errors name; -1 where Go forgot it.
    """

    __slots__ = ("_index", "_seen", "_tokens", "action", "base", "source")

    def __init__(self, source: Source) -> None:
        self.source = source
        self.action = -1
        self.load((), 0)

    def load(self, tokens: tuple[Token, ...], base: int) -> None:
        """Begin with the tokens of another action."""
        self._tokens, self.base = tokens, base
        self._index = self._seen = 0

    # -- Reading

    def next(self) -> Token:
        """Return the next token."""
        token = self._tokens[self._index]
        self._index += 1
        if self._index > self._seen:  # noqa: PLR1730 - `max` would be a call for every token
            self._seen = self._index
        return token

    def back(self) -> None:
        """Give the last token back."""
        self._index -= 1

    def mark(self) -> int:
        """Return the place, to be gone back to."""
        return self._index

    def reset(self, mark: int) -> None:
        """Go back to a place; what was seen stays seen."""
        self._index = mark

    def peek(self) -> Token:
        """Return the next token and leave it."""
        token = self.next()
        self._index -= 1
        return token

    def next_non_space(self) -> Token:
        """Return the next token that is no space."""
        token = self.next()
        return self.next() if token.kind == "space" else token

    def peek_non_space(self) -> Token:
        """Return the next token that is no space and leave it; a space before it is read."""
        token = self.next_non_space()
        self._index -= 1
        return token

    def expect(self, kind: str, context: str) -> Token:
        """Return the next token, which must be of a kind."""
        token = self.next_non_space()
        if token.kind != kind:
            self.unexpected(token, context)
        return token

    # -- Complaining

    def furthest(self) -> int:
        """Return the position of the furthest token seen."""
        return self.base + self._tokens[max(self._seen - 1, 0)].pos

    def error(self, reason: str, pos: int | None = None) -> NoReturn:
        """Refuse the text, on the line of a position, by default of the furthest token seen."""
        pos = self.furthest() if pos is None else pos
        raise ParseError(reason, name=self.source.name, line=self.source.line(pos))

    def unexpected(self, token: Token, context: str) -> NoReturn:
        """Refuse a token (Go: Tree.unexpected)."""
        if token.kind != "error":
            self.error(f"unexpected {self._spell(token)} in {context}")
        self.error(token.text + self._started(token))

    def _started(self, token: Token) -> str:
        """Return where the action began, if that is on another line."""
        if self.action < 0:
            return ""
        line = self.source.line(self.action)
        if line == self.source.line(self.base + token.pos):
            return ""
        place = f" started at {self.source.name}:{line}"
        return place if token.text.endswith(" action") else f" in action{place}"

    def _spell(self, token: Token) -> str:
        """Go: item.String."""
        if token.kind in KEYWORDS or token.kind == "dot":
            return f"<{token.text}>"
        text = self.source.right if token.kind == "right delim" else token.text
        raw = text.encode("utf-8", "surrogateescape")
        return f"{quote(text[:10])}..." if len(raw) > 10 else quote(text)
