"""The files that `confd-lib render` renders: of a template, or of a resource and its names.

Knows nothing of stores and of how a render is shown.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from confd_lib import each
from confd_lib.command.tool import template
from confd_lib.command.tool.template import Source
from confd_lib.confdir import templates
from confd_lib.confdir.resource import TemplateResource
from confd_lib.errors import ConfdError, ConfigError
from confd_lib.funcs import functions, sprig

if TYPE_CHECKING:
    import argparse

    from confd_lib.store.store import Store


@dataclass(frozen=True, slots=True)
class Target:
    """A template with all that one render of it takes.

    Attributes:
        source: the template.
        store: the keys that it sees.
        whole: all keys that are known, without the prefix of the resource.
        data: the name that it is rendered for; None for a resource without `each`.
        resource: the resource, with the file of this name as its `dest`; None for a template alone.
        parts: the texts of the templates that it may call, by their names.
    """

    source: Source
    store: Store
    whole: Store
    data: str | None = None
    resource: TemplateResource | None = None
    parts: Mapping[str, str] = field(default_factory=dict)

    @property
    def delims(self) -> tuple[str, str]:
        """The beginning and the end of an action."""
        return self.resource.delims if self.resource else ("{{", "}}")

    @property
    def dest(self) -> str:
        """The destination; empty for a template alone."""
        return self.resource.dest if self.resource else ""


def is_resource(name: str) -> bool:
    """Return whether a file is a template resource: a TOML file below a folder `conf.d`."""
    path = Path(name)
    return path.name.endswith("toml") and "conf.d" in path.absolute().parent.parts


def of_resource(
    options: argparse.Namespace, views: Callable[[TemplateResource], tuple[Store, Store]]
) -> list[Target]:
    """Return the targets of a resource.

    Args:
        options: the flags: `template`, `name` and `each`.
        views: returns the keys that a resource sees, and all that are known.

    Raises:
        ConfdError: the resource, a template of it, or the name cannot be used.
    """
    found = TemplateResource.load(options.template)
    store, whole = views(found)
    folder = templates.folder_of(Path(found.path))
    parts = templates.read_parts(folder, found.templates)
    source = template.of_file(templates.path_of(folder, found.src), options.name)
    return [
        Target(source, store, whole, name, file, parts)
        for name, file in _named(found, store, options.each).items()
    ]


def _named(
    found: TemplateResource, store: Store, name: str | None
) -> Mapping[str | None, TemplateResource]:
    """Return the resource of each name, or of the one that is asked for."""
    named = each.named(found, store)
    if name is None:
        return named
    if not found.each:
        raise ConfigError(f"--each {name}: {found.path} has no each, and so no names")
    if name not in named:
        have = ", ".join(map(str, named)) or "none"
        raise ConfigError(f"--each {name}: there is no such name; there are {have}")
    return {name: named[name]}


def files(name: str) -> Iterator[Path]:
    """Yield the files on which a target depends: the template, or the resource and its templates.

    Args:
        name: the file of the template or of the resource.
    """
    yield Path(name)
    if is_resource(name):
        with contextlib.suppress(ConfdError):  # a render reports it
            found = TemplateResource.load(name)
            folder = templates.folder_of(Path(name))
            yield from (templates.path_of(folder, src) for src in (*found.templates, found.src))


def render(target: Target, compat: str, named: str) -> str:
    """Return the output of a target.

    Raises:
        gotmpl.TemplateError: the template cannot be parsed or rendered; the message is Go's.
    """
    made = templates.parse(
        target.source.name,
        target.source.text,
        functions(target.store, compat, sprig.chosen(named)),
        target.delims,
        parts=target.parts,
    )
    return made.render(target.data)
