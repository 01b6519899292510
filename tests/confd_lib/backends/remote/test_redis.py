"""Redis beyond the contract: hashes, names, databases, users, TLS, both watches, odd servers."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import dns.resolver
import pytest

from confd_lib import backends
from confd_lib.backends.remote.redis import client as redis_client
from confd_lib.backends.remote.redis import link as redis_link
from confd_lib.errors import BackendError, CannotWatch, ConfigError, Interrupted, Refused
from tests.confd_lib import sidekick
from tests.confd_lib.backends.contract.kinds import KINDS, Subject
from tests.confd_lib.backends.contract.watcher import watching
from tests.confd_lib.commandline import confd
from tests.servers.certificates import Certificates
from tests.servers.fixtures import Share, Start
from tests.servers.proxy import Proxy
from tests.servers.redis import Redis

KIND = next(kind for kind in KINDS if kind.name == "redis")
Proxied = Callable[[int], Proxy]
BOTH = pytest.mark.parametrize("name", ["redis", "valkey"])


def subject(store: Any, *nodes: str, **options: Any) -> Subject:
    return Subject(KIND, store, backends.Redis(*(nodes or (store.address,)), **options))


def first_step(asked: Subject, *keys: str) -> Any:
    return next(iter(asked.backend.changes(list(keys), None, threading.Event())))


# -- Keys


@pytest.mark.parametrize(
    ("keys", "found"),
    [
        (["/h"], {"/h/a": "1", "/h/b/c": "2"}),
        (["/h/a"], {}),
        (["/f"], {"/f/h/x": "3", "/f/text": "4"}),
        (["/f/h", "/f/text"], {"/f/h/x": "3", "/f/text": "4"}),
        (["/f/*"], {"/f/h/x": "3", "/f/text": "4"}),
        (["/f/*/h"], {"/f/h/x": "3"}),
        (["/both"], {"/both": "5"}),
        (["/both/x"], {"/both/x": "6"}),
        (["/both", "/both/x"], {"/both": "5", "/both/x": "6"}),
        (["/list"], {}),
        (["/g"], {"/g/[x]/a": "7", "/g/x/a": "8"}),
        (["/g/[x]"], {"/g/[x]/a": "7"}),
        (["/g/*"], {"/g/[x]/a": "7", "/g/x/a": "8"}),
        (["/g/?"], {}),
    ],
)
@BOTH
def test_names_become_keys(share: Share, name: str, keys, found):
    store = share(name)
    with store.client() as client:
        client.hset("/h", mapping={"a": "1", "b/c": "2"})
        client.hset("/f/h", "x", "3")
        client.rpush("/f/list", "no")
        client.rpush("/list", "no")
        client.mset({"/f/text": "4", "/both": "5", "/both/x": "6", "/h/d": "hidden"})
        client.mset({"/g/[x]/a": "7", "/g/x/a": "8"})
    assert subject(store).read(*keys) == found


def test_what_one_resource_is_given_is_not_given_to_another(share: Share):
    """A text hides what lies below it from the question for its own key alone."""
    store = share("redis")
    store.put_all({"/both": "text", "/both/x": "below"})
    snapshot = backends.Redis(store.address).get_values(["/both", "/both/x", "/none"])
    views = [dict(snapshot.view("/both", [key]).items()) for key in ("/", "/x", "/none")]
    assert views == [{"/": "text"}, {"/x": "below"}, {}]


@pytest.mark.parametrize(
    ("separator", "names"),
    [
        (":", {"app:a": "1", "app:b:c": "2", "apple:x": "no", "/app/d": "3"}),
        ("::", {"app::a": "1", "app::b::c": "2", "app:x": "no"}),
        ("*", {"app*a": "1", "app*b*c": "2", "appxa": "no"}),
        ("%s", {"app%sa": "1", "app%sb%sc": "2", "app/x": "no"}),
    ],
)
def test_a_separator_stands_for_the_slash(share: Share, separator: str, names):
    store = share("redis")
    store.put_all(names)
    followed = subject(store, separator=separator)
    assert followed.read("/app") == {"/app/a": "1", "/app/b/c": "2"}
    with watching(followed, "/app") as watcher:
        watcher.until(c="2")
        store.put(f"app{separator}a", "new")
        watcher.until(a="new")


def test_a_database_has_a_number(share: Share):
    store = share("redis")
    with store.client(db=3) as client:
        client.set("/a/b", "three")
    store.put("/a/b", "zero")
    followed = subject(store, f"{store.address}/3")
    assert followed.read("/a") == {"/a/b": "three"}
    assert subject(store, f"{store.address}/0").read("/a") == {"/a/b": "zero"}
    with watching(followed, "/a") as watcher:
        watcher.until(b="three")
        with store.client(db=3) as client:
            client.set("/a/b", "four")
        watcher.until(b="four")


def test_a_node_may_be_a_socket(share: Share):
    store = share("redis")
    followed = subject(store, store.socket)
    followed.put({"/a/b": "1"})
    with watching(followed, "/a") as watcher:
        watcher.until(b="1")
        followed.put({"/a/b": "2"})
        watcher.until(b="2")


@pytest.mark.parametrize(
    "node",
    ["", "a b", "h:port", "h/x", "h/", "h/-1", "h/٣", "redis://:pw@h/3", "me:pw@h:1", "a:1,b:2"],
)
def test_what_is_no_node_is_refused_without_its_password(node: str):
    with pytest.raises(ConfigError, match="not the address of") as caught:
        backends.Redis(node)
    assert "pw" not in str(caught.value)


# -- One moment


def test_all_values_are_of_one_moment(share: Share):
    """Each change writes both ends of a folder that Redis does not read at one go by itself."""
    store, stop = share("redis"), threading.Event()
    keys = [f"/many/{'long' * 30}/{number:04}" for number in range(1000)]
    store.put_all(dict.fromkeys(keys, "0"))

    def write() -> None:
        with store.client() as client:
            number = 0
            while not stop.is_set():
                number += 1
                client.mset({keys[0]: number, keys[-1]: number})

    writer = threading.Thread(target=write)
    writer.start()
    try:
        states = [subject(store).read("/many") for _ in range(40)]
    finally:
        stop.set()
        writer.join()
    ends = [(state[keys[0]], state[keys[-1]]) for state in states]
    assert len(set(ends)) > 1
    assert all(first == last for first, last in ends)


def test_a_key_may_change_its_type_while_it_is_read(share: Share):
    store, stop = share("redis"), threading.Event()

    def write() -> None:
        with store.client() as client:
            while not stop.is_set():
                for _ in range(3):
                    client.set("/a/b", "text")
                with client.pipeline() as pipeline:
                    pipeline.delete("/a/b").hset("/a/b", "c", "field").execute()

    writer = threading.Thread(target=write)
    store.put("/a/b", "text")
    writer.start()
    seen = []
    try:
        for _ in range(200):
            try:
                seen.append(subject(store).read("/a"))
            except BackendError as error:
                assert "change their types faster" in str(error)  # noqa: PT017 - may be, or not
    finally:
        stop.set()
        writer.join()
    assert {*map(str, seen)} == {"{'/a/b': 'text'}", "{'/a/b/c': 'field'}"}


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


# -- Users


# Those that the docstring of `Redis` names.
RIGHTS = "+@read +multi +exec +ping +client|id +client|tracking +subscribe"


@pytest.fixture
def guarded(start: Start) -> Redis:
    """A Redis with users: one who may do all, one who may read `/app/*`, one who may watch it."""
    return start(
        Redis,
        password="open",
        users=[
            "reader on >sesame ~/app/* resetchannels +@read",
            f"watcher on >sesame ~/app/* resetchannels &__redis__:invalidate {RIGHTS}",
        ],
    )


@pytest.mark.parametrize(
    "options",
    [{"password": "open"}, {"username": "watcher", "password": "sesame"}],
    ids=["the password alone", "a user"],
)
def test_a_user_reads_and_watches(guarded: Redis, options):
    followed = subject(guarded, **options)
    followed.put({"/app/a": "1"})
    assert followed.read("/app") == {"/app/a": "1"}
    with watching(followed, "/app") as watcher:
        watcher.until(a="1")
        followed.put({"/app/a": "2"})
        watcher.until(a="2")


def test_a_user_may_read_without_transactions_and_not_watch(guarded: Redis):
    asked = subject(guarded, username="reader", password="sesame")
    asked.put({"/app/a": "1", "/app/b/c": "2"})
    assert asked.read("/app") == {"/app/a": "1", "/app/b/c": "2"}
    with pytest.raises(CannotWatch, match=f"redis {guarded.address}: cannot be watched: "):
        first_step(asked, "/app")


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({}, "Authentication required"),
        ({"password": "no"}, "invalid username-password pair or user is disabled"),
        (
            {"username": "nobody", "password": "open"},
            "invalid username-password pair or user is disabled",
        ),
    ],
)
def test_a_login_that_is_refused_is_raised(guarded: Redis, options, reason: str):
    asked = subject(guarded, guarded.address, "127.0.0.1:1", **options)
    with pytest.raises(Refused) as caught:
        asked.read("/app", "/b")
    assert (str(caught.value), caught.value.keys) == (f"redis {guarded.address}: {reason}", ())
    with pytest.raises(Refused, match=reason):
        first_step(asked, "/app")


def test_a_password_that_is_not_asked_for_and_a_database_that_is_not_there(share: Share):
    store = share("redis")
    with pytest.raises(Refused, match="called without any password"):
        subject(store, password="needless").read("/a")
    with pytest.raises(Refused, match=f"redis {store.address}/99: DB index is out of range"):
        subject(store, f"{store.address}/99").read("/a")


@pytest.mark.parametrize("user", ["reader", "watcher"])
def test_the_keys_that_are_refused_are_named_and_the_others_are_read(guarded: Redis, user: str):
    asked = subject(guarded, username=user, password="sesame")
    asked.put({"/app/a": "1", "/b": "2", "/d/e": "3"})
    with pytest.raises(Refused) as caught:
        asked.read("/app", "/b", "/c", "/d")
    assert caught.value.keys == ("/b", "/c", "/d")
    assert str(caught.value).endswith("(/b, /c, /d)")
    with pytest.raises(Refused) as caught:
        asked.read("/")
    assert caught.value.keys == ("/",)
    assert asked.read("/app") == {"/app/a": "1"}


def test_one_refused_key_of_twenty_does_not_hold_up_the_others(guarded: Redis, folder, capfd):
    guarded.put_all({f"/app/{number}": str(number) for number in range(19)})
    for number in range(19):
        folder.both(f'{{{{getv "/app/{number}"}}}}', f"r{number}", keys=[f"/app/{number}"])
    folder.both('{{getv "/b"}}', "refused", keys=["/b"])
    login = ("-username=watcher", "-password=sesame", f"-node={guarded.address}")
    status, log, _ = confd(capfd, "-backend=redis", f"-confdir={folder.path}", *login)
    assert status == 1
    assert [folder.dest(f"r{number}").read_text() for number in range(19)] == [
        str(number) for number in range(19)
    ]
    assert not folder.dest("refused").exists()
    assert all(line.endswith("one of the keys used as arguments (/b)") for line in log)


def test_the_password_is_the_key_only_where_there_is_no_certificate(guarded: Redis, folder, capfd):
    guarded.put("/app/a", "1")
    folder.both('{{getv "/app/a"}}', keys=["/app/a"])
    flags = ("-backend=redis", f"-confdir={folder.path}", f"-node={guarded.address}")
    assert confd(capfd, *flags, "-client-key=open")[0] == 0
    assert folder.dest().read_text() == "1"
    status, log, _ = confd(capfd, *flags, "-client-key=open", "-client-cert=/none.pem")
    assert (status, log) == (1, ["FATAL open /none.pem: no such file or directory"])


# -- The command


def test_two_resources_are_both_written_after_a_change(share: Share, folder):
    """As on one connection, of which each resource would get half of the news."""
    store = share("redis")
    store.put_all({"/app/a": "0", "/other/x": "0"})
    folder.both('{{getv "/app/a"}}', "one", keys=["/app"])
    folder.both('{{getv "/other/x"}}{{getv "/app/a"}}', "two", keys=["/other", "/app/a"])
    flags = ("-watch", "-backend=redis", f"-node={store.address}", "-confdir", folder.path)
    with sidekick.confd(*flags) as running:
        for number in range(6):
            store.put_all({"/app/a": str(number), "/other/x": str(number)})
            for name, text in (("one", f"{number}"), ("two", f"{number}{number}")):
                while not folder.dest(name).exists() or folder.dest(name).read_text() != text:
                    running.until("has been updated")


# -- Certificates


@pytest.fixture(scope="module")
def secured(
    tmp_path_factory: pytest.TempPathFactory, certificates: Certificates
) -> Iterator[Redis]:
    """A Redis that speaks TLS alone and asks for certificates."""
    store = Redis(tmp_path_factory.mktemp("redis"), tls=certificates)
    store.server.start()
    yield store
    store.close()


def own(certificates: Certificates) -> dict[str, str]:
    return {"ca": certificates.ca, "cert": certificates.client, "key": certificates.client_key}


def test_certificates_are_shown_and_checked(secured: Redis, certificates: Certificates):
    followed = subject(secured, **own(certificates))
    followed.put({"/a/b": "1", "/a/long": "x" * 1_000_000})
    assert followed.read("/a/long") == {"/a/long": "x" * 1_000_000}
    with watching(followed, "/a") as watcher:
        watcher.until(b="1")
        followed.put({"/a/b": "2"})
        watcher.until(b="2")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"ca": "other"}, "TLS: certificate verify failed"),
        ({"ca": ""}, "TLS: certificate verify failed"),
        ({"cert": "", "key": ""}, "certificate"),
        ({"ca": "", "cert": "", "key": ""}, "no answer of Redis; it may speak TLS"),
    ],
)
def test_a_connection_that_is_not_trusted_is_one_line(secured, certificates, change, reason):
    changed = {name: getattr(certificates, value, "") for name, value in change.items()}
    with pytest.raises(BackendError) as caught:
        subject(secured, **{**own(certificates), **changed}).read("/a")
    said = str(caught.value)
    assert said.startswith(f"redis {secured.address}: ")
    assert reason in said
    assert "\n" not in said
    assert "_ssl.c" not in said


def test_a_certificate_for_another_host_is_refused(secured: Redis, certificates: Certificates):
    """The certificate names 127.0.0.1, and not this other way to write it."""
    asked = subject(secured, f"127.1:{secured.server.port}", **own(certificates))
    with pytest.raises(BackendError, match="TLS: certificate verify failed"):
        asked.read("/a")


def test_tls_to_a_plain_port_is_one_line(share: Share, certificates: Certificates, monkeypatch):
    monkeypatch.setattr(redis_link, "_CONNECT_S", 0.3)
    store = share("redis")
    with pytest.raises(BackendError) as caught:
        subject(store, ca=certificates.ca).read("/a")
    assert str(caught.value) == f"redis {store.address}: no answer in time; it may not speak TLS"


# -- Servers that are not Redis, and those that are not there


@contextlib.contextmanager
def answering(data: bytes, *, closes: bool) -> Iterator[str]:
    """A server that answers whatever it is asked with the same bytes."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection = server.accept()[0]
                    with connection, contextlib.suppress(OSError):
                        while connection.recv(1 << 16):
                            connection.sendall(data)
                            if closes:
                                break

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"127.0.0.1:{server.getsockname()[1]}"
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()


@pytest.mark.parametrize(
    ("data", "closes", "reason"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", True, "not an answer of Redis: "),
        (b"220 mail.example.com\r\n", True, "not an answer of Redis: "),
        (b"*x\r\n", True, "not an answer of Redis: "),
        (b"*1\r\n" * 100_000, True, "not an answer of Redis: "),
        (b"+unfinished", True, "no answer of Redis; it may speak TLS"),
        (b"", True, "no answer of Redis; it may speak TLS"),
        (b"\x15\x03\x01\x00\x02\x02\x46", True, "no answer of Redis; it may speak TLS"),
        (b"", False, "no answer in time"),
        (b"$9\r\nhalf", False, "no answer in time"),
        (b":7\r\n" * 9, False, "not an answer of Redis: 7"),
        (b"*2\r\n$1\r\n0\r\n:7\r\n" * 9, False, "not an answer of Redis: "),
        (b"*3\r\n:1\r\n:2\r\n:3\r\n" * 9, False, "not an answer of Redis: "),
        (b"-LOADING dataset in memory\r\n", True, "dataset in memory"),
        (b"-ERR max number of clients reached\r\n", True, "max number of clients reached"),
        (b"-ERR %s\r\n" % (b"long" * 500) * 9, False, "long"),
        (b"-MOVED 1 127.0.0.1:1\r\n" * 9, False, "a node of a cluster"),
    ],
)
def test_an_answer_that_is_not_of_redis_is_one_line(monkeypatch, data, closes, reason):
    monkeypatch.setattr(redis_link, "READ_S", 0.3)
    with answering(data, closes=closes) as node, pytest.raises(BackendError) as caught:
        backends.Redis(node).get_values(["/a"])
    said = str(caught.value)
    assert said.startswith(f"redis {node}: {reason}")
    assert len(said) < 300
    assert "\n" not in said


def test_the_reason_of_each_node_is_given():
    with pytest.raises(BackendError) as caught:
        backends.Redis("127.0.0.1:1", "nope.invalid:2", "/none/redis.sock").get_values(["/a"])
    first, second, third = str(caught.value).split("; ")
    assert first == "redis 127.0.0.1:1: Connection refused"
    assert second.startswith("redis nope.invalid:2: ")
    assert third == "redis /none/redis.sock: No such file or directory"


def test_an_answer_that_is_too_long_is_given_up(share: Share, monkeypatch):
    monkeypatch.setattr(redis_link, "MAX_ANSWER", 1 << 20)
    asked = subject(share("redis"))
    asked.put({"/a/b": "x" * (2 << 20)})
    with pytest.raises(BackendError, match="the answer is longer than 1 MB"):
        asked.read("/a")
    asked.put({"/a/b": "x" * (1 << 19)})
    assert len(asked.read("/a")["/a/b"]) == 1 << 19


def test_a_question_to_a_frozen_server_ends_with_the_stop_event(start: Start):
    store, stop = start(Redis), threading.Event()
    asked = subject(store, stop=stop)
    store.put("/a/b", "1")
    store.server.freeze()
    threading.Timer(0.2, stop.set).start()
    with pytest.raises(Interrupted):
        asked.read("/a")


# -- Names of DNS, and the library


def test_names_of_dns_lead_to_the_store(share: Share, folder, capfd, monkeypatch):
    """Of two servers the preferred one is dead."""
    store = share("redis")
    store.put("/a", "1")
    folder.both('{{getv "/a"}}', keys=["/a"])
    asked: list[str] = []

    def resolve(record: str, *_: object, **__: object) -> list[SimpleNamespace]:
        asked.append(record)
        alive = SimpleNamespace(priority=2, weight=1, target="127.0.0.1.", port=store.server.port)
        return [alive, SimpleNamespace(priority=1, weight=1, target="127.0.0.1.", port=1)]

    monkeypatch.setattr(dns.resolver, "resolve", resolve)
    flags = ("-backend=redis", f"-confdir={folder.path}", "-srv-domain=example.test")
    assert confd(capfd, *flags)[0] == 0
    assert (folder.dest().read_text(), asked) == ("1", ["_redis._tcp.example.test."])


def test_without_the_library_one_line_says_what_to_install():
    script = (
        "import sys; sys.modules['redis'] = None\n"
        "from confd_lib import backends\n"
        "from confd_lib.errors import MissingLibrary\n"
        "try: backends.Redis('127.0.0.1:1')\n"
        "except MissingLibrary as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == "Backend redis needs a library: pip install 'confd-lib[redis]'\n"
    assert done.stderr == ""
