"""Each package and layer imports only those that it may."""

from __future__ import annotations

import ast
import graphlib
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from .layers import (
    APART,
    FILES,
    LAYERS,
    PACKAGES,
    ROOT,
    circles,
    imports,
    layer,
    module_name,
    modules,
    own_imports,
    upward,
)

# The other packages that each may import.
FLOORS = {
    "gotmpl": set(),
    "metadata_client": {"gotmpl"},
    "confd_lib": {"gotmpl", "metadata_client"},
}
# Sub-packages whose modules are front doors too.
DOORS = {"gotmpl.arguments", "gotmpl.golang", "gotmpl.sprig", "gotmpl.command"}
# Process 1 takes the exit status of each child that `children` does not know; `mutate` is a command
# of `confd-lib`, which takes none.
STARTERS = {"confd_lib.destination.children", "confd_lib.command.tool.mutate"}
MODULES = [path for package in PACKAGES for path in modules(package).values()]


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_a_package_imports_only_the_front_doors_below_it(path: Path) -> None:
    package = module_name(path).partition(".")[0]
    for _, name, _ in imports(path):
        other = name.partition(".")[0]
        if other in PACKAGES and other != package:
            assert other in FLOORS[package], f"{module_name(path)} imports {name}"
            shown = importlib.import_module(other).__all__
            inner = name.removeprefix(other).lstrip(".")
            door = f"{other}.{inner.partition('.')[0]}"
            assert not inner or inner in shown or door in DOORS, f"{name} is behind the front door"


@pytest.mark.parametrize("package", PACKAGES)
def test_no_import_goes_in_a_circle(package: str) -> None:
    """Imports for type checkers count too, in packages with layers."""
    graph: dict[str, set[str]] = {name: set() for name in modules(package) if name != package}
    for one in own_imports(package):
        counts = package in LAYERS or not one.typing_only
        if counts and one.imported in graph and one.importer in graph:
            graph[one.importer].add(one.imported)
    list(graphlib.TopologicalSorter(graph).static_order())


@pytest.mark.parametrize("package", LAYERS)
def test_every_module_lies_in_a_layer(package: str) -> None:
    assert {layer(name) for name in modules(package)} == set(LAYERS[package])


@pytest.mark.parametrize("package", LAYERS)
def test_no_layer_imports_from_one_above_it(package: str) -> None:
    assert upward(package) == []
    assert circles(package) == []


@pytest.mark.parametrize("folder", FILES)
def test_no_file_imports_from_one_after_it(folder: str) -> None:
    order = [folder, *(f"{folder}.{name}" for name in FILES[folder])]
    package = folder.partition(".")[0]
    found = {
        name
        for name, path in modules(package).items()
        if f"{name}.".startswith(f"{folder}.") and (path.stem != "__init__" or name == folder)
    }
    assert found == set(order)
    for one in own_imports(package):
        if one.importer in order[1:] and one.imported in order:
            assert order.index(one.imported) < order.index(one.importer), one


@pytest.mark.parametrize(("lower", "upper"), APART)
def test_an_independent_layer_does_not_import_its_neighbour(lower: str, upper: str) -> None:
    for one in own_imports(lower.partition(".")[0]):
        if one.importer.startswith(f"{upper}."):
            assert not f"{one.imported}.".startswith(f"{lower}."), one


@pytest.mark.parametrize("path", MODULES, ids=module_name)
def test_a_module_says_its_role(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text()))


def test_processes_are_started_where_no_exit_status_is_lost() -> None:
    found = [one for path in MODULES for one in imports(path) if one.imported == "subprocess"]
    assert {one.importer for one in found if not one.typing_only} == STARTERS


CHEAP = [
    ("import gotmpl", {"parsimonious", "regex"}),
    ("import metadata_client", {"requests", "yaml"}),
    ("import confd_lib", {"requests", "yaml", "tomlkit", "parsimonious"}),
    (
        "from confd_lib.command.confd.cli import main; main(['--version'])",
        {"requests", "yaml", "tomlkit", "parsimonious", "argparse", "gotmpl.template", "textwrap"},
    ),
    (
        "from confd_lib.command.confd import run",
        {
            "confd_lib.command.sidecar",
            "confd_lib.command.sidecar.child",
            "confd_lib.command.sidecar.pages",
            "confd_lib.command.sidecar.systemd",
            "prometheus_client",
        },
    ),
    ("from confd_lib.command.tool import cli", {"starlette", "uvicorn", "asyncio"}),
]


@pytest.mark.parametrize(("code", "slow"), CHEAP, ids=[code for code, _ in CHEAP])
def test_slow_modules_are_not_imported_early(code: str, slow: set[str]) -> None:
    program = f"{code}\nimport sys; print(*sys.modules, file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert not slow & set(done.stderr.split())
