"""Requests to a server, byte for byte, and functions that send them."""

from __future__ import annotations

import contextlib
import http.client
import socket
from collections.abc import Iterator
from typing import Any

from metadata_client import MetadataServer

OK = b"HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\n"
BAD = (
    b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n"
    b"Connection: close\r\n\r\n400 Bad Request"
)
VERSION = b"GET /latest/version HTTP/1.1\r\nHost: localhost\r\n\r\n"
VERSION_REPLY = OK + b"Content-Length: 6\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n1-abcd"


def port_of(server: MetadataServer) -> int:
    return int(server.url.rpartition(":")[2])


@contextlib.contextmanager
def dialled(server: MetadataServer, source: str = "127.0.0.1") -> Iterator[socket.socket]:
    address = ("127.0.0.1", port_of(server))
    with socket.create_connection(address, 10, (source, 0)) as connection:
        yield connection


def exchange(server: MetadataServer, sent: bytes, source: str = "127.0.0.1") -> bytes:
    """All that comes back before the connection is closed, without the dates."""
    with dialled(server, source) as connection, connection.makefile("rb") as stream:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        lines = stream.read().splitlines(keepends=True)
    return b"".join(line for line in lines if not line.startswith(b"Date: "))


def get(server: MetadataServer, target: str, accept: str = "*/*", method: str = "GET") -> Any:
    connection = http.client.HTTPConnection("127.0.0.1", port_of(server), timeout=10)
    with contextlib.closing(connection):
        connection.request(method, target, headers={"Accept": accept})
        reply = connection.getresponse()
        return reply.status, reply.read()


def with_headers(*lines: bytes) -> bytes:
    """The request for the version with more headers."""
    return b"\r\n".join([VERSION.removesuffix(b"\r\n\r\n"), *lines, b"", b""])
