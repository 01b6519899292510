"""Runs the loop that the flags ask for, and returns the exit status.

Knows nothing of how flags are read, of stores, nor of how a pass is made.
"""

from __future__ import annotations

import contextlib
import functools
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from confd_lib import logs
from confd_lib.command import stdout
from confd_lib.command.confd import preflight, signals
from confd_lib.command.confd.shutdown import Shutdown
from confd_lib.command.confd.status import StatusFile
from confd_lib.command.settings import stores
from confd_lib.command.settings.config import read
from confd_lib.command.settings.flags import unread
from confd_lib.destination.update import Status
from confd_lib.errors import ConfdError, ConfigError
from confd_lib.logs import LOGGER
from confd_lib.run.processor import Confd

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence
    from threading import Event

    from confd_lib.backends.protocol import Backend
    from confd_lib.command.settings.config import Config
    from confd_lib.command.settings.flags import Value
    from confd_lib.destination.update import Result


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
        with signals.served(shutdown.numbers, shutdown.serve):
            config = read(flags, words)
            logs.set_form(handler, level=config.log_level, form=config.log_format)
            return _run(config, shutdown)
    except ConfdError as error:
        # A missing flag may be among the words that were not read.
        of_flags = isinstance(error, ConfigError) and bool(words)
        LOGGER.critical("%s%s", f"{unread(words)}: " if of_flags else "", error)
        return 1
    finally:
        logs.detach(handler)


def _run(config: Config, shutdown: Shutdown) -> int:
    config = stores.located(config)
    with contextlib.ExitStack() as closing:
        backend = stores.make(config, shutdown.stop, closing)
        _introduce(config)
        return _loop(config, backend, shutdown)


def _loop(config: Config, backend: Backend, shutdown: Shutdown) -> int:
    stop = shutdown.stop
    shutdown.confd = confd = Confd(
        backend=backend,
        confdir=config.confdir,
        prefix=config.prefix,
        compat=config.compat,
        root=config.root or None,
        noop=config.noop or config.preflight,
        sync_only=config.sync_only,
        keep_stage_file=config.keep_stage_file,
        render_timeout=config.render_timeout,
        list_folder=Path(config.status_file).parent if config.status_file else None,
    )
    if config.preflight:
        return preflight.show(confd.preflight())
    status = StatusFile(Path(config.status_file)) if config.status_file else None
    if status is not None:
        confd.on_connection(
            lambda connection: _record(functools.partial(status.update, connection))
        )
    with contextlib.closing(_passes(config, confd, stop)) as passes:
        last: Sequence[Result] = ()
        for results in passes:
            last = results
            stdout.show("".join(result.diff for result in results))
            if status is not None:
                _record(functools.partial(status.record, results, confd.version, confd.connection))
    return _exit_status(config, last, shutdown.number)


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


def _record(write: Callable[[], None]) -> None:
    """Write the status file; log it where that fails, and go on."""
    try:
        write()
    except ConfdError as error:
        LOGGER.error("%s", error)
