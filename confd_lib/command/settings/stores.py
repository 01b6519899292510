"""The store that the flags name: a function for each backend that makes it from the settings.

Knows nothing of passes; nothing is asked of a store here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from threading import Event
from typing import TYPE_CHECKING, Final

from confd_lib import backends
from confd_lib.command.settings.config import Config
from confd_lib.errors import ConfigError
from confd_lib.logs import LOGGER
from metadata_client import shown

if TYPE_CHECKING:
    from confd_lib.backends.protocol import Backend

# The stores of confd that are not read.
_LEFT_OUT: Final = frozenset(("dynamodb", "ssm"))
_RANCHER_NODE: Final = "rancher-metadata"
# The stores over the network that DNS may name the nodes of, and their own nodes.
_NODES: Final = {
    "consul": ("127.0.0.1:8500",),
    "etcd": ("127.0.0.1:2379",),
    "etcdv3": ("127.0.0.1:2379",),
    "redis": ("127.0.0.1:6379",),
    "zookeeper": ("127.0.0.1:2181",),
    "vault": ("http://127.0.0.1:8200",),
}


def make(config: Config, stop: Event, closing: ExitStack) -> Backend:
    """Make the backend that the settings name.

    Args:
        config: the settings.
        stop: ends the questions of the backend.
        closing: closes the backend.

    Raises:
        ConfigError: there is no backend of that name, or it needs more flags.
    """
    if config.layers:
        return _layered(config, stop, closing)
    make_it = _MAKERS.get(config.backend)
    if make_it is not None:
        return make_it(config, stop, closing)
    have = ", ".join(sorted(_MAKERS))
    if config.backend in _LEFT_OUT:
        raise ConfigError(
            f"Backend {config.backend} is a store of confd that confd-lib does not read; "
            f"it reads {have} (flag -backend)"
        )
    raise ConfigError(f"Invalid backend {config.backend}; there are {have}")


def located(config: Config) -> Config:
    """Return the settings with the nodes that DNS names, where they ask for that.

    Raises:
        ConfigError: DNS names none.
        MissingLibrary: the library for it is not installed.
    """
    if config.layers:
        return replace(config, layers=tuple(map(located, config.layers)))
    record = config.srv_record
    if not record and config.srv_domain:
        record = f"_{config.backend}._tcp.{config.srv_domain.rstrip('.')}."
    if not record or config.backend not in _NODES:
        return config
    from confd_lib.backends.remote import addresses  # noqa: PLC0415 - most stores need none of it

    return replace(config, node=tuple(addresses.from_srv(record)))


def sources(config: Config) -> Sequence[str]:
    """Return the addresses or files of the backend, fit for a log: without passwords."""
    if config.layers:
        return [source for layer in config.layers for source in sources(layer)]
    if config.backend == "rancher":
        return [shown(node) for node in config.node[:1] or (_RANCHER_NODE,)]
    if config.backend == "file":
        return config.file
    return [shown(node) for node in config.node] or _NODES.get(config.backend, ())


def names(config: Config) -> Sequence[str]:
    """Return the names of the backends, of which the second of a name has a number.

    >>> from confd_lib.command.settings.config import read
    >>> names(read({"backend": ("etcd", "file"), "config-file": ""}, (), {}))
    ['etcd', 'file']
    """
    found: list[str] = []
    for backend in [layer.backend for layer in config.layers] or [config.backend]:
        same = sum(name.partition(" ")[0] == backend for name in found)
        found.append(f"{backend} {same + 1}" if same else backend)
    return found


def away(config: Config, backend: Backend) -> str:
    """Return the stores that do not answer, with their addresses, fit for a page.

    >>> from confd_lib.command.settings.config import read
    >>> given = {"backend": "etcd", "node": ("me:s3cret@db:2379",), "config-file": ""}
    >>> away(read(given, (), {}), backends.Memory({}))
    'etcd db:2379'
    """
    stores = dict(zip(names(config), config.layers or (config,), strict=True))
    lost = backend.away if isinstance(backend, backends.Layered) else ()
    return "; ".join(" ".join((name, *sources(stores[name]))) for name in lost or stores)


def _layered(config: Config, stop: Event, closing: ExitStack) -> Backend:
    layers = [
        backends.Layer(make(layer, stop, closing), layer.prefix, name, layer.keys)
        for layer, name in zip(config.layers, names(config), strict=True)
    ]
    return backends.Layered(layers, interval=max(1, config.interval))


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


def _consul(config: Config, stop: Event, _: ExitStack) -> Backend:
    username, password = _basic_login(config)
    return backends.Consul(
        *config.node,
        username=username,
        password=password,
        token=config.auth_token,
        **_certificates(config),
        scheme=config.scheme,
        namespace=config.namespace,
        stop=stop,
    )


def _etcd(config: Config, stop: Event, _: ExitStack) -> Backend:
    if config.backend == "etcd":
        LOGGER.info("Keys are read by etcd's v3 API; confd 0.16 reads those of v2 for backend etcd")
    username, password = _basic_login(config)
    return backends.Etcd(
        *config.node,
        username=username,
        password=password,
        **_certificates(config),
        scheme=config.scheme,
        stop=stop,
    )


def _redis(config: Config, stop: Event, _: ExitStack) -> Backend:
    # In confd the password of Redis is -client-key; it knows no TLS there.
    has_key = bool(config.client_cert)
    return backends.Redis(
        *config.node,
        username=config.username,
        password=config.password or ("" if has_key else config.client_key),
        ca=config.client_ca_keys,
        cert=config.client_cert,
        key=config.client_key if has_key else "",
        separator=config.separator,
        stop=stop,
    )


def _zookeeper(config: Config, stop: Event, _: ExitStack) -> Backend:
    return backends.ZooKeeper(
        *config.node,
        username=config.username,
        password=config.password,
        **_certificates(config),
        stop=stop,
    )


def _certificates(config: Config) -> dict[str, str]:
    return {
        "ca": config.client_ca_keys,
        "cert": config.client_cert,
        "key": config.client_key,
    }


def _basic_login(config: Config) -> tuple[str, str]:
    """Return user and password; empty ones without `-basic-auth`, as in confd."""
    if config.basic_auth:
        return config.username, config.password
    if config.username:
        LOGGER.warning("Backend %s logs in only with -basic-auth", config.backend)
    return "", ""


def _vault(config: Config, stop: Event, _: ExitStack) -> Backend:
    return backends.Vault(
        *config.node,
        auth_type=config.auth_type,
        token=config.auth_token,
        username=config.username,
        password=config.password,
        role_id=config.role_id,
        secret_id=config.secret_id,
        path=config.path,
        namespace=config.namespace,
        **_certificates(config),
        stop=stop,
    )


_MAKERS: Final[dict[str, Callable[[Config, Event, ExitStack], Backend]]] = {
    "consul": _consul,
    "env": _env,
    "etcd": _etcd,
    "etcdv3": _etcd,
    "file": _file,
    "rancher": _rancher,
    "redis": _redis,
    "zookeeper": _zookeeper,
    "vault": _vault,
}
NAMES: Final = tuple(sorted(_MAKERS))
"""The names of all backends."""
