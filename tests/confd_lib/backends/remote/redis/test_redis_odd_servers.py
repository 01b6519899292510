"""Servers that answer as no Redis does, and those that are away."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

import pytest

from confd_lib import backends
from confd_lib.backends.remote.redis import link as redis_link
from confd_lib.errors import BackendError, Interrupted
from tests.confd_lib.backends.remote.redis.asking import subject
from tests.servers.fixtures import Share, Start
from tests.servers.redis import Redis


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
    if reason == "no answer in time":
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
