"""The things of the metadata as typed dictionaries: no null where a list or a map belongs.

The same shape whichever version of the metadata and of the service they come from. Knows nothing
of how they were fetched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypedDict, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T", bound="Record")


class Record(TypedDict, total=False):
    """What all of them have, and every other field that the service gave."""

    name: str
    uuid: str


class ContainerInfo(Record):
    """A container; `state` is not filtered: stopped ones are listed too."""

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
    """A service; a sidekick is one of its own, with the uuid of its primary."""

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


# How to make what stands where the service says null or nothing: anew each time, for who gets a
# list may change it. A field that may be None has no entry.
_BLANKS: Final[dict[str, Callable[[], object]]] = {
    "list": list,
    "dict": dict,
    "str": str,
    "int": int,
    "bool": bool,
}


def _blanks(kind: type[Any]) -> dict[str, Callable[[], object]]:
    # The annotations of this module are texts: `list[str]` is told from `str | None` by its start.
    hints = {name: hint.__forward_arg__ for name, hint in kind.__annotations__.items()}
    return {name: _BLANKS.get(hint.partition("[")[0], lambda: None) for name, hint in hints.items()}


def _maker(kind: type[T]) -> Callable[[object], T]:
    blanks = _blanks(kind)

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
    """A service, and its containers in the order in which they were created.

    >>> made = service({"name": "web", "labels": None, "containers": ["web_2", "web_1"]})
    >>> made["labels"], [container["name"] for container in made["containers"]]
    ({}, ['web_1', 'web_2'])
    """
    made = _bare_service(raw)
    made["containers"] = ordered(container, made["containers"])
    return made


def stack(raw: object) -> StackInfo:
    """A stack, and its services in the order in which they were created."""
    made = _bare_stack(raw)
    made["services"] = ordered(service, made["services"])
    return made


def ordered(make: Callable[[object], T], raw: object) -> list[T]:
    """The records of a list, oldest first; newer services send them in an order drawn at random."""
    items = raw if isinstance(raw, list) else []
    return sorted(map(make, items), key=_age)


def _age(record: Record) -> tuple[int, str]:
    index = cast("dict[str, object]", record).get("create_index")
    return (index if isinstance(index, int) else 0, str(record["name"]))
