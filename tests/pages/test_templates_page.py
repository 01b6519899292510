"""docs/templates.md: its tables and its code are run."""

from __future__ import annotations

import re
import sys
import types
from typing import Any, Final

import pytest

import confd_lib
import gotmpl
from tests.layers import ROOT

PAGE: Final = (ROOT / "docs/templates.md").read_text("utf-8")


def rows(heading: str) -> list[list[str]]:
    """Return the cells of the table under a heading, without the backticks around them."""
    section = PAGE.split(f"\n## {heading}\n", 1)[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip().strip("`") for cell in line[1:-1].split("|")] for line in lines[2:]]


def blocks(heading: str) -> str:
    section = PAGE.split(f"\n## {heading}\n", 1)[1].split("\n## ")[0]
    return section.split("```python\n")[1].split("```")[0]


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Return the names that the first code of the page defines, in a module of its own."""
    module = types.ModuleType("page")
    monkeypatch.setitem(sys.modules, "page", module)
    source = blocks("All four in a few lines")
    exec(compile(source, "docs/templates.md", "exec", dont_inherit=True), vars(module))
    return vars(module)


def check(render: Any, result: str) -> None:
    if result.startswith("error: "):
        with pytest.raises(gotmpl.TemplateError, match=re.escape(result[len("error: `") :])):
            render()
    else:
        assert render() == result


@pytest.mark.parametrize("row", rows("All four in a few lines"), ids=lambda row: row[0])
def test_a_stranger_gets_what_the_page_says(page: dict[str, Any], row: list[str]) -> None:
    text, result = row
    check(lambda: page["stranger"](text, {"host": page["Host"]("db1")}), result)


@pytest.mark.parametrize("row", rows("Methods"), ids=lambda row: f"{row[0]} {row[1]}")
def test_methods_are_those_that_are_allowed(page: dict[str, Any], row: list[str]) -> None:
    allowed, text, result = row
    given = [eval(allowed, page)] if allowed else []
    template = gotmpl.Template("t").methods(*given).parse(text)
    check(lambda: template.render({"host": page["Host"]("db1")}), result)


def test_the_functions_that_reach_out_are_those_of_the_page() -> None:
    assert {row[0] for row in rows("Functions")} == confd_lib.SYSTEM_FUNCTIONS


def test_go_has_as_many_functions_as_the_page_says() -> None:
    assert f"gives Go's {len(gotmpl.BUILTINS)} functions" in PAGE


@pytest.mark.parametrize("name", sorted(confd_lib.SYSTEM_FUNCTIONS))
def test_a_function_that_is_left_out_is_refused_when_it_is_parsed(name: str) -> None:
    with pytest.raises(gotmpl.ParseError, match=f'function "{name}" not defined'):
        confd_lib.render(f"{{{{{name}}}}}", without=confd_lib.SYSTEM_FUNCTIONS)


def test_the_code_about_functions_runs(capsys: pytest.CaptureFixture[str]) -> None:
    exec(blocks("Functions"), {})
    assert capsys.readouterr().out == "1\n"


def test_the_readme_links_the_page() -> None:
    assert "/docs/templates.md)" in (ROOT / "README.md").read_text("utf-8")
