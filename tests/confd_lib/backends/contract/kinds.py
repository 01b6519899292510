"""The backends of the contract: how each is made, and what its store cannot have."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import pytest

from confd_lib import backends
from confd_lib.backends import Backend
from tests.confd_lib.backends.contract.local import InEnvironment, InFile, InMemory, InMetadata
from tests.servers.consul.store import Consul
from tests.servers.etcd import Etcd, etcd_of_wheel
from tests.servers.openbao import OpenBao
from tests.servers.redis import Redis, valkey
from tests.servers.zookeeper import ZooKeeper


@dataclass(frozen=True, slots=True)
class Kind:
    """A backend and its store.

    Attributes:
        name: of the backend.
        store: makes the store in a folder; its program is started by the caller, if it has one.
        backend: makes the backend that reads a store; with the address of a proxy, through that.
        lacks: what the store cannot have, each with the reason.
        is_server: whether the store is a program that can be stopped.
        flags: of the command, beside the node.
    """

    name: str
    store: Callable[..., Any]
    backend: Callable[..., Backend]
    lacks: Mapping[str, str] = field(default_factory=dict)
    is_server: bool = True
    flags: Sequence[str] = ()

    def __str__(self) -> str:
        return self.name


def _own(store: Any) -> Backend:
    return store.backend


def _etcd(store: Etcd, address: str | None = None) -> Backend:
    return backends.Etcd(address or store.address)


def _redis(store: Redis, address: str | None = None) -> Backend:
    return backends.Redis(address or store.address)


def _layers(store: Etcd, address: str | None = None) -> Backend:
    """Return etcd over a store without keys, which has a watch of its own."""
    below = backends.Memory({})
    return backends.Layered([backends.Layer(below), backends.Layer(_etcd(store, address))])


_HIDING: Final = {"both": "as in confd, a text hides the keys below it from a question for its key"}


def _zookeeper(store: ZooKeeper, address: str | None = None) -> Backend:
    return backends.ZooKeeper(address or store.address)


def _consul(store: Consul, address: str | None = None) -> Backend:
    return backends.Consul(address or store.address)


def _vault(store: OpenBao, address: str | None = None) -> Backend:
    node = f"http://{address}" if address else store.address
    return backends.Vault(node, token=store.token)


_TREE: Final = {
    "both": "a value of a tree is a folder or a text",
    "bytes": "JSON and YAML hold texts",
}
KINDS: Final = (
    Kind("memory", InMemory, _own, {"restart": "it is this process"}, is_server=False),
    Kind(
        "file",
        InFile,
        _own,
        {"exact": "as confd's, it gives each key that begins with the text", "bytes": "YAML"},
        is_server=False,
    ),
    Kind(
        "env",
        InEnvironment,
        _own,
        {
            "exact": "as confd's, it gives each key that begins with the text",
            "watch": "the environment of a process does not change",
            "version": "it has none",
            "case": "variables are in upper case, and keys in lower case",
        },
        is_server=False,
    ),
    Kind("rancher", InMetadata, _own, _TREE, is_server=False),
    Kind("redis", Redis, _redis, _HIDING, flags=["-backend=redis"]),
    Kind("valkey", valkey, _redis, _HIDING, flags=["-backend=redis"]),
    Kind("etcd", Etcd, _etcd, flags=["-backend=etcd"]),
    Kind("etcd-3.5", etcd_of_wheel, _etcd, flags=["-backend=etcdv3"]),
    Kind("consul", Consul, _consul, flags=["-backend=consul"]),
    Kind(
        "zookeeper",
        ZooKeeper,
        _zookeeper,
        {
            "both": "as confd, it gives only nodes without children",
            "missing": "as in confd, a missing key fails the view of its resource",
        },
        flags=["-backend=zookeeper"],
    ),
    Kind(
        "vault",
        OpenBao,
        _vault,
        {
            "watch": "it does not report changes",
            "bytes": "JSON holds texts",
            "root": "the root lies above the mounts, and has nothing, as in confd",
            "lasting": "the server of the tests forgets all when it ends",
            "many": "each secret takes a request of its own",
        },
        flags=["-backend=vault", "-auth-type=token", "-auth-token=root"],
    ),
    Kind(
        "layers",
        Etcd,
        _layers,
        {"question": "the last answer stands for one that fails"},
        flags=["-backend=env", "-backend=etcd"],
    ),
)


def those(*features: str, server: bool = False) -> pytest.MarkDecorator:
    """Return the mark that runs a test for each backend with these features.

    Args:
        features: none of which the store may lack.
        server: whether only stores with a program are meant.
    """
    found = [
        kind
        for kind in KINDS
        if not set(features) & set(kind.lacks) and (kind.is_server or not server)
    ]
    return pytest.mark.parametrize("kind", found, ids=str)


@dataclass(frozen=True, slots=True)
class Subject:
    """A store that has no keys yet, and the backend that reads it."""

    kind: Kind
    store: Any
    backend: Backend

    def key(self, path: str) -> str:
        """Return the key of the store for a key of a test, below the root of what can be put."""
        return f"{self.store.root}{path}"

    def put(self, values: Mapping[str, str | bytes]) -> None:
        self.store.put_all({self.key(path): value for path, value in values.items()})

    def read(self, *paths: str) -> dict[str, str]:
        """Ask for keys, and return the values that a resource with these keys gets."""
        snapshot = self.backend.get_values([self.key(path) for path in paths])
        return self.seen(snapshot, *paths)

    def seen(self, snapshot: Any, *paths: str) -> dict[str, str]:
        return dict(snapshot.view(self.store.root or "/", list(paths)).items())
