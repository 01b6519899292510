"""The stores that keys and values come from, and the protocol that they have in common.

A backend is anything with the two methods of `Backend`. It knows nothing of templates or resources:
it is asked for keys and returns a `Snapshot`, the state of the store at one moment.

>>> from confd_lib import backends
>>> snapshot = backends.Memory({"/app": {"port": 80}}).get_values(["/app"])
>>> snapshot.view("/app", ["/port"]).getv("/port")
'80'
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from confd_lib.lazy import loader

from .protocol import Backend, Partial, Reporting, Snapshot, StoreSnapshot

if TYPE_CHECKING:
    from .env import Env
    from .file import File
    from .layered import Layer, Layered
    from .memory import Memory
    from .rancher import Rancher
    from .remote.consul import Consul
    from .remote.etcd.store import Etcd
    from .remote.redis.store import Redis
    from .remote.vault.store import Vault
    from .remote.zookeeper.store import ZooKeeper

__all__ = [
    "Backend",
    "Consul",
    "Env",
    "Etcd",
    "File",
    "Layer",
    "Layered",
    "Memory",
    "Partial",
    "Rancher",
    "Redis",
    "Reporting",
    "Snapshot",
    "StoreSnapshot",
    "Vault",
    "ZooKeeper",
]

_HOMES: Final = {
    "Consul": "confd_lib.backends.remote.consul",
    "Env": "confd_lib.backends.env",
    "Etcd": "confd_lib.backends.remote.etcd.store",
    "File": "confd_lib.backends.file",
    "Layer": "confd_lib.backends.layered",
    "Layered": "confd_lib.backends.layered",
    "Memory": "confd_lib.backends.memory",
    "Rancher": "confd_lib.backends.rancher",
    "Redis": "confd_lib.backends.remote.redis.store",
    "ZooKeeper": "confd_lib.backends.remote.zookeeper.store",
    "Vault": "confd_lib.backends.remote.vault.store",
}


if not TYPE_CHECKING:  # a checker would take every name for one that is there
    __getattr__ = loader(__name__, _HOMES)


def __dir__() -> list[str]:
    return __all__
