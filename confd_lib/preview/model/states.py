"""The state of a view, as it stands in the address of the page: a view can be shared by its URL.

Knows nothing of stacks and templates: that a name exists is checked by who uses it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from confd_lib.errors import ConfdError
from confd_lib.golang.path import join
from gotmpl import did_you_mean, near

if TYPE_CHECKING:
    from collections.abc import Mapping

LATEST: Final = "latest"
"""The version of the metadata that a state without one means."""
DISK: Final = "disk"
LAST: Final = "last"

_PLAIN: Final = ("resource", "container", "version", "against")
_SCALE: Final = "scale."
_SET: Final = "set."
_ANSWER: Final = "answer."
# More containers of one service would take seconds, and no page could show them.
_MOST_CONTAINERS: Final = 2000

Pairs = tuple[tuple[str, str], ...]
"""Names and values, sorted by name."""


class StateError(ConfdError):
    """A parameter of the address is unknown, or its value cannot be used; `str()` is one line."""


@dataclass(frozen=True, slots=True)
class State:
    """The state of a view.

    Attributes:
        resource: the name of the resource; empty for the first.
        container: the name of the container; empty for the first.
        version: the version of the metadata.
        scales: the numbers of containers that differ from those in the files, by service.
        changed: the values that were changed by hand, by cleaned key.
        answers: the answers to the questions of a catalog's entry, by variable.
        against: what the output is compared with: `last` or `disk`.
    """

    resource: str = ""
    container: str = ""
    version: str = LATEST
    scales: tuple[tuple[str, int], ...] = ()
    changed: Pairs = ()
    answers: Pairs = ()
    against: str = LAST

    @classmethod
    def parse(cls, parameters: Iterable[tuple[str, str]]) -> State:
        """Read the parameters of an address; of one that is repeated, the last counts.

        Raises:
            StateError: a parameter is unknown, or its value cannot be used.

        >>> state = State.parse([("resource", "a.toml"), ("scale.web", "3"), ("set./port", "81")])
        >>> state.scales, state.changed
        ((('web', 3),), (('/port', '81'),))
        """
        given = {name: value for name, value in parameters if value or not _is_plain(name)}
        groups = {prefix: _group(given, prefix) for prefix in (_SCALE, _SET, _ANSWER)}
        plain = {name: value for name, value in given.items() if _is_plain(name)}
        for name in given:
            if not _is_plain(name) and not name.startswith(tuple(groups)):
                known = (*_PLAIN, *(f"{prefix}NAME" for prefix in groups))
                hint = did_you_mean(near(name, _PLAIN)) or f"there are {', '.join(known)}"
                raise StateError(f"there is no parameter {name!r}; {hint}")
        if plain.get("against", LAST) not in (LAST, DISK):
            raise StateError(f"against={plain['against']}: it is {LAST} or {DISK}")
        changed = {join("/", key): value for key, value in groups[_SET]}
        scales = tuple((name, _scale(name, text)) for name, text in groups[_SCALE])
        return cls(
            scales=scales, changed=tuple(sorted(changed.items())), answers=groups[_ANSWER], **plain
        )

    def parameters(self) -> dict[str, str]:
        """Return the parameters of the address, without those that mean the default.

        >>> State("a.toml", scales=(("web", 3),)).parameters()
        {'resource': 'a.toml', 'scale.web': '3'}
        """
        return dict(self._parameters())

    def _parameters(self) -> Iterator[tuple[str, str]]:
        default = State()
        plain = ((name, getattr(self, name)) for name in _PLAIN)
        yield from ((name, value) for name, value in plain if value != getattr(default, name))
        yield from ((f"{_SCALE}{name}", str(scale)) for name, scale in self.scales)
        yield from ((f"{_SET}{key}", value) for key, value in self.changed)
        yield from ((f"{_ANSWER}{name}", value) for name, value in self.answers)


def _is_plain(name: str) -> bool:
    return name in _PLAIN


def _group(given: Mapping[str, str], prefix: str) -> Pairs:
    """Return the parameters of a group by their names without the prefix of the group."""
    found = ((name, value) for name, value in given.items() if name.startswith(prefix))
    return tuple(sorted((name.removeprefix(prefix), value) for name, value in found))


def _scale(service: str, text: str) -> int:
    is_number = text.isascii() and text.isdigit() and len(text) <= len(str(_MOST_CONTAINERS))
    if not is_number or int(text) > _MOST_CONTAINERS:
        wanted = f"a whole number from 0 to {_MOST_CONTAINERS}"
        raise StateError(f"{_SCALE}{service}={text}: it is not {wanted}")
    return int(text)
