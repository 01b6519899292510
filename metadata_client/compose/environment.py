"""Several stacks in one environment, on several hosts.

Here stacks meet: external links are resolved, no address is used twice, and services that run
everywhere get a container for every host. Knows nothing of files.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gotmpl.arguments import checked, described
from metadata_client.nearest import instead

from . import documents
from .errors import ComposeError
from .identity import Host, free_address
from .stack import Stack

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from metadata_client.answers import Answers


@checked
@dataclass(frozen=True, slots=True)
class Environment:
    """Stacks and hosts at one moment.

    Attributes:
        stacks: the stacks.
        hosts: the number of hosts; deployments are spread over them in turn.
        name: the environment's name, as typed.

    Raises:
        ComposeError: two stacks have the same name, a link leads to an unknown stack or service,
            two containers were given the same address, or `hosts` is below 1.
        TypeError: something else than a stack is given.
    """

    stacks: Sequence[Stack]
    hosts: int = 1
    name: str = "Default"

    def __post_init__(self) -> None:
        if self.hosts < 1:
            raise ComposeError(f"an environment needs a host, not {self.hosts}")
        stacks = tuple(self.stacks)
        for stack in stacks:
            if not isinstance(stack, Stack):
                raise TypeError(f"an environment has stacks, not {described(stack)}")
        _check_names(stacks)
        _check_links(stacks)
        spread = (_everywhere(stack, self.hosts) for stack in stacks)
        object.__setattr__(self, "stacks", tuple(_apart(spread)))

    @property
    def version(self) -> str:
        """The version of this content in the metadata."""
        return documents.version(self.stacks, self._machines(), self.name)

    def answers(self) -> Answers:
        """Return the answers that the metadata service gives to every container."""
        return documents.answers(self.stacks, self._machines(), self.name)

    def _machines(self) -> tuple[Host, ...]:
        return tuple(Host(number + 1) for number in range(self.hosts))


def _check_names(stacks: Iterable[Stack]) -> None:
    names = set()
    for stack in stacks:
        # The newest version of the metadata shows names in lower case.
        if stack.name.lower() in names:
            raise ComposeError(f"two stacks are named {stack.name}")
        names.add(stack.name.lower())


def _check_links(stacks: Sequence[Stack]) -> None:
    there = {stack.name: {one.name for one in stack.services} for stack in stacks}
    for stack in stacks:
        for link in (link for one in stack.services for link in one.links if "/" in link.target):
            other, _, service = link.target.partition("/")
            if other not in there:
                raise ComposeError(f"Failed to find stack: {other}{instead(other, there)}")
            if service not in there[other]:
                near = instead(service, there[other])
                raise ComposeError(f"Failed to find service {link.target} to link to{near}")


def _everywhere(stack: Stack, hosts: int) -> Stack:
    here = (one for one in stack.services if one.everywhere and one.is_primary)
    return stack.scaled({one.name: hosts for one in here if one.scale != hosts})


def _apart(stacks: Iterable[Stack]) -> Iterator[Stack]:
    """Yield the stacks; where an address is taken, the later stack gets another."""
    taken: set[str] = set()
    for stack in stacks:
        own = {one.address for one in stack.members if one.address}
        used = taken | own
        moved = {}
        for address in sorted(taken & own):
            if address in stack.addresses.values():
                raise ComposeError(f"two containers were given the address {address}")
            moved[address] = free_address(f"{stack.name}/{address}", used)
            used.add(moved[address])
        yield stack.readdressed(moved)
        taken = used
