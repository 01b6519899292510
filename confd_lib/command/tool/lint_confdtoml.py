"""The rules of lint for confd.toml, the settings of `confd`.

What they report is what `confd` itself refuses or ignores. The module does not know resources.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from confd_lib import regular
from confd_lib.command.settings import confdtoml
from confd_lib.confdir.tomlfile import line_of
from confd_lib.errors import ConfigError, TOMLError
from confd_lib.golang.strings import from_bytes
from confd_lib.lint.findings import Severity
from confd_lib.lint.linting import CONFD_TOML
from confd_lib.lint.rules.rule import Found, Rule

if TYPE_CHECKING:
    from confd_lib.lint.subjects import Project

# The table of the settings in the first versions of confd.
_OLD_TABLE: Final = "confd"


def _refused(project: Project) -> Iterator[Found]:
    path = _path(project)
    try:
        confdtoml.read(path)
    except ConfigError as error:
        cause = error.__cause__
        line = cause.line if isinstance(cause, TOMLError) else 1
        yield Found(str(path), line, _reason(path, cause, error))


def _reason(path: Path, cause: BaseException | None, error: ConfigError) -> str:
    if isinstance(cause, TOMLError) and cause.key:
        return f"{cause.key}: {_without(path, cause.reason)}"
    return _without(path, cause.reason if isinstance(cause, TOMLError) else error.reason)


def _without(path: Path, text: str) -> str:
    return text.removeprefix(f"{path}: ")


def _read(path: Path) -> confdtoml.ConfdTOML:
    """Return what confd.toml says; nothing if it is refused, which the first rule reports."""
    try:
        return confdtoml.read(path)
    except ConfigError:
        return confdtoml.ConfdTOML()


def _ignored(project: Project) -> Iterator[Found]:
    path = _path(project)
    for one in _read(path).ignored:
        text = from_bytes(regular.read_file(path))
        line = line_of(text, one.keys)
        yield Found(str(path), line, _without(path, one.warning), _advice(one))


def _outdated(project: Project) -> Iterator[Found]:
    path = _path(project)
    for fault in _read(path).outdated:
        yield Found(str(path), fault.line, fault.reason)


def _advice(one: confdtoml.Ignored) -> str:
    name = str(one.keys[-1])
    if name.lower() == _OLD_TABLE:
        return f"remove the line [{name}]: settings stand at the top of the file"
    near = difflib.get_close_matches(name.lower(), one.known, 1)
    return f"write {near[0]}" if near else ""


def _path(project: Project) -> Path:
    return (project.confdir or Path()) / CONFD_TOML


RULES: Final = (
    Rule(
        "refused-setting",
        Severity.ERROR,
        "fix the line: confd does not start with it",
        folder_check=_refused,
    ),
    Rule("ignored-setting", Severity.WARNING, "remove it: it has no effect", folder_check=_ignored),
    Rule(
        "outdated-setting",
        Severity.WARNING,
        "write TOML 1.0: only confd 0.16 and older read it",
        folder_check=_outdated,
    ),
)
