"""The store that the flags name: a function for each backend that makes it from the settings.

Knows nothing of passes; nothing is asked of a store here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from threading import Event
from typing import TYPE_CHECKING, Final

from confd_lib import backends
from confd_lib.command.config import Config
from confd_lib.errors import ConfigError
from confd_lib.logs import LOGGER
from metadata_client import shown

if TYPE_CHECKING:
    from confd_lib.backends.protocol import Backend

# The stores of confd that are reached over the network.
_ELSEWHERE: Final = frozenset(
    ("consul", "dynamodb", "etcd", "etcdv3", "redis", "ssm", "vault", "zookeeper")
)
_RANCHER_NODE: Final = "rancher-metadata"


def make(config: Config, stop: Event, closing: ExitStack) -> Backend:
    """Make the backend that the settings name.

    Args:
        config: the settings.
        stop: ends the questions of the backend.
        closing: closes the backend.

    Raises:
        ConfigError: there is no backend of that name, or it needs more flags.
    """
    make_it = _MAKERS.get(config.backend)
    if make_it is not None:
        return make_it(config, stop, closing)
    have = ", ".join(sorted(_MAKERS))
    if config.backend in _ELSEWHERE:
        raise ConfigError(
            f"Backend {config.backend} is a store over the network, which confd-lib does not "
            f"have yet; it has {have} (flag -backend)"
        )
    raise ConfigError(f"Invalid backend {config.backend}; there are {have}")


def sources(config: Config) -> Sequence[str]:
    """Return the addresses or files of the backend, fit for a log: without passwords."""
    if config.backend == "rancher":
        return [shown(node) for node in config.node[:1] or (_RANCHER_NODE,)]
    return config.file if config.backend == "file" else ()


def _rancher(config: Config, stop: Event, closing: ExitStack) -> Backend:
    url = config.node[0] if config.node else _RANCHER_NODE
    public = shown(url)
    LOGGER.info("Using Rancher Metadata URL: %s", public if "://" in public else f"http://{public}")
    if config.node[1:]:
        LOGGER.warning("Of several nodes only the first is asked: %s", public)
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


_MAKERS: Final[dict[str, Callable[[Config, Event, ExitStack], Backend]]] = {
    "env": _env,
    "file": _file,
    "rancher": _rancher,
}
