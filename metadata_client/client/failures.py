"""Why a request failed, in one line: `requests` and urllib3 hide the cause below several layers.

Knows nothing of metadata, nor of how the requests are made.
"""

from __future__ import annotations

import ssl
from http.client import RemoteDisconnected
from typing import TYPE_CHECKING, Final

import requests
from urllib3.exceptions import NewConnectionError
from urllib3.exceptions import TimeoutError as PoolTimeout

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# The most characters of a message.
_MOST: Final = 200
_TIMEOUTS: Final = (requests.Timeout, PoolTimeout, TimeoutError)


def causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and its causes, outermost first; requests and urllib3 put them in `args`."""
    yield error
    inner = getattr(error, "reason", None)
    for each in (inner, *error.args, error.__cause__):
        if isinstance(each, BaseException) and each is not error:
            yield from causes(each)
            return


def is_timeout(error: BaseException) -> bool:
    """Return whether an error says that there was no answer in time.

    >>> is_timeout(requests.ReadTimeout("read timed out")), is_timeout(ConnectionRefusedError())
    (True, False)
    """
    chain = tuple(causes(error))
    # In urllib3 before 2.0 a refused connection is a timeout too.
    refused = any(isinstance(cause, NewConnectionError) for cause in chain)
    return isinstance(chain[-1], _TIMEOUTS) and not refused


def reason_of(error: BaseException, url: str) -> str:
    r"""Return the reason of a failed request as one line without the URL.

    Args:
        error: an error of requests, of urllib3 or of the system.
        url: the URL of the request; if it holds a password, so may a message.

    >>> reason_of(ConnectionRefusedError(111, "Connection refused"), "http://etcd:2379")
    'Connection refused'
    >>> reason_of(requests.ReadTimeout("read timed out"), "http://etcd:2379")
    'no answer in time'
    >>> from http.client import BadStatusLine
    >>> reason_of(BadStatusLine("SSH-2.0-OpenSSH_9\r\n"), "http://etcd:2379")
    'SSH-2.0-OpenSSH_9'
    """
    if is_timeout(error):
        return "no answer in time"
    innermost = tuple(causes(error))[-1]
    if _quotes_a_header(innermost):
        return "a header of the request holds a character that cannot be sent"
    kind = type(innermost).__name__
    if isinstance(innermost, ssl.SSLError):
        return _tls_reason(innermost)
    if isinstance(innermost, RemoteDisconnected):
        hint = "; it may speak TLS" if url.startswith("http://") else ""
        return f"the server closed the connection without an answer{hint}"
    # The messages of requests and urllib3 repeat the URL, or parts of it.
    message = str(innermost) if "@" not in url else kind
    # One of `http.client` quotes the line that it could not read.
    message = " ".join(message.split())[:_MOST]
    return getattr(innermost, "strerror", None) or message or kind


def encoding_fault(headers: Mapping[str, str]) -> str:
    """Return why an encoded body is refused; an empty text if the body is not encoded.

    No encoding is asked for, and a small body can become a very large one: some versions of urllib3
    decode all of it at once.

    Args:
        headers: of the answer, by name in any case.

    >>> encoding_fault(requests.structures.CaseInsensitiveDict({"content-encoding": "gzip"}))
    "encoded as 'gzip', which was not asked for"
    """
    encoding = headers.get("Content-Encoding", "identity")
    return "" if encoding == "identity" else f"encoded as {encoding!r:.40}, which was not asked for"


def _quotes_a_header(error: BaseException) -> bool:
    """Return whether the message of an error may show a header, and so a token."""
    if isinstance(error, UnicodeEncodeError):
        return error.encoding == "latin-1"  # of `http.client`, which encodes headers so
    # `http.client` refuses a line break at the end, which an older requests lets pass.
    refused = type(error) is ValueError and str(error).startswith("Invalid header")
    return refused or isinstance(error, requests.exceptions.InvalidHeader)


def _tls_reason(error: ssl.SSLError) -> str:
    """Return the reason of a TLS failure without the marks of OpenSSL, as `[SSL: …] (_ssl.c:1)`."""
    if isinstance(error, ssl.SSLEOFError):
        return "TLS: the server closed the connection; it may ask for a certificate"
    detail = getattr(error, "verify_message", "")
    reason = (error.reason or "").replace("_", " ").lower()
    return ": ".join(filter(None, ["TLS", reason, detail])) if reason else str(error)
