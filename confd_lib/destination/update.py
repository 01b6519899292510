"""What becomes of a destination, once its new content is known: the steps and their log lines.

`stage` compares and writes, `flush` gets what many have written onto the disk at once, `finish`
checks and swaps; `update` is all three for one. Knows nothing of where the content comes from, and
runs no reload: several files may share one.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

import gotmpl
from confd_lib.destination import commands, staging
from confd_lib.destination import wanted as destination
from confd_lib.errors import ConfdError
from confd_lib.logs import LOGGER

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from confd_lib.confdir.resource import TemplateResource


class Status(StrEnum):
    """What became of a resource in a pass."""

    UPDATED = "updated"
    IN_SYNC = "in sync"
    DIFFERS = "differs"  # and was left, since nothing was to be changed
    FAILED = "failed"
    SKIPPED = "skipped"  # the pass was cut short before its turn


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one resource in a pass.

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


class Options(NamedTuple):
    """How a run goes about a destination.

    Attributes:
        noop: change nothing, and show what would change.
        sync_only: run neither check_cmd nor reload_cmd.
        keep_stage_file: leave staged files where they are.
        makes_folders: folders of destinations are made, unless nothing is to be changed.
    """

    noop: bool = False
    sync_only: bool = False
    keep_stage_file: bool = False
    makes_folders: bool = False


class Pending(NamedTuple):
    """A resource whose new content is staged beside its destination."""

    resource: TemplateResource
    stage: staging.Stage


class Ready(NamedTuple):
    """A resource whose new content is staged, and on the disk."""

    resource: TemplateResource
    stage: staging.Synced


def update(resource: TemplateResource, dest: Path, content: bytes, options: Options) -> Result:
    """Bring a destination in step with its new content, up to the reload.

    Args:
        resource: what is wanted of mode, owner and check.
        dest: where it goes.
        content: every byte of it.
        options: how to go about it.

    Raises:
        ConfdError: the content was refused, or cannot be put there; the destination is as it was.
    """
    with contextlib.ExitStack() as held:
        item = stage(resource, dest, content, options, held)
        if isinstance(item, Result):
            return item
        return finish(Ready(resource, staging.sync(item.stage)), options)


def stage(
    resource: TemplateResource,
    dest: Path,
    content: bytes,
    options: Options,
    held: contextlib.ExitStack,
) -> Pending | Result:
    """Compare a destination with its new content, and stage that where they differ.

    Args:
        resource: what is wanted of mode and owner.
        dest: where it goes.
        content: every byte of it.
        options: how to go about it.
        held: gets the stage, which is gone once this is closed.

    Returns:
        the result where there is nothing more to do.

    Raises:
        ConfdError: it cannot be put there; the destination is as it was.
    """
    current = destination.read(dest)
    wanted = destination.plan(
        dest, current, content, mode=resource.file_mode(), uid=resource.uid, gid=resource.gid
    )
    LOGGER.debug("Comparing candidate config to %s", dest)
    differences = destination.differences(dest, current, wanted)
    for line in differences:
        LOGGER.info("%s", line)
    if options.noop:
        _leave(dest, wanted, options)
        status = Status.DIFFERS if differences else Status.IN_SYNC
        diff = destination.diff(dest, current, content)
        return Result(resource.path, status, resource, diff=diff)
    if not differences:
        LOGGER.debug("Target config %s in sync", dest)
        return Result(resource.path, Status.IN_SYNC, resource)
    LOGGER.info("Target config %s out of sync", dest)
    staged = held.enter_context(staging.staged(dest, wanted, keep=options.keep_stage_file))
    if options.keep_stage_file:
        LOGGER.info("Keeping staged file: %s", staged.path)
    return Pending(resource, staged)


def flush(items: Sequence[Pending | Result]) -> list[Ready | Result]:
    """Get all that is staged onto the disk at once; what cannot be has failed."""
    synced = iter(staging.sync_all([item.stage for item in items if isinstance(item, Pending)]))
    return [
        _flushed(item.resource, next(synced)) if isinstance(item, Pending) else item
        for item in items
    ]


def _flushed(resource: TemplateResource, outcome: staging.Synced | Exception) -> Ready | Result:
    if isinstance(outcome, Exception):
        return failed(resource, outcome)
    return Ready(resource, outcome)


def finish(item: Ready, options: Options) -> Result:
    """Check what is staged, and put it in the place of its destination.

    Raises:
        ConfdError: it was refused, or cannot be put there; the destination is as it was.
    """
    resource, dest = item.resource, item.stage.dest
    if resource.check_cmd and not options.sync_only:
        command = commands.check_text(resource.check_cmd, src=item.stage.path, dest=dest)
        commands.run_logged(commands.CHECK, command, timeout=resource.check_timeout)
    LOGGER.debug("Overwriting target config %s", dest)
    if not staging.swap(item.stage):
        LOGGER.debug("Target config %s is a mount: it was written in place", dest)
    LOGGER.info("Target config %s has been updated", dest)
    return Result(resource.path, Status.UPDATED, resource, changed=True)


def failed(resource: TemplateResource, error: Exception) -> Result:
    """Tell what a resource met; what nobody foresaw is told with its name."""
    if not isinstance(error, ConfdError | gotmpl.TemplateError):
        told = ConfdError(f"{resource.path}: {type(error).__name__}: {error}")
        told.__cause__ = error
        error = told
    return Result(resource.path, Status.FAILED, resource, error=error)


def _leave(dest: Path, wanted: destination.Wanted, options: Options) -> None:
    """Log that a destination is left as it is; fail where there is no folder to write it in."""
    if not options.makes_folders:
        destination.check_folder(dest)
    LOGGER.warning("Noop mode enabled. %s will not be modified", dest)
    if options.keep_stage_file:
        with staging.staged(dest, wanted, keep=True) as kept:
            LOGGER.info("Keeping staged file: %s", kept.path)
