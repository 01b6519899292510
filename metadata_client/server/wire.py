"""Requests and replies as data, and the bytes of a reply as Go's net/http writes them.

Knows nothing of sockets, threads or metadata, nor how a request is read.
"""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus
from typing import Final

from .sniffing import TEXT, sniff

# Go sends a longer body in chunks, since it starts to send before it knows the length.
CHUNKED_FROM: Final = 2048


@dataclass(frozen=True, slots=True)
class Request:
    """A request of a client.

    Attributes:
        method: `GET`, `HEAD` …
        target: path and query as they were sent.
        headers: pairs of name and value in their order; names are in lower case.
        address: the IP address of the client.
        keep_alive: whether the connection can take another request after this one.
        http10: whether the request speaks HTTP/1.0, which has no chunks.
    """

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    address: str = ""
    keep_alive: bool = True
    http10: bool = False

    @property
    def path(self) -> str:
        """The path, percent-encoded as it was sent."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        """The text after the question mark."""
        return self.target.partition("?")[2]

    def all(self, name: str) -> list[str]:
        """Return all values of a header, in their order."""
        return [value for key, value in self.headers if key == name]


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply of the service.

    Attributes:
        status: the HTTP status.
        body: the body; a reply to HEAD leaves it out.
        headers: in the order in which they are written, before those of every reply.
        cut: close the connection after this many bytes of the body; None to send all of it.
        close: close the connection after the reply.
    """

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    cut: int | None = None
    close: bool = False


class BadRequest(Exception):
    """The bytes are not a valid request.

    Attributes:
        status: the HTTP status of the refusal.
        detail: the text that net/http adds to the name of the status.
    """

    def __init__(self, status: int = 400, detail: str = "") -> None:
        super().__init__(status, detail)
        self.status = status
        self.detail = detail


def refusal(status: int, detail: str = "") -> bytes:
    """Return the reply with which net/http refuses a request before it closes the connection."""
    reason = f"{status} {HTTPStatus(status).phrase}{detail}"
    lines = (f"HTTP/1.1 {reason}", f"Content-Type: {TEXT}", "Connection: close", "", reason)
    return "\r\n".join(lines).encode()


def keeps_open(request: Request, reply: Reply) -> bool:
    """Return whether the connection stays open after the reply."""
    if request.http10 and _is_open_ended(request, reply):
        return False
    return request.keep_alive and not reply.close and reply.cut is None


def _is_open_ended(request: Request, reply: Reply) -> bool:
    """Return whether net/http starts to send the body before it knows the length."""
    return len(reply.body) > CHUNKED_FROM and request.method != "HEAD"


def head(request: Request, reply: Reply) -> bytes:
    """Return the status line and the headers of a reply, as net/http writes them."""
    headers = dict(reply.headers)
    headers["Date"] = formatdate(usegmt=True)
    size = len(reply.body)
    # In reply to HEAD, net/http sends a length only if it knows one, and never Transfer-Encoding.
    if size <= CHUNKED_FROM and (size or request.method != "HEAD"):
        headers["Content-Length"] = str(size)
    if size and "Content-Type" not in headers:
        headers["Content-Type"] = sniff(reply.body)
    if request.http10 and keeps_open(request, reply):
        headers["Connection"] = "keep-alive"
    elif not request.http10 and (reply.close or not request.keep_alive):
        headers["Connection"] = "close"
    if not request.http10 and _is_open_ended(request, reply):
        headers["Transfer-Encoding"] = "chunked"
    protocol = "HTTP/1.0" if request.http10 else "HTTP/1.1"
    phrase = HTTPStatus(reply.status).phrase
    lines = [f"{protocol} {reply.status} {phrase}", *(f"{k}: {v}" for k, v in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode("utf-8", "surrogateescape")


def body(request: Request, reply: Reply) -> bytes:
    """Return the body of a reply as sent: plain or in chunks, whole or cut; empty for HEAD."""
    sent = b"" if request.method == "HEAD" else reply.body[: reply.cut]
    if request.http10 or not _is_open_ended(request, reply):
        return sent
    return _chunk(sent) + (b"0\r\n\r\n" if reply.cut is None else b"")


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)
