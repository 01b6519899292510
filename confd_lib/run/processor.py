"""Keeps the files of a conf.d in step with a store: one pass, and the front of its loops.

A pass loads the resources, asks the backend once for all of them, and brings each destination in
step. An error of one resource is part of its result, and stops no other.
"""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from functools import partial
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Final

from confd_lib.confdir.templates import Templates
from confd_lib.destination import staging
from confd_lib.destination.update import Options, Result, Status, failed
from confd_lib.errors import BackendError, ConfdError
from confd_lib.funcs import functions
from confd_lib.logs import LOGGER
from confd_lib.run import loops, preflight
from confd_lib.run.events import ConnectionChanged, Events, Passed, Reloaded, Report, Step
from confd_lib.run.families.outputs import Outputs
from confd_lib.run.families.records import Records
from confd_lib.run.inhand import InHand
from confd_lib.run.jobs import ConfDir, Family, Job
from confd_lib.run.rounds import Rounds, skipped
from confd_lib.run.settling import Settling
from confd_lib.run.source import Source
from confd_lib.run.views import Views
from confd_lib.run.waiting import Inbox, Wish
from confd_lib.store.store import Store
from gotmpl.arguments import checked

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from confd_lib.backends.protocol import Backend, Snapshot
    from confd_lib.run.source import Connection

RENDER_TIMEOUT: Final = 30.0
# A log line names so many resources at most.
_NAMED: Final = 5


class Confd:
    """Keeps the files of a conf.d in step with a store.

    Nothing is read or asked before a method is called.

    Args:
        backend: where keys and values come from.
        confdir: the folder that holds `conf.d` and `templates`.
        prefix: the prefix of all keys. It is joined to the prefix of a resource where
            `backend.joins_prefixes`, and replaces it otherwise.
        compat: `0.11` or `0.16` to follow that confd to the letter in prefixes and functions.
        root: a folder below which every destination lies.
        noop: change nothing, and show what would change.
        sync_only: run neither check_cmd nor reload_cmd.
        keep_stage_file: leave staged files where they are.
        render_timeout: seconds that the render of one template may take; 0 for any time.
        funcs: functions of your own that templates may call, beside those of confd, by name.
        without: names of functions of confd that no template may call.
        list_folder: where the lists of the files that `each` made are kept; None to keep each
            beside its files.

    Attributes:
        events: reports what happens to its observers (`confd_lib.run.events`).

    Raises:
        ConfigError: `compat` or a name of `without` is unknown, or a function of your own has the
            name of another.

    >>> import tempfile
    >>> from confd_lib import backends
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     confdir = Path(folder)
    ...     (confdir / "conf.d").mkdir()
    ...     (confdir / "templates").mkdir()
    ...     toml = f'template = {{src = "a", dest = "{folder}/a.conf", keys = ["/port"]}}'
    ...     _ = (confdir / "conf.d/a.toml").write_text(toml)
    ...     _ = (confdir / "templates/a").write_text('listen {{getv "/port"}}')
    ...     confd = Confd(confdir=confdir, backend=backends.Memory({"/port": 80}))
    ...     print([result.status.value for result in (*confd.run_once(), *confd.run_once())])
    ...     print((confdir / "a.conf").read_text())
    ['updated', 'in sync']
    listen 80
    """

    @checked
    def __init__(  # noqa: PLR0913 - one keyword for each flag that a pass knows
        self,
        *,
        backend: Backend,
        confdir: str | os.PathLike[str] = "/etc/confd",
        prefix: str = "",
        compat: str = "",
        root: str | os.PathLike[str] | None = None,
        noop: bool = False,
        sync_only: bool = False,
        keep_stage_file: bool = False,
        render_timeout: float = RENDER_TIMEOUT,
        funcs: Mapping[str, Callable[..., object]] | None = None,
        without: Collection[str] = (),
        list_folder: str | os.PathLike[str] | None = None,
    ) -> None:
        functions(Store(), compat, funcs, without)  # refuses what is wrong before all else is done
        own = dict(funcs or {})
        self._functions = partial(functions, compat=compat, own=own, without=without)
        self.events = Events()
        self._source = Source(backend)
        self._source.on_change = lambda now: self.events.tell(ConnectionChanged(now))
        self._noop = noop
        below = None if root is None else Path(root)
        self._make_confdir = partial(
            ConfDir,
            confdir,
            prefix=prefix,
            joined=compat == "0.11" if compat else backend.joins_prefixes,
            root=below,
        )
        self._confdir = self._make_confdir(make=not noop)
        lists = None if list_folder is None else Path(list_folder)
        self._make_records = partial(Records, lists, root=below)
        records = self._make_records(keeps=not noop)
        self._outputs = Outputs(records, root=below, make=not noop)
        self._in_hand = InHand(marks=not noop, on_step=lambda step: self.events.tell(Step(step)))
        self._templates = Templates(Path(confdir) / "templates", frozenset(own))
        self._root = below
        self._rounds = Rounds(
            self._templates,
            Options(noop, sync_only, keep_stage_file, root=below),
            self._in_hand,
            records,
            render_timeout,
            lambda keys, failed: self.events.tell(Reloaded(keys, failed)),
        )
        self._inbox = Inbox(lambda: self.events.tell(Step()))
        self._version = ""

    @property
    def connection(self) -> Connection:
        """Whether the store answers, and since when."""
        return self._source.connection

    @checked
    def on_connection(self, call: Callable[[Connection], None]) -> None:
        """Call a function, from any thread, whenever `connection` tells another state or reason."""

        def observe(event: Report) -> None:
            if isinstance(event, ConnectionChanged):
                call(event.connection)

        self.events.add(observe)

    @property
    def in_hand(self) -> str:
        """The step in hand: the file of a resource, or the store; empty between two passes."""
        return self._in_hand.at

    @property
    def version(self) -> str:
        """The version of the state that was rendered last; empty where the store has none."""
        return self._version

    # -- Before a run

    def preflight(self) -> dict[str, tuple[str, ...]]:
        """Check whether a pass could succeed: the store, keys, templates, files, commands.

        Nothing is rendered, run or written.

        Returns:
            the faults by what was checked, first the store, then each resource: `a.toml: keys`.
        """
        items = self._make_confdir(make=False).load()
        records = self._make_records(keeps=False)
        outputs = Outputs(records, root=self._root, make=False)
        asking = [item for item in items if not isinstance(item, Result)]
        lost = self._ask(asking, None)
        views = Views(self._source.snapshot, self._functions)
        files = outputs.of([_with_loss(item, lost) for item in items], views)
        known = self._functions(Store())
        folder = records.folder
        tools = preflight.Tools(self._templates, known, views, self._root is not None, folder)
        of_store = preflight.store(_keys_of(asking), lost.values())
        found = [of_store, *preflight.checks(files, tools)]
        return {str(check): check.faults for check in found}

    # -- Loops

    @checked
    def run_once(self, *, stop: Event | None = None) -> list[Result]:
        """Bring every destination in step, once.

        Args:
            stop: ends the pass after the resource in hand.

        Returns:
            the outcome of each resource, in the order of their files.
        """
        return self._pass(stop or Event(), None)

    @checked
    def run_interval(self, seconds: float, *, stop: Event) -> Iterator[list[Result]]:
        """Bring every destination in step, again and again.

        Args:
            seconds: between two passes; sooner after one in which something failed.
            stop: ends the loop, after the resource in hand.

        Yields:
            the results of each pass.
        """
        return loops.interval(self._pass, self._inbox, seconds, stop, self._rounds.due)

    @checked
    def watch(self, *, stop: Event, resync: float = 600.0) -> Iterator[list[Result]]:
        """Bring every destination in step whenever the store changes.

        The wait begins from the state that was rendered, so that no change is missed.

        Args:
            stop: ends the loop, after the resource in hand. Give the same event to a backend that
                takes one (`Rancher`), or the loop waits for the answer to its question.
            resync: seconds after which a pass asks the store though nothing changed; fewer after a
                pass in which something failed. A store that cannot be watched is asked as often.

        Yields:
            the results of each pass.
        """
        settling = Settling()
        run_pass = partial(self._pass, settling=settling)
        due = partial(_first_due, self._rounds, settling)
        return loops.Watch(self._source, run_pass, self._inbox, resync, stop, due).passes()

    def wake(self) -> None:
        """Let the running loop begin its next pass now; safe in a signal handler."""
        self._inbox.put(Wish())

    # -- One pass

    def _pass(
        self, stop: Event, news: Snapshot | None, settling: Settling | None = None
    ) -> list[Result]:
        """Run a pass; an exception becomes the result of each resource, and ends no loop."""
        items: list[Job | Family | Result] = []
        began = time.monotonic()
        try:
            self._in_hand.begin(str(self._confdir.path))
            items = self._confdir.load()
            results = self._run(items, news, stop, settling)
        except Exception as error:  # noqa: BLE001 - the border of the pass
            results = [_as_result(item, error) for item in items] or [_broken(self._confdir, error)]
            if settling is not None:
                settling.keep_only(())
        _log_errors(results)
        _log_skipped(results)
        self._in_hand.begin("")
        seconds = time.monotonic() - began
        self.events.tell(Passed(results, self._version, began, seconds))
        return results

    def _run(
        self,
        items: Sequence[Job | Family | Result],
        news: Snapshot | None,
        stop: Event,
        settling: Settling | None,
    ) -> list[Result]:
        asking = [item for item in items if not isinstance(item, Result)]
        self._in_hand.begin("the store")
        lost = self._ask(asking, news)
        if stop.is_set():
            return [skipped(item) for item in items]
        snapshot = self._source.snapshot
        views = Views(snapshot, self._functions)
        known = [_with_loss(item, lost) for item in items]
        if settling is not None:
            known = _settled(known, views, settling)
        files = self._outputs.of(known, views)
        if not self._noop:
            _sweep(item.dest.parent for item in files if not isinstance(item, Result))
        results = self._rounds.run(files, views, stop)
        self._version = snapshot.version if snapshot else self._version
        return results

    def _ask(self, jobs: Sequence[Job | Family], news: Snapshot | None) -> dict[str, ConfdError]:
        """Get one snapshot for all jobs; return an error for each job without its keys."""
        keys = _keys_of(jobs)
        if news is not None and keys == self._source.keys:
            return {}
        self._source.begin(None)
        if not keys:
            self._source.rest()
        lost: dict[str, ConfdError] = {}
        while keys and self._source.snapshot is None:
            LOGGER.debug("Retrieving keys from store")
            try:
                self._source.get_values(keys)
            except BackendError as error:
                lost |= _losses(jobs, keys, error)
                # What the others ask for can be had: their number shrinks with every round.
                keys = _keys_of(job for job in jobs if job.path not in lost)
        return lost


def _keys_of(jobs: Iterable[Job | Family]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(key for job in jobs for key in job.keys))


def _losses(
    jobs: Iterable[Job | Family], asked: Sequence[str], error: BackendError
) -> dict[str, ConfdError]:
    """Return the error for each job that asks for one of the lost keys, or for all of them."""
    gone = set(error.keys).intersection(asked) or set(asked)
    return {job.path: error for job in jobs if not gone.isdisjoint(job.keys)}


def _with_loss(
    item: Job | Family | Result, lost: Mapping[str, ConfdError]
) -> Job | Family | Result:
    """Return a failed result for a job whose keys are lost, else the item."""
    if isinstance(item, Result) or item.path not in lost:
        return item
    return failed(item.resource, lost[item.path])


def _settled(
    items: Sequence[Job | Family | Result], views: Views, settling: Settling
) -> list[Job | Family | Result]:
    """Return the items; a result in the place of each whose values have yet to settle."""
    settling.keep_only({item.path for item in items if not isinstance(item, Result)})
    return [_waiting(item, views, settling) for item in items]


def _waiting(
    item: Job | Family | Result, views: Views, settling: Settling
) -> Job | Family | Result:
    if isinstance(item, Result) or not item.resource.debounce:
        return item
    values = 0
    with suppress(ConfdError):  # a store that cannot be read; the render reports it
        values = hash(tuple(views.store(item).items()))
    if not settling.holds(item.path, values, debounce=item.resource.debounce):
        return item
    LOGGER.debug("%s waits for its values to settle", item.path)
    return Result(item.path, Status.WAITING, item.resource)


def _first_due(rounds: Rounds, settling: Settling) -> float:
    return min(rounds.due(), settling.due())


def _as_result(item: Job | Family | Result, error: Exception) -> Result:
    return item if isinstance(item, Result) else failed(item.resource, error)


def _broken(confdir: ConfDir, error: Exception) -> Result:
    """Return the result of a pass that failed before it knew its resources."""
    reason = f"{confdir.path}: {type(error).__name__}: {error}"
    return Result(str(confdir.path), Status.FAILED, error=ConfdError(reason))


def _sweep(folders: Iterable[Path]) -> None:
    for folder in dict.fromkeys(folders):
        for path in staging.sweep(folder):
            LOGGER.info("Removed the staged file of a run that was killed: %s", path)


def _log_errors(results: Sequence[Result]) -> None:
    """Log each error once, with all resources that it is about."""
    failures: dict[str, list[Result]] = {}
    for result in results:
        if result.error is not None:
            failures.setdefault(result.message, []).append(result)
    for line, of in failures.items():
        level = logging.DEBUG if all(_is_repeated(result.error) for result in of) else logging.ERROR
        LOGGER.log(level, "%s%s", line, _subjects(line, of))


def _log_skipped(results: Sequence[Result]) -> None:
    """Log which resources had no turn."""
    paths = [result.path for result in results if result.status is Status.SKIPPED]
    if paths:
        LOGGER.warning("The pass was stopped before these resources: %s", _names(paths))


def _names(paths: Sequence[str]) -> str:
    """Return the base names of some files, or of the first of many."""
    more = f" and {len(paths) - _NAMED} more" if len(paths) > _NAMED else ""
    return ", ".join(Path(path).name for path in paths[:_NAMED]) + more


def _is_repeated(error: Exception | None) -> bool:
    """Return whether an error is an outage of the store that has been logged already."""
    return isinstance(error, BackendError) and error.repeated


def _subjects(line: str, results: Sequence[Result]) -> str:
    """Return the names of the resources and destinations that a line does not name itself."""
    if len(results) > 1:
        return f" (resources {_names([result.path for result in results])})"
    (result,) = results
    dest = result.resource.dest if result.resource else ""
    named = {"resource": result.path, "dest": dest}
    missing = [f"{kind} {name}" for kind, name in named.items() if name and name not in line]
    return f" ({', '.join(missing)})" if missing else ""
