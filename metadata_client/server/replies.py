"""The rules of the real service: from a request and the answers to a reply.

Pure: what is asked, by whom, against which answers. Knows nothing of sockets, waiting or faults;
the rules are those of rancher-metadata v0.7.4.
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
from .rendering import RENDERERS, HalfWritten, Unserialisable, sprint, whole
from .sniffing import TEXT
from .wire import CHUNKED_FROM, Reply, Request

_ERROR: Final = (("Content-Type", TEXT), ("X-Content-Type-Options", "nosniff"))
_MAX_WAIT: Final = 120.0
_DEFAULT_WAIT: Final = 60.0


class View(Protocol):
    """What the rules need of `Answers`, so that a fault can stand in between."""

    def versions(self) -> tuple[str, ...]: ...  # noqa: D102 - as in Answers
    def resolve(self, version: str) -> str: ...  # noqa: D102
    def tree(self, version: str, address: str) -> dict[str, object] | None: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Query:
    """A routed request: whose value of which version is wanted in which format.

    Attributes:
        version: the version of the metadata; empty for the list of versions.
        path: the keys below it.
        address: who asks.
        format: `text`, `json` or `yaml`.
        old: the value at which a waiter wants to be left waiting; None for one that does not wait.
        max_wait: for how many seconds.
    """

    version: str
    path: tuple[str, ...]
    address: str
    format: str
    old: str | None = None
    max_wait: float = 0.0


_NO_PAGE: Final = Reply(404, b"404 page not found\n", _ERROR)


def route(request: Request, *, xff: bool = False) -> Query | Reply:
    """What the request asks for, or the reply to one that asks for nothing we have."""
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
    """The old value and the seconds of a waiter; None where the request does not wait."""
    asked: dict[str, str] = {}
    for key, value in parse_qsl(query, keep_blank_values=True, errors="surrogateescape"):
        asked.setdefault(key, value)
    old = asked.get("value", "")
    # Go: the route's pattern for the value is [^?&]*, matched after decoding.
    if asked.get("wait") != "true" or re.search("[?&]", old):
        return None, 0.0
    return old, _seconds(asked.get("maxWait", ""))


def _seconds(text: str) -> float:
    seconds = int(text) if re.fullmatch(r"[-+]?[0-9]{1,18}", text) else 0
    return min(float(seconds or _DEFAULT_WAIT), _MAX_WAIT)


def lookup(answers: View, query: Query) -> object:
    """The value that the query asks for, or `MISSING`.

    Raises:
        Panic: the path leads below a null.
    """
    tree = answers.tree(query.version, query.address)
    return MISSING if tree is None else paths.find(tree, query.path)


def is_served(answers: View, version: str) -> bool:
    """Whether there is such a version; `latest` always is, even where it has nothing to say."""
    return version in answers.versions()


def begun(answers: View, query: Query) -> Query:
    """The query as it stands while it waits: for the version that its name stands for now.

    One for a version that is not served does not wait.
    """
    if query.old is None:
        return query
    if not is_served(answers, query.version):
        return replace(query, old=None)
    return replace(query, version=answers.resolve(query.version))


def must_wait(answers: View, query: Query) -> bool:
    """Whether a waiter has to go on waiting: its value is missing, or still the old one."""
    if query.old is None:
        return False
    value = lookup(answers, query)
    return value is MISSING or sprint(value) == query.old


def reply_to(answers: View, query: Query) -> Reply:
    """The reply to a query.

    Raises:
        Panic: the service drops the connection without a byte.
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
    # The text is a listing, and a listing shows no values.
    return {name: None if form == "text" else paths.written(f"/{whole(name)}") for name in names}


def not_found(query: Query) -> Reply:
    """What is said where there is nothing, or nothing yet."""
    return failure(404, "Not found", query.format)


def success(value: object, form: str) -> Reply:
    """A reply that carries a value.

    Raises:
        Panic: the value cannot be listed, and the service drops the connection.
    """
    try:
        return Reply(200, RENDERERS[form](value), (ANYONE,))
    except Unserialisable as error:
        return failure(500, f"Error serializing to {form.upper()}: {error}", form)
    except HalfWritten as panic:
        whole = len(panic.written) // CHUNKED_FROM * CHUNKED_FROM
        if not whole:
            raise
        # What had left the buffer is on the wire when the handler panics.
        return Reply(200, panic.written, (ANYONE,), cut=whole)


def failure(status: int, message: str, form: str) -> Reply:
    """An error in the service's own words."""
    told = {"code": status, "message": message, "type": "error"}
    said = message.encode() if form == "text" else RENDERERS[form](told)
    return Reply(status, said + b"\n", (ANYONE, *_ERROR))
