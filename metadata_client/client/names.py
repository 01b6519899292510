"""The names that rancher-dns serves, resolved from a snapshot of the whole tree.

Bare names of services and aliases of links depend on the container that asks, since its search
domains name its stack; `service.stack` and the names of containers are the same for all. Knows
nothing of DNS itself, nor of HTTP.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from metadata_client.client import records
from metadata_client.errors import NameNotFound

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from metadata_client.client.records import ContainerInfo, ServiceInfo
    from metadata_client.client.snapshot import Snapshot

_DOMAIN: Final = ".rancher.internal"
_METADATA: Final = "169.254.169.250"
_HEALTHY: Final = frozenset({None, "", "healthy"})


def resolve(snapshot: Snapshot, name: str) -> list[str]:
    """Return the addresses that rancher-dns gives for a name.

    A name of containers has the addresses of those that run and are not unhealthy. A service with a
    virtual address has that one, an external service has its addresses or its host name, and an
    alias has the addresses of the service or container that it links to.

    Args:
        snapshot: of the whole tree.
        name: `service`, `service.stack`, `sidekick.service`, `sidekick.service.stack`, a container
            or an alias; with or without `.rancher.internal`. Case does not matter.

    Raises:
        NameNotFound: it gives no address.
        LookupError: the snapshot is not of the whole tree.

    >>> tree = {
    ...     "self": {"stack": {"name": "db"}},
    ...     "services": [{"name": "galera", "stack_name": "db"}],
    ...     "containers": [
    ...         {"name": "db_galera_1", "service_name": "galera", "stack_name": "db",
    ...          "primary_ip": "10.42.0.2", "state": "running"},
    ...     ],
    ... }
    >>> from metadata_client import Snapshot
    >>> snapshot = Snapshot("1", ("/",), {(): tree})
    >>> resolve(snapshot, "galera"), resolve(snapshot, "db_galera_1.rancher.internal")
    (['10.42.0.2'], ['10.42.0.2'])
    """
    wanted = name.lower().rstrip(".").removesuffix(_DOMAIN)
    if wanted == "rancher-metadata":
        return [_METADATA]
    zone = _Zone.of(snapshot)
    found = list(dict.fromkeys(zone.addresses(wanted)))
    if not found:
        raise NameNotFound(name)
    return found


@dataclass(frozen=True, slots=True)
class _Zone:
    """Everything that has a name, as one container sees it."""

    services: list[ServiceInfo]
    containers: list[ContainerInfo]
    stack: str
    links: dict[str, str]  # alias → stack/service, or → uuid of a container

    @classmethod
    def of(cls, snapshot: Snapshot) -> _Zone:
        service = records.service(snapshot.get("/self/service"))
        container = records.container(snapshot.get("/self/container"))
        stack = snapshot.get("/self/stack/name") or container["stack_name"]
        return cls(
            records.ordered(records.service, snapshot.get("/services")),
            records.ordered(records.container, snapshot.get("/containers")),
            str(stack or "").lower(),
            {
                **{str(alias or key).lower(): key for key, alias in service["links"].items()},
                **{alias.lower(): uuid for alias, uuid in container["links"].items()},
            },
        )

    def addresses(self, name: str) -> Iterator[str]:
        target = self.links.get(name)
        if target is not None:
            yield from self._linked(target, frozenset())
        for service in self._named(name.split(".")):
            yield from self._of_service(service, frozenset())
        yield from self._of_containers(c for c in self.containers if c["name"].lower() == name)

    def _named(self, labels: list[str]) -> Iterator[ServiceInfo]:
        """Yield the services that the labels may mean; the last label may be the stack."""
        for service in self.services:
            own = [str(service["name"]).lower()]
            primary = str(service["primary_service_name"] or "").lower()
            forms = [own] if primary in ("", own[0]) else [own, [*own, primary]]
            stack = str(service["stack_name"] or "").lower()
            asked = [labels, [*labels, stack]] if stack == self.stack else [labels]
            if any([*form, stack] in asked for form in forms):
                yield service

    def _linked(self, target: str, visited: frozenset[str]) -> Iterator[str]:
        """Yield the addresses that a link leads to; a circle of aliases leads nowhere."""
        stack, slash, name = target.lower().partition("/")
        if not slash:
            yield from self._of_containers(c for c in self.containers if c["uuid"] == target)
        elif target not in visited:
            for service in self._named([name, stack]):
                yield from self._of_service(service, visited | {target})

    def _of_service(self, service: ServiceInfo, visited: frozenset[str]) -> Iterator[str]:
        if service["kind"] == "externalService":
            yield from service["external_ips"] or filter(None, [service["hostname"]])
        elif service["kind"] == "dnsService":
            for target in service["links"]:
                yield from self._linked(target, visited)
        elif service["vip"]:
            yield service["vip"]
        else:
            key = (service["stack_name"], service["name"])
            yield from self._of_containers(
                c for c in self.containers if (c["stack_name"], c["service_name"]) == key
            )

    def _of_containers(self, containers: Iterable[ContainerInfo]) -> Iterator[str]:
        for container in containers:
            address = container["primary_ip"] or self._shared(container)
            if address and container["state"] == "running" and _is_healthy(container):
                yield address

    def _shared(self, container: ContainerInfo) -> str | None:
        """Return the address of the container whose network this one shares."""
        uuid = container["network_from_container_uuid"]
        return next((c["primary_ip"] for c in self.containers if uuid and c["uuid"] == uuid), None)


def _is_healthy(container: ContainerInfo) -> bool:
    return container["health_state"] in _HEALTHY
