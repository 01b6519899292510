"""HTTP requests to a store, each of which ends with an answer or with one BackendError.

Knows nothing of any store.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import requests

from confd_lib.errors import BackendError, Interrupted
from metadata_client import (
    Stopped,
    bounded,
    direct_session,
    encoding_fault,
    is_timeout,
    reason_of,
    shown,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from threading import Event
    from typing import Self

    from .tls import TLS

CONNECT_S: Final = 3.0
READ_S: Final = 5.0
# A store of 10 000 keys sends two megabytes.
MAX_BODY: Final = 256 << 20
MAX_LINE: Final = 64 << 20
# The whole of an answer may take so many times the wait for one part of it.
_READS: Final = 6
_PIECE: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer.

    Attributes:
        status: its HTTP status.
        body: all of it.
        headers: by name, in any case.
    """

    status: int
    body: bytes
    headers: Mapping[str, str]

    @property
    def line(self) -> str:
        """The status and the first line of the body, for a message about an odd answer."""
        first = self.body[:200].decode("utf-8", "replace").strip().partition("\n")[0]
        return f"{self.status} {first}".strip()


class Web:
    """HTTP connections to the servers of one store.

    Args:
        store: its name, for messages.
        tls: the certificates.
        stop: ends every request within a second; it then raises Interrupted.
    """

    def __init__(self, store: str, tls: TLS, stop: Event) -> None:
        self._store = store
        self._stop = stop
        self._session = direct_session()
        self._session.verify = tls.ca or True
        self._session.cert = tls.pair

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the connections."""
        self._session.close()

    def ask(
        self,
        method: str,
        url: str,
        *,
        data: str | bytes | None = None,
        headers: Mapping[str, str] | None = None,
        read: float = READ_S,
    ) -> Reply:
        """Send a request, and return the answer, whatever its status is.

        Args:
            method: of HTTP.
            url: the whole of it.
            data: the body of the request.
            headers: of the request.
            read: seconds to wait for each part of the answer.

        Raises:
            BackendError: there is no answer, or one that is encoded, or longer than `MAX_BODY`.
            Interrupted: the stop event was set.
        """
        with (
            self._failures(url),
            bounded(self._stop, CONNECT_S + _READS * read),
            self._send(method, url, data, headers, read) as reply,
        ):
            body = b"".join(_pieces(reply))
        return Reply(reply.status_code, body, reply.headers)

    @contextmanager
    def stream(
        self, url: str, data: str | bytes, headers: Mapping[str, str], silence: float
    ) -> Iterator[Stream]:
        """Send a request with POST, and give its answer line by line, as it comes.

        Args:
            url: the whole of it.
            data: the body of the request.
            headers: of the request.
            silence: seconds without a line after which the answer is given up.

        Raises:
            BackendError: there is no answer, or one that is encoded.
            Interrupted: the stop event was set.
        """
        with self._failures(url), bounded(self._stop, CONNECT_S + READ_S):
            reply = self._send("POST", url, data, headers, silence)
        with reply:
            yield Stream(self, url, reply, silence)

    def next_line(self, url: str, lines: Iterator[bytes], silence: float) -> bytes | None:
        """Return the next line of a stream, or None if none has come in time.

        Raises:
            BackendError: the connection is lost, or the server has ended the answer.
            Interrupted: the stop event was set.
        """
        with self._failures(url), bounded(self._stop, silence):
            try:
                return next(lines)
            except StopIteration:
                raise EOFError("the server ended the connection") from None
            except requests.RequestException as error:
                if is_timeout(error):
                    return None
                raise

    def _send(
        self,
        method: str,
        url: str,
        data: str | bytes | None,
        headers: Mapping[str, str] | None,
        read: float,
    ) -> requests.Response:
        reply = self._session.request(
            method,
            url,
            data=data,
            headers=headers,
            stream=True,
            timeout=(CONNECT_S, read),
            allow_redirects=False,
        )
        if fault := encoding_fault(reply.headers):
            reply.close()
            raise ValueError(fault)
        return reply

    @contextmanager
    def _failures(self, url: str) -> Iterator[None]:
        """Raise a BackendError for whatever `requests`, urllib3 or the system raise."""
        try:
            yield
        except Stopped as error:
            raise Interrupted(str(error)) from error
        except Exception as error:
            reason = reason_of(error, url)
            raise BackendError(f"{self._store} {server(url)}: {reason}") from error


class Stream:
    """An answer that comes line by line.

    Args:
        web: the connections that it belongs to.
        url: of the request.
        reply: its answer.
        silence: seconds without a line after which the answer is given up.

    Attributes:
        status: the HTTP status of the answer.
    """

    def __init__(self, web: Web, url: str, reply: requests.Response, silence: float) -> None:
        self._web = web
        self._url = url
        self._lines = _lines(reply)
        self._silence = silence
        self.status = reply.status_code

    def line(self) -> bytes | None:
        """Return the next line, without its end; None if none has come in time.

        Raises:
            BackendError: the connection is lost, or the server has ended the answer.
            Interrupted: the stop event was set.
        """
        return self._web.next_line(self._url, self._lines, self._silence)


def server(url: str) -> str:
    """Return the part of a URL that names the server, for messages.

    >>> server("https://me:secret@10.0.0.7:2379/v3/kv/txn")
    'https://10.0.0.7:2379'
    """
    return "/".join(shown(url).split("/", 3)[:3])


def _pieces(reply: requests.Response) -> Iterator[bytes]:
    left = MAX_BODY
    for piece in reply.iter_content(_PIECE):
        left -= len(piece)
        if left < 0:
            raise ValueError(f"the answer is longer than {MAX_BODY >> 20} MB")
        yield piece


def _lines(reply: requests.Response) -> Iterator[bytes]:
    held: list[bytes] = []
    left = MAX_LINE
    # In pieces: a server may send a part, or all of a body without parts, that has no end.
    for piece in reply.iter_content(_PIECE):
        first, *others = piece.split(b"\n")
        held.append(first)
        left -= len(first)
        if left < 0:
            raise ValueError(f"a line of the answer is longer than {MAX_LINE >> 20} MB")
        if others:
            yield b"".join(held)
            *lines, last = others
            yield from lines
            held, left = [last], MAX_LINE - len(last)
