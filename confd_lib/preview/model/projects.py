"""The resources of a confd folder, each as the file or the files that it makes.

Knows nothing of stacks, nor of how templates are rendered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from os import path as ospath
from pathlib import Path
from typing import TYPE_CHECKING

from confd_lib import each
from confd_lib.confdir import resource, templates
from confd_lib.confdir.resource import TemplateResource
from confd_lib.errors import ConfdError
from confd_lib.golang import walk
from confd_lib.preview.model.states import StateError
from gotmpl import did_you_mean, near

if TYPE_CHECKING:
    from collections.abc import Sequence

    from confd_lib.store.store import Store


@dataclass(frozen=True, slots=True)
class Entry:
    """A file that a resource makes, or the reason why it makes none.

    Attributes:
        name: the TOML file below `conf.d`; of a resource with `each`, with `/` and the name.
        resource: the resource, with the destination of this file; None if it cannot be used.
        data: the name, of a resource with `each`.
        error: why there is no such file; empty if there is.
    """

    name: str
    resource: TemplateResource | None = None
    data: str | None = None
    error: str = ""

    @property
    def files(self) -> tuple[Path, ...]:
        """The files of its template, the last of which is the template itself."""
        if self.resource is None:
            return ()
        folder = templates.folder_of(Path(self.resource.path))
        named = (*self.resource.templates, self.resource.src)
        return tuple(templates.path_of(folder, src) for src in named)


@dataclass(frozen=True, slots=True)
class Project:
    """A confd folder as it was read.

    Attributes:
        confdir: the folder that holds `conf.d`.
        found: by name, each resource; or why it cannot be used.
    """

    confdir: Path
    found: Mapping[str, TemplateResource | ConfdError]

    @property
    def resources(self) -> tuple[TemplateResource, ...]:
        """The resources that can be used."""
        return tuple(one for one in self.found.values() if isinstance(one, TemplateResource))

    def entries(self, store_of: Callable[[TemplateResource], Store]) -> Iterator[Entry]:
        """Yield the files that the resources make.

        Args:
            store_of: returns the keys that a resource sees, on which the names of one with `each`
                depend.
        """
        for name, one in self.found.items():
            if isinstance(one, ConfdError):
                yield Entry(name, error=str(one))
            elif one.each:
                yield from _named(name, one, store_of)
            else:
                yield Entry(name, one)


def read(confdir: Path) -> Project:
    """Read the resources of a confd folder.

    Raises:
        ConfdError: it has no `conf.d`, or no resource lies there.
    """
    paths = resource.find(confdir)
    if not paths:
        raise ConfdError(f"{confdir / 'conf.d'}: there is no resource, a file *.toml")
    return Project(confdir, {_name(confdir, path): _load(path) for path in paths})


def chosen(entries: Sequence[Entry], name: str) -> Entry:
    """Return the entry of a name; the first for an empty name, and for that of a whole `each`.

    Raises:
        StateError: there is no such entry.
    """
    for one in entries:
        if name in ("", one.name) or one.name.startswith(f"{name}/"):
            return one
    have = [one.name for one in entries]
    hint = did_you_mean(near(name, have)) or f"there are {', '.join(have)}"
    raise StateError(f"no resource {name}; {hint}")


def files(confdir: Path) -> Iterator[Path]:
    """Yield the files of a confd folder."""
    for folder in ("conf.d", "templates"):
        yield from map(Path, walk.files(str(confdir / folder), lambda _: True))


def _name(confdir: Path, path: str) -> str:
    return ospath.relpath(path, confdir / "conf.d")


def _load(path: str) -> TemplateResource | ConfdError:
    try:
        return TemplateResource.load(path)
    except ConfdError as error:
        return error


def _named(
    name: str, found: TemplateResource, store_of: Callable[[TemplateResource], Store]
) -> Iterator[Entry]:
    try:
        named = each.files(found, store_of(found))
    except ConfdError as error:
        yield Entry(name, error=str(error))
        return
    if not named:
        yield Entry(name, error=f"{found.path}: each: no key matches {found.each}")
    for data, one in named.items():
        yield Entry(f"{name}/{data}", one, data)
