"""A stack: its services and the containers that run for them; every change makes a new stack.

Does to containers what Rancher's scheduler and its API do: create and remove them, and change their
states. Knows nothing of files, or of the documents of the metadata service.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import count, islice
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Protocol

from gotmpl.arguments import checked
from metadata_client.nearest import instead

from . import documents
from .container import RUNNING, STOPPED, Container, Unit, deploy, well
from .convert import converted
from .errors import ComposeError
from .identity import Host

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from metadata_client.answers import Answers

    from .catalog.questions import Question
    from .service import Service
    from .written import Written

_MOST_NAMED: Final = 10  # names in a message
_NONE: Final[Mapping[str, int]] = MappingProxyType({})


class _Printer(Protocol):
    def text(self, text: str, /) -> None: ...


@dataclass(frozen=True, slots=True, repr=False)
class Stack:
    """A stack as it runs at one moment.

    Stacks with the same content are equal and have the same `version`, however they came about.

    Attributes:
        name: the stack's name, as typed.
        services: the services of its compose files, in their order.
        members: its containers, by service and in the order of their creation.
        created: the number of containers that each service has had; `create_index` counts on.
        addresses: the addresses that were chosen by hand, by container.
        written: the compose files and what they say, for `place_of`; None if it was not loaded.
        questions: the questions of the catalog's entry that it is a version of.
        answers_given: the answers to them that were given, by variable.
    """

    name: str
    services: tuple[Service, ...]
    members: tuple[Container, ...] = ()
    created: Mapping[str, int] = field(default_factory=dict)
    addresses: Mapping[str, str] = field(default_factory=dict)
    written: Written | None = field(default=None, compare=False)
    questions: tuple[Question, ...] = field(default=(), compare=False)
    answers_given: Mapping[str, str] = field(default_factory=dict, compare=False)

    def __repr__(self) -> str:
        return f"<Stack {self.name}: {', '.join(map(str, self.members)) or 'no containers'}>"

    def _repr_pretty_(self, printer: _Printer, _cycle: bool) -> None:
        # Without this, Hypothesis and IPython print every field of every container.
        printer.text(repr(self))

    @property
    def version(self) -> str:
        """The version of this content in the metadata of an environment with this stack alone."""
        return documents.version((self,), (Host(1),))

    def answers(self) -> Answers:
        """Return the answers of the metadata service for this stack alone, on one host."""
        return documents.answers((self,), (Host(1),))

    def containers(self, service: str | None = None) -> tuple[Container, ...]:
        """Return the containers of a service, in the order of their creation; without one, all.

        Raises:
            ComposeError: there is no such service.
        """
        if service is None:
            return self.members
        self._defined(service)
        return tuple(member for member in self.members if member.service == service)

    def container(self, name: str) -> Container:
        """Return the container with this name.

        Raises:
            ComposeError: there is no such container.
        """
        for member in self.members:
            if member.name == name:
                return member
        there = _instead(name, [member.name for member in self.members])
        raise ComposeError(f"Failed to find container {name} in stack {self.name}{there}")

    # -- Containers that come and go

    def scaled(self, scales: Mapping[str, int] = _NONE, /, **more: int) -> Stack:
        """Return the stack with other numbers of containers.

        Containers that stay keep their identity. New ones take the lowest free names and get a
        `create_index` that was never used; if there are too many, the youngest are removed.
        Services that are not named stay as they are.

        Args:
            scales: the scales by service, also for names that are no Python identifiers.
            more: further scales by service.

        Raises:
            ComposeError: there is no such service, or its scale is no whole number from 0 on.
        """
        wanted = {**scales, **more}
        there = [one.name for one in self.services if one.is_primary]
        for name, scale in wanted.items():
            if name not in there:
                raise ComposeError(
                    f"Failed to find {name} to scale{self._scaled_with(name, there)}"
                )
            _check_scale(name, scale)
        services = (replace(one, scale=wanted.get(one.primary, one.scale)) for one in self.services)
        return replace(self, services=tuple(services))._settled(wanted)

    def _scaled_with(self, name: str, there: Sequence[str]) -> str:
        """Return the end of a message: what is to be scaled instead of a name."""
        for one in self.services:
            if one.name == name:
                return f"; it is a sidekick, which is scaled with {one.primary}"
        return _instead(name, there)

    def redefined(self, defined: Stack) -> Stack:
        """Return the stack with the services of another, as after an upgrade by rancher-compose.

        Containers keep their identity and their state where their service, and those that are
        deployed with it, keep their networks; the others are replaced.

        Args:
            defined: the stack whose services and scales count, such as one that is loaded again.

        >>> from metadata_client import compose
        >>> stack, other = (compose.load("examples/testing", scale={"web": n}) for n in (2, 3))
        >>> [one.create_index for one in stack.scaled(web=1).redefined(other).containers("web")]
        [1, 3, 4]
        """
        kept = {
            one.name
            for one in defined.services
            if _networks(self, one.name) == _networks(defined, one.name)
        }
        members = (self._redefined(one, defined) for one in self.members if one.primary in kept)
        created = {one.name: self.created.get(one.name, 0) for one in defined.services}
        return replace(
            self,
            services=defined.services,
            members=tuple(members),
            created=created,
            written=defined.written,
        ).settled()

    def _redefined(self, member: Container, defined: Stack) -> Container:
        """Return a container with the health state of a new definition, if it was well."""
        was_well = member.health_state == well(self._defined(member.service))
        health = well(defined._defined(member.service)) if was_well else member.health_state
        return replace(member, health_state=health)

    def launched(self, scales: Mapping[str, int] = _NONE) -> Stack:
        """Return the stack as Rancher first creates it, without what it had before.

        Args:
            scales: the scales that count instead of those of its services.

        Raises:
            ComposeError: as `scaled` does.

        >>> from metadata_client import compose
        >>> stack = compose.load("examples/testing").scaled(web=1).launched({"web": 2})
        >>> [one.create_index for one in stack.containers("web")]
        [1, 2]
        """
        return replace(self, members=(), created={}).scaled(scales).settled()

    def settled(self) -> Stack:
        """Return the stack after Rancher has created and removed containers to match its scales."""
        return self._settled({one.primary for one in self.services})

    def _settled(self, primaries: Collection[str]) -> Stack:
        stack = self
        for service in self.services:
            if service.name in primaries and service.is_primary and service.has_containers:
                stack = stack._deployed(service)
        return stack

    def without(self, container: str) -> Stack:
        """Return the stack without a container and those that are deployed with it.

        The scale does not change: `settled`, or `scaled` to the same number, brings a container
        of the same name, but with a `create_index`, a uuid and an address of its own.

        Raises:
            ComposeError: there is no such container.
        """
        unit = self.container(container).unit
        return replace(self, members=tuple(one for one in self.members if one.unit != unit))

    # -- Changes of what is there

    def with_metadata(
        self, service: str, metadata: Mapping[str, object] | None = None, /, **more: object
    ) -> Stack:
        """Return the stack with new values for some keys of the metadata of a service.

        Args:
            service: the service; for a sidekick, the metadata of its primary are changed.
            metadata: the new values by key, also for keys that are no Python identifiers.
            more: further values by key.

        Raises:
            ComposeError: there is no such service, or a value that JSON cannot hold.
        """
        primary = self._defined(service).primary
        try:
            new = {key: converted(value) for key, value in {**(metadata or {}), **more}.items()}
        except ValueError as error:
            raise ComposeError(str(error)) from error
        services = (
            replace(one, metadata={**one.metadata, **new}) if one.name == primary else one
            for one in self.services
        )
        return replace(self, services=tuple(services))

    def started(self, container: str, *, health: str | None = None) -> Stack:
        """Return the stack with a container that runs, in this health state.

        Args:
            container: its name. If it was stopped, its `start_count` goes up.
            health: `healthy`, `unhealthy`, `initializing` …; by default `healthy`, or None for a
                service without a health check.

        Raises:
            ComposeError: there is no such container.
        """
        old = self.container(container)
        new = replace(
            old,
            state=RUNNING,
            health_state=health or well(self._defined(old.service)),
            start_count=old.start_count + (old.state != RUNNING),
        )
        return self._exchanged({old: new})

    def stopped(self, container: str) -> Stack:
        """Return the stack with a container that does not run; it stays listed, with its address.

        Raises:
            ComposeError: there is no such container.
        """
        old = self.container(container)
        return self._exchanged({old: replace(old, state=STOPPED, health_state=None)})

    @checked
    def readdressed(self, addresses: Mapping[str, str]) -> Stack:
        """Return the stack in which each address that is a key of `addresses` is replaced."""
        changed = {
            one: replace(one, address=addresses[one.address])
            for one in self.members
            if one.address is not None and one.address in addresses
        }
        return self._exchanged(changed)

    def _exchanged(self, new: Mapping[Container, Container]) -> Stack:
        return replace(self, members=tuple(new.get(one, one) for one in self.members))

    def _defined(self, service: str) -> Service:
        for one in self.services:
            if one.name == service:
                return one
        there = _instead(service, [one.name for one in self.services])
        raise ComposeError(f"Failed to find service {service} in stack {self.name}{there}")

    def _deployed(self, primary: Service) -> Stack:
        """Return the stack with as many deployments of `primary` as its scale, the oldest kept."""
        deployed = (one for one in self.services if one.primary == primary.name)
        launched = sorted(deployed, key=lambda one: not one.is_primary)
        own = [one for one in self.members if one.primary == primary.name]
        numbers = dict(sorted((one.create_index, one.service_index) for one in own))
        kept = dict(islice(numbers.items(), primary.scale))
        free = (number for number in count(1) if number not in kept.values())
        created = self.created.get(primary.name, 0)
        taken = {one.address for one in self.members if one.address} | {*self.addresses.values()}
        new: list[Container] = []
        for index in islice(free, primary.scale - len(kept)):
            created += 1
            unit = Unit(self.name, index, created)
            new += deploy(launched, unit, given=self.addresses, taken=taken)
        stay = (
            one for one in self.members if one.primary != primary.name or one.create_index in kept
        )
        return replace(
            self,
            members=self._ordered([*stay, *new]),
            created={**self.created, primary.name: created},
        )

    def _ordered(self, members: Iterable[Container]) -> tuple[Container, ...]:
        place = {one.name: number for number, one in enumerate(self.services)}
        order = sorted(members, key=lambda one: (place[one.service], one.primary, one.create_index))
        return tuple(order)


def _networks(stack: Stack, primary: str) -> list[tuple[object, ...]]:
    """Return the networks of the services that are deployed together, by the name of each."""
    return sorted(
        (one.name, one.has_containers, one.network, one.network_from or "")
        for one in stack.services
        if one.primary == primary
    )


def _instead(name: object, names: Sequence[str]) -> str:
    """Return the end of a message: the nearest name, and the first of those that there are."""
    more = " and more" if len(names) > _MOST_NAMED else ""
    there = f"; there are {', '.join(names[:_MOST_NAMED])}{more}" if names else ""
    return f"{instead(name, names)}{there}"


def _check_scale(service: str, scale: object) -> None:
    if not isinstance(scale, int):
        raise ComposeError(f"Failed to scale {service} to {scale!r}: it is no whole number")
    if scale < 0:
        raise ComposeError(f"Failed to scale {service} to {scale}: it is below 0")
