"""Decide the reply to a request by the rules of rancher-metadata v0.7.4.

Pure functions of a request and the answers. They know nothing of sockets, waiting or faults.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final, Protocol
from urllib.parse import parse_qsl, unquote

from metadata_client import paths
from metadata_client.paths import MISSING

from .access import ANYONE
from .negotiation import negotiate
from .rendering import RENDERERS, HalfWritten, Unserialisable, sprint, without_surrogates
from .sniffing import TEXT
from .wire import CHUNKED_FROM, Reply, Request

_ERROR: Final = (("Content-Type", TEXT), ("X-Content-Type-Options", "nosniff"))
_QUERY_MARK: Final = re.compile("[?&]")
_SECONDS: Final = re.compile(r"[-+]?[0-9]{1,18}")
_MAX_WAIT: Final = 120.0
_DEFAULT_WAIT: Final = 60.0


class View(Protocol):
    """The part of `Answers` that the rules use, so that a fault can replace it."""

    def versions(self) -> tuple[str, ...]: ...  # noqa: D102 - as in Answers
    def resolve(self, version: str) -> str: ...  # noqa: D102
    def tree(self, version: str, address: str) -> dict[str, object] | None: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Query:
    """A routed request.

    Attributes:
        version: the version of the metadata; empty for the list of versions.
        path: the keys below the version.
        address: the IP address of the client.
        format: `text`, `json` or `yaml`.
        old: the value that a waiter knows, so that it waits for another; None for no wait.
        max_wait: the longest wait in seconds.
    """

    version: str
    path: tuple[str, ...]
    address: str
    format: str
    old: str | None = None
    max_wait: float = 0.0


_NO_PAGE: Final = Reply(404, b"404 page not found\n", _ERROR)


def route(request: Request, *, xff: bool = False) -> Query | Reply:
    """Return the query of a request, or the reply if no route of the service matches."""
    if (request.method, request.target) == ("OPTIONS", "*"):
        return Reply(200)
    decoded = unquote(request.path, errors="surrogateescape")
    cleaned = paths.clean(decoded)
    if cleaned != decoded:
        return _moved(cleaned, request)
    # The version is that of the decoded path, the keys are those of the path as it came.
    version, slash, key = decoded[1:].partition("/")
    is_known = request.method in ("GET", "HEAD") and decoded != "/favicon.ico"
    if not is_known or "\n" in key:  # Go: the route's pattern is {key:.*}
        return _NO_PAGE
    old, seconds = _waiting(request.query) if slash else (None, 0.0)
    return Query(
        version,
        paths.decode(request.path[1:].partition("/")[2]),
        _client(request, xff=xff),
        negotiate(request.all("accept")),
        old,
        seconds,
    )


def _moved(path: str, request: Request) -> Reply:
    query = request.target.removeprefix(request.path)
    return Reply(301, headers=(("Location", paths.written(path) + query),))


def _client(request: Request, *, xff: bool) -> str:
    forwarded = next(iter(request.all("x-forwarded-for")), "") if xff else ""
    return forwarded or request.address


def _waiting(query: str) -> tuple[str | None, float]:
    """Return the old value and the longest wait in seconds; None if the request does not wait."""
    asked: dict[str, str] = {}
    for key, value in parse_qsl(query, keep_blank_values=True, errors="surrogateescape"):
        asked.setdefault(key, value)
    old = asked.get("value", "")
    # Go: the route's pattern for the value is [^?&]*, matched after decoding.
    if asked.get("wait") != "true" or _QUERY_MARK.search(old):
        return None, 0.0
    return old, _seconds(asked.get("maxWait", ""))


def _seconds(text: str) -> float:
    seconds = int(text) if _SECONDS.fullmatch(text) else 0
    return min(float(seconds or _DEFAULT_WAIT), _MAX_WAIT)


def lookup(answers: View, query: Query) -> object:
    """Return the value that the query asks for, or `MISSING`.

    Raises:
        Panic: the path leads below a null.
    """
    tree = answers.tree(query.version, query.address)
    return MISSING if tree is None else paths.find(tree, query.path)


def is_served(answers: View, version: str) -> bool:
    """Return whether the version is listed; `latest` always is, even without any answers."""
    return version in answers.versions()


def begun(answers: View, query: Query) -> Query:
    """Return the query of a waiter with the version that `latest` means when it asks.

    A query for a version that is not served does not wait.
    """
    if query.old is None:
        return query
    if not is_served(answers, query.version):
        return replace(query, old=None)
    return replace(query, version=answers.resolve(query.version))


def must_wait(answers: View, query: Query) -> bool:
    """Return whether a waiter goes on waiting: its value is missing or still the old one."""
    if query.old is None:
        return False
    value = lookup(answers, query)
    return value is MISSING or sprint(value) == query.old


def reply_to(answers: View, query: Query) -> Reply:
    """Return the reply to a query.

    Raises:
        Panic: the service closes the connection without a reply.
    """
    if not query.version:
        return success(_versions(answers, query.format), query.format)
    # Go: the version of a waiter is checked when it asks, and never again.
    if query.old is None and not is_served(answers, query.version):
        return failure(404, "Invalid version", query.format)
    value = lookup(answers, query)
    return not_found(query) if value is MISSING else success(value, query.format)


def _versions(answers: View, form: str) -> object:
    names = [name for name in answers.versions() if name and "/" not in name]
    # As text the versions are listed without their paths.
    return {
        name: None if form == "text" else paths.written(f"/{without_surrogates(name)}")
        for name in names
    }


def not_found(query: Query) -> Reply:
    """Return the reply for a path that does not exist, or not yet."""
    return failure(404, "Not found", query.format)


def success(value: object, form: str) -> Reply:
    """Return the reply with a value.

    Raises:
        Panic: the value cannot be listed, and the service closes the connection.
    """
    try:
        return Reply(200, RENDERERS[form](value), (ANYONE,))
    except Unserialisable as error:
        return failure(500, f"Error serializing to {form.upper()}: {error}", form)
    except HalfWritten as panic:
        sent = len(panic.written) // CHUNKED_FROM * CHUNKED_FROM
        if not sent:
            raise
        # When the handler panics, Go has sent the full buffers.
        return Reply(200, panic.written, (ANYONE,), cut=sent)


def failure(status: int, message: str, form: str) -> Reply:
    """Return an error as the service words it."""
    document = {"code": status, "message": message, "type": "error"}
    text = message.encode() if form == "text" else RENDERERS[form](document)
    return Reply(status, text + b"\n", (ANYONE, *_ERROR))
