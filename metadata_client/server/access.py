"""Refuse requests that the web page of another site may have made.

The page of any site can make a browser send requests to any address that it reaches, this machine
included. The real service lets every page read the replies; ours does so only with `cors=True`.
Knows nothing of sockets or answers.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import replace
from typing import Final

from .sniffing import TEXT
from .wire import Reply, Request

ANYONE: Final = ("Access-Control-Allow-Origin", "*")
"""The header that lets the page of every site read a reply."""

_HEADERS: Final = (("Content-Type", TEXT), ("X-Content-Type-Options", "nosniff"))
# No site can have these names, so no browser has loaded a page from them.
_OURS: Final = {"", "localhost", "rancher-metadata", "rancher-metadata.rancher.internal"}
_HOST: Final = re.compile(r"(\[[^\]]*\]|[^:\[\]]*)(:[0-9]*)?")


def refused(request: Request, *, loopback: bool) -> Reply | None:
    """Return the refusal of a request; None if no page of another site can have made it.

    Args:
        request: the request.
        loopback: as for `foreign`.

    >>> headers = (("host", "127.0.0.1:80"), ("origin", "http://site.example"))
    >>> refused(Request("GET", "/latest/", headers), loopback=True).status
    403
    """
    why = foreign(request, loopback=loopback)
    return _refusal(why) if why else None


def foreign(request: Request, *, loopback: bool, deed: str = "read") -> str:
    """Return by what a request shows that a page of another site may have made it, or empty.

    A site can change the address of its own name to 127.0.0.1 once its page is loaded (DNS
    rebinding). Page and service then have the same origin, and only the name shows the difference.

    Args:
        request: the request.
        loopback: whether only this machine can connect, so that its names are known.
        deed: what the page would do.
    """
    host = next(iter(request.all("host")), "")
    if loopback and not _is_ours(host):
        return f"{host} is not a name of this machine"
    for origin in request.all("origin"):
        if origin.lower() != f"http://{host}".lower():
            return f"{origin or 'an unknown page'} may not {deed} this"
    return ""


def private(reply: Reply) -> Reply:
    """Return the reply without the header that lets every page read it."""
    return replace(reply, headers=tuple(header for header in reply.headers if header != ANYONE))


def _refusal(why: str) -> Reply:
    text = f"403 Forbidden: {why}; to let every web page read it, serve with cors=True (--cors)\n"
    return Reply(403, text.encode(), _HEADERS)


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
