"""Changes of other keys in the range that is watched, and silence after them."""

from __future__ import annotations

import contextlib
import threading
from base64 import b64decode
from collections.abc import Callable, Iterator
from typing import Final

import pytest

from confd_lib.backends.remote.addresses import Nodes
from confd_lib.backends.remote.etcd import watching as etcd_watching
from confd_lib.backends.remote.etcd.gateway import Access, Gateway, Login
from confd_lib.backends.remote.flat import FlatSnapshot
from confd_lib.backends.remote.tls import TLS
from tests.confd_lib.backends.contract.watcher import watching
from tests.confd_lib.backends.remote.etcd.asking import Proxied, subject
from tests.servers.etcd import Etcd
from tests.servers.fixtures import Share, Start
from tests.servers.loopback.proxy import Proxy

OTHERS: Final = [f"/m/{number:02}" for number in range(20)]
# A wait that has no news after so many answers will never have any.
_WAITS: Final = 200


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The keys of all changes that come, in the order in which they come; silence is short."""
    monkeypatch.setattr(etcd_watching, "_SILENCE_S", 0.1)
    keys: list[str] = []
    parse = Gateway.result

    def result(gateway: Gateway, line: bytes) -> dict:
        found = parse(gateway, line)
        keys.extend(b64decode(event["kv"]["key"]).decode() for event in found.get("events", ()))
        return found

    monkeypatch.setattr(Gateway, "result", result)
    return keys


# -- What comes again


def one_by_one(store: Etcd) -> list[str]:
    for key in OTHERS:
        store.put(key, "1")
    return OTHERS


def together(store: Etcd) -> list[str]:
    store.put_all(dict.fromkeys(OTHERS, "1"))
    return OTHERS


def removed(store: Etcd) -> list[str]:
    store.put("/m/1", "1")
    store.delete("/m/1")
    return ["/m/1", "/m/1"]


@pytest.mark.parametrize("write", [one_by_one, together, removed])
@pytest.mark.parametrize("version", ["etcd", "etcd-3.5"])
def test_a_change_of_another_key_comes_once_however_often_the_watch_is_silent(
    share: Share, version: str, write: Callable[[Etcd], list[str]], heard: list[str]
):
    store = share(version)
    followed = subject(store)
    followed.put({"/a/b": "1", "/z/b": "1"})
    known = followed.backend.get_values(["/a", "/z"])
    with watching(followed, "/a", "/z", since=known) as watcher:
        written = write(store)
        # Each time that it is silent gives two answers: this one, and that the watch is open again.
        watcher.until_answers(len(written) + 20)
        followed.put({"/z/b": "2"})
        watcher.until_state({"/a/b": "1", "/z/b": "2"})
    assert [key for key in heard if key.startswith("/m/")] == written
    assert len(watcher.states) == 1


# -- Another store at the same address, while the connection to the first one is silent


@pytest.fixture
def stores(start: Start) -> tuple[Etcd, Etcd]:
    return start(Etcd), start(Etcd)


@contextlib.contextmanager
def watch_of(proxy: Proxy) -> Iterator[Callable[[int], bool]]:
    """Give the function that waits for news after a revision, for `/a` and `/z`."""
    access = Access(Nodes([f"http://{proxy.address}"]), TLS("", "", ""), Login("", ""))
    with etcd_watching.Watch(access, ["/a", "/z"], threading.Event()) as watch:
        yield lambda revision: watch.wait(FlatSnapshot(str(revision), {}))


def hear(wait: Callable[[int], bool], store: Etcd, known: int, heard: list[str]) -> None:
    """Write other keys, and wait until the watch has heard of each."""
    written = one_by_one(store)
    while heard[-len(written) :] != written:
        assert not wait(known)


def test_a_store_at_an_earlier_revision_than_was_heard_is_read(
    stores: tuple[Etcd, Etcd], proxied: Proxied, heard: list[str]
):
    first, second = stores
    proxy = proxied(first.server.port)
    first.put("/a", "1")
    known = first.revision()
    second.put_all({"/a": "of another"})
    for number in range(5):
        second.put("/m/1", str(number))
    with watch_of(proxy) as wait:
        hear(wait, first, known, heard)
        assert known < second.revision() < first.revision()
        proxy.turn(second.server.port)
        assert any(wait(known) for _ in range(_WAITS))


def test_what_was_heard_before_news_counts_no_longer(
    stores: tuple[Etcd, Etcd], proxied: Proxied, heard: list[str]
):
    """The store that is read after the news may be another one, at an earlier revision."""
    first, second = stores
    proxy = proxied(first.server.port)
    first.put("/a", "1")
    known = first.revision()
    with watch_of(proxy) as wait:
        hear(wait, first, known, heard)
        first.put("/a", "2")
        assert any(wait(known) for _ in range(_WAITS))
        proxy.turn(second.server.port)
        known = second.revision()
        second.put("/a", "of another")
        for number in range(first.revision()):
            second.put("/m/1", str(number))
        assert any(wait(known) for _ in range(_WAITS))
