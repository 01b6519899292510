"""The store of a run: what it remembers of the last question, and when an outage is logged."""

from __future__ import annotations

import logging
from itertools import count

import pytest

from confd_lib import backends
from confd_lib.errors import BackendError, Interrupted
from confd_lib.logs import LOGGER
from confd_lib.run.source import Connection, Source
from tests.confd_lib.failing import Failing

AWAY, BAD = BackendError("connection refused"), BackendError("503")


@pytest.fixture(autouse=True)
def _levels(caplog):
    caplog.set_level(logging.INFO, LOGGER.name)


def ask(source: Source, keys=("/a", "/b")) -> BackendError | None:
    try:
        source.get_values(keys)
    except BackendError as error:
        return error
    return None


def test_a_connection_says_since_when_and_when_it_last_answered():
    source = Source(
        Failing(None, None, AWAY, AWAY, None),
        clock=count(10, 10).__next__,
        monotonic=count(1).__next__,
    )
    states = [source.connection]
    for _ in range(5):
        ask(source)
        states.append(source.connection)
    assert states == [
        Connection(reachable=False, since=10, last_answer=0),
        Connection(reachable=True, since=20, last_answer=20, answered=1),
        Connection(reachable=True, since=20, last_answer=30, answered=2),
        Connection(reachable=False, since=40, last_answer=30, error=str(AWAY), answered=2),
        Connection(reachable=False, since=40, last_answer=30, error=str(AWAY), answered=2),
        Connection(reachable=True, since=60, last_answer=60, answered=5),
    ]


def test_an_answer_without_some_keys_and_an_interruption_say_nothing_of_the_connection():
    source = Source(Failing(BackendError("404", ["/a"]), Interrupted("stopped")))
    before = source.connection
    assert ask(source)
    assert ask(source)
    assert source.connection == before
    assert ask(Source(Failing(BackendError("404", ["/a", "/b"])))).repeated is False


def test_each_kind_of_failure_is_new_once_in_an_outage(caplog):
    errors = [BackendError("refused"), BackendError("refused"), BackendError("x", kind=1)]
    errors += [BackendError("y", kind=1), None, BackendError("refused")]
    source = Source(Failing(*errors))
    assert [error and error.repeated for error in (ask(source) for _ in errors)] == [
        False, True, False, True, None, False,
    ]  # fmt: skip
    assert caplog.messages == ["The store answers again"]


def test_what_a_watch_reports_is_logged_once_and_known_to_the_next_question(caplog):
    source = Source(Failing(AWAY))
    for error in (AWAY, AWAY, None, None, BAD):
        source.report(error)
    assert [(r.levelname, r.message) for r in caplog.records] == [
        ("ERROR", "connection refused"),
        ("INFO", "The store answers again"),
        ("ERROR", "503"),
    ]
    source.report(AWAY)
    assert ask(source).repeated is True


def test_a_backend_that_reports_is_given_the_way_to():
    rancher = backends.Rancher("http://127.0.0.1:1")
    source = Source(rancher, clock=count(1).__next__, monotonic=lambda: 7)
    rancher.report(None)
    assert source.connection == Connection(reachable=True, since=2, last_answer=2, answered=7)


def test_it_remembers_what_a_pass_asked_for_unless_that_was_news():
    memory = backends.Memory({"/v": 1})
    source = Source(memory)
    first = source.get_values(["/v"])
    assert (source.keys, source.snapshot) == (("/v",), first)
    news = object()
    source.begin(news)
    assert (source.keys, source.snapshot) == (("/v",), news)
    source.begin(None)
    assert (source.keys, source.snapshot) == ((), None)
    failing = Source(Failing(AWAY))
    ask(failing)
    assert (failing.keys, failing.snapshot) == (("/a", "/b"), None)
