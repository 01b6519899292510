"""Layers: whose value counts, what each is asked for, and what happens while one of them fails."""

from __future__ import annotations

import contextlib
import threading
from queue import Queue

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from confd_lib import Confd, backends
from confd_lib.backends import Layer, Layered, Memory
from confd_lib.errors import BackendError, CannotWatch, Interrupted, Refused
from confd_lib.golang.path import join
from confd_lib.run.source import Source
from confd_lib.store.levels import climbs
from confd_lib.store.store import Store as Tree
from metadata_client import MetadataServer
from tests.confd_lib.outcomes import statuses
from tests.confd_lib.store import test_store as generated
from tests.servers.etcd import Etcd, User
from tests.servers.openbao import OpenBao
from tests.servers.zookeeper import ZooKeeper

# A test waits so long for what has to come.
PATIENCE_S = 30


class Store(Memory):
    """A store in memory that fails on demand, and notes what it is asked for.

    Attributes:
        error: is raised by every question and watch; None for none.
        refused: the keys for which questions and watches fail, and not for others.
        asked: the keys of each question.
    """

    def __init__(self, values, error=None):
        super().__init__(values)
        self.error = error
        self.refused = set()
        self.asked = Queue()

    def get_values(self, keys):
        self.asked.put(list(keys))
        self._fail(keys)
        return super().get_values(keys)

    def changes(self, keys, since, stop):
        for snapshot in super().changes(keys, since, stop):
            self._fail(keys)
            yield snapshot

    def _fail(self, keys):
        if self.error:
            raise self.error
        if self.refused & set(keys):
            raise Refused("403", sorted(self.refused))


class Unwatched(Store):
    def changes(self, keys, since, stop):
        raise CannotWatch("it tells nothing")


def values(snapshot, prefix="/", keys=("/",)):
    return dict(snapshot.view(prefix, list(keys)).items())


AWAY = BackendError("http://vault: connection refused")


# -- One state


TWO = [
    pytest.param([], [], ["/"], {}, id="no-layers"),
    pytest.param(
        [{"/a": 1, "/b": 1}, {"/b": 2, "/c": 2}],
        [{}, {}],
        ["/"],
        {"/a": "1", "/b": "2", "/c": "2"},
        id="the-later-one-wins-key-by-key",
    ),
    pytest.param(
        [{"v1": {"a": {"x": 1, "y": 1}}}, {"a": {"x": 2}}],
        [{"prefix": "/v1"}, {}],
        ["/a"],
        {"/a/x": "2", "/a/y": "1"},
        id="each-has-a-prefix",
    ),
    pytest.param(
        [{"/a": 1}, {"/a": 2, "/secret/p": 2}],
        [{}, {"keys": ["/secret"]}],
        ["/"],
        {"/a": "1", "/secret/p": "2"},
        id="only-its-keys",
    ),
    pytest.param(
        [{"/secret/p": 1, "/x": 1}, {"v1": {"secret": {"p": 2, "q": 2}}}],
        [{}, {"keys": ["secret/p"], "prefix": "v1"}],
        ["/secret", "/secret/p"],
        {"/secret/p": "2"},
        id="only-its-keys-below-a-key",
    ),
    pytest.param(
        [{"/secrets": 1}, {"/secrets": 2}],
        [{}, {"keys": ["/secret"]}],
        ["/secrets"],
        {"/secrets": "1"},
        id="a-longer-name-is-another-key",
    ),
]


def layered(trees, options, **others):
    pairs = zip(trees, options, strict=True)
    return Layered([Layer(Memory(tree), **option) for tree, option in pairs], **others)


@pytest.mark.parametrize(("trees", "options", "keys", "expected"), TWO)
def test_the_values_of_layers_are_merged(trees, options, keys, expected):
    assert values(layered(trees, options).get_values(keys), keys=keys) == expected


def test_the_prefix_of_a_resource_is_cut_off_in_each_layer():
    trees = [{"/v1/app/db/x": 1, "/v1/apple": 1}, {"/app/db/y": 2}]
    snapshot = layered(trees, [{"prefix": "/v1"}, {"keys": ["/app/db"]}]).get_values(["/app"])
    assert values(snapshot, "/app", ["/"]) == {"/db/x": "1", "/db/y": "2"}
    assert values(snapshot, "/app/db", ["/y", "/x"]) == {"/x": "1", "/y": "2"}


@given(
    tree=generated.maps,
    rules=generated.rule_names,
    outer=st.sampled_from(["/", "", "/v1", "v/1/"]),
    prefix=generated.prefixes,
    keys=generated.keys,
)
def test_one_layer_gives_what_its_store_gives(tree, rules, outer, prefix, keys):
    # A key that climbs out of the prefix has none.
    assume(join("/", outer) == "/" or not climbs(tree))
    rules = generated.RULES[rules][0]
    alone, below = (
        backends.StoreSnapshot("1", Tree.from_documents({root: tree}, rules=rules))
        for root in ("/", join("/", outer))
    )
    found = Layer(Memory({}), prefix=outer).view(below, prefix, keys)
    assert dict(found.items()) == dict(alone.view(prefix, keys).items())


def test_a_layer_is_asked_for_its_own_keys_alone():
    store, other = Store({}), Store({})
    layers = Layered([Layer(store, prefix="/v1", keys=["/db", "/web"]), Layer(other)])
    layers.get_values(["/self", "/db/a", "/"])
    assert store.asked.get() == ["/v1/db/a", "/v1/db", "/v1/web"]
    assert other.asked.get() == ["/self", "/db/a", "/"]
    layers.get_values(["/self"])
    assert store.asked.empty()


class Strict(backends.StoreSnapshot):
    """A state that fails for a key that it lacks, as that of ZooKeeper does."""

    def view(self, prefix, keys):
        for key in keys:
            if not self.store.root.descend(join(prefix, key).split("/")[1:]):
                raise BackendError("no node", [key])
        return super().view(prefix, keys)


def test_a_key_that_one_layer_lacks_may_be_another_one_s():
    layer = Layer(Memory({}), prefix="/v1")
    state = Strict("1", Tree({"v1": {"b": {"x": 1}}}))
    assert dict(layer.view(state, "/", ["/a", "/b", "/c"]).items()) == {"/b/x": "1"}
    assert dict(layer.view(state, "/b", ["/"]).items()) == {"/x": "1"}

    class Broken(backends.StoreSnapshot):
        def view(self, prefix, keys):
            raise BackendError("odd")

    with pytest.raises(BackendError, match=r"^odd$"):
        layer.view(Broken("1", Tree({})), "/", ["/a"])


def test_versions_are_named():
    layers = [Layer(backends.Env({})), Layer(Memory({}), name="defaults"), Layer(Memory({}))]
    assert Layered(layers).get_values(["/"]).version == "defaults 1, layer 3 1"


def test_prefixes_are_joined_if_those_of_a_layer_are():
    rancher = backends.Rancher("http://127.0.0.1:1")
    assert Layered([Layer(rancher), Layer(Memory({}))]).joins_prefixes is True
    assert Layered([Layer(Memory({}))]).joins_prefixes is False


# -- Failures


def pair(**options):
    """Return layers, the last of which is called vault, and both stores."""
    first, vault = Store({"/a": 1}), Store({"/p": 1, "/q": 1})
    return Layered([Layer(first), Layer(vault, name="vault", **options)]), first, vault


def test_a_layer_that_fails_keeps_its_last_values_and_is_named_once(caplog):
    caplog.set_level("INFO")
    layers, first, vault = pair()
    source = Source(layers)
    source.get_values(["/"])
    assert (layers.lost, source.connection.error) == (None, "")
    vault.error = AWAY
    for number in (2, 3):
        first.replace({"/a": number})
        assert values(source.get_values(["/"])) == {"/a": str(number), "/p": "1", "/q": "1"}
    said = "vault keeps its last values: http://vault: connection refused"
    assert (source.connection.reachable, source.connection.error) == (False, said)
    vault.error = None
    assert values(source.get_values(["/"])) == {"/a": "3", "/p": "1", "/q": "1"}
    assert source.connection.reachable
    assert [(one.levelname, one.message) for one in caplog.records] == [
        ("ERROR", said),
        ("INFO", "The store answers again"),
    ]


def test_each_outage_of_a_layer_is_named_while_another_one_is_away(caplog):
    layers, first, vault = pair()
    source = Source(layers)
    source.get_values(["/"])
    for error in (AWAY, None, AWAY):
        first.error, vault.error = BackendError("odd"), error
        source.get_values(["/"])
    one, other = "layer 1 keeps its last values: odd", f"vault keeps its last values: {AWAY}"
    assert caplog.messages == [f"{one}; {other}", one, f"{one}; {other}"]


@pytest.mark.parametrize(
    ("options", "keys", "lost"),
    [
        ({}, ["/a", "/p"], ()),
        ({"keys": ["/p"]}, ["/a", "/p/x"], ("/p/x",)),
        ({"keys": ["/p"], "prefix": "/v1"}, ["/p", "/a"], ("/p",)),
    ],
)
def test_a_layer_without_good_values_loses_the_keys_that_it_is_asked_for(options, keys, lost):
    layers, _, vault = pair(**options)
    vault.error = AWAY
    with pytest.raises(BackendError, match=f"^vault: {AWAY}$") as caught:
        layers.get_values(keys)
    assert caught.value.keys == lost


def test_last_values_do_not_stand_for_keys_that_were_not_asked_for():
    layers, _, vault = pair(keys=["/p", "/q"])
    layers.get_values(["/a", "/p"])
    vault.error = AWAY
    assert values(layers.get_values(["/a", "/p"]), keys=["/p"]) == {"/p": "1"}
    with pytest.raises(BackendError) as caught:
        layers.get_values(["/a", "/p", "/q"])
    assert caught.value.keys == ("/q",)


def test_a_layer_that_refuses_some_keys_loses_these_alone():
    layers, _, vault = pair(prefix="/v1")
    layers.get_values(["/a", "/p", "/q"])
    vault.error = Refused("403", ["/v1/q"])
    repeated = []
    for _ in range(2):
        with pytest.raises(BackendError, match=r"^vault: 403$") as caught:
            layers.get_values(["/a", "/p", "/q"])
        assert caught.value.keys == ("/q",)
        repeated.append(caught.value.repeated)
    assert (repeated, layers.lost) == ([False, True], None)


def test_a_stop_is_no_failure_of_a_layer():
    layers, _, vault = pair()
    layers.get_values(["/"])
    vault.error = Interrupted("stopped")
    with pytest.raises(Interrupted):
        layers.get_values(["/"])
    assert layers.lost is None


def test_resources_that_need_nothing_of_a_lost_layer_are_rendered(folder):
    folder.both('{{getv "/a"}}', "a", keys=["/a"])
    folder.both('{{getv "/p"}}', "b", keys=["/p"])
    layers, _, vault = pair(keys=["/p"])
    vault.error = AWAY
    confd = Confd(backend=layers, confdir=folder.path)
    assert statuses(confd.run_once()) == {"a": "updated", "b": "failed"}
    vault.error = None
    assert statuses(confd.run_once()) == {"a": "in sync", "b": "updated"}
    assert confd.connection.reachable


# -- Watching


@contextlib.contextmanager
def watched(backend, keys=("/",), since=None):
    """Yield a function that returns the next state of a watch, which ends with the block."""
    stop, states = threading.Event(), Queue()

    def listen():
        for snapshot in backend.changes(list(keys), since, stop):
            states.put(values(snapshot))

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
    assert values(outer.get_values(["/"])) == {"/a": "1", "/p": "1", "/q": "2"}


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
    assert values(layers.get_values(keys), keys=keys) == {"/self": "1", "/secret/p": "1"}


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
