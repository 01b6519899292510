"""The subjects of lint: each resource of a conf.d with its template, as far as they can be read.

A file that cannot be parsed becomes a `Fault`, which rules report. The module does not know rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

import gotmpl
from confd_lib.confdir import resource, templates
from confd_lib.confdir.resource import TemplateResource
from confd_lib.confdir.tomlfile import TOMLFile, line_of
from confd_lib.errors import ResourceError, TemplateFileError, TOMLError, system_reason
from confd_lib.golang.strings import from_bytes
from confd_lib.lint.targets import NEWEST, TARGETS, Action, Target, actions
from confd_lib.lint.types import shapes
from confd_lib.lint.types.calls import Call, Contents, contents
from confd_lib.lint.types.inference import Problem, problems

if TYPE_CHECKING:
    from confd_lib.backends.simulated import View
    from confd_lib.confdir.oldtoml import Outdated
    from confd_lib.lint.types.shapes import Value

_NO_FILE: Final = (FileNotFoundError, IsADirectoryError, NotADirectoryError)
_UNDEFINED: Final = ('function "', '" not defined')


@dataclass(frozen=True, slots=True)
class Fault:
    """The reason why a file cannot be used.

    Attributes:
        line: the line, from 1; 0 if only the key is known, or something is missing.
        reason: the reason.
        key: the key whose value is wrong; empty for other faults.
    """

    line: int
    reason: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """A template: its text and its parsed form.

    Attributes:
        path: the file.
        text: the text of the file.
        name: the base name of the file.
        trees: the templates in it, by name.
        contents: the calls and nodes in the trees.
        actions: the actions as written.
        problems: what must fail in the trees, by the types of values.
        undefined: functions that no confd has, with their lines.
        fault: why it cannot be parsed; None if it can.
        unreadable: why the file cannot be read; empty if it can.
    """

    path: str
    text: str
    name: str
    trees: Mapping[str, gotmpl.nodes.Tree] = field(default_factory=dict)
    contents: Contents = field(default_factory=lambda: Contents((), ()))
    actions: tuple[Action, ...] = ()
    problems: tuple[Problem, ...] = ()
    undefined: tuple[tuple[str, int], ...] = ()
    fault: Fault | None = None
    unreadable: str = ""


@dataclass(frozen=True, slots=True)
class Subject:
    """A resource with its template, or a template that no resource uses.

    Attributes:
        path: the TOML file; the template if there is no resource.
        text: the text of the file.
        values: the parsed TOML; empty if the file is not TOML.
        spec: the resource; None if it cannot be used.
        fault: why it cannot be used; None if it can.
        source: the template; None if there is no such file.
        unreadable: why the TOML file cannot be read; empty if it can.
        parts: the templates that the resource shares, as far as they exist.
        is_part: whether it is a template that resources share.
        outdated: the faults of the TOML that confd 0.16 does not mind.
    """

    path: str
    text: str
    values: Mapping[str, object]
    spec: TemplateResource | None = None
    fault: Fault | None = None
    source: Source | None = None
    unreadable: str = ""
    parts: tuple[Source, ...] = ()
    is_part: bool = False
    outdated: tuple[Outdated, ...] = ()

    @property
    def is_resource(self) -> bool:
        """Whether there is a TOML file."""
        return self.source is None or self.source.path != self.path

    @property
    def template_path(self) -> str:
        """The template; the TOML file if there is no template."""
        return self.source.path if self.source else self.path

    @property
    def calls(self) -> tuple[Call, ...]:
        """The calls in the template."""
        return self.source.contents.calls if self.source else ()

    @property
    def reads(self) -> tuple[Call, ...]:
        """The calls in the template that ask the store."""
        return self.source.contents.reads if self.source else ()

    @property
    def all_reads(self) -> tuple[Call, ...]:
        """The calls that ask the store, in the template and in those that it shares."""
        return (*self.reads, *(read for part in self.parts for read in part.contents.reads))

    def setting(self, key: str) -> object:
        """Return a setting of the resource as the file has it; None if it is missing."""
        inner = self.values.get(_spelled(self.values, "template"))
        return inner.get(_spelled(inner, key)) if isinstance(inner, Mapping) else None

    def line(self, key: str, *, table: str = "template") -> int:
        """Return the line of a key of the resource; that of the table if the key is missing."""
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
        confdir: the folder; None for a template that belongs to none.
        subjects: the resources, with their templates, and the templates that no resource uses.
        target: the confd that runs them.
        views: the metadata as the containers of a stack see it; may be empty.
        backend: the backend that the resources read; empty if it is not known.
    """

    confdir: Path | None
    subjects: tuple[Subject, ...]
    target: Target
    views: tuple[View, ...] = ()
    backend: str = ""

    @property
    def templates(self) -> Path:
        """The folder of templates."""
        return (self.confdir or Path()) / "templates"


def load(confdir: Path, target: Target, views: tuple[View, ...] = (), backend: str = "") -> Project:
    """Read a confd folder.

    Raises:
        ConfdError: the folder has no `conf.d`.
    """
    folder = confdir / "templates"
    subjects = [_subject(path, folder, target) for path in resource.find(confdir)]
    parts = {part.path: _of_part(part) for one in subjects for part in one.parts}
    used = {one.source.path for one in subjects if one.source} | parts.keys()
    unused = [path for path in _templates(folder) if str(path) not in used]
    alone = [_alone(path, target) for path in unused if _is_complete(subjects)]
    return Project(confdir, (*subjects, *parts.values(), *alone), target, views, backend)


def load_template(path: Path, target: Target) -> Project:
    """Read a template that belongs to no confd folder."""
    return Project(None, (_alone(path, target),), target)


def _templates(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*.tmpl") if not path.is_dir())


def _is_complete(subjects: Iterable[Subject]) -> bool:
    """Return whether all resources can be used, so that each names its template."""
    return all(subject.spec for subject in subjects)


def _alone(path: Path, target: Target) -> Subject:
    source = _source(path, ("{{", "}}"), target)
    if source is None:
        return Subject(str(path), "", {}, unreadable="no such file")
    return Subject(str(path), source.text, {}, source=source)


def _of_part(source: Source) -> Subject:
    return Subject(source.path, source.text, {}, source=source, is_part=True)


def _subject(path: str, folder: Path, target: Target) -> Subject:
    try:
        data = resource.read(path)
    except ResourceError as error:
        return Subject(path, "", {}, unreadable=error.reason)
    text = from_bytes(data)
    try:
        file = TOMLFile.parse(path, data)
        spec = TemplateResource.parse(path, data)
    except TOMLError as error:
        return Subject(path, text, {}, fault=Fault(error.line, error.reason))
    except ResourceError as error:
        return Subject(path, text, file.values, fault=_fault(error), outdated=file.outdated)
    given = shapes.declared(str) if spec.each else None
    source = _source(templates.path_of(folder, spec.src), spec.delims, target, given)
    files = (templates.path_of(folder, part) for part in spec.templates)
    # What a part is given as `.` is decided where it is called.
    found = (_source(file, spec.delims, target, shapes.UNKNOWN) for file in files)
    parts = tuple(part for part in found if part)
    return Subject(
        path, text, file.values, spec, source=source, parts=parts, outdated=file.outdated
    )


def _fault(error: ResourceError) -> Fault:
    cause = error.__cause__
    if isinstance(cause, TOMLError):
        return Fault(cause.line, cause.reason, cause.key)
    key, colon, _ = error.reason.partition(":")
    return Fault(0, error.reason, f"template.{key}" if colon else "")


def _source(
    path: Path, delims: tuple[str, str], target: Target, data: Value | None = None
) -> Source | None:
    """Read a template; `data` is what confd gives it as `.`, None for nothing."""
    try:
        text = templates.read_text(path)
    except TemplateFileError as error:
        if isinstance(error.__cause__, _NO_FILE):
            return None
        reason = system_reason(error.__cause__) if isinstance(error.__cause__, OSError) else ""
        return Source(str(path), "", path.name, unreadable=reason or str(error))
    trees, undefined, fault = _parse(path.name, text, delims, target)
    found = contents(trees, path.name, has_data=data is not None)
    written = tuple(actions(text, delims))
    faulty = problems(trees, target.compat, data or shapes.UNKNOWN, path.name)
    return Source(str(path), text, path.name, trees, found, written, faulty, undefined, fault)


def _parse(
    name: str, text: str, delims: tuple[str, str], used: Target
) -> tuple[dict[str, gotmpl.nodes.Tree], tuple[tuple[str, int], ...], Fault | None]:
    """Parse a template as if every function that it names existed."""
    known = {name for target in (*TARGETS.values(), NEWEST, used) for name in target.functions()}
    undefined: list[tuple[str, int]] = []
    while True:
        try:
            return gotmpl.parse(name, text, funcs=known, delims=delims), tuple(undefined), None
        except gotmpl.ParseError as error:
            before, after = _UNDEFINED
            missing = error.reason.removeprefix(before).removesuffix(after)
            if error.reason != f"{before}{missing}{after}":
                return {}, tuple(undefined), Fault(error.line, error.reason)
            known.add(missing)
            undefined.append((missing, error.line))


def _spelled(values: Mapping[str, object], name: str) -> str:
    """Return a name as `values` spells it: TOML keys of confd ignore case."""
    return next((key for key in (name, *values) if key in values and key.lower() == name), name)
