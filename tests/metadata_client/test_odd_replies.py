"""What a server may send that is hardly HTTP: the client says so in an error of its own."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metadata_client import DecodeError, MetadataClient, MetadataError, Unavailable

OK = b"HTTP/1.1 200 OK\r\n"
MOVED = b"HTTP/1.1 302 Found\r\n"
LONG = b"9" * 5000


class Parrot:
    """Answers every request with the same bytes."""

    def __init__(self, listener: socket.socket) -> None:
        self.listener = listener
        self.says = b""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def answer(self) -> None:
        with contextlib.suppress(OSError):  # until the listener is closed
            while True:
                connection, _ = self.listener.accept()
                with connection, contextlib.suppress(OSError):
                    connection.recv(65536)
                    connection.sendall(self.says)
                    connection.shutdown(socket.SHUT_WR)


@pytest.fixture(scope="module")
def parrot() -> Iterator[Parrot]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        made = Parrot(listener)
        thread = threading.Thread(target=made.answer)
        thread.start()
        yield made
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def ask(parrot: Parrot, says: bytes) -> object:
    parrot.says = says
    with MetadataClient(parrot.url, timeout=(5, 5)) as client:
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
        MOVED + b"Location: http://[::1\r\n\r\n", Unavailable, "Invalid IPv6 URL", id="half an URL"
    ),
    pytest.param(
        MOVED + b"Location: http://127.0.0.1:99999/\r\n\r\n", Unavailable, "", id="no such port"
    ),
    pytest.param(b"", MetadataError, "closed before the first byte", id="nothing"),
    pytest.param(b"\xff\xfe\r\n\r\n", Unavailable, "", id="no status line"),
]


@pytest.mark.parametrize(("says", "kind", "text"), ODD)
def test_odd_reply(parrot: Parrot, says: bytes, kind: type[MetadataError], text: str) -> None:
    with pytest.raises(kind) as caught:
        ask(parrot, says)
    assert str(caught.value).startswith(f"{parrot.url}/latest/self: ")
    assert text in str(caught.value)


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
