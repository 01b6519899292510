"""What becomes of one destination, once its new content is known: the steps and their log lines.

Knows nothing of where the content comes from, and runs no reload: several files may share one.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from confd_lib import commands, staging
from confd_lib.logs import LOGGER

if TYPE_CHECKING:
    from confd_lib.resource import TemplateResource


class Status(StrEnum):
    """What became of a resource in a pass."""

    UPDATED = "updated"
    IN_SYNC = "in sync"
    DIFFERS = "differs"  # and was left, since nothing was to be changed
    FAILED = "failed"


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
        diff: with `noop`, which lines would change.
    """

    path: str
    status: Status
    resource: TemplateResource | None = None
    changed: bool = False
    error: Exception | None = None
    diff: str = ""


@dataclass(frozen=True, slots=True)
class Options:
    """How a run goes about a destination.

    Attributes:
        noop: change nothing, and show what would change.
        sync_only: run neither check_cmd nor reload_cmd.
        keep_stage_file: leave staged files where they are.
    """

    noop: bool = False
    sync_only: bool = False
    keep_stage_file: bool = False
    root: str | os.PathLike[str] | None = None


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
    wanted = staging.plan(
        dest, content, mode=resource.file_mode(), uid=resource.uid, gid=resource.gid
    )
    LOGGER.debug("Comparing candidate config to %s", dest)
    differences = staging.differences(dest, wanted)
    for line in differences:
        LOGGER.info("%s", line)
    if options.noop:
        return _leave(resource, dest, wanted, options, differs=bool(differences))
    if not differences:
        LOGGER.debug("Target config %s in sync", dest)
        return Result(resource.path, Status.IN_SYNC, resource)
    LOGGER.info("Target config %s out of sync", dest)
    _replace(resource, dest, wanted, options)
    LOGGER.info("Target config %s has been updated", dest)
    return Result(resource.path, Status.UPDATED, resource, changed=True)


def _leave(
    resource: TemplateResource,
    dest: Path,
    wanted: staging.Wanted,
    options: Options,
    *,
    differs: bool,
) -> Result:
    LOGGER.warning("Noop mode enabled. %s will not be modified", dest)
    if options.keep_stage_file:
        with staging.staged(dest, wanted, keep=True) as stage:
            LOGGER.info("Keeping staged file: %s", stage.path)
    status = Status.DIFFERS if differs else Status.IN_SYNC
    return Result(resource.path, status, resource, diff=staging.diff(dest, wanted.content))


def _replace(
    resource: TemplateResource, dest: Path, wanted: staging.Wanted, options: Options
) -> None:
    with staging.staged(dest, wanted, keep=options.keep_stage_file) as stage:
        if options.keep_stage_file:
            LOGGER.info("Keeping staged file: %s", stage.path)
        if resource.check_cmd and not options.sync_only:
            command = commands.check_text(resource.check_cmd, src=stage.path, dest=dest)
            commands.run_logged(commands.CHECK, command, timeout=resource.check_timeout)
        LOGGER.debug("Overwriting target config %s", dest)
        if not staging.swap(stage, dest, wanted):
            LOGGER.debug("Target config %s is a mount: it was written in place", dest)
