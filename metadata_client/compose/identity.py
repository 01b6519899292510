"""Uuids, addresses and other identifiers, the same on every run.

They are hashes of names, so that a stack that is loaded twice, or scaled up and down, is the same
stack. Knows only names and numbers.
"""

from __future__ import annotations

import functools
import hashlib
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from .errors import ComposeError

if TYPE_CHECKING:
    from collections.abc import Container

_NAMESPACE: Final = uuid.UUID("6e1f7c36-3b0f-5a53-9b2c-0c2b1e8d4a10")
_OCTETS: Final = 254  # of a network's numbers, 0 and 255 are not given to containers
_ADDRESSES: Final = _OCTETS * _OCTETS


# The same names come again in every version of the metadata, and after every change.
_remembered: Final = functools.lru_cache(maxsize=1 << 14)


@_remembered
def uuid_of(*names: object) -> str:
    """Return the uuid of these names.

    >>> uuid_of("stack", "galera") == uuid_of("stack", "galera") != uuid_of("stack", "mongo")
    True
    """
    return str(uuid.uuid5(_NAMESPACE, "/".join(map(str, names))))


@_remembered
def digest_of(*names: object) -> str:
    """Return 64 hexadecimal digits for these names: the id of a container, or a token."""
    return hashlib.sha256("/".join(map(str, names)).encode("utf-8", "surrogateescape")).hexdigest()


def mac_of(address: str) -> str:
    """Return the hardware address of a container, local to its network.

    >>> mac_of("10.42.106.51").startswith("02:")
    True
    """
    digits = digest_of("mac", address)
    return ":".join(["02", *(digits[i : i + 2] for i in range(0, 10, 2))])


def free_address(key: str, taken: Container[str]) -> str:
    """Return the address of `key` in 10.42.0.0/16, or the next one that is free.

    Raises:
        ComposeError: all addresses are taken.
    """
    first = int(digest_of("address", key), 16) % _ADDRESSES
    for number in range(first, first + _ADDRESSES):
        third, fourth = divmod(number % _ADDRESSES, _OCTETS)
        address = f"10.42.{third + 1}.{fourth + 1}"
        if address not in taken:
            return address
    raise ComposeError("10.42.0.0/16 has no address left")


@dataclass(frozen=True, slots=True)
class Host:
    """A machine that containers run on.

    Attributes:
        number: its number, from 1.
    """

    number: int

    @property
    def name(self) -> str:
        """Its name, which is its hostname as well."""
        return f"node{self.number}.example.com"

    @property
    def uuid(self) -> str:
        """Its uuid."""
        return uuid_of("host", self.number)

    @property
    def address(self) -> str:
        """Its address, which the metadata service calls `agent_ip`.

        >>> Host(1).address, Host(300).address
        ('192.168.0.11', '192.168.1.56')
        """
        third, fourth = divmod(self.number + 9, _OCTETS)
        return f"192.168.{third}.{fourth + 1}"
