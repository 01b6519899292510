"""Every store starts, keeps and forgets keys as tests ask it to."""

from __future__ import annotations

import socket
from collections.abc import Callable

import pytest
import redis
import requests

from tests.servers.cluster import Cluster
from tests.servers.consul.store import Consul
from tests.servers.etcd import Etcd, User, etcd_of_wheel
from tests.servers.fixtures import MAKERS, Share, Start
from tests.servers.loopback.certificates import Certificates
from tests.servers.openbao import OpenBao
from tests.servers.redis import Redis, valkey
from tests.servers.stores import Store
from tests.servers.zookeeper import ZooKeeper

TEXTS = {"/app/a": "1", "/app/deep/er": "ü €", "/app/empty": "", "/apple": "{{.}}\n", "/ü a": "x"}
# The stores that keep what they had when their process ends.
LASTING = [Etcd, etcd_of_wheel, Redis, valkey, ZooKeeper, Consul]


def test_a_key_is_put_read_and_deleted(store: Store) -> None:
    wanted = {f"{store.root}{key}": value for key, value in TEXTS.items()}
    for key, value in wanted.items():
        store.put(key, value)
    assert {key: store.get(key) for key in wanted} == {k: v.encode() for k, v in wanted.items()}
    store.put(f"{store.root}/app/a", "2")
    assert store.get(f"{store.root}/app/a") == b"2"
    store.delete(f"{store.root}/app/a")
    assert store.get(f"{store.root}/app/a") is None
    assert store.get(f"{store.root}/apple") == b"{{.}}\n"
    store.clear()
    assert [key for key in wanted if store.get(key) is not None] == []


def test_many_keys_are_put_at_once(store: Store) -> None:
    many = {f"{store.root}/many/{n % 7}/{n}": str(n) for n in range(300)}
    store.put(f"{store.root}/many/1/1", "before")
    store.put_all(many)
    assert {key: store.get(key) for key in many} == {key: v.encode() for key, v in many.items()}


@pytest.mark.parametrize("name", [name for name in MAKERS if name != "openbao"])
def test_a_value_may_be_no_text(share: Share, name: str) -> None:
    store = share(name)
    store.put_all({"/bytes": b"caf\xe9", "/surrogates": "caf\udce9"})
    assert store.get("/bytes") == store.get("/surrogates") == b"caf\xe9"


@pytest.mark.parametrize("make", LASTING)
def test_a_killed_store_comes_back_with_its_keys(start: Start, make: Callable[..., Store]) -> None:
    store = start(make)
    before = store.address
    store.put("/app/a", "1")
    store.server.kill()
    assert not store.server.runs
    store.server.start()
    assert (store.address, store.get("/app/a")) == (before, b"1")
    store.server.stop()
    store.server.empty()
    assert (store.address, store.get("/app/a")) == (before, None)
    store.put("/app/a", "2")
    assert store.get("/app/a") == b"2"


def test_a_frozen_store_answers_once_it_is_thawed(start: Start) -> None:
    store = start(Redis)
    with socket.create_connection(("127.0.0.1", store.server.port), timeout=20) as client:
        store.server.freeze()
        client.sendall(b"PING\r\n")
        client.settimeout(0)
        with pytest.raises(BlockingIOError):
            client.recv(100)
        store.server.thaw()
        client.settimeout(20)
        assert client.recv(100) == b"+PONG\r\n"


def test_a_frozen_store_can_be_stopped(start: Start) -> None:
    store = start(Redis)
    store.server.freeze()
    store.server.stop()
    assert not store.server.runs


def test_etcd_with_client_certificates(start: Start, certificates: Certificates) -> None:
    store = start(Etcd, tls=certificates, asks_for_certificates=True)
    store.put("/a", "1")
    assert store.get("/a") == b"1"
    version = f"{store.url}/version"
    with requests.Session() as session:
        session.trust_env = False
        good = session.get(version, verify=certificates.ca, cert=certificates.of_client, timeout=9)
        assert good.ok
        with pytest.raises(requests.exceptions.SSLError):
            session.get(version, verify=certificates.other, timeout=9)
        # The server ends a connection without a certificate after its own handshake.
        with pytest.raises(requests.ConnectionError):
            session.get(version, verify=certificates.ca, timeout=9)


def test_etcd_with_users(start: Start) -> None:
    store = start(Etcd, users=[User("u", "p", [("/app", "/app0")])])
    store.put_all({"/app/a": "1", "/other": "2"})
    assert store.get("/other") == b"2"
    with pytest.raises(requests.HTTPError, match="user name is empty"):
        store.anonymous().json("POST", "/v3/kv/range", {"key": "L2E="})
    login = {"name": "u", "password": "p"}
    assert store.anonymous().json("POST", "/v3/auth/authenticate", login)["token"]
    store.server.empty()
    assert store.get("/other") is None


def test_etcd_forgets_its_history(start: Start) -> None:
    store = start(Etcd)
    store.put("/a", "1")
    store.put("/a", "2")
    before = store.revision()
    store.put("/a", "3")
    assert store.revision() == before + 1
    store.compact()
    with pytest.raises(requests.HTTPError, match="compacted"):
        store.anonymous().json("POST", "/v3/kv/range", {"key": "L2E=", "revision": before})


def test_a_cluster_answers_without_one_of_its_members(cluster: Cluster) -> None:
    first, second, third = cluster.members
    first.put("/a", "1")
    assert third.get("/a") == b"1"
    first.server.kill()
    cluster.settle()
    second.put("/a", "2")
    assert third.get("/a") == b"2"
    first.server.start()
    assert first.get("/a") == b"2"


def test_redis_with_tls_and_a_password(start: Start, certificates: Certificates) -> None:
    secure = start(Redis, tls=certificates, password="secret")
    secure.put("/a", "1")
    assert secure.get("/a") == b"1"
    with (
        secure.client(password="no") as client,
        pytest.raises(Exception, match="invalid username-password"),
    ):
        client.get("/a")


def test_redis_with_users(start: Start) -> None:
    store = start(Redis, users=["bob on >secret ~/app/* +@read"])
    store.put_all({"/app/a": "1", "/other": "2"})
    with store.client(username="bob", password="secret") as client:
        assert client.get("/app/a") == b"1"
        with pytest.raises(redis.exceptions.NoPermissionError):
            client.get("/other")


def test_redis_cuts_its_clients(start: Start) -> None:
    store = start(Redis)
    with socket.create_connection(("127.0.0.1", store.server.port), timeout=20) as client:
        client.sendall(b"PING\r\n")
        assert client.recv(100) == b"+PONG\r\n"
        store.cut()
        assert client.recv(100) == b""


def test_openbao_with_tls(start: Start) -> None:
    store = start(OpenBao, tls=True)
    store.put("/kv1/a", "1")
    assert store.get("/kv1/a") == b"1"


def test_openbao_is_sealed_when_it_comes_back(start: Start) -> None:
    store = start(OpenBao, keeps=True)
    store.put("/kv1/a", "1")
    store.server.kill()
    store.server.start()
    with pytest.raises(requests.HTTPError, match="sealed"):
        store.get("/kv1/a")
    store.unseal()
    assert store.get("/kv1/a") == b"1"
