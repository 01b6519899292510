"""The inbox of a loop and the listener that fills it: what is kept, what is dropped, what wakes."""

from __future__ import annotations

import subprocess
import sys
import threading
import weakref
from pathlib import Path

import pytest

from confd_lib import backends
from confd_lib.errors import BackendError, CannotWatch
from confd_lib.run.waiting import Inbox, Listener, Lost, News, Wish

ROOT = Path(__file__).parents[3]
ONE, TWO = (News(backends.Memory({}).get_values([])) for _ in range(2))
LOST = Lost(BackendError("away"))


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


def take(inbox: Inbox) -> object:
    return inbox.wait(0, threading.Event())


@pytest.mark.parametrize(
    ("left", "taken"),
    [
        ([], [None]),
        ([ONE, TWO], [TWO, None]),
        ([ONE, LOST], [ONE, LOST, None]),
        ([LOST, ONE, TWO], [TWO, LOST, None]),
        ([Wish(), Wish()], [Wish(), None]),
        ([ONE, Wish()], [Wish(), ONE, None]),
    ],
    ids=[
        "nothing",
        "the-latest-news",
        "a-loss-after-news",
        "news-before-a-loss",
        "one-wish",
        "a-wish-first",
    ],
)
def test_messages_are_taken(inbox, left, taken):
    put = inbox.slot()
    for message in left:
        (inbox.put if isinstance(message, Wish) else put)(message)
    assert [take(inbox) for _ in taken] == taken


def test_what_a_listener_left_before_a_clear_or_leaves_after_it_is_dropped(inbox):
    old = inbox.slot()
    old(ONE)
    inbox.clear()
    assert take(inbox) is None
    new = inbox.slot()
    new(TWO)
    old(ONE)
    assert [take(inbox), take(inbox)] == [TWO, None]


def test_news_that_newer_ones_replace_are_not_kept(inbox):
    class Snapshot:
        """One to which weak references may be made."""

    put = inbox.slot()
    kept = []
    for _ in range(100):
        snapshot = Snapshot()
        kept.append(weakref.ref(snapshot))
        put(News(snapshot))
    del snapshot
    assert [ref() is not None for ref in kept] == [False] * 99 + [True]


def test_a_clear_keeps_a_wish(inbox):
    inbox.put(Wish())
    inbox.clear()
    assert take(inbox) == Wish()


def test_a_stop_ends_a_wait(inbox):
    stop = threading.Event()
    threading.Timer(0.05, stop.set).start()
    assert inbox.wait(3600, stop) is None


def test_a_message_of_another_thread_ends_a_wait(inbox):
    threading.Timer(0.05, inbox.slot(), [ONE]).start()
    assert inbox.wait(3600, threading.Event()) is ONE


SLOW_HANDLER = """
import faulthandler, signal, threading, time
from confd_lib.run.waiting import Inbox
faulthandler.dump_traceback_later(40, exit=True)
signal.signal(signal.SIGALRM, lambda *_: time.sleep(0.002))
inbox, stop = Inbox(), threading.Event()
for early in range(100):
    signal.setitimer(signal.ITIMER_REAL, 0.02 - early * 0.00002)
    assert inbox.wait(0.02, stop) is None
print("ended")
"""

PUTTING_HANDLER = """
import faulthandler, signal, threading
from confd_lib.run.waiting import Inbox, Wish
faulthandler.dump_traceback_later(40, exit=True)
inbox, stop = Inbox(), threading.Event()
signal.signal(signal.SIGALRM, lambda *_: inbox.put(Wish()))
signal.setitimer(signal.ITIMER_REAL, 0.001, 0.0003)
for _ in range(1000):
    inbox.put(Wish())  # while the handler does the same
    assert inbox.wait(3600, stop) == Wish()
signal.setitimer(signal.ITIMER_REAL, 0.02)
while inbox.wait(0, stop):
    pass
assert inbox.wait(3600, stop) == Wish()
print("ended")
"""


@pytest.mark.parametrize("program", [SLOW_HANDLER, PUTTING_HANDLER], ids=["slow", "putting"])
def test_a_wait_ends_whatever_signal_handlers_do(program):
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("ended\n", "")


class Scripted:
    """A store whose watch is a script."""

    joins_prefixes = False

    def __init__(self, changes) -> None:
        self.changes = changes

    def get_values(self, keys):
        return ONE.snapshot


def cannot_watch(*_):
    raise CannotWatch("no")


def cannot_watch_later(*_):
    yield from ()
    raise CannotWatch("no")


def breaks(*_):
    yield from ()
    raise ZeroDivisionError("odd")


@pytest.mark.parametrize(
    ("changes", "kind", "said"),
    [
        (cannot_watch, CannotWatch, "no"),
        (cannot_watch_later, CannotWatch, "no"),
        (breaks, BackendError, "the watch broke: ZeroDivisionError: odd"),
        (lambda *_: iter(()), BackendError, "the store ended the watch"),
    ],
    ids=["refused", "refused-later", "broken", "ended"],
)
def test_a_watch_that_ends_is_lost(inbox, changes, kind, said):
    listener = Listener(Scripted(changes), ["/"], None, inbox)
    message = inbox.wait(60, threading.Event())
    assert isinstance(message, Lost)
    assert (type(message.error), str(message.error)) == (kind, said)
    listener.close()


def test_a_store_that_does_not_end_is_left_behind_and_not_heard(inbox, monkeypatch):
    monkeypatch.setattr("confd_lib.run.waiting._JOIN_S", 0.01)
    blocked, over = threading.Event(), threading.Event()

    def changes(*_):
        blocked.wait()
        yield ONE.snapshot
        over.set()

    listener = Listener(Scripted(changes), ["/"], None, inbox)
    listener.close()  # returns, although the thread is blocked
    assert listener._thread.is_alive()
    blocked.set()
    listener._thread.join()
    assert not over.is_set()
    assert take(inbox) is None


def test_a_store_without_a_thread_for_it_is_a_lost_watch(monkeypatch):
    def fail(_):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", fail)
    inbox = Inbox()
    listener = Listener(backends.Memory({}), ("/",), None, inbox)
    message = inbox.wait(0, threading.Event())
    listener.close()
    assert isinstance(message, Lost)
    assert "can't start new thread" in str(message.error)
