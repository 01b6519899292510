"""Every fault at every moment: a correct snapshot in the end or the right error, never a wrong one.

The table says what a client gets while a fault lasts; the four tests are the moments at which it
begins. Whatever it was, when it is over everything is as it should be.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any, get_args

import pytest

from metadata_client import (
    DecodeError,
    EmptyReply,
    MetadataClient,
    MetadataError,
    MetadataServer,
    NotFound,
    Snapshot,
    Unavailable,
    watch,
)
from metadata_client.server.faults import FaultName

from .conftest import answers

PATHS = ("/containers", "/hosts", "/self")

# What a client gets while the fault lasts: an error, or the data.
FAULTS: dict[FaultName, type[MetadataError] | None] = {
    "refuse": Unavailable,
    "not_ready": NotFound,
    "error": Unavailable,
    "garbage": DecodeError,
    "cut": DecodeError,
    "close": EmptyReply,
    "slow": None,
    "stale": None,
    "reorder": None,
    "null_lists": None,
    "ignore_wait": None,
    "no_wait": None,
}


def test_every_fault_is_in_the_table() -> None:
    assert list(FAULTS) == list(get_args(FaultName))


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask again soon: the lengths of the pauses are tested where they are made."""

    def delays() -> Iterator[float]:
        while True:
            yield 0.01

    monkeypatch.setattr("metadata_client.client.client.delays", delays)
    monkeypatch.setattr("metadata_client.client.watching.delays", delays)


def releases(snapshot: Snapshot) -> set[int]:
    """The releases that the parts of a snapshot belong to, its version among them."""
    version = int(snapshot.version.partition("-")[0])
    return {version, *_releases_in(list(snapshot.documents.values()))}


def _releases_in(value: object) -> Iterator[int]:
    if isinstance(value, dict):
        if "release" in value:
            yield value["release"]
        value = list(value.values())
    if isinstance(value, list):
        for child in value:
            yield from _releases_in(child)


def check(snapshot: Snapshot, release: int) -> None:
    """It is all there, and all of one release."""
    assert releases(snapshot) == {release}
    assert set(snapshot.documents) == set(PATHS)
    assert snapshot.get("/self/service/metadata/a%2Fb") == "one"
    assert snapshot.get("/containers/web_1/primary_ip") == "10.42.0.2"


ROWS = [pytest.param(name, error, id=name) for name, error in FAULTS.items()]


@pytest.mark.parametrize(("name", "error"), ROWS)
def test_at_start(
    server: MetadataServer,
    client: MetadataClient,
    name: FaultName,
    error: type[MetadataError] | None,
) -> None:
    server.faults.add(name, delay=0.001)
    if error is None:
        check(client.wait_until_ready(10, *PATHS), 1)
    else:
        with pytest.raises(error):
            client.wait_until_ready(0.1, *PATHS)
    over = threading.Timer(0.05, server.faults.clear)
    over.start()
    check(client.wait_until_ready(10, *PATHS), 1)
    over.join()


@pytest.mark.parametrize(("name", "error"), ROWS)
def test_in_steady_state(
    server: MetadataServer,
    client: MetadataClient,
    name: FaultName,
    error: type[MetadataError] | None,
) -> None:
    check(client.snapshot(*PATHS), 1)
    server.faults.add(name, delay=0.001)
    server.replace(answers(2))
    if error is None:
        check(client.snapshot(*PATHS), 1 if name == "stale" else 2)
    else:
        with pytest.raises(error):
            client.snapshot(*PATHS)
    server.faults.clear()
    check(client.snapshot(*PATHS), 2)


@pytest.mark.parametrize(("name", "error"), ROWS)
def test_during_a_wait(
    server: MetadataServer,
    client: MetadataClient,
    name: FaultName,
    error: type[MetadataError] | None,
) -> None:
    seen = watch(client, *PATHS, settle=0)
    check(next(seen), 1)
    trouble = threading.Thread(target=begin_and_end, args=(server, name))
    trouble.start()
    check(next(seen), 2)
    trouble.join()


def begin_and_end(server: MetadataServer, name: FaultName) -> None:
    assert server.wait_for_waiters()
    server.faults.add(name, delay=0.001)
    server.replace(answers(2))
    if name not in ("refuse", "stale", "ignore_wait"):  # these meet no request that can be counted
        assert server.faults.wait_for(name, 1)
    server.faults.clear()


@pytest.mark.parametrize(("name", "error"), ROWS)
def test_during_a_snapshot(
    server: MetadataServer,
    client: MetadataClient,
    monkeypatch: pytest.MonkeyPatch,
    name: FaultName,
    error: type[MetadataError] | None,
) -> None:
    fetch = client._transport.fetch

    def troubled(url: str, *args: Any, **kwargs: Any) -> bytes:
        if url.endswith("/hosts"):
            server.faults.add(name, delay=0.001)
        return fetch(url, *args, **kwargs)

    monkeypatch.setattr(client._transport, "fetch", troubled)
    if error is None:
        check(client.snapshot(*PATHS), 1)
    else:
        with pytest.raises(error):
            client.snapshot(*PATHS)
    monkeypatch.undo()
    server.faults.clear()
    check(client.snapshot(*PATHS), 1)


@pytest.mark.parametrize("name", ["garbage", "cut", "close", "error"])
def test_on_one_document_only(
    server: MetadataServer, client: MetadataClient, name: FaultName
) -> None:
    with server.faults.on(name, path="/hosts"):
        if name == "close":  # this is what a path below a null looks like: the root is read
            check(client.snapshot(*PATHS), 1)
        else:
            with pytest.raises(MetadataError, match="/latest/hosts: "):
                client.snapshot(*PATHS)
    check(client.snapshot(*PATHS), 1)


def test_fault_that_meets_some_requests(server: MetadataServer, client: MetadataClient) -> None:
    server.faults.add("error", times=2)
    for _ in range(2):
        with pytest.raises(Unavailable):
            client.get("/version")
    assert client.get("/version") == "1-abcd"
    assert "error" not in server.faults


def test_null_lists(server: MetadataServer, client: MetadataClient) -> None:
    server.replace(answers(2, stacks=[]))
    server.faults.add("null_lists")
    assert client.get("/stacks") is None
    assert client.stacks() == []


def test_each_change_has_another_order(server: MetadataServer, client: MetadataClient) -> None:
    names = [str(number) for number in range(20)]
    server.faults.add("reorder")
    orders: list[Any] = []
    for release in range(3):
        server.replace(answers(release, names=names))
        first, second = client.get("/names"), client.get("/names")
        assert first == second
        orders.append(first)
    assert [sorted(order) for order in orders] == [sorted(names)] * 3
    assert orders[0] != orders[1] != orders[2]
