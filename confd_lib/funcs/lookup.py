"""Functions that look up addresses: of hosts by the system's resolver, of services by DNS.

Knows neither the store nor templates. A failed lookup gives an empty list, whatever the reason, as
in confd; only a missing library is an error.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from dataclasses import dataclass
from typing import ClassVar, Final

from confd_lib.errors import MissingLibrary
from gotmpl import Slice

# Go: isDomainName. Digits and dots alone are not a name, so 127.1 is not looked up.
_DOMAIN_NAME: Final = re.compile(
    r"(?sx) (?=.*[A-Za-z_-]) (?!.{254}[^.]) (?!.{255}) "
    r"[A-Za-z0-9_][A-Za-z0-9_-]{0,62} (?:(?<!-)\.[A-Za-z0-9_][A-Za-z0-9_-]{0,62})* (?<!-)\.? (?!.)"
)


@dataclass(frozen=True, slots=True)
class SRV:
    """One record of a service, an element of `lookupSRV`'s result."""

    __go_type__: ClassVar[str] = "*net.SRV"

    Target: str
    Port: int
    Priority: int
    Weight: int


def lookup_ip(host: str) -> Slice[str]:
    """Return the addresses of the host, sorted as text."""
    return Slice("string", _addresses(host))


def lookup_ipv4(host: str) -> Slice[str]:
    """Return the IPv4 addresses of the host, sorted as text."""
    return Slice("string", (address for address in _addresses(host) if "." in address))


def lookup_ipv6(host: str) -> Slice[str]:
    """Return the IPv6 addresses of the host, sorted as text."""
    return Slice("string", (address for address in _addresses(host) if ":" in address))


def lookup_srv(service: str, proto: str, name: str) -> Slice[SRV]:
    """Return the SRV records of the service, sorted by their text."""
    full = f"_{service}._{proto}.{name}" if service or proto else name
    found = _services(full) if is_domain_name(full) else []
    return Slice(SRV.__go_type__, sorted(found, key=_srv_text))


def is_domain_name(name: str) -> bool:
    """Return whether the name can be looked up. Go: isDomainName.

    >>> [is_domain_name(name) for name in ("db_1.local.", "a..b", "127.1", "", "-a", ".")]
    [True, False, False, False, False, True]
    """
    return name == "." or _DOMAIN_NAME.match(name) is not None


def _addresses(host: str) -> list[str]:
    literal = _literal(host)
    if literal is not None:
        return [literal]
    if not is_domain_name(host) or _is_number(host):
        return []
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):  # Python encodes no "."
        return []
    return sorted({_go_text(str(address[0])) for *_, address in found})


def _literal(host: str) -> str | None:
    try:
        return _go_text(host)
    except ValueError:
        return None


def _is_number(host: str) -> bool:
    """Return whether the system reads the host as an old form of an address, unlike Go."""
    try:
        socket.inet_aton(host)
    except OSError:
        return False
    return True


def _go_text(address: str) -> str:
    # Go: IP.String, which prints no zone, and an IPv4 address in IPv6 as an IPv4 address.
    parsed = ipaddress.ip_address(address.partition("%")[0])
    return str(getattr(parsed, "ipv4_mapped", None) or parsed)


def _services(name: str) -> list[SRV]:
    try:
        import dns.exception  # noqa: PLC0415 - an extra, and slow to import
        import dns.resolver  # noqa: PLC0415
    except ImportError:
        raise MissingLibrary("lookupSRV", "dns") from None
    try:
        answers = dns.resolver.resolve(name, "SRV", search=True)
    except (dns.exception.DNSException, OSError):
        return []
    return [SRV(str(a.target), a.port, a.priority, a.weight) for a in answers]


def _srv_text(found: SRV) -> str:
    return f"{found.Target}{found.Port}{found.Priority}{found.Weight}"
