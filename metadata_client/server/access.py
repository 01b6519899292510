"""Which requests are refused because a web page may have made them.

A browser sends what the page of any site asks for to any address that it reaches, this machine
among them. The real service lets every page read what it says; ours does so only on demand. Knows
nothing of sockets or answers.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import replace
from typing import Final

from .sniffing import TEXT
from .wire import Reply, Request

ANYONE: Final = ("Access-Control-Allow-Origin", "*")
"""The header by which a browser lets the page of every site read a reply."""

_HEADERS: Final = (("Content-Type", TEXT), ("X-Content-Type-Options", "nosniff"))
# No site can have these names, so no page can have been loaded from them.
_OURS: Final = {"", "localhost", "rancher-metadata", "rancher-metadata.rancher.internal"}
_HOST: Final = re.compile(r"(\[[^\]]*\]|[^:\[\]]*)(:[0-9]*)?")


def refused(request: Request, *, loopback: bool) -> Reply | None:
    """The refusal of a request that a page of another site has made; None for any other request.

    A site can give its own name the address 127.0.0.1 after its page is loaded; then page and
    service are of one origin, and the name alone shows it.

    Args:
        request: what was asked.
        loopback: whether only this machine can ask, so that the names by which it may are known.

    >>> headers = (("host", "127.0.0.1:80"), ("origin", "http://site.example"))
    >>> refused(Request("GET", "/latest/", headers), loopback=True).status
    403
    """
    host = next(iter(request.all("host")), "")
    if loopback and not _is_ours(host):
        return _refusal(f"{host} is no name of this machine")
    for origin in request.all("origin"):
        if origin.lower() != f"http://{host}".lower():
            return _refusal(f"{origin or 'an unknown page'} may not read this")
    return None


def private(reply: Reply) -> Reply:
    """The reply without the permission for every page to read it."""
    return replace(reply, headers=tuple(header for header in reply.headers if header != ANYONE))


def _refusal(why: str) -> Reply:
    said = f"403 Forbidden: {why}; to let every web page read it, serve with cors=True (--cors)\n"
    return Reply(403, said.encode(), _HEADERS)


def _is_ours(host: str) -> bool:
    match = _HOST.fullmatch(host)
    if match is None:
        return False
    name = match[1].lower().removesuffix(".")
    return name in _OURS or name.endswith(".localhost") or _is_address(name.strip("[]"))


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
