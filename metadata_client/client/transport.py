"""One GET over a kept connection, which returns a body or raises one of our errors.

Every failure of `requests` and urllib3 becomes an error of ours here, and only here.
Knows nothing of paths, formats and waiting.
"""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin, urlsplit

import requests

from metadata_client.client.failures import causes, encoding_fault, is_timeout, reason_of
from metadata_client.client.sockets import Stop, bounded, direct_session
from metadata_client.errors import (
    DecodeError,
    EmptyReply,
    InvalidVersion,
    MetadataError,
    NotFound,
    Stopped,
    TimedOut,
    Unavailable,
)
from metadata_client.urls import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_BODY: Final = 256 << 20  # bytes; a service with 10 000 containers sends a tenth of it

_MAX_REDIRECTS: Final = 5  # the service redirects once, to a path without `//`
_PIECE: Final = 1 << 16  # bytes of a body that are read at a time
_LENGTH: Final = re.compile("[0-9]{1,18}")
_NUMBER: Final = re.compile(rb"\s*-?[0-9][0-9.eE+-]*\s*")

_READS: Final = 6  # the whole of a body may take so many times the read timeout
# RemoteDisconnected is a ConnectionResetError. In the middle of a body, requests raises another.
_CLOSED: Final = (ConnectionResetError, BrokenPipeError)


class Transport:
    """Fetches bodies over a session.

    Args:
        timeout: seconds to wait for a connection, and for each part of an answer.
        headers: sent with every request.
        session: a session of the caller, which is neither changed nor closed; None for a new one.
        max_body: the most bytes of a body that are read.
    """

    def __init__(
        self,
        timeout: tuple[float, float],
        headers: dict[str, str],
        session: requests.Session | None,
        max_body: int = MAX_BODY,
    ) -> None:
        self._connect, self._read = timeout
        self._headers = {"Accept-Encoding": "identity", **headers}
        self._max_body = max_body
        self._is_ours = session is None
        self._session = session or _session()

    def close(self) -> None:
        """Close the connection; the next request opens another one."""
        if self._is_ours:
            self._session.close()

    def fetch(
        self, url: str, accept: str, *, stop: Stop | None = None, read: float | None = None
    ) -> bytes:
        """Return the body that is served at a URL.

        Args:
            url: the URL.
            accept: the value of the header `Accept`.
            stop: ends the request soon after it is set.
            read: seconds to wait for each part of the answer; by default those of the transport.

        Raises:
            Stopped: `stop` was set.
            RequestError: there is no answer, or none with a body that is whole.
        """
        if stop is not None and stop.is_set():
            raise Stopped
        try:
            return self._ask(url, accept, stop, read or self._read)
        except EmptyReply:
            # The service may have closed a kept connection; only a second time is that an error.
            return self._ask(url, accept, stop, read or self._read)

    def _ask(self, url: str, accept: str, stop: Stop | None, read: float) -> bytes:
        headers = {"Accept": accept, **self._headers}
        with bounded(stop, _READS * self._read + read):
            try:
                return self._follow(url, headers, read)
            except MetadataError:  # also Stopped
                raise
            except Exception as error:
                # Not the errors of requests alone: odd lengths and places from a server, or odd
                # hosts and headers from a caller, make it raise others.
                raise _failure(url, error) from error

    def _follow(self, url: str, headers: dict[str, str], read: float) -> bytes:
        """Follow redirects within the service, and return the body at their end."""
        place = url
        for _ in range(_MAX_REDIRECTS + 1):
            reply = self._session.get(
                place,
                headers=headers,
                timeout=(self._connect, read),
                stream=True,
                allow_redirects=False,
            )
            with contextlib.closing(reply):  # and its socket, unless the body was read to its end
                if not reply.is_redirect:
                    return _body(url, reply, self._max_body)
                place = _redirected(place, reply)
        raise Unavailable(url, reply.status_code, f"redirects more than {_MAX_REDIRECTS} times")


def _session() -> requests.Session:
    session = direct_session()
    session.headers.clear()
    session.headers["User-Agent"] = "metadata_client"
    return session


def _redirected(place: str, reply: requests.Response) -> str:
    """Return the URL that a reply redirects to.

    Raises:
        Unavailable: it belongs to another service, which must not answer for this one.
    """
    target = reply.headers["Location"]
    try:
        url = urljoin(place, target)
        is_here = _origin(url) == _origin(place)
    except ValueError as error:
        raise Unavailable(place, reply.status_code, "bad Location") from error
    if not is_here:
        reason = f"redirects to another service, {shown(url)}"
        raise Unavailable(place, reply.status_code, reason)
    return url


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    port = 80 if parts.port is None and parts.scheme == "http" else parts.port
    return parts.scheme, parts.hostname, port


def _body(url: str, reply: requests.Response, max_body: int) -> bytes:
    """Return the body of a reply.

    Raises:
        RequestError: the reply has another status than 200, or a body that is cut, encoded or
            longer than `max_body` bytes.
    """
    if reply.status_code not in (200, 404):
        raise Unavailable(url, reply.status_code, reply.reason or "bad status")
    if fault := encoding_fault(reply.headers):
        raise DecodeError(url, reply.status_code, fault)
    length = _length(url, reply)
    if length > max_body:
        raise _too_long(url, reply, max_body)
    body = b"".join(_pieces(url, reply, max_body))
    if reply.status_code == 404:
        kind = InvalidVersion if b"Invalid version" in body[:100] else NotFound
        raise kind(url, 404, "Invalid version" if kind is InvalidVersion else "Not found")
    # urllib3 before 2.0 accepts a body that ends early.
    if len(body) < length:
        raise DecodeError(url, 200, f"the body was cut after {len(body)} of {length} bytes")
    if _has_no_end(reply) and _NUMBER.fullmatch(body):
        raise DecodeError(url, 200, "a number without a length may be cut")
    return body


def _length(url: str, reply: requests.Response) -> int:
    """Return the length of the body as the reply announces it; 0 where it does not."""
    length = reply.headers.get("Content-Length", "0").partition(",")[0]  # it may come twice
    if not _LENGTH.fullmatch(length):
        raise DecodeError(url, reply.status_code, f"bad Content-Length {length!r:.40}")
    return int(length)


def _has_no_end(reply: requests.Response) -> bool:
    """Return whether only the end of the connection ends the body, as in HTTP/1.0."""
    return "Content-Length" not in reply.headers and "Transfer-Encoding" not in reply.headers


def _pieces(url: str, reply: requests.Response, max_body: int) -> Iterator[bytes]:
    left = max_body
    for piece in reply.iter_content(_PIECE):
        left -= len(piece)
        if left < 0:
            raise _too_long(url, reply, max_body)
        yield piece


def _too_long(url: str, reply: requests.Response, max_body: int) -> DecodeError:
    return DecodeError(url, reply.status_code, f"the body is longer than {max_body} bytes")


def _failure(url: str, error: Exception) -> MetadataError:
    innermost = tuple(causes(error))[-1]
    if isinstance(innermost, _CLOSED) and type(error) is requests.ConnectionError:
        return EmptyReply(url, 0, "the connection was closed before the first byte")
    if is_timeout(error):
        return TimedOut(url, 0, "no answer in time")
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return DecodeError(url, 200, "the body was cut")
    return Unavailable(url, 0, reason_of(error, url))
