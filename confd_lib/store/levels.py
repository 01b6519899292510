"""One level of a tree of keys, read from a backend's answer when it is first used.

Knows mappings, lists and the rules for their names; it must not know prefixes, patterns or
templates. A mapping whose names are plain is a level as it is, without a copy. A level is built
only where names contain `/`, repeat or clean to nothing.

The answers are those of the flat keys: empty and `.` segments are removed from names, the later of
two values for one key wins, and a key may have a value and keys below it. A name with `..` in it
belongs to another level, so that a tree with such a name has to be flattened first (see `climbs`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Final, TypeGuard

from confd_lib.errors import ConfdError
from confd_lib.golang.json import MAX_DEPTH
from confd_lib.golang.strings import in_byte_order
from confd_lib.store.rules import LEAF_TYPES, KeyRules, is_container, members

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class TooDeep(ConfdError):
    """Values nest deeper than those of any JSON document, or hold themselves."""

    def __str__(self) -> str:
        return f"values nest deeper than {MAX_DEPTH} levels, or hold themselves"


class _Nothing:
    """The type of `NOTHING`."""


NOTHING: Final = _Nothing()


@dataclass(frozen=True, slots=True, eq=False)
class _Layers:
    """The values of one name from several sources; a later one overrides those before it."""

    parts: tuple[object, ...]


class Directory:
    """The keys below one key, and the value of that key if it has one.

    >>> from confd_lib.store.rules import RANCHER
    >>> level = Directory(({"a": {"x": 1, "y": []}, "b/c": 2},), RANCHER)
    >>> level.names(), level.entry("a").names(), level.entry("b").leaf("c")
    (('a', 'b'), ('x',), '2')
    """

    __slots__ = ("_entries", "_made", "_names", "_own", "_sources", "rules")

    def __init__(self, sources: Iterable[object], rules: KeyRules) -> None:
        self.rules = rules
        self._sources = tuple(sources)
        self._entries: Mapping[str, object] | None = None
        self._made: dict[str, Directory] | None = None
        self._names: tuple[str, ...] | None = None
        self._own: object = NOTHING

    @property
    def entries(self) -> Mapping[str, object]:
        """The leaves and the sources of levels by name, as the backend gave them."""
        if self._entries is None:
            self._open()
        return self._entries or {}

    @property
    def own(self) -> str | None:
        """The value stored at this level's own path, if any."""
        if self._entries is None:
            self._open()
        return None if self._own is NOTHING else self.rules.text(self._own)

    def entry(self, name: str) -> object:
        """Return the leaf of a name as the backend gave it, the name's Directory, or NOTHING."""
        if self._made is not None and name in self._made:
            return self._made[name]
        value = self.entries.get(name, NOTHING)
        if not _is_level(value):
            return value
        level = self._level(value)
        if self._made is None:
            self._made = {}
        return self._made.setdefault(name, level)

    def leaf(self, name: str) -> str | None:
        """Return the value of a name; None without one."""
        value = self.entries.get(name, NOTHING)
        if type(value) is str:
            return value
        if value is NOTHING:
            return None
        if _is_level(value):
            level = self.child(name)
            return None if level is None else level.own
        return self.rules.text(value)

    def child(self, name: str) -> Directory | None:
        """Return the level below a name; None without one."""
        return self.descend((name,))

    def descend(self, names: Iterable[str]) -> Directory | None:
        """Return the level at the end of a path of names; None without one."""
        level = self
        for name in names:
            made = level._made
            below = made.get(name) if made else None
            if below is None:
                entry = level.entry(name)
                if not isinstance(entry, Directory):
                    return None
                below = entry
            level = below
        return level

    def names(self) -> tuple[str, ...]:
        """Return the names that have a value or something below them, in Go's order."""
        if self._names is None:
            entries = self.entries
            self._names = tuple(
                in_byte_order(name for name, value in entries.items() if self.holds_leaf(value))
            )
        return self._names

    def subdirectories(self) -> list[str]:
        """Return the names that have something below them, in Go's order."""
        entries = self.entries
        return in_byte_order(name for name, value in entries.items() if self._has_below(value))

    def is_empty(self) -> bool:
        """Return whether neither this level nor one below it has a leaf."""
        return not self.holds_leaf(self)

    def holds_leaf(self, value: object) -> bool:
        """Return whether a value makes a key, itself or below; an empty container makes none."""
        pending = [iter((value,))]
        while pending:
            for found in pending[-1]:
                if self._is_of_others(found):
                    if not found.is_empty():
                        return True
                elif _is_level(found):
                    pending.append(_values(found))
                    break
                elif self.rules.text(found) is not None:
                    return True
            else:
                pending.pop()
        return False

    def leaves(self, path: str = "") -> Iterator[tuple[str, str]]:
        """Yield the path and the value of every leaf below this level, in the order of the tree.

        The first is this level's own value, if it has one.

        Args:
            path: the path of this level; the yielded ones begin with it.
        """
        pending: list[tuple[str, object, Directory]] = [(path, self, self)]
        while pending:
            at, value, above = pending.pop()
            if _is_level(value):
                # Not kept: a walk over everything must not leave a level behind for each mapping.
                level = above._level(value)
                text = level.own
                below = [(f"{at}/{name}", found, level) for name, found in level.entries.items()]
                pending.extend(reversed(below))
            else:
                text = above.rules.text(value)
            if text is not None:
                yield at, text

    def _is_of_others(self, value: object) -> TypeGuard[Directory]:
        """Return whether a value is a level with other rules, which alone can read its leaves."""
        return isinstance(value, Directory) and value.rules is not self.rules

    def _has_below(self, value: object) -> bool:
        if not _is_level(value):
            return False
        if isinstance(value, _Layers | Directory):
            level = self._level(value)
            return any(map(level.holds_leaf, level.entries.values()))
        for name, member in members(value, self.rules):
            if not _is_nothing(name):
                if self.holds_leaf(member):
                    return True
            elif self._has_below(self._level(member)):
                return True
        return False

    def _level(self, value: object) -> Directory:
        if isinstance(value, Directory):
            return value
        return Directory(value.parts if isinstance(value, _Layers) else (value,), self.rules)

    def _open(self) -> None:
        if len(self._sources) == 1 and (plain := _plain_entries(self._sources[0], self.rules)):
            self._entries = plain
            return
        built = _Level(self.rules)
        for source in self._sources:
            built.add(source)
        self._own = built.own
        self._entries = built.entries()


class _Level:
    """A level under construction, from sources whose names have to be cut, cleaned or merged."""

    __slots__ = ("_parts", "_paths", "_rules", "own")

    def __init__(self, rules: KeyRules) -> None:
        self._rules = rules
        self._parts: dict[str, list[object]] = {}
        # For each name the paths below it that were cut here; later paths may be added.
        self._paths: dict[str, dict[str, object]] = {}
        self.own: object = NOTHING

    def add(self, source: object) -> None:
        """Add the values of a source; a value without a name belongs to this level itself."""
        pending = [iter([("", source)])]
        while pending:
            for path, value in pending[-1]:
                name, rest = _cut(path)
                if name:
                    self._put(name, rest, value)
                elif _is_level(value):
                    pending.append(_members(value, self._rules))
                    break
                elif self._rules.text(value) is not None:
                    self.own = value
            else:
                pending.pop()

    def entries(self) -> dict[str, object]:
        """Return the added values by name."""
        return {
            name: parts[0] if len(parts) == 1 else _Layers(tuple(parts))
            for name, parts in self._parts.items()
        }

    def _put(self, name: str, rest: str, value: object) -> None:
        parts = self._parts.setdefault(name, [])
        if rest:
            paths = self._paths.get(name)
            if paths is not None and paths is parts[-1] and rest not in paths:
                paths[rest] = value
                return
            value = self._paths[name] = {rest: value}
        parts.append(value)


def climbs(tree: object) -> bool:
    """Return whether a name in the tree may contain `..`, which leads to another level.

    Raises:
        TooDeep: the tree nests deeper than any JSON document, or holds itself.

    >>> climbs({"a": [{"name": "../b"}]}), climbs({"a..b": 1, "...": 2})
    (True, False)
    """
    level = [tree]
    for _ in range(MAX_DEPTH + 1):
        # All names of a depth are tested together, for speed: this runs over the whole tree.
        names: list[str] = []
        below: list[object] = []
        for container in level:
            values: Iterable[object] = ()
            if isinstance(container, (list, tuple)):
                values = container
            elif isinstance(container, (dict, Mapping)):
                names += container
                # This may become the name of an element of a list.
                names.append(container.get("name", ""))
                values = container.values()
            below += [value for value in values if is_container(value) and value]
        if _one_climbs(names):
            return True
        if not below:
            return False
        level = below
    raise TooDeep


def _one_climbs(names: list[str]) -> bool:
    try:
        if ".." not in "".join(names):
            return False
    except TypeError:  # a name that is not text
        pass
    return any(".." in name.split("/") for name in names if isinstance(name, str))


def _raw_values(container: object) -> Iterable[object]:
    if isinstance(container, (dict, Mapping)):
        return container.values()
    return container if isinstance(container, (list, tuple)) else ()


_LEVEL_TYPES: Final = (dict, list, Directory, _Layers, tuple, Mapping)


def _is_level(value: object) -> bool:
    # Most values are leaves, and the set recognises these faster than `isinstance`.
    return type(value) not in LEAF_TYPES and isinstance(value, _LEVEL_TYPES)


def _values(level: object) -> Iterator[object]:
    if isinstance(level, Directory):
        own = () if level.own is None else (level.own,)
        return chain(own, level.entries.values())
    return iter(level.parts if isinstance(level, _Layers) else _raw_values(level))


def _members(level: object, rules: KeyRules) -> Iterator[tuple[str, object]]:
    if isinstance(level, _Layers):
        return iter([("", part) for part in level.parts])
    if isinstance(level, Directory):
        own = () if level.own is None else (("", level.own),)
        return chain(own, level.entries.items() if level.rules is rules else _read(level))
    return members(level, rules)


def _read(level: Directory) -> Iterator[tuple[str, object]]:
    """Yield the levels and texts of a level by name, read by its own rules."""
    for name in level.entries:
        value = level.entry(name)
        read = value if isinstance(value, Directory) else level.rules.text(value)
        if read is not None:
            yield name, read


def _plain_entries(source: object, rules: KeyRules) -> Mapping[str, object] | None:
    """Return the values of a source by name if all names are plain and different; else None."""
    if isinstance(source, dict):
        return source if _is_plain(source) else None
    if isinstance(source, list):
        named = dict(members(source, rules))
        return named if len(named) == len(source) and _is_plain(named) else None
    return None


def _is_plain(names: Mapping[str, object]) -> bool:
    """Return whether each name is one segment of a clean key, so that the mapping is a level."""
    if "" in names or "." in names:
        return False
    try:
        return "/" not in "".join(names)
    except TypeError:  # a name that is not text
        return False


def _cut(path: str) -> tuple[str, str]:
    """Return the first name of a path, and the rest; two empty texts if it has no name."""
    if "/" not in path:
        return ("", "") if path == "." else (path, "")
    name, _, rest = path.partition("/")
    while name in ("", ".") and rest:
        name, _, rest = rest.partition("/")
    if name == ".":
        name = ""
    return name, ("" if _is_nothing(rest) else rest)


def _is_nothing(path: str) -> bool:
    return not path.strip("/.") and all(name in ("", ".") for name in path.split("/"))
