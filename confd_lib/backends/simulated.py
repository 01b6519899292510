"""The values that a template sees: given ones, or the metadata of a simulated container.

Only this module makes a store from a stack, a container and a version of the metadata. It does not
know templates.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from confd_lib.errors import ConfdError
from confd_lib.golang.path import join
from confd_lib.store.levels import climbs
from confd_lib.store.store import Store
from gotmpl import did_you_mean, near
from metadata_client.compose import Environment, place_of

if TYPE_CHECKING:
    from confd_lib.confdir.resource import TemplateResource
    from metadata_client import Answers
    from metadata_client.compose import Container, Stack


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A stack with its answers, which are made once for all who ask.

    Attributes:
        stack: the stack.
        members: its containers, by name.
        made: the answers for it.
        climbing: whether a name in a part of the answers contains `..`, by the identity of the
            part: containers share most parts, and the answers keep all of them.
    """

    stack: Stack
    members: Mapping[str, Container]
    made: Answers
    climbing: dict[int, bool] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, stack: Stack) -> Prepared:
        """Return a stack prepared for many views."""
        return cls(stack, {one.name: one for one in stack.containers()}, stack.answers())

    def answers(self) -> Answers:
        """Return the answers of the metadata service for the stack."""
        return self.made

    def climbs(self, tree: Mapping[str, object]) -> bool:
        """Return whether a name in what a container sees contains `..`."""
        own = tree.get("self")
        below = own if isinstance(own, Mapping) else {}
        parts = [part for part in (*tree.values(), *below.values()) if part is not own]
        names = dict.fromkeys([*tree, *below])
        return climbs(names) or any(map(self._climbs, parts))

    def _climbs(self, part: object) -> bool:
        if id(part) not in self.climbing:
            self.climbing[id(part)] = climbs(part)
        return self.climbing[id(part)]


Simulation: TypeAlias = "Stack | Environment"
"""A stack, or an environment of several."""

Values: TypeAlias = "Store | Mapping[str, object] | Simulation"
"""A store, a tree of values, or a simulation."""

_Answering: TypeAlias = "Simulation | Prepared"


def with_changes(
    store: Store, changed: Mapping[str, str], keys: Sequence[str] | None = None
) -> Store:
    """Return a store with other values of some keys.

    Args:
        store: the store.
        changed: the values by key; a key may be new.
        keys: those that a resource lists: others stay out of its sight; None for all.

    >>> store = with_changes(Store({"/port": 80}), {"/port": "81", "/tls/key": "k"}, ["/port"])
    >>> dict(store.items())
    {'/port': '81'}
    """
    if not changed:
        return store
    return Store.layered([store, Store(changed).view("/", keys)])


@dataclass(frozen=True, slots=True)
class View:
    """Values as one container sees them.

    Attributes:
        values: all values.
        container: the container that asks; None for a client that is not in the stack, or if all
            clients see the same values.
        version: the version of the metadata.
        changed: other values of some keys, as the template asks for them.
    """

    values: Values | Prepared
    container: Container | str | None = None
    version: str = "latest"
    changed: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_of_a_stranger(self) -> bool:
        """Whether a client asks that is no container of the simulation, and so lacks `/self`."""
        return self.container is None and not isinstance(self.values, Store | Mapping)

    def store(self) -> Store:
        """Return a store of all keys.

        Raises:
            ConfdError: the container or version does not exist, or the container has no address.

        >>> View({"/port": 80}).store().getv("/port")
        '80'
        """
        return with_changes(self._store(), self.changed)

    def store_of(self, resource: TemplateResource) -> Store:
        """Return a store of the keys that a resource lists, without its prefix.

        A prefix that begins with a version of the metadata selects that version, as in the URLs of
        the service.
        """
        return self._below(resource, resource.keys)

    def whole_of(self, resource: TemplateResource) -> Store:
        """Return a store of all keys, without the prefix of a resource."""
        return self._below(resource, None)

    def own(self, resource: TemplateResource) -> Mapping[str, object]:
        """Return what a resource sees below `/self`; nothing if all clients see the same values.

        Containers of one service share its part: it is the same object.
        """
        if isinstance(self.values, Store | Mapping):
            return {}
        version, _ = self._version_and_prefix(self.values, resource)
        own = self._tree(self.values, version).get("self")
        return own if isinstance(own, Mapping) else {}

    def place(self, key: str, resource: TemplateResource | None = None) -> tuple[str, int] | None:
        """Return the compose file and the line on which the value of a key was written.

        Args:
            key: as the template asks for it.
            resource: the resource whose template asks; None for a template without one.

        Returns:
            the file and the line; None if the value is not from a file.
        """
        if isinstance(self.values, Store | Mapping) or key in self.changed:
            return None
        prefix = self._version_and_prefix(self.values, resource)[1] if resource else "/"
        container = None if self.container is None else _find(self.values, self.container)
        places = (place_of(one, join(prefix, key), container) for one in _stacks(self.values))
        return next(filter(None, places), None)

    def _store(self) -> Store:
        if isinstance(self.values, Store):
            return self.values
        if isinstance(self.values, Mapping):
            return Store(self.values)
        return self._of_tree(self.values, self.version)

    def _below(self, resource: TemplateResource, keys: Sequence[str] | None) -> Store:
        return with_changes(self._unchanged(resource, keys), self.changed, keys)

    def _unchanged(self, resource: TemplateResource, keys: Sequence[str] | None) -> Store:
        if isinstance(self.values, Store | Mapping):
            return self._store().view(resource.full_prefix("", joined=False), keys)
        version, prefix = self._version_and_prefix(self.values, resource)
        return self._of_tree(self.values, version).view(prefix, keys)

    def _of_tree(self, simulation: _Answering, version: str) -> Store:
        tree = self._tree(simulation, version)
        known = simulation.climbs(tree) if isinstance(simulation, Prepared) else None
        return Store(tree, climbs=known)

    def _version_and_prefix(
        self, simulation: _Answering, resource: TemplateResource
    ) -> tuple[str, str]:
        first, _, rest = resource.prefix.strip("/").partition("/")
        if first in simulation.answers().versions():
            return first, join("/", rest)
        return self.version, join("/", resource.prefix)

    def _tree(self, simulation: _Answering, version: str) -> Mapping[str, object]:
        tree = simulation.answers().tree(version, self._address(simulation))
        if tree is None:
            have = _instead(version, simulation.answers().versions())
            raise ConfdError(f"no version {version} of the metadata; {have}")
        return tree

    def _address(self, simulation: _Answering) -> str:
        if self.container is None:
            return "default"
        container = _find(simulation, self.container)
        if container.address is None:
            raise ConfdError(f"container {container.name} has no address to ask from")
        return container.address


def _stacks(simulation: _Answering) -> Sequence[Stack]:
    if isinstance(simulation, Environment):
        return simulation.stacks
    return (simulation.stack if isinstance(simulation, Prepared) else simulation,)


def _members(simulation: _Answering) -> Mapping[str, Container]:
    if isinstance(simulation, Prepared):
        return simulation.members
    return {one.name: one for stack in _stacks(simulation) for one in stack.containers()}


def _find(simulation: _Answering, container: Container | str) -> Container:
    # By its name: the simulation may have lost it, or given it another address.
    name = container if isinstance(container, str) else container.name
    members = _members(simulation)
    if name not in members:
        raise ConfdError(f"no container {name}; {_instead(name, members)}")
    return members[name]


def _instead(name: str, names: Collection[str]) -> str:
    return did_you_mean(near(name, names)) or f"there are {', '.join(names) or 'none'}"
