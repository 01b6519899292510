"""Stacks as the metadata service shows them: the documents of its three dated versions.

One table holds the differences of the versions; each field is made in one place. Knows nothing of
compose files, and nothing of HTTP.
"""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol, cast

from metadata_client.answers import DEFAULT, LATEST, Answers

from .identity import Host, digest_of, mac_of, uuid_of
from .service import HOST

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from .container import Container
    from .service import Port, Service

Document = dict[str, object]

_DNS: Final = "169.254.169.250"
_DOMAIN: Final = "rancher.internal"
_RANDOM_PORTS: Final = range(32768, 61000)  # from which the kernel gives Docker a port


class Deployed(Protocol):
    """The parts of a stack that are shown."""

    @property
    def name(self) -> str:
        """Its name, as typed."""

    @property
    def services(self) -> tuple[Service, ...]:
        """Its services."""

    @property
    def members(self) -> tuple[Container, ...]:
        """Its containers."""

    @property
    def created(self) -> Mapping[str, int]:
        """The number of containers that each service has had."""


def _as_typed(name: str) -> str:
    return name


@dataclass(frozen=True, slots=True)
class _Version:
    """The differences of one dated version from the others.

    Attributes:
        date: its name.
        nested: whether a service lists its containers, and a stack its services, as documents; the
            first version lists names.
        spelled: writes a name.
        any_ip: the text for "all addresses" of a published port; None for that of the host.
        numbered_hosts: whether hosts show their `hostId`.
        linked: whether other environments are shown.
    """

    date: str
    nested: bool = True
    spelled: Callable[[str], str] = _as_typed
    any_ip: str | None = None
    numbered_hosts: bool = True
    linked: bool = False


_VERSIONS: Final = (
    _Version("2015-07-25", nested=False),
    _Version("2015-12-19"),
    _Version(
        "2016-07-29",
        spelled=str.lower,
        any_ip="0.0.0.0",
        numbered_hosts=False,
        linked=True,
    ),
)


def answers(
    stacks: Sequence[Deployed], hosts: Sequence[Host], environment: str = "Default"
) -> Answers:
    """Return the trees that the metadata service serves to each container, in every version.

    Args:
        stacks: the stacks of the environment.
        hosts: its hosts; containers are spread over them by their `create_index`.
        environment: its name.
    """
    views = {one.date: _View(one, stacks, hosts, environment) for one in _VERSIONS}
    version = _version(views[_VERSIONS[0].date], stacks)
    trees = {date: view.trees(version) for date, view in views.items()}
    return Answers({**trees, LATEST: trees[_VERSIONS[-1].date]})


def version(stacks: Sequence[Deployed], hosts: Sequence[Host], environment: str = "Default") -> str:
    """Return the version of this content, as the server writes it: a growing number and a hash."""
    return _version(_View(_VERSIONS[0], stacks, hosts, environment), stacks)


def _version(view: _View, stacks: Sequence[Deployed]) -> str:
    # The first version repeats the least, and shows all that the others show.
    content = json.dumps(view.shared(), sort_keys=True)
    made = sum(sum(stack.created.values()) for stack in stacks)
    return f"{made}-{digest_of(content)[:32]}"


@dataclass(frozen=True, slots=True)
class _Shown:
    """The documents of one service.

    Attributes:
        service: the document of the service.
        stack: the document of its stack.
        members: its containers, each with its document.
    """

    service: Document
    stack: Document
    members: Sequence[tuple[Container, Document]]


class _View:
    """One version's documents of everything, each made once and shared by all that contain it."""

    def __init__(
        self, rules: _Version, stacks: Sequence[Deployed], hosts: Sequence[Host], environment: str
    ) -> None:
        self._rules = rules
        self._environment = environment
        self._uuid = uuid_of("environment", environment)
        self._network = uuid_of("network", environment)
        self._hosts = hosts
        self._host_documents = [self._host(host) for host in hosts]
        self._stacks = [self._stack(stack) for stack in stacks]
        self._services = [
            self._show(stack, service, document)
            for stack, document in zip(stacks, self._stacks, strict=True)
            for service in stack.services
        ]
        for document in self._stacks:
            own = [one.service for one in self._services if one.stack is document]
            document["services"] = self._listed(own)

    def shared(self) -> Document:
        """Return the tree that all containers see, without its version."""
        tree: Document = {
            "containers": [container for one in self._services for _, container in one.members],
            "hosts": self._host_documents,
            "name": self._environment.lower(),
            "networks": [self._managed_network()],
            "region_name": None,
            "self": {"host": self._host_documents[0]},
            "services": [one.service for one in self._services],
            "stacks": self._stacks,
            "uuid": self._uuid,
        }
        return {**tree, "environments": []} if self._rules.linked else tree

    def trees(self, version: str) -> Document:
        """Return the trees by address."""
        own = (tree for one in self._services for tree in self._own_trees(one))
        return {DEFAULT: {**self.shared(), "version": version}, **dict(own)}

    def _own_trees(self, shown: _Shown) -> Iterator[tuple[str, Document]]:
        """Yield what only the containers of a service see, by address."""
        token = digest_of("token", shown.service["uuid"])[:40]
        service = {**shown.service, "token": token}
        for member, container in shown.members:
            # A container that shares a network has the address of its owner, whose tree it gets.
            if container["primary_ip"] and not member.network_from:
                document = {
                    "container": container,
                    "host": self._host_documents[self._place(member)],
                    "service": service,
                    "stack": shown.stack,
                }
                yield str(container["primary_ip"]), {"self": document}

    def _show(self, stack: Deployed, service: Service, document: Document) -> _Shown:
        members = [
            (one, self._container(stack, service, one))
            for one in stack.members
            if (one.service, one.primary) == (service.name, service.primary)
        ]
        containers = self._listed([container for _, container in members])
        return _Shown(
            {**self._service(stack, service), "containers": containers}, document, members
        )

    def _listed(self, children: Sequence[Document]) -> list[object]:
        return list(children) if self._rules.nested else [child["name"] for child in children]

    def _place(self, member: Container) -> int:
        return (member.create_index - 1) % len(self._hosts)

    # -- The documents

    def _stack(self, stack: Deployed) -> Document:
        return {
            "environment_name": self._environment,
            "environment_uuid": self._uuid,
            "name": self._rules.spelled(stack.name),
            "system": False,
            "uuid": _stack_uuid(stack),
        }

    def _container(self, stack: Deployed, service: Service, member: Container) -> Document:
        host = self._hosts[self._place(member)]
        address = host.address if service.network == HOST else member.address
        external_id = digest_of("docker", member.uuid)
        name = member.name if service.hostname_override else external_id[:12]
        managed = member.address is not None
        return {
            "create_index": member.create_index,
            "dns": [_DNS] if managed else [],
            "dns_search": [f"{stack.name.lower()}.{_DOMAIN}", _DOMAIN] if managed else [],
            "environment_uuid": self._uuid,
            "external_id": external_id,
            "health_check": None,
            "health_check_hosts": [],
            "health_state": member.health_state,
            "host_uuid": host.uuid,
            "hostname": service.hostname or name,
            "ips": [address] if address else [],
            "labels": _container_labels(stack, service, member),
            "links": {},
            "memory_reservation": None,
            "milli_cpu_reservation": None,
            "name": self._rules.spelled(member.name),
            "network_from_container_uuid": member.network_from,
            "network_uuid": self._network if managed else None,
            "ports": [self._published(port, member, host) for port in service.ports],
            "primary_ip": address,
            "primary_mac_address": mac_of(member.address) if member.address else None,
            "service_index": str(member.service_index),
            "service_name": self._rules.spelled(service.name),
            "service_uuid": _service_uuid(stack, service),
            "stack_name": self._rules.spelled(stack.name),
            "stack_uuid": _stack_uuid(stack),
            "start_count": member.start_count,
            "state": member.state,
            "system": False,
            "uuid": member.uuid,
        }

    def _published(self, port: Port, member: Container, host: Host) -> str:
        public = port.public
        if public is None:
            chosen = int(digest_of("port", member.uuid, port.private), 16)
            public = _RANDOM_PORTS[chosen % len(_RANDOM_PORTS)]
        ip = port.ip or self._rules.any_ip or host.address
        return f"{ip}:{public}:{port.private}/{port.protocol or 'tcp'}"

    def _service(self, stack: Deployed, service: Service) -> Document:
        spelled = self._rules.spelled
        return {
            "create_index": stack.created.get(service.primary, 0),
            "environment_uuid": self._uuid,
            "expose": list(service.expose),
            "external_ips": list(service.external_ips),
            "fqdn": None,
            "health_check": _copied(service.health_check),
            "hostname": service.external_hostname,
            "kind": service.kind,
            "labels": dict(service.labels),
            "lb_config": _balancing(stack, service),
            "links": {
                spelled(_qualified(stack, link.target)): link.alias for link in service.links
            },
            "metadata": _copied(_primary(stack, service).metadata),
            "name": spelled(service.name),
            "ports": [str(port) for port in service.ports],
            "primary_service_name": spelled(service.primary),
            "scale": service.scale,
            "sidekicks": [spelled(name) for name in _primary(stack, service).sidekicks],
            "stack_name": spelled(stack.name),
            "stack_uuid": _stack_uuid(stack),
            "state": "active",
            "system": False,
            "token": None,
            "uuid": _service_uuid(stack, service),
            "vip": None,
        }

    def _host(self, host: Host) -> Document:
        number: Document = {"hostId": host.number} if self._rules.numbered_hosts else {}
        return number | {
            "agent_ip": host.address,
            "agent_state": "active",
            "environment_uuid": self._uuid,
            "hostname": host.name,
            "labels": {},
            "local_storage_mb": 102400,
            "memory": 8 << 30,
            "milli_cpu": 4000,
            "name": host.name,
            "state": "active",
            "uuid": host.uuid,
        }

    def _managed_network(self) -> Document:
        return {
            "default_policy_action": "allow",
            "environment_uuid": self._uuid,
            "host_ports": True,
            "is_default": True,
            "metadata": {},
            "metadata_kind": "network",
            "name": "ipsec",
            "policy": None,
            "uuid": self._network,
        }


# -- The same in all versions


def _stack_uuid(stack: Deployed) -> str:
    return uuid_of("stack", stack.name)


def _service_uuid(stack: Deployed, service: Service) -> str:
    # To the server a sidekick is part of its primary, so they have one uuid.
    return uuid_of("service", stack.name, service.primary)


def _primary(stack: Deployed, service: Service) -> Service:
    return next(one for one in stack.services if one.name == service.primary)


def _qualified(stack: Deployed, target: str) -> str:
    return target if "/" in target else f"{stack.name}/{target}"


def _copied(values: Mapping[str, object] | None) -> dict[str, object] | None:
    # The callers may change the answers, but not the stack.
    return None if values is None else copy.deepcopy(dict(values))


def _balancing(stack: Deployed, service: Service) -> dict[str, object] | None:
    config = _copied(service.lb_config)
    if config is not None:
        for rule in cast("list[dict[str, object]]", config["port_rules"]):
            if rule["service"]:
                rule["service"] = _qualified(stack, str(rule["service"]))
    return config


def _container_labels(stack: Deployed, service: Service, member: Container) -> dict[str, str]:
    """Return the labels of the service, and those that the server adds."""
    parts = [stack.name, member.primary, *([] if service.is_primary else [service.name])]
    made = {
        "io.rancher.container.name": member.name,
        "io.rancher.container.uuid": member.uuid,
        "io.rancher.project.name": stack.name,
        "io.rancher.project_service.name": "/".join(parts),
        "io.rancher.service.deployment.unit": uuid_of("unit", stack.name, *member.unit),
        "io.rancher.stack.name": stack.name,
        "io.rancher.stack_service.name": "/".join(parts),
    }
    if member.address and not member.network_from:
        made["io.rancher.container.ip"] = f"{member.address}/16"
    return {**service.labels, **made}
