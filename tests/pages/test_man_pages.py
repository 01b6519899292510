"""The man pages: what shows man pages has no complaint, and each flag and setting is in them."""

from __future__ import annotations

import configparser
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from confd_lib.command.completion import outline
from confd_lib.command.settings.table import TABLE, VARIABLES
from confd_lib.command.tool import cli
from confd_lib.confdir.resource import FIELDS
from gotmpl.command import cli as gotmpl

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs/man").glob("*.1"))
# What reads a page strictly; each is silent about a good one.
READERS = {
    "mandoc": ("mandoc", "-Tlint", "-W", "warning"),
    "groff": ("groff", "-man", "-ww", "-Tutf8", "-z"),
    "man": ("man", "--warnings", "-l"),
}
TOOLS = {
    command.name: command
    for parser in (cli._parser(), gotmpl.parser())
    for command in [outline.of_parser(parser)]
}


def shown(page: Path) -> str:
    """Return a page as a terminal of great width shows it, without bold and italics."""
    if not shutil.which("man"):
        pytest.skip("man is not installed")
    environ = {**os.environ, "MANWIDTH": "1000", "MAN_KEEP_FORMATTING": "", "LC_ALL": "C.UTF-8"}
    command = ("man", "-l", page)
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environ)
    return done.stdout


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
@pytest.mark.parametrize("reader", READERS)
def test_a_page_is_shown_without_a_warning(reader: str, page: Path) -> None:
    if not shutil.which(reader):
        pytest.skip(f"{reader} is not installed")
    done = subprocess.run((*READERS[reader], page), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert reader == "man" or done.stdout == ""


def test_the_page_of_confd_has_each_flag_field_and_variable() -> None:
    text = shown(ROOT / "docs/man/confd.1")
    for flag in TABLE:
        assert f"-{flag.name}" in text
    for name in FIELDS:
        assert re.search(rf"^ +{name} \(", text, re.MULTILINE)
    for variable in (name for variables in VARIABLES.values() for name in variables):
        assert variable in text


@pytest.mark.parametrize("name", TOOLS)
def test_the_page_of_a_tool_has_each_command_and_flag(name: str) -> None:
    text = shown(ROOT / f"docs/man/{name}.1")
    for command in outline.every(TOOLS[name]):
        assert f" {command.name}" in text
        for option in command.options:
            assert ", ".join(option.names) in text


def test_the_wheel_installs_each_page() -> None:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    listed = setup["options.data_files"]["share/man/man1"].split()
    assert sorted(listed) == [str(page.relative_to(ROOT)) for page in PAGES]


def test_each_command_has_a_page() -> None:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    scripts = setup["options.entry_points"]["console_scripts"].split("\n")
    names = [line.split(" = ")[0] for line in scripts if line]
    assert sorted(names) == sorted(page.stem for page in PAGES)
