"""The examples of the rules: the wrong text is found by its rule, the right one by none."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from confd_lib.command.tool import lint_confdtoml
from confd_lib.lint import RULES, lint
from confd_lib.lint.catalogs import rules as catalogs
from confd_lib.lint.examples import EXAMPLES, Example, Kind
from confd_lib.store.store import Store

SETTINGS = {"src": '"a.tmpl"', "dest": '"/etc/a"', "keys": '["/app"]'}
READ = '{{getv "/app/port"}}\n'


def toml(line: str) -> str:
    """Return a resource with a line, and the settings that it does not replace."""
    own = line.partition(" ")[0]
    others = [f"{key} = {value}\n" for key, value in SETTINGS.items() if key != own]
    return f"[template]\n{''.join(others)}{line}\n"


def rules(folder: Path, text: str, example: Example) -> set[str]:
    """Return the rules that report an example in a confd folder where all else is right."""
    if example.kind is Kind.CATALOG:
        return of_entry(folder, text)
    for name in ("conf.d", "templates"):
        (folder / name).mkdir(parents=True)
    is_toml, is_template = example.kind is Kind.TOML, example.kind is Kind.TEMPLATE
    (folder / "conf.d/a.toml").write_text(toml(text if is_toml else ""))
    (folder / "templates/a.tmpl").write_text(f"{text}\n{READ}" if is_template else READ)
    if example.kind is Kind.CONFD_TOML:
        (folder / "confd.toml").write_text(f"{text}\n")
    if example.kind is Kind.COMMAND:
        subprocess.run(text, shell=True, cwd=folder, check=True)
    stores = [Store({"/app/port": 80})] if example.has_stack else []
    return {
        one.rule
        for one in lint(folder, target=example.target, stores=stores, rules=lint_confdtoml.RULES)
    }


def of_entry(folder: Path, section: str) -> set[str]:
    """Return the rules that report an entry with a catalog section."""
    version = folder / "templates/web/0"
    version.mkdir(parents=True)
    (version / "docker-compose.yml").write_text("web: {image: web, ports: ['${TAG}:80']}\n")
    (version / "rancher-compose.yml").write_text(f"catalog: {section}\n")
    return {one.rule for one in catalogs.lint_catalog(folder)}


@pytest.mark.parametrize("rule", EXAMPLES)
def test_the_wrong_text_is_found_by_its_rule_and_the_right_one_by_none(
    rule: str, tmp_path: Path
) -> None:
    example = EXAMPLES[rule]
    assert rule in rules(tmp_path / "wrong", example.wrong, example)
    assert rules(tmp_path / "right", example.right, example) == set()


def test_every_rule_has_an_example() -> None:
    others = (*lint_confdtoml.RULES, *catalogs.RULES)
    assert set(EXAMPLES) == {*RULES, *(rule.name for rule in others)}
