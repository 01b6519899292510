"""The value that says through whose eyes a template sees a stack, and by the rules of which confd.

Makes the scene of a template for a viewer; renders nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypedDict

from confd_lib.backends.simulated import Prepared, Values, View
from confd_lib.errors import ConfdError
from confd_lib.store.store import Store
from confd_lib.testing.files import instead
from confd_lib.testing.scene import Scene
from gotmpl.arguments import described
from metadata_client.compose import Container, Environment, Stack

if TYPE_CHECKING:
    from pathlib import Path

    from confd_lib.confdir.resource import TemplateResource

Functions = Mapping[str, Callable[..., object]]


class WrongArgument(ConfdError, TypeError):
    """An argument of a test does not exist, or has the wrong type."""


class Rules(TypedDict, total=False):
    """The choices beside the container.

    Attributes:
        version: the version of the metadata; `latest` by default.
        compat: as for `confd_lib.render`.
        funcs: as for `confd_lib.render`.
        without: as for `confd_lib.render`.
        changed: other values of some keys, as the template asks for them.
    """

    version: str
    compat: str
    funcs: Functions | None
    without: Collection[str]
    changed: Mapping[str, str]


class Look(Rules, total=False):
    """The choices of one call, instead of those of `Bench.as_`.

    Attributes:
        as_: the container of the stack that asks, or its name; None for a client that is not in the
            stack.
    """

    as_: Container | str | None


@dataclass(frozen=True, slots=True)
class Viewer:
    """A client that asks for metadata, and the rules by which templates are rendered for it.

    Attributes:
        container: the container of the stack that asks, or its name; None for a client that is not
            in the stack.
        version: the version of the metadata.
        compat: as for `confd_lib.render`.
        funcs: as for `confd_lib.render`.
        without: as for `confd_lib.render`.
        changed: other values of some keys, as the template asks for them.
    """

    container: Container | str | None = None
    version: str = "latest"
    compat: str = ""
    funcs: Functions | None = None
    without: Collection[str] = ()
    changed: Mapping[str, str] = field(default_factory=dict)

    def looking(self, look: Mapping[str, Any], *others: str) -> Viewer:
        """Return the viewer with the choices of `look`, a `Look`.

        Args:
            look: the choices.
            others: the names of further arguments, one of which may be meant.

        Raises:
            WrongArgument: there is no such argument, or it has the wrong type.

        >>> str(Viewer("shop_web_1").looking({"version": "2015-12-19"}))
        'shop_web_1, version 2015-12-19'
        >>> Viewer().looking({"verson": "latest"})
        Traceback (most recent call last):
        confd_lib.testing.viewers.WrongArgument: there is no argument verson; did you mean version?
        """
        for name in look:
            if name not in _FIELDS:
                said = instead(name, (*_FIELDS, *others))
                raise WrongArgument(f"there is no argument {name}; {said}")
        if not isinstance(look.get("as_"), Container | str | None):
            raise WrongArgument(f"as_ is a container of a stack or its name, not {look['as_']!r}")
        for name, kind, words in _KINDS:
            if name in look and not isinstance(look[name], kind):
                raise WrongArgument(f"{name} is {words}, not {described(look[name])}")
        return replace(self, **{_FIELDS[name]: value for name, value in look.items()})

    def store_of(self, values: Values, resource: TemplateResource) -> Store:
        """Return the store of the keys that a resource lists, as the viewer sees them.

        Raises:
            ConfdError: the container or version does not exist, or the container has no address.
        """
        return self._view(values).store_of(resource)

    def scene(self, path: Path, values: Values, data: object = None) -> Scene:
        """Return a template with the store of all keys that the viewer sees.

        Args:
            path: its file.
            values: the values.
            data: the value of `.` in the template.

        Raises:
            ConfdError: as for `store_of`.
        """
        view = self._view(values)
        rules = (self.compat, self.funcs, self.without)
        stranger = view.is_of_a_stranger
        return Scene(path, view.store(), *rules, data, origin=view.place, is_of_a_stranger=stranger)

    def scene_of(
        self, resource: TemplateResource, files: Sequence[Path], values: Values, name: str | None
    ) -> Scene:
        """Return the template of a resource with the store of the keys that it lists.

        Args:
            resource: the resource.
            files: the files of its template, the last of which is the template itself.
            values: the values.
            name: the name for which it is rendered; None for a resource without `each`.

        Raises:
            ConfdError: as for `store_of`.
        """
        view = self._view(values)
        rules = (self.compat, self.funcs, self.without)
        store, whole = view.store_of(resource), view.whole_of(resource)
        origin = partial(view.place, resource=resource)
        *parts, path = files
        of_name = (name, tuple(parts), resource)
        return Scene(path, store, *rules, *of_name, whole, origin, view.is_of_a_stranger)

    def _view(self, values: Values) -> View:
        _check_values(values)
        return View(values, self.container, self.version, self.changed)

    @property
    def name(self) -> str:
        """The name of the container; empty for a client that is not in the stack."""
        one = self.container
        return one or "" if one is None or isinstance(one, str) else one.name

    def __str__(self) -> str:
        return ", ".join([*([self.name] if self.name else []), f"version {self.version}"])


def _check_values(values: object) -> None:
    if not isinstance(values, Store | Mapping | Stack | Environment | Prepared):
        raise WrongArgument(
            f"values are a mapping, a store, a stack or an environment, not {described(values)}"
        )


# The names of the choices, with those of the fields.
_FIELDS: Final = {
    "as_": "container",
    "version": "version",
    "compat": "compat",
    "funcs": "funcs",
    "without": "without",
    "changed": "changed",
}
# Choices that a wrong type would turn into others without a word, with their types.
_KINDS: Final[Sequence[tuple[str, type, str]]] = (
    ("version", str, "a text"),
    ("changed", Mapping, "a mapping of values by key"),
)
