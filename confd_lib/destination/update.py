"""The steps that bring destinations in step with their new content, and their log lines.

`compare_and_write` for each, `flush` for all of a batch, `check` and `swap` for each; `update`
takes the same steps with one destination. Knows nothing of where the content comes from, and runs
no reload: several files may share one.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Generic, TypeVar

import gotmpl
from confd_lib.destination import commands, formats, staging, wanted
from confd_lib.destination.staging import Stage, Synced
from confd_lib.errors import ConfdError, DestinationError
from confd_lib.logs import LOGGER

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from confd_lib.confdir.resource import TemplateResource
    from confd_lib.destination.wanted import Wanted

StageT = TypeVar("StageT", bound=Stage)
OtherT = TypeVar("OtherT")


class Status(StrEnum):
    """How a resource fared in a pass.

    Attributes:
        UPDATED: its file was written.
        IN_SYNC: its file had the right content already.
        REMOVED: its file was removed, since its name is gone (with `each`).
        DIFFERS: its file differs, and was left, since nothing was to be changed (`-noop`).
        FAILED: its file could not be brought in step, or its reload failed.
        WAITING: its values have changed, and are to rest first (`debounce`).
        SKIPPED: the pass was cut short before its turn.
    """

    UPDATED = "updated"
    IN_SYNC = "in sync"
    REMOVED = "removed"
    DIFFERS = "differs"
    FAILED = "failed"
    WAITING = "waiting"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome of one resource in a pass; of one with `each`, of one of its files.

    Attributes:
        path: the file of the resource.
        status: how it went.
        resource: what the file says; None where it cannot be used.
        changed: whether the destination holds something else than before; it may, and the resource
            have failed nevertheless, if its reload did.
        error: what went wrong.
        message: the line that tells it in logs and in the status file; it quotes nothing of a file
            that not everybody may read, as `error` may.
        diff: with `noop`, which lines would change.
    """

    path: str
    status: Status
    resource: TemplateResource | None = None
    changed: bool = False
    error: Exception | None = None
    message: str = ""
    diff: str = ""

    def __post_init__(self) -> None:
        if self.error is not None and not self.message:
            object.__setattr__(self, "message", str(self.error))

    @property
    def key(self) -> tuple[str, str]:
        """The key of the file among those of all resources."""
        return (self.path, "") if self.resource is None else self.resource.key

    @property
    def name(self) -> str:
        """The name of the result, which no other one of its pass has: `FILE`, or `FILE DEST`."""
        return " ".join(filter(None, self.key))


@dataclass(frozen=True, slots=True)
class Options:
    """How a run treats destinations.

    Attributes:
        noop: change nothing, and show what would change.
        sync_only: run neither check_cmd nor reload_cmd.
        keep_stage_file: leave staged files where they are.
        root: the folder below which every destination lies; folders in it are made, unless nothing
            is to be changed. None for any place.
    """

    noop: bool = False
    sync_only: bool = False
    keep_stage_file: bool = False
    root: Path | None = None


@dataclass(frozen=True, slots=True)
class Pending(Generic[StageT]):
    """A resource whose new content is staged, and not swapped yet.

    Attributes:
        resource: the resource.
        stage: its new content beside the destination; `Synced` once it is on the disk.
        edited: whether check_cmd has edited the stage.
    """

    resource: TemplateResource
    stage: StageT
    edited: bool = False

    @property
    def dest(self) -> Path:
        """The destination."""
        return self.stage.dest

    @property
    def key(self) -> tuple[str, str]:
        """The key of the file among those of all resources."""
        return self.resource.key


def update(resource: TemplateResource, dest: Path, content: bytes, options: Options) -> Result:
    """Bring one destination in step with its new content, up to the reload.

    Args:
        resource: says the mode, the owner and the check_cmd.
        dest: the destination.
        content: every byte that it is to hold.
        options: how to treat it.

    Raises:
        ConfdError: check_cmd refuses the content, or it cannot be written; the destination is as
            it was.
    """
    with contextlib.ExitStack() as held:
        (item,) = flush([compare_and_write(resource, dest, content, options, held)])
        if isinstance(item, Pending):
            return swap(check(item, options))
        if item.error is not None:
            raise item.error
        return item


def compare_and_write(
    resource: TemplateResource,
    dest: Path,
    content: bytes,
    options: Options,
    held: contextlib.ExitStack,
) -> Pending[Stage] | Result:
    """Compare a destination with its new content, and stage that where they differ.

    Args:
        resource: says the mode and the owner.
        dest: the destination.
        content: every byte that it is to hold.
        options: how to treat it.
        held: removes the stage when it is closed, unless that has been swapped.

    Returns:
        the stage, or the result where nothing is to be swapped.

    Raises:
        ConfdError: the content has not the format that the resource names, or cannot be staged; the
            destination is as it was.
    """
    current = wanted.read(dest)
    planned = wanted.plan(
        dest, current, content, mode=resource.file_mode(), uid=resource.uid, gid=resource.gid
    )
    LOGGER.debug("Comparing candidate config to %s", dest)
    differences = wanted.differences(dest, current, planned)
    for line in differences:
        LOGGER.info("%s", line)
    if differences and resource.output_format:
        _check_format(resource.output_format, dest, content)
    if options.noop:
        _leave(dest, planned, options)
        status = Status.DIFFERS if differences else Status.IN_SYNC
        return Result(resource.path, status, resource, diff=wanted.diff(dest, current, content))
    if not differences:
        return _in_sync(resource, dest)
    LOGGER.info("Target config %s out of sync", dest)
    return Pending(resource, held.enter_context(_staged(dest, planned, options)))


def _check_format(name: str, dest: Path, content: bytes) -> None:
    if fault := formats.fault(name, content):
        raise DestinationError(str(dest), f"the new content is refused: {fault}")


@contextlib.contextmanager
def _staged(dest: Path, planned: Wanted, options: Options) -> Iterator[Stage]:
    """Stage the new state of a destination, and log the stage that is kept."""
    keep = options.keep_stage_file
    with staging.staged(dest, planned, root=options.root, keep=keep) as stage:
        if keep:
            LOGGER.info("Keeping staged file: %s", stage.path)
        yield stage


def flush(items: Sequence[Pending[Stage] | OtherT]) -> list[Pending[Synced] | Result | OtherT]:
    """Sync all stages at once.

    Args:
        items: those that are no stage are returned as they are.

    Returns:
        the items in their order; a failed result for each whose stage the disk does not take.
    """
    synced = iter(staging.sync_all([item.stage for item in items if isinstance(item, Pending)]))
    return [
        _flushed(item.resource, next(synced)) if isinstance(item, Pending) else item
        for item in items
    ]


def _flushed(resource: TemplateResource, outcome: Synced | Exception) -> Pending[Synced] | Result:
    if isinstance(outcome, Exception):
        return failed(resource, outcome)
    return Pending(resource, outcome)


def check(item: Pending[Synced], options: Options) -> Pending[Synced]:
    """Run the check_cmd of a resource on its stage.

    Returns:
        the item, with the stage as the command has edited it.

    Raises:
        ConfdError: check_cmd refuses the stage, or what it has made of that cannot be synced.
    """
    resource, stage = item.resource, item.stage
    if options.sync_only or not resource.check_cmd:
        return item
    command = commands.check_text(resource.check_cmd, src=stage.path, dest=item.dest)
    commands.run_logged(commands.CHECK, command, timeout=resource.check_timeout)
    found = staging.edited(stage)
    return item if found is None else Pending(resource, found, edited=True)


def swap(item: Pending[Synced]) -> Result:
    """Put a stage in the place of its destination, unless an edit has made the two equal.

    Raises:
        DestinationError: the destination cannot be written; it is as it was.
    """
    resource, dest = item.resource, item.dest
    if item.edited and not wanted.differences(dest, wanted.read(dest), item.stage.wanted):
        return _in_sync(resource, dest)
    LOGGER.debug("Overwriting target config %s", dest)
    if not staging.swap(item.stage):
        LOGGER.debug("Target config %s is a mount: it was written in place", dest)
    LOGGER.info("Target config %s has been updated", dest)
    return Result(resource.path, Status.UPDATED, resource, changed=True)


def _in_sync(resource: TemplateResource, dest: Path) -> Result:
    LOGGER.debug("Target config %s in sync", dest)
    return Result(resource.path, Status.IN_SYNC, resource)


def failed(resource: TemplateResource, error: Exception) -> Result:
    """Return the failed result of a resource; an error that is not ours is named by its type."""
    return Result(resource.path, Status.FAILED, resource, error=as_our_error(resource.path, error))


def as_our_error(path: str, error: Exception) -> Exception:
    """Return an error of ours, or another one named by its type, with the file of the resource."""
    if isinstance(error, ConfdError | gotmpl.TemplateError):
        return error
    named = ConfdError(f"{path}: {type(error).__name__}: {error}")
    named.__cause__ = error
    return named


def _leave(dest: Path, planned: Wanted, options: Options) -> None:
    """Log that a destination is left as it is; fail where there is no folder to write it in."""
    if options.root is None:
        wanted.check_folder(dest)
    LOGGER.warning("Noop mode enabled. %s will not be modified", dest)
    if options.keep_stage_file:
        with _staged(dest, planned, options):
            pass
