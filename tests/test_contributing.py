"""CONTRIBUTING.md names layers, files and functions that exist, and every layer there is."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from .layers import LAYERS, PACKAGES

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "CONTRIBUTING.md").read_text()
FILES = sorted(set(re.findall(r"`([\w./]+\.(?:py|md|json|jsonl|txt))`", PAGE)))
# A row of the ways through the code, and a name behind a file: `file.py`: `NAME`.
STOP = re.compile(r"^\|[^|]+\| `([\w./]+\.py)` \| `([\w.]+)` \|$", re.MULTILINE)
ENTRIES = re.findall(r"`([\w./]+\.py)`: `(\w+)`", PAGE)


def rows(title: str) -> list[str]:
    """Return the rows of the table below a heading, without its head."""
    text = re.split(r"^##", PAGE.split(title, 1)[1], maxsplit=1, flags=re.MULTILINE)[0]
    return [line for line in text.splitlines() if line.startswith("| ")][1:]


def defined(body: list[ast.stmt], prefix: str = "") -> set[str]:
    """Return the functions, classes, methods and assigned names of a file."""
    names = set[str]()
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(prefix + node.name)
        if isinstance(node, ast.ClassDef):
            names |= defined(node.body, f"{node.name}.")
        if isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.add(node.target.id)
    return names


@pytest.mark.parametrize("package", PACKAGES)
def test_the_tables_have_each_layer_in_its_order(package: str) -> None:
    names = [row.split("`")[1] for row in rows(f"### {package}:")]
    assert tuple(names) == LAYERS[package]


@pytest.mark.parametrize("file", FILES)
def test_a_file_exists(file: str) -> None:
    assert (ROOT / file).is_file()


@pytest.mark.parametrize(("file", "name"), [*STOP.findall(PAGE), *ENTRIES])
def test_a_name_is_defined_in_its_file(file: str, name: str) -> None:
    assert name in defined(ast.parse((ROOT / file).read_text()).body)


@pytest.mark.parametrize("title", ["## One template", "## One change"])
def test_each_row_of_a_way_is_a_stop(title: str) -> None:
    """The test above would not check a row of another form."""
    assert len(rows(title)) > 10
    assert all(STOP.search(row) for row in rows(title))
