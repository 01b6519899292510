"""The stand-in for Consul answers as Consul's documentation says."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.servers.consul.store import Consul
from tests.servers.fixtures import Share, Start
from tests.servers.loopback.certificates import Certificates
from tests.servers.loopback.proxy import Proxy

Stand = Callable[[int], Proxy]


@pytest.fixture
def consul(share: Share) -> Consul:
    store = share("consul")
    assert isinstance(store, Consul)
    return store


def kv(consul: Consul, query: str, method: str = "GET", body: object = None) -> requests.Response:
    return consul.web().ask(method, f"/v1/kv/{query}", body)


def index(answer: requests.Response) -> int:
    return int(answer.headers["X-Consul-Index"])


def keys(answer: requests.Response) -> list[str]:
    return [entry["Key"] for entry in answer.json()]


def test_a_key_has_its_value_in_base64_and_its_indexes(consul: Consul) -> None:
    assert kv(consul, "app/a", "PUT", 1).json() is True
    first = kv(consul, "app/a")
    (entry,) = first.json()
    made = entry["CreateIndex"]
    assert entry == {
        "LockIndex": 0,
        "Key": "app/a",
        "Flags": 0,
        "Value": "MQ==",
        "CreateIndex": made,
        "ModifyIndex": made,
    }
    assert index(first) == made
    kv(consul, "app/a", "PUT", 2)
    (entry,) = kv(consul, "app/a").json()
    assert (entry["CreateIndex"], entry["ModifyIndex"], entry["Value"]) == (made, made + 1, "Mg==")


def test_recurse_takes_every_key_that_begins_with_the_text(consul: Consul) -> None:
    consul.put_all({"/app/a": "1", "/app": "2", "/apple": "", "/b": "3"})
    assert keys(kv(consul, "app?recurse")) == ["app", "app/a", "apple"]
    assert kv(consul, "apple").json()[0]["Value"] is None
    assert keys(kv(consul, "?recurse")) == ["app", "app/a", "apple", "b"]
    assert kv(consul, "app?recurse", "DELETE").json() is True
    assert keys(kv(consul, "?recurse")) == ["b"]


NAMES: list[tuple[str, list[str]]] = [
    ("?keys", ["app/a", "app/b/c", "app/b/d", "apple", "b"]),
    ("?keys&separator=/", ["app/", "apple", "b"]),
    ("app/?keys&separator=/", ["app/a", "app/b/"]),
    ("ap?keys&separator=/", ["app/", "apple"]),
]


@pytest.mark.parametrize(("query", "names"), NAMES)
def test_keys_gives_names_without_values(consul: Consul, query: str, names: list[str]) -> None:
    consul.put_all({"/app/a": "1", "/app/b/c": "2", "/app/b/d": "3", "/apple": "4", "/b": "5"})
    assert kv(consul, query).json() == names


def test_the_root_has_an_empty_list_of_names(consul: Consul) -> None:
    answer = kv(consul, "?keys")
    assert (answer.status_code, answer.json()) == (200, [])
    assert index(answer) == index(kv(consul, "no?recurse"))


@pytest.mark.parametrize("query", ["no", "no?recurse", "no?keys"])
def test_404_has_an_index_and_no_body(consul: Consul, query: str) -> None:
    consul.put("/a", "1")
    answer = kv(consul, query)
    assert (answer.status_code, answer.content) == (404, b"")
    assert index(answer) == index(kv(consul, "a"))


def test_keys_are_taken_as_they_are(consul: Consul) -> None:
    consul.put_raw({"/lead": "1", "a//b": "2", "a/../c": "3", "ü ?&%41": "4"})
    assert keys(kv(consul, "?recurse")) == ["/lead", "a/../c", "a//b", "ü ?&%41"]
    assert keys(kv(consul, "%C3%BC%20%3F%26%2541")) == ["ü ?&%41"]


def held(consul: Consul, proxy: Proxy, query: str) -> requests.Response:
    """Return the answer to a GET that waits, sent by a proxy that counts its bytes."""
    web = dataclasses.replace(consul.web(), url=f"http://{proxy.address}")
    return web.ask("GET", f"/v1/kv/{query}&wait=15s")


@pytest.mark.parametrize("query", ["app/a?", "app/?recurse&", "app?keys&separator=/&"])
def test_a_get_waits_for_a_change_of_its_own(consul: Consul, proxied: Stand, query: str) -> None:
    consul.put_all({"/app/a": "1", "/b": "1"})
    since = index(kv(consul, query))
    proxy = proxied(consul.server.port)
    with ThreadPoolExecutor() as threads:
        answer = threads.submit(held, consul, proxy, f"{query}index={since}")
        proxy.wait_for(lambda proxy: proxy.sent > 0)
        consul.put("/b", "2")
        assert proxy.received == 0
        consul.put("/app/a", "2")
        assert index(answer.result()) == since + 2
        assert kv(consul, "app/a").json()[0]["Value"] == "Mg=="


def test_a_get_that_waits_hears_of_a_deletion(consul: Consul, proxied: Stand) -> None:
    consul.put_all({"/app/a": "1", "/app/b": "2"})
    since = index(kv(consul, "app/?recurse"))
    proxy = proxied(consul.server.port)
    with ThreadPoolExecutor() as threads:
        answer = threads.submit(held, consul, proxy, f"app/?recurse&index={since}")
        proxy.wait_for(lambda proxy: proxy.sent > 0)
        consul.delete("/app/a")
        assert keys(answer.result()) == ["app/b"]
        assert index(answer.result()) == since + 1


def test_a_get_returns_when_its_time_is_over(consul: Consul) -> None:
    consul.put("/a", "1")
    since = index(kv(consul, "a"))
    answer = kv(consul, f"a?index={since}&wait=10ms")
    assert (answer.status_code, index(answer)) == (200, since)


@pytest.mark.parametrize("since", [0, 1])
def test_a_get_with_an_old_index_returns_at_once(consul: Consul, since: int) -> None:
    consul.put("/a", "1")
    assert kv(consul, f"a?index={since}").ok


def test_a_restored_snapshot_has_its_old_indexes(consul: Consul) -> None:
    consul.put("/a", "1")
    before, snapshot = index(kv(consul, "a")), consul.snapshot()
    consul.put("/a", "2")
    consul.put("/b", "2")
    consul.restore(snapshot)
    answer = kv(consul, "?recurse")
    assert (keys(answer), index(answer)) == (["a"], before)
    # The client does not know of it, and waits.
    answer = kv(consul, f"a?index={before + 1}&wait=10ms")
    assert index(answer) == before


def test_a_transaction_reads_trees_and_has_no_index(consul: Consul) -> None:
    consul.put_all({"/app/a": "1", "/b": "2", "/c": "3"})
    trees = [{"KV": {"Verb": "get-tree", "Key": key}} for key in ("app", "b", "no")]
    answer = consul.web().ask("PUT", "/v1/txn", trees)
    results = answer.json()["Results"]
    assert [(one["KV"]["Key"], one["KV"]["Value"]) for one in results] == [
        ("app/a", "MQ=="),
        ("b", "Mg=="),
    ]
    assert answer.json()["Errors"] is None
    assert "X-Consul-Index" not in answer.headers


FAILING: list[tuple[dict[str, str], str]] = [
    ({"Verb": "get-tree", "Key": ""}, "Must provide key"),
    ({"Verb": "get", "Key": "no"}, 'key "no" doesn\'t exist'),
]


@pytest.mark.parametrize(("operation", "what"), FAILING)
def test_a_transaction_that_fails_is_a_conflict(
    consul: Consul, operation: dict[str, str], what: str
) -> None:
    consul.put("/a", "1")
    good = {"KV": {"Verb": "get", "Key": "a"}}
    answer = consul.web().ask("PUT", "/v1/txn", [good, {"KV": operation}])
    assert answer.status_code == 409
    assert answer.json() == {"Results": None, "Errors": [{"OpIndex": 1, "What": what}]}


def test_a_transaction_has_64_operations_at_most(consul: Consul) -> None:
    one = {"KV": {"Verb": "get-tree", "Key": "a"}}
    assert consul.web().ask("PUT", "/v1/txn", [one] * 64).ok
    assert consul.web().ask("PUT", "/v1/txn", [one] * 65).status_code == 413


def with_token(consul: Consul, token: str, path: str) -> tuple[int, object]:
    web = dataclasses.replace(consul.web(), headers={"X-Consul-Token": token} if token else {})
    answer = web.ask("GET", f"/v1/kv/{path}")
    return answer.status_code, keys(answer) if answer.ok else answer.text


RIGHTS: list[tuple[str, str, tuple[int, object]]] = [
    ("narrow", "app/a", (200, ["app/a"])),
    ("narrow", "b", (403, "Permission denied")),
    ("narrow", "?recurse", (200, ["app/a"])),
    ("narrow", "b?recurse", (404, "")),
    ("narrow", "b?keys", (404, "")),
    ("", "app/a", (403, "Permission denied")),
    ("", "?recurse", (404, "")),
    ("wrong", "?recurse", (403, "ACL not found")),
    ("management", "?recurse", (200, ["app/a", "b"])),
]


def test_a_token_reads_below_its_prefixes(start: Start) -> None:
    consul = start(Consul, tokens={"narrow": ["app/", "x/"]})
    consul.put_all({"/app/a": "1", "/b": "2"})
    assert [with_token(consul, token, path) for token, path, _ in RIGHTS] == [
        answer for _, _, answer in RIGHTS
    ]
    web = dataclasses.replace(consul.web(), headers={"X-Consul-Token": "narrow"})
    trees = [{"KV": {"Verb": "get-tree", "Key": key}} for key in ("app", "b")]
    results = web.json("PUT", "/v1/txn", trees)["Results"]
    assert [one["KV"]["Key"] for one in results] == ["app/a"]
    assert web.ask("PUT", "/v1/kv/b", 3).status_code == 403
    assert web.ask("DELETE", "/v1/kv/?recurse").status_code == 403
    denied = web.ask("PUT", "/v1/txn", [{"KV": {"Verb": "set", "Key": "b", "Value": ""}}])
    assert denied.json()["Errors"] == [{"OpIndex": 0, "What": "Permission denied"}]


def test_basic_authentication(start: Start) -> None:
    consul = start(Consul, login="u:p")
    consul.put("/a", "1")
    assert consul.get("/a") == b"1"
    assert dataclasses.replace(consul.web(), headers={}).ask("GET", "/v1/kv/a").status_code == 401


def test_tls_needs_a_certificate_of_the_client(start: Start, certificates: Certificates) -> None:
    consul = start(Consul, tls=certificates)
    consul.put("/a", "1")
    assert consul.get("/a") == b"1"
    with pytest.raises(requests.ConnectionError):
        dataclasses.replace(consul.web(), client=None).ask("GET", "/v1/kv/a")
    with pytest.raises(requests.exceptions.SSLError):
        dataclasses.replace(consul.web(), ca=certificates.other).ask("GET", "/v1/kv/a")
