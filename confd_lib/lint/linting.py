"""Lint: all rules over all resources of a confd folder.

The module does not know how findings are shown, nor the command line.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Final

from confd_lib import regular
from confd_lib.backends.simulated import View
from confd_lib.compat import FUNCTION_SETS
from confd_lib.confdir.tomlfile import TOMLFile
from confd_lib.errors import ConfdError
from confd_lib.golang.strings import from_bytes
from confd_lib.lint.findings import Finding
from confd_lib.lint.rules import files, keys, resources, stacks, templates, types
from confd_lib.lint.rules.rule import Rule
from confd_lib.lint.rules.stacks import FAILS_ON_STACK
from confd_lib.lint.subjects import Project, load, load_template
from confd_lib.lint.targets import TARGETS
from confd_lib.store.store import Store

RULES: Final = {
    rule.name: rule
    for rules in (files, resources, templates, types, keys, stacks)
    for rule in rules.RULES
}
"""All rules, by name."""

CONFD_TOML: Final = "confd.toml"
"""The name of the settings of `confd`, beside the conf.d."""
_SILENCED: Final = re.compile(r"lint:\s*ignore\s+([\w-]+(?:\s*,\s*[\w-]+)*)")


def lint(
    *paths: str | PathLike[str],
    target: str = "0.16",
    stores: Iterable[Store | View] = (),
    backend: str = "",
    functions: str = "",
    rules: Iterable[Rule] = (),
) -> list[Finding]:
    """Find faults in confd folders: in their resources and in the templates of these.

    A comment `lint: ignore RULE` on a line, in TOML or in the template, silences a rule there.

    Args:
        paths: folders that hold `conf.d` and `templates`, and files below such folders, of which
            the findings in these files are returned; another file is a template.
        target: the confd that runs them: `0.11`, `0.16` or `confd-lib`.
        stores: the metadata of the containers of a stack, to check keys against, and to render on.
        backend: the backend that the resources read; by default one whose keys are paths, or `env`
            if all keys of a resource look like names of variables.
        functions: the functions beside those of that confd: `sprig` or `sprig:bare`; by default
            those that the confd.toml of the folder names.
        rules: further rules.

    Returns:
        the findings, sorted by file, line and column.

    Raises:
        ConfdError: a folder has no `conf.d`, or there is no such file.

    >>> lint("examples/galera", "examples/haproxy/templates/haproxy.cfg.tmpl")
    []
    """
    views = tuple(one if isinstance(one, View) else View(one) for one in stores)
    found: set[Finding] = set()
    alone = replace(TARGETS[target], named=functions)
    used = (*RULES.values(), *rules)
    for folder, named in _by_folder(map(Path, paths)).items():
        of = replace(alone, named=functions or _functions(folder))
        if not named or (folder / "conf.d").is_dir():
            project = load(folder, of, views, backend)
        else:  # a confd.toml alone
            project = Project(folder, (), of)
        of_folder = _of_project(project, used)
        found.update(one for one in of_folder if not named or _real(one.path) in named)
    for template in _alone(map(Path, paths)):
        found.update(_of_project(load_template(template, alone), used))
    return sorted(found, key=lambda one: (one.path, one.line, one.column, one.rule))


def _functions(folder: Path) -> str:
    """Return the functions that the confd.toml of a folder names; nothing if it cannot be read."""
    path = folder / CONFD_TOML
    try:
        values = TOMLFile.parse(str(path), regular.read_file(path)).values
    except (OSError, ConfdError):
        return ""
    named = next((value for name, value in values.items() if name.lower() == "functions"), "")
    return named if named in FUNCTION_SETS else ""


def _by_folder(paths: Iterable[Path]) -> dict[Path, set[str]]:
    """Return the confd folders of some paths, each with the files asked for; none for all."""
    folders: dict[Path, set[str]] = {}
    whole: set[Path] = set()
    for path in paths:
        folder = path if path.is_dir() else _folder_of(path)
        if folder is not None:
            whole |= {folder} if folder == path else set()
            folders.setdefault(folder, set()).add(_real(path))
    return {folder: set() if folder in whole else files for folder, files in folders.items()}


def _folder_of(path: Path) -> Path | None:
    """Return the nearest folder above a file that has a conf.d; None if there is no such folder."""
    if not path.exists():
        raise ConfdError(f"{path}: no such file or directory")
    if path.name == CONFD_TOML and path.parent.name != "conf.d":
        return path.parent
    above = (*path.parents, *path.absolute().parents)  # those that are named come first
    return next((folder for folder in above if (folder / "conf.d").is_dir()), None)


def _alone(paths: Iterable[Path]) -> list[Path]:
    return [path for path in paths if not path.is_dir() and _folder_of(path) is None]


def _real(path: str | Path) -> str:
    return os.path.realpath(path)


def _of_project(project: Project, rules: Iterable[Rule]) -> Iterator[Finding]:
    """Yield the findings in a project that no comment silences, with their columns."""
    files = [file for subject in project.subjects for file in (subject, subject.source) if file]
    texts = {file.path: file.text.split("\n") for file in files}
    if project.confdir is not None:
        texts |= _lines(project.confdir / CONFD_TOML)
    found = [one for rule in rules for one in rule.findings(project)]
    explained = {(one.path, one.line) for one in found if one.rule != FAILS_ON_STACK}
    for one in found:
        lines = texts.get(one.path, [])
        is_new = one.rule != FAILS_ON_STACK or (one.path, one.line) not in explained
        if is_new and one.rule not in silenced(lines, one.line):
            yield replace(one, column=_column(lines, one))


def _lines(path: Path) -> dict[str, list[str]]:
    """Return the lines of a file by its path; nothing if it cannot be read."""
    try:
        return {str(path): from_bytes(regular.read_file(path)).split("\n")}
    except OSError:
        return {}


def _column(lines: list[str], one: Finding) -> int:
    """Return the column of a finding; the first that is no space if the rule names none."""
    text = lines[one.line - 1] if one.line <= len(lines) else ""
    return one.column or len(text) - len(text.lstrip()) + 1


def silenced(lines: list[str], line: int) -> list[str]:
    """Return the rules that a comment on a line silences."""
    comment = _SILENCED.search(lines[line - 1]) if line <= len(lines) else None
    return [rule.strip() for rule in comment[1].split(",")] if comment else []
