"""The grammar of the inside of an action: its tokens, the bad ones included.

Every text matches, so that what is wrong is a token too and the parser says in Go's words what it
makes of it. Knows no delimiters, no tree and no functions.

The rules are few and broad: each call of the packrat parser costs more than the regular
expression behind it (12 ms against 27 for 100 KB of actions, with one rule for each token).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from typing import Final, NamedTuple

from parsimonious.grammar import Grammar

from gotmpl.formatting import sprintf
from gotmpl.lexer import CHARACTER, NUMBER, RAW_STRING, STRING
from gotmpl.literals import quote

# `W` is Go's isAlphaNumeric; `T` what may follow a word (Go: atTerminator). A right delimiter,
# which may follow too, is the end of the text here.
_W: Final = r"[\p{L}\p{Nd}_]"
_T: Final = r"(?=[ \t\r\n.,|:()]|\Z)"

# What most actions are made of. The order counts: a dot before a digit begins a number.
_LUMP: Final = rf"""
    (?P<space>    [ \t\r\n]++ )
  | (?P<number>   (?=[+-]|\.?[0-9]) {NUMBER} (?!{_W}|[+-]) )
  | (?P<field>    \.(?![0-9]){_W}++ {_T} )
  | (?P<dot>      \. {_T} )
  | (?P<variable> \${_W}*+ {_T} )
  | (?P<word>     (?![0-9]){_W}++ {_T} )
  | (?P<string>   {STRING} )
  | (?P<raw>      {RAW_STRING} )
  | (?P<char>     {CHARACTER} )
  | (?P<complex>  (?=[+-]|\.?[0-9]) {NUMBER} (?=[+-]) {NUMBER} (?<=i) (?!{_W}) )
  | (?P<declare>  := )
  | (?P<mark>     [=|()] )
"""

# What Go's lexer stops at, and the printable characters that it leaves to the parser.
_FAULT: Final = rf"""
    (?P<bad_number> (?=[+-]|\.?[0-9]) {NUMBER} (?:{_W}|(?=[+-]) {NUMBER} {_W}?) )
  | (?P<bad_word>   (?:[.$]|(?={_W})) {_W}*+ . )
  | (?P<bad_quote>  [\x22'`] )
  | (?P<bad_colon>  : )
  | (?P<stray>      [!-~] )
  | (?P<unknown>    . )
"""

_GRAMMAR: Final = """
    tokens = token*
    token  = ~r"{lump} | {fault}"xs
"""

KEYWORDS: Final = frozenset(
    {"block", "break", "continue", "define", "else", "end", "if"}
    | {"nil", "range", "template", "with"}
)
_MARKS: Final = {"=": "assign", "|": "pipe", "(": "left paren", ")": "right paren"}
_UNTERMINATED: Final = {
    '"': "unterminated quoted string",
    "'": "unterminated character constant",
    "`": "unterminated raw quoted string",
}
# Go's words for what the lexer stops at.
_FAULTS: Final[Mapping[str, Callable[[str], str]]] = {
    "bad_number": lambda text: f"bad number syntax: {quote(text)}",
    "bad_word": lambda text: f"bad character {_rune(text[-1])}",
    "bad_quote": _UNTERMINATED.__getitem__,
    "bad_colon": lambda _: "expected :=",
    "unknown": lambda text: f"unrecognized character in action: {_rune(text)}",
}


class Token(NamedTuple):
    """A token: its kind, its place in the action, and its text.

    The kind is a name of the grammar above, a keyword, the name of a mark, `bool`, `right delim`,
    or `error`, whose text is the message.
    """

    kind: str
    pos: int
    text: str


@cache
def _grammar() -> Grammar:
    return Grammar(_GRAMMAR.format(lump=_one_line(_LUMP), fault=_one_line(_FAULT)))


def _one_line(pattern: str) -> str:
    """Return the pattern as a literal of the grammar, which may not span lines."""
    return " ".join(pattern.split("\n"))


@lru_cache(maxsize=4096)
def tokenize(text: str, *, closed: bool = True) -> tuple[Token, ...]:
    """Return the tokens of the inside of an action; positions count from its beginning.

    The last one is the right delimiter, with no text, or the first error.

    Args:
        text: what stands between the delimiters.
        closed: whether there is a right delimiter.

    >>> [token.kind for token in tokenize('if eq .x "a"')]
    ['if', 'space', 'word', 'space', 'field', 'space', 'string', 'right delim']
    """
    tokens: list[Token] = []
    depth = 0
    for node in _grammar().parse(text).children if text else ():
        token = _token(node.match)
        if token.kind == "left paren":
            depth += 1
        elif token.kind == "right paren":
            depth -= 1
            if depth < 0:
                token = Token("error", token.pos, "unexpected right paren")
        tokens.append(token)
        if token.kind == "error":
            return tuple(tokens)
    return (*_close(tokens, closed=closed), _last(len(text), depth, closed=closed))


def _token(match: re.Match[str]) -> Token:
    kind = match.lastgroup or ""
    text = match.group()
    if kind == "word":
        kind = text if text in KEYWORDS else "bool" if text in ("true", "false") else "word"
    elif kind == "mark":
        kind = _MARKS[text]
    elif kind in _FAULTS:
        kind, text = "error", _FAULTS[kind](text)
    return Token(kind, match.start(), text)


def _close(tokens: list[Token], *, closed: bool) -> list[Token]:
    """Go: a dot with no byte behind it in the whole text begins a number."""
    if not closed and tokens and tokens[-1].kind == "dot":
        tokens[-1] = tokens[-1]._replace(kind="number")
    return tokens


def _last(pos: int, depth: int, *, closed: bool) -> Token:
    if not closed:
        return Token("error", pos, "unclosed action")
    if depth:
        return Token("error", pos, "unclosed left paren")
    return Token("right delim", pos, "")


def _rune(character: str) -> str:
    """Go: `%#U`; a byte that is not UTF-8 is U+FFFD."""
    rune = ord(character)
    return sprintf("%#U", [0xFFFD if 0xD800 <= rune < 0xE000 else rune])
