"""The proxy passes bytes both ways, and disturbs them as tests ask it to."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator

import pytest

from tests.servers.loopback.proxy import Proxy

Stand = Callable[[int], Proxy]


@pytest.fixture
def target() -> Iterator[socket.socket]:
    """A listening port that tests answer for."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(20)
        yield listener


@pytest.fixture
def proxy(proxied: Stand, target: socket.socket) -> Proxy:
    return proxied(target.getsockname()[1])


def connected(proxy: Proxy, target: socket.socket) -> tuple[socket.socket, socket.socket]:
    """Return both ends of a connection through the proxy."""
    client = socket.create_connection(("127.0.0.1", proxy.port), timeout=20)
    server = target.accept()[0]
    server.settimeout(20)
    return client, server


def is_silent(end: socket.socket) -> bool:
    end.settimeout(0)
    try:
        end.recv(1)
    except BlockingIOError:
        return True
    finally:
        end.settimeout(20)
    return False


def test_bytes_pass_both_ways_and_are_counted(proxy: Proxy, target: socket.socket) -> None:
    client, server = connected(proxy, target)
    with client, server:
        client.sendall(b"question")
        assert server.recv(100) == b"question"
        server.sendall(b"answer")
        assert client.recv(100) == b"answer"
        client.shutdown(socket.SHUT_WR)
        assert server.recv(100) == b""
        server.sendall(b"!")
        assert client.recv(100) == b"!"
        proxy.wait_for(lambda proxy: (proxy.sent, proxy.received) == (8, 7))
    assert proxy.connections == 1


def test_much_passes(proxy: Proxy, target: socket.socket) -> None:
    client, server = connected(proxy, target)
    much = bytes(range(256)) * 4096
    with client, server:
        client.sendall(much)
        client.shutdown(socket.SHUT_WR)
        with server.makefile("rb") as reader:
            assert reader.read() == much


def test_a_cut_ends_connections_and_takes_new_ones(proxy: Proxy, target: socket.socket) -> None:
    client, server = connected(proxy, target)
    with client, server:
        proxy.cut()
        assert (client.recv(100), server.recv(100)) == (b"", b"")
    client, server = connected(proxy, target)
    with client, server:
        client.sendall(b"again")
        assert server.recv(100) == b"again"
    assert proxy.connections == 2


def test_refused_connections_are_taken_after_a_resume(proxy: Proxy, target: socket.socket) -> None:
    client, server = connected(proxy, target)
    with client, server:
        proxy.refuse()
        assert (client.recv(100), server.recv(100)) == (b"", b"")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", proxy.port), timeout=20)
    proxy.resume()
    client, server = connected(proxy, target)
    with client, server:
        client.sendall(b"again")
        assert server.recv(100) == b"again"


def test_new_connections_go_elsewhere_after_a_turn(proxy: Proxy, target: socket.socket) -> None:
    client, server = connected(proxy, target)
    with socket.create_server(("127.0.0.1", 0)) as other, client, server:
        other.settimeout(20)
        proxy.turn(other.getsockname()[1])
        second_client, second_server = connected(proxy, other)
        with second_client, second_server:
            second_client.sendall(b"to the second")
            assert second_server.recv(100) == b"to the second"
        client.sendall(b"to the first")
        assert server.recv(100) == b"to the first"


def test_nothing_passes_while_it_stalls(proxy: Proxy, target: socket.socket) -> None:
    old = connected(proxy, target)
    proxy.stall()
    new = connected(proxy, target)
    for client, server in (old, new):
        client.sendall(b"late")
        server.sendall(b"too")
    assert [is_silent(end) for end in (*old, *new)] == [True] * 4
    proxy.resume()
    for client, server in (old, new):
        with client, server:
            assert (server.recv(100), client.recv(100)) == (b"late", b"too")


def test_a_cut_ends_what_stalls(proxy: Proxy, target: socket.socket) -> None:
    proxy.stall()
    client, server = connected(proxy, target)
    with client, server:
        client.sendall(b"lost")
        proxy.cut()
        assert (client.recv(100), server.recv(100)) == (b"", b"")


def test_a_slow_proxy_passes_a_little_at_a_time(proxy: Proxy, target: socket.socket) -> None:
    client, server = connected(proxy, target)
    with client, server:
        proxy.slow(1000)
        begin = time.monotonic()
        client.sendall(b"x" * 5000)
        first = len(server.recv(5000))
        assert first <= 100 * (1 + int((time.monotonic() - begin) / 0.1))  # 100 each tenth
        proxy.resume()
        client.shutdown(socket.SHUT_WR)
        with server.makefile("rb") as reader:
            assert first + len(reader.read()) == 5000


def test_a_connection_ends_where_nobody_listens(proxied: Stand, target: socket.socket) -> None:
    proxy = proxied(target.getsockname()[1])
    target.close()
    with socket.create_connection(("127.0.0.1", proxy.port), timeout=20) as client:
        assert client.recv(100) == b""
    assert proxy.connections == 0
