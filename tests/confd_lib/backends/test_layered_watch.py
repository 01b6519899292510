"""Watches of several stores in layers, made up and real."""

from __future__ import annotations

import contextlib
import threading
from queue import Queue

import pytest

from confd_lib import Confd, backends
from confd_lib.backends import Layer, Layered, Memory
from confd_lib.errors import BackendError, Refused
from metadata_client import MetadataServer
from tests.confd_lib.backends.layers import AWAY, PATIENCE_S, Unwatched, pair
from tests.confd_lib.backends.snapshots import contents
from tests.confd_lib.outcomes import statuses
from tests.servers.etcd import Etcd, User
from tests.servers.openbao import OpenBao
from tests.servers.zookeeper import ZooKeeper

# -- Watching


@contextlib.contextmanager
def watched(backend, keys=("/",), since=None):
    """Yield a function that returns the next state of a watch, which ends with the block."""
    stop, states = threading.Event(), Queue()

    def listen():
        for snapshot in backend.changes(list(keys), since, stop):
            states.put(contents(snapshot))

    thread = threading.Thread(target=listen)
    thread.start()
    try:
        yield lambda: states.get(timeout=PATIENCE_S)
    finally:
        stop.set()
        thread.join(PATIENCE_S)
        assert not thread.is_alive()
        assert not [one for one in threading.enumerate() if one.name.startswith("confd-layer")]


def heard(layers):
    """Return the queue of what a store of layers reports."""
    reports = Queue()
    layers.report = reports.put
    return reports


def test_the_first_state_has_a_part_of_each_layer_and_the_next_ones_each_change():
    layers, first, vault = pair()
    with watched(layers) as state:
        assert state() == {"/a": "1", "/p": "1", "/q": "1"}
        first.replace({"/a": 2})
        assert state() == {"/a": "2", "/p": "1", "/q": "1"}
        vault.replace({})
        assert state() == {"/a": "2"}


def test_a_watch_begins_from_the_state_that_was_rendered():
    layers, first, _ = pair()
    known = layers.get_values(["/"])
    first.replace({"/a": 2})
    with watched(layers, since=known) as state:
        assert state() == {"/a": "2", "/p": "1", "/q": "1"}


def test_a_layer_without_any_of_the_keys_is_not_waited_for():
    layers, first, vault = pair(keys=["/p"])
    vault.error = AWAY
    with watched(layers, keys=["/a"]) as state:
        assert state() == {"/a": "1"}
        first.replace({"/a": 2})
        assert state() == {"/a": "2"}


def test_a_layer_that_cannot_be_watched_is_asked_in_intervals(caplog):
    unwatched = Unwatched({"/p": 1})
    layers = Layered([Layer(Memory({"/a": 1})), Layer(unwatched, name="env")], interval=0.01)
    with watched(layers) as state:
        assert state() == {"/a": "1", "/p": "1"}
        for _ in range(5):  # what is as it was is no news
            unwatched.asked.get(timeout=PATIENCE_S)
        unwatched.replace({"/p": 2})
        assert state() == {"/a": "1", "/p": "2"}
    assert caplog.messages == ["env: it tells nothing; asking every 0.01 s instead"]


def test_changes_of_the_others_arrive_while_a_layer_is_away(monkeypatch):
    monkeypatch.setattr(backends.layered, "_FIRST_RETRY_S", 0.01)
    layers, first, vault = pair()
    known, reports = layers.get_values(["/"]), heard(layers)
    vault.error = AWAY
    vault.replace({"/p": 2})
    with watched(layers, since=known) as state:
        for number in range(2, 5):
            first.replace({"/a": number})
            assert state() == {"/a": str(number), "/p": "1", "/q": "1"}
        said = {str(reports.get(timeout=PATIENCE_S)) for _ in range(4)}
        assert said <= {"None", f"vault keeps its last values: {AWAY}"}
        vault.error = None
        assert state() == {"/a": "4", "/p": "2"}
    assert layers.lost is None


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (Refused("403"), "vault keeps its last values: 403"),
        (ValueError("odd"), "vault keeps its last values: the store failed: ValueError: odd"),
    ],
)
def test_a_watch_of_a_layer_that_ends_is_begun_again(monkeypatch, error, said):
    monkeypatch.setattr(backends.layered, "_FIRST_RETRY_S", 0.01)
    layers, _, vault = pair()
    known, reports = layers.get_values(["/"]), heard(layers)
    vault.error = error
    vault.replace({"/p": 2})
    with watched(layers, since=known) as state:
        assert str(reports.get(timeout=PATIENCE_S)) == said
        vault.error = None
        assert state() == {"/a": "1", "/p": "2"}


def test_a_watch_ends_when_a_layer_refuses_some_keys_so_that_the_others_are_asked_for(folder):
    folder.both('{{getv "/p"}}', "a", keys=["/p"])
    folder.both('{{getv "/q"}}', "b", keys=["/q"])
    layers, _, vault = pair()
    stop = threading.Event()
    watch = Confd(backend=layers, confdir=folder.path).watch(stop=stop, resync=3600)
    assert statuses(next(watch)) == {"a": "updated", "b": "updated"}
    vault.refused = {"/q"}
    vault.replace({"/p": 2, "/q": 2})
    assert statuses(next(watch)) == {"a": "updated", "b": "failed"}
    assert (folder.dest("a").read_text(), folder.dest("b").read_text()) == ("2", "1")
    vault.replace({"/p": 3, "/q": 3})
    assert statuses(next(watch)) == {"a": "updated", "b": "failed"}
    stop.set()


def test_a_failure_that_a_layer_outlives_by_itself_is_reported_with_its_name():
    class Reporter(Memory):
        report = staticmethod(lambda _: None)

    vault = Reporter({"/p": 1})
    layers = Layered([Layer(Memory({})), Layer(vault, name="vault")])
    reports = heard(layers)
    layers.get_values(["/"])
    vault.report(AWAY)
    assert str(layers.lost) == f"vault keeps its last values: {AWAY}"
    vault.report(None)
    assert [str(reports.get()) for _ in range(2)] == [
        f"vault keeps its last values: {AWAY}",
        "None",
    ]


def test_layers_of_layers_are_one_store():
    inner, _, _ = pair()
    outer = Layered([Layer(inner, name="inner"), Layer(Memory({"/q": 2}))])
    assert contents(outer.get_values(["/"])) == {"/a": "1", "/p": "1", "/q": "2"}


# -- Real stores


def tree(version, ip):
    return {"2015-07-25": {"default": {"version": str(version), "self": {"ip": ip}}}}


@contextlib.contextmanager
def passes(folder, layers):
    """Yield a function that runs the passes of a watch until the destination has a content."""
    stop = threading.Event()
    watch = Confd(backend=layers, confdir=folder.path).watch(stop=stop, resync=3600)

    def until(content):
        for _ in watch:
            if folder.dest().exists() and folder.dest().read_text() == content:
                return

    yield until
    stop.set()
    assert not list(watch)


def test_layers_of_rancher_etcd_a_file_and_the_environment(folder, tmp_path, share):
    etcd = share("etcd")
    etcd.put_all({"/self/n": "etcd", "/secret/p": "etcd"})
    file = tmp_path / "values.yaml"
    file.write_text("secret: {q: file}")
    keys = ["/self/ip", "/self/n", "/secret/p", "/secret/q", "/home"]
    text = " ".join(f'{{{{getv "{key}"}}}}' for key in keys)
    folder.both(text, keys=["/self", "/secret", "/home"])
    with MetadataServer(tree(1, "10.0.0.1")) as server:
        layers = [
            Layer(backends.Rancher(server.url, settle=0), "/2015-07-25", "rancher"),
            Layer(backends.Etcd(etcd.address), name="etcd"),
            Layer(backends.File(file), name="file"),
            Layer(backends.Env({"HOME": "env", "SELF_N": "not asked"}), keys=["/home"]),
        ]
        with passes(folder, Layered(layers)) as until:
            until("10.0.0.1 etcd etcd file env")
            server.replace(tree(2, "10.0.0.2"))
            until("10.0.0.2 etcd etcd file env")
            etcd.put("/secret/p", "news")
            until("10.0.0.2 etcd news file env")
            file.write_text("secret: {q: news, p: over}")
            until("10.0.0.2 etcd over news env")


def test_the_last_of_many_changes_in_two_stores_is_seen_though_one_restarts(folder, start):
    etcd = start(Etcd)
    etcd.put("/self/n", "0")
    folder.both('{{getv "/self/ip"}} {{getv "/self/n"}}', keys=["/self"])
    with MetadataServer(tree(0, "0")) as server:
        rancher = Layer(backends.Rancher(server.url, settle=0), "/2015-07-25", "rancher")
        layers = Layered([rancher, Layer(backends.Etcd(etcd.address), name="etcd")])
        with passes(folder, layers) as until:
            until("0 0")
            for number in range(1, 201):
                etcd.put("/self/n", str(number))
                server.replace(tree(number, str(number)))
            until("200 200")
            etcd.server.stop()
            server.replace(tree(201, "201"))
            until("201 200")
            assert layers.lost is not None
            etcd.server.start()
            for number in range(201, 401):
                etcd.put("/self/n", str(number))
            until("201 400")
            assert layers.lost is None


def test_a_key_that_zookeeper_lacks_is_another_layer_s(folder, start):
    zookeeper = start(ZooKeeper)
    zookeeper.put("/app/n", "1")
    folder.both('{{getv "/self"}} {{getv "/app/n"}}', keys=["/self", "/app"])
    memory = Memory({"/self": "a"})
    layers = Layered([Layer(memory), Layer(backends.ZooKeeper(zookeeper.address), name="zk")])
    with passes(folder, layers) as until:
        until("a 1")
        zookeeper.put("/app/n", "2")
        until("a 2")
        memory.replace({"/self": "b"})
        until("b 2")
        zookeeper.put("/self", "z")
        until("z 2")


def test_a_watch_ends_while_a_store_is_frozen(start):
    etcd = start(Etcd)
    memory = Memory({"/a": 1})
    layers = Layered([Layer(backends.Etcd(etcd.address)), Layer(memory)])
    with watched(layers) as state:
        assert state() == {"/a": "1"}
        etcd.server.freeze()
        memory.replace({"/a": 2})
        assert state() == {"/a": "2"}
    etcd.server.thaw()


def test_a_store_with_few_rights_is_asked_for_its_keys_alone(start):
    etcd = start(
        Etcd, users=[User("app", "pw", [("/secret/", "/secret0"), ("/secret", "/secret\0")])]
    )
    etcd.put_all({"/secret/p": "1", "/self": "hidden"})
    store = backends.Etcd(etcd.address, username="app", password="pw")
    keys = ["/self", "/secret"]
    with pytest.raises(BackendError, match="permission denied") as caught:
        Layered([Layer(Memory({"/self": 1})), Layer(store)]).get_values(keys)
    assert caught.value.keys == ("/self",)
    layers = Layered([Layer(Memory({"/self": 1})), Layer(store, keys=["/secret"])])
    assert contents(layers.get_values(keys), keys=keys) == {"/self": "1", "/secret/p": "1"}


def test_rancher_and_vault_whose_token_may_read_nothing_else(folder, start):
    bao = start(OpenBao, keeps=True)
    bao.write_secret("kv1/db", {"password": "one", "user": "u"})
    token = bao.add_token("narrow", 'path "kv1/db" { capabilities = ["read"] }')
    folder.both('{{getv "/self/ip"}} {{getv "/kv1/db/password"}}', keys=["/self", "/kv1/db"])
    with MetadataServer(tree(1, "10.0.0.1")) as server:
        rancher = Layer(backends.Rancher(server.url, settle=0), "/2015-07-25", "rancher")
        vault = Layer(backends.Vault(bao.address, token=token), name="vault", keys=["/kv1"])
        layers = Layered([rancher, vault], interval=0.1)
        with passes(folder, layers) as until:
            until("10.0.0.1 one")
            bao.write_secret("kv1/db", {"password": "two", "user": "u"})
            until("10.0.0.1 two")
            bao.server.stop()
            server.replace(tree(2, "10.0.0.2"))
            until("10.0.0.2 two")
            bao.server.start()
            bao.unseal()
            bao.write_secret("kv1/db", {"password": "three", "user": "u"})
            until("10.0.0.2 three")
            bao.revoke(token)
            server.replace(tree(3, "10.0.0.3"))
            until("10.0.0.3 three")
            with pytest.raises(BackendError, match="permission denied"):
                Layered([vault]).get_values(["/kv1/db"])
