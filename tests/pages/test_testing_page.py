"""docs/testing.md: its files are a project whose tests pass; its commands print what it shows."""

from __future__ import annotations

import re
import shlex
import subprocess
from typing import Final

import pytest

from tests.confd_lib.testing.project import Project
from tests.layers import ROOT

pytest_plugins = ["pytester"]

PAGE: Final = (ROOT / "docs/testing.md").read_text("utf-8")
BLOCK: Final = r"```{}\n(.*?)^```$"
FLAGS: Final = re.DOTALL | re.MULTILINE
FILES: Final = dict(re.findall(r"^`([\w./-]+)`\n\n" + BLOCK.format(r"\w*"), PAGE, FLAGS))
SHOWN: Final = re.findall(BLOCK.format("console"), PAGE, FLAGS)
# Neither deadlines nor the health of data, which a busy machine would fail.
CONFTEST: Final = """\
from hypothesis import HealthCheck, settings

settings.register_profile("busy", deadline=None, suppress_health_check=[*HealthCheck])
settings.load_profile("busy")
"""
README: Final = (ROOT / "README.md").read_text("utf-8")


@pytest.fixture
def project(pytester: pytest.Pytester) -> Project:
    made = Project(pytester)
    made.write({**FILES, "conftest.py": CONFTEST})
    return made


def output(project: Project, block: str) -> str:
    """Run the commands of a block; return what the last one, which is pytest, prints."""
    *before, (pytest_, *args) = map(shlex.split, re.findall(r"^\$ (.*)$", block, re.MULTILINE))
    for command in before:
        subprocess.run(command, cwd=project.path, check=True)
    assert pytest_ == "pytest"
    return project.report(*args)


def test_the_tests_of_the_page_pass(project: Project) -> None:
    tests = sum(text.count("def test_") for text in FILES.values())
    assert tests == 10
    # One of them runs at two scales.
    project.run("--confd-update=new").assert_outcomes(passed=tests + 1)


def test_the_commands_of_the_page_print_what_it_shows(project: Project) -> None:
    assert len(SHOWN) == 5
    for block in SHOWN:
        if "--confd-cov" in block:  # it runs a test that the commands above make fail
            project.write(FILES)
        shown = "".join(f"{line}\n" for line in block.splitlines() if not line.startswith("$ "))
        printed = "".join(f"{line.rstrip()}\n" for line in output(project, block).splitlines())
        assert shown in printed


def test_each_option_of_the_page_is_one_of_pytest(project: Project) -> None:
    options = project.run("--help").stdout.str()
    named = set(re.findall(r"--confd-[a-z-]+", PAGE))
    assert named == set(re.findall(r"--confd-[a-z-]+", options))
    assert len(named) == 5


def test_links_lead_somewhere() -> None:
    links = [link for link in re.findall(r"\]\(([^)#]+)", PAGE) if "://" not in link]
    assert links
    for link in links:
        assert (ROOT / "docs" / link).exists(), link


def test_the_readme_links_the_page() -> None:
    assert "/docs/testing.md)" in README
