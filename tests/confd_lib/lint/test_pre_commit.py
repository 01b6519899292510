"""The hook for pre-commit: its entry runs, and its pattern names the files that lint takes."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import yaml

from confd_lib.command.tool import cli as tool

ROOT = Path(__file__).parents[3]
(HOOK,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())

FILES = [
    ("conf.d/a.toml", True),
    ("images/db/confd/conf.d/sub/a.toml", True),
    ("images/db/confd/templates/a.cnf.tmpl", True),
    ("confd.toml", True),
    ("pyproject.toml", False),
    ("docs/templates/index.html", False),
    ("myconf.d/a.toml", False),
]


@pytest.mark.parametrize(("file", "is_taken"), FILES)
def test_the_hook_takes_the_files_of_confd(file: str, is_taken: bool) -> None:
    assert bool(re.search(HOOK["files"], file)) is is_taken


def test_the_hook_runs_on_files(capfd) -> None:
    command, *words = shlex.split(HOOK["entry"])
    below = [str(path) for path in (ROOT / "examples").rglob("*") if path.is_file()]
    files = [path for path in below if re.search(HOOK["files"], path)]
    assert len(files) > 4
    assert (command, tool.main([*words, *files])) == ("confd-lib", 0)
    assert capfd.readouterr().out == "nothing found\n"
