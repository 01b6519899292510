"""Runs the loop that the flags ask for, and returns the exit status.

Knows nothing of how flags are read, of stores, nor of how a pass is made.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from confd_lib import logs
from confd_lib.command import stdout
from confd_lib.command.confd import preflight, signals
from confd_lib.command.confd.shutdown import Shutdown, log
from confd_lib.command.confd.status import StatusFile
from confd_lib.command.settings import stores
from confd_lib.command.settings.config import read
from confd_lib.command.settings.flags import unread
from confd_lib.destination import children
from confd_lib.destination.update import Status
from confd_lib.errors import ConfdError, ConfigError
from confd_lib.funcs import sprig
from confd_lib.logs import LOGGER
from confd_lib.run.events import Step
from confd_lib.run.processor import Confd

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence
    from threading import Event

    from confd_lib.backends.protocol import Backend
    from confd_lib.command.confd.signals import Served
    from confd_lib.command.settings.config import Config
    from confd_lib.command.settings.exec import Exec
    from confd_lib.command.settings.table import Value
    from confd_lib.command.sidecar.child import Child
    from confd_lib.destination.update import Result


# A loop that waits for its child says so often that it lives.
_BEAT_S: Final = 0.5


def run(flags: Mapping[str, Value], words: tuple[str, ...], program: str) -> int:
    """Run the command.

    Args:
        flags: the flags that were given, by name.
        words: the words after them.
        program: the name of the command, as it stands in log lines.

    Returns:
        the exit status.
    """
    # Errors before `set_form` are logged in confd's form.
    handler = logs.to_stream(sys.stderr, program=program)
    shutdown = Shutdown()
    try:
        with signals.served(shutdown.numbers, shutdown.serve) as served:
            config = read(flags, words)
            logs.set_form(handler, level=config.log_level, form=config.log_format)
            shutdown.repeats = not config.onetime
            return _run(config, shutdown, served)
    except ConfdError as error:
        # A missing flag may be among the words that were not read.
        of_flags = isinstance(error, ConfigError) and bool(words)
        LOGGER.critical("%s%s", f"{unread(words)}: " if of_flags else "", error)
        return error.status
    finally:
        logs.detach(handler)


def _run(config: Config, shutdown: Shutdown, served: Served) -> int:
    with contextlib.ExitStack() as closing:
        if config.preflight:
            return _preflight(config, shutdown, closing)
        child = _child(config.exec, shutdown, served, closing) if config.exec else None
        serve = _pages(config, child, closing) if config.listen else None
        config = stores.located(config)
        backend = stores.make(config, shutdown.stop, closing)
        _introduce(config)
        confd = _confd(config, backend)
        if config.status_file:
            status = StatusFile(Path(config.status_file), lambda: confd.connection)
            confd.events.add(status.observe)
        if child is not None:
            confd.events.add(child.observe)
        if serve is not None:
            serve(confd, partial(stores.away, config, backend))
        if "NOTIFY_SOCKET" in os.environ:
            _notify(confd)
        shutdown.confd = confd
        return _loop(config, confd, child, shutdown)


def _preflight(config: Config, shutdown: Shutdown, closing: contextlib.ExitStack) -> int:
    """Check what a run needs; nothing that stands beside the loop is made."""
    config = stores.located(config)
    backend = stores.make(config, shutdown.stop, closing)
    _introduce(config)
    checks = dict(_confd(config, backend).preflight())
    if config.exec is not None:
        from confd_lib.command.sidecar import process  # noqa: PLC0415 - see above

        checks["the child: exec"] = process.faults(config.exec.words)
    return preflight.show(checks)


def _confd(config: Config, backend: Backend) -> Confd:
    return Confd(
        backend=backend,
        confdir=config.confdir,
        prefix=config.prefix,
        compat=config.compat,
        funcs=sprig.chosen(config.functions),
        root=config.root or None,
        noop=config.noop or config.preflight,
        sync_only=config.sync_only,
        keep_stage_file=config.keep_stage_file,
        render_timeout=config.render_timeout,
        list_folder=Path(config.status_file).parent if config.status_file else None,
    )


def _loop(config: Config, confd: Confd, child: Child | None, shutdown: Shutdown) -> int:
    last: Sequence[Result] = ()
    with contextlib.closing(_passes(config, confd, shutdown.stop)) as passes:
        for results in passes:
            last = results
            stdout.show("".join(result.diff for result in results))
    if config.onetime:
        _say_why(last)
    if child is None:
        return _exit_status(config, last, shutdown.number)
    if config.onetime and not child.asked:
        return _exit_status(config, last, shutdown.number) or child.status
    while not child.wait(_BEAT_S):
        confd.events.tell(Step())
    return child.status


def _passes(config: Config, confd: Confd, stop: Event) -> Generator[Sequence[Result], None, None]:
    """Yield the results of each pass of the loop that the flags ask for."""
    if config.onetime:
        yield confd.run_once(stop=stop)
    elif config.watch:
        yield from confd.watch(stop=stop, resync=max(1, config.interval))
    else:
        yield from confd.run_interval(max(1, config.interval), stop=stop)


def _exit_status(config: Config, results: Sequence[Result], number: int) -> int:
    """Return the exit status, which for a loop is 0: somebody has ended it.

    A single pass that a signal has cut short gives the status of a process that died of the signal.
    """
    if not config.onetime:
        return 0
    failed = any(result.error for result in results)
    left_out = not results or any(result.status is Status.SKIPPED for result in results)
    if number and (left_out or failed):
        return 128 + number
    if failed:
        return 1
    differed = any(result.changed or result.status is Status.DIFFERS for result in results)
    return 2 if differed and config.diff_exit_code else 0


def _say_why(results: Sequence[Result]) -> None:
    """Log the last failure as FATAL where no ERROR line is wanted, as confd does."""
    failures = [result.message for result in results if result.error]
    if failures and not LOGGER.isEnabledFor(logging.ERROR):
        LOGGER.critical("%s", failures[-1])


def _introduce(config: Config) -> None:
    backends = ", ".join(stores.names(config))
    LOGGER.info("Backend set to %s", backends)
    LOGGER.info("Starting confd")
    LOGGER.info("Backend source(s) set to %s", ", ".join(stores.sources(config)))
    if config.unused:
        flags = ", ".join(f"-{name}" for name in config.unused)
        LOGGER.warning("Backend %s does not use %s", backends, flags)
    if config.words:
        LOGGER.warning("Not a flag: %s", unread(config.words))
    for line in config.warnings:
        LOGGER.warning("%s", line)


# -- What stands beside the loop, imported only where it is asked for


def _child(
    settings: Exec, shutdown: Shutdown, served: Served, closing: contextlib.ExitStack
) -> Child:
    from confd_lib.command.sidecar import child  # noqa: PLC0415 - see above

    made = child.Child(
        settings,
        shutdown.agenda,
        wake=served.wake,
        on_over=shutdown.end_with_child,
        log=log,
        repeats=shutdown.repeats,
    )
    closing.callback(children.kill_kept)  # where an error ends the loop
    served.add((*child.PASSED_ON, signal.SIGCHLD))
    shutdown.child = made
    served.wake()
    return made


def _pages(
    config: Config, child: Child | None, closing: contextlib.ExitStack
) -> Callable[[Confd, Callable[[], str]], None]:
    """Take the address of the pages; return the function that serves them for a run."""
    from confd_lib.command.sidecar import listening, pages  # noqa: PLC0415 - see above

    listener = closing.enter_context(listening.bind(config.listen))

    def serve(confd: Confd, away: Callable[[], str]) -> None:
        made = pages.of_run(confd, child, pages.Limits.of(config), away)
        closing.enter_context(listening.Server(listener, made))
        LOGGER.info("Listening on http://%s: %s", listening.name_of(listener), ", ".join(made))

    return serve


def _notify(confd: Confd) -> None:
    from confd_lib.command.sidecar import systemd  # noqa: PLC0415 - see above

    notifier = systemd.from_environment()
    if notifier is not None:
        confd.events.add(notifier.observe)
