"""Explains why a template failed: in one line for a log, or in a block for whoever writes it.

An error keeps confd's own text; the explanation follows it. Knows stores and the keys of resources,
nothing of passes or of how lines are written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import gotmpl
from confd_lib.confdir import templates
from confd_lib.golang.path import clean, join
from confd_lib.store.store import KeyNotFound
from gotmpl import did_you_mean, near

if TYPE_CHECKING:
    from collections.abc import Iterable

    from confd_lib.confdir.resource import TemplateResource
    from confd_lib.confdir.templates import Functions
    from confd_lib.store.levels import Directory
    from confd_lib.store.store import Store

_MOST_NAMED: Final = 5
# The names of a level with more of them are not listed.
_MOST_LISTED: Final = 12


@dataclass(frozen=True, slots=True)
class Rendered:
    """The template that was rendered when an error came.

    Attributes:
        name: its name, as errors give it.
        text: its text.
        path: its file, as messages name it.
        data: the value of `.`: the name, of a resource with `each`.
        parts: the texts of the templates that it may call, by their names.
    """

    name: str
    text: str
    path: str
    data: object = None
    parts: Mapping[str, str] = field(default_factory=dict)

    def at(self, name: str) -> tuple[str, str]:
        """Return the text and the path of the file that an error names."""
        part = self.parts.get(name)
        return (self.text, self.path) if part is None else (part, name)


def explain(error: BaseException, store: Store, resource: TemplateResource | None = None) -> str:
    """Return a hint about the key that a render did not find.

    Args:
        error: the error of the render.
        store: everything that the backend answered, without the resource's prefix; not only the
            keys that the resource lists.
        resource: the resource that was rendered; None if the template saw the whole store.

    Returns:
        a clause that follows the error and a semicolon; empty where there is nothing to add.

    >>> from confd_lib.confdir.resource import TemplateResource
    >>> from confd_lib.store.store import Store
    >>> resource = TemplateResource("a.toml", "a.tmpl", keys=("/app",))
    >>> explain(KeyNotFound("/app/prot"), Store({"/app/port": 80}), resource)
    'did you mean /app/port?'
    """
    missing = error if isinstance(error, KeyNotFound) else error.__cause__
    if not isinstance(missing, KeyNotFound):
        return ""
    key = missing.key
    if resource is not None and store.exists(key):
        return f"the store has it, but {_covering(resource, store, key)}"
    cleaned = clean(f"/{key}")
    if key != cleaned and store.exists(cleaned):
        return f"write it as {cleaned}"
    below = store.ls(key)
    if below:
        return f"it has no value, only keys below it: {_some(below)}"
    return did_you_mean(_near(store, cleaned)) or _there(store, cleaned)


def failure(
    error: gotmpl.TemplateError,
    rendered: Rendered,
    functions: Functions,
    store: Store,
    resource: TemplateResource | None = None,
    seconds: float | None = None,
) -> gotmpl.Failure:
    """Return what can be found out about the error of a template of confd.

    Args:
        error: the error.
        rendered: the template.
        functions: the functions that it may call; those of confd ask the store that it saw.
        store: as for `explain`.
        resource: as for `explain`.
        seconds: the time that a second render may take, for the values that the error is about;
            None for any time, 0 for no second render.
    """
    delims = resource.delims if resource else ("{{", "}}")
    template = None
    if seconds != 0 and not isinstance(error, gotmpl.ParseError | gotmpl.LimitError):
        template = templates.parse(
            rendered.name, rendered.text, functions, delims, parts=rendered.parts
        ).limits(seconds=seconds)
    text, path = rendered.at(error.name)
    found = gotmpl.Failure.of(
        error,
        text,
        path=path,
        delims=delims,
        functions=functions,
        template=template,
        data=rendered.data,
    )
    return found.with_hints(explain(error, store, resource))


def of_a_stranger(error: BaseException, naming: str) -> str:
    """Return a hint about a key of `/self`, which a client that is no container does not have.

    Args:
        error: the error of the render.
        naming: how the container is named.

    >>> of_a_stranger(KeyNotFound("/self/service/name"), "--as CONTAINER")
    'the client is no container of the stack: name one with --as CONTAINER'
    """
    missing = error if isinstance(error, KeyNotFound) else error.__cause__
    if not isinstance(missing, KeyNotFound) or not missing.key.startswith("/self/"):
        return ""
    return f"the client is no container of the stack: name one with {naming}"


def unmatched(keys: Iterable[str], store: Store) -> list[str]:
    """Return the keys of a resource that match nothing in the store.

    Args:
        keys: as the resource lists them.
        store: everything that the backend answered, without the resource's prefix.

    Raises:
        ConfdError: the store holds values that cannot be read.

    >>> from confd_lib.store.store import Store
    >>> unmatched(["/app", "db", "/app/port"], Store({"/app/port": 80}))
    ['db']
    """
    return [key for key in keys if store.view("/", [key]).root.is_empty()]


def _covering(resource: TemplateResource, store: Store, key: str) -> str:
    if not resource.keys:
        return "the resource lists no keys"
    if resource.prefix and store.view("/", resource.keys).exists(key):
        return f"it is not below the resource's prefix, {resource.prefix}"
    return f"it is not below any of the resource's keys: {_some(resource.keys)}"


def _near(store: Store, key: str) -> list[str]:
    """Return the keys that differ from a key in the spelling of its first unknown name."""
    level, above, (name, *rest) = _known(store, key)
    paths = [f"{above}/{close}" for close in near(name, level.names())]
    whole = [join(path, *rest) for path in paths]
    return [path for path in whole if store.exists(path)] or paths


def _there(store: Store, key: str) -> str:
    """Return a clause that names the keys beside the first unknown name of a key."""
    level, above, _ = _known(store, key)
    if store.root.is_empty():
        return "the store is empty"
    if len(level.entries) > _MOST_LISTED:
        return ""
    names = level.names()
    verb = "is" if len(names) == 1 else "are"
    return f"below {above or '/'} there {verb} only {', '.join(names)}"


def _known(store: Store, key: str) -> tuple[Directory, str, list[str]]:
    """Return the last level on the way to a key that there is, its path, and the names left."""
    level, above = store.root, ""
    names = key.split("/")[1:]
    while len(names) > 1 and (below := level.child(names[0])) is not None:
        level, above = below, f"{above}/{names.pop(0)}"
    return level, above, names


def _some(names: Iterable[str]) -> str:
    first, *others = [*names]
    shown = [first, *others[: _MOST_NAMED - 1]]
    more = len(others) + 1 - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")
