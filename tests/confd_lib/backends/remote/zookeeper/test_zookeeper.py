"""ZooKeeper beyond the contract: nodes, keys that are missing, watches, sessions, ensembles."""

from __future__ import annotations

import random
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from confd_lib import Confd, backends
from confd_lib.backends.remote.zookeeper import session
from confd_lib.backends.remote.zookeeper import store as zookeeper
from confd_lib.errors import BackendError, ConfigError, MissingLibrary
from tests.confd_lib.backends.contract.kinds import KINDS, Subject
from tests.confd_lib.backends.contract.watcher import watching
from tests.confd_lib.conftest import Folder
from tests.confd_lib.outcomes import statuses
from tests.servers.ensemble import Ensemble
from tests.servers.fixtures import Share, Start
from tests.servers.loopback.proxy import Proxy
from tests.servers.words import four_letters
from tests.servers.zookeeper import ZooKeeper

KIND = next(kind for kind in KINDS if kind.name == "zookeeper")
Proxied = Callable[[int], Proxy]


def subject(store: Any, *nodes: str, **options: str) -> Subject:
    return Subject(KIND, store, backends.ZooKeeper(*(nodes or (store.address,)), **options))


@pytest.fixture
def shared(share: Share) -> Subject:
    return subject(share("zookeeper"))


# -- Nodes


@pytest.mark.parametrize(
    ("nodes", "servers", "chroot"),
    [
        (["10.0.0.7"], ["10.0.0.7:2181"], ""),
        (["10.0.0.7:2182"], ["10.0.0.7:2182"], ""),
        (["a", "b:2182", "a:2181"], ["a:2181", "b:2182"], ""),
        (["a,b:2182,[::1]"], ["a:2181", "b:2182", "[::1]:2181"], ""),
        (["a/app"], ["a:2181"], "/app"),
        (["a,b/app/db/", "c/app/db"], ["a:2181", "b:2181", "c:2181"], "/app/db"),
        (["a/", "b"], ["a:2181", "b:2181"], ""),
    ],
)
def test_a_node_is_a_server_or_a_connect_string(nodes, servers, chroot):
    assert zookeeper._servers(nodes) == (servers, chroot)


NO_NODE = r"not the address of a server|given with a user or a password"


@pytest.mark.parametrize(
    "node", ["", "a b", "host:port", "zk://host", "a,", "a/x//y", "me:pw@host", "host:70000"]
)
def test_what_is_no_node_is_refused_without_its_password(node):
    with pytest.raises(ConfigError, match=NO_NODE) as caught:
        backends.ZooKeeper(node)
    assert "pw" not in str(caught.value)


def test_nodes_with_different_roots_are_refused():
    with pytest.raises(ConfigError, match="the nodes have different roots: a/app, b"):
        backends.ZooKeeper("a/app", "b")


def test_a_root_of_the_nodes_is_the_root_of_the_keys(shared: Subject):
    shared.put({"/app/a": "1", "/app/zookeeper": "theirs", "/apple": "2"})
    below = subject(shared.store, f"{shared.store.address}/app")
    assert below.read("/") == {"/a": "1", "/zookeeper": "theirs"}
    with watching(below, "/a") as watcher:
        watcher.until(a="1")
        shared.put({"/app/a": "2"})
        watcher.until(a="2")
    nowhere = subject(shared.store, f"{shared.store.address}/nope")
    with pytest.raises(BackendError, match=r"/nope: zk: node does not exist \(/a\)"):
        nowhere.read("/a")


def test_dead_nodes_are_passed_over(shared: Subject):
    shared.put({"/a/b": "1"})
    for _ in range(5):  # the order is random
        asked = subject(shared.store, "127.0.0.1:1", "nope.invalid:2", shared.store.address)
        assert asked.read("/a") == {"/a/b": "1"}


def test_the_reason_of_each_node_is_given():
    with pytest.raises(BackendError) as caught:
        backends.ZooKeeper("127.0.0.1:1", "nope.invalid:2").get_values(["/a"])
    named, refused = sorted(str(caught.value).split("; "), reverse=True)
    assert refused == "zookeeper 127.0.0.1:1: Connection refused"
    assert named.startswith("zookeeper nope.invalid:2: ")
    assert len(named) > len("zookeeper nope.invalid:2: ")


def test_without_kazoo_the_extra_is_named(monkeypatch):
    monkeypatch.delitem(sys.modules, session.__name__)
    monkeypatch.setitem(sys.modules, "kazoo.client", None)
    with pytest.raises(MissingLibrary, match=r"Backend zookeeper .*confd-lib\[zookeeper\]"):
        backends.ZooKeeper()


# -- Keys


def test_only_nodes_without_children_are_keys(shared: Subject):
    shared.put({"/both": "of the folder", "/both/x": "1", "/both/sub": "of sub", "/both/sub/y": ""})
    assert shared.read("/both") == {"/both/x": "1", "/both/sub/y": ""}


def test_the_nodes_of_zookeeper_itself_are_left_out_of_the_root(shared: Subject):
    shared.put({"/a": "1"})
    assert shared.read("/") == {"/a": "1"}
    assert set(shared.read("/zookeeper")) == {"/zookeeper/config", "/zookeeper/quota"}
    shared.store.clear()
    assert shared.read("/") == {}


def test_stars_are_cut_out_of_keys_and_queries(shared: Subject):
    shared.put({"/app/db/host": "h", "/app/db*": "star"})
    assert shared.read("/app/*/db") == shared.read("/app/db/*") == {"/app/db/host": "h"}
    assert shared.read("/app/db*") == {"/app/db*": "star"}
    snapshot = shared.backend.get_values(["/app/db/*"])
    assert dict(snapshot.view("/app", ["/db/*"]).items()) == {"/db/host": "h"}
    assert dict(shared.backend.get_values(["/app"]).view("/app", ["*"]).items()) == {
        "/db*": "star",
        "/db/host": "h",
    }


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ("/nope", r"zk: node does not exist \(/nope\)"),
        ("/a/b/deeper", r"zk: node does not exist \(/a/b/deeper\)"),
        ("/*", r"zk: invalid path \(/\*\)"),
        ("/\udcff", r"zk: invalid path \(/\udcff\)"),
        ("/a\0b", r"zk: node does not exist \(/a\0b\)"),
    ],
)
def test_a_key_without_a_node_fails_those_that_ask_for_it(shared: Subject, key, reason):
    shared.put({"/a/b": "1"})
    snapshot = shared.backend.get_values(["/a", key])
    assert shared.seen(snapshot, "/a") == {"/a/b": "1"}
    with pytest.raises(BackendError, match=f"zookeeper {shared.store.address}: {reason}"):
        snapshot.view("/", ["/a", key])


def test_no_keys_are_no_values(shared: Subject):
    assert shared.read() == {}


# -- Watching


def test_a_missing_key_is_rendered_as_soon_as_it_is_there(shared: Subject, folder: Folder):
    shared.put({"/other": "1"})
    folder.both('{{getv "/late/x"}}', "late", keys=["/late"])
    folder.both('{{getv "/other"}}', "other", keys=["/other"])
    stop = threading.Event()
    passes = Confd(backend=shared.backend, confdir=folder.path).watch(stop=stop)
    assert statuses(next(passes)) == {"late": "failed", "other": "updated"}
    shared.put({"/late/x": "1"})
    while statuses(next(passes))["late"] != "updated":
        pass
    shared.store.delete("/late/x")
    shared.store.delete("/late")
    while statuses(next(passes))["late"] != "failed":
        pass
    assert folder.dest("late").read_text() == "1"
    shared.put({"/late/x": "2"})
    while statuses(next(passes))["late"] != "updated":
        pass
    stop.set()
    assert list(passes) == []


def test_keys_are_watched_before_they_are_there_and_after_they_are_deleted(shared: Subject):
    stop = threading.Event()
    changes = shared.backend.changes(["/late", "/late/deep"], None, stop)
    assert next(changes).faults.keys() == {"/late", "/late/deep"}
    shared.put({"/late": "1"})
    assert next(changes).values == {"/late": "1"}
    shared.put({"/late/deep": "2"})
    assert next(changes).values == {"/late/deep": "2"}
    shared.store.clear()
    while (state := next(changes)).values:
        pass
    assert state.faults.keys() == {"/late", "/late/deep"}
    shared.put({"/late/other": "3"})
    while next(changes).values != {"/late/other": "3"}:
        pass
    stop.set()
    assert list(changes) == []


def test_leaves_become_folders_and_folders_leaves(shared: Subject):
    shared.put({"/a/b": "leaf"})
    with watching(shared, "/a") as watcher:
        watcher.until_state({"/a/b": "leaf"})
        shared.put({"/a/b/c": "below"})
        watcher.until_state({"/a/b/c": "below"})
        shared.put({"/a/b/c/d": "deeper"})
        watcher.until_state({"/a/b/c/d": "deeper"})
        shared.store.delete("/a/b/c/d")
        shared.store.delete("/a/b/c")
        watcher.until_state({"/a/b": "leaf"})


def test_a_state_is_of_one_moment(shared: Subject, monkeypatch):
    """Both ends are changed while the nodes between them are read."""
    monkeypatch.setattr(session, "_AT_ONCE", 1)
    client = shared.store.client()
    numbers = iter(range(1, 4))

    def change() -> None:
        number = next(numbers, None)
        if number is not None:
            with client.transaction() as both:
                both.set_data("/a/first", b"%d" % number)
                both.set_data("/a/last", b"%d" % number)

    read = session.Session._await_answer
    monkeypatch.setattr(
        session.Session, "_await_answer", lambda own, answer: (read(own, answer), change())
    )
    shared.put({"/a/first": "0", "/a/last": "0"})
    assert shared.read("/a/first", "/a/last") == {"/a/first": "3", "/a/last": "3"}


def test_nodes_that_never_rest_are_taken_as_they_are(shared: Subject, monkeypatch):
    client = shared.store.client()
    shared.put({"/a": "0"})
    read = session.Session._await_answer

    def change(own: session.Session, answer: Any) -> None:
        read(own, answer)
        client.set("/a", b"%d" % (int(client.get("/a")[0]) + 1))

    monkeypatch.setattr(session.Session, "_await_answer", change)
    assert int(shared.read("/a")["/a"]) > 0


def test_a_server_that_is_frozen_for_longer_than_a_session(start: Start, monkeypatch):
    monkeypatch.setattr(session, "_SESSION_S", 1.0)
    store = start(ZooKeeper, tick=100)
    followed = subject(store)
    followed.put({"/a/b": "1"})
    with watching(followed, "/a") as watcher:
        watcher.until(b="1")
        store.server.freeze()
        assert "no answer in time" in str(watcher.until_lost())
        store.server.thaw()
        followed.put({"/a/b": "2"})
        watcher.until(b="2")
        followed.put({"/a/b": "3"})
        watcher.until(b="3")


def test_a_session_that_the_server_ends_is_followed_by_another(shared: Subject):
    """As an operator closes sessions, or a snapshot is restored."""
    shared.put({"/a/b": "1"})
    sessions: list[session.Session] = []
    begin = zookeeper._Watch._begin
    watch = zookeeper._Watch
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(watch, "_begin", lambda own: sessions.append(begin(own)) or sessions[-1])
        with watching(shared, "/a") as watcher:
            watcher.until(b="1")
            same = type(shared.store.client())(
                shared.store.address, client_id=sessions[0]._client.client_id
            )
            same.start()
            same.stop()
            same.close()
            watcher.until_lost()
            shared.put({"/a/b": "2"})
            watcher.until(b="2")
    assert len(sessions) > 1


def test_a_server_whose_data_was_replaced_by_older_ones_is_read_again(start: Start):
    """A server refuses those who have seen later changes than it has."""
    store = start(ZooKeeper)
    followed = subject(store)
    for number in range(10):
        followed.put({"/a/b": str(number)})
    stop = threading.Event()
    changes = followed.backend.changes(["/a"], None, stop)
    assert next(changes).values == {"/a/b": "9"}
    store.server.empty()
    followed.put({"/a/b": "of another"})
    assert next(changes).values == {"/a/b": "of another"}
    followed.put({"/a/b": "next"})
    assert next(changes).values == {"/a/b": "next"}
    stop.set()
    assert list(changes) == []


def test_nothing_is_left_open(shared: Subject):
    """A session that is not ended lives on at the server for ten seconds."""
    shared.put({"/a/b": "1"})

    def connections() -> int:
        while not (said := four_letters(shared.store.server.port, "cons")):
            pass
        return said.count("sid=")

    def wait_for(count: int) -> None:
        while connections() != count:  # the server forgets a session after it has said goodbye
            pass

    wait_for(1)  # that of the store
    for _ in range(5):
        shared.read("/a")
    with watching(shared, "/a") as watcher:
        watcher.until(b="1")
        wait_for(2)
    wait_for(1)


def test_an_idle_watch_reports_that_the_server_answers(shared: Subject, monkeypatch):
    monkeypatch.setattr(zookeeper, "_SILENCE_S", 0.05)
    shared.put({"/a/b": "1"})
    with watching(shared, "/a") as watcher:
        watcher.until_answers(5)
    assert watcher.states == [{"/a/b": "1"}]


# -- An ensemble


@pytest.fixture
def ensemble(tmp_path: Path) -> Iterator[Ensemble]:
    made = Ensemble(tmp_path)
    try:
        made.start()
        yield made
    finally:
        made.close()


def test_the_watched_member_of_an_ensemble_is_killed(ensemble: Ensemble):
    """Whichever it is: each is killed once, and comes back."""
    ensemble.members[0].put("/a/b", "0")
    with watching(subject(ensemble.members[0], *ensemble.addresses), "/a") as watcher:
        watcher.until(b="0")
        for number, member in enumerate(ensemble.members, 1):
            other = ensemble.members[number % 3]
            member.server.kill()
            other.put("/a/b", str(number))
            watcher.until(b=str(number))
            ensemble.start()


def test_a_member_without_its_majority_is_left(ensemble: Ensemble):
    first, *others = ensemble.members
    first.put("/a/b", "1")
    with watching(subject(first, *ensemble.addresses), "/a") as watcher:
        watcher.until(b="1")
        for member in others:
            member.server.kill()
        watcher.until_lost()
        ensemble.start()
        first.put("/a/b", "2")
        watcher.until(b="2")


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(2))
def test_members_of_an_ensemble_come_and_go(ensemble: Ensemble, seed: int):
    """One of them at a time is killed or frozen, while another one takes a change."""
    dice = random.Random(seed)
    ensemble.members[0].put("/a/b", "0")
    with watching(subject(ensemble.members[0], *ensemble.addresses), "/a") as watcher:
        for number in range(1, 13):
            gone, other = dice.sample(ensemble.members, 2)
            dice.choice([gone.server.kill, gone.server.freeze, lambda: None])()
            other.put("/a/b", str(number))
            watcher.until(b=str(number))
            if gone.server.runs:
                gone.server.thaw()
            ensemble.start()
