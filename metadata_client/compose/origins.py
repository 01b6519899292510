"""Where a value of the metadata was written: from its key to a line of a compose file.

Knows the shapes of the metadata and the files, nothing of HTTP and templates. The files are read
again when a place is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from .errors import ComposeError
from .source import Key, Place, read

if TYPE_CHECKING:
    from .container import Container
    from .service import Service
    from .stack import Stack
    from .written import Written

_DOCKER: Final = "docker"
_RANCHER: Final = "rancher"


class _Field(NamedTuple):
    """A field of the metadata: the file and the option it is from, and its attribute here."""

    file: str
    option: str
    attribute: str


_NAME: Final = _Field(_DOCKER, "", "name")
_OF_SERVICES: Final[Mapping[str, _Field]] = {
    "expose": _Field(_DOCKER, "expose", "expose"),
    "external_ips": _Field(_RANCHER, "external_ips", "external_ips"),
    "health_check": _Field(_RANCHER, "health_check", "health_check"),
    "hostname": _Field(_RANCHER, "hostname", "external_hostname"),
    "labels": _Field(_DOCKER, "labels", "labels"),
    "lb_config": _Field(_RANCHER, "lb_config", "lb_config"),
    "links": _Field(_DOCKER, "links", "links"),
    "metadata": _Field(_RANCHER, "metadata", "metadata"),
    "ports": _Field(_DOCKER, "ports", "ports"),
    "scale": _Field(_RANCHER, "scale", "scale"),
}
_OF_CONTAINERS: Final[Mapping[str, _Field]] = {
    "hostname": _Field(_DOCKER, "hostname", "hostname"),
    "labels": _Field(_DOCKER, "labels", "labels"),
    "ports": _Field(_DOCKER, "ports", "ports"),
}


def place_of(stack: Stack, key: str, container: Container | None = None) -> tuple[str, int] | None:
    """Return the compose file and the line that a value of the metadata was written on.

    Args:
        stack: the stack that was loaded, and changed since.
        key: the key without the version, such as `/self/service/metadata/port`.
        container: the container that asks; None for a client that is not in the stack.

    Returns:
        the file and the line, from 1; None if the value is not from a file, as an address is not,
        or was changed since it was read.

    >>> from metadata_client.compose import load
    >>> stack = load("examples/galera", env={"mysql_root_password": "s3cret"})
    >>> place_of(stack, "/self/service/scale", stack.container("galera_galera_1"))
    ('examples/galera/rancher-compose.yml', 2)
    >>> place_of(stack, "/self/container/primary_ip", stack.container("galera_galera_1"))
    """
    found = _found(stack, key.strip("/").split("/"), container)
    if found is None or stack.written is None:
        return None
    service, field, rest = found
    value, before = _value(service, field, rest), stack.written.services.get(service.name)
    if value is None or before is None or _value(before, field, rest) != value:
        return None
    return _located(stack.written, service, field, rest)


def _found(
    stack: Stack, names: list[str], container: Container | None
) -> tuple[Service, _Field, list[str]] | None:
    """Return the service that a key is about, the field of it, and the names below that."""
    services = {one.name.lower(): one for one in stack.services}
    own = None if container is None else services.get(container.service.lower())
    service, fields, rest = _subject(_in_stack(names, stack), stack, services, own)
    if service is None or not rest:
        return None
    if rest[0] == "metadata":
        service = services[service.primary.lower()]
    if rest == ["name"] and fields is _OF_SERVICES:
        return service, _NAME, []
    field = fields.get(rest[0])
    return None if field is None else (service, field, rest[1:])


def _in_stack(names: list[str], stack: Stack) -> list[str]:
    """Return the names of a key below those of its own stack."""
    match names:
        case ["self", "stack", *rest]:
            return rest
        case ["stacks", name, *rest] if name.lower() == stack.name.lower():
            return rest
    return names


def _subject(
    names: list[str], stack: Stack, services: Mapping[str, Service], own: Service | None
) -> tuple[Service | None, Mapping[str, _Field], list[str]]:
    """Return the service of a key, the fields of it or of its containers, and the names left."""
    containers = {one.name.lower(): services.get(one.service.lower()) for one in stack.members}
    match names:
        case (
            ["self", "service", "containers", name, *rest]
            | ["containers", name, *rest]
            | [
                "services",
                _,
                "containers",
                name,
                *rest,
            ]
        ):
            return containers.get(name.lower()), _OF_CONTAINERS, rest
        case ["self", "service", *rest]:
            return own, _OF_SERVICES, rest
        case ["self", "container", *rest]:
            return own, _OF_CONTAINERS, rest
        case ["services", name, *rest]:
            return services.get(name.lower()), _OF_SERVICES, rest
    return None, {}, []


def _value(service: Service, field: _Field, rest: Sequence[str]) -> object:
    value = getattr(service, field.attribute)
    for name in rest if isinstance(value, Mapping) else ():
        value = dict(_members(value)).get(name)
    return value


def _located(
    written: Written, service: Service, field: _Field, rest: Sequence[str]
) -> tuple[str, int] | None:
    path = written.docker if field.file == _DOCKER else written.rancher
    if path is None:
        return None
    try:
        top = Place(written.expanded.get(str(path)) or read(path))
    except ComposeError:  # the file is gone
        return None
    value = getattr(service, field.attribute)
    for section in (top.at(service.name), top.at("services", service.name)):
        place = section.at(field.option) if field.option else section
        if place.exists():
            return str(path), place.at(*_steps(value, rest)).line()
    return None


def _steps(value: object, rest: Sequence[str]) -> list[Key]:
    """Return the way to a value in its file: elements of lists have indexes there, not names."""
    steps: list[Key] = []
    for name in rest:
        members = _members(value)
        at = next((i for i, (one, _) in enumerate(members) if one == name), None)
        steps.append(at if at is not None and not isinstance(value, Mapping) else name)
        value = None if at is None else members[at][1]
    return steps


def _members(value: object) -> list[tuple[str, object]]:
    """Return the members of a map or a list by the names that they have in keys."""
    if isinstance(value, Mapping):
        return [(str(name), member) for name, member in value.items()]
    if isinstance(value, list | tuple):
        return [(_element_name(one) or str(i), one) for i, one in enumerate(value)]
    return []


def _element_name(element: object) -> str:
    name = element.get("name") if isinstance(element, Mapping) else None
    return name if isinstance(name, str) else ""
