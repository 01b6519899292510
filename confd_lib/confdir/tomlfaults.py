"""What is wrong with a statement that is not TOML: our words, with its key and what to write.

`tomllib` says where it stopped, in words that vary with Python and name no key. The functions here
compare the statement there with the slips that are known. They do not know what keys mean.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from confd_lib import escapes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_TYPOGRAPHIC: Final = dict.fromkeys(
    map(ord, "\u201c\u201d\u201e\u201f\xab\xbb\u2018\u2019\u201a\u201b"), '"'
)
_SETTING: Final = r"\s*(?P<name>[^\s\"'\[\]{}=:#]+)\s*=(?P<value>.*)"
_TEXT: Final = r"\"(?:\\.|[^\"\\])*\"|'[^']*'"
_ESCAPE: Final = r"\\(?![btnfr\"\\]|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8})"
_BOOLEANS: Final = {
    **dict.fromkeys(("true", "yes", "on"), "true"),
    **dict.fromkeys(("false", "no", "off"), "false"),
}
# A longer text is not repeated.
_LONGEST: Final = 80
# So many lines above the fault may belong to the same statement.
_MOST_LINES: Final = 200


@dataclass(frozen=True, slots=True)
class _Statement:
    """The statement that is not TOML.

    Attributes:
        line: the line, from 1, on which it begins.
        fault: the line, from 1, at which the reader stopped.
        text: the line at which the reader stopped, without spaces around it.
        name: the name before `=` where it begins; empty where there is none.
        value: what follows `=` on that line.
        above: the lines above it, which are TOML.
    """

    line: int
    fault: int
    text: str
    name: str
    value: str
    above: tuple[str, ...]

    @property
    def table(self) -> str:
        """The table that it stands in; empty for the top one."""
        heads = (re.fullmatch(r"\s*\[([^\[\]]+)\]\s*(?:#.*)?", line) for line in self.above)
        return next((head[1].strip() for head in reversed([*heads]) if head), "")

    def write(self, value: str) -> str:
        """Say what to write; a long value is left out."""
        return f"write {self.name} = {_short(value)}"


def explain(text: str, line: int) -> tuple[str, str]:
    r"""Say why a text is not TOML.

    Args:
        text: the document.
        line: the line, from 1, at which a reader of TOML stopped.

    Returns:
        what is wrong, and the key that it is wrong with, after the names of its table; the key is
        empty where the statement has none.

    >>> explain("[template]\nmode = 0644\n", 2)
    ('a number cannot begin with 0: write mode = "0644"', 'template.mode')
    """
    one = _statement(text.replace("\r\n", "\n").split("\n"), line)
    reason = next(filter(None, (rule(one) for rule in _RULES)))
    return reason, ".".join(filter(None, (one.table, one.name))) if one.name else ""


def _statement(lines: Sequence[str], fault: int) -> _Statement:
    """Find the statement in which the reader stopped: all above it is TOML."""
    fault = min(fault, len(lines))
    first = max(fault - _MOST_LINES, 0)
    starts = (i for i in range(fault - 1, first, -1) if _is_toml(lines[:i]))
    start = next(starts, first)
    found = re.fullmatch(_SETTING, lines[start])
    name, value = (found["name"], found["value"].strip()) if found else ("", "")
    return _Statement(start + 1, fault, lines[fault - 1].strip(), name, value, (*lines[:start],))


def _is_toml(lines: Sequence[str]) -> bool:
    try:
        tomllib.loads("\n".join(lines))
    except (ValueError, RecursionError):
        return False
    return True


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else "…"


# -- Slips, each with what to do; empty where it is another one


def _control_character(one: _Statement) -> str:
    found = re.search(r"[\x00-\x08\x0b-\x1f\x7f]", one.text)
    return f"the control character {escapes.one_line(found[0])} stands in it" if found else ""


def _typographic(one: _Statement) -> str:
    bare = re.sub(_TEXT, "", one.value or one.text).partition("#")[0]
    if bare == bare.translate(_TYPOGRAPHIC):
        return ""
    mended = one.value.translate(_TYPOGRAPHIC)
    return f"typographic quotes: {one.write(mended) if one.name else 'write straight ones'}"


def _open(one: _Statement) -> str:
    """A value of several lines."""
    if one.line == one.fault:
        return ""
    begun = f"that begins on line {one.line}"
    if not one.value.startswith("["):
        return f"the text {begun} is not closed"
    if re.match(_TEXT, one.text) and not re.fullmatch(_SETTING, one.text):
        return f"a comma is missing before {_short(one.text)}"
    return f"the list {begun} is not closed: put ] at its end"


def _table(one: _Statement) -> str:
    if not one.text.startswith("[") or one.name:
        return ""
    head = re.match(r"\[+\s*([^\[\]]*?)\s*\]+", one.text)
    if head is None:
        return f"the name of the table is not closed: write {_short(one.text)}]"
    rest = one.text[head.end() :].strip()
    if rest and not rest.startswith("#"):
        return f"nothing may follow the name of a table: remove {_short(rest)}"
    before = _lines_of(rf"\s*\[+\s*{re.escape(head[1])}\s*\]+.*", one.above)
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
        return "" if one.value else f"{one.name} has no value"
    name, equals, _ = one.text.partition("=")
    if equals and " " in name.strip():
        return f"a name cannot hold a space: {_short(name.strip())}"
    found = re.fullmatch(r"(\w[\w-]*)\s*[:\s]\s*(.+)", one.text)
    written = f": write {found[1]} = {_short(_quoted(found[2]))}" if found and not equals else ""
    return f"a line is [table] or name = value{written}"


def _unquoted(one: _Statement) -> str:
    if one.value[0] in "\"'[{":
        return ""
    if re.fullmatch(r"[+-]?0[0-9_]+", one.value):
        return f"a number cannot begin with 0: {one.write(_quoted(one.value))}"
    if one.value.lower() in _BOOLEANS:
        return f"a boolean is true or false: {one.write(_BOOLEANS[one.value.lower()])}"
    return f"a text needs quotes: {one.write(_quoted(one.value))}"


def _quoted(text: str) -> str:
    """Write a text as TOML, in the quotes in which it can stand as it is."""
    if re.fullmatch(_TEXT, text):
        return text
    if "'" not in text and re.search(r'["\\]', text):
        return f"'{text}'"
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _list(one: _Statement) -> str:
    if one.value[0] != "[":
        return ""
    if re.search(rf"(?:{_TEXT})\s*(?=[\"'])", one.value):
        return "a comma is missing between two texts of the list"
    if not re.sub(_TEXT, "", one.value).rstrip().endswith("]"):
        return "the list is not closed: put ] at its end"
    return "each text of the list needs quotes of its own, and a comma after it"


def _inline_table(one: _Statement) -> str:
    if one.value[0] != "{":
        return ""
    return f"{{…}} is one line of name = value, with commas: write a table instead, [{one.name}]"


def _escape(one: _Statement) -> str:
    if one.value[0] != '"':
        return ""
    closed = re.match(_TEXT, one.value)
    body = closed[0][1:-1] if closed else one.value[1:]
    if not re.search(_ESCAPE, re.sub(r"\\\\", "", body)):
        return ""
    # Its author knew of no escapes: the text is meant as it stands.
    doubled = body.replace("\\", "\\\\")
    meant = f"'{body}'" if "'" not in body else f'"{doubled}"'
    return f'a backslash begins an escape in "…": {one.write(meant)}'


def _quotes(one: _Statement) -> str:
    quote = one.value[0]
    closed = re.match(_TEXT, one.value)
    if closed is None:
        return f"the text is not closed: put {quote} at its end"
    rest = one.value[closed.end() :].strip()
    if re.fullmatch(_SETTING, rest):
        return f"two settings on one line: begin a new one before {rest.split('=')[0].strip()}"
    if rest.endswith(quote):
        return f"the text ends at its second {quote}: {one.write(_quoted(one.value[1:-1]))}"
    return f"nothing may follow the value: remove {_short(rest)}" if rest else ""


def _unknown(_: _Statement) -> str:
    return "a line is [table] or name = value, where a text stands in quotes"


_RULES: Final[tuple[Callable[[_Statement], str], ...]] = (
    _control_character,
    _typographic,
    _open,
    _table,
    _twice,
    _no_setting,
    _unquoted,
    _list,
    _inline_table,
    _escape,
    _quotes,
    _unknown,
)
