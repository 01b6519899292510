"""Outages: a watch outlives them, tells of them, and has the last state after them."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest

from confd_lib.errors import BackendError
from confd_lib.logs import LOGGER
from tests.confd_lib.backends.contract.kinds import Subject, those
from tests.confd_lib.backends.contract.watcher import watching
from tests.servers.loopback.proxy import Proxy

Proxied = Callable[[int], Proxy]
MANY = 200


def through(own: Subject, proxy: Proxy) -> Subject:
    """Return the subject whose backend asks through a proxy."""
    return Subject(own.kind, own.store, own.kind.backend(own.store, proxy.address))


def put_numbers(own: Subject, first: int) -> str:
    for number in range(first, first + MANY):
        own.put({"/a/b": str(number)})
    return str(first + MANY - 1)


@those("watch", server=True)
def test_a_restart_between_two_hundred_changes_and_two_hundred_more(own: Subject):
    own.put({"/a/b": "-1"})
    with watching(own, "/a") as watcher:
        watcher.until(b="-1")
        watcher.until(b=put_numbers(own, 0))
        own.store.server.stop()
        watcher.until_lost()
        own.store.server.start()
        if "lasting" in own.kind.lacks:
            own.put({"/a/b": "-1"})
        watcher.until(b=put_numbers(own, 1000))


@those("watch", server=True)
def test_a_killed_server_comes_back_with_a_change(own: Subject):
    own.put({"/a/b": "1"})
    with watching(own, "/a") as watcher:
        watcher.until(b="1")
        own.store.server.kill()
        watcher.until_lost()
        own.store.server.start()
        own.put({"/a/b": "2"})
        watcher.until(b="2")
        assert watcher.reports[-1] is None


@those("watch", "missing", server=True)
def test_a_store_that_is_away_at_the_start_comes(own: Subject):
    own.store.server.stop()
    with watching(own, "/a") as watcher:
        watcher.until_lost()
        own.store.server.start()
        own.put({"/a/b": "1"})
        watcher.until_state({"/a/b": "1"})


@those("watch", server=True)
def test_the_change_that_a_cut_connection_hides_comes(own: Subject, proxied: Proxied):
    proxy = proxied(own.store.server.port)
    own.put({"/a/b": "1"})
    with watching(through(own, proxy), "/a") as watcher:
        watcher.until(b="1")
        for number in range(2, 12):
            proxy.cut()
            own.put({"/a/b": str(number)})
            watcher.until(b=str(number))


@those("watch", server=True)
def test_the_change_made_while_no_connection_is_taken_comes(own: Subject, proxied: Proxied):
    proxy = proxied(own.store.server.port)
    own.put({"/a/b": "1"})
    with watching(through(own, proxy), "/a") as watcher:
        watcher.until(b="1")
        proxy.refuse()
        watcher.until_lost()
        own.put({"/a/b": "2"})
        proxy.resume()
        watcher.until(b="2")


@those("watch", server=True)
def test_a_slow_store_is_followed(own: Subject, proxied: Proxied):
    proxy = proxied(own.store.server.port)
    proxy.slow(20_000)
    own.put({"/a/b": "1"})
    with watching(through(own, proxy), "/a") as watcher:
        watcher.until(b="1")
        own.put({"/a/b": "2"})
        watcher.until(b="2")


@those("watch", server=True)
def test_a_frozen_server_goes_on_where_it_was(own: Subject):
    own.put({"/a/b": "1"})
    with watching(own, "/a") as watcher:
        watcher.until(b="1")
        own.store.server.freeze()
        own.store.server.thaw()
        own.put({"/a/b": "2"})
        watcher.until(b="2")


@those("watch", server=True)
def test_the_watch_of_a_frozen_server_ends(own: Subject):
    own.put({"/a/b": "1"})
    with watching(own, "/a") as watcher:
        watcher.until(b="1")
        own.store.server.freeze()
    assert watcher.error is None


@those("watch", server=True)
def test_the_watch_of_a_server_that_is_away_ends(own: Subject):
    own.store.server.stop()
    with watching(own, "/a") as watcher:
        watcher.until_lost()
    assert watcher.error is None


@those("watch", "missing", server=True)
def test_a_store_that_comes_back_empty_is_doubted_then_believed(own: Subject, caplog):
    own.put({"/a/b": "1"})
    caplog.set_level(logging.WARNING, LOGGER.name)
    with watching(own, "/a") as watcher:
        watcher.until(b="1")
        own.store.server.stop()
        watcher.until_lost()
        own.store.server.empty()
        watcher.until_state({})
    assert any("without any of the keys" in record.message for record in caplog.records)


@those(server=True)
def test_a_question_to_a_server_that_is_away_names_it(own: Subject):
    address = own.store.address.removeprefix("http://")
    own.store.server.stop()
    with pytest.raises(BackendError) as caught:
        own.read("/a")
    assert address in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.keys == ()


@those("lasting", "question", server=True)
def test_a_question_after_an_outage_is_answered(own: Subject):
    own.put({"/a/b": "1"})
    assert own.read("/a") == {"/a/b": "1"}
    own.store.server.stop()
    with pytest.raises(BackendError):
        own.read("/a")
    own.store.server.start()
    own.put({"/a/b": "2"})
    assert own.read("/a") == {"/a/b": "2"}
