"""The HTTP server of `confd -listen`: what it answers, and what clients cannot do to it."""

from __future__ import annotations

import http.client
import os
import socket
import threading
from collections.abc import Iterator

import pytest

from confd_lib.command.sidecar import listening
from confd_lib.command.sidecar.listening import Page, Server
from confd_lib.errors import ConfigError

PAGES = {
    "/health": lambda: Page("alive\n"),
    "/ready": lambda: Page("a.toml: failed\n", good=False),
    "/broken": lambda: Page(str(1 / 0)),
    "/large": lambda: Page("x" * 20_000_000),
}


@pytest.fixture
def address() -> Iterator[tuple[str, int]]:
    listener = listening.bind(":0")
    address = listener.getsockname()
    with Server(listener, PAGES):
        yield address


def ask(address: tuple[str, int], method: str, path: str, **kwargs: object):
    connection = http.client.HTTPConnection(*address, timeout=60)
    try:
        connection.request(method, path, **kwargs)
        reply = connection.getresponse()
        return reply.status, reply.read().decode(), dict(reply.getheaders())
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("method", "path", "status", "text"),
    [
        ("GET", "/health", 200, "alive\n"),
        ("GET", "/health?verbose=1", 200, "alive\n"),
        ("HEAD", "/health", 200, ""),
        ("GET", "/ready", 503, "a.toml: failed\n"),
        ("HEAD", "/ready", 503, ""),
        ("GET", "/", 404, "Not Found\n"),
        ("HEAD", "/nothing", 404, ""),
        ("GET", "/health/", 404, "Not Found\n"),
        ("POST", "/health", 405, "Method Not Allowed\n"),
        ("DELETE", "/nothing", 405, "Method Not Allowed\n"),
    ],
)
def test_it_answers(address, method, path, status, text):
    found, body, headers = ask(address, method, path)
    assert (found, body) == (status, text)
    assert int(headers["Content-Length"]) >= len(text)
    assert headers["Connection"] == "close"
    assert headers.get("Allow") == ("GET, HEAD" if status == 405 else None)


def test_a_refused_body_does_not_take_the_answer_with_it(address):
    assert ask(address, "POST", "/health", body="x" * 100_000)[0] == 405


def test_a_page_that_cannot_be_made_is_an_answer_and_a_log_line(address, caplog):
    assert ask(address, "GET", "/broken")[:2] == (500, "Internal Server Error\n")
    assert "A page cannot be made" in caplog.text
    assert ask(address, "GET", "/health")[0] == 200


def exchange(address: tuple[str, int], request: bytes) -> bytes:
    with socket.create_connection(address, timeout=60) as client:
        client.sendall(request)
        return b"".join(iter(lambda: client.recv(65536), b""))


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"GET /health\r\n\r\n", 400),
        (b"\r\n\r\n", 400),
        (b"GET /health HTTP/1.1 x\r\n\r\n", 400),
        (b"GET /\xff HTTP/1.1\r\n\r\n", 404),
        (b"GET /" + b"x" * 5000 + b" HTTP/1.1\r\n\r\n", 400),
        (b"GET /health HTTP/1.1\r\nX: " + b"x" * 9000, 431),
        (b"GET /health HTTP/1.0\r\n\r\n", 200),
    ],
)
def test_odd_requests_are_answered_in_their_bounds(address, request_, status):
    assert exchange(address, request_).startswith(b"HTTP/1.1 %d " % status)


def test_a_request_may_come_byte_by_byte(address):
    with socket.create_connection(address, timeout=60) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in b"GET /health HTTP/1.1\r\n\r\n":
            client.send(bytes([byte]))
        assert client.recv(12) == b"HTTP/1.1 200"


def test_clients_that_say_nothing_or_read_nothing_hold_up_no_other(address):
    dead = [socket.create_connection(address, timeout=60) for _ in range(listening._MOST + 8)]
    for client in dead[::2]:
        client.sendall(b"GET /large HTTP/1.1\r\n\r\n")
    try:
        for _ in range(3):
            assert ask(address, "GET", "/health")[0] == 200
    finally:
        for client in dead:
            client.close()


def test_a_client_that_is_slow_is_dropped(monkeypatch):
    monkeypatch.setattr(listening, "_SECONDS", 1.0)
    listener = listening.bind(":0")
    with Server(listener, PAGES), socket.create_connection(listener.getsockname()) as client:
        client.settimeout(60)
        client.sendall(b"GET /health HTTP/1.1\r\n")
        assert client.recv(1) == b""


def test_nothing_is_left_behind():
    threads, before = threading.active_count(), os.listdir("/proc/self/fd")  # noqa: PTH208
    listener = listening.bind(":0")
    with Server(listener, PAGES):
        clients = [socket.create_connection(listener.getsockname()) for _ in range(3)]
        assert ask(listener.getsockname(), "GET", "/health")[0] == 200
    for client in clients:
        client.close()
    assert os.listdir("/proc/self/fd") == before  # noqa: PTH208
    assert threading.active_count() == threads


@pytest.mark.parametrize(
    ("address", "host"),
    [
        (":0", "127.0.0.1"),
        ("0", "127.0.0.1"),
        ("127.0.0.1:0", "127.0.0.1"),
        ("localhost:0", "127.0.0.1"),
        ("0.0.0.0:0", "0.0.0.0"),
    ],
)
def test_without_a_host_it_is_the_own_machine(address, host):
    with listening.bind(address) as listener:
        found, port = listening.name_of(listener).rsplit(":", 1)
        assert found in (host, "[::1]" if "localhost" in address else host)
        assert int(port) > 0


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6")
def test_an_ipv6_address_stands_in_brackets():
    try:
        listener = listening.bind("[::1]:0")
    except ConfigError:
        pytest.skip("this machine has no IPv6 address")
    with listener:
        assert listening.name_of(listener).startswith("[::1]:")


@pytest.mark.parametrize(
    "address", ["", "x", ":", "127.0.0.1", "127.0.0.1:", ":65536", "::1:80", "a:b:80", ":-1", ":8 "]
)
def test_an_address_that_is_not_one_is_refused(address):
    with pytest.raises(ConfigError) as caught:
        listening.bind(address)
    assert str(caught.value) == (
        f"-listen {address!r}: write HOST:PORT, or :PORT for the own machine"
    )


def test_a_port_that_is_taken_is_refused():
    with listening.bind(":0") as listener:
        address = listening.name_of(listener)
        with pytest.raises(ConfigError) as caught:
            listening.bind(address)
    assert str(caught.value) == f"-listen {address}: address already in use"


@pytest.mark.parametrize("host", ["no.such.host.invalid", "a" * 70, "a..b"])
def test_a_host_that_is_not_there_is_refused(host):
    with pytest.raises(ConfigError, match=rf"^-listen {host}:80: "):
        listening.bind(f"{host}:80")
