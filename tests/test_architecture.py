"""The floors of the house: who imports whom, read from the imports themselves."""

from __future__ import annotations

import ast
import graphlib
import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("gotmpl", "metadata_client", "confd_lib")
# What each package may import of the others, and whether only their front doors.
FLOORS = {"gotmpl": set(), "metadata_client": set(), "confd_lib": {"gotmpl", "metadata_client"}}
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> Iterator[tuple[str, bool]]:
    """Yield what a module imports, and whether that is for type checkers only."""
    tree = ast.parse(path.read_text())
    guarded = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        for inner in ast.walk(node)
    }
    package = module_name(path).split(".")
    package = package if path.name == "__init__.py" else package[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, id(node) in guarded) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                inner = f"{module}.{alias.name}"
                yield (inner if inner in NAMES else module), id(node) in guarded


NAMES = {module_name(path) for path in MODULES}


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_a_package_imports_only_the_front_doors_below_it(path: Path) -> None:
    package = module_name(path).partition(".")[0]
    for name, _ in imports(path):
        other = name.partition(".")[0]
        if other in PACKAGES and other != package:
            assert other in FLOORS[package], f"{module_name(path)} imports {name}"
            shown = importlib.import_module(other).__all__
            inner = name.removeprefix(other).lstrip(".")
            assert not inner or inner in shown, f"{name} is behind the front door"


@pytest.mark.parametrize("package", PACKAGES)
def test_no_import_goes_in_a_circle(package: str) -> None:
    graph: dict[str, set[str]] = {}
    for path in MODULES:
        if path.is_relative_to(ROOT / package) and path.name != "__init__.py":
            mine = {name for name, typing_only in imports(path) if not typing_only}
            graph[module_name(path)] = mine & NAMES - {package}
    list(graphlib.TopologicalSorter(graph).static_order())


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_a_module_says_its_role(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text()))


CHEAP = [
    ("import gotmpl", {"parsimonious", "regex"}),
    ("import metadata_client", {"requests", "yaml"}),
    ("import confd_lib", {"requests", "yaml", "tomlkit", "parsimonious"}),
    (
        "from confd_lib.cli import main; main(['--version'])",
        {"requests", "yaml", "tomlkit", "parsimonious", "argparse", "gotmpl.template"},
    ),
]


@pytest.mark.parametrize(("code", "dear"), CHEAP, ids=[code for code, _ in CHEAP])
def test_what_is_not_needed_is_not_imported(code: str, dear: set[str]) -> None:
    program = f"{code}\nimport sys; print(*sys.modules, file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert not dear & set(done.stderr.split())
