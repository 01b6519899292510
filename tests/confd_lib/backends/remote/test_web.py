"""Requests to a store over HTTP, whose answers are bounded."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator

import pytest

from confd_lib.backends.remote import web
from confd_lib.backends.remote.tls import TLS
from confd_lib.backends.remote.web import Web
from confd_lib.errors import BackendError
from tests.confd_lib.backends.remote.answers import answering

# A few hundred bytes that are 64 MB once they are unpacked twice.
BOMB = gzip.compress(gzip.compress(bytes(64 << 20)))
ENCODINGS = ["gzip", "gzip, gzip", "deflate", "br", "x" * 500]


@pytest.fixture
def asked() -> Iterator[Web]:
    with Web("etcd", TLS(), threading.Event()) as made:
        yield made


@pytest.mark.parametrize("status", [200, 302, 404, 503])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_an_encoded_answer_is_refused_unread(asked: Web, status: int, encoding: str):
    headers = {"Content-Encoding": encoding, "Location": "/elsewhere"}
    with answering(status, BOMB, headers=headers) as node:
        for _ in range(2):
            with pytest.raises(BackendError) as caught:
                asked.ask("GET", node)
            said = f"etcd {node}: encoded as {encoding!r:.40}, which was not asked for"
            assert str(caught.value) == said
        with pytest.raises(BackendError, match="not asked for"), asked.stream(node, b"", {}, 5.0):
            pass


def test_an_answer_that_says_that_it_is_not_encoded_is_read(asked: Web):
    with answering(200, b"plain", headers={"Content-Encoding": "identity"}) as node:
        assert asked.ask("GET", node).body == b"plain"


def test_a_redirect_whose_body_has_no_end_is_given_up(asked: Web, monkeypatch):
    monkeypatch.setattr(web, "MAX_BODY", 1 << 20)
    with (
        answering(302, b"", headers={"Location": "/x"}, endless={"/x": bytes(1 << 16)}) as node,
        pytest.raises(BackendError, match="the answer is longer than 1 MB"),
    ):
        asked.ask("GET", f"{node}/x")
