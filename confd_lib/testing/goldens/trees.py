"""Trees of expected files: which resources are rendered as which containers, and compared.

    conf.d, stack ─▶ parts ─▶ rendered ─▶ fault

Knows nothing of pytest, and nothing of how a template is rendered or a file is compared.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import gotmpl
from confd_lib import each
from confd_lib.confdir import resource
from confd_lib.confdir.resource import TemplateResource
from confd_lib.destination.wanted import below
from confd_lib.errors import ConfdError, ResourceError
from confd_lib.store.store import Store
from confd_lib.testing.files import AnyPath, Finder, hint, instead, listed, shown
from confd_lib.testing.rendered import Rendered, mismatch
from metadata_client.compose import Environment

if TYPE_CHECKING:
    from confd_lib.backends.simulated import Simulation, Values
    from confd_lib.testing.goldens.comparison import Goldens
    from confd_lib.testing.viewers import Viewer
    from confd_lib.testing.wiring import Wiring
    from metadata_client.compose import Container

# The number of files whose difference a failing test shows.
_SHOWN: Final = 3


@dataclass(frozen=True, slots=True)
class Part:
    """A file of a resource that is rendered as a container.

    Attributes:
        resource: the resource; one with `each` has this file as its `dest`.
        viewer: who asks for the metadata.
        folder: the name of the container; empty if the values are not those of a stack.
        name: the name that `each` has matched; None for a resource without `each`.
    """

    resource: TemplateResource
    viewer: Viewer
    folder: str = ""
    name: str | None = None

    @property
    def file(self) -> str:
        """The file of the resource, with the name that `each` has matched, for messages."""
        path = shown(Path(self.resource.path))
        return path if self.name is None else f"{path} for {self.name}"

    def __str__(self) -> str:
        return f"{self.file} as {self.folder}" if self.folder else self.file


def parts(
    values: Values,
    viewer: Viewer,
    resources: Sequence[TemplateResource],
    services: Collection[str] | None = None,
) -> list[Part]:
    """Return the files of resources with each container that has them.

    A container has a resource if its metadata has one of the keys; of one with `each`, it has a
    file for each name. Containers that share the
    network of another one see what that one sees; they and those without an address are left out.

    Args:
        values: a stack or an environment, or values that are the same for all.
        viewer: who asks; with a container, only that container has resources.
        resources: the resources.
        services: the services whose containers have all the resources; None for the rule above.

    Raises:
        ConfdError: a resource is rendered as no container, its `each` matches no name or one that
            cannot be used, there is no such service, or services are named for values that are not
            those of a stack.
    """
    if isinstance(values, Store | Mapping) and services is not None:
        raise ConfdError(f"services need a stack: {listed(services)}")
    asked = dict(_viewers(values, viewer, services))
    whole = [
        Part(one, looking, name)
        for one in resources
        for name, looking in asked.items()
        if not name or services is not None or next(looking.store_of(values, one).items(), None)
    ]
    found = [file for part in whole for file in _files(values, part)]
    had = {part.resource.path for part in found}
    for one in resources:
        if one.path not in had:
            raise ConfdError(f"{shown(Path(one.path))}: {_missed(one, asked, whole)}")
    return found


def _files(values: Values, part: Part) -> list[Part]:
    """Return the files of a resource as a container: itself, or with `each` one for each name."""
    if not part.resource.each:
        return [part]
    try:
        files = each.files(part.resource, part.viewer.store_of(values, part.resource))
    except ConfdError as error:
        error.add_note(f"while rendering {part}")
        raise
    return [replace(part, resource=one, name=name) for name, one in files.items()]


def find_resources(
    find: Finder, confdir: AnyPath, names: Collection[str] | None = None
) -> list[TemplateResource]:
    """Return the resources of a confd folder.

    Args:
        find: finds the confd folder.
        confdir: the folder that holds `conf.d`.
        names: the names of their files; None for all.

    Raises:
        ConfdError: there is no `conf.d`, it has no resources, or none of this name.
        ResourceError: a resource cannot be used.
    """
    wanted = Path(confdir, "conf.d")
    folder = find(wanted)
    if not folder.is_dir():
        raise ConfdError(f"no conf.d: {hint(wanted, find.folders, folder)}")
    paths = {str(Path(path).relative_to(folder)): path for path in resource.find(folder.parent)}
    if not paths:
        raise ConfdError(f"there are no resources (*.toml) in {folder}")
    for name in names or ():
        if name not in paths:
            raise ConfdError(f"there is no resource {name} in {folder}; {instead(name, paths)}")
    return [load(path) for name, path in paths.items() if names is None or name in names]


def load(path: str) -> TemplateResource:
    """Return a resource for this user, who need not be the owner that it names.

    Raises:
        ResourceError: the resource cannot be used.
    """
    found = TemplateResource.load(path)
    if not found.dest:
        raise ResourceError(path, "empty dest")
    return replace(found, uid=-1, gid=-1)


def rendered(
    wiring: Wiring, parts: Iterable[Part], values: Values, *, check: bool
) -> dict[Path, Rendered]:
    """Render resources as their containers.

    Args:
        wiring: renders them.
        parts: their files, with the containers.
        values: the values that the containers see.
        check: whether to run each check_cmd.

    Returns:
        the texts, by the paths of their files below the folder of a case.

    Raises:
        ConfdError: a resource cannot be used, check_cmd refuses a file, or two resources write
            unlike texts to one file.
        gotmpl.TemplateError: a template cannot be parsed or rendered.
    """
    made: dict[Path, Rendered] = {}
    first: dict[Path, Part] = {}
    for part in parts:
        out = _rendered(wiring, part, values, check=check)
        file = below(part.folder, part.resource.dest, make=False)
        one = first.setdefault(file, part)
        if made.setdefault(file, out) != out:
            raise ConfdError(f"{part}: {one.file} writes another text to {file}")
    return made


def _rendered(wiring: Wiring, part: Part, values: Values, *, check: bool) -> Rendered:
    try:
        out = wiring.processed(part.resource, values, part.viewer, part.name)
        return wiring.written(out, part.resource, wiring.root(), check=True) if check else out
    except (ConfdError, gotmpl.TemplateError) as error:
        error.add_note(f"while rendering {part}")
        raise


def fault(goldens: Goldens, folder: AnyPath, case: str, made: Mapping[Path, Rendered]) -> str:
    """Return the message about the files of a case that hold other texts; empty without any.

    Args:
        goldens: compares the files.
        folder: the folder of the expected files.
        case: the name of the case.
        made: the texts by the paths of their files below the folder of the case.

    Raises:
        ConfdError: a file cannot be read or written.
    """
    root = goldens.case(goldens.find(folder), case)
    name = Path(shown(root))
    held = {file: goldens.settle(root / file, out.text) for file, out in made.items()}
    wrong = {file: one for file, one in held.items() if one is not None}
    if not wrong:
        return ""
    head = f"{len(wrong)} of {len(made)} files are not as in {name}:"
    missing = [str(name / file) for file, one in wrong.items() if one.text is None]
    unlike = [
        mismatch(made[file], str(name / file), one)
        for file, one in wrong.items()
        if one.text is not None
    ]
    more = [message.partition("\n")[0] for message in unlike[_SHOWN:]]
    blocks = (
        _block("these do not exist; `pytest --confd-update` writes them:", missing),
        *unlike[:_SHOWN],
        _block(f"and {len(more)} more:", more),
    )
    return "\n\n".join((head, *filter(None, blocks)))


def _block(head: str, lines: Sequence[str]) -> str:
    return "\n".join((head, *lines)) if lines else ""


def _viewers(
    values: Values, viewer: Viewer, services: Collection[str] | None
) -> Iterator[tuple[str, Viewer]]:
    """Yield who asks, by the name of the container; by none for values that all see alike."""
    if isinstance(values, Store | Mapping):
        yield "", viewer
        return
    if viewer.container is not None:
        yield viewer.name, viewer
        return
    for one in _containers(values, services):
        yield one.name, replace(viewer, container=one)


def _containers(values: Simulation, services: Collection[str] | None) -> list[Container]:
    stacks = values.stacks if isinstance(values, Environment) else (values,)
    members = [one for stack in stacks for one in stack.containers()]
    if services is None:
        return [one for one in members if one.address and not one.network_from]
    there = [one.name for stack in stacks for one in stack.services]
    for name in services:
        if name not in there:
            names = listed([stack.name for stack in stacks])
            raise ConfdError(f"there is no service {name} in {names}; {instead(name, there)}")
    return [one for one in members if one.service in services]


def _missed(one: TemplateResource, asked: Collection[str], whole: Sequence[Part]) -> str:
    if names := [part.folder for part in whole if part.resource.path == one.path]:
        among = f"; asked as {listed(names)}" if any(names) else ""
        return f"each matches no name: {one.each}{among}"
    if not asked:
        return "no container has it: the services have no containers"
    return f"no container has its keys {listed(one.keys)}; asked as {listed(asked)}"
