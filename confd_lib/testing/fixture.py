"""The bench that templates are tried on: what the fixture `confd` gives to a test.

Simulates stacks, renders templates and resources as their containers would, and tells what was read
for it. Knows nothing of pytest: who makes a bench says where files are and who records coverage.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import gotmpl
from confd_lib import destination, funcs, gopath, templates
from confd_lib.errors import ResourceError
from confd_lib.gostrings import encode, from_bytes
from confd_lib.resource import TemplateResource
from confd_lib.testing.observers import observed
from confd_lib.testing.rendered import Rendered
from confd_lib.testing.tracing import Tracer
from confd_lib.testing.views import Values, View
from confd_lib.update import Options, update
from metadata_client.compose import Container, Stack, load

if TYPE_CHECKING:
    from confd_lib.testing.coverage import Recorder
    from confd_lib.testing.traces import Trace

AnyPath = str | PathLike[str]

_NO_ENV: Final[Mapping[str, str]] = MappingProxyType({})
_NO_SCALE: Final[Mapping[str, int]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Bench:
    """Where templates are tried.

    Attributes:
        find: finds the files that tests name.
        temporary: makes an empty folder.
        update: whether `assert_matches_file` writes instead of comparing.
        recorder: who records coverage, if anybody does.
    """

    find: Callable[[AnyPath], Path] = Path
    temporary: Callable[[], Path] | None = None
    update: bool = False
    recorder: Recorder | None = None

    def compose(
        self,
        folder: AnyPath,
        *,
        scale: Mapping[str, int] = _NO_SCALE,
        env: Mapping[str, str] = _NO_ENV,
        name: str | None = None,
        addresses: Mapping[str, str] = _NO_ENV,
    ) -> Stack:
        """Load a stack from the folder of its compose files; `metadata_client.compose.load`.

        Raises:
            ComposeError: the files are not there, or rancher-compose would not accept them.
        """
        found = self.find(folder)
        return load(found, env=env, scale=scale, name=name, addresses=addresses)

    def render(
        self,
        template: AnyPath,
        values: Values,
        *,
        as_: Container | str | None = None,
        version: str = "latest",
        compat: str = "",
    ) -> Rendered:
        r"""Render a template with all that its container is told.

        Args:
            template: the file.
            values: a stack, an environment, a store or a tree of values.
            as_: the container of the stack, or its name; None for what a stranger is told.
            version: the version of the metadata.
            compat: as for `confd_lib.render`.

        Raises:
            TemplateFileError: the file cannot be read.
            gotmpl.TemplateError: it is no template, or it cannot be rendered; in Go's words.
            ConfdError: there is no such container or version.

        >>> bench = Bench()
        >>> stack = bench.compose("examples/zookeeper")
        >>> myid = "examples/zookeeper/templates/myid.tmpl"
        >>> str(bench.render(myid, stack, as_="zookeeper_zookeeper_2"))
        '2\n'
        """
        path = self.find(template)
        made = self._parsed(path, funcs.functions(View(values, as_, version).store(), compat))
        return self._rendered(made.render(), path)

    def resource(
        self,
        path: AnyPath,
        values: Values,
        *,
        as_: Container | str | None = None,
        version: str = "latest",
        compat: str = "",
        check: bool = True,
    ) -> Rendered:
        """Do what confd does with a template resource, below a temporary root.

        The template sees the resource's keys alone, without its prefix; check_cmd judges the
        staged file, and the file is put in place with its mode. Owners are left alone, since only
        root can give files away, and nothing is reloaded.

        Args:
            path: the TOML file, in a folder whose neighbour `templates` holds the templates.
            values: as for `render`.
            as_: as for `render`.
            version: as for `render`, unless the resource's prefix begins with one.
            compat: as for `render`.
            check: whether to run the check_cmd.

        Returns:
            what was rendered; `path` is the file that was written.

        Raises:
            ConfdError: the resource cannot be used, or check_cmd refuses the file.
            gotmpl.TemplateError: as for `render`.
        """
        file = self.find(path)
        wanted = replace(TemplateResource.load(file), uid=-1, gid=-1)
        if not wanted.dest:
            raise ResourceError(str(file), "empty dest")
        store = View(values, as_, version).store_of(wanted)
        source = _templates(file) / gopath.join("/", wanted.src).lstrip("/")
        text = self._parsed(source, funcs.functions(store, compat), wanted.delims).render()
        dest = destination.below(self._root(), wanted.dest)
        update(wanted, dest, encode(text), Options(sync_only=not check))
        return self._rendered(text, source, dest)

    def trace(
        self,
        template: AnyPath,
        values: Values,
        *,
        as_: Container | str | None = None,
        version: str = "latest",
        compat: str = "",
    ) -> Trace:
        """Render a template and tell which keys were read for which line of it.

        The arguments are those of `render`; a template that fails ends its trace with the error.
        """
        path = self.find(template)
        text = _read(path)
        tracer = Tracer(path.name, text)
        functions = tracer.functions(View(values, as_, version).store(), compat)
        return tracer.finish(self._parsed(path, functions, who=tracer))

    def _parsed(
        self,
        path: Path,
        functions: Mapping[str, Callable[..., object]],
        delims: tuple[str, str] = ("{{", "}}"),
        who: Tracer | None = None,
    ) -> gotmpl.Template:
        text = _read(path)
        recorder = self.recorder.record(path, delims) if self.recorder else None
        template = gotmpl.Template(path.name).delims(*delims)
        return observed(template, functions, recorder, who).parse(text)

    def _rendered(self, text: str, source: Path, path: Path | None = None) -> Rendered:
        # The text of what would be written: half of a surrogate pair cannot be.
        text = from_bytes(encode(text))
        return Rendered(text, source.name, path, self.update, self.find)

    def _root(self) -> Path:
        if self.temporary is not None:
            return self.temporary()
        raise ValueError("this bench has no place for files: give it `temporary`")


def _templates(resource: Path) -> Path:
    """Find the folder of templates beside that of resources, which may have folders in it."""
    # What is linked belongs where the link is, as to confd.
    folders = resource.absolute().parents
    return next((one for one in folders if one.name == "conf.d"), folders[0]).parent / "templates"


def _read(path: Path) -> str:
    return from_bytes(templates.read(path))
