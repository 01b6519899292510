"""Requests that change scales while the service runs: `POST /v1/scale?SERVICE=N`.

They are not the real service's: a server answers them only where it is given a function for them.
The module knows nothing of stacks, nor of sockets.

A server on loopback takes them from every process of the machine, since only these can connect. Any
other server takes them with a token alone, and refuses all if it has none. A web page of another
site is refused everywhere, even where it may read.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

from metadata_client.errors import MetadataError

from .access import foreign
from .sniffing import TEXT
from .wire import Reply, Request

PATH: Final = "/v1/scale"

_HEADERS: Final = (("Content-Type", TEXT), ("X-Content-Type-Options", "nosniff"))
_SCALE: Final = re.compile("[0-9]{1,6}", re.ASCII)
_BEARER: Final = "Bearer "


@dataclass(frozen=True, slots=True)
class Scaling:
    """The function that changes scales, and the token that guards it.

    Attributes:
        change: sets scales by service, and returns the text of the reply; what it refuses is a
            MetadataError. It is called in a thread of the server.
        token: the token that requests have to bear; empty for a server without one.
    """

    change: Callable[[Mapping[str, int]], str]
    token: str = ""


def scaled(request: Request, scaling: Scaling, *, loopback: bool) -> Reply | None:
    r"""Change scales, and return the reply to a request; None if it is not about scales.

    Args:
        request: the request.
        scaling: changes them.
        loopback: whether only this machine can connect.

    >>> scaling = Scaling(lambda scales: f"{dict(scales)}")
    >>> scaled(Request("POST", "/v1/scale?galera=5"), scaling, loopback=True).body
    b"{'galera': 5}\n"
    """
    if request.method != "POST" or request.path != PATH:
        return None
    if why := _refused(request, scaling.token, loopback=loopback):
        return _text(403, f"403 Forbidden: {why}")
    try:
        return _text(200, scaling.change(_scales(request.query)))
    except (MetadataError, ValueError) as error:
        return _text(400, f"400 Bad Request: {error}")


def _refused(request: Request, token: str, *, loopback: bool) -> str:
    """Return why a request is refused, or empty."""
    if why := foreign(request, loopback=loopback, deed="change"):
        return why
    if not token:
        return "" if loopback else "scales need a token where others than this machine connect"
    borne = next(iter(request.all("authorization")), "")
    same = hmac.compare_digest(_bytes(borne), _bytes(f"{_BEARER}{token}"))
    return "" if same else "the token is missing or wrong"


def _scales(query: str) -> dict[str, int]:
    pairs = parse_qsl(query, keep_blank_values=True, errors="surrogateescape")
    if not pairs:
        raise ValueError("no SERVICE=N is given")
    for service, scale in pairs:
        if not _SCALE.fullmatch(scale):
            raise ValueError(f"{service}={scale} is not SERVICE=N")
    return {service: int(scale) for service, scale in pairs}


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _text(status: int, text: str) -> Reply:
    line = text if text.endswith("\n") else f"{text}\n"
    return Reply(status, _bytes(line), _HEADERS)
