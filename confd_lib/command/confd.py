"""The command at work: a backend made from the flags, a loop, and the exit status.

Knows nothing of how flags are read, nor of what a pass does.
"""

from __future__ import annotations

import contextlib
import functools
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from confd_lib import backends, logs
from confd_lib.command import signals, stdout
from confd_lib.command.config import read
from confd_lib.command.flags import unread
from confd_lib.command.shutdown import Shutdown
from confd_lib.command.status import StatusFile
from confd_lib.destination.update import Status
from confd_lib.errors import ConfdError, ConfigError
from confd_lib.logs import LOGGER
from confd_lib.run.processor import Confd
from metadata_client import shown

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence
    from threading import Event

    from confd_lib.backends.protocol import Backend
    from confd_lib.command.config import Config
    from confd_lib.command.flags import Value
    from confd_lib.destination.update import Result

# The stores of confd that are reached over the network.
ELSEWHERE: Final = frozenset(
    ("consul", "dynamodb", "etcd", "etcdv3", "redis", "ssm", "vault", "zookeeper")
)


def run(flags: Mapping[str, Value], words: tuple[str, ...], program: str) -> int:
    """Do what the flags ask for.

    Args:
        flags: those that were given, by name.
        words: what was written after them.
        program: what the command was called as.

    Returns:
        the exit status.
    """
    # What is wrong before the wanted form of lines is known is told in confd's.
    handler = logs.to_stream(sys.stderr, program=program)
    shutdown = Shutdown()
    try:
        with signals.served(shutdown.numbers, shutdown.serve):
            config = read(flags, words)
            logs.set_form(handler, level=config.log_level, form=config.log_format)
            return _run(config, shutdown)
    except ConfdError as error:
        # A flag that is missing may be among those that were not read.
        of_flags = isinstance(error, ConfigError) and bool(words)
        LOGGER.critical("%s%s", f"{unread(words)}: " if of_flags else "", error)
        return 1
    finally:
        logs.detach(handler)


def _run(config: Config, shutdown: Shutdown) -> int:
    with contextlib.ExitStack() as closing:
        backend = _backend(config, shutdown.stop, closing)
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
        noop=config.noop,
        sync_only=config.sync_only,
        keep_stage_file=config.keep_stage_file,
        render_timeout=config.render_timeout,
    )
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
    """The loop that was asked for; a watch tells at once if it cannot be."""
    if config.onetime:
        yield confd.run_once(stop=stop)
    elif config.watch:
        yield from confd.watch(stop=stop, resync=max(1, config.interval))
    else:
        yield from confd.run_interval(max(1, config.interval), stop=stop)


def _exit_status(config: Config, results: Sequence[Result], number: int) -> int:
    """Loops end because somebody ended them, and that is success.

    A single pass that a signal has cut short is none: its status is that of a process that died of
    the signal.
    """
    if not config.onetime:
        return 0
    left_out = not results or any(result.status is Status.SKIPPED for result in results)
    if number and left_out:
        return 128 + number
    if any(result.error for result in results):
        return 1
    differed = any(result.changed or result.status is Status.DIFFERS for result in results)
    return 2 if differed and config.diff_exit_code else 0


def _introduce(config: Config) -> None:
    LOGGER.info("Backend set to %s", config.backend)
    LOGGER.info("Starting confd")
    nodes = tuple(map(shown, config.node[:1])) or ("rancher-metadata",)
    sources = {"rancher": nodes, "file": config.file}
    LOGGER.info("Backend source(s) set to %s", ", ".join(sources.get(config.backend, ())))
    if config.unused:
        flags = ", ".join(f"-{name}" for name in config.unused)
        LOGGER.warning("Backend %s does not use %s", config.backend, flags)
    if config.words:
        LOGGER.warning("Not a flag: %s", unread(config.words))
    for line in config.warnings:
        LOGGER.warning("%s", line)


def _record(write: Callable[[], None]) -> None:
    """Write the status file; one that cannot be written is logged, and no reason to stop."""
    try:
        write()
    except ConfdError as error:
        LOGGER.error("%s", error)


# -- Backends


def _backend(config: Config, stop: Event, closing: contextlib.ExitStack) -> Backend:
    """Make the backend that was asked for; nothing is asked of it yet.

    Raises:
        ConfigError: there is none of that name, or it needs more flags.
    """
    make = _BACKENDS.get(config.backend)
    if make is not None:
        return make(config, stop, closing)
    have = ", ".join(sorted(_BACKENDS))
    if config.backend in ELSEWHERE:
        raise ConfigError(
            f"Backend {config.backend} is a store over the network, which confd-lib does not "
            f"have yet; it has {have} (flag -backend)"
        )
    raise ConfigError(f"Invalid backend {config.backend}; there are {have}")


def _rancher(config: Config, stop: Event, closing: contextlib.ExitStack) -> Backend:
    url = config.node[0] if config.node else "rancher-metadata"
    seen = shown(url)
    LOGGER.info("Using Rancher Metadata URL: %s", seen if "://" in seen else f"http://{seen}")
    if config.node[1:]:
        LOGGER.warning("Of several nodes only the first is asked: %s", seen)
    return closing.enter_context(
        backends.Rancher(
            url, ip=config.metadata_ip or None, ready_within=config.ready_timeout, stop=stop
        )
    )


def _file(config: Config, *_: object) -> Backend:
    if not config.file:
        raise ConfigError("Backend file needs a file to read (flag -file)")
    return backends.File(*config.file, pattern=config.filter)


def _env(*_: object) -> Backend:
    return backends.Env()


_BACKENDS: Final[dict[str, Callable[[Config, Event, contextlib.ExitStack], Backend]]] = {
    "env": _env,
    "file": _file,
    "rancher": _rancher,
}
