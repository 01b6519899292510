"""Code, tests and books are in plain English: no phrase that a reader has to parse twice.

Reads docstrings, comments, strings and names of Python files, and the text of Markdown files. Text
in backticks or in “these marks” is a quotation, and may be in the words of Go or confd.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from tests.tracked import tracked

ROOT: Final = Path(__file__).parent.parent
QUOTED: Final = re.compile(r"```.*?```|`[^`]*`|“[^”]*”", re.DOTALL)
WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Za-z][a-z]*")
# Go has a function of this name.
GO: Final = frozenset({"truth"})

BANNED: Final = {
    "none": r"\b(?:is|are|was|were|there (?:is|are)) (?-i:none)\b",
    "told": r"\btold\b",
    "dear": r"\bdear(?:er|est)?\b",
    "mend": r"\bmend(?:s|ed|ing)?\b",
    "anew": r"\banew\b",
    "heed": r"\bheed(?:s|ed)?\b",
    "truth": r"\btruths?\b",
    "look": r"\blooks? (?:at|for) (?:a|the) (?:file|destination|path)\b",
    "room": r"\brooms?\b",
    "make": r"\bof another make\b",
    "spoilt": r"\bspoil(?:t|ed|s)?\b",
}
OPENING: Final = re.compile(r"(?:What|Whether what|Who|Whose|How it is)\b")


class Text(NamedTuple):
    """A text that people read, without its quotations, and the line on which it begins."""

    place: str
    text: str
    is_docstring: bool = False


def files(pattern: str) -> list[Path]:
    return [path for path in tracked(pattern) if path.name != Path(__file__).name]


def markdown(path: Path) -> Iterator[Text]:
    """Yield the paragraphs of a Markdown file, and the rows of its tables."""
    source = QUOTED.sub(lambda quoted: "\n" * quoted[0].count("\n"), path.read_text())
    for number, line in enumerate(source.splitlines(), 1):
        yield Text(f"{path.relative_to(ROOT)}:{number}", line)


def python(path: Path) -> Iterator[Text]:
    """Yield the docstrings, strings, comments and names of a Python file."""
    name, source = path.relative_to(ROOT), path.read_text()
    tree = ast.parse(source)
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield Text(f"{name}:{node.lineno}", prose(node.value), id(node) in docstrings)
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield Text(f"{name}:{token.start[0]}", prose(token.string))
        elif token.type == tokenize.NAME and token.string.strip("_") not in GO:
            yield Text(f"{name}:{token.start[0]}", words(token.string))


def prose(text: str) -> str:
    """Return a text in one line without its quotations; a text of one word is like a name."""
    line = " ".join(QUOTED.sub("", text).split())
    return line if " " in line or line not in GO else ""


def words(name: str) -> str:
    """Return the words of a name.

    >>> words("test_it_is_none"), words("_IsTold"), words("NO_ROOM")
    ('test it is none', 'is told', 'no room')
    """
    return " ".join(WORD.findall(name)).lower()


@cache
def texts() -> tuple[Text, ...]:
    """Return all texts of the project."""
    return (
        *(text for path in files("*.md") for text in markdown(path)),
        *(text for path in files("*.py") for text in python(path)),
    )


def places(found: list[Text]) -> str:
    return "\n".join(sorted({f"{text.place}: {text.text[:100]}" for text in found}))


@pytest.mark.parametrize("name", BANNED)
def test_no_text_has_the_phrase(name: str) -> None:
    pattern = re.compile(BANNED[name], re.IGNORECASE)
    assert not places([text for text in texts() if pattern.search(text.text)])


def test_no_docstring_opens_with_a_paraphrase() -> None:
    assert not places([text for text in texts() if text.is_docstring and OPENING.match(text.text)])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("test_it_is_none", "test it is none"),
        ("_IsTold", "is told"),
        ("NO_ROOM", "no room"),
        ("sort2dear", "sort dear"),
    ],
)
def test_a_name_is_read_by_its_words(name: str, expected: str) -> None:
    assert words(name) == expected


@pytest.mark.parametrize("quoted", ["`told`", "“told”", "```\ntold\n```"])
def test_a_quotation_is_not_read(quoted: str) -> None:
    assert prose(f"He was {quoted} so") == "He was so"
