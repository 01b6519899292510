"""docs/why.md: its table is whole, and its column of confd-lib is what the code does."""

from __future__ import annotations

import re

import pytest

from confd_lib.command.settings import stores
from tests.layers import ROOT

PAGE = (ROOT / "docs/why.md").read_text("utf-8")
HEAD, _, *ROWS = [
    [cell.strip() for cell in line.split("|")[1:-1]]
    for line in PAGE.split("\n## ")[0].splitlines()
    if line.startswith("|")
]


def test_each_row_says_something_of_each_tool() -> None:
    tools = ["confd-lib", "confd 0.16", "abtreece/confd", "remco", "consul-template", "gomplate"]
    assert HEAD[1:] == tools
    assert all(len(row) == len(HEAD) and all(row) for row in ROWS)


@pytest.mark.parametrize("name", sorted(set(stores._MAKERS) - {"etcdv3", "env", "file"}))
def test_each_store_is_named(name: str) -> None:
    (row,) = (row for row in ROWS if row[0] == "stores")
    assert name in row[1].lower()


def test_each_store_that_is_named_is_read() -> None:
    (row,) = (row for row in ROWS if row[0] == "stores")
    names = {name.split()[0].lower() for name in row[1].split(", ")}
    assert {"environment": "env", "files": "file"}.keys() <= names
    assert names - {"environment", "files"} <= set(stores._MAKERS)


def test_each_tool_that_is_compared_has_a_source() -> None:
    _, sources = PAGE.split("\n## Sources\n")
    assert len(re.findall(r"^- .*https://", sources.replace("\n  ", " "), re.MULTILINE)) == 5
