"""Servers that answer as no etcd does."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator

import pytest

from confd_lib import backends
from confd_lib.backends.remote import web
from confd_lib.backends.remote.etcd import watching as etcd_watching
from confd_lib.errors import BackendError
from tests.confd_lib.backends.contract.watcher import Watcher, watching
from tests.confd_lib.backends.remote.answers import answering
from tests.confd_lib.backends.remote.etcd.asking import subject
from tests.servers.fixtures import Share

HEADER = {"header": {"revision": "1"}}


@pytest.mark.deep
@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (404, b"404 page not found\n", "404 404 page not found: not an answer of the v3 API"),
        (200, b"<html>hello</html>", "200 <html>hello</html>: not an answer of the v3 API"),
        (200, b"[" * 100_000, "not an answer of the v3 API"),
        (200, b"{}", "200 {}: not an answer of the v3 API"),
        (302, b"", "302: not an answer of the v3 API"),
        (200, json.dumps({**HEADER, "responses": [{}]}).encode(), "not an answer of the v3 API"),
        (200, json.dumps({**HEADER, "responses": 5}).encode(), "not an answer of the v3 API"),
        (200, json.dumps({"header": {"revision": "x"}}).encode(), "not an answer of the v3 API"),
        (503, b'{"code": 14, "error": "no leader"}', "no leader"),
        (500, json.dumps({"code": 2, "error": "odd\nX-Token: " + "x" * 500}).encode(), "odd"),
    ],
)
def test_an_answer_that_is_not_etcds_is_one_line(status, body, reason):
    with answering(status, body) as node, pytest.raises(BackendError) as caught:
        backends.Etcd(node).get_values(["/a"])
    assert reason in str(caught.value)
    assert len(str(caught.value)) < 400
    assert "\n" not in str(caught.value)


def test_an_answer_that_is_too_long_is_given_up(monkeypatch):
    monkeypatch.setattr(web, "MAX_BODY", 1 << 20)
    with (
        answering(200, b" " * (2 << 20)) as node,
        pytest.raises(BackendError, match="the answer is longer than 1 MB"),
    ):
        backends.Etcd(node).get_values(["/a"])


ANSWER = json.dumps({**HEADER, "responses": []}).encode()


def lost(share: Share, node: str, monkeypatch) -> str:
    """Watch a server that is not etcd, and return the first failure that is reported."""
    monkeypatch.setattr(etcd_watching, "_SILENCE_S", 3.0)  # a watch that reads on and on ends, too
    with watching(subject(share("etcd"), node), "/a") as watcher:
        return str(watcher.until_lost())


def test_a_line_of_a_watch_that_has_no_end_is_given_up(share: Share, monkeypatch):
    monkeypatch.setattr(web, "MAX_LINE", 1 << 20)
    with answering(200, ANSWER, endless={"/v3/watch": b"x" * (1 << 16)}) as node:
        assert (
            lost(share, node, monkeypatch)
            == f"etcd {node}: a line of the answer is longer than 1 MB"
        )


@pytest.mark.deep
@pytest.mark.parametrize("message", [b'{"result": {}}', b'{"result": [1]}', b"5", b"", b"[" * 9999])
def test_a_message_of_a_watch_that_is_not_etcds_is_one_line(share: Share, message, monkeypatch):
    with answering(200, ANSWER, endless={"/v3/watch": message + b"\n"}) as node:
        reason = "not an answer of the v3 API of etcd 3.4 or newer"
        assert lost(share, node, monkeypatch) == f"etcd {node}: {message[:100]!r}: {reason}"


# -- Servers that end a watch, as a proxy does where nothing has passed for a while

CREATED = json.dumps({"result": {**HEADER, "created": True}}).encode() + b"\n"


@contextlib.contextmanager
def cut_short(share: Share, message: bytes = CREATED) -> Iterator[Watcher]:
    """Watch a server that ends each watch after its first message."""
    with (
        answering(200, ANSWER, good={"/v3/watch": message}) as node,
        watching(subject(share("etcd"), node), "/a") as watcher,
    ):
        yield watcher


def test_a_quiet_watch_that_is_cut_is_opened_again_without_a_fault(share: Share, monkeypatch):
    monkeypatch.setattr(etcd_watching, "_QUIET_S", 0.0)
    with cut_short(share) as watcher:
        watcher.until_answers(20)
        assert not any(watcher.reports)
        assert watcher.states == [{}]


def test_a_watch_that_is_cut_at_once_is_an_outage(share: Share):
    with cut_short(share) as watcher:
        assert str(watcher.until_lost()).endswith("the server ended the connection")


def test_a_watch_that_is_cut_before_its_first_message_is_an_outage(share: Share, monkeypatch):
    monkeypatch.setattr(etcd_watching, "_QUIET_S", 0.0)
    with cut_short(share, b"") as watcher:
        assert str(watcher.until_lost()).endswith("the server ended the connection")


@pytest.mark.parametrize("answer", [{"header": 1}, {"header": {}}, {**HEADER, "responses": [{}]}])
def test_the_next_node_is_asked_where_one_is_not_etcd(share: Share, answer):
    store = share("etcd")
    store.put("/a", "1")
    with answering(200, json.dumps(answer).encode()) as node:
        assert subject(store, node, store.address).read("/a") == {"/a": "1"}


def test_a_login_without_a_token_is_one_line():
    with answering(200, ANSWER) as node, pytest.raises(BackendError) as caught:
        backends.Etcd(node, username="u", password="secret").get_values(["/a"])
    assert str(caught.value) == f"etcd {node}: not an answer of the v3 API of etcd 3.4 or newer"


def test_a_store_that_is_always_compacted_is_given_up():
    refusal = b'{"code": 11, "error": "required revision has been compacted"}'
    with answering(400, refusal) as node, pytest.raises(BackendError, match="compacted"):
        backends.Etcd(node).get_values(["/a"])


def test_an_answer_that_is_cut_is_no_answer():
    with (
        answering(200, b'{"header": {"revision": "1"}}', length=1000) as node,
        pytest.raises(BackendError),
    ):
        backends.Etcd(node).get_values(["/a"])
