"""Explains a statement that is not TOML: the fault, its key, and the correct spelling.

`tomllib` gives the line where it stopped, with a text that depends on Python's version and names no
key. The rules here recognise common mistakes in the statement there. They do not know the meaning
of keys.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from confd_lib.confdir import oldtoml

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_TYPOGRAPHIC: Final = dict.fromkeys(
    map(ord, "\u201c\u201d\u201e\u201f\xab\xbb\u2018\u2019\u201a\u201b"), '"'
)
_SETTING: Final = re.compile(r"\s*(?P<name>[^\s\"'\[\]{}=:#]+)\s*=(?P<value>.*)")
_TEXT: Final = re.compile(r"(?<!\\)\"(?:\\.|[^\"\\])*+\"|'[^']*+'")
_TWO_TEXTS: Final = re.compile(rf"(?:{_TEXT.pattern})\s*(?=[\"'])")
_BAD_ESCAPE: Final = re.compile(r"\\(?![btnfr\"\\]|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8})")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_PART: Final = r"(?:[A-Za-z0-9_-]+|\"[^\"]*\"|'[^']*')"
_NAMES: Final = re.compile(rf"{_PART}(?:\s*\.\s*{_PART})*")
_TABLE_LINE: Final = re.compile(r"\s*\[([^\[\]]+)\]\s*(?:#.*)?")
_HEAD: Final = re.compile(r"\[++\s*+([^\[\]]*+)\]++")
_NO_EQUALS: Final = re.compile(r"(\w[\w-]*)\s*[:\s]\s*(.+)")
_BYTE: Final = re.compile("[\udc80-\udcff]")
_BOOLEANS: Final = {
    **dict.fromkeys(("true", "yes", "on"), "true"),
    **dict.fromkeys(("false", "no", "off"), "false"),
}
# Longer texts are not quoted.
_LONGEST: Final = 80
# The most lines of one statement above the fault.
_MOST_LINES: Final = 200


@dataclass(frozen=True, slots=True)
class _Statement:
    """The statement that is not TOML.

    Attributes:
        line: its first line, from 1.
        fault: the line, from 1, where `tomllib` stopped.
        text: the text of the line `fault`, without spaces and tabs around it.
        name: the name before `=` on the line `line`; empty without one.
        value: the text after `=` on the line `line`, stripped.
        above: the lines above the statement, which are TOML.
    """

    line: int
    fault: int
    text: str
    name: str
    value: str
    above: tuple[str, ...]

    @property
    def bare(self) -> str:
        """The line `fault` without its comment and its texts."""
        return _TEXT.sub("", self.text).partition("#")[0]

    @property
    def table(self) -> str:
        """The name of the statement's table; empty for the top one."""
        heads = map(_TABLE_LINE.fullmatch, self.above)
        return next((head[1].strip() for head in reversed([*heads]) if head), "")

    def write(self, value: str) -> str:
        """Return the advice to write a value; a long one is left out."""
        return f"write {self.name} = {_short(value)}"


def explain(text: str, line: int) -> tuple[str, str]:
    r"""Return why a text is not TOML.

    Args:
        text: the document.
        line: the line, from 1, where `tomllib` stopped.

    Returns:
        the fault with advice, and the key with the name of its table; the key is empty if the
        statement has none.

    >>> explain("[template]\nsrc = a.tmpl\n", 2)
    ('a text needs quotes: write src = "a.tmpl"', 'template.src')
    """
    one = _statement(text.replace("\r\n", "\n").split("\n"), line)
    reason = next(filter(None, (rule(one) for rule in _RULES)))
    return reason, ".".join(filter(None, (one.table, one.name))) if one.name else ""


def _statement(lines: Sequence[str], fault: int) -> _Statement:
    """Return the statement in which the reader stopped; the lines above it are TOML."""
    fault = min(fault, len(lines))
    first = max(fault - _MOST_LINES, 0)
    starts = (i for i in range(fault - 1, first, -1) if _is_toml(lines[:i]))
    start = next(starts, first)
    found = _SETTING.fullmatch(lines[start])
    name, value = (found["name"], found["value"].strip()) if found else ("", "")
    text = lines[fault - 1].strip(" \t")
    return _Statement(start + 1, fault, text, name, value, (*lines[:start],))


def _is_toml(lines: Sequence[str]) -> bool:
    try:
        tomllib.loads("\n".join(lines))
    except (ValueError, RecursionError):
        return False
    return True


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else "…"


# -- Rules: each recognises one mistake and returns advice; empty if the mistake is another one


def _undecodable(one: _Statement) -> str:
    return oldtoml.NOT_UTF8 if _BYTE.search(one.bare) else ""


def _invisible(one: _Statement) -> str:
    """Recognise a character that no editor shows; in a text most of them are TOML."""
    suspects = (*_CONTROL.findall(one.text), *one.bare.replace("\t", " "))
    odd = next((suspect for suspect in suspects if not suspect.isprintable()), "")
    return f"an invisible character stands in it, U+{ord(odd):04X}: remove it" if odd else ""


def _typographic(one: _Statement) -> str:
    if one.bare == one.bare.translate(_TYPOGRAPHIC):
        return ""
    straight = one.value.translate(_TYPOGRAPHIC)
    return f"typographic quotes: {one.write(straight) if one.name else 'write straight ones'}"


def _open(one: _Statement) -> str:
    """Recognise a value of several lines that is not closed."""
    if one.line == one.fault:
        return ""
    begun = f"that begins on line {one.line}"
    if not one.value.startswith("["):
        return f"the text {begun} is not closed"
    if _TEXT.match(one.text) and not _SETTING.fullmatch(one.text):
        return f"a comma is missing before {_short(one.text)}"
    return f"the list {begun} is not closed: put ] at its end"


def _table(one: _Statement) -> str:
    if not one.text.startswith("[") or one.name:
        return ""
    head = _HEAD.match(one.text)
    if head is None:
        return f"the name of the table is not closed: write {_short(one.text)}]"
    rest = one.text[head.end() :].strip()
    if rest and not rest.startswith("#"):
        return f"nothing may follow the name of a table: remove {_short(rest)}"
    if not _NAMES.fullmatch(head[1].strip()):
        return (
            f"a table has a name of letters, digits, - and _, or one in quotes: {_short(head[0])}"
        )
    if head[0].count("[") != head[0].count("]"):
        return f"as many ] as [ are needed: {_short(head[0])}"
    before = _lines_of(rf"\s*\[+\s*{re.escape(head[1].rstrip())}\s*\]+.*", one.above)
    first = f", first on line {before[0]}" if before else ""
    return f"[{head[1]}] stands twice{first}: put all its lines in one place"


def _twice(one: _Statement) -> str:
    heads = _lines_of(r"\s*\[.*", one.above)
    inner = one.above[heads[-1] :] if heads else one.above
    before = _lines_of(rf"\s*{re.escape(one.name)}\s*=.*", inner) if one.name else []
    first = before[0] + len(one.above) - len(inner) if before else 0
    return f"{one.name} stands twice, first on line {first}: remove one" if before else ""


def _lines_of(pattern: str, lines: Sequence[str]) -> list[int]:
    return [i for i, line in enumerate(lines, 1) if re.fullmatch(pattern, line)]


def _no_setting(one: _Statement) -> str:
    if one.name:
        return "" if one.value.partition("#")[0] else f"{one.name} has no value"
    name, equals, _ = one.text.partition("=")
    if equals and " " in name.strip():
        return f"a name cannot hold a space: {_short(name.strip())}"
    found = _NO_EQUALS.fullmatch(one.text)
    written = f": write {found[1]} = {_short(_quoted(found[2]))}" if found and not equals else ""
    return f"a line is [table] or name = value{written}"


def _name(one: _Statement) -> str:
    if not _NAMES.fullmatch(one.name):
        return (
            f'a name of other characters than letters, digits, - and _ needs quotes: "{one.name}"'
        )
    if not _is_toml([f"x = {one.value}"]):
        return ""
    return f"{one.name}, or its beginning, stands above with another value: remove one"


def _unquoted(one: _Statement) -> str:
    if one.value[0] in "\"'[{":
        return ""
    if one.value.lower() in _BOOLEANS:
        return f"a boolean is true or false: {one.write(_BOOLEANS[one.value.lower()])}"
    return f"a text needs quotes: {one.write(_quoted(one.value))}"


def _quoted(text: str) -> str:
    """Return a text as TOML, in quotes that need no escapes if possible."""
    if _TEXT.fullmatch(text):
        return text
    if "'" not in text and ('"' in text or "\\" in text):
        return f"'{text}'"
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _list(one: _Statement) -> str:
    if one.value[0] != "[":
        return ""
    if _TWO_TEXTS.search(one.value):
        return "a comma is missing between two texts of the list"
    if not _TEXT.sub("", one.value).rstrip().endswith("]"):
        return "the list is not closed: put ] at its end"
    return "each text of the list needs quotes of its own, and a comma after it"


def _inline_table(one: _Statement) -> str:
    if one.value[0] != "{":
        return ""
    return f"{{…}} is one line of name = value, with commas: write a table instead, [{one.name}]"


def _escape(one: _Statement) -> str:
    if one.value[0] != '"':
        return ""
    closed = _TEXT.match(one.value)
    body = closed[0][1:-1] if closed else one.value[1:]
    if not _BAD_ESCAPE.search(body.replace("\\\\", "")):
        return ""
    # The author did not think of escapes: every backslash is meant literally.
    doubled = body.replace("\\", "\\\\")
    meant = f"'{body}'" if "'" not in body else f'"{doubled}"'
    return f'a backslash begins an escape in "…": {one.write(meant)}'


def _quotes(one: _Statement) -> str:
    quote = one.value[0]
    closed = _TEXT.match(one.value)
    if closed is None:
        return f"the text is not closed: put {quote} at its end"
    rest = one.value[closed.end() :].strip()
    if _SETTING.fullmatch(rest):
        return f"two settings on one line: begin a new one before {rest.split('=')[0].strip()}"
    if rest.endswith(quote):
        return f"the text ends at its second {quote}: {one.write(_quoted(one.value[1:-1]))}"
    return f"nothing may follow the value: remove {_short(rest)}" if rest else ""


def _unknown(_: _Statement) -> str:
    return "a line is [table] or name = value, where a text stands in quotes"


_RULES: Final[tuple[Callable[[_Statement], str], ...]] = (
    _undecodable,
    _invisible,
    _typographic,
    _open,
    _table,
    _twice,
    _no_setting,
    _name,
    _unquoted,
    _list,
    _inline_table,
    _escape,
    _quotes,
    _unknown,
)
