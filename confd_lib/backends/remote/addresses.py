"""The addresses of a store: those that a person wrote, and those that DNS names.

Knows nothing of any store, nor of what is sent to an address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar
from urllib.parse import SplitResult, urlsplit

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


def given(nodes: tuple[str, ...], default: str) -> tuple[str, ...]:
    """Return the nodes that a store is made with, or its own if none are given.

    >>> given((), "127.0.0.1:2379"), given(("a", "b"), "127.0.0.1:2379")
    (('127.0.0.1:2379',), ('a', 'b'))
    """
    return nodes or (default,)


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
    _check_no_user(node)
    parts = _split(node, scheme)
    if parts is None:
        raise _no_address(node)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{parts.scheme}://{host}:{parts.port or port}"


def check_base(address: str) -> None:
    """Refuse an address to which no path can be added: one without a host, or with a query.

    Args:
        address: a URL, which may have a path, a user and a password; or a host with or without a
            port.

    Raises:
        ConfigError: it is no such address.

    >>> check_base("rancher-metadata"), check_base("https://me:s3cret@proxy/metadata")
    (None, None)
    """
    parts = _split(address, "http")
    if parts is None or parts.query or parts.fragment:
        raise _no_address(address)


def _split(node: str, scheme: str) -> SplitResult | None:
    """Return the parts of an address; None if HTTP cannot ask it."""
    try:
        parts = urlsplit(node if "://" in node else f"{scheme}://{node}")
        has_host = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return None
    usable = has_host and parts.scheme in ("http", "https") and not _has_spaces(node)
    return parts if usable else None


def _no_address(node: str, form: str = "host:port or a URL") -> ConfigError:
    return ConfigError(f"not the address of a server: {shown(node)} (write {form})")


def _check_no_user(node: str) -> None:
    """Refuse an address with a user, which settings of its own name; no message shows it."""
    if "@" in node:
        raise ConfigError(
            f"the address {shown(node)} is given with a user or a password; "
            "write these apart, as username and password"
        )


def host_and_port(node: str, port: int) -> tuple[str, int]:
    """Return the host and the port of an address that is no URL; IPv6 stands in brackets.

    Raises:
        ConfigError: it is no address.

    >>> host_and_port("db", 6379), host_and_port("[::1]:7000", 6379)
    (('db', 6379), ('::1', 7000))
    """
    _check_no_user(node)
    try:
        parts = urlsplit(f"//{node}")
        host, its_port = parts.hostname, parts.port
    except ValueError:
        host, its_port = None, None
    if not host or parts.path or _has_spaces(node):
        raise _no_address(node, "host:port")
    return host, its_port or port


def _has_spaces(node: str) -> bool:
    return any(sign.isspace() for sign in node)


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
