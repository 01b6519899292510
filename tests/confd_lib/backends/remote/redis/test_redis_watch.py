"""Both ways to watch Redis: tracking, and notifications where a server is older."""

from __future__ import annotations

import pytest

from confd_lib.backends.remote.redis import client as redis_client
from confd_lib.backends.remote.redis import link as redis_link
from confd_lib.errors import CannotWatch
from tests.confd_lib.backends.contract.watcher import watching
from tests.confd_lib.backends.remote.redis.asking import BOTH, Proxied, first_step, subject
from tests.servers.fixtures import Share, Start
from tests.servers.redis import Redis

# -- The watch


@BOTH
@pytest.mark.parametrize(
    ("command", "found"),
    [
        (["PEXPIRE", "/a/b", "30"], {"/a/h/c": "1"}),
        (["SETRANGE", "/a/b", "1", "xt"], {"/a/b": "txtt", "/a/h/c": "1"}),
        (["HSETNX", "/a/h", "d", "2"], {"/a/b": "text", "/a/h/c": "1", "/a/h/d": "2"}),
        (["HINCRBY", "/a/h", "c", "6"], {"/a/b": "text", "/a/h/c": "7"}),
        (["RENAME", "/a/b", "/a/n"], {"/a/n": "text", "/a/h/c": "1"}),
        (["COPY", "/a/b", "/a/n"], {"/a/b": "text", "/a/n": "text", "/a/h/c": "1"}),
        (["UNLINK", "/a/h"], {"/a/b": "text"}),
        (["FLUSHDB"], {}),
        (["FLUSHALL"], {}),
        (["EVAL", "redis.call('set', '/a/b', 'new')", "0"], {"/a/b": "new", "/a/h/c": "1"}),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_whatever_changes_a_key_is_heard(share: Share, name: str, command, found):
    store = share(name)
    with store.client() as client:
        client.set("/a/b", "text")
        client.hset("/a/h", "c", "1")
        with watching(subject(store), "/a") as watcher:
            watcher.until_state({"/a/b": "text", "/a/h/c": "1"})
            client.execute_command(*command)
            watcher.until_state(found)


def test_an_idle_watch_has_one_connection(share: Share, proxied: Proxied, monkeypatch):
    """After each silence, here of a tenth of a second, it asks whether the server is there."""
    monkeypatch.setattr(redis_client, "_SILENCE_S", 0.1)
    store = share("redis")
    proxy = proxied(store.server.port)
    followed = subject(store, proxy.address)
    followed.put({"/a/b": "1"})
    with watching(followed, "/a") as watcher:
        watcher.until(b="1")
        opened = proxy.connections
        followed.put({"/ab": "reported by Redis, since it begins with /a"})
        watcher.until_answers(20)
        assert proxy.connections == opened
        followed.put({"/a/b": "2"})
        watcher.until(b="2")
        assert watcher.states == [{"/a/b": "1"}, {"/a/b": "2"}]


def test_keys_within_each_other_are_watched(share: Share):
    """Redis takes no beginning of names that begins with another one."""
    followed = subject(share("redis"))
    followed.put({"/app/db/x": "0", "/apple": "0"})
    with watching(followed, "/apple", "/app", "/app/db", "/app/db/x") as watcher:
        watcher.until(x="0", apple="0")
        followed.put({"/app/db/x": "1"})
        watcher.until(x="1")
        followed.put({"/apple": "1"})
        watcher.until(apple="1")
        followed.put({"/app/new": "1"})
        watcher.until(new="1")
    with watching(followed, "/app", "/") as watcher:
        watcher.until(new="1")
        followed.put({"/other": "1"})
        watcher.until(other="1")


def test_a_server_that_stops_to_answer_is_noticed(share: Share, proxied: Proxied, monkeypatch):
    monkeypatch.setattr(redis_client, "_SILENCE_S", 0.1)
    monkeypatch.setattr(redis_client, "READ_S", 0.1)
    monkeypatch.setattr(redis_link, "READ_S", 0.2)
    store = share("redis")
    proxy = proxied(store.server.port)
    followed = subject(store, proxy.address)
    followed.put({"/a/b": "1"})
    with watching(followed, "/a") as watcher:
        watcher.until(b="1")
        proxy.stall()
        assert str(watcher.until_lost()) == f"redis {proxy.address}: no answer in time"
        followed.put({"/a/b": "2"})
        proxy.resume()
        watcher.until(b="2")


def test_the_watch_goes_on_at_the_next_node(start: Start, share: Share):
    """It is read where it is watched: another node may be behind."""
    first, second = start(Redis), share("redis")
    for store in (first, second):
        store.put("/a/b", f"of {store.address}")
    followed = subject(first, first.address, second.address)
    with watching(followed, "/a") as watcher:
        watcher.until(b=f"of {first.address}")
        first.server.stop()
        watcher.until(b=f"of {second.address}")
        second.put("/a/b", "new")
        watcher.until(b="new")


# -- Keyspace notifications


@pytest.fixture
def older(start: Start) -> Redis:
    """A server with users who may not use `CLIENT TRACKING`, as if it did not know it."""
    return start(
        Redis,
        users=[
            "old on >pw ~* &* +@all -client|tracking",
            "mute on >pw ~* &* +@all -client|tracking -config",
            "deaf on >pw ~* resetchannels +@all -client|tracking",
        ],
        options=["--notify-keyspace-events", "KEA"],
    )


@pytest.mark.parametrize("user", ["old", "mute"])
@pytest.mark.parametrize("keys", [["/a"], ["/"], ["/a/[b]", "/a/[b]/c"], ["/a", "/ab"]])
def test_without_tracking_notifications_are_heard(older: Redis, user: str, keys):
    followed = subject(older, username=user, password="pw")
    followed.put({"/a/[b]/c": "1"})
    with watching(followed, *keys) as watcher:
        watcher.until(c="1")
        for number in range(2, 20):
            followed.put({"/a/[b]/c": str(number)})
            watcher.until(c=str(number))


def test_what_notifications_miss_is_read_after_a_silence(older: Redis, monkeypatch):
    monkeypatch.setattr(redis_client, "_SILENCE_S", 0.1)
    followed = subject(older, username="old", password="pw")
    followed.put({"/a/b": "1"})
    with watching(followed, "/a") as watcher:
        watcher.until(b="1")
        older.clear()
        watcher.until_state({})


def test_a_server_without_both_ways_cannot_be_watched(older: Redis):
    with older.client() as client:
        client.config_set("notify-keyspace-events", "KE$")
    asked = subject(older, username="old", password="pw")
    asked.put({"/a/b": "1"})
    with pytest.raises(CannotWatch) as caught:
        first_step(asked, "/a")
    said = str(caught.value)
    assert said.startswith(f"redis {older.address}: cannot be watched: ")
    assert said.endswith("; keyspace notifications are off (set notify-keyspace-events to KEA)")
    assert "client|tracking" in said
    assert asked.read("/a") == {"/a/b": "1"}


def test_a_user_who_may_not_subscribe_cannot_watch(older: Redis):
    with pytest.raises(CannotWatch, match=r"cannot be watched: .+; .+channel"):
        first_step(subject(older, username="deaf", password="pw"), "/a")
