"""The floors of the server: which of its files imports which."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from metadata_client import server

PACKAGE = Path(server.__file__).parent

# A file imports only from files above it, and of the package around it only what both sides share.
FLOORS = [
    "negotiation",
    "rendering",
    "sniffing",
    "wire",
    "access",
    "history",
    "reading",
    "replies",
    "faults",
    "listening",
    "connections",
    "service",
]
SHARED = {"errors", "float32", "yaml11", "paths", "answers"}


def test_every_file_has_a_floor() -> None:
    assert {path.stem for path in PACKAGE.glob("*.py")} - {"__init__"} == set(FLOORS)


@pytest.mark.parametrize("name", FLOORS)
def test_floor(name: str) -> None:
    tree = ast.parse((PACKAGE / f"{name}.py").read_text())
    above = set(FLOORS[: FLOORS.index(name)])
    for node in ast.walk(tree):
        if not isinstance(node, ast.ImportFrom):
            continue
        named = {alias.name for alias in node.names}
        if node.level:
            wanted = {node.module} if node.module else named
            assert wanted <= above, f"{name}.py imports from below: {wanted - above}"
        elif node.module and node.module.partition(".")[0] == "metadata_client":
            inner = node.module.removeprefix("metadata_client").lstrip(".")
            assert ({inner} if inner else named) <= SHARED, f"{name}.py imports {node.module}"
