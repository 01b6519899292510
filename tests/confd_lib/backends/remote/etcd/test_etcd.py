"""Etcd beyond the contract: nodes, clusters, revisions, and what a watch costs."""

from __future__ import annotations

import threading

import pytest

from confd_lib import backends
from confd_lib.backends.remote.etcd import store as etcd
from confd_lib.backends.remote.etcd import watching as etcd_watching
from confd_lib.errors import BackendError, ConfigError
from tests.confd_lib.backends.contract.watcher import watching
from tests.confd_lib.backends.remote.etcd.asking import Proxied, subject
from tests.servers.cluster import Cluster
from tests.servers.etcd import Etcd
from tests.servers.fixtures import Share, Start

# -- Nodes


@pytest.mark.parametrize(
    ("node", "asked"),
    [
        ("10.0.0.7", "http://10.0.0.7:2379"),
        ("10.0.0.7:4001", "http://10.0.0.7:4001"),
        ("http://10.0.0.7:4001/", "http://10.0.0.7:4001"),
        ("https://db.example.com/path", "https://db.example.com:2379"),
        ("[::1]:2379", "http://[::1]:2379"),
    ],
)
def test_a_node_is_a_host_or_a_url(node, asked):
    assert etcd.url(node, scheme="http", port=etcd.PORT) == asked


NO_NODE = r"not the address of a server|given with a user or a password"


@pytest.mark.parametrize("node", ["", "a b", "host:port", "ftp://host", "http://", "me:pw@host"])
def test_what_is_no_node_is_refused_without_its_password(node):
    with pytest.raises(ConfigError, match=NO_NODE) as caught:
        backends.Etcd(node)
    assert "pw" not in str(caught.value)


def test_dead_nodes_are_passed_over(share: Share):
    store = share("etcd")
    asked = subject(store, "127.0.0.1:1", "127.0.0.1:2", store.address)
    asked.put({"/a/b": "1"})
    assert asked.read("/a") == {"/a/b": "1"}


def test_the_reason_of_each_node_is_given():
    with pytest.raises(BackendError) as caught:
        backends.Etcd("127.0.0.1:1", "nope.invalid:2").get_values(["/a"])
    first, second = str(caught.value).split("; ")
    assert first == "etcd http://127.0.0.1:1: Connection refused"
    assert second.startswith("etcd http://nope.invalid:2: ")


# -- A cluster


def test_the_watched_member_of_a_cluster_is_killed(cluster: Cluster):
    store = cluster.members[2]
    followed = subject(store, *(member.address for member in cluster.members))
    followed.put({"/a/b": "1"})
    with watching(followed, "/a") as watcher:
        watcher.until(b="1")
        cluster.members[0].server.kill()
        cluster.settle()
        followed.put({"/a/b": "2"})
        watcher.until(b="2")


def test_a_member_without_its_majority_is_left(cluster: Cluster):
    """Such a member takes connections and watches, and reports nothing."""
    store = cluster.members[2]
    followed = subject(store, *(member.address for member in cluster.members))
    followed.put({"/a/b": "1"})
    with watching(followed, "/a") as watcher:
        watcher.until(b="1")
        for member in cluster.members[1:]:
            member.server.kill()
        watcher.until_lost()
        for member in cluster.members[1:]:
            member.server.launch()
        cluster.settle()
        followed.put({"/a/b": "2"})
        watcher.until(b="2")


# -- Revisions


def test_all_keys_are_of_one_revision_however_many_transactions_they_take(share: Share):
    """Each change writes both ends of three hundred keys; a state has them from one change."""
    store, stop = share("etcd"), threading.Event()
    keys = [f"/many/{number:03}" for number in range(300)]

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            store.put_all({keys[0]: str(number), keys[-1]: str(number)})

    writer = threading.Thread(target=write)
    writer.start()
    try:
        asked = subject(store)
        states = [asked.read(*keys) for _ in range(50)]
    finally:
        stop.set()
        writer.join()
    ends = [(state.get(keys[0]), state.get(keys[-1])) for state in states]
    assert len(set(ends)) > 1
    assert all(first == last for first, last in ends)


def test_a_compacted_history_is_read_again(share: Share):
    store = share("etcd")
    followed = subject(store)
    followed.put({"/a/b": "1"})
    known = followed.backend.get_values(["/a"])
    for number in range(2, 5):
        followed.put({"/a/b": str(number)})
    store.compact()
    with watching(followed, "/a", since=known) as watcher:
        watcher.until(b="4")
        followed.put({"/a/b": "5"})
        watcher.until(b="5")


def test_a_store_whose_data_was_replaced_by_older_ones_is_read_again(start: Start):
    store = start(Etcd)
    followed = subject(store)
    for number in range(10):
        followed.put({"/a/b": str(number)})
    known = followed.backend.get_values(["/a"])
    store.server.empty()
    followed.put({"/a/b": "of another"})
    with watching(followed, "/a", since=known) as watcher:
        watcher.until(b="of another")
        followed.put({"/a/b": "next"})
        watcher.until(b="next")


@pytest.mark.parametrize("version", ["etcd", "etcd-3.5"])
def test_a_change_of_any_of_many_keys_is_seen(share: Share, version: str, monkeypatch):
    """Of a request of more than 512 bytes etcd often loses the rest, and with it watches."""
    monkeypatch.setattr(etcd_watching, "_SILENCE_S", 3600)
    followed = subject(share(version))
    keys = [f"/many/{number:03}" for number in range(100)]
    followed.put(dict.fromkeys(keys, "0"))
    for number in range(1, 5):
        known = followed.backend.get_values(keys)
        with watching(followed, *keys, since=known) as watcher:
            followed.put({keys[-1]: str(number)})
            watcher.until(**{"many/099": str(number)})


# -- Connections


def test_a_busy_watch_has_one_connection(share: Share, monkeypatch):
    """The messages that wait while the store is read are older than what was read."""
    opened: list[int] = []
    follow = etcd_watching.Watch._follow
    monkeypatch.setattr(
        etcd_watching.Watch,
        "_follow",
        lambda watch, since: opened.append(since) or follow(watch, since),
    )
    store = share("etcd")
    followed = subject(store)
    followed.put({"/a/b": "0"})
    with watching(followed, "/a") as watcher:
        watcher.until(b="0")
        for number in range(1, 300):
            followed.put({"/a/b": str(number)})
        watcher.until(b="299")
    assert len(opened) == 1


def test_a_watch_of_many_keys_hears_of_each(share: Share):
    store = share("etcd")
    followed = subject(store)
    paths = [f"/app/k{number}" for number in range(200)]
    followed.put({**dict.fromkeys(paths, "0"), "/app/other": "0"})
    with watching(followed, *paths) as watcher:
        watcher.until_state(dict.fromkeys(paths, "0"))
        for path in paths[::20]:
            followed.put({"/app/other": path})
            followed.put({path: "1"})
            watcher.until(**{path.rpartition("/")[2]: "1"})
    assert len(watcher.states) == 11


def test_an_idle_watch_has_one_connection(share: Share, proxied: Proxied, monkeypatch):
    """A watch that is silent for long is opened again: here after a tenth of a second."""
    monkeypatch.setattr(etcd_watching, "_SILENCE_S", 0.1)
    store = share("etcd")
    proxy = proxied(store.server.port)
    followed = subject(store, proxy.address)
    followed.put({"/a/b": "1"})
    with watching(followed, "/a") as watcher:
        watcher.until(b="1")
        opened = proxy.connections
        watcher.until_answers(20)
        followed.put({"/a/b": "2"})
        watcher.until(b="2")
        # One connection for each time it was opened, one for the last read.
        assert proxy.connections - opened <= len(watcher.reports) + 1
        assert watcher.states == [{"/a/b": "1"}, {"/a/b": "2"}]


def test_a_quiet_watch_that_a_proxy_cuts_goes_on_where_it_ended(
    share: Share, proxied: Proxied, monkeypatch
):
    """Changes that come while it is cut are heard; a server that is gone is an outage."""
    monkeypatch.setattr(etcd_watching, "_QUIET_S", 0.0)
    store = share("etcd")
    proxy = proxied(store.server.port)
    followed = subject(store, proxy.address)
    followed.put({"/a/b": "0"})
    with watching(followed, "/a") as watcher:
        watcher.until(b="0")
        watcher.until_answers(2)  # the read, and the first message of the watch
        for number in ("1", "2", "3"):
            proxy.cut()
            followed.put({"/a/b": number})
            watcher.until(b=number)
        assert not any(watcher.reports)
        proxy.refuse()
        assert "Connection refused" in str(watcher.until_lost())
