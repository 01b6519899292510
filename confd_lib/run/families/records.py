"""The lists of the files that resources with `each` have written, kept in step with each pass.

A list is written before the swaps of a batch, with what is about to be there too, and after the
reloads of the pass. It lies beside the status file; without one, in the last folder that `dest`
names before its first action: that folder is written anyway, and lasts as long as the files do.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from confd_lib.destination.update import Status, as_our_error
from confd_lib.destination.wanted import below, read
from confd_lib.destination.written import Digests, FileList, digest
from confd_lib.errors import ConfdError
from confd_lib.logs import LOGGER

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence

    from confd_lib.confdir.resource import Key, TemplateResource
    from confd_lib.destination.update import Result


class Records:
    """The lists of a run.

    Args:
        folder: the folder of all lists; None to keep each beside the files that it names.
        root: the folder below which every destination lies, if there is one.
        keeps: whether lists are written; a run that changes nothing only reads them.
    """

    def __init__(self, folder: Path | None, *, root: Path | None, keeps: bool) -> None:
        self._folder = folder
        self._root = root
        self._keeps = keeps
        # By the file of a resource: its list, and what each file that this names may hold.
        self._lists: dict[str, FileList] = {}
        self._files: dict[str, dict[str, Digests]] = {}
        self._rendered: dict[Key, str] = {}

    def begin(self) -> None:
        """Begin a pass."""
        self._lists, self._files, self._rendered = {}, {}, {}

    def files(self, resource: TemplateResource) -> dict[str, Digests]:
        """Return the files that a resource has written, as its list says, with their digests.

        Raises:
            DestinationError: the list cannot be read.
        """
        path = resource.path
        kept = FileList.of(self._place(resource.dest), path, str(self._root or ""))
        self._files[path] = kept.read()
        self._lists[path] = kept
        return dict(self._files[path])

    def rendered(self, key: Key, content: bytes) -> None:
        """Note what a file is to hold."""
        if key[0] in self._lists and key[1]:
            self._rendered[key] = digest(content)

    def plan(self, dests: Mapping[Key, Path]) -> dict[Key, Exception]:
        """List files that are about to be written; return the errors of those that cannot be.

        Args:
            dests: where the file of each key lies, below the root of the run.
        """
        return self._write([key for key, place in dests.items() if self._plan_one(key, place)])

    def settle(self, results: Iterable[Result], in_place: Container[Key]) -> dict[Key, Exception]:
        """List what the files hold after a pass; return the errors of those that cannot be.

        Args:
            results: of all files.
            in_place: the files that hold what was rendered, also if their reload has failed.
        """
        return self._write([one.key for one in results if self._settle_one(one, in_place)])

    def _plan_one(self, key: Key, place: Path) -> bool:
        """Note what a file may hold around its swap; return whether that changes its list."""
        if key not in self._rendered:
            return False
        path, dest = key
        before = self._files[path].get(dest, ())
        self._files[path][dest] = _expected(before, place, self._rendered[key])
        return self._files[path][dest] != before

    def _settle_one(self, result: Result, in_place: Container[Key]) -> bool:
        """Note what the file of a result holds; return whether that changes its list."""
        path, dest = result.key
        files = self._files.get(path, {})
        if dest not in files or result.status is Status.SKIPPED:
            return False
        is_written = result.key in in_place and result.key in self._rendered
        if result.error is not None and not is_written:
            return False
        before = files.pop(dest)
        if result.key in self._rendered:
            files[dest] = (self._rendered[result.key],)
        return files.get(dest) != before

    def _write(self, changed: Sequence[Key]) -> dict[Key, Exception]:
        """Write the lists of the files that have changed; return the errors by file."""
        if not self._keeps:
            return {}
        broken: dict[str, Exception] = {}
        root = self._root if self._folder is None else None
        for path in dict.fromkeys(path for path, _ in changed):
            try:
                self._lists[path].write(self._files[path], root)
            except Exception as error:  # noqa: BLE001 - the other resources go on
                LOGGER.debug("Cannot write the list of the files of %s: %s", path, error)
                broken[path] = as_our_error(path, error)
        return {key: broken[key[0]] for key in changed if key[0] in broken}

    def folder(self, resource: TemplateResource) -> Path | None:
        """Return the folder of the list of a file's resource; None for one without `each`."""
        if not resource.each:
            return None
        lists = self._lists.get(resource.path)
        return lists.path.parent if lists else self._folder

    def _place(self, dest: str) -> Path:
        """Return the folder of a list, by the template of the destinations."""
        if self._folder is not None:
            return self._folder
        before, slash, _ = dest.partition("{{")[0].rpartition("/")
        folder = f"{before}{slash}" or "."
        if self._root is None:
            return Path(folder)
        return below(self._root, f"{folder}/x", make=self._keeps).parent


def _expected(known: Digests, dest: Path, new: str) -> Digests:
    """Return the digests of what a file may hold once it is written: of what it holds, and the new.

    What was listed for a swap that a check has refused, or that a kill has cut off, goes; so the
    list does not grow while a command fails.
    """
    held = known
    with suppress(ConfdError):  # what cannot be read may be any of them
        current = read(dest) if known else None
        held = () if current is None or current.is_link else (digest(current.content),)
    return tuple(dict.fromkeys((*(one for one in known if one in held), new)))
