"""HTTP/1.1 as Go's net/http speaks it: bytes to a request, a reply to bytes.

Reads from and writes to file objects; knows nothing of sockets, threads or metadata.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus
from typing import BinaryIO, Final

_MAX_LINE: Final = 1 << 20  # Go: DefaultMaxHeaderBytes
_MAX_HEADERS: Final = 1000
# Go buffers this much of a body before it gives up knowing its length.
CHUNKED_FROM: Final = 2048

TEXT: Final = "text/plain; charset=utf-8"

_PATH: Final = re.compile(r"/(?:[^%\x00-\x20\x7f]|%[0-9a-fA-F]{2})*")
_TOKEN: Final = re.compile(r"[-!#$%&'*+.^_`|~0-9A-Za-z]+")


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asked.

    Attributes:
        method: `GET`, `HEAD` …
        target: path and query as they came.
        headers: names in lower case, in order.
        address: where the request came from.
        keep_alive: whether the client wants to ask again on this connection.
    """

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    address: str = ""
    keep_alive: bool = True

    @property
    def path(self) -> str:
        """The path, still encoded."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        """What follows the question mark."""
        return self.target.partition("?")[2]

    def all(self, name: str) -> list[str]:
        """The values of a header that may come more than once."""
        return [value for key, value in self.headers if key == name]


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back.

    Attributes:
        status: the HTTP status.
        body: the body; it is not sent in answer to HEAD.
        headers: in the order in which they are written, before the ones that every reply has.
        cut: send only this many bytes of the body, then drop the connection.
        close: drop the connection afterwards.
    """

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    cut: int | None = None
    close: bool = False


class BadRequest(Exception):
    """The bytes are not a request; `str()` is what net/http adds to `400 Bad Request`."""


def read_request(stream: BinaryIO, address: str = "") -> Request | None:
    """The next request of a connection; None at its end.

    Raises:
        BadRequest: net/http would answer 400 and close.
    """
    line = stream.readline(_MAX_LINE)
    if not line.endswith(b"\n"):
        return None
    method, target, protocol = _request_line(line.decode("latin-1").rstrip("\r\n"))
    headers = tuple(_headers(stream))
    named = dict(headers)
    if protocol == "HTTP/1.1" and "host" not in named:
        raise BadRequest(": missing required Host header")
    _skip_body(stream, named.get("content-length", "0"))
    wish = named.get("connection", "keep-alive" if protocol == "HTTP/1.1" else "close").lower()
    return Request(method, target, headers, address, keep_alive=wish != "close")


def _request_line(line: str) -> tuple[str, str, str]:
    parts = line.split(" ")
    if len(parts) != 3 or not parts[2].startswith("HTTP/1.") or not _TOKEN.fullmatch(parts[0]):
        raise BadRequest
    method, target, protocol = parts
    if target.startswith("http://"):  # a proxy's way to ask
        target = "/" + target.split("/", 3)[3] if target.count("/") > 2 else "/"
    if not _PATH.fullmatch(target.partition("?")[0]):
        raise BadRequest
    # Latin-1 keeps every byte; what a client sends unescaped is taken as UTF-8.
    return method, target.encode("latin-1").decode("utf-8", "surrogateescape"), protocol


def _headers(stream: BinaryIO) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    while (line := stream.readline(_MAX_LINE)) not in (b"\r\n", b"\n"):
        name, colon, value = line.decode("latin-1").partition(":")
        if not colon or not _TOKEN.fullmatch(name) or len(found) == _MAX_HEADERS:
            raise BadRequest
        found.append((name.lower(), value.strip()))
    return found


def _skip_body(stream: BinaryIO, length: str) -> None:
    if not re.fullmatch(r"[0-9]{1,18}", length):
        raise BadRequest
    left = int(length)
    while left and (piece := stream.read(min(left, _MAX_LINE))):
        left -= len(piece)


def bad_request(error: BadRequest) -> bytes:
    """What net/http itself says to bytes that are no request."""
    reason = f"400 Bad Request{error}"
    lines = (f"HTTP/1.1 {reason}", f"Content-Type: {TEXT}", "Connection: close", "", reason)
    return "\r\n".join(lines).encode()


def head(reply: Reply, *, is_head: bool = False) -> bytes:
    """The status line and the headers of a reply, as net/http writes them."""
    headers = dict(reply.headers)
    headers["Date"] = formatdate(usegmt=True)
    size = len(reply.body)
    # HEAD: net/http tells a length only where it knows it, and never that it would chunk.
    if size <= CHUNKED_FROM:
        headers["Content-Length"] = str(size)
    if size and "Content-Type" not in headers:
        headers["Content-Type"] = sniff(reply.body)
    if size > CHUNKED_FROM and not is_head:
        headers["Transfer-Encoding"] = "chunked"
    if reply.close:
        headers["Connection"] = "close"
    phrase = HTTPStatus(reply.status).phrase
    lines = [f"HTTP/1.1 {reply.status} {phrase}", *(f"{k}: {v}" for k, v in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")


def body(reply: Reply) -> bytes:
    """The body of a reply as it travels: plain or chunked, whole or cut."""
    sent = reply.body[: reply.cut]
    if len(reply.body) <= CHUNKED_FROM:
        return sent
    return _chunk(sent) + (b"0\r\n\r\n" if reply.cut is None else b"")


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


# -- Content types. Go: net/http DetectContentType

_HTML: Final = re.compile(
    rb"[\t\n\x0c\r ]*<(?:!DOCTYPE HTML|HTML|HEAD|SCRIPT|IFRAME|H1|DIV|FONT|TABLE|A|STYLE|TITLE|B"
    rb"|BODY|BR|P|!--)[ >]",
    re.IGNORECASE,
)
_SNIFFED: Final = (
    (_HTML, "text/html; charset=utf-8"),
    (re.compile(rb"[\t\n\x0c\r ]*<\?xml"), "text/xml; charset=utf-8"),
    (re.compile(rb"%PDF-"), "application/pdf"),
    (re.compile(rb"%!PS-Adobe-"), "application/postscript"),
    (re.compile(rb"\xfe\xff.."), "text/plain; charset=utf-16be"),
    (re.compile(rb"\xff\xfe.."), "text/plain; charset=utf-16le"),
    (re.compile(rb"\xef\xbb\xbf."), TEXT),
)
_BINARY: Final = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")


def sniff(data: bytes) -> str:
    """The content type that net/http guesses; clients do well to ignore it.

    >>> sniff(b'{"a":1}'), sniff(b"<html>")
    ('text/plain; charset=utf-8', 'text/html; charset=utf-8')
    """
    start = data[:512]
    for pattern, kind in _SNIFFED:
        if pattern.match(start):
            return kind
    return "application/octet-stream" if _BINARY.search(start) else TEXT
