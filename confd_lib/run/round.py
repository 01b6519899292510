"""One round of a pass: brings the destinations of some of its items in step, and reloads.

It stages in batches, syncs each batch together, then swaps and reloads one by one. Knows nothing of
the other rounds, of stores and of conf.d.
"""

from __future__ import annotations

import os
import time
from collections import deque
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

import gotmpl
from confd_lib.confdir.sources import Sources
from confd_lib.destination import staging
from confd_lib.destination.removal import Removal, remove
from confd_lib.destination.update import (
    Options,
    Pending,
    Result,
    check,
    compare_and_write,
    failed,
    flush,
    swap,
)
from confd_lib.errors import ConfdError, out_of_descriptors
from confd_lib.run.batch import Batch
from confd_lib.run.failures import Failures
from confd_lib.run.inhand import InHand
from confd_lib.run.jobs import Job
from confd_lib.run.reloads import Reloads

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from threading import Event

    from confd_lib.confdir.resource import Key
    from confd_lib.confdir.templates import Templates
    from confd_lib.destination.staging import Stage, Synced
    from confd_lib.run.families.records import Records
    from confd_lib.run.views import Views

# One file of a pass; then as it is staged and synced, unless it has a result already.
Item = Job | Removal | Result
_Written: TypeAlias = "Pending[Stage] | Removal | Result"
_Flushed: TypeAlias = "Pending[Synced] | Removal | Result"

# Seconds that a render may take while staged files wait for their swap.
_AT_ONCE: Final = 1.0
# Descriptors that a command and a marker need while a batch is staged.
_SPARE: Final = 12


@dataclass(slots=True)
class _Folders:
    """The folders in which files were swapped, until they are synced."""

    unsynced: dict[Path, list[Key]] = field(default_factory=dict)
    failed: dict[Key, ConfdError] = field(default_factory=dict)

    def changed(self, folder: Path, key: Key) -> None:
        """Note that the file of a resource was swapped in a folder, or removed from it."""
        self.unsynced.setdefault(folder, []).append(key)

    def sync(self) -> None:
        """Sync the folders, so that the swaps outlast a crash of the machine."""
        while self.unsynced:
            folder, keys = self.unsynced.popitem()
            try:
                staging.sync_folder(folder)
            except ConfdError as error:
                self.failed.update(dict.fromkeys(keys, error))


@dataclass(frozen=True, slots=True)
class Tools:
    """The arguments that the rounds of one pass share."""

    templates: Templates
    options: Options
    reloads: Reloads
    in_hand: InHand
    records: Records
    failures: Failures
    views: Views
    stop: Event
    folders: _Folders = field(default_factory=_Folders)


class Round:
    """One round.

    Args:
        tools: the arguments that it shares with the other rounds of its pass.
        seconds: the time that a render may take; None for any time.
        alone: whether it is the round of one slow resource, which is not put off again.
    """

    def __init__(self, tools: Tools, seconds: float | None, *, alone: bool = False) -> None:
        self.slow: set[Key] = set()
        self._tools = tools
        self._seconds = seconds if alone else _least(_AT_ONCE, seconds)
        self._alone = alone

    def run(self, items: Sequence[Item]) -> dict[Key, Result]:
        """Bring the destinations of items in step, and reload; return the results by key."""
        self._tools.reloads.begin_round([item.key for item in items])
        results = {result.key: result for result in self._results(deque(items))}
        self._tools.folders.sync()
        self._tools.reloads.end_round(results)
        return results

    def _results(self, left: deque[Item]) -> Iterator[Result]:
        while left and not self._tools.stop.is_set():
            with ExitStack() as held:
                items = list(self._write_batch(left, held))
                yield from self._swap_batch(self._listed(flush(items)))

    # -- Render and write

    def _write_batch(self, left: deque[Item], held: ExitStack) -> Iterator[_Written]:
        """Take and stage what is left, up to the first job that must wait until that is swapped."""
        batch = Batch(self._tools.templates)
        with _spare_descriptors() as spare:
            while left and not self._tools.stop.is_set() and batch.admits(left[0]):
                written = self._render_and_write(left[0], held)
                if _lacks_descriptors(written):
                    if batch:  # its swap sets some free
                        return
                    spare.close()
                    written = self._render_and_write(left[0], held)
                left.popleft()
                if isinstance(written, Pending | Removal):
                    batch.add(written.dest)
                if written is not None:
                    yield written

    def _render_and_write(self, item: Item, held: ExitStack) -> _Written | None:
        """Render the file of a job, and stage it; return None where the job is put off."""
        if not isinstance(item, Job):
            return item
        self._tools.in_hand.begin(item.path)
        try:
            content = self._render(item)
            if content is None:
                return None
            self._tools.records.rendered(item.key, content)
            return compare_and_write(item.resource, item.dest, content, self._tools.options, held)
        except Exception as error:  # noqa: BLE001 - the other resources go on
            return self._tools.failures.explained(failed(item.resource, error))

    def _render(self, job: Job) -> bytes | None:
        """Render the template of a job; return None if it is slow while others wait."""
        sources, templates = Sources.of(job.resource), self._tools.templates
        if not self._alone and templates.asks_hosts(sources):
            return None
        functions, began = self._tools.views.functions(job), time.monotonic()
        try:
            with self._tools.in_hand.rendering(job.dest, at_once=self._alone):
                return templates.render(sources, functions, self._seconds, job.name)
        except gotmpl.LimitError as error:
            if self._alone or error.limit != "seconds":
                raise
            return None
        finally:
            if time.monotonic() - began > _AT_ONCE:
                self.slow.add(job.key)

    # -- Swap and reload

    def _listed(self, items: Sequence[_Flushed]) -> list[_Flushed]:
        """List the files that are about to be written; one that cannot be listed has failed."""
        staged = {item.key: item.dest for item in items if isinstance(item, Pending)}
        broken = self._tools.records.plan(staged)
        return [
            failed(item.resource, broken[item.key])
            if isinstance(item, Pending) and item.key in broken
            else item
            for item in items
        ]

    def _swap_batch(self, items: Sequence[_Flushed]) -> Iterator[Result]:
        """Swap each stage, and run the reload whose turn it is; once stopped, swap no second."""
        swapped = False
        for item in items:
            if isinstance(item, Result):
                result = item
            elif swapped and self._tools.stop.is_set():
                return
            else:
                swapped, result = True, self._swap(item)
            self._reload(result.key)
            yield result

    def _swap(self, item: Pending[Synced] | Removal) -> Result:
        """Swap a stage, or remove a file; a change is noted for its folder and its reload."""
        self._tools.in_hand.begin(item.resource.path)
        self._tools.reloads.owe(item.key)
        try:
            result = self._swap_or_remove(item)
        except Exception as error:  # noqa: BLE001 - as above
            return self._tools.failures.explained(failed(item.resource, error))
        if result.changed:
            self._tools.folders.changed(item.dest.parent, item.key)
            self._tools.reloads.changed(item.key)
        return result

    def _swap_or_remove(self, item: Pending[Synced] | Removal) -> Result:
        if isinstance(item, Removal):
            return remove(item, self._tools.options)
        checked = check(item, self._tools.options)
        if checked.edited:
            self._list_edited(checked)
        return swap(checked)

    def _list_edited(self, item: Pending[Synced]) -> None:
        """List what check_cmd has made of a file, before that is written."""
        self._tools.records.rendered(item.key, item.stage.wanted.content)
        broken = self._tools.records.plan({item.key: item.dest})
        if broken:
            raise broken[item.key]

    def _reload(self, key: Key) -> None:
        """Run the reload whose turn has come, after the folders of its files are synced."""
        if self._tools.reloads.is_due(key):
            self._tools.folders.sync()
        self._tools.reloads.done_with(key)


@contextmanager
def _spare_descriptors() -> Iterator[ExitStack]:
    """Keep some descriptors free for commands and markers, which come after a batch is staged."""
    with ExitStack() as spare:
        with suppress(OSError):
            for _ in range(_SPARE):
                spare.callback(os.close, os.open("/", os.O_RDONLY | os.O_CLOEXEC))
        yield spare


def _least(seconds: float, timeout: float | None) -> float:
    return seconds if timeout is None else min(seconds, timeout)


def _lacks_descriptors(written: _Written | None) -> bool:
    """Return whether a result failed only since too many files are open, stages among them."""
    return isinstance(written, Result) and out_of_descriptors(written.error)
