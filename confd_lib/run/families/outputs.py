"""The files of a resource with `each`: a job for each name that matches, and the removals.

A resource whose names cannot be used as they are is refused as a whole, before anything is written.
Others that write one file are only warned of: confd runs them. Knows nothing of templates.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from confd_lib import each
from confd_lib.destination.removal import Removal
from confd_lib.destination.update import Result, Status, failed
from confd_lib.destination.wanted import below
from confd_lib.errors import ConfdError, ResourceError
from confd_lib.golang import path as gopath
from confd_lib.logs import LOGGER
from confd_lib.run.jobs import Family, Job

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from confd_lib.confdir.resource import Key, TemplateResource
    from confd_lib.run.families.records import Records
    from confd_lib.run.round import Item
    from confd_lib.run.views import Views


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
        self._shared: set[tuple[str, ...]] = set()  # the resources that were warned of

    def of(self, items: Sequence[Job | Family | Result], views: Views) -> list[Item]:
        """Return the items of a pass, with jobs and removals in the place of families.

        A family that cannot be used is a failed result; one without a file is a result too.
        """
        self._records.begin()
        made = [self._family(one, views) if isinstance(one, Family) else [one] for one in items]
        users = _users(job for jobs in made for job in jobs if isinstance(job, Job))
        self._warn_of_shared(users, {item.path for item in items if isinstance(item, Job)})
        parts = zip(items, made, strict=True)
        return [one for item, jobs in parts for one in self._completed(item, jobs, users)]

    def _family(self, family: Family, views: Views) -> list[Job | Result]:
        try:
            files = each.files(family.resource, views.store(family))
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

    def _warn_of_shared(self, users: Mapping[str, Sequence[Key]], single: set[str]) -> None:
        """Warn once of resources without `each`, the single ones, that write one file."""
        for dest, keys in users.items():
            paths = tuple(path for path, _ in keys if path in single)
            if len(paths) > 1 and paths not in self._shared:
                self._shared.add(paths)
                LOGGER.warning(
                    "%s is written by %s: each pass swaps it again; give each a dest of its own",
                    dest,
                    " and by ".join(paths),
                )

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
