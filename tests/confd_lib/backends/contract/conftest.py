"""The fixtures of the contract: a backend over a shared store, and one over a store of its own."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

import pytest

from tests.confd_lib.backends.contract.kinds import Kind, Subject
from tests.servers.fixtures import Start

Serve = Callable[[Kind], Subject]


@pytest.fixture(scope="session")
def _shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    with contextlib.ExitStack() as stack:
        stores: dict[str, object] = {}

        def serve(kind: Kind) -> Subject:
            store = stores.get(kind.name)
            if store is None:
                store = stores[kind.name] = kind.store(tmp_path_factory.mktemp("store"))
                stack.callback(store.close)
                if kind.is_server:
                    store.server.start()
            store.clear()
            return Subject(kind, store, kind.backend(store))

        yield serve


@pytest.fixture
def subject(kind: Kind, _shared: Serve) -> Subject:
    """A backend over a store that other tests fill as well: it is not stopped."""
    return _shared(kind)


@pytest.fixture
def own(kind: Kind, start: Start) -> Subject:
    """A backend over a program of the test's own."""
    store = start(kind.store)
    return Subject(kind, store, kind.backend(store))
