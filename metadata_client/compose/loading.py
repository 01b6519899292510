"""From compose files on disk to a stack that runs: the front door of the package."""

from __future__ import annotations

import ipaddress
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from .errors import ComposeError
from .files import find, read_services
from .stack import Stack
from .written import Written

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from os import PathLike

_NO_ENV: Final[Mapping[str, str]] = MappingProxyType({})
_NO_SCALE: Final[Mapping[str, int]] = MappingProxyType({})


def load(
    source: str | PathLike[str] | Sequence[str | PathLike[str]],
    *,
    env: Mapping[str, str] = _NO_ENV,
    scale: Mapping[str, int] = _NO_SCALE,
    name: str | None = None,
    addresses: Mapping[str, str] = _NO_ENV,
) -> Stack:
    """Load a stack from its compose files.

    Args:
        source: a folder with `docker-compose.yml` and, if there is one, `rancher-compose.yml`; or
            the first of these files; or both.
        env: the values of `$VAR` and `${VAR}`. The environment of this process is not read: pass
            `os.environ` to do as rancher-compose does. A variable that is not set is blank, with a
            warning, `UnsetVariable`.
        scale: numbers of containers by service, instead of those in `rancher-compose.yml`.
        name: the name of the stack; by default that of the folder.
        addresses: addresses by container; the others are drawn from 10.42.0.0/16.

    Raises:
        ComposeError: the files are not there, or rancher-compose would not accept them.

    >>> env = {"mysql_root_password": "s3cret"}
    >>> stack = load("examples/galera", env=env, scale={"galera": 1}, name="db")
    >>> for container in stack.containers():
    ...     print(container.name)
    db_galera_mariadb-galera-server_1
    db_galera_mariadb-galera-data_1
    db_galera_1
    db_galera-lb_1
    """
    files = find(source)
    services = read_services(files, env)
    _check_addresses(addresses)
    folder = files.docker.resolve().parent.name
    written = Written(files.docker, files.rancher, {one.name: one for one in services})
    stack = Stack(name or folder, services, addresses=dict(addresses), written=written)
    return stack.scaled(scale).settled()


def _check_addresses(addresses: Mapping[str, str]) -> None:
    owners: dict[str, str] = {}
    for container, address in addresses.items():
        try:
            ipaddress.IPv4Address(address)
        except ipaddress.AddressValueError as error:
            raise ComposeError(f"address of {container}: {error}") from error
        if address in owners:
            raise ComposeError(
                f"{owners[address]} and {container} were given the address {address}"
            )
        owners[address] = container
