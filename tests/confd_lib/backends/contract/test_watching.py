"""Watching: each change comes, whenever it was made, and nothing comes without a change."""

from __future__ import annotations

import threading

import pytest

from confd_lib.errors import CannotWatch
from tests.confd_lib.backends.contract.kinds import KINDS, Kind, Subject, those
from tests.confd_lib.backends.contract.watcher import watching

MANY = 200


@those("watch")
def test_the_present_state_comes_first_to_who_has_none(subject: Subject):
    subject.put({"/a/b": "1"})
    with watching(subject, "/a") as watcher:
        watcher.until_state({"/a/b": "1"})


@those("watch")
def test_changes_come_and_the_last_one_is_there(subject: Subject):
    subject.put({"/a/b": "0"})
    with watching(subject, "/a") as watcher:
        watcher.until(b="0")
        for number in range(1, MANY + 1):
            subject.put({"/a/b": str(number)})
        watcher.until(b=str(MANY))


@those("watch")
def test_a_change_made_since_the_last_state_comes(subject: Subject):
    """As during a render or a reload: nobody watches while the pass works."""
    subject.put({"/a/b": "before"})
    known = subject.backend.get_values([subject.key("/a")])
    subject.put({"/a/b": "meanwhile"})
    with watching(subject, "/a", since=known) as watcher:
        watcher.until_state({"/a/b": "meanwhile"})


@those("watch")
def test_a_change_made_while_the_consumer_works_comes(subject: Subject):
    subject.put({"/a/b": "before"})
    stop = threading.Event()
    changes = subject.backend.changes([subject.key("/a")], None, stop)
    assert subject.seen(next(changes), "/a") == {"/a/b": "before"}
    subject.put({"/a/b": "meanwhile"})
    assert subject.seen(next(changes), "/a") == {"/a/b": "meanwhile"}
    stop.set()
    assert list(changes) == []


@those("watch", "missing")
def test_a_key_that_is_not_there_yet_is_watched(subject: Subject):
    subject.put({"/other": "1"})
    with watching(subject, "/a/b", "/other") as watcher:
        watcher.until(other="1")
        subject.put({"/a/b": "1"})
        watcher.until_state({"/a/b": "1", "/other": "1"})


@those("watch")
def test_a_key_that_is_deleted_is_gone_and_comes_again(subject: Subject):
    subject.put({"/a/b": "1", "/a/c": "2"})
    with watching(subject, "/a") as watcher:
        watcher.until(b="1", c="2")
        subject.store.delete(subject.key("/a/b"))
        watcher.until_state({"/a/c": "2"})
        subject.put({"/a/b": "3"})
        watcher.until_state({"/a/b": "3", "/a/c": "2"})


@those("watch", "exact")
def test_a_change_elsewhere_is_no_change(subject: Subject):
    subject.put({"/a/b": "1", "/elsewhere": "1", "/ab": "1"})
    with watching(subject, "/a") as watcher:
        watcher.until(b="1")
        subject.put({"/elsewhere": "2", "/ab": "2"})
        subject.put({"/a/b": "2"})
        watcher.until(b="2")
    assert watcher.states == [{"/a/b": "1"}, {"/a/b": "2"}]


@those("watch")
def test_a_value_that_is_put_again_is_no_change(subject: Subject):
    subject.put({"/a/b": "1"})
    with watching(subject, "/a") as watcher:
        watcher.until(b="1")
        subject.put({"/a/b": "1"})
        subject.put({"/a/b": "2"})
        watcher.until(b="2")
    assert watcher.states == [{"/a/b": "1"}, {"/a/b": "2"}]


@those("watch")
def test_three_hundred_keys_are_watched_at_once(subject: Subject):
    many = {f"/many/{number}": "0" for number in range(300)}
    subject.put(many)
    with watching(subject, *many) as watcher:
        watcher.until_state(many)
        subject.put({"/many/0": "1", "/many/299": "1"})
        watcher.until_state({**many, "/many/0": "1", "/many/299": "1"})


@those("watch")
def test_the_store_is_read_while_it_is_watched(subject: Subject):
    subject.put({"/a/b": "1"})
    with watching(subject, "/a") as watcher:
        watcher.until(b="1")
        assert subject.read("/a") == {"/a/b": "1"}
        subject.put({"/a/b": "2"})
        watcher.until(b="2")


@those("watch")
def test_a_watch_that_waits_ends(subject: Subject):
    subject.put({"/a/b": "1"})
    with watching(subject, "/a") as watcher:
        watcher.until(b="1")
    assert watcher.error is None


@pytest.mark.parametrize("kind", [kind for kind in KINDS if "watch" in kind.lacks], ids=str)
def test_a_store_that_cannot_be_watched_says_so(subject: Subject, kind: Kind):
    with pytest.raises(CannotWatch):
        next(iter(subject.backend.changes([subject.key("/a")], None, threading.Event())))
