"""docs/values.md is the table of values: every row of it is rendered."""

from __future__ import annotations

import builtins
import collections
import datetime as dt
import re
import sys
import threading
import types
from pathlib import Path
from typing import Any, Final

import pytest

import gotmpl
from gotmpl.values.fields import go_string
from gotmpl.values.kinds import Kind, kind
from tests.layers import ROOT

PAGE: Final = (ROOT / "docs/values.md").read_text()
KINDS: Final = {"nil": "invalid", "error": "ptr", "channel": "chan", "Stringer": "struct"}


def rows(heading: str) -> list[list[str]]:
    """Return the cells of the table under a heading, without the first two lines of it."""
    section = PAGE.split(f"\n## {heading}\n", 1)[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip(" ") for cell in line.strip("|").split(" | ")] for line in lines[2:]]


def code(cell: str) -> str:
    """Return the text between the backticks of a cell."""
    found = re.search(r"`(.*)`", cell)
    assert found, cell
    return found[1]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Run the code of the page as a module that is neither Python's nor a library's."""
    module = types.ModuleType("page")
    monkeypatch.setitem(sys.modules, "page", module)
    source = PAGE.split("```python\n")[1].split("```")[0]
    exec(compile(source, "docs/values.md", "exec", dont_inherit=True), vars(module))
    return vars(module)


@pytest.mark.parametrize("row", rows("What a value is"), ids=lambda row: row[0])
def test_a_value_is_what_its_row_says(names: dict[str, Any], row: list[str]) -> None:
    value, go, shown = eval(code(row[0]), names), row[1], row[2]
    assert kind(value).value == KINDS.get(go, go)
    assert (go_string(value) is not None) == (
        go in ("Stringer", "error") or "enum" in str(type(value).__mro__)
    )
    if shown == "refused":
        with pytest.raises(gotmpl.ExecError, match=r"can't print \{\{\.\}\} of type "):
            gotmpl.render("{{.}}", value)
    else:
        assert gotmpl.render("{{.}}", value) == code(shown)
    if kind(value) is Kind.SLICE:
        text = "{{range .}}{{.}},{{end}}|{{len .}}|{{index . 0}}|{{slice . 0 1}}"
        first = gotmpl.render("{{index . 0}}", value)
        assert gotmpl.render(text, value).startswith(f"{first},")
        assert gotmpl.render(text, value).endswith(f"|{len(value)}|{first}|[{first}]")


TAKEN: Final[dict[str, dict[str, object]]] = {
    "str": {"string": "a"},
    "int": {"int": 1},
    "float": {"float64": 1.5},
    "bool": {"bool": True},
    "bytes": {"bytes": b"a", "bytearray": bytearray(b"a")},
    "list": {
        "list": [1],
        "tuple": (1,),
        "range": range(1),
        "set": {1},
        "deque": collections.deque([1]),
        "view": {1: 1}.keys(),
    },
    "dict": {"dict": {"a": 1}, "mapping": types.MappingProxyType({"a": 1})},
    "another class": {"date": dt.date(2024, 5, 6)},
    "object": {"int": 1, "nil": None, "set": {1}, "lock": threading.Lock()},
}
CLASSES: Final = {"another class": dt.date}
PASSED = [(name, value) for name, values in TAKEN.items() for value in values.values()]


def test_what_functions_take_has_a_row_each() -> None:
    shown = [re.sub(r"`|, or nothing", "", row[0]) for row in rows("What functions take")]
    assert shown == list(TAKEN)


@pytest.mark.parametrize(("name", "value"), PASSED)
def test_a_function_takes_what_its_annotation_says(name: str, value: object) -> None:
    def f(given: object) -> str:
        return type(given).__name__

    f.__annotations__["given"] = CLASSES.get(name) or getattr(builtins, name)
    same = name != "list" or isinstance(value, list | tuple | range)
    expected = type(value).__name__ if same else "list"
    assert gotmpl.render("{{f .}}", value, funcs={"f": f}) == expected


@pytest.mark.parametrize(("name", "value"), PASSED)
def test_a_function_refuses_what_its_annotation_does_not_name(name: str, value: object) -> None:
    def f(given: object) -> None:
        raise AssertionError(given)

    for other in TAKEN.keys() - {name, "object"} if name != "object" else ():
        f.__annotations__["given"] = CLASSES.get(other) or getattr(builtins, other)
        with pytest.raises(gotmpl.ExecError, match="wrong type for value; expected"):
            gotmpl.render("{{f .}}", value, funcs={"f": f})


TEMPLATES = [*rows("What a template does with it"), *rows("What a template may reach")]


@pytest.mark.parametrize("row", TEMPLATES, ids=lambda row: f"{row[0]} {row[1]}")
def test_a_template_gives_what_its_row_says(names: dict[str, Any], row: list[str]) -> None:
    template, value, result = code(row[0]), eval(code(row[1]), names), row[2]
    if result.startswith("error: "):
        with pytest.raises(gotmpl.ExecError) as caught:
            gotmpl.render(template, value)
        assert code(result) in str(caught.value).replace("type page.", "type ")
    else:
        assert gotmpl.render(template, value) == code(result)


def test_every_kind_has_a_row(names: dict[str, Any]) -> None:
    shown = {kind(eval(code(row[0]), names)) for row in rows("What a value is")}
    assert set(Kind) - shown == {Kind.UINT8}  # only an element of a string is one


def test_readers_find_the_page() -> None:
    assert "/docs/values.md)" in Path(ROOT, "README.md").read_text()
