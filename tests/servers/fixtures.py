"""The fixtures that start stores, for all tests.

`store` and `share` give stores without keys that other tests of the same worker use as well: a test
may fill them, not stop or freeze them. `start` gives a store of the test's own, which it may.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

import pytest

from tests.servers.cluster import Cluster
from tests.servers.consul.store import Consul
from tests.servers.etcd import Etcd, etcd_of_wheel
from tests.servers.loopback.certificates import Certificates, write_certificates
from tests.servers.loopback.ports import Port
from tests.servers.loopback.proxy import Proxy
from tests.servers.openbao import OpenBao
from tests.servers.redis import Redis, valkey
from tests.servers.stores import Store
from tests.servers.zookeeper import ZooKeeper

S = TypeVar("S", bound=Store)

# The stores by the names that tests use: `etcd` is 3.4, `etcd-3.5` comes from a wheel.
MAKERS: Final[Mapping[str, Callable[..., Store]]] = {
    "etcd": Etcd,
    "etcd-3.5": etcd_of_wheel,
    "redis": Redis,
    "valkey": valkey,
    "zookeeper": ZooKeeper,
    "openbao": OpenBao,
    "consul": Consul,
}


class Start(Protocol):
    """Starts a store of the test's own: `start(Etcd, tls=certificates)`."""

    def __call__(self, make: Callable[..., S], **options: Any) -> S:
        """Return a started store, which ends with the test.

        Args:
            make: the class of the store, or a function that makes one in a folder.
            options: the options of `make`.
        """


# Returns a store without keys that other tests of the same worker use as well.
Share = Callable[[str], Store]


@pytest.fixture(scope="session")
def network(worker_id: str) -> str:
    """A loopback network for demonstrations, such as 127.0.101; each worker has its own."""
    worker = 0 if worker_id == "master" else 1 + int(worker_id.removeprefix("gw"))
    return f"127.0.{100 + worker}"


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """Certificates for servers and clients, the same for all tests of a worker."""
    return write_certificates(tmp_path_factory.mktemp("certificates"))


@contextlib.contextmanager
def _started(folders: pytest.TempPathFactory) -> Iterator[Start]:
    """Yield a function that starts stores; all of them end with the block."""
    with contextlib.ExitStack() as stack:

        def start(make: Callable[..., S], **options: Any) -> S:
            store = make(folders.mktemp("store"), **options)
            stack.callback(store.close)
            store.server.start()
            return store

        yield start


@pytest.fixture
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Start stores that the test may stop, kill, freeze and empty."""
    with _started(tmp_path_factory) as function:
        yield function


@pytest.fixture(scope="session")
def share(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Share]:
    """Return a store by its name in `MAKERS`, without keys, started by the first that asks."""
    with _started(tmp_path_factory) as function:
        stores: dict[str, Store] = {}

        def shared(name: str) -> Store:
            if name in stores:
                stores[name].clear()
            else:
                stores[name] = function(MAKERS[name])
            return stores[name]

        yield shared


@pytest.fixture(params=MAKERS)
def store(request: pytest.FixtureRequest, share: Share) -> Store:
    """Each store in turn, shared and without keys: for tests of what is the same for all."""
    return share(request.param)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """Three members of etcd, of the test's own."""
    made = Cluster(tmp_path)
    try:
        made.start()
        yield made
    finally:
        made.close()


@pytest.fixture
def proxied(request: pytest.FixtureRequest) -> Callable[[int], Proxy]:
    """Return a function that stands a proxy before a port, until the test ends."""

    def stand(port: int) -> Proxy:
        proxy = Proxy(port)
        request.addfinalizer(proxy.close)
        return proxy

    return stand


@pytest.fixture
def port() -> Iterator[int]:
    """A free port that no other test chooses until the test ends."""
    made = Port()
    yield made.number
    made.release()
