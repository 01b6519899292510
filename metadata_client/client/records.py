"""Containers, services, stacks, hosts and networks of the metadata as typed dictionaries.

They have the same fields in every version of the metadata and of the service, and an empty list or
map where the service has null. Knows nothing of how they were fetched.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypedDict, TypeVar, cast

T = TypeVar("T", bound="Record")


class Record(TypedDict, total=False):
    """The fields that all records have, beside every other field that the service gave."""

    name: str
    uuid: str


class ContainerInfo(Record):
    """A container, in any `state`: stopped ones are listed too."""

    primary_ip: str | None
    ips: list[str]
    ports: list[str]
    service_name: str | None
    service_uuid: str | None
    stack_name: str | None
    stack_uuid: str | None
    labels: dict[str, str]
    create_index: int
    service_index: str | None
    host_uuid: str | None
    hostname: str | None
    health_state: str | None
    state: str | None
    start_count: int
    external_id: str | None
    network_uuid: str | None
    network_from_container_uuid: str | None
    dns: list[str]
    dns_search: list[str]
    health_check_hosts: list[object]
    health_check: dict[str, object]
    links: dict[str, str]


class ServiceInfo(Record):
    """A service; a sidekick is a service of its own, with the uuid of its primary."""

    stack_name: str | None
    stack_uuid: str | None
    kind: str | None
    hostname: str | None
    vip: str | None
    fqdn: str | None
    create_index: int
    scale: int
    state: str | None
    token: str | None
    primary_service_name: str | None
    external_ips: list[str]
    sidekicks: list[str]
    ports: list[str]
    expose: list[str]
    labels: dict[str, str]
    metadata: dict[str, object]
    health_check: dict[str, object]
    lb_config: dict[str, object]
    links: dict[str, str]
    containers: list[ContainerInfo]


class StackInfo(Record):
    """A stack and its services."""

    environment_name: str | None
    environment_uuid: str | None
    services: list[ServiceInfo]


class HostInfo(Record):
    """A host."""

    hostname: str | None
    agent_ip: str | None
    agent_state: str | None
    state: str | None
    labels: dict[str, str]
    memory: int | None
    milli_cpu: int | None
    local_storage_mb: int | None


class NetworkInfo(Record):
    """A network."""

    is_default: bool
    host_ports: bool
    metadata: dict[str, object]
    policy: list[object]
    default_policy_action: str | None


_LISTS: Final = (
    *("ips", "ports", "dns", "dns_search", "health_check_hosts", "external_ips", "sidekicks"),
    *("expose", "containers", "services", "policy"),
)
_MAPS: Final = ("labels", "links", "health_check", "metadata", "lb_config")
_BLANKS: Final[dict[str, Callable[[], object]]] = {
    **dict.fromkeys(_LISTS, list),
    **dict.fromkeys(_MAPS, dict),
    **dict.fromkeys(("name", "uuid"), str),
    **dict.fromkeys(("create_index", "scale", "start_count"), int),
    **dict.fromkeys(("is_default", "host_ports"), bool),
}
"""The functions that make the value of a field where the service has null or nothing.

They make a new one each time, since callers may change it. Any other field is then None.
"""


def _none() -> None:
    return None


def _maker(kind: type[T]) -> Callable[[object], T]:
    blanks = {name: _BLANKS.get(name, _none) for name in kind.__annotations__}

    def make(raw: object) -> T:
        # In 2015-07-25 the members of a service and of a stack are bare names.
        given = raw if isinstance(raw, dict) else {"name": raw} if isinstance(raw, str) else {}
        made = {name: blank() for name, blank in blanks.items()}
        made.update((name, value) for name, value in given.items() if value is not None)
        return cast("T", {**dict.fromkeys(given), **made})

    return make


container: Final = _maker(ContainerInfo)
host: Final = _maker(HostInfo)
network: Final = _maker(NetworkInfo)
_bare_service: Final = _maker(ServiceInfo)
_bare_stack: Final = _maker(StackInfo)


def service(raw: object) -> ServiceInfo:
    """Return a service, its containers ordered by `create_index`.

    >>> made = service({"name": "web", "labels": None, "containers": ["web_2", "web_1"]})
    >>> made["labels"], [container["name"] for container in made["containers"]]
    ({}, ['web_1', 'web_2'])
    """
    made = _bare_service(raw)
    made["containers"] = ordered(container, made["containers"])
    return made


def stack(raw: object) -> StackInfo:
    """Return a stack, its services ordered as by `ordered`."""
    made = _bare_stack(raw)
    made["services"] = ordered(service, made["services"])
    return made


def ordered(make: Callable[[object], T], raw: object) -> list[T]:
    """Return the records of a list by `create_index`, then by name; services may send any order."""
    items = raw if isinstance(raw, list) else []
    return sorted(map(make, items), key=_age)


def _age(record: Record) -> tuple[int, str]:
    index = cast("dict[str, object]", record).get("create_index")
    return (index if isinstance(index, int) else 0, str(record["name"]))
