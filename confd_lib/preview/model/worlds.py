"""The values that previews are rendered with: those of a stack as it is scaled, or of a store.

Knows nothing of templates, nor of flags: where a stack or a store comes from is a function.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from confd_lib.backends.simulated import Prepared, View, with_changes
from confd_lib.preview.model import records
from confd_lib.preview.model.states import LATEST, StateError
from metadata_client import compose

if TYPE_CHECKING:
    from pathlib import Path

    from confd_lib.confdir.resource import TemplateResource
    from confd_lib.preview.model.pins import Values
    from confd_lib.preview.model.scene import Scene
    from confd_lib.preview.model.states import State
    from confd_lib.store.store import Store
    from metadata_client.compose import Question, Stack

Lookup = Callable[["TemplateResource"], "tuple[Store, Store]"]
"""Returns the keys that a resource sees, and all that are known."""


class World(Protocol):
    """The values of one state, as each container sees them."""

    @property
    def controls(self) -> records.Controls:
        """The choices that the values leave: containers, versions, services and questions."""

    def stores(self, resource: TemplateResource, state: State) -> tuple[Store, Store]:
        """Return the keys that a resource sees, and all that are known, with the changes by hand.

        Raises:
            ConfdError: there is no such container or version.
        """

    def own(self, resource: TemplateResource, state: State) -> Mapping[str, object]:
        """Return the parts below `/self` that a container sees, which others may share."""


class Source(Protocol):
    """Where the values come from."""

    def world(self, resources: Sequence[TemplateResource], state: State) -> World:
        """Return the values of a state.

        Raises:
            ConfdError: a store does not answer, or the state names what is not there.
            MetadataError: the stack cannot be loaded, or has no such service.
        """

    def files(self) -> Iterable[Path]:
        """Return the files on which the values depend."""

    def pinned(self, scene: Scene) -> Values:
        """Return how a test makes the values of a scene."""


@dataclass(frozen=True, slots=True)
class StackWorld:
    """A stack that runs.

    Attributes:
        prepared: the stack.
        controls: the choices.
    """

    prepared: Prepared
    controls: records.Controls

    @classmethod
    def of(cls, defined: Stack, scales: Mapping[str, int]) -> StackWorld:
        """Return the world of a stack.

        Args:
            defined: the stack with the scales in its files.
            scales: the scales that count instead of those, by service.

        Raises:
            ComposeError: a scale is of no service.
        """
        prepared = Prepared.of(defined.launched(scales))
        return cls(prepared, _controls(defined, prepared))

    def stores(self, resource: TemplateResource, state: State) -> tuple[Store, Store]:
        """Return the keys that a resource sees, and all that are known."""
        view = self._view(state)
        return view.store_of(resource), view.whole_of(resource)

    def own(self, resource: TemplateResource, state: State) -> Mapping[str, object]:
        """Return the parts below `/self` that a container sees."""
        return self._view(state).own(resource)

    def _view(self, state: State) -> View:
        changed = dict(state.changed)
        return View(self.prepared, state.container or None, state.version, changed)


@dataclass(frozen=True, slots=True)
class StoreWorld:
    """The values of a store, which all clients see alike.

    Attributes:
        lookup: returns the keys of a resource.
        controls: the choices: a store has no containers to choose from.
    """

    lookup: Lookup
    controls: records.Controls = field(default_factory=records.Controls)

    def stores(self, resource: TemplateResource, state: State) -> tuple[Store, Store]:
        """Return the keys that a resource sees, and all that are known.

        Raises:
            StateError: the state chooses among what only a stack has.
        """
        of_a_stack = {
            "container": state.container,
            "version": state.version != LATEST,
            "scale": state.scales,
            "answer": state.answers,
        }
        for name, given in of_a_stack.items():
            if given:
                raise StateError(f"{name}: only a stack (--compose DIR) has such a choice")
        store, whole = self.lookup(resource)
        changed = dict(state.changed)
        return with_changes(store, changed, resource.keys), with_changes(whole, changed)

    def own(self, _: TemplateResource, __: State) -> Mapping[str, object]:
        """Return no parts: all clients see the same."""
        return {}


def _controls(defined: Stack, prepared: Prepared) -> records.Controls:
    stack = prepared.stack
    scales = {one.name: one.scale for one in defined.services}
    addressed = (one for one in stack.containers() if one.address)
    scaled = (one for one in stack.services if one.is_primary and one.has_containers)
    return records.Controls(
        containers=tuple(records.Container(one.name, one.service) for one in addressed),
        versions=_newest_first(prepared.answers().versions()),
        services=tuple(records.Service(one.name, one.scale, scales[one.name]) for one in scaled),
        questions=tuple(_question(one, stack.answers_given) for one in stack.questions),
    )


def _newest_first(versions: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted(versions, key=lambda one: (one == LATEST, one), reverse=True))


def _question(asked: Question, given: Mapping[str, str]) -> records.Question:
    taken = {name: getattr(asked, name) for name in _TAKEN}
    answer = given.get(asked.variable, asked.default)
    doubt = "; ".join(one.reason for one in compose.doubts(asked, answer))
    return records.Question(**taken, answer=answer, doubt=doubt)


_TAKEN: Final = ("variable", "label", "description", "type", "default", "options", "required")
