"""Several stores in layers: one state, and failures of a layer."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from confd_lib import Confd, backends
from confd_lib.backends import Layer, Layered, Memory
from confd_lib.errors import BackendError, Interrupted, Refused
from confd_lib.golang.path import join
from confd_lib.run.source import Source
from confd_lib.store.levels import climbs
from confd_lib.store.store import Store as Tree
from tests.confd_lib.backends.layers import AWAY, Store, pair
from tests.confd_lib.backends.snapshots import contents
from tests.confd_lib.outcomes import statuses
from tests.confd_lib.store import test_store as generated

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
    assert contents(layered(trees, options).get_values(keys), keys=keys) == expected


def test_the_prefix_of_a_resource_is_cut_off_in_each_layer():
    trees = [{"/v1/app/db/x": 1, "/v1/apple": 1}, {"/app/db/y": 2}]
    snapshot = layered(trees, [{"prefix": "/v1"}, {"keys": ["/app/db"]}]).get_values(["/app"])
    assert contents(snapshot, "/app", ["/"]) == {"/db/x": "1", "/db/y": "2"}
    assert contents(snapshot, "/app/db", ["/y", "/x"]) == {"/x": "1", "/y": "2"}


@given(
    tree=generated.maps,
    rules=generated.rule_names,
    outer=st.sampled_from(["/", "", "/v1", "v/1/"]),
    prefix=generated.prefixes,
    keys=generated.keys,
)
def test_one_layer_gives_what_its_store_gives(tree, rules, outer, prefix, keys):
    # A key with `..` may climb out of a prefix, or become another key that is below it.
    assume(join("/", outer, prefix) == "/" or not climbs(tree))
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


def test_a_layer_that_fails_keeps_its_last_values_and_is_named_once(caplog):
    caplog.set_level("INFO")
    layers, first, vault = pair()
    source = Source(layers)
    source.get_values(["/"])
    assert (layers.lost, layers.away, source.connection.error) == (None, [], "")
    vault.error = AWAY
    for number in (2, 3):
        first.replace({"/a": number})
        assert contents(source.get_values(["/"])) == {"/a": str(number), "/p": "1", "/q": "1"}
    said = "vault keeps its last values: http://vault: connection refused"
    assert (source.connection.reachable, source.connection.error) == (False, said)
    assert layers.away == ["vault"]
    vault.error = None
    assert contents(source.get_values(["/"])) == {"/a": "3", "/p": "1", "/q": "1"}
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
    assert contents(layers.get_values(["/a", "/p"]), keys=["/p"]) == {"/p": "1"}
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
