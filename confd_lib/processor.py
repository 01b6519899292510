"""One pass over the resources of a conf.d, and the loops that repeat it.

Everything meets here: resources say what is wanted, a backend is asked once for all of them,
templates are rendered, and each destination is brought in step. What goes wrong with one resource
is told in its result and stops no other.
"""

from __future__ import annotations

import functools
import os
import time
from collections import deque
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Final, NamedTuple

from confd_lib import commands, resource, staging
from confd_lib.errors import BackendError, ConfdError, ResourceError
from confd_lib.funcs import check_compat, functions
from confd_lib.logs import LOGGER
from confd_lib.reloads import Reload, Reloads
from confd_lib.resource import TemplateResource
from confd_lib.store import Store
from confd_lib.templates import Functions, Templates
from confd_lib.update import (
    Options,
    Pending,
    Ready,
    Result,
    Status,
    failed,
    finish,
    flush,
    stage,
)
from confd_lib.waiting import Inbox, Listener, Lost, News, Wish

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from confd_lib.backends import Backend, Snapshot

# A pass in which something failed is repeated after so many seconds, then after twice as many, and
# so on; but never later than the next pass would come in any case.
_FIRST_RETRY: Final = 2.0
_MOST_DOUBLED: Final = 32
# Each stage has a descriptor, of which some systems give a process no more than 256.
_MOST_STAGED: Final = 128


class _Job(NamedTuple):
    """A resource on its way: what follows from it and from how the run was started."""

    resource: TemplateResource
    prefix: str
    keys: tuple[str, ...]
    dest: Path


_Views = dict[tuple[str, tuple[str, ...]], Functions]


class Confd:
    """Keeps the files of a conf.d in step with a store.

    Nothing is read or asked before a method is called.

    Args:
        backend: where keys and values come from.
        confdir: the folder that holds `conf.d` and `templates`.
        prefix: what stands before all keys. It is joined to a resource's own prefix where the
            backend says so, and else takes its place.
        compat: `0.11` or `0.16`, to follow that confd in prefixes and in what templates may call.
        root: a folder below which every destination lies.
        noop: change nothing, and show what would change.
        sync_only: run neither check_cmd nor reload_cmd.
        keep_stage_file: leave staged files where they are.

    Raises:
        ConfigError: `compat` names no version that is known.

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
    ) -> None:
        self._backend = backend
        self._confdir = Path(confdir)
        self._prefix = prefix
        self._compat = compat or "0.16"
        check_compat(self._compat)
        self._joined = compat == "0.11" if compat else backend.joins_prefixes
        self._root = None if root is None else Path(root)
        self._options = Options(noop, sync_only, keep_stage_file)
        self._templates = Templates(self._confdir / "templates")
        self._loaded: dict[str, tuple[bytes, TemplateResource]] = {}
        self._reloads = Reloads()
        self._inbox = Inbox()
        self._keys: tuple[str, ...] = ()
        self._snapshot: Snapshot | None = None

    @property
    def version(self) -> str:
        """The version of what was rendered last; empty where the store has none."""
        return self._snapshot.version if self._snapshot else ""

    # -- Loops

    def run_once(self, *, stop: Event | None = None) -> list[Result]:
        """Bring every destination in step, once.

        Args:
            stop: ends the pass after the resource in hand.

        Returns:
            what became of each resource, in the order of their files.
        """
        return self._pass(stop or Event(), None)

    def run_interval(self, seconds: float, *, stop: Event) -> Iterator[list[Result]]:
        """Bring every destination in step, again and again.

        Args:
            seconds: between two passes; sooner after one in which something failed.
            stop: ends the loop, after the resource in hand.

        Yields:
            the results of each pass.
        """
        failures = 0
        while not stop.is_set():
            results = self._pass(stop, None)
            yield results
            failures = _failures(results, failures)
            self._inbox.wait(_pause(seconds, failures), stop)

    def watch(self, *, stop: Event, resync: float = 600.0) -> Iterator[list[Result]]:
        """Bring every destination in step whenever the store changes.

        What the wait begins from is what was rendered, so that no change is missed.

        Args:
            stop: ends the loop, after the resource in hand.
            resync: seconds after which there is a pass without any news; sooner after one in which
                something failed.

        Yields:
            the results of each pass.

        Raises:
            CannotWatch: the store has no way to say that something changed; at once.
        """
        self._backend.changes((), None, stop)
        failures = 0
        while not stop.is_set():
            results = self._pass(stop, None)
            yield results
            failures = _failures(results, failures)
            end = time.monotonic() + _pause(resync, failures)
            yield from self._follow(end, stop)

    def wake(self) -> None:
        """Let the loop that runs begin its next pass now; a signal handler may call it."""
        self._inbox.put(Wish())

    def _follow(self, end: float, stop: Event) -> Iterator[list[Result]]:
        """Pass with every news of the store, until there is reason to ask it anew."""
        if self._snapshot is None:
            self._inbox.wait(end - time.monotonic(), stop)
            return
        keys = self._keys
        listener = Listener(self._backend, keys, self._snapshot, self._inbox)
        try:
            while keys == self._keys:
                message = self._inbox.wait(end - time.monotonic(), stop)
                if isinstance(message, Lost):
                    LOGGER.error("%s", message.error)
                    self._inbox.wait(_FIRST_RETRY, stop)
                if not isinstance(message, News):
                    return
                results = self._pass(stop, message.snapshot)
                yield results
                if _failures(results, 0):
                    end = min(end, time.monotonic() + _FIRST_RETRY)
        finally:
            listener.close()
            self._inbox.clear()

    # -- One pass

    def _pass(self, stop: Event, news: Snapshot | None) -> list[Result]:
        found = self._load()
        jobs = [item for item in found if isinstance(item, _Job)]
        lost = self._ask(jobs, news)
        if stop.is_set():
            return []
        if not self._options.noop:
            _sweep(job.dest.parent for job in jobs)
        self._begin_reloads(found, jobs)
        results = list(self._each([_with_loss(item, lost) for item in found], stop))
        self._reloads.finish()
        folders = {job.resource.path: job.dest.parent for job in jobs}
        late = {**self._reloads.failed, **_sync(results, folders)}
        results = [_with_late_error(result, late) for result in results]
        _tell(results)
        return results

    def _each(self, found: Sequence[_Job | Result], stop: Event) -> Iterator[Result]:
        """Bring all destinations in step: stage many, sync them at once, then swap each in turn."""
        views: _Views = {}
        left = deque(found)
        while left and not stop.is_set():
            with ExitStack() as held:
                items = list(self._stage(left, views, held, stop))
                yield from self._finish(flush(items), stop)

    def _stage(
        self, left: deque[_Job | Result], views: _Views, held: ExitStack, stop: Event
    ) -> Iterator[Pending | Result]:
        """Take and stage what is left, up to what has to wait until that is swapped."""
        # What is found of files holds as long as nothing is swapped.
        self._templates.look_anew()
        staged, real = set[str](), _finder()
        while left and len(staged) < _MOST_STAGED and not self._waits(left[0], staged, real):
            item = self._begin(left.popleft(), views, held)
            if isinstance(item, Pending):
                staged.add(real(str(item.stage.dest)))
            yield item
            if stop.is_set():
                return

    def _waits(
        self, item: _Job | Result, staged: AbstractSet[str], real: Callable[[str], str]
    ) -> bool:
        """Say whether a resource may come out otherwise once what is staged is swapped."""
        if not staged or isinstance(item, Result):
            return False
        with suppress(ValueError):  # a path that holds NUL; its turn will tell
            src = item.resource.src
            files = {real(str(item.dest)), real(str(self._templates.path(src)))}
            return not files.isdisjoint(staged) or self._templates.looks_at_files(src)
        return False

    def _begin(self, item: _Job | Result, views: _Views, held: ExitStack) -> Pending | Result:
        if isinstance(item, Result):
            return item
        found = item.resource
        try:
            LOGGER.debug("Key prefix set to %s", item.prefix)
            functions = self._functions(item, views)
            content = self._templates.render(found.src, found.delims, functions)
            return stage(found, item.dest, content, self._options, held)
        except Exception as error:  # noqa: BLE001 - whatever a resource meets, the others go on
            return failed(found, error)

    def _finish(self, items: Sequence[Ready | Result], stop: Event) -> Iterator[Result]:
        """Swap what is staged, each with the reload whose turn it is; once stopped, no second."""
        swapped = False
        for item in items:
            if isinstance(item, Ready):
                if swapped and stop.is_set():
                    return
                swapped = True
            result = self._swap(item)
            if result.changed:
                self._reloads.changed(result.path)
            self._reloads.done_with(result.path)
            yield result

    def _swap(self, item: Ready | Result) -> Result:
        if isinstance(item, Result):
            return item
        try:
            return finish(item, self._options)
        except Exception as error:  # noqa: BLE001 - as above
            return failed(item.resource, error)

    def _load(self) -> list[_Job | Result]:
        """Read the conf.d anew; what of it cannot be used is a result already."""
        LOGGER.debug("Loading template resources from confdir %s", self._confdir)
        if _is_missing(self._confdir):
            message = "Cannot load template resources: confdir '%s' does not exist"
            LOGGER.warning(message, self._confdir)
            return []
        try:
            files = resource.find(self._confdir)
        except ConfdError as error:
            return [Result(str(self._confdir / "conf.d"), Status.FAILED, error=error)]
        if not files:
            LOGGER.warning("Found no templates")
        self._loaded = {file: self._loaded[file] for file in files if file in self._loaded}
        return [self._job(file) for file in files]

    def _job(self, file: str) -> _Job | Result:
        LOGGER.debug("Found template: %s", file)
        found = None
        try:
            found = self._resource(file)
            return self._prepared(found)
        except ConfdError as error:
            return Result(file, Status.FAILED, found, error=error)

    def _resource(self, file: str) -> TemplateResource:
        data = resource.read(file)
        known = self._loaded.get(file)
        if known is None or known[0] != data:
            LOGGER.debug("Loading template resource from %s", file)
            known = self._loaded[file] = data, TemplateResource.parse(file, data)
            for name in known[1].ignored:
                LOGGER.debug("%s: %s means nothing here, and is ignored", file, name)
        return known[1]

    def _prepared(self, found: TemplateResource) -> _Job:
        if not found.dest:
            raise ResourceError(found.path, "empty dest")
        dest = Path(found.dest)
        if self._root is not None:
            dest = staging.below(self._root, found.dest, make=not self._options.noop)
        prefix = found.full_prefix(self._prefix, joined=self._joined)
        return _Job(found, prefix, found.query_keys(prefix), dest)

    def _ask(self, jobs: Sequence[_Job], news: Snapshot | None) -> dict[str, ConfdError]:
        """Get one snapshot for all jobs, and say for which of them there is none."""
        keys = tuple(dict.fromkeys(key for job in jobs for key in job.keys))
        if news is not None and keys == self._keys:
            self._snapshot = news
            return {}
        self._keys, self._snapshot = keys, None
        if not keys:
            return {}
        LOGGER.debug("Retrieving keys from store")
        try:
            self._snapshot = self._backend.get_values(keys)
        except ConfdError as error:
            named = error.keys if isinstance(error, BackendError) else ()
            gone = set(named).intersection(keys) or set(keys)
            lost: dict[str, ConfdError] = {
                job.resource.path: error for job in jobs if not gone.isdisjoint(job.keys)
            }
            # What the others ask for can be had: their number shrinks with every round.
            return lost | self._ask([job for job in jobs if job.resource.path not in lost], None)
        return {}

    def _functions(self, job: _Job, views: _Views) -> Functions:
        """What the template of a job may call: the same for all with the same prefix and keys."""
        of = job.prefix, job.resource.keys
        if of not in views:
            snapshot = self._snapshot if job.keys else None
            store = snapshot.view(*of) if snapshot else Store()
            views[of] = functions(store, self._compat)
        return views[of]

    def _begin_reloads(self, found: Sequence[_Job | Result], jobs: Sequence[_Job]) -> None:
        wanted = {}
        if not (self._options.noop or self._options.sync_only):
            wanted = {job.resource.path: _reload(job) for job in jobs if job.resource.reload_cmd}
        self._reloads.begin(
            wanted, [item.resource.path if isinstance(item, _Job) else item.path for item in found]
        )


def _is_missing(folder: Path) -> bool:
    """Whether there is no such folder; whether it can be used, its reader will see."""
    try:
        folder.stat()
    except (FileNotFoundError, ValueError):  # ValueError: a path that holds NUL
        return True
    except OSError:
        pass
    return False


def _finder() -> Callable[[str], str]:
    """Return what finds the real path of a file; each folder is looked up once."""
    real_folder = functools.cache(os.path.realpath)

    @functools.cache
    def real(path: str) -> str:
        folder, name = os.path.split(path)
        place = f"{real_folder(folder).rstrip('/')}/{name}"
        is_link = os.path.islink(place)  # noqa: PTH114 - a path object costs more than the look
        return os.path.realpath(place) if is_link or name == ".." else place

    return real


def _reload(job: _Job) -> Reload:
    found = job.resource
    return Reload(commands.reload_text(found.reload_cmd, job.dest), found.reload_timeout)


def _with_loss(item: _Job | Result, lost: Mapping[str, ConfdError]) -> _Job | Result:
    """Let a resource fail whose keys could not be had."""
    if isinstance(item, Result) or item.resource.path not in lost:
        return item
    return failed(item.resource, lost[item.resource.path])


def _with_late_error(result: Result, late: Mapping[str, ConfdError]) -> Result:
    """Let a result fail for what came after its swap, unless it has an error of its own."""
    if result.path not in late or result.error is not None:
        return result
    return replace(result, status=Status.FAILED, error=late[result.path])


def _sync(results: Sequence[Result], folders: Mapping[str, Path]) -> dict[str, ConfdError]:
    """Sync the folders in which files were swapped, each once; say whose sync failed."""
    changed = [result for result in results if result.changed]
    failed: dict[Path, ConfdError] = {}
    for folder in {folders[result.path] for result in changed}:
        try:
            staging.sync_folder(folder)
        except ConfdError as error:
            failed[folder] = error
    return {
        result.path: failed[folders[result.path]]
        for result in changed
        if folders[result.path] in failed
    }


def _sweep(folders: Iterable[Path]) -> None:
    for folder in dict.fromkeys(folders):
        for path in staging.sweep(folder):
            LOGGER.info("Removed the staged file of a run that was killed: %s", path)


def _tell(results: Sequence[Result]) -> None:
    """Log what went wrong, in one line where many met the same."""
    for line in dict.fromkeys(str(result.error) for result in results if result.error):
        LOGGER.error("%s", line)


def _failures(results: Sequence[Result], before: int) -> int:
    """Count the passes in a row in which something failed."""
    return before + 1 if any(result.error for result in results) else 0


def _pause(regular: float, failures: int) -> float:
    """Seconds until the next pass, after so many in a row in which something failed."""
    doubled = min(failures, _MOST_DOUBLED) - 1
    return min(regular, _FIRST_RETRY * 2**doubled) if failures else regular
