"""The guard of the server: refuses whoever is not the person who started it.

A page of another site can make a browser send requests to a loopback address, also under a name of
its own; so each request needs the token, a known `Host`, and no foreign `Origin`. Knows nothing of
what is served.
"""

from __future__ import annotations

import hmac
import ipaddress
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl, urlsplit

METHODS: Final = ("GET", "HEAD")
_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")
_ALL: Final = frozenset(("0.0.0.0", "::"))

Header = tuple[str, str]
"""The name of a header in lower case, and its value."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refusal.

    Attributes:
        status: the status of HTTP.
        reason: the reason, in a line.
    """

    status: int
    reason: str


@dataclass(frozen=True, slots=True)
class Guard:
    """The rules by which requests are let in.

    Attributes:
        token: what each address has to hold.
        listening: the hosts that the server listens on: as it was named, and as an address.
    """

    token: str = field(repr=False)
    listening: tuple[str, ...] = ()

    def refusal(self, method: str, query: str, headers: Sequence[Header]) -> Refusal | None:
        """Return why a request is refused; None if it is let in.

        Args:
            method: the method of HTTP.
            query: the query of the address.
            headers: the headers, with their names in lower case.
        """
        if method not in METHODS:
            return Refusal(405, "only GET and HEAD are allowed: the preview writes nothing")
        hosts = _values(headers, "host")
        if len(hosts) != 1 or not self._is_known(hosts[0]):
            return Refusal(403, "the header Host does not name this server")
        if any(origin != f"http://{hosts[0]}" for origin in _values(headers, "origin")):
            return Refusal(403, "the header Origin names another site")
        if not self._has_token(query):
            return Refusal(403, "the token is missing or wrong: use the address that was printed")
        return None

    def _has_token(self, query: str) -> bool:
        given = [value for name, value in parse_qsl(query) if name == "token"]
        known = self.token.encode()
        return len(given) == 1 and hmac.compare_digest(given[0].encode("utf-8", "replace"), known)

    def _is_known(self, host: str) -> bool:
        """Return whether a header `Host` names this server; names in DNS are not believed."""
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        if name in (*_LOOPBACK, *map(str.lower, self.listening)):
            return True
        listens_on_all = not _ALL.isdisjoint(self.listening)
        return listens_on_all and (_is_address(name) or name == socket.gethostname().lower())


def _values(headers: Sequence[Header], name: str) -> list[str]:
    return [value for one, value in headers if one == name]


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
