"""Replies that are hardly HTTP: the client raises an error of its own for each."""

from __future__ import annotations

import contextlib
import itertools
import socket
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metadata_client import DecodeError, MetadataClient, MetadataError, Unavailable

OK = b"HTTP/1.1 200 OK\r\n"
MOVED = b"HTTP/1.1 302 Found\r\n"
LONG = b"9" * 5000


def _bomb() -> bytes:
    """10 MB of spaces, which gzip makes small."""
    packer = zlib.compressobj(wbits=31)
    return packer.compress(b" " * 10_000_000) + packer.flush()


BOMB = _bomb()


Says = Callable[[], Iterable[bytes]]
"""Returns the parts that are sent over the next connection."""


class Parrot:
    """Answers every request with some bytes, and notes what was asked for."""

    def __init__(self, listener: socket.socket) -> None:
        self.listener = listener
        self.says: Says = lambda: [b""]
        self.asked: list[str] = []
        self.left = threading.Event()  # set when a client has closed its side

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def answer(self) -> None:
        with contextlib.suppress(OSError):  # until the listener is closed
            while True:
                connection, _ = self.listener.accept()
                with connection, contextlib.suppress(OSError):
                    connection.settimeout(5)
                    self.asked.append(connection.recv(65536).split()[1].decode())
                    for part in self.says():
                        connection.sendall(part)
                    connection.shutdown(socket.SHUT_WR)
                    if connection.recv(1) == b"":
                        self.left.set()


@pytest.fixture(scope="module")
def parrot() -> Iterator[Parrot]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        made = Parrot(listener)
        thread = threading.Thread(target=made.answer)
        thread.start()
        yield made
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def ask(parrot: Parrot, says: bytes | Says, **options: Any) -> object:
    parrot.says = (lambda: [says]) if isinstance(says, bytes) else says
    parrot.asked.clear()
    with MetadataClient(parrot.url, timeout=(5, 5), **options) as client:
        return client.get("/self")


ODD: list[Any] = [
    pytest.param(
        OK + b"Content-Length: abc\r\n\r\n{}", DecodeError, "bad Content-Length", id="abc"
    ),
    pytest.param(OK + b"Content-Length: -2\r\n\r\n{}", DecodeError, "bad Content-Length", id="-2"),
    pytest.param(
        OK + b"Content-Length: " + LONG + b"\r\n\r\n{}",
        DecodeError,
        "bad Content-Length",
        id="long",
    ),
    pytest.param(
        OK + b"Content-Length: 9999999999999999999\r\n\r\n{}", MetadataError, "", id="20 digits"
    ),
    pytest.param(OK + b'\r\n{"a": ' + LONG + b"}", DecodeError, "not JSON", id="a long number"),
    pytest.param(
        OK + b'\r\n{"a": 1e400}',
        DecodeError,
        "cannot unmarshal number 1e400 into Go value of type float64",
        id="1e400",
    ),
    pytest.param(
        OK + b'\r\n{"a": -' + LONG[:400] + b"}", DecodeError, "of type float64", id="400 digits"
    ),
    pytest.param(OK + b'\r\n{"a": -Infinity}', DecodeError, "-Infinity is not JSON", id="Infinity"),
    pytest.param(OK + b'\r\n{"a": NaN}', DecodeError, "NaN is not JSON", id="NaN"),
    pytest.param(OK + b'\r\n{"a":\n 1,}', DecodeError, "line 2", id="the place is named"),
    pytest.param(OK + b"\r\n", DecodeError, "not JSON", id="empty"),
    pytest.param(
        OK + b"Content-Encoding: gzip\r\n\r\n{}", DecodeError, "encoded as 'gzip'", id="not gzip"
    ),
    pytest.param(
        OK + b"Content-Encoding: gzip\r\n\r\n" + BOMB, DecodeError, "'gzip'", id="gzip bomb"
    ),
    pytest.param(
        b"HTTP/1.1 404 No\r\nContent-Encoding: deflate\r\n\r\n{}",
        DecodeError,
        "404 encoded as 'deflate'",
        id="an encoded 404",
    ),
    pytest.param(
        b"HTTP/1.1 502 Bad Gateway\r\nContent-Encoding: gzip\r\n\r\n" + BOMB,
        Unavailable,
        "502 Bad Gateway",
        id="an encoded 502",
    ),
    pytest.param(
        MOVED + b"Location: http://[::1\r\n\r\n", Unavailable, "bad Location", id="half an URL"
    ),
    pytest.param(
        MOVED + b"Location: http://127.0.0.1:99999/\r\n\r\n",
        Unavailable,
        "bad Location",
        id="no such port",
    ),
    pytest.param(
        MOVED + b"Location: https://127.0.0.1/\r\n\r\n",
        Unavailable,
        "302 redirects to another service, https://127.0.0.1/",
        id="another scheme",
    ),
    pytest.param(
        MOVED + b"Location: file:///etc/passwd\r\n\r\n", Unavailable, "file://", id="a file"
    ),
    pytest.param(
        MOVED + b"Location: http://me:secret@127.0.0.1:1/\r\n\r\n",
        Unavailable,
        "another service, http://127.0.0.1:1/",
        id="another port",
    ),
    pytest.param(
        MOVED + b"Location: /\r\nContent-Encoding: deflate\r\nContent-Length: 9\r\n\r\n{}",
        Unavailable,
        "302 redirects more than 5 times",
        id="moved with a broken body",
    ),
    pytest.param(OK + b"\r\n123", DecodeError, "may be cut", id="a number without a length"),
    pytest.param(b"", MetadataError, "closed before the first byte", id="nothing"),
    pytest.param(b"\xff\xfe\r\n\r\n", Unavailable, "", id="no status line"),
]


@pytest.mark.parametrize(("says", "kind", "text"), ODD)
def test_odd_reply(parrot: Parrot, says: bytes, kind: type[MetadataError], text: str) -> None:
    with pytest.raises(kind) as caught:
        ask(parrot, says)
    assert str(caught.value).startswith(f"{parrot.url}/latest/self: ")
    assert text in str(caught.value)


BODIES = {
    "with a length": (OK + b"Content-Length: 12\r\n\r\n", b'"0123456789"'),
    "in chunks": (OK + b"Transfer-Encoding: chunked\r\n\r\n", b'c\r\n"0123456789"\r\n0\r\n\r\n'),
    "until the end": (OK + b"\r\n", b'"0123456789"'),
}


@pytest.mark.parametrize("how", BODIES)
def test_a_body_may_be_as_long_as_the_limit_and_not_longer(parrot: Parrot, how: str) -> None:
    says = b"".join(BODIES[how])
    assert ask(parrot, says, max_body=12) == "0123456789"
    with pytest.raises(DecodeError, match=r"200 the body is longer than 11 bytes"):
        ask(parrot, says, max_body=11)


MANY = b" " * 65536


@pytest.mark.parametrize("status", ["200 OK", "404 Not Found", "302 Found", "500 Oops"])
def test_a_body_without_an_end_is_read_up_to_the_limit(parrot: Parrot, status: str) -> None:
    head = f"HTTP/1.1 {status}\r\nLocation: /\r\n\r\n".encode()
    with pytest.raises(MetadataError):
        ask(parrot, lambda: itertools.chain([head], itertools.repeat(MANY)), max_body=1 << 20)


def test_redirects_within_the_service_are_followed(parrot: Parrot) -> None:
    moved = MOVED + f"Location: {parrot.url}/else\r\nContent-Length: 0\r\n\r\n".encode()
    replies = iter([moved, MOVED + b"Location: /there\r\n\r\n", OK + b'\r\n"found"'])
    assert ask(parrot, lambda: [next(replies)]) == "found"
    assert parrot.asked == ["/latest/self", "/else", "/there"]


def test_redirects_in_a_circle_end(parrot: Parrot) -> None:
    with pytest.raises(Unavailable, match="302 redirects more than 5 times"):
        ask(parrot, MOVED + b"Location: /latest/self\r\n\r\n")
    assert len(parrot.asked) == 6


REFUSED = {
    "encoded": OK + b"Content-Encoding: gzip\r\n\r\n{}",
    "too long": OK + b"Content-Length: 99\r\n\r\n" + b" " * 99,
    "elsewhere": MOVED + b"Location: http://127.0.0.1:1/\r\n\r\n",
    "half an URL": MOVED + b"Location: http://[::1\r\n\r\n",
    "bad status": b"HTTP/1.1 500 Oops\r\nContent-Length: 99\r\n\r\n",
}


@pytest.mark.parametrize("why", REFUSED)
def test_the_socket_of_a_reply_that_is_refused_is_closed_at_once(parrot: Parrot, why: str) -> None:
    parrot.says = lambda: [REFUSED[why]]
    parrot.left.clear()
    with MetadataClient(parrot.url, timeout=(5, 5), max_body=50) as client:
        with pytest.raises(MetadataError) as caught:  # it holds all frames, and what they refer to
            client.get("/self")
        assert parrot.left.wait(3)
    assert caught.value


def test_a_length_that_is_said_twice(parrot: Parrot) -> None:
    twice = b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}"
    assert ask(parrot, OK + twice) == {}


statuses = st.sampled_from(
    [OK, MOVED, b"HTTP/1.1 200\r\n", b"HTTP/9.9 200 OK\r\n", b"FOO\r\n", b""]
)
headers = st.sampled_from(
    [
        b"Content-Length: 5, 5",
        b"Content-Length: +5",
        b"Content-Length: 5",
        b"Content-Encoding: deflate",
        b"Content-Type: application/json; charset=klingon",
        b"Location: /x",
        b"Location: \xff\xfe",
        b"Location: ftp://a/",
        b"Location: http://[",
        b"Set-Cookie: \x00=\xff; max-age=-99999999999999999999",
        b"Transfer-Encoding: chunked",
        b"WWW-Authenticate: Digest \xff",
        b": nameless",
        b"no colon",
    ]
)
bodies = st.sampled_from(
    [b"{}", b"-5\r\nabc", b"2;x=\xff\r\n{}\r\n0\r\n\r\n", b"zz\r\n", b"\xff\xfe{\x00}\x00"]
) | st.binary(max_size=20)


@settings(deadline=None)
@given(status=statuses, lines=st.lists(headers, max_size=3), body=bodies)
def test_whatever_is_sent_is_a_value_or_an_error_of_ours(
    parrot: Parrot, status: bytes, lines: list[bytes], body: bytes
) -> None:
    with contextlib.suppress(MetadataError):
        ask(parrot, status + b"".join(line + b"\r\n" for line in lines) + b"\r\n" + body)
