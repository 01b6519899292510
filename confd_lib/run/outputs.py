"""The files of a resource with `each`: a job for each name that matches, and the removals.

A resource whose names cannot be used as they are is refused as a whole, before anything is written.
Knows nothing of templates except that of `dest`.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import gotmpl
from confd_lib.destination.removal import Removal
from confd_lib.destination.update import Result, Status, failed
from confd_lib.destination.wanted import below
from confd_lib.errors import ConfdError, ResourceError
from confd_lib.funcs import SYSTEM_FUNCTIONS, functions
from confd_lib.funcs.readers import READERS
from confd_lib.golang import match as gomatch
from confd_lib.golang import path as gopath
from confd_lib.run.jobs import Family, Job
from confd_lib.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from confd_lib.confdir.resource import Key, TemplateResource
    from confd_lib.confdir.templates import Functions
    from confd_lib.run.records import Records
    from confd_lib.run.rounds import Item, Views

# What no shell gives a meaning; a command may name the file.
_PLAIN: Final = re.compile(r"[\w@%+=:,./-]*")


def names(resource: TemplateResource, store: Store) -> list[str]:
    """Return the names that the `each` of a resource matches, sorted.

    Args:
        resource: the resource.
        store: the keys that it asks for.

    Raises:
        ResourceError: a key climbs, or a name is empty or holds a null byte.

    >>> from confd_lib.confdir.resource import TemplateResource
    >>> resource = TemplateResource("a.toml", "a.tmpl", each="/services/*")
    >>> names(resource, Store({"services": {"web": {"port": 80}, "db": {"port": 5432}}}))
    ['db', 'web']
    """
    for key in store.climbers():
        if _is_below(key, resource.each) or _is_below(gopath.clean(key), resource.each):
            raise ResourceError(resource.path, f"each: the key {key!r} climbs; remove it")
    found = [path.rpartition("/")[2] for path in store.matching(resource.each)]
    for name in found:
        _check_name(resource, name)
    return found


def _is_below(key: str, pattern: str) -> bool:
    segments = key.split("/")
    upto = "/".join(segments[: pattern.count("/") + 1])
    return gomatch.read(pattern).matches(upto)


def _check_name(resource: TemplateResource, name: str) -> None:
    if name in ("", ".", "..") or "/" in name or "\0" in name:
        reason = f"each: the name {name!r} cannot be part of a path; rename its key"
        raise ResourceError(resource.path, reason)


def dest_functions() -> Functions:
    """Return the functions that the template of a `dest` may call: the name alone decides."""
    asking = READERS.keys() | SYSTEM_FUNCTIONS
    return {name: call for name, call in functions(Store()).items() if name not in asking}


def dest_of(resource: TemplateResource, name: str) -> str:
    """Return the destination of a name.

    Raises:
        ResourceError: the template of `dest` fails, or the destination climbs.

    >>> from confd_lib.confdir.resource import TemplateResource
    >>> dest_of(TemplateResource("a.toml", "a.tmpl", "/etc/{{.}}.conf", each="/*"), "web")
    '/etc/web.conf'
    """
    try:
        template = gotmpl.Template("dest").funcs(dest_functions()).parse(resource.dest)
        dest = template.limits(seconds=1.0, output=1 << 16).render(name)
    except gotmpl.TemplateError as error:
        raise ResourceError(resource.path, f"dest: {error}") from error
    if fault := _fault(resource, dest):
        raise ResourceError(resource.path, f"dest: {dest!r} of the name {name!r} {fault}")
    return dest


def _fault(resource: TemplateResource, dest: str) -> str:
    if ".." in dest.split("/"):
        return "climbs; rename its key"
    if "\0" in dest or not dest or dest.endswith("/"):
        return "is not the path of a file; rename its key"
    commands = resource.check_cmd, resource.reload_cmd
    if any("{{" in command for command in commands) and not _PLAIN.fullmatch(dest):
        return "holds characters that mean something to the shell of a command; rename its key"
    return ""


def of(resource: TemplateResource, store: Store) -> dict[str, TemplateResource]:
    """Return the resource of each file by its name.

    Raises:
        ResourceError: a name cannot be used, or two names have one destination.
    """
    made: dict[str, TemplateResource] = {}
    users: dict[str, str] = {}
    for name in names(resource, store):
        dest = dest_of(resource, name)
        other = users.setdefault(gopath.clean(dest), name)
        if name in made or other != name:
            raise ResourceError(
                resource.path, f"dest: {dest} is the file of {other!r} and {name!r}"
            )
        made[name] = replace(resource, dest=dest)
    return made


class Outputs:
    """Replaces each family of a pass by its jobs and removals.

    Args:
        records: the lists of the files that were written.
        root: the folder below which every destination lies, if there is one.
        make: whether folders below the root are made.
    """

    def __init__(self, records: Records, *, root: Path | None, make: bool) -> None:
        self._records = records
        self._root = root
        self._make = make

    def of(self, items: Sequence[Job | Family | Result], views: Views) -> list[Item]:
        """Return the items of a pass, with jobs and removals in the place of families.

        A family that cannot be used is a failed result; one without a file is a result too.
        """
        self._records.begin()
        made = [self._family(one, views) if isinstance(one, Family) else [one] for one in items]
        users = _users(job for jobs in made for job in jobs if isinstance(job, Job))
        parts = zip(items, made, strict=True)
        return [one for item, jobs in parts for one in self._completed(item, jobs, users)]

    def _family(self, family: Family, views: Views) -> list[Job | Result]:
        try:
            files = of(family.resource, views.store(family))
            return [self._job(family, name, found) for name, found in files.items()]
        except Exception as error:  # noqa: BLE001 - the other resources go on
            return [failed(family.resource, error)]

    def _job(self, family: Family, name: str, found: TemplateResource) -> Job:
        return Job(found, family.prefix, family.keys, self._place(found.dest, make=True), name)

    def _completed(
        self,
        item: Job | Family | Result,
        jobs: Sequence[Job | Result],
        users: Mapping[str, Sequence[Key]],
    ) -> Iterator[Item]:
        """Yield the jobs and removals of a family that can be used, else its failure."""
        if not isinstance(item, Family) or any(isinstance(job, Result) for job in jobs):
            yield from jobs
            return
        try:
            _check_shared(jobs, users)
            removals = self._removals(item.resource, users)
        except ConfdError as error:
            yield failed(item.resource, error)
            return
        yield from (*jobs, *removals)
        if not jobs and not removals:
            yield Result(item.path, Status.IN_SYNC, item.resource)

    def _removals(
        self, resource: TemplateResource, users: Mapping[str, Sequence[Key]]
    ) -> list[Removal]:
        """Return the files that were written and that no resource has now."""
        return [
            Removal(replace(resource, dest=dest), self._place(dest, make=False), digests)
            for dest, digests in self._records.files(resource).items()
            if gopath.clean(str(self._place(dest, make=False))) not in users
        ]

    def _place(self, dest: str, *, make: bool) -> Path:
        if self._root is None:
            return Path(dest)
        return below(self._root, dest, make=make and self._make)


def _users(jobs: Iterable[Job]) -> dict[str, list[Key]]:
    """Return the keys of the jobs that write each file."""
    users: dict[str, list[Key]] = {}
    for job in jobs:
        users.setdefault(gopath.clean(str(job.dest)), []).append(job.key)
    return users


def _check_shared(jobs: Iterable[Job | Result], users: Mapping[str, Sequence[Key]]) -> None:
    """Refuse a family with a file that another resource writes too."""
    for job in jobs:
        if isinstance(job, Job):
            for path, _ in users[gopath.clean(str(job.dest))]:
                if path != job.path:
                    raise ResourceError(job.path, f"dest: {job.dest} is written by {path} too")
