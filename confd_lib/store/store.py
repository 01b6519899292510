"""The store: keys and values for the functions of a template.

It answers from the backend's tree, which it does not flatten unless every key is asked for. It must
not know templates, files or backends.

A backend uses it like this:

    whole = Store.from_documents({"/2015-07-25/self": tree, ...}, rules=RANCHER)   # once a pass
    store = whole.view("/2015-07-25", ["/self"])                          # for each resource

`from_documents` takes the answers by the paths that were asked for, and its keys are absolute.
`view` gives the store of one resource as confd fills it: the keys that the resource asks for below
its prefix, with the prefix cut off as text (`strings.TrimPrefix`). Views share the tree and its
levels; making one costs as much as looking up its keys. The rules (`rules.RANCHER`, `rules.FILE`)
define how values become keys, and whether asking for `/a` also gives `/ab`. `rules.env_values`
makes the keys of the env backend, for each resource:
`Store.from_documents({"/": env_values(os.environ, joined_keys)}).view(prefix)`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from confd_lib.errors import ConfdError
from confd_lib.golang import match as gomatch
from confd_lib.golang.path import clean, cut_prefix, join
from confd_lib.golang.strings import in_byte_order
from confd_lib.store import listing
from confd_lib.store.levels import NOTHING, Directory, climbs
from confd_lib.store.rules import FLAT, RANCHER, KeyRules, climbing, flatten
from gotmpl.arguments import checked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence


class KeyNotFound(ConfdError, KeyError):
    """A key has no value; `str()` is confd's message.

    Attributes:
        key: the key.
    """

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key

    def __str__(self) -> str:
        return f"key does not exist: {self.key}"


@dataclass(frozen=True, slots=True)
class KVPair:
    """A key and its value, the result of `get` and the elements of `gets`."""

    __go_type__: ClassVar[str] = "memkv.KVPair"

    Key: str
    Value: str


class Store:
    """Keys and values, read from a tree.

    A key, a path or a pattern that is no text is a `TypeError` of each method.

    Args:
        values: a tree, whose keys are joined with `/` and cleaned; a flat `{"/k": "v"}` is one
            too. It is not copied, and must not change while the store is used.
        rules: how lists, numbers and nulls become keys and values.
        climbs: whether a name in the tree contains `..`, for who knows it; None to find out by a
            walk over the whole tree.

    >>> store = Store({"app": [{"name": "web", "port": 80}], "/db/host": "h"})
    >>> store.getv("/app/web/port"), store.ls("/app/web"), store.lsdir("/app")
    ('80', ['name', 'port'], ['web'])
    >>> store.gets("/*/host")
    [KVPair(Key='/db/host', Value='h')]
    """

    __slots__ = (
        "_climbers",
        "_climbing",
        "_documents",
        "_find_climbers",
        "_find_root",
        "_root",
        "_rules",
    )

    @checked
    def __init__(
        self,
        values: Mapping[str, object] | None = None,
        *,
        rules: KeyRules = RANCHER,
        climbs: bool | None = None,
    ) -> None:
        self._documents: Mapping[str, object] = {"/": {} if values is None else values}
        self._rules = rules
        self._find_root: Callable[[], Directory] = self._mount
        self._root: Directory | None = None
        # Whether a name contains `..`; None until it is needed.
        self._climbing = climbs
        self._climbers: tuple[str, ...] = ()
        self._find_climbers: Callable[[], list[str]] = self._own_climbers

    @classmethod
    @checked
    def from_documents(
        cls,
        documents: Mapping[str, object],
        *,
        rules: KeyRules = RANCHER,
        climbers: Sequence[str] = (),
    ) -> Store:
        """Return a store of absolute keys from the answers of a backend.

        Args:
            documents: the answers by the absolute paths that were asked for.
            rules: the backend's.
            climbers: the keys with a segment `..` that are cleaned already in the answers.

        >>> Store.from_documents({"/v1/self": {"name": "web"}}).getv("/v1/self/name")
        'web'
        """
        store = cls(rules=rules)
        store._documents = documents
        store._climbers = tuple(climbers)
        return store

    @classmethod
    @checked
    def layered(cls, stores: Iterable[Store]) -> Store:
        """Return a store of the keys of several; of a key that several have, the last one's value.

        Args:
            stores: may have been made by unlike rules; each keeps its own.

        >>> defaults, site = Store({"db": {"host": "h", "port": 1}}), Store({"/db/port": 2})
        >>> dict(Store.layered([defaults, site]).items())
        {'/db/host': 'h', '/db/port': '2'}
        """
        layers = tuple(stores)
        store = cls(rules=FLAT)
        store._find_root = lambda: Directory([layer.root for layer in layers], FLAT)
        store._find_climbers = lambda: [key for layer in layers for key in layer.climbers()]
        return store

    @checked
    def view(self, prefix: str = "/", keys: Iterable[str] | None = None) -> Store:
        """Return the store of a resource: the keys that it asks for, without its prefix.

        Args:
            prefix: the resource's; it is joined to each of the keys, and cut off the found ones as
                text.
            keys: the keys that the resource asks for, below the prefix; None for all.

        >>> whole = Store({"/prod/db/host": "h", "/prod/other": "o", "/production/x": "y"})
        >>> dict(whole.view("/prod", ["/db"]).items())
        {'/db/host': 'h'}
        >>> dict(whole.view("/prod").items())
        {'/db/host': 'h', '/other': 'o', '/uction/x': 'y'}
        """
        _check_text(prefix, "prefix")
        prefix = prefix if prefix.startswith("/") else f"/{prefix}"
        joined = ["/"] if keys is None else [join(prefix, key) for key in keys]
        asked = _widest(joined, self._rules)
        view = Store(rules=self._rules)
        view._find_root = partial(self._select, prefix, asked)
        view._find_climbers = partial(self._select_climbers, prefix, asked)
        return view

    @property
    def root(self) -> Directory:
        """The level of all keys."""
        if self._root is None:
            self._root = self._find_root()
        return self._root

    # -- Functions of templates

    def exists(self, key: str) -> bool:
        """Return whether the key has a value; keys below it do not count."""
        _check_text(key)
        return listing.find_leaf(self.root, key) is not None

    def get(self, key: str) -> KVPair:
        """Return the key with its value.

        Raises:
            KeyNotFound: the key has no value.
        """
        return KVPair(key, self.getv(key))

    def getv(self, key: str, *default: str) -> str:
        """Return the value of the key, or the first default if it has no value.

        Raises:
            KeyNotFound: the key has no value, and there is no default.
        """
        _check_text(key)
        value = listing.find_leaf(self.root, key)
        if value is not None:
            return value
        if not default:
            raise KeyNotFound(key)
        return default[0]

    def gets(self, pattern: str) -> list[KVPair]:
        """Return the keys that match the pattern with their values, sorted by key.

        Raises:
            BadPattern: the pattern is malformed, and the store is not empty.
        """
        _check_text(pattern, "pattern")
        if self.root.is_empty():
            return []
        found = dict(_matching(self.root, gomatch.read(pattern)))
        return [KVPair(key, found[key]) for key in in_byte_order(found)]

    def getvs(self, pattern: str) -> list[str]:
        """Return the values of the keys that match the pattern, sorted.

        Raises:
            BadPattern: the pattern is malformed, and the store is not empty.
        """
        return in_byte_order(pair.Value for pair in self.gets(pattern))

    def ls(self, path: str) -> list[str]:
        """Return the names directly below the path, and its own last name if it has a value."""
        _check_text(path)
        return listing.ls(self.root, path)

    def lsdir(self, path: str) -> list[str]:
        """Return the names directly below the path that have keys below them."""
        _check_text(path)
        return listing.lsdir(self.root, path)

    # -- Levels of keys

    def matching(self, pattern: str) -> list[str]:
        """Return the paths of keys, and of levels with keys below them, that match a pattern.

        A path has as many segments as the pattern, also where a class of it holds a `/`.

        Raises:
            BadPattern: the pattern is malformed.

        >>> store = Store({"services": {"web": {"port": 80}, "db": "on"}, "other": {"x": 1}})
        >>> store.matching("/services/*")
        ['/services/db', '/services/web']
        """
        _check_text(pattern, "pattern")
        wanted = gomatch.read(pattern)
        return in_byte_order(filter(wanted.matches, _paths(self.root, wanted, pattern.count("/"))))

    def climbers(self) -> list[str]:
        """Return the keys with a segment `..`, as they were written; others have their cleaned key.

        >>> Store({"services": {"..": {"passwd": "x"}}}).climbers()
        ['/services/../passwd']
        """
        return self._find_climbers()

    # -- The whole store

    def items(self) -> Iterator[tuple[str, str]]:
        """Yield every key with its value, in the order of the tree."""
        return ((key or "/", value) for key, value in self.root.leaves())

    # -- The root

    def _flat(self) -> Iterator[tuple[str, str]]:
        for path, document in self._documents.items():
            for key, text in flatten(path, document, self._rules):
                yield "/" + "/".join(name for name in key.split("/") if name not in ("", ".")), text

    def _own_climbers(self) -> list[str]:
        if not self._climbs():
            return [*self._climbers]
        written = replace(self._rules, cleaned=False)
        found = (climbing(path, tree, written) for path, tree in self._documents.items())
        return [*self._climbers, *(key for keys in found for key in keys)]

    def _select_climbers(self, prefix: str, asked: Sequence[str]) -> list[str]:
        return [
            key.removeprefix(prefix.rstrip("/"))
            for key in self.climbers()
            if any(self._rules.gives(query, one) for query in asked for one in (key, clean(key)))
        ]

    def _climbs(self) -> bool:
        if self._climbing is None:
            self._climbing = any(map(climbs, self._documents.values()))
        return self._climbing

    def _mount(self) -> Directory:
        if self._climbs():
            return self._of_flat("/", ("/",))
        if list(self._documents) == ["/"]:
            return Directory(self._documents.values(), self._rules)
        return Directory(({path: tree} for path, tree in self._documents.items()), self._rules)

    def _of_flat(self, prefix: str, asked: Sequence[str]) -> Directory:
        # A key with `..` is asked for by its path as written, and stored under its cleaned path.
        flat = {
            cut_prefix(clean(key), prefix): text
            for key, text in self._flat()
            if any(self._rules.gives(query, key) for query in asked)
        }
        return Directory((flat,), self._rules)

    def _select(self, prefix: str, asked: Sequence[str]) -> Directory:
        if self._climbs():
            return self._of_flat(prefix, asked)
        found = [
            (cut, value)
            for query in asked
            for key, value in _given(self.root, query, self._rules)
            for cut, value in _cut_from(key, value, prefix)
        ]
        if len(found) == 1 and found[0][0] == "/" and isinstance(found[0][1], Directory):
            return found[0][1]
        return Directory(({cut: value} for cut, value in found), self._rules)


def _check_text(value: object, what: str = "key") -> None:
    """Refuse a key, or another text that a store is asked with, of another type."""
    if not isinstance(value, str):
        raise TypeError(f"a {what} is a str, not {type(value).__name__}")


def _widest(queries: Iterable[str], rules: KeyRules) -> list[str]:
    """Return the queries without those whose keys another query gives too."""
    widest: list[str] = []
    for query in sorted(set(queries), key=lambda query: query.split("/")):
        if not widest or not rules.gives(widest[-1], query):
            widest.append(query)
    return widest


def _given(root: Directory, query: str, rules: KeyRules) -> Iterator[tuple[str, object]]:
    """Yield the topmost keys that a query gives, each with its leaf or level."""
    if query == "/":
        yield query, root
        return
    above, _, begun = query.rpartition("/")
    level = listing.find(root, above)
    if level is None:
        return
    names = [name for name in level.entries if name.startswith(begun)] if rules.by_text else [begun]
    for name in names:
        value = level.entry(name)
        if value is not NOTHING:
            yield f"{above}/{name}", value


def _cut_from(key: str, value: object, prefix: str) -> Iterator[tuple[str, object]]:
    """Yield a leaf or a level under its key without the prefix.

    A level is divided where the prefix ends below it: then only some of its keys have the prefix.
    """
    pending = [(key, value)]
    while pending:
        key, value = pending.pop()
        path = key.rstrip("/")
        if key.startswith(prefix) or not prefix.startswith(f"{path}/"):
            yield cut_prefix(key, prefix), value
        elif isinstance(value, Directory):
            if value.own is not None:
                yield key, value.own
            parts = [(f"{path}/{name}", value.entry(name)) for name in value.entries]
            pending.extend(reversed(parts))
        else:
            yield key, value


def _matching(root: Directory, pattern: gomatch.Pattern) -> Iterator[tuple[str, str]]:
    """Yield the keys that match with their values, from levels where a key can match only."""
    if not pattern.segments:
        keys = ((key or "/", value) for key, value in root.leaves())
        yield from ((key, value) for key, value in keys if pattern.matches(key))
        return
    # A key has no text before its first slash, so that segment has to match the empty text.
    first, *segments = pattern.segments
    last = segments.pop() if segments and pattern.rest is None else pattern.rest
    if last is None or not gomatch.fits(first, ""):
        return
    levels = [("", root)]
    for segment in segments:
        levels = [below for path, level in levels for below in _levels(path, level, segment)]
    match = _leaves if pattern.rest is None else _leaves_below
    for path, level in levels:
        yield from match(path, level, last)


def _paths(root: Directory, pattern: gomatch.Pattern, depth: int) -> Iterator[str]:
    """Yield the paths of a depth that the plain segments of a pattern leave possible."""
    levels = [("", root)]
    for number in range(1, depth):
        known = pattern.segments[number] if number < len(pattern.segments) else None
        levels = [
            (f"{path}/{name}", below)
            for path, level in levels
            for name in (level.names() if known is None else _fitting(level, known))
            if (below := level.child(name)) is not None
        ]
    yield from (f"{path}/{name}" for path, level in levels for name in level.names())


def _levels(
    path: str, level: Directory, segment: gomatch.Segment
) -> Iterator[tuple[str, Directory]]:
    for name in _fitting(level, segment):
        below = level.child(name)
        if below is not None:
            yield f"{path}/{name}", below


def _leaves(path: str, level: Directory, segment: gomatch.Segment) -> Iterator[tuple[str, str]]:
    own = None if path else level.own
    if own is not None and gomatch.fits(segment, ""):
        yield "/", own
    for name in _fitting(level, segment):
        value = level.leaf(name)
        if value is not None:
            yield f"{path}/{name}", value


def _leaves_below(path: str, level: Directory, rest: gomatch.Segment) -> Iterator[tuple[str, str]]:
    for tail, value in level.leaves():
        if tail and gomatch.fits(rest, tail[1:]):
            yield path + tail, value


def _fitting(level: Directory, segment: gomatch.Segment) -> Iterable[str]:
    return (segment,) if isinstance(segment, str) else filter(segment.matches, level.entries)
