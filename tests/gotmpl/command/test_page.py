"""docs/gotmpl.md: its examples are run, and the flags that it names exist."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gotmpl.command import cli

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/gotmpl.md").read_text()
EXAMPLES = re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)
# Pages before show what the examples behind them read.
PROGRAM = f'gotmpl() {{ "{sys.executable}" -m gotmpl "$@"; }}\n'


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("page")


def steps(example: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each command of an example with the lines that are shown after it."""
    for part in example.removeprefix("$ ").split("\n$ "):
        command, *lines = part.removesuffix("\n").split("\n")
        yield command, lines


def test_the_examples_give_what_they_show(folder: Path) -> None:
    for example in EXAMPLES:
        for command, shown in steps(example):
            done = subprocess.run(
                ["sh", "-c", PROGRAM + command],
                cwd=folder,
                env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=60,
                check=False,
            )
            given = done.stdout.decode().splitlines()
            assert given[: len(shown)] == shown, command
            assert shown or not given, command


def test_the_flags_of_the_page_exist() -> None:
    known = cli.flags()
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", PAGE))
    assert named - {"--env", "--network"} <= known
    assert known - {"--help", "--values", "--template", "--output-dir"} <= named


def test_links_lead_somewhere() -> None:
    for link in re.findall(r"\]\(([^)#]+)", PAGE):
        assert (ROOT / "docs" / link).exists(), link


def test_the_readme_links_the_page() -> None:
    assert "/docs/gotmpl.md)" in (ROOT / "README.md").read_text()
