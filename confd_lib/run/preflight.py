"""Checks before a run: can the resources be used, do their keys exist, can their files be written.

Changes nothing: it reads, and asks the system what it would allow. Knows the items of a pass and
their views of the store, and nothing of loops.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from confd_lib.confdir.sources import Sources
from confd_lib.destination import programs, wanted
from confd_lib.destination.update import Result
from confd_lib.errors import ConfdError
from confd_lib.run.advice import unmatched
from confd_lib.run.jobs import Job

if TYPE_CHECKING:
    from confd_lib.confdir.resource import TemplateResource
    from confd_lib.confdir.templates import Functions, Templates
    from confd_lib.run.round import Item
    from confd_lib.run.views import Views


@dataclass(frozen=True, slots=True)
class Check:
    """A question, and its answer.

    Attributes:
        about: the file of a resource, or the store.
        question: what was checked: `store`, `resource`, `keys`, `template`, `dest` or `commands`.
        faults: what is wrong, a line each; empty if nothing is.

    >>> str(Check("a.toml", "dest", ("no such directory: /etc/app",)))
    'a.toml: dest'
    """

    about: str
    question: str
    faults: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.about}: {self.question}"


@dataclass(frozen=True, slots=True)
class Tools:
    """The arguments that all checks of a pass share.

    Attributes:
        templates: the templates of the run.
        functions: those that templates may call; none of them is called.
        views: the views of the items on the store.
        makes_folders: whether folders of destinations are made.
        folder: returns the folder in which a resource keeps its list; None if it keeps no list.
        writers: the files of the resources that write each destination, by its real path.
    """

    templates: Templates
    functions: Functions
    views: Views
    makes_folders: bool
    folder: Callable[[TemplateResource], Path | None]
    writers: Mapping[str, Sequence[str]] = field(default_factory=dict)


def store(keys: Iterable[str], errors: Iterable[ConfdError]) -> Check:
    """Return whether a store answered the question for some keys."""
    faults = tuple(dict.fromkeys(map(str, errors)))
    return Check("the store", "store" if any(keys) else "store (no resource has keys)", faults)


def checks(items: Iterable[Item], tools: Tools) -> list[Check]:
    """Return the checks of all resources, in the order of their files."""
    by_path: dict[str, list[Item]] = {}
    for item in items:
        by_path.setdefault(item.path, []).append(item)
    all_jobs = (item for some in by_path.values() for item in some if isinstance(item, Job))
    tools = replace(tools, writers=_writers(all_jobs))
    return [check for path, some in by_path.items() for check in _of_resource(path, some, tools)]


def _writers(jobs: Iterable[Job]) -> dict[str, list[str]]:
    writers: dict[str, list[str]] = {}
    for job in jobs:
        writers.setdefault(_real(job.dest), []).append(job.path)
    return writers


def _real(dest: Path) -> str:
    """Return the path of a destination without links on the way to it; a swap replaces its own."""
    try:
        return f"{os.path.realpath(dest.parent)}/{dest.name}"
    except ValueError:  # a null byte, which `wanted.read` reports
        return str(dest)


def _of_resource(path: str, items: list[Item], tools: Tools) -> Iterator[Check]:
    errors = [str(item.error) for item in items if isinstance(item, Result) and item.error]
    yield Check(path, "resource", tuple(errors))
    jobs = [item for item in items if isinstance(item, Job)]
    for question, ask in _QUESTIONS.items() if jobs else ():
        faults = (fault for job in jobs for fault in ask(job, tools))
        yield Check(path, question, tuple(dict.fromkeys(faults)))


def _keys(job: Job, tools: Tools) -> Iterator[str]:
    try:
        found = unmatched(job.resource.keys, tools.views.store(job))
    except ConfdError as error:
        yield str(error)
        return
    yield from (f"the store has nothing for the key {key}" for key in found)


def _template(job: Job, tools: Tools) -> Iterator[str]:
    try:
        tools.templates.check(Sources.of(job.resource), tools.functions)
    except ConfdError as error:
        yield str(error)


def _dest(job: Job, tools: Tools) -> Iterator[str]:
    others = [path for path in tools.writers.get(_real(job.dest), ()) if path != job.path]
    yield from (f"{job.dest} is written by {path} too" for path in others)
    folders = [job.dest.parent, tools.folder(job.resource)]
    for folder in filter(None, folders):
        if fault := wanted.folder_fault(folder, makes=tools.makes_folders):
            yield fault
            return
    try:
        found = job.resource
        current = wanted.read(job.dest)
        planned = wanted.plan(
            job.dest, current, b"", mode=found.file_mode(), uid=found.uid, gid=found.gid
        )
    except ConfdError as error:
        yield str(error)
        return
    if os.geteuid() and planned.uid != os.geteuid():
        yield f"{job.dest}: only root may give it to the user {planned.uid}"


def _commands(job: Job, _: Tools) -> Iterator[str]:
    for name in ("check_cmd", "reload_cmd"):
        for word in programs.missing(getattr(job.resource, name)):
            yield f"{name}: there is no command {word}"


_QUESTIONS: Final[Mapping[str, Callable[[Job, Tools], Iterator[str]]]] = {
    "keys": _keys,
    "template": _template,
    "dest": _dest,
    "commands": _commands,
}
