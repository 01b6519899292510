"""The service itself: HTTP at the level of bytes, waiting, files, threads and ports."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import resource
import socket
import struct
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from metadata_client import Answers, AnswersError, MetadataError, MetadataServer, YAMLError
from metadata_client.server.history import History
from metadata_client.server.listening import Port
from metadata_client.server.wire import Request
from tests.metadata_client.conftest import answers


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


# -- Bytes

OK = b"HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\n"
BAD = (
    b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n"
    b"Connection: close\r\n\r\n400 Bad Request"
)
VERSION = b"GET /latest/version HTTP/1.1\r\nHost: localhost\r\n\r\n"
VERSION_REPLY = OK + b"Content-Length: 6\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n1-abcd"
LAST_REPLY = VERSION_REPLY.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
OLD = b"GET /latest/version HTTP/1.0\r\n"
OLD_REPLY = VERSION_REPLY.replace(b"HTTP/1.1", b"HTTP/1.0")
POST = b"POST /latest/version HTTP/1.1\r\nHost: localhost\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
NO_PAGE = (
    b"HTTP/1.1 404 Not Found\r\nContent-Type: text/plain; charset=utf-8\r\n"
    b"X-Content-Type-Options: nosniff\r\nContent-Length: 19\r\n\r\n404 page not found\n"
)
NO_PAGE_AND_OVER = NO_PAGE.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")


def refused(detail: bytes) -> bytes:
    return BAD.replace(b"400 Bad Request", b"400 Bad Request: " + detail)


def moved(location: bytes) -> bytes:
    """The redirect to where a path is clean."""
    return (
        b"HTTP/1.1 301 Moved Permanently\r\nLocation: "
        + location
        + b"\r\nContent-Length: 0\r\n\r\n"
    )


def with_headers(*lines: bytes) -> bytes:
    """The request for the version with more headers."""
    return b"\r\n".join([VERSION.removesuffix(b"\r\n\r\n"), *lines, b"", b""])


BYTES: list[Any] = [
    pytest.param(VERSION, VERSION_REPLY, id="get"),
    pytest.param(VERSION + VERSION, VERSION_REPLY * 2, id="keep-alive"),
    pytest.param(b"", b"", id="nothing"),
    pytest.param(b"GET / HT", b"", id="half a line"),
    pytest.param(VERSION[:-2], BAD, id="half the headers"),
    pytest.param(with_headers(b"Connection: close") + VERSION, LAST_REPLY, id="connection: close"),
    pytest.param(
        with_headers(b"Connection: Keep-Alive, Close") + VERSION, LAST_REPLY, id="close in a list"
    ),
    pytest.param(OLD + b"\r\n" + VERSION, OLD_REPLY, id="http 1.0"),
    pytest.param(
        OLD + b"Connection: keep-alive\r\n\r\n" + OLD + b"\r\n",
        OLD_REPLY.replace(b"\r\n\r\n", b"\r\nConnection: keep-alive\r\n\r\n") + OLD_REPLY,
        id="http 1.0, kept alive",
    ),
    pytest.param(VERSION.replace(b"1.1", b"1.2"), VERSION_REPLY, id="http 1.2"),
    pytest.param(
        VERSION.replace(b"GET", b"HEAD"), VERSION_REPLY.removesuffix(b"1-abcd"), id="head"
    ),
    pytest.param(VERSION.replace(b"\r", b""), VERSION_REPLY, id="lines that end in LF"),
    pytest.param(with_headers(b"A: b", b" c"), VERSION_REPLY, id="a header of two lines"),
    pytest.param(
        b"GET http://x/latest/version HTTP/1.1\r\nHost: localhost\r\n\r\n",
        VERSION_REPLY,
        id="as a proxy",
    ),
    pytest.param(
        POST + b"Content-Length: 3\r\n\r\nabc" + VERSION,
        NO_PAGE + VERSION_REPLY,
        id="post with a body",
    ),
    pytest.param(
        POST + b"Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc" + VERSION,
        NO_PAGE + VERSION_REPLY,
        id="the same length twice",
    ),
    pytest.param(
        CHUNKED + b"3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nTrailer: t\r\n\r\n" + VERSION,
        NO_PAGE + VERSION_REPLY,
        id="post with a body in chunks",
    ),
    pytest.param(CHUNKED + b"zz\r\n\r\n" + VERSION, NO_PAGE_AND_OVER, id="bad chunk"),
    pytest.param(CHUNKED + b"3\r\nab", NO_PAGE_AND_OVER, id="half a chunk"),
    pytest.param(
        POST + b"Content-Length: 300000\r\n\r\n" + b"a" * 300_000 + VERSION,
        NO_PAGE_AND_OVER,
        id="a body longer than Go skips",
    ),
    pytest.param(
        POST + b"Content-Length: 3\r\nExpect: 100-continue\r\n\r\n",
        NO_PAGE_AND_OVER,
        id="a body that waits to be asked for",
    ),
    pytest.param(
        with_headers(b"Expect: 100-continue") + VERSION, VERSION_REPLY * 2, id="nothing to ask for"
    ),
    pytest.param(
        POST + b"Content-Length: 3\r\n\r\nabc\r\n" + VERSION,
        NO_PAGE + VERSION_REPLY,
        id="a line end after the body",
    ),
    pytest.param(VERSION + b"\r\n", VERSION_REPLY, id="a line end at the end"),
    pytest.param(b"\r\n\r\n" + VERSION, BAD, id="two empty lines"),
    pytest.param(
        POST + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", BAD, id="two lengths"
    ),
    pytest.param(POST + b"Content-Length: 3, 4\r\n\r\nabcd", BAD, id="two lengths in a list"),
    pytest.param(
        CHUNKED.removesuffix(b"\r\n") + b"Content-Length: 3\r\n\r\n0\r\n\r\n" + VERSION,
        BAD,
        id="a length and chunks",
    ),
    pytest.param(
        CHUNKED.replace(b"1.1", b"1.0") + b"0\r\n\r\n" + VERSION, BAD, id="chunks in http 1.0"
    ),
    pytest.param(
        CHUNKED.replace(b"chunked", b"gzip, chunked") + b"0\r\n\r\n", BAD, id="other encoding"
    ),
    pytest.param(
        b"GET /latest//self/?a=b HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"HTTP/1.1 301 Moved Permanently\r\nLocation: /latest/self/?a=b\r\n"
        b"Content-Length: 0\r\n\r\n",
        id="redirect keeps the query",
    ),
    pytest.param(
        b"GET /latest/./a%20b%3Fc%C3%A9 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"HTTP/1.1 301 Moved Permanently\r\nLocation: /latest/a%20b%3Fc%C3%A9\r\n"
        b"Content-Length: 0\r\n\r\n",
        id="redirect is encoded",
    ),
    pytest.param(
        b"HEAD /latest/self/service/lb_config HTTP/1.1\r\nHost: localhost\r\n\r\n",
        OK + b"\r\n",
        id="head of nothing",
    ),
    pytest.param(
        b"GET //latest? HTTP/1.1\r\nHost: localhost\r\n\r\n", moved(b"/latest?"), id="bare ?"
    ),
    pytest.param(
        b"GET //latest?a=\xc3\xa9\xff?b HTTP/1.1\r\nHost: localhost\r\n\r\n",
        moved(b"/latest?a=\xc3\xa9\xff?b"),
        id="bytes in the query",
    ),
    pytest.param(
        b"GET //lat\xc3\xa9 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        moved(b"/lat%C3%A9"),
        id="bytes in the path",
    ),
    pytest.param(
        b"HEAD //latest HTTP/1.0\r\n\r\n",
        b"HTTP/1.0 301 Moved Permanently\r\nLocation: /latest\r\n\r\n",
        id="redirect of head",
    ),
    pytest.param(b"GET * HTTP/1.1\r\nHost: localhost\r\n\r\n", moved(b"/%2A"), id="*"),
    pytest.param(b"GET *?a HTTP/1.1\r\nHost: localhost\r\n\r\n", BAD, id="* with a query"),
    pytest.param(
        b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        id="options of *",
    ),
    pytest.param(
        VERSION.replace(b"GET /", b"GET https://x/"), VERSION_REPLY, id="as a proxy, by https"
    ),
    pytest.param(
        VERSION.replace(b"/version", b"/new%0Aline?wait=true&value="), NO_PAGE, id="a newline"
    ),
    pytest.param(b"GET /latest/a%b HTTP/1.1\r\nHost: localhost\r\n\r\n", BAD, id="bad escape"),
    pytest.param(b"GET latest HTTP/1.1\r\nHost: localhost\r\n\r\n", BAD, id="no slash"),
    pytest.param(b"hello\r\n\r\n", BAD, id="no request"),
    pytest.param(b"GET / HTTP/2.0\r\nHost: localhost\r\n\r\n", BAD, id="other protocol"),
    pytest.param(b"GET / HTTP/1.x\r\nHost: localhost\r\n\r\n", BAD, id="odd protocol"),
    pytest.param(b"GET /a?b\rc:d HTTP/1.1\r\nHost: localhost\r\n\r\n", BAD, id="CR in a query"),
    pytest.param(b"GET /a?b\x00 HTTP/1.1\r\nHost: localhost\r\n\r\n", BAD, id="NUL in a query"),
    pytest.param(with_headers(b"no colon"), BAD, id="bad header"),
    pytest.param(with_headers(b"A : b"), BAD, id="space before the colon"),
    pytest.param(with_headers(b"A: b\rc"), BAD, id="CR in a header"),
    pytest.param(with_headers(b"A: b\x00c"), BAD, id="NUL in a header"),
    pytest.param(with_headers(b"Host: y"), BAD, id="two hosts"),
    pytest.param(VERSION.replace(b"Host", b" Host"), BAD, id="begins with a second line"),
    pytest.param(
        b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: many\r\n\r\n", BAD, id="bad length"
    ),
    pytest.param(
        b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n",
        BAD,
        id="a length of 5000 digits",
    ),
    pytest.param(b"GET / HTTP/1.1\r\n\r\n", refused(b"missing required Host header"), id="no host"),
    pytest.param(
        VERSION.replace(b"localhost", b"local host"),
        refused(b"malformed Host header"),
        id="bad host",
    ),
    pytest.param(
        VERSION.replace(b"localhost", b"a/b"),
        refused(b"malformed Host header"),
        id="no host's name",
    ),
    pytest.param(VERSION.replace(b"localhost", b""), VERSION_REPLY, id="empty host"),
    pytest.param(VERSION.replace(b"localhost", b"[::1]:80"), VERSION_REPLY, id="host by address"),
]


@pytest.mark.parametrize(("sent", "received"), BYTES)
def test_bytes(server: MetadataServer, sent: bytes, received: bytes) -> None:
    assert exchange(server, sent) == received


TOO_LARGE = BAD.replace(b"400 Bad Request", b"431 Request Header Fields Too Large")
MIB = 1 << 20


HEADS: list[Any] = [
    pytest.param(with_headers(b"A: " + b"b" * (MIB - 100)), VERSION_REPLY, id="a long header"),
    pytest.param(with_headers(*[b"A: b"] * 999), VERSION_REPLY, id="many headers"),
    pytest.param(with_headers(*[b"A: b"] * 1000), TOO_LARGE, id="more headers than are taken"),
    pytest.param(with_headers(b"A: " + b"b" * 2 * MIB), TOO_LARGE, id="too long a header"),
    pytest.param(
        with_headers(*[b"A: " + b"b" * 100_000] * 20), TOO_LARGE, id="headers too long together"
    ),
    pytest.param(b"GET /" + b"a" * 2 * MIB, TOO_LARGE, id="too long a line"),
    pytest.param(
        b"GET /" + b"a" * 700_000 + b" HTTP/1.1\r\nHost: localhost\r\nA: " + b"b" * 700_000,
        TOO_LARGE,
        id="line and headers too long together",
    ),
    pytest.param(CHUNKED + b"0\r\nA: " + b"b" * 2 * MIB, NO_PAGE_AND_OVER, id="too long a trailer"),
]


@pytest.mark.parametrize(("sent", "received"), HEADS)
def test_size_of_a_request(server: MetadataServer, sent: bytes, received: bytes) -> None:
    assert exchange(server, sent) == received


def test_remembered_requests_are_bounded_in_bytes(server: MetadataServer) -> None:
    for number in range(40):
        exchange(server, with_headers(b"N: %d" % number, b"A: " + b"b" * (MIB - 200)))
    numbers = [dict(request.headers)["n"] for request in server.requests]
    assert numbers == [str(number) for number in range(40 - len(numbers), 40)]
    assert 8 <= len(numbers) <= 16
    server.requests.clear()
    assert not server.requests


def test_cleared_requests_leave_their_space() -> None:
    history = History()
    large = [Request("GET", f"/{number}" + "a" * MIB) for number in range(12)]
    for _ in range(2):
        for request in large:
            history.append(request)
        assert list(history) == large
        history.clear()


def test_number_of_remembered_requests(server: MetadataServer) -> None:
    with dialled(server) as connection, connection.makefile("rb") as stream:
        for _ in range(101):
            connection.sendall(VERSION * 100)
            for _ in range(100):
                while stream.readline() != b"\r\n":
                    pass
                stream.read(6)
    assert len(server.requests) == 10_000
    assert server.requests[-1].path == "/latest/version"


VERSIONS = {name: {"default": {"v": 1}} for name in ("2016", "a b", "q?x%", "é\ud800", "a/b")}

# Asked of rancher-metadata v0.7.4 itself.
NAMED: list[Any] = [
    pytest.param("/", "*/*", b"%C3%A9%EF%BF%BD\n2016\na+b\nlatest\nq%3Fx%25\n", id="text"),
    pytest.param(
        "/",
        "application/json",
        '{"2016":"/2016","a b":"/a%20b","latest":"/latest","q?x%":"/q%3Fx%25",'
        '"é\ufffd":"/%C3%A9%EF%BF%BD"}'.encode(),
        id="JSON",
    ),
    pytest.param("/a%20b", "*/*", b"v\n", id="space"),
    pytest.param("/a+b", "*/*", b"Invalid version\n", id="plus"),
    pytest.param("/2016%2Fv", "*/*", b"v\n", id="slash after the version"),
    pytest.param("/2016%2Fv/v", "*/*", b"1", id="slash before the key"),
    pytest.param("/a%2Fb", "*/*", b"Invalid version\n", id="slash in a version"),
    pytest.param("/20%0A16", "*/*", b"Invalid version\n", id="newline"),
    pytest.param("/20%0A16/v", "*/*", b"Invalid version\n", id="newline before a key"),
    pytest.param("/2016/v%0A", "*/*", b"404 page not found\n", id="newline in a key"),
    pytest.param("/2016%2F%0A", "*/*", b"404 page not found\n", id="newline after a slash"),
]


@pytest.mark.parametrize(("path", "accept", "body"), NAMED)
def test_names_of_versions(server: MetadataServer, path: str, accept: str, body: bytes) -> None:
    server.replace(VERSIONS)
    assert get(server, path, accept)[1] == body


def test_long_bodies_are_chunked(server: MetadataServer) -> None:
    server.replace(answers(2, long="x" * 2049, short="y" * 2048))
    request = VERSION.replace(b"version", b"long")
    headers = OK + b"Content-Type: text/plain; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert exchange(server, request) == headers + b"801\r\n" + b"x" * 2049 + b"\r\n0\r\n\r\n"
    short = exchange(server, VERSION.replace(b"version", b"short"))
    assert b"Content-Length: 2048\r\n" in short
    head = exchange(server, request.replace(b"GET", b"HEAD"))
    assert head == OK + b"Content-Type: text/plain; charset=utf-8\r\n\r\n"
    # Who speaks HTTP/1.0 knows no chunks: the end of the connection is that of the body.
    old = OLD.replace(b"version", b"long") + b"Connection: keep-alive\r\n\r\n"
    old_headers = (
        OK.replace(b"HTTP/1.1", b"HTTP/1.0") + b"Content-Type: text/plain; charset=utf-8\r\n"
    )
    assert exchange(server, old * 2) == old_headers + b"\r\n" + b"x" * 2049
    old_head = exchange(server, old.replace(b"GET", b"HEAD"))
    assert old_head == old_headers + b"Connection: keep-alive\r\n\r\n"


def test_long_listing_is_cut_where_the_handler_panics(server: MetadataServer) -> None:
    items = [{"name": f"container-{n:04}"} for n in range(400)]
    server.replace(answers(2, all=[*items, {"name": None}], few=[{"name": "a"}, {"name": None}]))
    with pytest.raises(http.client.IncompleteRead) as caught:
        get(server, "/latest/all")
    assert caught.value.partial.startswith(b"0=container-0000\n")
    with pytest.raises(http.client.RemoteDisconnected):
        get(server, "/latest/few")
    assert get(server, "/latest/few", "application/json") == (200, b'[{"name":"a"},{"name":null}]')


def test_number_that_json_does_not_know(server: MetadataServer) -> None:
    server.replace({"latest": {"default": {"nan": float("nan"), "inf": [float("-inf")]}}})
    told = b'{"code":500,"message":"Error serializing to JSON: json: unsupported value: %b",'
    kind = b'"type":"error"}\n'
    assert get(server, "/latest/nan", "application/json") == (500, told % b"NaN" + kind)
    assert get(server, "/latest/inf", "application/json") == (500, told % b"-Inf" + kind)
    assert get(server, "/latest/nan") == (200, b"NaN")


def test_what_nobody_foresaw_is_a_500(
    server: MetadataServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.replace({"latest": {"default": {"odd": object(), "version": "2"}}})
    request = VERSION.replace(b"version", b"odd").replace(
        b"\r\n\r\n", b"\r\nAccept: application/json\r\n\r\n"
    )
    assert exchange(server, request + VERSION) == BAD.replace(
        b"400 Bad Request", b"500 Internal Server Error"
    )
    (record,) = caplog.records
    assert record.getMessage() == (
        "GET /latest/odd: TypeError: Object of type object is not JSON serializable"
    )
    assert get(server, "/latest/version") == (200, b"2")


# -- Who asks


def test_source_address_decides() -> None:
    served = {"latest": {"default": {"who": "anyone", "a": 1}, "127.0.0.2": {"who": "two"}}}
    with MetadataServer(served) as server:
        request = b"GET /latest/who HTTP/1.0\r\nX-Forwarded-For: 127.0.0.2\r\n\r\n"
        assert exchange(server, request).endswith(b"\r\n\r\nanyone")
        assert exchange(server, request, source="127.0.0.2").endswith(b"\r\n\r\ntwo")
        assert exchange(server, b"GET /latest/a HTTP/1.0\r\n\r\n", source="127.0.0.2").endswith(
            b"\r\n\r\n1"
        )


# -- Waiting

AT_ONCE = [
    pytest.param("version?wait=true&value=other", id="another value"),
    pytest.param("version?wait=true&value=1-abcd&maxWait=-1", id="negative"),
    pytest.param("version?wait=1&value=1-abcd", id="not true"),
    pytest.param("version?wait=true", id="no value"),
    pytest.param("version?value=1-abcd", id="no wait"),
    pytest.param("odd?wait=true&value=a%3Fb", id="question mark"),
    pytest.param("map?wait=true&value=a%2F", id="map"),
]


@pytest.mark.parametrize("target", AT_ONCE)
def test_answers_at_once(server: MetadataServer, target: str) -> None:
    server.replace({"latest": {"default": {"version": "1-abcd", "odd": "a?b", "map": {"a": {}}}}})
    assert get(server, f"/latest/{target}")[0] == 200


def test_version_without_a_slash_does_not_wait(server: MetadataServer) -> None:
    assert get(server, "/latest?wait=true&value=x")[0] == 200
    assert get(server, "/1999-01-01/x?wait=true&value=x") == (404, b"Invalid version\n")


WAITED_FOR: list[Any] = [
    pytest.param("text", "a\nb ", "a%0Ab+", id="text"),
    pytest.param("text", "", "", id="empty"),
    pytest.param("null", None, "%3Cnil%3E", id="null"),
    pytest.param("bool", True, "true", id="bool"),
    pytest.param("float", 1e25, "1e%2B25", id="float"),
    pytest.param("list", [1, {"b": None, "a": 2.5}], "[1%20map[a:2.5%20b:%3Cnil%3E]]", id="list"),
    pytest.param("other", None, "anything", id="missing key"),
    pytest.param("text", "", None, id="no old value is an empty one"),
    pytest.param("other", None, None, id="missing key, no old value"),
]


@pytest.mark.parametrize(("key", "value", "old"), WAITED_FOR)
def test_waits_while_it_is_the_old_one(
    server: MetadataServer, key: str, value: object, old: str | None
) -> None:
    values = {} if key == "other" else {key: value}
    server.replace({"latest": {"default": values}})
    got: list[Any] = []
    target = f"/latest/{key}?maxWait=60&wait=true" + ("" if old is None else f"&value={old}")
    waiter = threading.Thread(target=lambda: got.append(get(server, target, "application/json")))
    waiter.start()
    assert server.wait_for_waiters()
    server.replace({"latest": {"default": {key: "new"}}})
    waiter.join(10)
    assert got == [(200, b'"new"')]


def test_waiting_below_a_null_is_dropped(server: MetadataServer) -> None:
    with pytest.raises(http.client.RemoteDisconnected):
        get(server, "/latest/self/service/lb_config/x?wait=true&value=y")


def test_more_replies_than_are_remembered(server: MetadataServer) -> None:
    numbers = {f"n{number}": number for number in range(200)}
    server.replace({"latest": {"default": numbers}})
    for _ in range(2):
        assert [get(server, f"/latest/{key}")[1] for key in numbers] == [
            str(number).encode() for number in numbers.values()
        ]


def test_change_elsewhere_wakes_nobody(server: MetadataServer) -> None:
    got: list[Any] = []
    target = "/latest/self/container/name?wait=true&value=web_1&maxWait=60"
    waiter = threading.Thread(target=lambda: got.append(get(server, target)))
    waiter.start()
    assert server.wait_for_waiters()
    server.replace(answers(2))
    assert server.wait_for_waiters()
    assert got == []
    server.replace(answers(3, self={"container": {"name": "new"}}))
    waiter.join(10)
    assert got == [(200, b"new")]


def versions(**numbers: str) -> dict[str, Any]:
    return {f"v{name}": {"default": {"version": number}} for name, number in numbers.items()}


class Watched(Answers):
    """Answers that tell when somebody has read them."""

    def __init__(self, mapping: Any) -> None:
        super().__init__(mapping)
        self.read = threading.Event()

    def tree(self, version: str, address: str = "default") -> dict[str, object] | None:
        try:
            return super().tree(version, address)
        finally:
            self.read.set()


# What a waiter asks, what is then served while it waits on, and what ends its wait.
STAYING: list[Any] = [
    pytest.param("latest", versions(a="1", b="2"), versions(a="3", b="2"), id="a newer version"),
    pytest.param("latest", {}, versions(a="3"), id="no version"),
    pytest.param("va", versions(b="2"), versions(a="3"), id="its version goes and comes back"),
]


@pytest.mark.parametrize(("version", "meanwhile", "then"), STAYING)
def test_waiter_stays_with_its_version(
    server: MetadataServer, version: str, meanwhile: dict[str, Any], then: dict[str, Any]
) -> None:
    server.replace(versions(a="1"))
    got: list[Any] = []
    target = f"/{version}/version?wait=true&value=1&maxWait=60"
    waiter = threading.Thread(target=lambda: got.append(get(server, target)))
    waiter.start()
    assert server.wait_for_waiters()
    watched = Watched(meanwhile)
    server.replace(watched)
    assert watched.read.wait(10)
    server.replace(then)
    waiter.join(10)
    assert got == [(200, b"3")]


def test_version_that_goes_while_one_waits_is_not_found(server: MetadataServer) -> None:
    server.replace(versions(a="1"))
    got: list[Any] = []
    target = "/va/version?wait=true&value=1&maxWait=1"
    waiter = threading.Thread(target=lambda: got.append(get(server, target)))
    waiter.start()
    assert server.wait_for_waiters()
    server.replace(versions(b="2"))
    waiter.join(10)
    assert got == [(404, b"Not found\n")]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_time_runs_out(server: MetadataServer, method: str) -> None:
    target = "/latest/version?wait=true&value=1-abcd&maxWait=1"
    assert get(server, target, method=method)[0] == 200
    assert get(server, "/latest/nope?wait=true&value=&maxWait=1", method=method)[0] == 404


def test_waiter_that_has_gone_is_forgotten(server: MetadataServer) -> None:
    with dialled(server) as connection:
        connection.sendall(VERSION.replace(b"version", b"version?wait=true&value=1-abcd"))
        assert server.wait_for_waiters()
    assert server._connections.wait_until_none(10)


def test_client_that_is_gone_is_no_error(
    server: MetadataServer, caplog: pytest.LogCaptureFixture
) -> None:
    with dialled(server) as connection:
        connection.sendall(VERSION.replace(b"version", b"version?wait=true&value=1-abcd"))
        assert server.wait_for_waiters()
        # Closed so, it is reset: what is sent to it then fails.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert server._connections.wait_until_none(10)
    assert not caplog.records


def test_waiters_are_dropped_at_the_end() -> None:
    with MetadataServer(answers(1)) as server, dialled(server) as connection:
        connection.sendall(VERSION.replace(b"version", b"version?wait=true&value=1-abcd"))
        assert server.wait_for_waiters()
        server.stop()
        assert connection.recv(1) == b""


# -- Life


def test_h11_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("metadata_client.server.reading.h11", None)
    with pytest.raises(MetadataError) as caught:
        MetadataServer(answers(1))
    assert str(caught.value) == "MetadataServer needs h11: pip install 'confd-lib[testing]'"


def test_port_and_threads_are_given_back() -> None:
    before = threading.active_count()
    with MetadataServer(answers(1)) as server:
        port = port_of(server)
        assert get(server, "/")[0] == 200
    assert threading.active_count() == before
    with pytest.raises(RuntimeError, match="not running"):
        _ = server.url
    with MetadataServer(answers(2), port=port) as again:
        assert port_of(again) == port


def test_port_stays_ours_while_it_refuses(server: MetadataServer) -> None:
    port = port_of(server)
    server.faults.add("refuse")
    with pytest.raises(ConnectionRefusedError):
        get(server, "/")
    with socket.socket() as other, pytest.raises(OSError, match="in use"):
        other.bind(("127.0.0.1", port))
    server.faults.clear("refuse")
    assert get(server, "/")[0] == 200


def test_it_refuses_from_the_moment_it_is_told_to(server: MetadataServer) -> None:
    for _ in range(100):  # a port that is only closed is open for a moment more, now and then
        server.faults.add("refuse")
        with pytest.raises(ConnectionRefusedError):
            get(server, "/")
        server.faults.clear("refuse")
        assert get(server, "/")[0] == 200


@contextlib.contextmanager
def no_more_descriptors() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    free = os.dup(0)
    os.close(free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_it_pauses_while_there_are_no_descriptors(monkeypatch: pytest.MonkeyPatch) -> None:
    warned = threading.Event()
    monkeypatch.setattr("metadata_client.server.listening._PAUSE_MS", 3_600_000)
    monkeypatch.setattr("metadata_client.server.listening._log.warning", lambda *_: warned.set())
    port = Port("127.0.0.1", 0)
    assert port.accept() is None  # it has just been opened
    accepted: list[Any] = []
    accepting = threading.Thread(target=lambda: accepted.append(port.accept()))
    with socket.socket() as client:
        with no_more_descriptors():
            accepting.start()
            client.connect(port.address)
            assert warned.wait(10)
            assert accepting.is_alive()
            port.wake()  # a pause ends when the server does
            accepting.join(10)
        assert accepted == [None]
        assert port.accept() is None  # what it was woken for
        connection, _ = port.accept() or pytest.fail("nothing is accepted")
        connection.close()
    port.close()


def test_lack_of_descriptors_is_logged_once_at_a_time(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("metadata_client.server.listening._PAUSE_MS", 0)
    port = Port("127.0.0.1", 0)
    assert port.accept() is None  # it has just been opened
    for _ in range(2):
        with socket.socket() as client:
            with no_more_descriptors():
                client.connect(port.address)
                assert [port.accept() for _ in range(3)] == [None] * 3
            connection, _ = port.accept() or pytest.fail("nothing is accepted")
            connection.close()
    port.close()
    said = "no connection is accepted for now: Too many open files"
    assert [record.getMessage() for record in caplog.records] == [said] * 2


def test_it_goes_on_when_there_are_descriptors_again(
    server: MetadataServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    warned = threading.Event()
    monkeypatch.setattr("metadata_client.server.listening._log.warning", lambda *_: warned.set())
    with socket.socket() as client:
        with no_more_descriptors():
            client.connect(("127.0.0.1", port_of(server)))
            assert warned.wait(10)
        client.sendall(VERSION)
        assert client.recv(12) == b"HTTP/1.1 200"


def test_it_goes_on_when_a_thread_cannot_be_made(
    server: MetadataServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patched, dialled(server) as connection:
        patched.setattr(threading.Thread, "start", fail)
        assert connection.recv(1) == b""
    assert "can't start new thread" in caplog.text
    assert get(server, "/latest/version") == (200, b"1-abcd")


def test_port_that_is_taken() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(OSError, match="in use"):
            MetadataServer(answers(1), port=other.getsockname()[1]).start()


def test_port_of_another_server(server: MetadataServer) -> None:
    with pytest.raises(OSError, match="in use"):
        MetadataServer(answers(1), port=port_of(server)).start()


def test_ipv6() -> None:
    with MetadataServer(answers(1), host="::1") as server:
        assert server.url.startswith("http://[::1]:")
        with socket.create_connection(("::1", port_of(server)), 10) as connection:
            connection.sendall(VERSION)
            assert connection.recv(12) == b"HTTP/1.1 200"


def test_many_clients_at_once(server: MetadataServer) -> None:
    got: list[Any] = []
    target = "/latest/version?wait=true&value=1-abcd&maxWait=60"
    waiters = [threading.Thread(target=lambda: got.append(get(server, target))) for _ in range(50)]
    for waiter in waiters:
        waiter.start()
    assert server.wait_for_waiters(50)
    server.replace(answers(2))
    for waiter in waiters:
        waiter.join(10)
    assert got == [(200, b"2-abcd")] * 50


# -- Files


def wait_for(server: MetadataServer, old: str) -> str:
    """The version once it is no longer the old one."""
    _, body = get(server, f"/latest/version?wait=true&value={old}&maxWait=20", "application/json")
    version: str = json.loads(body)
    return version


def write(path: Path, text: str) -> None:
    """Replace a file at once, as a careful program does."""
    fresh = path.with_suffix(".new")
    fresh.write_text(text)
    os.replace(fresh, path)  # noqa: PTH105 - the point is that it is this call


def test_file_is_read_again_when_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "answers.yaml"
    write(path, "latest: {default: {version: '1'}}")
    with MetadataServer(path) as server:
        assert wait_for(server, "") == "1"
        write(path, "latest: {default: {version: '2'}}")
        assert wait_for(server, "1") == "2"
        path.unlink()  # what is gone for a moment is not forgotten
        write(path, "latest: {default: {version: '3'}}")
        assert wait_for(server, "2") == "3"


def test_broken_file_leaves_the_old_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "answers.yaml"
    write(path, "latest: {default: {version: '1'}}")
    warned = threading.Event()
    monkeypatch.setattr("metadata_client.server.service._log.warning", lambda *_: warned.set())
    with MetadataServer(str(path)) as server:
        write(path, "latest: {default: [")
        assert warned.wait(10)
        assert get(server, "/latest/version") == (200, b"1")


def test_file_that_comes_later(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "answers.yaml"
    with MetadataServer(path) as server:
        assert get(server, "/") == (200, b"latest\n")
        assert get(server, "/latest/version") == (404, b"Not found\n")
        assert get(server, "/2015-12-19/version") == (404, b"Invalid version\n")
        write(path, "latest: {default: {version: '1'}}")
        assert wait_for(server, "") == "1"
    assert f"no file {path}" in caplog.text


def test_broken_file_at_the_start(tmp_path: Path) -> None:
    path = tmp_path / "answers.yaml"
    path.write_text("a: [")
    with pytest.raises(YAMLError, match=r"answers\.yaml: line 2: did not find"):
        MetadataServer(path).start()


@pytest.mark.parametrize("given", [Answers({"latest": {}}), {"latest": None}])
def test_version_without_trees(given: Any) -> None:
    with MetadataServer(given) as server:
        assert get(server, "/latest/") == (404, b"Not found\n")


def test_answers_of_the_wrong_shape() -> None:
    with pytest.raises(AnswersError, match="version latest is not a map of addresses"):
        MetadataServer({"latest": []})
