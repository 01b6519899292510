"""A service as its compose files define it: data only, the input of the simulation.

Knows nothing of files, of containers, or of the shapes that the metadata service gives it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

SERVICE: Final = "service"
LOAD_BALANCER: Final = "loadBalancerService"
DNS: Final = "dnsService"
EXTERNAL: Final = "externalService"

MANAGED: Final = "managed"
HOST: Final = "host"
NO_NETWORK: Final = "none"


@dataclass(frozen=True, slots=True)
class Link:
    """A link to another service.

    Attributes:
        target: the service: `name` in the same stack, else `stack/name`.
        alias: the name under which it is known here.
    """

    target: str
    alias: str


@dataclass(frozen=True, slots=True)
class Port:
    """A port of a container that is published on its host.

    Attributes:
        private: the port in the container.
        public: the port on the host; None where the host chooses.
        ip: the address of the host on which it is open; empty for all.
        protocol: `tcp` or `udp`; empty where none is named, which means `tcp`.
    """

    private: int
    public: int | None = None
    ip: str = ""
    protocol: str = ""

    @property
    def open_at(self) -> int:
        """The port on which it is reached: the public one, or the private one without it."""
        return self.private if self.public is None else self.public

    def listening(self) -> Port:
        """Return the port as a load balancer shows it: without the target of its requests."""
        return Port(private=self.open_at, public=self.open_at, ip=self.ip, protocol=self.protocol)

    def __str__(self) -> str:
        parts = [self.ip] if self.ip else []
        parts += [str(self.public)] if self.public is not None else []
        return f"{':'.join([*parts, str(self.private)])}/{self.protocol or 'tcp'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One service, or one sidekick, as the compose files define it.

    Attributes:
        name: the service's name, as typed.
        kind: its kind in the metadata: `service`, `loadBalancerService` …
        scale: the number of containers.
        primary: the service whose sidekick this is; its own name for a primary.
        sidekicks: the services that are deployed with each of its containers.
        metadata: the values in `rancher-compose.yml` for the templates.
        labels: labels of the service and its containers.
        links: links to services of this stack and of others.
        ports: ports that are published on the hosts.
        expose: ports that are open to other containers only, as `3306/tcp`.
        health_check: as the metadata service shows it; None for a service without.
        network: `managed`, `host`, `none`, or the name of another network.
        network_from: the service whose network it shares; None where it has its own.
        hostname: the hostname of its containers; None if Docker chooses it.
        hostname_override: whether containers use their own names as hostnames.
        everywhere: whether one container runs on every host.
        external_ips: the addresses of an external service.
        external_hostname: the hostname of an external service.
        lb_config: the rules of a load balancer; None for other services.
    """

    name: str
    kind: str = SERVICE
    scale: int = 1
    primary: str
    sidekicks: tuple[str, ...] = ()
    metadata: Mapping[str, object] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    links: tuple[Link, ...] = ()
    ports: tuple[Port, ...] = ()
    expose: tuple[str, ...] = ()
    health_check: Mapping[str, object] | None = None
    network: str = MANAGED
    network_from: str | None = None
    hostname: str | None = None
    hostname_override: bool = False
    everywhere: bool = False
    external_ips: tuple[str, ...] = ()
    external_hostname: str | None = None
    lb_config: Mapping[str, object] | None = None

    @property
    def is_primary(self) -> bool:
        """Whether it is a primary, not the sidekick of another service."""
        return self.primary == self.name

    @property
    def has_containers(self) -> bool:
        """Whether it has containers: external and DNS services are names only."""
        return self.kind in (SERVICE, LOAD_BALANCER)
