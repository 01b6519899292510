"""Functions of URLs, versions and hosts. Knows no other functions."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Final

from gotmpl.errors import FuncError
from gotmpl.golang.semver import Version, parse_version, satisfies
from gotmpl.golang.url import Url, parse_url
from gotmpl.sprig.reflection import kind_of
from gotmpl.sprig.v3.values import NIL_POINTER

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

_KEYS: Final = {"scheme": "scheme", "opaque": "opaque", "host": "host", "path": "path"}
_KEYS_OF_JOIN: Final = {**_KEYS, "query": "query", "fragment": "fragment"}


def url_parse(text: str) -> dict:  # type: ignore[type-arg]  # as Go's map
    """Return the parts of a URL by their names."""
    try:
        url = parse_url(text)
    except ValueError as error:
        raise FuncError(f"unable to parse url: {error}") from None
    names = (*_KEYS_OF_JOIN, "hostname", "userinfo")
    return {name: getattr(url, name) for name in names}


def url_join(parts: dict) -> str:  # type: ignore[type-arg]  # as Go's map
    """Return the URL of parts as `urlParse` gives them; `hostname` is not used."""
    found = {key: _text(parts, key) for key in _KEYS_OF_JOIN}
    userinfo = _text(parts, "userinfo")
    user = None
    if userinfo:
        try:
            user = parse_url(f"proto://{userinfo}@host").user
        except ValueError as error:
            raise FuncError(f"unable to parse userinfo in dict: {error}") from None
    return str(Url(**found, user=user))  # type: ignore[arg-type]  # texts all


def _text(parts: dict[str, object], key: str) -> str:
    value = parts.get(key, "")
    if value is None:
        raise FuncError(NIL_POINTER)
    if not isinstance(value, str):
        raise FuncError(
            f"unable to parse {key} key, must be of type string, but {kind_of(value)} found"
        )
    return value


def semver(text: str) -> Version:
    """Return a text as a version, with fields such as `.Major`."""
    return parse_version(text)


def semver_compare(constraint: str, version: str) -> bool:
    """Return whether the version is in the range of the constraint."""
    return satisfies(constraint, parse_version(version))


def resolving(random: Random, *, network: bool) -> dict[str, Callable[..., object]]:
    """Return the function that asks the network for an address.

    Args:
        random: chooses among several addresses.
        network: whether the network may be asked.
    """

    def get_host_by_name(name: str) -> str:
        """Return an address of a host."""
        if not network:
            raise FuncError("the network is off here; functions(network=True) turns it on")
        try:
            found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise FuncError("invalid argument to Intn") from None
        return str(random.choice(sorted({str(address[4][0]) for address in found})))

    return {"getHostByName": get_host_by_name}
