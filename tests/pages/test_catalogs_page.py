"""docs/catalogs.md: its examples give what they show, its files and commands exist."""

from __future__ import annotations

import argparse
import doctest
import re

import pytest

from confd_lib.command.tool import cli
from tests.layers import ROOT

pytest_plugins = ["pytester"]

# Few examples, and no deadline, which a busy machine would miss.
CONFTEST = """\
from hypothesis import settings

settings.register_profile("few", max_examples=5, deadline=None)
settings.load_profile("few")
"""
PAGE = (ROOT / "docs/catalogs.md").read_text("utf-8")


def blocks(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL)


def test_the_examples_give_what_they_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    text = "\n".join(blocks("pycon"))
    examples = doctest.DocTestParser().get_doctest(text, {}, "docs/catalogs.md", None, 0)
    assert len(examples.examples) > 20
    assert doctest.DocTestRunner().run(examples).failed == 0


@pytest.mark.parametrize("block", blocks("console"))
def test_the_commands_print_what_the_page_shows(
    block: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    command, shown = block.removeprefix("$ confd-lib ").split("\n", 1)
    cli.main(command.split())
    assert capfd.readouterr().out == shown


def test_the_tests_of_the_page_pass(pytester: pytest.Pytester) -> None:
    (pytester.path / "examples").symlink_to(ROOT / "examples")
    (tests,) = blocks("python")
    pytester.makepyfile(conftest=CONFTEST, test_page=tests)
    pytester.runpytest("test_page.py").assert_outcomes(passed=tests.count("def test_"))


def test_the_files_of_the_page_are_those_of_the_examples() -> None:
    (text,) = blocks("yaml")
    path, _, content = text.removeprefix("# ").partition("\n")
    assert (ROOT / path).read_text() == content
    for name in re.findall(r"^    (examples/\S+)$", PAGE, re.MULTILINE):
        assert (ROOT / name).is_file()


def test_the_flags_of_the_page_exist() -> None:
    (commands,) = (
        action.choices
        for action in cli._parser()._actions
        if isinstance(action, argparse._SubParsersAction)
    )
    known = {flag for parser in commands.values() for flag in parser._option_string_actions}
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", PAGE)) <= known


def test_the_readme_links_the_page() -> None:
    assert "/docs/catalogs.md)" in (ROOT / "README.md").read_text()
