"""Read requests from bytes: the request line by Go's rules, headers and bodies by h11.

Gets the bytes from a function. Knows nothing of sockets, threads, replies or metadata.
"""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING, Final

from metadata_client.errors import MetadataError

from .wire import BadRequest, Request

try:
    import h11
except ImportError:  # an extra, which `require_h11` names
    h11 = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_PIECE: Final = 1 << 16
_MAX_HEAD: Final = (1 << 20) + 4096  # Go: DefaultMaxHeaderBytes, and 4096 for its buffer
_MAX_HEADERS: Final = 1000
_MAX_BODY: Final = 256 << 10  # Go: maxPostHandlerReadBytes

_LINE: Final = re.compile(
    r"""
    (?P<method>   [-!#$%&'*+.^_`|~0-9A-Za-z]+ ) [ ]
    (?: [a-z]+:// [^/?\x00-\x20\x7f]* )?                               # in requests to a proxy
    (?P<path>     \*(?=[ ]) | / (?:[^?%\x00-\x20\x7f] | %[0-9a-fA-F]{2})* | (?<=[^ ]) )
    (?P<query>    (?:\? [^\x00-\x20\x7f]*)? ) [ ]
    HTTP/1\. (?P<minor> [0-9] )
    """,
    re.VERBOSE,
)
_HOST: Final = re.compile(r"[-\w.~!$%&'()*+,;=:@\[\]]*", re.ASCII)  # Go: httpguts.ValidHostHeader


def require_h11() -> None:
    """Check that h11 can be imported.

    Raises:
        MetadataError: h11 is not installed.
    """
    if h11 is None:
        raise MetadataError("MetadataServer needs h11: pip install 'confd-lib[testing]'")


class RequestReader:
    r"""The requests of one connection.

    Args:
        receive: returns up to the given number of bytes; none at the end of the connection.
        address: the IP address of the client.

    >>> from io import BytesIO
    >>> reader = RequestReader(BytesIO(b"GET /latest/version HTTP/1.0\r\n\r\n").read)
    >>> reader.read().path, reader.read()
    ('/latest/version', None)
    """

    def __init__(self, receive: Callable[[int], bytes], address: str = "") -> None:
        self._receive = receive
        self._address = address
        self._unread = bytearray()

    def read(self) -> Request | None:
        """Read the next request and skip its body; None at the end of the connection.

        Raises:
            BadRequest: the request is refused and the connection has to be closed.
        """
        # Some clients send a line end after a body: RFC 9112, 2.2.
        line = self._line() or self._line()
        if line is None:
            return None
        method, target, http10 = _request_line(line)
        # h11 refuses targets that are not ASCII, and requests without Host in words of its own.
        # So it gets a request line that it always accepts.
        parser = h11.Connection(h11.SERVER, max_incomplete_event_size=_MAX_HEAD - len(line))
        parser.receive_data(b"GET / HTTP/1.0\r\n" + self._unread)
        headers = self._headers(parser)
        _check(headers, http10=http10)
        is_read = self._skip_body(parser, headers)
        keep_alive = is_read and _keeps_alive(headers, http10=http10)
        return Request(method, target, headers, self._address, keep_alive, http10)

    def _line(self) -> bytes | None:
        """Remove and return the next line without its end; None if the connection ends before."""
        end = self._unread.find(b"\n")
        while end < 0:
            searched = len(self._unread)
            if searched > _MAX_HEAD:
                raise BadRequest(431)
            piece = self._receive(_PIECE)
            if not piece:
                return None
            self._unread += piece
            end = self._unread.find(b"\n", searched)
        line = bytes(self._unread[:end]).removesuffix(b"\r")
        del self._unread[: end + 1]
        return line

    def _event(self, parser: h11.Connection) -> object:
        while (event := parser.next_event()) is h11.NEED_DATA:
            parser.receive_data(self._receive(_PIECE))
        return event

    def _headers(self, parser: h11.Connection) -> tuple[tuple[str, str], ...]:
        try:
            request = self._event(parser)
        except h11.RemoteProtocolError as error:
            raise BadRequest(431 if error.error_status_hint == 431 else 400) from error
        except ValueError as error:  # h11 0.14 reads a length of any number of digits
            raise BadRequest(400) from error
        assert isinstance(request, h11.Request)
        if len(request.headers) > _MAX_HEADERS:
            raise BadRequest(431)
        return tuple((name.decode(), value.decode("latin-1")) for name, value in request.headers)

    def _skip_body(self, parser: h11.Connection, headers: Sequence[tuple[str, str]]) -> bool:
        """Read to the end of the body; return False if the connection has to be closed instead.

        Go's finishRequest closes it after a long or broken body, and after one that the client
        sends only when asked to (100-continue).
        """
        named = dict(headers)
        has_body = named.get("content-length", "0") != "0" or "transfer-encoding" in named
        if has_body and named.get("expect", "").lower() == "100-continue":
            return False
        left = _MAX_BODY
        with contextlib.suppress(h11.RemoteProtocolError):
            while left >= 0:
                event = self._event(parser)
                if not isinstance(event, h11.Data):
                    self._unread[:] = parser.trailing_data[0]
                    return True
                left -= len(event.data)
        return False


def _request_line(line: bytes) -> tuple[str, str, bool]:
    """Return the method, the target, and whether the protocol is HTTP/1.0."""
    # Bytes that are not percent-encoded are taken as UTF-8.
    match = _LINE.fullmatch(line.decode("utf-8", "surrogateescape"))
    if match is None:
        raise BadRequest
    return match["method"], (match["path"] or "/") + match["query"], match["minor"] == "0"


def _check(headers: Sequence[tuple[str, str]], *, http10: bool) -> None:
    names = dict(headers)
    if not http10 and "host" not in names:
        raise BadRequest(detail=": missing required Host header")
    if not _HOST.fullmatch(names.get("host", "")):
        raise BadRequest(detail=": malformed Host header")
    # A proxy before us might follow the length where we follow the chunks: RFC 9112, 6.1.
    if "transfer-encoding" in names and ("content-length" in names or http10):
        raise BadRequest


def _keeps_alive(headers: Sequence[tuple[str, str]], *, http10: bool) -> bool:
    wishes = ",".join(value for name, value in headers if name == "connection").lower().split(",")
    wanted = {wish.strip() for wish in wishes}
    return "close" not in wanted and (not http10 or "keep-alive" in wanted)
