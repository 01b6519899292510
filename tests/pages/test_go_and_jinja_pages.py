"""docs/go.md and docs/jinja.md: their code prints what they show, their tables are run."""

from __future__ import annotations

import inspect
import re
import sys
import types
from typing import Any, Final

import jinja2
import pytest

import gotmpl
from gotmpl import sprig
from tests.layers import ROOT

from . import shell

GO: Final = (ROOT / "docs/go.md").read_text("utf-8")
JINJA: Final = (ROOT / "docs/jinja.md").read_text("utf-8")
FUNCS: Final = sprig.functions()
EMPTY: Final = ("", "nothing")


def rows(page: str, heading: str) -> list[list[str]]:
    """Return the cells of the table under a heading, without the backticks around them."""
    section = page.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[code(cell) for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines[2:]]


def code(cell: str) -> str:
    text = cell.strip()
    return text[1:-1].replace(r"\|", "|") if text[:1] == "`" else text


@pytest.fixture(scope="module")
def data() -> dict[str, Any]:
    """Return the data that the page defines."""
    names: dict[str, Any] = {}
    exec(next(shell.steps(JINJA)).source, names)
    return dict(names["data"])


def in_jinja(text: str, data: dict[str, Any]) -> str:
    return jinja2.Environment().from_string(text).render(data)


def in_go(text: str, data: dict[str, Any]) -> str:
    return gotmpl.render(text, data, funcs=FUNCS)


@pytest.mark.parametrize("row", rows(JINJA, "Word for word"), ids=lambda row: row[1])
def test_both_print_the_same(data: dict[str, Any], row: list[str]) -> None:
    jinja, go, printed = row
    assert (in_jinja(jinja, data), in_go(go, data)) == (printed, printed)


@pytest.mark.parametrize("row", rows(JINJA, "Where the results differ"), ids=lambda row: row[2])
def test_each_prints_what_its_column_says(data: dict[str, Any], row: list[str]) -> None:
    jinja, printed, go, shown = row
    assert in_jinja(jinja, data) == ("" if printed in EMPTY else printed)
    assert in_go(go, data) == shown


@pytest.mark.parametrize("page", [GO, JINJA], ids=["go", "jinja"])
def test_the_code_prints_what_the_page_shows(
    page: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The blocks of a page are one module, whose classes are the user's own."""
    module = types.ModuleType("page")
    monkeypatch.setitem(sys.modules, "page", module)
    for step in shell.steps(page):
        exec(compile(step.source, "page", "exec", dont_inherit=True), vars(module))
        assert capsys.readouterr().out == step.shown


def test_each_method_of_a_template_has_a_row() -> None:
    named = {
        name for row in rows(GO, "From Go to Python") for name in re.findall(r"t\.(\w+)\(", row[1])
    }
    public = {
        name
        for name, member in vars(gotmpl.Template).items()
        if name[0] != "_" and inspect.isfunction(member)
    }
    assert named <= public
    assert public - named == {"observe", "python_source"}
