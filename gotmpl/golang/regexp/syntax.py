r"""Checks an expression of RE2's syntax as Go does, and prepares it for RE2.

Go: regexp/syntax. RE2 takes more than Go, so what Go refuses is refused here, in Go's words. Knows
no texts to search.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, NamedTuple

from gotmpl.golang.regexp.engine import has_class
from gotmpl.golang.strings import is_valid

_MOST_REPEATS: Final = 1000
_DEEPEST: Final = 999  # groups in one another
_LAST: Final = 0x10FFFF


class SyntaxFault(ValueError):
    """A text is no expression; `str()` is Go's text: `error parsing regexp: …`."""

    def __init__(self, reason: str, part: str) -> None:
        super().__init__(f"error parsing regexp: {reason}: `{part}`")


class Translated(NamedTuple):
    """An expression for RE2, and the names of its groups by their numbers; empty without one."""

    pattern: str
    names: tuple[str, ...]


@dataclass(slots=True)
class _Group:
    """An open group: how often its last part repeats at most, 0 without one, and any part."""

    last: int = 0
    most: int = 1


def translated(expression: str) -> Translated:
    r"""Return the expression as RE2 takes it: the same, with groups that have no names.

    Raises:
        SyntaxFault: Go refuses the expression.

    >>> translated(r"(?P<k>\w+)=\z")
    Translated(pattern='(\\w+)=\\z', names=('', 'k'))
    >>> translated("(")
    Traceback (most recent call last):
    gotmpl.golang.regexp.syntax.SyntaxFault: error parsing regexp: missing closing ): `(`
    """
    if not is_valid(expression):
        raise SyntaxFault("invalid UTF-8", expression[_valid(expression) :])
    return _Parser(expression).parse()


def _valid(text: str) -> int:
    """Return how many characters stand before the first byte that is not UTF-8."""
    return next(i for i, char in enumerate(text) if not is_valid(char))


_REPEAT: Final = re.compile(r"\{([0-9]+)(?:(,)([0-9]*))?\}", re.ASCII)
_FLAGS: Final = re.compile(r"\(\?[imsU]*(?:-[imsU]+)?[:)]")
_NAME: Final = re.compile(r"\(\?P?<(?=.)", re.DOTALL)
_NAMED: Final = re.compile(r"\(\?P?<(\w+)>", re.ASCII)
_NAMED_START: Final = re.compile(r"\(\?P?<[^>]*>")
_EDGES: Final = frozenset("AbBz")
_PERL: Final = frozenset("dDsSwW")
_CONTROLS: Final = {"a": 7, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11}
_HEX: Final = re.compile(r"\\x(?:\{([0-9A-Fa-f]+)\}|([0-9A-Fa-f]{2}))")
# Go stops at the digit with which the number is too large.
_BAD_ESCAPE: Final = re.compile(
    r"\\(?:x\{0*(?:10[0-9A-Fa-f]{4}|[0-9A-Fa-f]{0,5}).?|x[^{]?.?|.)", re.DOTALL
)
_OCTAL: Final = re.compile(r"\\(0[0-7]{0,2}|[1-7][0-7]{1,2})")
_PROPERTY: Final = re.compile(r"\\[pP](?:\{[^}]*\}|[^{])", re.DOTALL)
_POSIX: Final = re.compile(
    r"\[:\^?(?:alnum|alpha|ascii|blank|cntrl|digit|graph|lower|print|punct|space|upper|word|xdigit):\]"
)


class _Parser:
    """Reads one expression from left to right, with a stack of open groups."""

    def __init__(self, expression: str) -> None:
        self._text = expression
        self._at = 0
        self._names = [""]
        self._parts = list[str]()  # what is before the last name of a group, without names
        self._copied = 0
        self._open = [_Group()]
        self._last = self._repeated = 0  # the last operator of repetition: its place and its end

    def parse(self) -> Translated:
        while self._at < len(self._text):
            char = self._text[self._at]
            _READERS.get(char, _Parser._literal)(self)
        if len(self._open) > 1:
            raise SyntaxFault("missing closing )", self._text)
        pattern = "".join([*self._parts, self._text[self._copied :]])
        return Translated(pattern, tuple(self._names))

    # -- Groups

    def _opening(self) -> None:
        if self._text.startswith("(?", self._at):
            self._extended()
            return
        self._names.append("")
        self._begin(1)

    def _begin(self, width: int) -> None:
        if len(self._open) > _DEEPEST:
            raise SyntaxFault("expression nests too deeply", self._text)
        self._open.append(_Group())
        self._at += width

    def _extended(self) -> None:
        """Read what begins with `(?`: a name, or flags."""
        if _NAME.match(self._text, self._at):
            self._named()
            return
        rest = self._text[self._at :]
        found = _FLAGS.match(rest)
        if found is None:
            raise SyntaxFault("invalid or unsupported Perl syntax", self._bad_flags(rest))
        if found[0].endswith(":"):
            self._begin(found.end())
        else:
            self._at += found.end()

    def _named(self) -> None:
        """Read the beginning of a group that has a name."""
        found = _NAMED.match(self._text, self._at)
        if found is None:
            shown = _NAMED_START.match(self._text, self._at)
            raise SyntaxFault("invalid named capture", (shown or [self._text[self._at :]])[0])
        self._names.append(found[1])
        # Names mean nothing to RE2 here, and not every version takes one twice, as Go does.
        self._parts += [self._text[self._copied : self._at], "("]
        self._copied = found.end()
        self._begin(len(found[0]))

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
            elif char not in "imsU":
                break
        return rest[:at]

    def _closing(self) -> None:
        if len(self._open) == 1:
            raise SyntaxFault("unexpected )", self._text)
        group = self._open.pop()
        self._at += 1
        self._add(group.most)

    def _bar(self) -> None:
        self._open[-1].last = 0
        self._at += 1

    def _add(self, repeats: int = 1) -> None:
        """Note a part that repeats so often at most."""
        group = self._open[-1]
        group.last = repeats
        group.most = max(group.most, repeats)

    # -- Repetition

    def _operator(self) -> None:
        self._repeat(1, 1)

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
        self._repeat(len(found[0]), max(high if high >= 0 else low, 1))

    @staticmethod
    def _count(digits: str, shown: str) -> int:
        if len(digits) > 4 or int(digits) > _MOST_REPEATS:
            raise SyntaxFault("invalid repeat count", shown)
        return int(digits)

    def _repeat(self, width: int, times: int) -> None:
        start = self._at
        self._at += width
        self._at += self._text.startswith("?", self._at)
        shown = self._text[start : self._at]
        repeats = self._open[-1].last
        if not repeats:
            raise SyntaxFault("missing argument to repetition operator", shown)
        if start == self._repeated:
            shown = self._text[self._last : self._at]
            raise SyntaxFault("invalid nested repetition operator", shown)
        if repeats * times > _MOST_REPEATS:
            raise SyntaxFault("invalid repeat count", shown)
        self._last, self._repeated = start, self._at
        self._add(repeats * times)

    # -- Characters

    def _literal(self) -> None:
        self._add()
        self._at += 1

    # -- Escapes

    def _escape(self) -> None:
        if self._at + 1 >= len(self._text):
            raise SyntaxFault("trailing backslash at end of expression", "")
        char = self._text[self._at + 1]
        if char == "Q":
            self._quoted()
            return
        if char in _EDGES:
            self._at += 2
        elif not self._is_class():
            self._code()
        self._add()

    def _quoted(self) -> None:
        literal, end, _ = self._text[self._at + 2 :].partition(r"\E")
        if literal:
            self._add()
        self._at += 2 + len(literal) + len(end)

    def _is_class(self) -> bool:
        r"""Read a class such as `\d` or `\pL` if one is there."""
        char = self._text[self._at + 1 : self._at + 2]
        if char in _PERL:
            self._at += 2
        elif char in ("p", "P"):
            self._property()
        else:
            return False
        return True

    def _property(self) -> None:
        found = _PROPERTY.match(self._text, self._at)
        if found is None:
            raise SyntaxFault("invalid character class range", self._text[self._at :])
        if not has_class(found[0]):
            raise SyntaxFault("invalid character class range", found[0])
        self._at = found.end()

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
        if char in _CONTROLS or (char.isascii() and not char.isalnum()):
            self._at += 2
            return _CONTROLS.get(char, ord(char))
        shown = _BAD_ESCAPE.match(self._text, self._at)
        raise SyntaxFault("invalid escape sequence", shown[0] if shown else char)

    # -- Classes

    def _class(self) -> None:
        start = self._at
        self._at += 1
        self._at += self._text.startswith("^", self._at)
        is_first = True
        while is_first or not self._text.startswith("]", self._at):
            if self._at >= len(self._text):
                raise SyntaxFault("missing closing ]", self._text[start:])
            self._class_item(start)
            is_first = False
        self._at += 1
        self._add()

    def _class_item(self, start: int) -> None:
        text, at = self._text, self._at
        if text.startswith("[:", at) and text.find(":]", at + 2) >= 0:
            self._posix()
            return
        if text.startswith("\\", at) and self._is_class():
            return
        low = self._class_char(start)
        if not text.startswith("-", self._at) or text[self._at + 1 : self._at + 2] in ("", "]"):
            return
        self._at += 1
        if self._class_char(start) < low:
            raise SyntaxFault("invalid character class range", text[at : self._at])

    def _class_char(self, start: int) -> int:
        if self._at >= len(self._text):
            raise SyntaxFault("missing closing ]", self._text[start:])
        if self._text[self._at] == "\\":
            return self._code()
        self._at += 1
        return ord(self._text[self._at - 1])

    def _posix(self) -> None:
        end = self._text.index(":]", self._at + 2) + 2
        shown = self._text[self._at : end]
        if not _POSIX.fullmatch(shown):
            raise SyntaxFault("invalid character class range", shown)
        self._at = end


_READERS: Final = {
    "(": _Parser._opening,
    ")": _Parser._closing,
    "|": _Parser._bar,
    "*": _Parser._operator,
    "+": _Parser._operator,
    "?": _Parser._operator,
    "{": _Parser._counted,
    "[": _Parser._class,
    "\\": _Parser._escape,
}
