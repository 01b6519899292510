"""docs/ci.md: its workflows run on the project of docs/testing.md, its hook is ours."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from confd_lib.command.settings import flags
from tests.layers import ROOT

from . import shell
from .test_testing_page import CONFTEST, FILES

PAGE: Final = (ROOT / "docs/ci.md").read_text("utf-8")
WORKFLOW, GITLAB, HOOKS = (
    yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
)

# How often properties are tried changes nothing here but the time.
FEW: Final = CONFTEST.replace("deadline=None", "deadline=None, max_examples=3")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Write the project, and the expected files that its author has accepted."""
    for name, text in {**FILES, "conftest.py": FEW}.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    update, _ = shell.steps(PAGE)
    shell.run(update, tmp_path)
    return tmp_path


def runs(commands: list[str], folder: Path) -> None:
    """Run the commands of a job, but for the installation, which would need a network."""
    install, *others = commands
    assert install == "pip install 'confd-lib[testing]'"
    for command in others:
        shell.run(shell.Step("sh", command, ""), folder)


def test_the_workflow_passes(project: Path) -> None:
    steps: list[dict[str, Any]] = WORKFLOW["jobs"]["test"]["steps"]
    runs([step["run"] for step in steps if "run" in step], project)
    assert "<coverage " in (project / "confd-coverage.xml").read_text()


def test_the_job_of_gitlab_passes_and_writes_its_reports(project: Path) -> None:
    job = GITLAB["templates"]
    runs(job["script"], project)
    reports = job["artifacts"]["reports"]
    assert (project / reports["junit"]).exists()
    assert (project / reports["coverage_report"]["path"]).exists()


def test_mutation_prints_what_the_page_shows(project: Path) -> None:
    _, mutate = shell.steps(PAGE)
    assert shell.run(mutate, project) == mutate.shown


def test_the_hook_is_the_one_of_the_project() -> None:
    (ours,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    (hook,) = HOOKS["repos"][0]["hooks"]
    assert {name: hook[name] for name in ours if name in hook} == {
        name: value for name, value in ours.items() if name != "description"
    }


def test_the_command_on_the_machine_has_flags_that_exist() -> None:
    (line,) = re.findall(r"^confd (-onetime .*)$", PAGE, re.MULTILINE)
    assert flags.parse(shlex.split(line))[1] == ()
