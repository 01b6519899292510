"""The files that `confd-lib render` renders: of a template, or of a resource and its names.

Knows nothing of stores and of how a render is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from confd_lib import each
from confd_lib.confdir import templates
from confd_lib.confdir.resource import TemplateResource
from confd_lib.errors import ConfigError
from confd_lib.funcs import functions

if TYPE_CHECKING:
    from confd_lib.store.store import Store


@dataclass(frozen=True, slots=True)
class Target:
    """A template with all that one render of it takes.

    Attributes:
        template: the file.
        store: the keys that it sees.
        data: the name that it is rendered for; None for a resource without `each`.
        delims: the beginning and the end of an action.
        parts: the texts of the templates that it may call, by their names.
        dest: the destination; empty for a template without a resource.
    """

    template: Path
    store: Store
    data: str | None = None
    delims: tuple[str, str] = ("{{", "}}")
    parts: Mapping[str, str] = field(default_factory=dict)
    dest: str = ""


def is_resource(path: Path) -> bool:
    """Return whether a file is a template resource: a TOML file below a folder `conf.d`."""
    return path.name.endswith("toml") and "conf.d" in path.absolute().parent.parts


def of_resource(
    path: Path, view: Callable[[TemplateResource], Store], name: str | None
) -> list[Target]:
    """Return the targets of a resource.

    Args:
        path: its file.
        view: returns the keys that it sees.
        name: the one name of its `each` to render; None for all.

    Raises:
        ConfdError: the resource, a template that it shares, or the name cannot be used.
    """
    found = TemplateResource.load(path)
    store = view(found)
    named: dict[str | None, TemplateResource] = {}
    if found.each:
        named.update(each.files(found, store))
    elif name is None:
        named[None] = found
    else:
        raise ConfigError(f"--name {name}: {path} has no each, and so no names")
    if name is not None:
        named = {name: _chosen(named, name)}
    folder = templates.folder_of(path)
    parts = templates.read_parts(folder, found.templates)
    template = templates.path_of(folder, found.src)
    return [
        Target(template, store, one, found.delims, parts, file.dest) for one, file in named.items()
    ]


def _chosen(named: Mapping[str | None, TemplateResource], name: str) -> TemplateResource:
    if name not in named:
        have = ", ".join(str(one) for one in named) or "none"
        raise ConfigError(f"--name {name}: there is no such name; there are {have}")
    return named[name]


def render(target: Target, compat: str) -> str:
    """Return the output of a target.

    Raises:
        TemplateFileError: the template cannot be read.
        gotmpl.TemplateError: the template cannot be parsed or rendered; the message is Go's.
    """
    text = templates.read_text(target.template)
    made = templates.parse(
        target.template.name,
        text,
        functions(target.store, compat),
        target.delims,
        parts=target.parts,
    )
    return made.render(target.data)
