"""Shared by the tests of Etcd: the store as they ask it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from confd_lib import backends
from tests.confd_lib.backends.contract.kinds import KINDS, Subject
from tests.servers.loopback.proxy import Proxy

KIND = next(kind for kind in KINDS if kind.name == "etcd")
Proxied = Callable[[int], Proxy]


def subject(store: Any, *nodes: str, **options: str) -> Subject:
    return Subject(KIND, store, backends.Etcd(*(nodes or (store.address,)), **options))
