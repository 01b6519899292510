"""Every recording can be set up again beside the stores of tests."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import requests
from kazoo.client import KazooClient
from kazoo.exceptions import NoAuthError

from tests.servers.consul.store import Consul
from tests.servers.fixtures import Share, Start
from tests.servers.loopback.certificates import Certificates
from tests.servers.openbao import OpenBao
from tests.servers.recorded import (
    Recording,
    elsewhere,
    holds_bytes,
    key_of,
    recordings,
    set_up,
    stand,
    value_of,
)
from tests.servers.redis import Redis
from tests.servers.stores import Store

KEYS = recordings("keys")
BY_ID = {one.id: one for one in recordings()}


def found(store: Store, key: Any, value: Any) -> object:
    """Return what a store holds at a key, in the form of `wanted`."""
    if isinstance(store, OpenBao):
        data = store.web().json("GET", f"/v1/{quote(key)}")["data"]
        return {"data": data["data"]} if key.startswith("secret/") else data
    if isinstance(store, Redis) and not holds_bytes(store, value):
        with store.client(db=value.get("db", 0), decode_responses=True) as client:
            return client.type(key)
    if isinstance(store, Consul):
        entries = store.web().json("GET", "/v1/kv/?recurse")
        (held,) = [
            entry["Value"] for entry in entries if entry["Key"].lstrip("/") == key.lstrip("/")
        ]
        return value_of({"base64": held or ""})
    return store.get(key_of(key))


def wanted(store: Store, value: Any) -> object:
    if isinstance(store, OpenBao):
        return value
    if isinstance(store, Redis) and not holds_bytes(store, value):
        return next(iter(value)).replace("text", "string")
    return value_of(value)


@pytest.mark.parametrize("recording", KEYS, ids=lambda one: one.id)
def test_a_store_holds_the_keys_of_a_recording(
    recording: Recording, share: Share, start: Start, certificates: Certificates
) -> None:
    store = stand(recording, share, start, certificates)
    assert recording.contents
    pairs = recording.contents[:: max(1, len(recording.contents) // 20)]
    if "deleted" in recording.id:
        pairs = [pair for pair in pairs if pair[0] != "secret/data/dir/two"]
    assert [found(store, *pair) for pair in pairs] == [wanted(store, value) for _, value in pairs]


# A recording of each other server, and what is not to be had from a shared one.
OTHERS = {
    "etcdv3-tls-good": ["-client-ca-keys", "-client-cert", "-client-key"],
    "etcdv3-auth-narrow": [],
    "redis-password": [],
    "redis-unix": ["-node"],
    "vault-tls-good": ["-client-ca-keys"],
    "vault-sealed": [],
    "vault-v2-deleted": [],
    "consul-server-down": [],
    "vault-token-narrow": [],
    "vault-app-role-wrong": [],
    "consul-tls-good": ["-client-ca-keys", "-client-cert", "-client-key"],
    "consul-token-none": [],
    "consul-auth-wrong": [],
}


@pytest.mark.parametrize("name", OTHERS)
def test_a_recording_has_its_own_server(
    name: str, share: Share, start: Start, certificates: Certificates, tmp_path: Path
) -> None:
    recording = BY_ID[name]
    store = stand(recording, share, start, certificates)
    setting = set_up(recording, tmp_path, store, certificates)
    flags = dict(zip(setting.argv, setting.argv[1:], strict=False))
    assert [flag for flag in OTHERS[name] if not Path(flags[flag]).exists()] == []
    assert {*setting.words} & {*setting.argv} == set()
    assert str(store.server.port) in " ".join(setting.argv) or name == "redis-unix"


def test_nodes_of_zookeeper_are_shut(
    share: Share, start: Start, certificates: Certificates
) -> None:
    store = stand(BY_ID["zookeeper-acl"], share, start, certificates)
    client = KazooClient(store.address)
    client.start()
    try:
        assert client.get("/pub/a")[0] == b"1"
        with pytest.raises(NoAuthError):
            client.get("/pub/secret")
    finally:
        client.stop()
        client.close()


def test_a_narrow_token_reads_what_its_policy_names(
    share: Share, start: Start, certificates: Certificates, tmp_path: Path
) -> None:
    recording = BY_ID["vault-token-narrow"]
    store = stand(recording, share, start, certificates)
    token = set_up(recording, tmp_path, store, certificates).words["TOKEN-NARROW"]
    asked = [
        requests.get(f"{store.address}/v1/{path}", headers={"X-Vault-Token": token}, timeout=20)
        for path in ("kv1/top", "kv1/db/main", "kv1/db", "kv1/app")
    ]
    assert [answer.status_code for answer in asked] == [200, 200, 403, 403]


def test_a_folder_has_the_resources_of_a_recording(
    share: Share, start: Start, certificates: Certificates, tmp_path: Path
) -> None:
    recording = BY_ID["redis-types"]
    store = stand(recording, share, start, certificates)
    setting = set_up(recording, tmp_path, store, certificates)
    for number, resource in enumerate(recording.resources):
        table = tomllib.loads((tmp_path / f"conf.d/r{number}.toml").read_text())["template"]
        assert table["keys"] == resource["keys"]
        template = tmp_path / "templates" / table["src"]
        assert template.read_bytes().decode() == resource["template"]
        assert table["dest"] in setting.expected
    assert set(setting.written.values()) == {None}
    Path(next(iter(setting.expected))).write_text("a")
    assert b"a" in setting.written.values()


def test_few_recordings_need_something_else_than_a_store() -> None:
    assert Counter(filter(None, map(elsewhere, recordings()))) == {
        "names of DNS": 16,
        "a store on its default port": 7,
        "a socket that never answers": 5,
        "users of etcd's version 2": 4,
        "a web server": 3,
        "a certificate for another host": 2,
        "a server that answers 500": 2,
        "a server that answers no JSON": 1,
    }


def test_a_recording_without_a_store_says_what_it_needs(
    share: Share, start: Start, certificates: Certificates
) -> None:
    with pytest.raises(LookupError, match="redis-silent needs a socket that never answers"):
        stand(BY_ID["redis-silent"], share, start, certificates)
