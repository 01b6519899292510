"""The object that the fixture `confd` returns.

It simulates stacks, renders templates and resources as a container of a stack would, and traces
which keys were read. It does not know pytest: the plugin passes in how to find files and what
records coverage.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from os import PathLike
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import gotmpl
from confd_lib import each
from confd_lib.backends.protocol import values_of
from confd_lib.backends.simulated import Values, View
from confd_lib.command.settings.flags import parse
from confd_lib.command.tool import sources
from confd_lib.confdir import templates
from confd_lib.confdir.resource import TemplateResource
from confd_lib.destination.update import Options, update
from confd_lib.destination.wanted import below
from confd_lib.errors import ResourceError
from confd_lib.funcs import functions as available
from confd_lib.golang.strings import encode, from_bytes
from confd_lib.testing.rendered import Rendered
from confd_lib.tracing.observers import together
from confd_lib.tracing.tracer import Tracer
from metadata_client.compose import Container, Stack, load

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from confd_lib.backends.protocol import Backend
    from confd_lib.confdir.templates import Functions
    from confd_lib.store.store import Store
    from confd_lib.testing.coverage import Recorder
    from confd_lib.tracing.traces import Trace

AnyPath = str | PathLike[str]

_NO_ENV: Final[Mapping[str, str]] = MappingProxyType({})
_NO_SCALE: Final[Mapping[str, int]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Bench:
    """Renders templates and resources in tests.

    Attributes:
        find: finds the files that tests name.
        temporary: makes an empty folder.
        update: whether `assert_matches_file` writes instead of comparing.
        recorder: records coverage; None if it is not measured.
    """

    find: Callable[[AnyPath], Path] = field(default=Path, repr=False)
    temporary: Callable[[], Path] | None = field(default=None, repr=False)
    update: bool = False
    recorder: Recorder | None = field(default=None, repr=False)

    def compose(
        self,
        folder: AnyPath,
        *,
        scale: Mapping[str, int] = _NO_SCALE,
        env: Mapping[str, str] = _NO_ENV,
        name: str | None = None,
        addresses: Mapping[str, str] = _NO_ENV,
    ) -> Stack:
        """Load a stack from the folder of its compose files, by `metadata_client.compose.load`.

        Raises:
            ComposeError: the files are missing, or rancher-compose would refuse them.
        """
        found = self.find(folder)
        return load(found, env=env, scale=scale, name=name, addresses=addresses)

    def backend(
        self,
        backend: Backend | str | None = None,
        *,
        prefix: str | None = None,
        keys: Sequence[str] = ("/",),
        **flags: str | bool | int | Sequence[str],
    ) -> Store:
        """Return the values of a store, for `render`, `resource` and `trace`.

        Args:
            backend: a store, as `backends.Etcd("10.0.0.1")`; or the name of one, as `confd` has it;
                or None for the store, or the layers, of the confd.toml that `config_file` names.
            prefix: of the keys, which is cut off; None for that of the confd.toml, or for none.
            keys: the keys to ask for, below the prefix; all keys below them come too.
            flags: those of `confd` for a store that is named, with `_` for `-`.

        Raises:
            BackendError: the store does not answer, or refuses a key.
            ConfigError: a flag or confd.toml cannot be used.

        >>> from confd_lib import backends
        >>> bench = Bench()
        >>> bench.backend(backends.Memory({"/prod/port": 80}), prefix="/prod").getv("/port")
        '80'
        >>> values = bench.backend("etcd", node="10.0.0.1", prefix="/prod")  # doctest: +SKIP
        >>> values = bench.backend(config_file="/etc/confd/confd.toml")  # doctest: +SKIP
        """
        if backend is not None and not isinstance(backend, str):
            return values_of(backend, prefix or "/", keys)
        named = {"backend": backend, "prefix": prefix}
        known = {name: value for name, value in named.items() if value is not None}
        given, _ = parse([*_words({**known, **flags})])
        return sources.values(given or {}, keys)

    def render(  # noqa: PLR0913 - one keyword for each choice
        self,
        template: AnyPath,
        values: Values,
        *,
        as_: Container | str | None = None,
        version: str = "latest",
        compat: str = "",
        funcs: Mapping[str, Callable[..., object]] | None = None,
        without: Collection[str] = (),
        data: object = None,
    ) -> Rendered:
        r"""Render a template, which sees all keys; with `resource` it sees only the listed ones.

        Args:
            template: the file.
            values: a stack, an environment, a store or a tree of values.
            as_: the container of the stack that asks, or its name; None for a client that is not in
                the stack.
            version: the version of the metadata.
            compat: as for `confd_lib.render`.
            funcs: as for `confd_lib.render`.
            without: as for `confd_lib.render`.
            data: the value of `.`: the name, in a template of a resource with `each`.

        Raises:
            TemplateFileError: the file cannot be read.
            gotmpl.TemplateError: the template cannot be parsed or rendered; the message is Go's.
            ConfdError: the container or the version does not exist.

        >>> bench = Bench()
        >>> stack = bench.compose("examples/zookeeper")
        >>> myid = "examples/zookeeper/templates/myid.tmpl"
        >>> str(bench.render(myid, stack, as_="zookeeper_zookeeper_2"))
        '2\n'
        """
        path = self.find(template)
        store = View(values, as_, version).store()
        made = self._parsed(path, available(store, compat, funcs, without))
        return self._rendered(made.render(data), path)

    def resource(  # noqa: PLR0913 - one keyword for each choice
        self,
        path: AnyPath,
        values: Values,
        *,
        as_: Container | str | None = None,
        version: str = "latest",
        compat: str = "",
        check: bool = True,
        funcs: Mapping[str, Callable[..., object]] | None = None,
        without: Collection[str] = (),
        name: str | None = None,
    ) -> Rendered:
        """Process a template resource as confd does, below a temporary root.

        The template sees only the resource's keys, without its prefix; check_cmd checks the staged
        file, and the file is written with its mode. The owner is not set, since only root may do
        that, and reload_cmd does not run.

        Args:
            path: the TOML file, in a folder whose neighbour `templates` holds the templates.
            values: as for `render`.
            as_: as for `render`.
            version: as for `render`, unless the resource's prefix begins with one.
            compat: as for `render`.
            check: whether to run the check_cmd.
            funcs: as for `render`.
            without: as for `render`.
            name: of a resource with `each`, the name to render.

        Returns:
            the rendered text; `path` is the file that was written.

        Raises:
            ConfdError: the resource cannot be used, its `each` matches no such name, or check_cmd
                refuses the file.
            gotmpl.TemplateError: as for `render`.
        """
        wanted = self._load(path)
        store = View(values, as_, version).store_of(wanted)
        named = _named(wanted, store)
        if name not in named:
            have = ", ".join(map(str, named)) or "none"
            raise ResourceError(wanted.path, f"there is no name {name!r}; there are {have}")
        functions = available(store, compat, funcs, without)
        return self._written(named[name], name, functions, self._root(), check=check)

    def each(  # noqa: PLR0913 - one keyword for each choice
        self,
        path: AnyPath,
        values: Values,
        *,
        as_: Container | str | None = None,
        version: str = "latest",
        compat: str = "",
        check: bool = True,
        funcs: Mapping[str, Callable[..., object]] | None = None,
        without: Collection[str] = (),
    ) -> dict[str, Rendered]:
        """Process a template resource with `each`, as `resource` does, for all of its names.

        The arguments are those of `resource`.

        Returns:
            the rendered texts by their names; all files lie below one root.
        """
        wanted = self._load(path)
        store = View(values, as_, version).store_of(wanted)
        functions, root = available(store, compat, funcs, without), self._root()
        return {
            str(name): self._written(one, name, functions, root, check=check)
            for name, one in _named(wanted, store).items()
        }

    def trace(  # noqa: PLR0913 - one keyword for each choice
        self,
        template: AnyPath,
        values: Values,
        *,
        as_: Container | str | None = None,
        version: str = "latest",
        compat: str = "",
        funcs: Mapping[str, Callable[..., object]] | None = None,
        without: Collection[str] = (),
        data: object = None,
    ) -> Trace:
        """Render a template, and trace which keys were read for which line of the output.

        The arguments are those of `render`. If the template fails, the trace ends with the error.
        """
        path = self.find(template)
        tracer = Tracer(path.name, templates.read_text(path))
        store = View(values, as_, version).store()
        functions = tracer.functions(store, compat, funcs, without)
        return tracer.finish(self._parsed(path, functions, tracer=tracer), data)

    def _load(self, path: AnyPath) -> TemplateResource:
        """Read a resource, whose files get the owner of this process."""
        wanted = replace(TemplateResource.load(self.find(path)), uid=-1, gid=-1)
        if not wanted.dest:
            raise ResourceError(wanted.path, "empty dest")
        return wanted

    def _written(
        self,
        wanted: TemplateResource,
        name: str | None,
        functions: Functions,
        root: Path,
        *,
        check: bool,
    ) -> Rendered:
        """Render a file of a resource, and write it below a root."""
        folder = templates.folder_of(Path(wanted.path))
        source = templates.path_of(folder, wanted.src)
        parts = [templates.path_of(folder, part) for part in wanted.templates]
        text = self._parsed(source, functions, wanted.delims, parts=parts).render(name)
        dest = below(root, wanted.dest)
        update(wanted, dest, encode(text), Options(sync_only=not check))
        return self._rendered(text, source, dest)

    def _parsed(
        self,
        path: Path,
        functions: Functions,
        delims: tuple[str, str] = ("{{", "}}"),
        tracer: Tracer | None = None,
        parts: Sequence[Path] = (),
    ) -> gotmpl.Template:
        shared = {part.name: templates.read_text(part) for part in parts}
        files = (path, *parts)
        records = [self.recorder.record(file, delims) for file in files] if self.recorder else []
        observer = together(*records, tracer)
        text = templates.read_text(path)
        return templates.parse(path.name, text, functions, delims, observer, shared)

    def _rendered(self, text: str, source: Path, path: Path | None = None) -> Rendered:
        # A round trip through bytes: files cannot hold lone surrogates.
        text = from_bytes(encode(text))
        return Rendered(text, source.name, path, self.update, self.find)

    def _root(self) -> Path:
        if self.temporary is not None:
            return self.temporary()
        raise ValueError("this Bench has no folder for files: pass `temporary`")


def _words(flags: Mapping[str, object]) -> Iterator[str]:
    """Yield flags as they stand on the command line of `confd`."""
    for name, value in flags.items():
        for one in value if isinstance(value, list | tuple) else (value,):
            yield f"-{name.replace('_', '-')}={one}"


def _named(wanted: TemplateResource, store: Store) -> Mapping[str | None, TemplateResource]:
    """Return the resource of each name; of one without `each`, that of None."""
    if not wanted.each:
        return {None: wanted}
    named: dict[str | None, TemplateResource] = {}
    named.update(each.files(wanted, store))
    return named
