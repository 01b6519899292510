"""Containers of services, and the deployment of a primary with its sidekicks.

Knows services, but nothing of the stack around them, save its name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .identity import free_address, uuid_of
from .service import HOST, NO_NETWORK

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .service import Service

RUNNING = "running"
STOPPED = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """A container at one moment. Its name, numbers, uuid and address are its own for life.

    Attributes:
        name: `stack_service_n`, or `stack_service_sidekick_n`.
        service: the service it belongs to.
        primary: the service with which it is deployed; its own for one that is no sidekick.
        service_index: the number in its name.
        create_index: the number of containers its service had had when this one was made, itself
            included.
        uuid: its uuid.
        address: its address; None where it has none (`net: none`) or its host's (`net: host`).
        network_from: the uuid of the container whose network it shares; None where it has its own.
        state: `running` or `stopped`.
        health_state: `healthy`, `unhealthy` …; None where its service has no health check.
        start_count: how often it was started.
    """

    name: str
    service: str
    primary: str
    service_index: int
    create_index: int
    uuid: str
    address: str | None
    network_from: str | None = None
    state: str = RUNNING
    health_state: str | None = None
    start_count: int = 1

    def __str__(self) -> str:
        state = self.state if self.state != RUNNING else self.health_state or RUNNING
        return self.name if state in (RUNNING, "healthy") else f"{self.name} ({state})"

    @property
    def unit(self) -> tuple[str, int]:
        """The key that it shares with the sidekicks, or the primary, that are deployed with it."""
        return self.primary, self.create_index


@dataclass(frozen=True, slots=True)
class Unit:
    """A primary's container with those of its sidekicks: what Rancher deploys as one.

    Attributes:
        stack: the stack's name.
        service_index: the number in the names of its containers.
        create_index: the number that its service never uses again.
    """

    stack: str
    service_index: int
    create_index: int


def deploy(
    services: Sequence[Service], unit: Unit, *, given: Mapping[str, str], taken: set[str]
) -> list[Container]:
    """Make the containers of a unit.

    Args:
        services: the primary, then its sidekicks.
        unit: the unit.
        given: the addresses that were chosen by hand, by container.
        taken: the addresses that are in use; those of the new containers are added.
    """
    primary = services[0].name
    made: dict[str, Container] = {}
    for service in _owners_first(services):
        sidekick = [] if service.is_primary else [service.name]
        name = "_".join([unit.stack, primary, *sidekick, str(unit.service_index)])
        owner = made.get(service.network_from or "")
        made[service.name] = Container(
            name=name,
            service=service.name,
            primary=primary,
            service_index=unit.service_index,
            create_index=unit.create_index,
            uuid=uuid_of("container", name, unit.create_index),
            address=owner.address if owner else _own_address(service, name, unit, given, taken),
            network_from=owner.uuid if owner else None,
            health_state=well(service),
        )
    return [made[service.name] for service in services]


def well(service: Service) -> str | None:
    """Return the health state of a container of the service when all is well."""
    return "healthy" if service.health_check else None


def _own_address(
    service: Service, name: str, unit: Unit, given: Mapping[str, str], taken: set[str]
) -> str | None:
    if service.network in (NO_NETWORK, HOST):
        return None
    address = given.get(name) or free_address(f"{name}/{unit.create_index}", taken)
    taken.add(address)
    return address


def _owners_first(services: Sequence[Service]) -> list[Service]:
    """Return the services so that each comes after the one whose network it shares."""
    by_name: dict[str | None, Service] = {service.name: service for service in services}

    def depth(service: Service) -> int:
        steps = 0
        while service.network_from in by_name and steps < len(services):
            service = by_name[service.network_from]
            steps += 1
        return steps

    return sorted(services, key=depth)
