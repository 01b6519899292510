"""What is linted: each resource of a conf.d with its template, read as far as it can be.

Nothing here judges; what cannot be read is kept as a fact for the rules. Knows nothing of rules.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

import gotmpl
from confd_lib.confdir import resource, templates
from confd_lib.confdir.resource import TemplateResource
from confd_lib.confdir.tomlfile import TOMLFile, line_of
from confd_lib.errors import ResourceError, TemplateFileError, TOMLError
from confd_lib.golang.strings import from_bytes
from confd_lib.lint.calls import Contents, contents
from confd_lib.lint.targets import NEWEST, TARGETS, Action, Target, actions

if TYPE_CHECKING:
    from confd_lib.store.store import Store

_NO_FILE: Final = (FileNotFoundError, IsADirectoryError, NotADirectoryError)
_UNDEFINED: Final = re.compile(r'function "(.+)" not defined')


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a file cannot be used.

    Attributes:
        line: the line, from 1; 0 where it is known by its key, or is not there.
        reason: what is wrong.
        key: the key whose value is wrong, if it is one's.
    """

    line: int
    reason: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """A template, as it is written and as it is understood.

    Attributes:
        path: the file.
        text: what it holds.
        name: its base name.
        trees: the templates in it.
        contents: what they call.
        actions: its actions as they are written.
        undefined: functions that no confd has, with their lines.
        fault: why it is no template; None where it is one.
    """

    path: str
    text: str
    name: str
    trees: Mapping[str, gotmpl.nodes.Tree] = field(default_factory=dict)
    contents: Contents = field(default_factory=lambda: Contents((), ()))
    actions: tuple[Action, ...] = ()
    undefined: tuple[tuple[str, int], ...] = ()
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """A resource with its template.

    Attributes:
        path: the TOML file.
        text: what it holds.
        values: what that says; empty where it is no TOML.
        spec: the resource; None where it cannot be used.
        fault: why it cannot be used; None where it can.
        source: the template; None where there is no such file.
    """

    path: str
    text: str
    values: Mapping[str, object]
    spec: TemplateResource | None = None
    fault: Fault | None = None
    source: Source | None = None

    def line(self, key: str, *, table: str = "template") -> int:
        """Return the line of a key of the resource; that of the table where it is not there."""
        name = _spelled(self.values, table)
        inner = self.values.get(name)
        if not isinstance(inner, Mapping):
            return 1
        spelled = _spelled(inner, key)
        if spelled in inner:
            return line_of(self.text, (name, spelled))
        return next(
            (i for i, line in enumerate(self.text.splitlines(), 1) if f"[{name}]" in line), 1
        )

    def line_of_item(self, key: str, item: str) -> int:
        """Return the line on which a string of a list stands."""
        first = self.line(key)
        lines = self.text.splitlines()
        quoted = (f'"{item}"', f"'{item}'")
        return next(
            (
                i
                for i, line in enumerate(lines[first - 1 :], first)
                if any(one in line for one in quoted)
            ),
            first,
        )


@dataclass(frozen=True, slots=True)
class Project:
    """A confd folder.

    Attributes:
        confdir: the folder.
        subjects: its resources.
        target: the confd that it is meant for.
        stores: the metadata of the containers of a stack, if keys are checked against one.
    """

    confdir: Path
    subjects: tuple[Subject, ...]
    target: Target
    stores: tuple[Store, ...] = ()

    @property
    def templates(self) -> Path:
        """The folder of templates."""
        return self.confdir / "templates"


def load(confdir: Path, target: Target, stores: tuple[Store, ...] = ()) -> Project:
    """Read a confd folder.

    Raises:
        ConfdError: there is no `conf.d` in it, or it cannot be read.
    """
    subjects = tuple(_subject(path, confdir / "templates") for path in resource.find(confdir))
    return Project(confdir, subjects, target, stores)


def _subject(path: str, folder: Path) -> Subject:
    data = resource.read(path)
    text = from_bytes(data)
    try:
        values = TOMLFile.parse(path, data).values
        spec = TemplateResource.parse(path, data)
    except TOMLError as error:
        return Subject(path, text, {}, fault=Fault(error.line, error.reason))
    except ResourceError as error:
        return Subject(path, text, values, fault=_fault(error))
    source = _source(templates.path_of(folder, spec.src), spec.delims)
    return Subject(path, text, values, spec, source=source)


def _fault(error: ResourceError) -> Fault:
    cause = error.__cause__
    if isinstance(cause, TOMLError):
        return Fault(cause.line, cause.reason, cause.key)
    key, colon, _ = error.reason.partition(":")
    return Fault(0, error.reason, f"template.{key}" if colon else "")


def _source(path: Path, delims: tuple[str, str]) -> Source | None:
    try:
        text = templates.read_text(path)
    except TemplateFileError as error:
        if isinstance(error.__cause__, _NO_FILE):
            return None
        raise
    trees, undefined, fault = _parse(path.name, text, delims)
    found = contents(trees, path.name)
    written = tuple(actions(text, delims))
    return Source(str(path), text, path.name, trees, found, written, undefined, fault)


def _parse(
    name: str, text: str, delims: tuple[str, str]
) -> tuple[dict[str, gotmpl.nodes.Tree], tuple[tuple[str, int], ...], Fault | None]:
    """Parse a template as if every function that it names were there."""
    known = {name for target in (*TARGETS.values(), NEWEST) for name in target.functions()}
    undefined: list[tuple[str, int]] = []
    while True:
        try:
            return gotmpl.parse(name, text, funcs=known, delims=delims), tuple(undefined), None
        except gotmpl.ParseError as error:
            missing = _UNDEFINED.fullmatch(error.reason)
            if missing is None:
                return {}, tuple(undefined), Fault(error.line, error.reason)
            known.add(missing[1])
            undefined.append((missing[1], error.line))


def _spelled(values: Mapping[str, object], name: str) -> str:
    """Return a name in the case in which it is written."""
    return next((key for key in (name, *values) if key in values and key.lower() == name), name)
