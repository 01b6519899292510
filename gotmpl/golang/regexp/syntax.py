r"""Translates an expression of RE2's syntax into one of Python's `re`.

Go: regexp/syntax. What RE2 has not is refused in Go's words, and nothing else gets through: each
construct is written in its own words, so that no meaning of `re` remains. Knows no texts to search.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from gotmpl.golang.regexp.classes import (
    ANY,
    PERL,
    POSIX,
    Ranges,
    complement,
    unicode_class,
    written,
)
from gotmpl.golang.strings import is_valid

_MOST_REPEATS: Final = 1000
_DEEPEST: Final = 60  # groups in one another; Python's own limit is not far above
_LAST: Final = 0x10FFFF


class SyntaxFault(ValueError):
    """A text is no expression; `str()` is Go's text: `error parsing regexp: …`."""

    def __init__(self, reason: str, part: str) -> None:
        super().__init__(f"error parsing regexp: {reason}: `{part}`")


class Translated(NamedTuple):
    """An expression for `re`, and the names of its groups by their numbers; empty without one."""

    pattern: str
    names: tuple[str, ...]


class _Flags(NamedTuple):
    """The flags `i`, `m`, `s` and `U`."""

    fold: bool = False
    lines: bool = False
    dot_all: bool = False
    lazy: bool = False


class _Piece(NamedTuple):
    """A translated part; `repeats` is how often it repeats at most, of its kind."""

    text: str
    repeats: int = 1
    is_repeated: bool = False


@dataclass(slots=True)
class _Group:
    """An open group: its beginning, the flags outside, finished branches, and the last branch."""

    opening: str
    flags: _Flags
    branches: list[str] = field(default_factory=list)
    pieces: list[_Piece] = field(default_factory=list)
    most: int = 1


def translated(expression: str) -> Translated:
    r"""Return an expression for `re`.

    Raises:
        SyntaxFault: Go refuses the expression.

    >>> translated(r"(?P<k>\w+)=\z")
    Translated(pattern='((?:[0-9A-Za-z\\x5f])+)=\\Z', names=('', 'k'))
    >>> translated("(")
    Traceback (most recent call last):
    gotmpl.golang.regexp.syntax.SyntaxFault: error parsing regexp: missing closing ): `(`
    """
    if not is_valid(expression):
        raise SyntaxFault("invalid UTF-8", expression)
    return _Parser(expression).parse()


_REPEAT: Final = re.compile(r"\{([0-9]+)(?:(,)([0-9]*))?\}", re.ASCII)
_FLAGS: Final = re.compile(r"\(\?([imsU]*)(?:(-)([imsU]+))?([:)])")
_NAMED: Final = re.compile(r"\(\?P?<(\w+)>", re.ASCII)
_NAMED_START: Final = re.compile(r"\(\?P?<[^>]*>")
_FLAG_NAMES: Final = {"i": "fold", "m": "lines", "s": "dot_all", "U": "lazy"}
_CONTROLS: Final = {"a": 7, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11}
_EDGES: Final = {"A": r"\A", "b": r"(?a:\b)", "B": r"(?!(?a:\b))", "z": r"\Z"}
_HEX: Final = re.compile(r"\\x(?:\{([0-9A-Fa-f]+)\}|([0-9A-Fa-f]{2}))")
_BAD_HEX: Final = re.compile(r"\\x\{?[0-9A-Fa-f]*\}?.?", re.DOTALL)
_OCTAL: Final = re.compile(r"\\(0[0-7]{0,2}|[1-7][0-7]{1,2})")
_PROPERTY: Final = re.compile(r"\\[pP](?:\{(\^?)([^}]*)\}|(.))", re.DOTALL)
_POSIX: Final = re.compile(r"\[:(\^?)([^\]:]*):\]")


class _Parser:
    """Reads one expression from left to right, with a stack of open groups."""

    def __init__(self, expression: str) -> None:
        self._text = expression
        self._at = 0
        self._flags = _Flags()
        self._names = [""]
        self._open = [_Group("", self._flags)]
        self._last = 0  # the place of the last operator of repetition

    def parse(self) -> Translated:
        while self._at < len(self._text):
            char = self._text[self._at]
            _READERS.get(char, _Parser._literal)(self)
        if len(self._open) > 1:
            raise SyntaxFault("missing closing )", self._text)
        group = self._open[0]
        return Translated(self._alternatives(group), tuple(self._names))

    # -- Groups

    def _opening(self) -> None:
        if self._text.startswith("(?", self._at):
            self._extended()
            return
        self._names.append("")
        self._begin("(", 1)

    def _begin(self, opening: str, width: int) -> None:
        if len(self._open) > _DEEPEST:
            raise SyntaxFault("expression nests too deeply", self._text)
        self._open.append(_Group(opening, self._flags))
        self._at += width

    def _extended(self) -> None:
        """Read what begins with `(?`: a name, or flags."""
        rest = self._text[self._at :]
        if rest.startswith(("(?P<", "(?<")):
            named = _NAMED.match(rest)
            if named is None:
                shown = _NAMED_START.match(rest)
                raise SyntaxFault("invalid named capture", shown[0] if shown else rest)
            self._names.append(named[1])
            self._begin("(", named.end())
            return
        found = _FLAGS.match(rest)
        if found is None:
            raise SyntaxFault("invalid or unsupported Perl syntax", self._bad_flags(rest))
        flags = self._flags._replace(
            **{_FLAG_NAMES[one]: True for one in found[1]},
            **{_FLAG_NAMES[one]: False for one in found[3] or ""},
        )
        if found[4] == ":":
            self._begin("(?:", found.end())
        else:
            self._at += found.end()
        self._flags = flags

    @staticmethod
    def _bad_flags(rest: str) -> str:
        """Return the beginning of flags up to the character that is no flag."""
        at = 2
        negated = False
        while at < len(rest):
            char = rest[at]
            at += 1
            if char == "-" and not negated:
                negated = True
            elif char not in _FLAG_NAMES:
                break
        return rest[:at]

    def _closing(self) -> None:
        if len(self._open) == 1:
            raise SyntaxFault("unexpected )", self._text)
        group = self._open.pop()
        text = self._alternatives(group)
        self._flags = group.flags
        self._at += 1
        self._add(_Piece(f"{group.opening}{text})", group.most))

    def _bar(self) -> None:
        group = self._open[-1]
        self._end_branch(group)
        self._at += 1

    @staticmethod
    def _end_branch(group: _Group) -> None:
        group.branches.append("".join(piece.text for piece in group.pieces))
        group.most = max([group.most, *(piece.repeats for piece in group.pieces)])
        group.pieces.clear()

    def _alternatives(self, group: _Group) -> str:
        self._end_branch(group)
        return "|".join(group.branches)

    def _add(self, piece: _Piece) -> None:
        self._open[-1].pieces.append(piece)

    # -- Repetition

    def _operator(self) -> None:
        self._repeat(self._text[self._at], 1, 1)

    def _counted(self) -> None:
        found = _REPEAT.match(self._text, self._at)
        if found is None:
            self._literal()
            return
        least, comma, most = found.groups()
        low = self._count(least, found[0])
        high = self._count(most, found[0]) if most else (low if not comma else -1)
        if 0 <= high < low:
            raise SyntaxFault("invalid repeat count", found[0])
        times = high if high >= 0 else low
        bounds = f"{{{low}}}" if high == low else f"{{{low},{high if high >= 0 else ''}}}"
        self._repeat(bounds, len(found[0]), max(times, 1))

    @staticmethod
    def _count(digits: str, shown: str) -> int:
        if len(digits) > 4 or int(digits) > _MOST_REPEATS:
            raise SyntaxFault("invalid repeat count", shown)
        return int(digits)

    def _repeat(self, operator: str, width: int, times: int) -> None:
        start = self._at
        self._at += width
        is_lazy = self._text.startswith("?", self._at)
        self._at += is_lazy
        shown = self._text[start : self._at]
        pieces = self._open[-1].pieces
        if not pieces:
            raise SyntaxFault("missing argument to repetition operator", shown)
        piece = pieces.pop()
        if piece.is_repeated:
            raise SyntaxFault("invalid nested repetition operator", self._last_operators(start))
        if piece.repeats * times > _MOST_REPEATS:
            raise SyntaxFault("invalid repeat count", shown)
        lazy = "?" if is_lazy != self._flags.lazy else ""
        self._last = start
        self._add(
            _Piece(f"(?:{piece.text}){operator}{lazy}", piece.repeats * times, is_repeated=True)
        )

    def _last_operators(self, start: int) -> str:
        return self._text[self._last : self._at] if self._last < start else self._text[start:]

    # -- Characters

    def _literal(self) -> None:
        self._char(self._text[self._at])
        self._at += 1

    def _char(self, char: str) -> None:
        escaped = re.escape(char)
        has_case = (self._flags.fold and char.lower() != char.upper()) or char in "\u017f\u212a"
        self._add(_Piece(f"(?i:{escaped})" if self._flags.fold and has_case else escaped))

    def _dot(self) -> None:
        self._add(_Piece("(?s:.)" if self._flags.dot_all else r"[^\n]"))
        self._at += 1

    def _caret(self) -> None:
        self._add(_Piece("(?m:^)" if self._flags.lines else r"\A"))
        self._at += 1

    def _dollar(self) -> None:
        self._add(_Piece("(?m:$)" if self._flags.lines else r"\Z"))
        self._at += 1

    # -- Escapes

    def _escape(self) -> None:
        if self._at + 1 >= len(self._text):
            raise SyntaxFault("trailing backslash at end of expression", "")
        char = self._text[self._at + 1]
        if char in _EDGES:
            self._add(_Piece(_EDGES[char]))
            self._at += 2
        elif char == "Q":
            self._quoted()
        elif (ranges := self._named_class()) is not None:
            self._set(ranges)
        else:
            self._char(chr(self._code()))

    def _quoted(self) -> None:
        literal, end, _ = self._text[self._at + 2 :].partition(r"\E")
        for char in literal:
            self._char(char)
        self._at += 2 + len(literal) + len(end)

    def _set(self, ranges: Ranges) -> None:
        shown = written(ranges)
        self._add(_Piece(f"(?i:{shown})" if self._flags.fold else shown))

    def _named_class(self) -> Ranges | None:
        r"""Read a class such as `\d` or `\pL`; None if no class is there."""
        char = self._text[self._at + 1 : self._at + 2]
        if char.lower() in PERL and char:
            self._at += 2
            ranges = PERL[char.lower()]
            return complement(ranges) if char.isupper() else ranges
        return self._property() if char in ("p", "P") else None

    def _property(self) -> Ranges:
        found = _PROPERTY.match(self._text, self._at)
        if found is None:
            raise SyntaxFault("invalid character class range", self._text[self._at :])
        ranges = unicode_class(found[3] or found[2])
        if ranges is None:
            raise SyntaxFault("invalid character class range", found[0])
        self._at = found.end()
        is_negated = (found[0][1] == "P") != bool(found[1])
        return complement(ranges) if is_negated else ranges

    def _code(self) -> int:
        """Read an escaped character."""
        char = self._text[self._at + 1 : self._at + 2]
        if not char:
            raise SyntaxFault("trailing backslash at end of expression", "")
        octal = _OCTAL.match(self._text, self._at)
        if octal:
            self._at = octal.end()
            return int(octal[1], 8)
        found = _HEX.match(self._text, self._at)
        if found and int(found[1] or found[2], 16) <= _LAST:
            self._at = found.end()
            return int(found[1] or found[2], 16)
        if char in _CONTROLS or (char.isascii() and not char.isalnum() and char != "_"):
            self._at += 2
            return _CONTROLS.get(char, ord(char))
        if char == "_":
            self._at += 2
            return ord(char)
        raise SyntaxFault("invalid escape sequence", self._bad_escape(char))

    def _bad_escape(self, char: str) -> str:
        if char != "x":
            return self._text[self._at : self._at + 2]
        found = _BAD_HEX.match(self._text, self._at)
        shown = found[0] if found else "\\x"
        return shown if shown.startswith("\\x{") else shown[:4]

    # -- Classes

    def _class(self) -> None:
        start = self._at
        self._at += 1
        is_negated = self._text.startswith("^", self._at)
        self._at += is_negated
        ranges, is_first = list[tuple[int, int]](), True
        while is_first or not self._text.startswith("]", self._at):
            if self._at >= len(self._text):
                raise SyntaxFault("missing closing ]", self._text[start:])
            ranges += self._class_item(start, is_first=is_first)
            is_first = False
        self._at += 1
        self._add(_Piece(self._bracketed(tuple(ranges), is_negated=is_negated)))

    def _bracketed(self, ranges: Ranges, *, is_negated: bool) -> str:
        if is_negated and not ranges:
            ranges, is_negated = ANY, False
        shown = written(ranges)
        shown = f"[^{shown[1:]}" if is_negated else shown
        return f"(?i:{shown})" if self._flags.fold else shown

    def _class_item(self, start: int, *, is_first: bool) -> Ranges:
        text, at = self._text, self._at
        is_dash = text.startswith("-", at) and not is_first and not text.startswith("-]", at)
        if is_dash and not text.startswith("]", at + 1):
            raise SyntaxFault("invalid character class range", text[at : at + 2])
        if text.startswith("[:", at) and text.find(":]", at + 2) >= 0:
            return self._posix()
        if text.startswith("\\", at):
            named = self._named_class()
            if named is not None:
                return named
        low = self._class_char(start)
        if not text.startswith("-", self._at) or text[self._at + 1 : self._at + 2] in ("", "]"):
            return ((low, low),)
        self._at += 1
        high = self._class_char(start)
        if high < low:
            raise SyntaxFault("invalid character class range", text[at : self._at])
        return ((low, high),)

    def _class_char(self, start: int) -> int:
        if self._at >= len(self._text):
            raise SyntaxFault("missing closing ]", self._text[start:])
        if self._text[self._at] == "\\":
            return self._code()
        self._at += 1
        return ord(self._text[self._at - 1])

    def _posix(self) -> Ranges:
        end = self._text.index(":]", self._at + 2) + 2
        shown = self._text[self._at : end]
        found = _POSIX.fullmatch(shown)
        ranges = POSIX.get(found[2]) if found else None
        if found is None or ranges is None:
            raise SyntaxFault("invalid character class range", shown)
        self._at = end
        return complement(ranges) if found[1] else ranges


_READERS: Final = {
    "(": _Parser._opening,
    ")": _Parser._closing,
    "|": _Parser._bar,
    "*": _Parser._operator,
    "+": _Parser._operator,
    "?": _Parser._operator,
    "{": _Parser._counted,
    "[": _Parser._class,
    ".": _Parser._dot,
    "^": _Parser._caret,
    "$": _Parser._dollar,
    "\\": _Parser._escape,
}
