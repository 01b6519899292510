"""Shared by the tests of Redis: the store as they ask it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from confd_lib import backends
from tests.confd_lib.backends.contract.kinds import KINDS, Subject
from tests.servers.loopback.proxy import Proxy

KIND = next(kind for kind in KINDS if kind.name == "redis")
Proxied = Callable[[int], Proxy]
BOTH = pytest.mark.parametrize("name", ["redis", "valkey"])


def subject(store: Any, *nodes: str, **options: Any) -> Subject:
    return Subject(KIND, store, backends.Redis(*(nodes or (store.address,)), **options))


def first_step(asked: Subject, *keys: str) -> Any:
    return next(iter(asked.backend.changes(list(keys), None, threading.Event())))
