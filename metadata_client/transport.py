"""One GET over a kept connection: a body, or one of our errors.

Every way in which `requests` and urllib3 can fail becomes an error of ours here, and only here.
Knows nothing of paths, formats and waiting.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import requests
from urllib3.exceptions import NewConnectionError
from urllib3.exceptions import TimeoutError as PoolTimeout

from .errors import (
    DecodeError,
    EmptyReply,
    InvalidVersion,
    MetadataError,
    NotFound,
    Stopped,
    TimedOut,
    Unavailable,
)
from .sockets import Stop, mount, patience

if TYPE_CHECKING:
    from collections.abc import Iterator

_READS: Final = 6  # the whole of a body may take so many times the read timeout
# RemoteDisconnected is one of them. In the middle of a body requests raises something else.
_CLOSED: Final = (ConnectionResetError, BrokenPipeError)
_TIMEOUTS: Final = (requests.Timeout, PoolTimeout, TimeoutError)


class Transport:
    """A session, and how to ask it.

    Args:
        timeout: seconds to wait for a connection, and for each part of an answer.
        headers: sent with every request.
        session: one of the caller's own; it is neither changed nor closed.
    """

    def __init__(
        self,
        timeout: tuple[float, float],
        headers: dict[str, str],
        session: requests.Session | None,
    ) -> None:
        self._connect, self._read = timeout
        self._headers = headers
        self._is_ours = session is None
        self._session = session or _session()

    def close(self) -> None:
        """Close the connection; the next request opens another one."""
        if self._is_ours:
            self._session.close()

    def fetch(
        self, url: str, accept: str, *, stop: Stop | None = None, read: float | None = None
    ) -> bytes:
        """The body that is served at a URL.

        Args:
            url: where.
            accept: the header that says what kind.
            stop: ends the request soon after it is set.
            read: seconds to wait for each part of the answer, if not the usual.

        Raises:
            MetadataError: each of the `RequestError`s but those of a body that is whole, or
                `Stopped`.
        """
        if stop is not None and stop.is_set():
            raise Stopped
        try:
            return self._ask(url, accept, stop, read or self._read)
        except EmptyReply:
            # A connection that was kept may have been closed since; a second time it is news.
            return self._ask(url, accept, stop, read or self._read)

    def _ask(self, url: str, accept: str, stop: Stop | None, read: float) -> bytes:
        headers = {"Accept": accept, **self._headers}
        with patience(stop, _READS * self._read + read):
            try:
                reply = self._session.get(url, headers=headers, timeout=(self._connect, read))
            except MetadataError:  # the caller's wish to stop
                raise
            except Exception as error:
                # Not requests' errors alone: a server may name lengths and places, and a caller
                # hosts and headers, that it does not foresee.
                raise _failure(url, error) from error
        return _body(url, reply)


def _session() -> requests.Session:
    session = requests.Session()
    # A proxy variable of the container must not send metadata requests out of the host.
    session.trust_env = False
    session.headers.clear()
    session.headers.update({"User-Agent": "metadata_client", "Accept-Encoding": "identity"})
    mount(session)
    return session


def _body(url: str, reply: requests.Response) -> bytes:
    body = reply.content
    if reply.status_code == 404:
        kind = InvalidVersion if b"Invalid version" in body[:100] else NotFound
        raise kind(url, 404, "Invalid version" if kind is InvalidVersion else "Not found")
    if reply.status_code != 200:
        raise Unavailable(url, reply.status_code, reply.reason or "bad status")
    length = reply.headers.get("Content-Length", "0").partition(",")[0]  # it may come twice
    if not re.fullmatch("[0-9]{1,18}", length):
        raise DecodeError(url, 200, f"bad Content-Length {length!r:.40}")
    # urllib3 before 2.0 takes a body that ends early for whole.
    if "Content-Encoding" not in reply.headers and len(body) < int(length):
        raise DecodeError(url, 200, f"the body was cut after {len(body)} of {length} bytes")
    return body


def _failure(url: str, error: Exception) -> MetadataError:
    causes = tuple(_causes(error))
    if isinstance(causes[-1], _CLOSED) and type(error) is requests.ConnectionError:
        return EmptyReply(url, 0, "the connection was closed before the first byte")
    if isinstance(causes[-1], _TIMEOUTS) and not _is_refused(causes):
        return TimedOut(url, 0, "no answer in time")
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return DecodeError(url, 200, "the body was cut")
    last = causes[-1]
    return Unavailable(url, 0, getattr(last, "strerror", None) or str(last) or type(last).__name__)


def _is_refused(causes: tuple[BaseException, ...]) -> bool:
    # urllib3 before 2.0 says that this is a timeout.
    return any(isinstance(cause, NewConnectionError) for cause in causes)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what led to it, from the outside in; requests and urllib3 wrap in `args`."""
    yield error
    inner = getattr(error, "reason", None)
    for each in (inner, *error.args, error.__cause__):
        if isinstance(each, BaseException) and each is not error:
            yield from _causes(each)
            return
