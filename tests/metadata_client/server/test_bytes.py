"""HTTP at the level of bytes: requests as they are sent, replies as they are written."""

from __future__ import annotations

import http.client
from typing import Any

import pytest

from metadata_client import MetadataServer
from metadata_client.server.history import History
from metadata_client.server.wire import Request
from tests.metadata_client.conftest import answers

from .asking import BAD, OK, VERSION, VERSION_REPLY, dialled, exchange, get, with_headers

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
    reply = b'{"code":500,"message":"Error serializing to JSON: json: unsupported value: %b",'
    kind = b'"type":"error"}\n'
    assert get(server, "/latest/nan", "application/json") == (500, reply % b"NaN" + kind)
    assert get(server, "/latest/inf", "application/json") == (500, reply % b"-Inf" + kind)
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
