"""Lint: all rules over all resources of a confd folder.

The module does not know how findings are shown, nor the command line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Final

from confd_lib.lint import key_rules, resource_rules, template_rules, type_rules
from confd_lib.lint.findings import Finding
from confd_lib.lint.subjects import load
from confd_lib.lint.targets import TARGETS
from confd_lib.store.store import Store

RULES: Final = {
    rule.name: rule
    for rules in (resource_rules, template_rules, type_rules, key_rules)
    for rule in rules.RULES
}
"""All rules, by name."""

_SILENCED: Final = re.compile(r"lint:\s*ignore\s+([\w-]+(?:\s*,\s*[\w-]+)*)")


def lint(
    confdir: str | PathLike[str],
    *,
    target: str = "0.16",
    stores: Iterable[Store] = (),
) -> list[Finding]:
    """Find faults in the resources of a confd folder and in their templates.

    A comment `lint: ignore RULE` on a line, in TOML or in the template, silences a rule there.

    Args:
        confdir: the folder that holds `conf.d` and `templates`.
        target: the confd that runs them: `0.11`, `0.16` or `confd-lib`.
        stores: the metadata of the containers of a stack, to check keys against.

    Returns:
        the findings, sorted by file and line.

    Raises:
        ConfdError: the folder has no `conf.d`, or a file cannot be read.

    >>> lint("examples/galera")
    []
    """
    project = load(Path(confdir), TARGETS[target], tuple(stores))
    found = {
        finding
        for subject in project.subjects
        for rule in RULES.values()
        for finding in rule.findings(subject, project)
    }
    files = (file for subject in project.subjects for file in (subject, subject.source) if file)
    lines = {file.path: file.text.split("\n") for file in files}
    shown = (one for one in found if one.rule not in _silenced(lines[one.path], one.line))
    placed = [replace(one, column=_column(lines[one.path], one)) for one in shown]
    return sorted(placed, key=lambda one: (one.path, one.line, one.column, one.rule))


def _column(lines: list[str], one: Finding) -> int:
    """Return the column of a finding; the first that is no space if the rule names none."""
    text = lines[one.line - 1] if one.line <= len(lines) else ""
    return one.column or len(text) - len(text.lstrip()) + 1


def _silenced(lines: list[str], line: int) -> list[str]:
    comment = _SILENCED.search(lines[line - 1]) if line <= len(lines) else None
    return [rule.strip() for rule in comment[1].split(",")] if comment else []
