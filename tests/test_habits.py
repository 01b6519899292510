"""The forms for issues and the hooks of pre-commit can be read, and name what exists."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.test_readme import HOME
from tests.tracked import ROOT

FORMS = sorted((ROOT / ".github/ISSUE_TEMPLATE").glob("[!c]*.yml"))
# The kinds of fields that a form of the forge has.
TYPES = {"markdown", "textarea", "input", "dropdown", "checkboxes"}


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


@pytest.mark.parametrize("form", FORMS, ids=lambda path: path.stem)
def test_a_form_asks_for_what_it_says(form: Path) -> None:
    made = load(form)
    assert {"name", "description", "body"} <= set(made)
    assert {field["type"] for field in made["body"]} <= TYPES
    asked = [field for field in made["body"] if field["type"] != "markdown"]
    assert all(field["attributes"]["label"] and field["id"] for field in asked)
    assert any(field["validations"]["required"] for field in asked if "validations" in field)


def test_the_addresses_of_the_forms_are_those_of_the_project() -> None:
    links = load(ROOT / ".github/ISSUE_TEMPLATE/config.yml")["contact_links"]
    assert all(link["url"].startswith(f"{HOME}/") for link in links)


def test_the_hooks_of_contributors_run_what_exists() -> None:
    (repo,) = load(ROOT / ".pre-commit-config.yaml")["repos"]
    lint, words = [shlex.split(hook["entry"]) for hook in repo["hooks"]]
    assert lint == ["make", "lint"]
    files = [name for name in words if name.endswith(".py")]
    assert files
    assert all((ROOT / name).is_file() for name in files)


@pytest.mark.parametrize("hook", load(ROOT / ".pre-commit-hooks.yaml"), ids=lambda hook: hook["id"])
def test_a_hook_for_users_is_a_command_of_ours(hook: dict[str, str]) -> None:
    assert hook["entry"].startswith("confd-lib ")
    assert re.search(hook["files"], "site/conf.d/a.toml")
    assert not re.search(hook["files"], "site/a.py")
