"""The grammar of the inside of an action: its tokens, the bad ones included.

The grammar matches any text: a lexical error becomes a token, and the parser words it as Go does.
The grammar has one rule, whose pattern has a group for each kind of token. Knows no delimiters,
trees or functions.

The pattern itself is asked for the tokens: a node of a parse tree for each costs three times as
much as its match, and says no more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from typing import Any, Final, NamedTuple

from parsimonious.grammar import Grammar

from gotmpl.strconv.numbers import SCANNED
from gotmpl.strconv.quoting import quote, unicode_notation
from gotmpl.syntax.lexer import CHARACTER, RAW_STRING, STRING

# `W` is Go's isAlphaNumeric; `T` what may follow a word (Go: atTerminator). A right delimiter,
# which may follow too, is the end of the text here.
_W: Final = r"[\p{L}\p{Nd}_]"
_T: Final = r"(?=[ \t\r\n.,|:()]|\Z)"

# The tokens of correct actions. The order matters: a dot before a digit begins a number.
# `match.lastgroup` is the kind; `digits` names the number pattern so that `complex` can reuse it.
_VALID: Final = rf"""
    (?P<space>    [ \t\r\n]++ )
  | (?P<number>   (?=[+-]|\.?[0-9]) (?P<digits> {SCANNED} ) (?!{_W}|[+-]) )
  | (?P<field>    \.(?![0-9]){_W}++ {_T} )
  | (?P<dot>      \. {_T} )
  | (?P<variable> \${_W}*+ {_T} )
  | (?P<word>     (?![0-9]){_W}++ {_T} )
  | (?P<string>   {STRING} )
  | (?P<raw>      {RAW_STRING} )
  | (?P<char>     {CHARACTER} )
  | (?P<complex>  (?=[+-]|\.?[0-9]) (?&digits) (?=[+-]) (?&digits) (?<=i) (?!{_W}) )
  | (?P<declare>  := )
  | (?P<mark>     [=|()] )
"""

# Lexical errors, and the printable characters that Go's lexer leaves to the parser.
_FAULT: Final = rf"""
    (?P<bad_number> (?=[+-]|\.?[0-9]) (?&digits) (?:{_W}|(?=[+-]) (?&digits) {_W}?) )
  | (?P<bad_word>   (?:[.$]|(?={_W})) {_W}*+ . )
  | (?P<bad_quote>  [\x22'`] )
  | (?P<bad_colon>  : )
  | (?P<stray>      [!-~] )
  | (?P<unknown>    . )
"""

_GRAMMAR: Final = """
    token = ~r"{valid} | {fault}"xs
"""

KEYWORDS: Final = frozenset(
    {"block", "break", "continue", "define", "else", "end", "if"}
    | {"nil", "range", "template", "with"}
)
_WORDS: Final = {word: word for word in KEYWORDS} | {"true": "bool", "false": "bool"}
_MARKS: Final = {"=": "assign", "|": "pipe", "(": "left paren", ")": "right paren"}
_DEEPER: Final = {"(": 1, ")": -1}
_UNTERMINATED: Final = {
    '"': "unterminated quoted string",
    "'": "unterminated character constant",
    "`": "unterminated raw quoted string",
}
# Go's messages for lexical errors.
_FAULTS: Final[Mapping[str, Callable[[str], str]]] = {
    "bad_number": lambda text: f"bad number syntax: {quote(text)}",
    "bad_word": lambda text: f"bad character {_rune(text[-1])}",
    "bad_quote": _UNTERMINATED.__getitem__,
    "bad_colon": lambda _: "expected :=",
    "unknown": lambda text: f"unrecognized character in action: {_rune(text)}",
}


class Tokens(NamedTuple):
    """The tokens of an action, each of which ends where the next one begins.

    Tokens are no objects: a template of 100 KB has 40 000, which the garbage collector would visit
    again and again (a tenth of the time to parse and compile).

    Attributes:
        text: the text between the delimiters.
        kinds: for each token a group of the grammar, a keyword, the name of a mark, or `bool`;
            for the last one `right delim` or `error`.
        starts: where each token begins, counted from the beginning of the action.
        fault: what is wrong, if the last one is an error.
    """

    text: str
    kinds: tuple[str, ...]
    starts: tuple[int, ...]
    fault: str = ""


@cache
def _token() -> Any:
    """Return the compiled pattern of the rule `token`, which matches at any place of any text."""
    grammar = Grammar(_GRAMMAR.format(valid=_one_line(_VALID), fault=_one_line(_FAULT)))
    return grammar["token"].re


def _one_line(pattern: str) -> str:
    """Return the pattern as a literal of the grammar, which may not span lines."""
    return " ".join(pattern.split("\n"))


@lru_cache(maxsize=4096)
def tokenize(text: str, *, closed: bool = True) -> Tokens:
    """Return the tokens of the inside of an action.

    Args:
        text: the text between the delimiters.
        closed: whether there is a right delimiter.

    >>> tokenize('if eq .x "a"').kinds
    ('if', 'space', 'word', 'space', 'field', 'space', 'string', 'right delim')
    """
    kinds: list[str] = []
    starts: list[int] = []
    depth = 0
    for match in _token().finditer(text):
        kind = match.lastgroup
        starts.append(match.start())
        if kind == "word":
            kind = _WORDS.get(match[0], kind)
        elif kind == "mark":
            kind = _MARKS[match[0]]
            depth += _DEEPER.get(match[0], 0)
            if depth < 0:
                return _stopped(text, kinds, starts, "unexpected right paren")
        elif kind in _FAULTS:
            return _stopped(text, kinds, starts, _FAULTS[kind](match[0]))
        kinds.append(kind)
    starts.append(len(text))
    if not closed:
        if kinds and kinds[-1] == "dot":  # Go: at the end of the text, it begins a number
            kinds[-1] = "number"
        return _stopped(text, kinds, starts, "unclosed action")
    if depth:
        return _stopped(text, kinds, starts, "unclosed left paren")
    return Tokens(text, (*kinds, "right delim"), tuple(starts))


def _stopped(text: str, kinds: list[str], starts: list[int], fault: str) -> Tokens:
    """Return the tokens up to the place where Go's lexer stops."""
    return Tokens(text, (*kinds, "error"), tuple(starts), fault)


def _rune(character: str) -> str:
    """Go: `%#U`; a byte that is not UTF-8 is U+FFFD."""
    rune = ord(character)
    return unicode_notation(0xFFFD if 0xD800 <= rune < 0xE000 else rune)
