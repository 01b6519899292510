"""The addresses of a store: those that a person wrote, and those that DNS names.

Knows nothing of any store, nor of what is sent to an address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar
from urllib.parse import urlsplit

from confd_lib.errors import BackendError, ConfigError, Interrupted, MissingLibrary, Refused
from metadata_client import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

T = TypeVar("T")

_LOOKUP_S: Final = 3.0


class Nodes:
    """The servers of a store, of which one is asked at a time.

    Args:
        addresses: at least one.

    >>> nodes = Nodes(["a", "b", "c"])
    >>> nodes.leave("a")
    >>> nodes.current, list(nodes.in_turn())
    ('b', ['b', 'c', 'a'])
    """

    def __init__(self, addresses: Sequence[str]) -> None:
        self._addresses = tuple(addresses)
        self._at = 0

    @property
    def current(self) -> str:
        """The server that is asked first."""
        return self._addresses[self._at]

    def in_turn(self) -> Iterator[str]:
        """Yield each server once, the current one first."""
        at = self._at
        yield from self._addresses[at:]
        yield from self._addresses[:at]

    def first(self, ask: Callable[[str], T], *final: type[BackendError]) -> T:
        """Return the answer of the first server that has one.

        Args:
            ask: asks one server.
            final: the errors that every server would answer, beside Refused.

        Raises:
            Refused, Interrupted: `ask` raised it, as it may those of `final`.
            BackendError: no server answers; with the reason of each.
        """
        decided: tuple[type[BackendError], ...] = (Refused, Interrupted, *final)
        failures: list[str] = []
        for address in self.in_turn():
            try:
                return ask(address)
            except decided:
                raise
            except BackendError as error:
                failures.append(str(error))
                self.leave(address)
        raise BackendError("; ".join(failures))

    def leave(self, address: str) -> None:
        """Make the next server the current one, unless another thread has left this one already."""
        if address == self.current:
            self._at = (self._at + 1) % len(self._addresses)


def url(node: str, *, scheme: str, port: int) -> str:
    """Return the root of a server's URLs.

    Args:
        node: a URL, of which the path is dropped, or a host with or without a port.
        scheme: of a node without one.
        port: of a node without one.

    Raises:
        ConfigError: it is no address.

    >>> url("10.0.0.7:2379", scheme="https", port=2379), url("http://db/x", scheme="", port=2379)
    ('https://10.0.0.7:2379', 'http://db:2379')
    """
    text = node if "://" in node else f"{scheme}://{node}"
    try:
        parts = urlsplit(text)
        host, its_port = parts.hostname, parts.port
    except ValueError:
        host, its_port = None, None
    if not host or parts.scheme not in ("http", "https") or _is_odd(node):
        raise ConfigError(f"not the address of a server: {shown(node)} (write host:port or a URL)")
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}:{its_port or port}"


def host_and_port(node: str, port: int) -> tuple[str, int]:
    """Return the host and the port of an address that is no URL; IPv6 stands in brackets.

    Raises:
        ConfigError: it is no address.

    >>> host_and_port("db", 6379), host_and_port("[::1]:7000", 6379)
    (('db', 6379), ('::1', 7000))
    """
    try:
        parts = urlsplit(f"//{node}")
        host, its_port = parts.hostname, parts.port
    except ValueError:
        host, its_port = None, None
    if not host or parts.path or _is_odd(node):
        raise ConfigError(f"not the address of a server: {shown(node)} (write host:port)")
    return host, its_port or port


def _is_odd(node: str) -> bool:
    """Return whether an address has spaces, or a user, who is named by settings of its own."""
    return "@" in node or any(sign.isspace() for sign in node)


def from_srv(record: str) -> list[str]:
    """Return the servers that DNS names for a service, as `host:port`, the preferred ones first.

    Args:
        record: the full name of the record, as `_etcd._tcp.example.com.`

    Raises:
        ConfigError: the name has no such records, or cannot be looked up.
        MissingLibrary: dnspython is not installed.
    """
    try:
        import dns.exception  # noqa: PLC0415 - an extra, and slow to import
        import dns.resolver  # noqa: PLC0415
    except ImportError:
        raise MissingLibrary("A look-up of SRV records", "dns") from None
    try:
        found = dns.resolver.resolve(record, "SRV", lifetime=_LOOKUP_S)
    except (dns.exception.DNSException, OSError) as error:
        raise ConfigError(
            f"Cannot get nodes from SRV records {record}: {_reason(error)}"
        ) from error
    ordered = sorted(found, key=lambda one: (one.priority, -one.weight))
    return [f"{str(one.target).rstrip('.')}:{one.port}" for one in ordered]


def _reason(error: Exception) -> str:
    return str(error).strip().rstrip(".") or type(error).__name__
