"""Redis beyond the contract: names, hashes, databases, and reads of one moment."""

from __future__ import annotations

import subprocess
import sys
import threading
from types import SimpleNamespace

import dns.resolver
import pytest

from confd_lib import backends
from confd_lib.errors import BackendError, ConfigError
from tests.confd_lib import sidekick
from tests.confd_lib.backends.contract.watcher import watching
from tests.confd_lib.backends.remote.redis.asking import BOTH, subject
from tests.confd_lib.commandline import confd
from tests.servers.fixtures import Share

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
    with pytest.raises(ConfigError, match=r"not the address of|given with a user") as caught:
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
