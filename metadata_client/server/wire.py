"""Requests and replies, and a reply as bytes, as Go's net/http writes it.

Knows nothing of sockets, threads or metadata, nor how a request is read.
"""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus
from typing import Final

from .sniffing import TEXT, sniff

# Go buffers this much of a body before it gives up knowing its length.
CHUNKED_FROM: Final = 2048


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asked.

    Attributes:
        method: `GET`, `HEAD` …
        target: path and query as they came.
        headers: names in lower case, in order.
        address: where the request came from.
        keep_alive: whether the connection can take another request after this one.
        http10: whether it is of HTTP/1.0, which knows no chunks.
    """

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    address: str = ""
    keep_alive: bool = True
    http10: bool = False

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
    """The bytes are not a request.

    Attributes:
        status: with which status net/http refuses it.
        detail: what net/http adds to the name of the status.
    """

    def __init__(self, status: int = 400, detail: str = "") -> None:
        super().__init__(status, detail)
        self.status = status
        self.detail = detail


def refusal(status: int, detail: str = "") -> bytes:
    """What net/http itself says before it closes a connection."""
    reason = f"{status} {HTTPStatus(status).phrase}{detail}"
    lines = (f"HTTP/1.1 {reason}", f"Content-Type: {TEXT}", "Connection: close", "", reason)
    return "\r\n".join(lines).encode()


def keeps_open(request: Request, reply: Reply) -> bool:
    """Whether the connection goes on after the reply."""
    if request.http10 and _is_open_ended(request, reply):
        return False
    return request.keep_alive and not reply.close and reply.cut is None


def _is_open_ended(request: Request, reply: Reply) -> bool:
    """Whether net/http starts to send the body before it knows its length."""
    return len(reply.body) > CHUNKED_FROM and request.method != "HEAD"


def head(request: Request, reply: Reply) -> bytes:
    """The status line and the headers of a reply, as net/http writes them."""
    headers = dict(reply.headers)
    headers["Date"] = formatdate(usegmt=True)
    size = len(reply.body)
    # HEAD: net/http tells a length only where it knows it, and never that it would chunk.
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
    """The body of a reply as it travels: plain or chunked, whole or cut; none in answer to HEAD."""
    sent = b"" if request.method == "HEAD" else reply.body[: reply.cut]
    if request.http10 or not _is_open_ended(request, reply):
        return sent
    return _chunk(sent) + (b"0\r\n\r\n" if reply.cut is None else b"")


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)
