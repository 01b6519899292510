"""Snapshots of a real service on loopback: what is asked for, and that it is of one version."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from metadata_client import DecodeError, MetadataClient, MetadataServer, NotFound
from tests.metadata_client.conftest import answers, asked, tree


def test_snapshot_of_everything_is_one_request(
    server: MetadataServer, client: MetadataClient
) -> None:
    snapshot = client.snapshot()
    assert (snapshot.version, snapshot.paths, snapshot.tree) == ("1-abcd", ("/",), tree(1))
    assert asked(server) == ["/"]


def test_snapshot_asks_for_the_narrowest(server: MetadataServer, client: MetadataClient) -> None:
    snapshot = client.snapshot("/self/container", "/hosts", "/self/container/name")
    assert asked(server) == ["/version", "/hosts", "/self/container", "/version"]
    assert snapshot.documents == {
        "/self/container": tree(1)["self"]["container"],
        "/hosts": tree(1)["hosts"],
        "/self/container/name": "web_1",
    }
    assert snapshot.get("/self/container/create_index") == 1
    with pytest.raises(LookupError, match="/self/service is not part of this snapshot"):
        snapshot.get("/self/service")


def test_five_hundred_resources(server: MetadataServer, client: MetadataClient) -> None:
    client.snapshot(*["/self"] * 500)
    assert asked(server) == ["/version", "/self", "/version"]
    paths = [f"/self/service/metadata/{number}" for number in range(500)]
    assert client.snapshot(*paths).documents == {}
    assert asked(server) == ["/version", "/self/service/metadata", "/version"]


ABSENT: list[Any] = [
    pytest.param("/nope", ["/version", "/nope"], id="in the root"),
    pytest.param("/hosts/nope", ["/version", "/hosts/nope"], id="deeper"),
    pytest.param("/self/nope", ["/self", "/version"], id="in self"),
    pytest.param("/self/service/x/y", ["/self", "/version"], id="in a document of self"),
    pytest.param(
        "/self/service/lb_config/x",
        ["/self/service/lb_config/x", "/self/service/lb_config", "/version"],
        id="below a null",
    ),
]


@pytest.mark.parametrize(("path", "more"), ABSENT)
def test_absent_in_a_document_that_was_served(
    server: MetadataServer, client: MetadataClient, path: str, more: list[str]
) -> None:
    snapshot = client.snapshot(path)
    assert snapshot.documents == {}
    assert path not in snapshot
    assert snapshot.get(path, "default") == "default"
    assert asked(server) == ["/version", path, *more]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        pytest.param("/self/service/metadata/a%2F%2Fb", "two slashes", id="two slashes"),
        pytest.param("/self/service/metadata/%2Fa", None, id="slash in front"),
    ],
)
def test_unreachable_key_is_cut_out_of_its_parent(
    server: MetadataServer, client: MetadataClient, path: str, value: str | None
) -> None:
    assert client.snapshot(path).get(path) == value
    assert asked(server) == ["/version", "/self/service/metadata", "/version"]


def test_unknown_container_is_not_ready(server: MetadataServer, client: MetadataClient) -> None:
    nobody = {key: value for key, value in tree(2).items() if key != "self"}
    server.replace({"latest": {"default": nobody}})
    for paths in (["/self"], ["/self/container"], ["/self/container", "/"]):
        with pytest.raises(NotFound, match=r"/latest/self: 404 Not found"):
            client.snapshot(*paths)
    assert client.snapshot("/hosts").documents == {"/hosts": tree(2)["hosts"]}


MAPS: list[Any] = [
    pytest.param("/self", {"self": None}, "/self: 200 null is not a map", id="self"),
    pytest.param("/self", {"self": "x"}, "/self: 200 a text is not a map", id="text"),
    pytest.param("/self", {"self": []}, "/self: 200 a list is not a map", id="list"),
    pytest.param("/self/service", {"self": {"service": 7}}, "/self/service: .* a number", id="7"),
    pytest.param(
        "/self/container", {"self": {"container": None}}, "/self/container: .* null", id="container"
    ),
    pytest.param(
        "/self", {"self": {"container": True}}, "/self/container: .* a boolean", id="inside self"
    ),
    pytest.param("/", {"self": None}, "/self: .* null", id="inside the tree"),
]


@pytest.mark.parametrize(("path", "odd", "message"), MAPS)
def test_a_document_that_must_be_a_map(
    server: MetadataServer, client: MetadataClient, path: str, odd: dict[str, Any], message: str
) -> None:
    server.replace({"latest": {"default": {"version": "2", **odd}}})
    with pytest.raises(DecodeError, match=message):
        client.snapshot(path)


@pytest.mark.parametrize("name", ["service", "stack"])
def test_a_container_on_its_own_has_neither_service_nor_stack(
    server: MetadataServer, client: MetadataClient, name: str
) -> None:
    # Old services say null, newer ones 404.
    server.replace({"latest": {"default": {"version": "2", "self": {name: None}}}})
    assert client.snapshot(f"/self/{name}").documents == {f"/self/{name}": None}
    assert client.snapshot("/self").documents == {"/self": {name: None}}


def test_no_data_is_not_ready(server: MetadataServer, client: MetadataClient) -> None:
    server.faults.add("not_ready")
    for paths in ([], ["/self"], ["/hosts"]):
        with pytest.raises(NotFound):
            client.snapshot(*paths)


def test_answers_without_a_version() -> None:
    bare = {"latest": {"default": {"self": {"a": 1}}}}
    with MetadataServer(bare) as server, MetadataClient(server.url) as client:
        snapshot = client.snapshot("/self/a", "/nope")
    assert (snapshot.version, snapshot.documents) == ("", {"/self/a": 1})


def test_snapshot_is_read_again_after_a_change(
    server: MetadataServer, client: MetadataClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    change_while(client, monkeypatch, "/latest/hosts", lambda: server.replace(answers(2)))
    snapshot = client.snapshot("/hosts", "/containers")
    assert snapshot.version == "2-abcd"
    assert [row["release"] for rows in snapshot.documents.values() for row in rows] == [2, 2]  # type: ignore[attr-defined]
    assert len(asked(server)) == 8


@pytest.mark.parametrize("path", ["/hosts", "/self/container/name"])
def test_restart_at_the_same_version(
    server: MetadataServer, client: MetadataClient, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    # Everything is 404 for the moment in which the document is asked for, and for that only.
    change_while(
        client, monkeypatch, f"/latest{path}", lambda: server.faults.add("not_ready", times=1)
    )
    assert client.snapshot(path).documents == {path: client.get(path)}


def test_restless_service_is_read_whole(
    server: MetadataServer, client: MetadataClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    releases = iter(range(2, 100))
    change_while(
        client,
        monkeypatch,
        "/latest/hosts",
        lambda: server.replace(answers(next(releases))),
        times=100,
    )
    snapshot = client.snapshot("/hosts", "/containers")
    assert snapshot.version == "4-abcd"
    assert snapshot.roots.keys() == {()}
    assert [row["release"] for rows in snapshot.documents.values() for row in rows] == [4, 4]  # type: ignore[attr-defined]


def change_while(
    client: MetadataClient,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    change: Callable[[], None],
    times: int = 1,
) -> None:
    """Let something happen right before a path is asked for."""
    fetch = client._transport.fetch
    left = iter(range(times))

    def changing(url: str, *args: Any, **kwargs: Any) -> bytes:
        if url.endswith(path) and next(left, None) is not None:
            change()
        return fetch(url, *args, **kwargs)

    monkeypatch.setattr(client._transport, "fetch", changing)


def test_snapshot_is_a_value(client: MetadataClient) -> None:
    snapshot = client.snapshot("/self", "/self/nope")
    copy = pickle.loads(pickle.dumps(snapshot))
    assert copy == snapshot
    assert copy.documents == snapshot.documents
    assert json.dumps(copy.documents)
