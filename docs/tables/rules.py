"""docs/rules.md: each rule of lint with its advice, a text that it reports, and what it says."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from confd_lib.command.tool import lint_confdtoml
from confd_lib.lint import lint
from confd_lib.lint.catalogs import rules as catalogs
from confd_lib.lint.examples import EXAMPLES, Example, Kind
from confd_lib.lint.findings import Finding
from confd_lib.lint.report import as_text
from confd_lib.lint.rules import files, keys, resources, stacks, templates, types
from confd_lib.lint.rules.rule import Rule
from confd_lib.store.store import Store

_INTRO: Final = """# Rules of lint

`confd-lib lint` reports what confd would refuse, ignore or get wrong. A comment `lint: ignore RULE`
on a line, in TOML or in a template, silences a rule there. `--for` names the confd that runs the
templates, and `--fix` changes what needs no decision ([tool.md](tool.md#lint)).

Under each name stands an example: what the rule reports, what no rule reports, and the finding with
its advice. `confd-lib lint --rules` prints them too.

This page is written by `make pages` from the rules themselves.
"""
THEMES: Final[Mapping[str, Sequence[Rule]]] = {
    "Files": files.RULES,
    "Settings of resources": resources.RULES,
    "Templates": templates.RULES,
    "Types of values": types.RULES,
    "Keys": keys.RULES,
    "Stacks": stacks.RULES,
    "confd.toml": lint_confdtoml.RULES,
    "Entries of catalogs": catalogs.RULES,
}
"""All rules, by what they are about."""
_SETTINGS: Final = {"src": '"a.tmpl"', "dest": '"/etc/a"', "keys": '["/app"]'}
_READ: Final = '{{getv "/app/port"}}\n'


def page() -> str:
    """Return the page."""
    parts = [_INTRO]
    for theme, rules in THEMES.items():
        parts += [f"## {theme}\n", *map(_rule, rules)]
    return "\n".join(parts)


def _rule(rule: Rule) -> str:
    example = EXAMPLES[rule.name]
    target = f", with `--for {example.target}`" if example.target != "0.16" else ""
    stack = ", with a stack that lacks the key" if example.has_stack else ""
    return (
        f"### {rule.name}\n\n{str(rule.severity).capitalize()}, {example.kind}{target}{stack}:\n\n"
        f"```text\nwrong  {_indented(example.wrong)}\nright  {_indented(example.right)}\n\n"
        f"{_finding(rule, example)}\n```\n"
    )


def _indented(text: str) -> str:
    return text.replace("\n", "\n       ")


def _finding(rule: Rule, example: Example) -> str:
    """Return the first finding of a rule in its example, as lint prints it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "confd")
        found = findings(folder, example.wrong, example)
        text = as_text([min(one for one in found if one.rule == rule.name)])
        return "\n".join(text.replace(f"{folder}/", "").splitlines()[:-1])


def findings(folder: Path, text: str, example: Example) -> list[Finding]:
    """Return the findings in a confd folder where a text of an example stands.

    Args:
        folder: the folder to make, in which all else is right.
        text: the text, right or wrong.
        example: says where it stands, and how it is checked.
    """
    if example.kind is Kind.CATALOG:
        return _of_entry(folder, text)
    for name in ("conf.d", "templates"):
        (folder / name).mkdir(parents=True)
    is_toml, is_template = example.kind is Kind.TOML, example.kind is Kind.TEMPLATE
    (folder / "conf.d/a.toml").write_text(_toml(text if is_toml else ""))
    (folder / "templates/a.tmpl").write_text(f"{text}\n{_READ}" if is_template else _READ)
    if example.kind is Kind.CONFD_TOML:
        (folder / "confd.toml").write_text(f"{text}\n")
    if example.kind is Kind.COMMAND:
        subprocess.run(text, shell=True, cwd=folder, check=True)
    seen = [Store({"/app/port": 80})] if example.has_stack else []
    return lint(folder, target=example.target, stores=seen, rules=lint_confdtoml.RULES)


def _toml(line: str) -> str:
    """Return a resource with a line, and the settings that it does not replace."""
    own = line.partition(" ")[0]
    others = [f"{key} = {value}\n" for key, value in _SETTINGS.items() if key != own]
    return f"[template]\n{''.join(others)}{line}\n"


def _of_entry(folder: Path, section: str) -> list[Finding]:
    """Return the findings in an entry of a catalog with a section of questions."""
    version = folder / "templates/web/0"
    version.mkdir(parents=True)
    (version / "docker-compose.yml").write_text("web: {image: web, ports: ['${TAG}:80']}\n")
    (version / "rancher-compose.yml").write_text(f"catalog: {section}\n")
    return list(catalogs.lint_catalog(folder))
