"""The jobs of a pass: each resource of a conf.d with its destination, its prefix and its keys.

Reads the conf.d, and parses again only what changed in it. Knows nothing of stores or templates.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from confd_lib.confdir import resource
from confd_lib.confdir.resource import TemplateResource
from confd_lib.destination.update import Result, Status, as_our_error
from confd_lib.destination.wanted import below
from confd_lib.errors import ConfdError, ResourceError
from confd_lib.logs import LOGGER

if TYPE_CHECKING:
    from confd_lib.confdir.resource import Key


@dataclass(frozen=True, slots=True)
class Job:
    """A resource with its destination, its prefix and its absolute keys.

    Attributes:
        resource: the resource; one with `each` has one of its files as its `dest`.
        prefix: the full prefix of its keys.
        keys: its keys with the prefix, as the store is asked for them.
        dest: its destination, below the root of the run.
        name: the name that its `each` has matched; None for a resource without `each`.
    """

    resource: TemplateResource
    prefix: str
    keys: tuple[str, ...]
    dest: Path
    name: str | None = None

    @property
    def path(self) -> str:
        """The file of the resource."""
        return self.resource.path

    @property
    def key(self) -> Key:
        """The key of its file among those of all resources."""
        return self.resource.key


@dataclass(frozen=True, slots=True)
class Family:
    """A resource with `each`, whose names are known once the store has answered.

    Attributes:
        resource: the resource.
        prefix: the full prefix of its keys.
        keys: its keys with the prefix, as the store is asked for them.
    """

    resource: TemplateResource
    prefix: str
    keys: tuple[str, ...]

    @property
    def path(self) -> str:
        """The file of the resource."""
        return self.resource.path


class ConfDir:
    """A confd folder, and its resources as they were when they were last parsed.

    Args:
        path: the folder that holds `conf.d`.
        prefix: the prefix of the run.
        joined: whether that prefix and the one of a resource are joined.
        root: the folder below which every destination lies, if there is one.
        make: whether folders below the root are made.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        prefix: str,
        joined: bool,
        root: Path | None,
        make: bool,
    ) -> None:
        self.path = Path(path)
        # An empty path names no folder; to `Path` it is the folder of the process.
        self._given = os.fspath(path)
        self._prefix = prefix
        self._joined = joined
        self._root = root
        self._make = make
        self._read: dict[str, tuple[bytes, TemplateResource]] = {}
        self._warned = False

    def load(self) -> list[Job | Family | Result]:
        """Read every resource; return a failed result for one that cannot be used."""
        LOGGER.debug("Loading template resources from confdir %s", self._given)
        if _is_missing(self._given):
            message = "Cannot load template resources: confdir '%s' does not exist"
            LOGGER.warning(message, self._given)
            return []
        try:
            files = resource.find(self.path)
        except ConfdError as error:
            return [Result(str(self.path / "conf.d"), Status.FAILED, error=error)]
        if not files:
            LOGGER.warning("Found no templates")
        self._warn_of_open_folders()
        self._read = {file: self._read[file] for file in files if file in self._read}
        return [self._job(file) for file in files]

    def _job(self, file: str) -> Job | Family | Result:
        LOGGER.debug("Found template: %s", file)
        found = None
        try:
            found = self._resource(file)
            return self._prepared(found)
        except Exception as error:  # noqa: BLE001 - the other resources go on
            return Result(file, Status.FAILED, found, error=as_our_error(file, error))

    def _resource(self, file: str) -> TemplateResource:
        data = resource.read(file)
        known = self._read.get(file)
        if known is None or known[0] != data:
            LOGGER.debug("Loading template resource from %s", file)
            known = self._read[file] = data, TemplateResource.parse(file, data)
            for name in known[1].ignored:
                LOGGER.debug("%s: %s means nothing here, and is ignored", file, name)
            for fault in known[1].outdated:
                LOGGER.warning("%s: %s", file, fault)
        return known[1]

    def _prepared(self, found: TemplateResource) -> Job | Family:
        if not found.dest:
            raise ResourceError(found.path, "empty dest")
        prefix = found.full_prefix(self._prefix, joined=self._joined)
        keys = found.query_keys(prefix)
        if found.each:
            return Family(found, prefix, keys)
        dest = Path(found.dest)
        if self._root is not None:
            dest = below(self._root, found.dest, make=self._make)
        return Job(found, prefix, keys, dest)

    def _warn_of_open_folders(self) -> None:
        """Warn once of a folder that everybody may change, since its files decide what runs."""
        if self._warned:
            return
        self._warned = True
        for name in ("conf.d", "templates"):
            if _is_open(self.path / name):
                message = "Everybody may change %s, and so what confd writes and runs: chmod o-w"
                LOGGER.warning(message, self.path / name)


def _is_missing(folder: str) -> bool:
    """Return whether there is no such folder; `find` reports one that cannot be read."""
    try:
        os.stat(folder)  # noqa: PTH116 - see above
    except (FileNotFoundError, ValueError):  # ValueError: a path with a NUL byte
        return True
    except OSError:
        pass
    return False


def _is_open(folder: Path) -> bool:
    """Return whether everybody may write in a folder, and replace the files of others."""
    try:
        mode = folder.stat().st_mode
    except (OSError, ValueError):
        return False
    return bool(mode & stat.S_IWOTH) and not mode & stat.S_ISVTX
