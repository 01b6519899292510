"""A pass over jobs in rounds, so that a slow resource holds up no other.

The first round is for all that render quickly. After it, each slow job has a round of its own, and
so has a job that was in hand when a run was killed. Knows nothing of stores and of conf.d.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from confd_lib.confdir.sources import Sources
from confd_lib.destination import commands
from confd_lib.destination.removal import Removal
from confd_lib.destination.update import Options, Result, Status
from confd_lib.errors import ConfdError
from confd_lib.logs import LOGGER
from confd_lib.run import inhand
from confd_lib.run.advice import unmatched
from confd_lib.run.failures import Failures
from confd_lib.run.inhand import InHand
from confd_lib.run.jobs import Family, Job
from confd_lib.run.reloads import Reload, Reloads
from confd_lib.run.round import Item, Round, Tools

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path
    from threading import Event

    from confd_lib.confdir.resource import Key
    from confd_lib.confdir.templates import Templates
    from confd_lib.run.families.records import Records
    from confd_lib.run.reloads import OnReload
    from confd_lib.run.views import Views


class Rounds:
    """Brings the destinations of jobs in step, pass after pass.

    Args:
        templates: the templates of the run.
        options: how destinations are treated.
        in_hand: marks the render in hand.
        records: the lists of the files that were written.
        timeout: seconds that a render may take; 0 for any time.
        on_reload: is called with the keys of the files of each reload that has ended, and whether
            it failed.
    """

    def __init__(
        self,
        templates: Templates,
        options: Options,
        in_hand: InHand,
        records: Records,
        timeout: float,
        on_reload: OnReload,
    ) -> None:
        self._templates = templates
        self._records = records
        self._options = options
        self._timeout = timeout if timeout > 0 else None
        self._reloads = Reloads(on_reload)
        self._in_hand = in_hand
        self._unmatched: set[tuple[str, str]] = set()
        # The resources with a round of their own, and the destinations whose markers were read.
        self._slow: set[Key] = set()
        self._known: set[Path] = set()

    def run(self, items: Sequence[Item], views: Views, stop: Event) -> list[Result]:
        """Bring every destination in step.

        Args:
            items: the jobs and removals, and the results of resources that have failed already.
            views: the views of the jobs on the store.
            stop: ends the pass after the resource in hand.

        Returns:
            a result for each item, in their order.
        """
        jobs = {item.key: item for item in items if isinstance(item, Job)}
        self._templates.keep_only({Sources.of(job.resource) for job in jobs.values()})
        self._read_markers(jobs.values())
        tools = Tools(
            self._templates,
            self._options,
            self._reloads,
            self._in_hand,
            self._records,
            Failures(self._templates, views, jobs),
            views,
            stop,
        )
        self._reloads.begin(self._wanted_reloads(items))
        with self._in_hand.watched():
            results = self._run_rounds(items, tools)
        self._reloads.finish()
        self._warn_of_unmatched(jobs.values(), results, views)
        ordered = [results.get(item.key) or skipped(item) for item in items]
        return self._with_late_errors(ordered, tools)

    def due(self) -> float:
        """Return the seconds until a reload that waits may run; infinity if no one waits."""
        return self._reloads.due()

    def _run_rounds(self, items: Sequence[Item], tools: Tools) -> dict[Key, Result]:
        """Run the round of the quick, then one for each of the others; return results by key."""
        first = Round(tools, self._timeout)
        results = first.run([item for item in items if item.key not in self._slow])
        # One that was put off is slow only if its own round takes long as well.
        slow = first.slow.intersection(results)
        own = Round(tools, self._timeout, alone=True)
        for item in [item for item in items if item.key not in results]:
            results |= own.run([item])
        self._slow = slow | own.slow
        return results

    def _with_late_errors(self, results: Sequence[Result], tools: Tools) -> list[Result]:
        """Return the results, as failed where a reload, the sync of a folder or a list failed."""
        unsynced = tools.folders.failed
        in_place = {one.key for one in results if one.error is None} - unsynced.keys()
        late = {**self._reloads.failed, **unsynced}
        settled = [_with_late_error(one, late, tools.failures) for one in results]
        unlisted = self._records.settle(settled, in_place)
        return [_with_late_error(one, unlisted, tools.failures) for one in settled]

    def _read_markers(self, jobs: Iterable[Job]) -> None:
        """Give those resources a round of their own that killed an earlier run."""
        known, self._known = self._known, set()
        for job in jobs:
            self._known.add(job.dest)
            if job.dest not in known and inhand.was_in_hand(job.dest):
                self._slow.add(job.key)

    def _wanted_reloads(self, items: Iterable[Item]) -> dict[Key, Reload]:
        if self._options.noop or self._options.sync_only:
            return {}
        return {item.key: _reload(item) for item in items if not isinstance(item, Result)}

    def _warn_of_unmatched(
        self, jobs: Iterable[Job], results: Mapping[Key, Result], views: Views
    ) -> None:
        """Warn once of each listed key that matches nothing, if its file was not in sync."""
        checked = set[str]()
        for job in jobs:
            found = results.get(job.key)
            if found is None or found.status is Status.IN_SYNC or job.path in checked:
                continue
            checked.add(job.path)
            with suppress(ConfdError):  # a store that cannot be read; the render reported it
                for key in unmatched(job.resource.keys, views.store(job)):
                    if key.strip("/") and (job.path, key) not in self._unmatched:
                        self._unmatched.add((job.path, key))
                        LOGGER.warning("The store has nothing for the key %s of %s", key, job.path)


def skipped(item: Item | Family) -> Result:
    """Return the result of an item that had no turn: a failed one stays as it is."""
    return item if isinstance(item, Result) else Result(item.path, Status.SKIPPED, item.resource)


def _with_late_error(result: Result, late: Mapping[Key, Exception], failures: Failures) -> Result:
    """Return a result as failed if there is a late error of it; its own error counts first."""
    error = late.get(result.key)
    if error is None:
        return result
    second = replace(result, status=Status.FAILED, error=error, message=str(error))
    second = failures.explained(second)
    if result.error is None:
        return second
    return replace(result, message=f"{result.message}; {second.message}")


def _reload(job: Job | Removal) -> Reload:
    """Return the reload of a file; none for one that goes, if the command is about that file."""
    found = job.resource
    if isinstance(job, Removal) and commands.FILE_ACTION.search(found.reload_cmd):
        return Reload(job.dest)
    command = commands.reload_text(found.reload_cmd, job.dest)
    return Reload(job.dest, command, found.reload_timeout, found.min_reload_interval)
