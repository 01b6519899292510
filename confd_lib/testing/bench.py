"""The object that the fixture `confd` returns.

It simulates stacks, renders templates and resources as a container of a stack would, and traces
which keys were read. It does not know pytest: the plugin passes in how to find files and what
records coverage.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import gotmpl
from confd_lib.backends.protocol import values_of
from confd_lib.backends.simulated import Values, View
from confd_lib.command.settings.flags import parse
from confd_lib.command.tool import sources
from confd_lib.confdir import templates
from confd_lib.confdir.resource import TemplateResource
from confd_lib.destination.update import Options, update
from confd_lib.destination.wanted import below
from confd_lib.errors import ResourceError
from confd_lib.golang.strings import encode
from confd_lib.testing.files import AnyPath, located
from confd_lib.testing.rendered import Rendered
from confd_lib.testing.scene import Scene
from metadata_client.compose import Container, Stack, load

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from confd_lib.backends.protocol import Backend
    from confd_lib.store.store import Store
    from confd_lib.testing.coverage.recording import Recorder
    from confd_lib.tracing.traces import Trace

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
        with located(self.find, folder) as found:
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

    def render(
        self,
        template: AnyPath,
        values: Values,
        *,
        as_: Container | str | None = None,
        version: str = "latest",
        compat: str = "",
        funcs: Mapping[str, Callable[..., object]] | None = None,
        without: Collection[str] = (),
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
        view = View(values, as_, version)
        store = view.store()
        with located(self.find, template) as path:
            return self._render(Scene(path, store, compat, funcs, without, origin=view.place))

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

        Returns:
            the rendered text; `path` is the file that was written.

        Raises:
            ConfdError: the resource cannot be used, or check_cmd refuses the file.
            gotmpl.TemplateError: as for `render`.
        """
        view = View(values, as_, version)
        with located(self.find, path) as file:
            wanted = replace(TemplateResource.load(file), uid=-1, gid=-1)
            if not wanted.dest:
                raise ResourceError(str(file), "empty dest")
            source = templates.path_of(_templates(file), wanted.src)
            store, whole = view.store_of(wanted), view.whole_of(wanted)
            origin = partial(view.place, resource=wanted)
            made = self._render(Scene(source, store, compat, funcs, without, wanted, whole, origin))
        dest = below(self._root(), wanted.dest)
        update(wanted, dest, encode(made.text), Options(sync_only=not check))
        return replace(made, path=dest)

    def trace(
        self,
        template: AnyPath,
        values: Values,
        *,
        as_: Container | str | None = None,
        version: str = "latest",
        compat: str = "",
        funcs: Mapping[str, Callable[..., object]] | None = None,
        without: Collection[str] = (),
    ) -> Trace:
        """Render a template, and trace which keys were read for which line of the output.

        The arguments are those of `render`. If the template fails, the trace ends with the error.
        """
        store = View(values, as_, version).store()
        with located(self.find, template) as path:
            scene = Scene(path, store, compat, funcs, without)
            return scene.trace(self._observer(scene))

    def _render(self, scene: Scene) -> Rendered:
        text = scene.render(self._observer(scene))
        return Rendered(text, scene.path.name, None, self.update, self.find, scene)

    def _observer(self, scene: Scene) -> gotmpl.Observer | None:
        if self.recorder is None:
            return None
        return self.recorder.record(scene.path, scene.delims, scene.functions())

    def _root(self) -> Path:
        if self.temporary is not None:
            return self.temporary()
        raise ValueError("this Bench has no folder for files: pass `temporary`")


def _words(flags: Mapping[str, object]) -> Iterator[str]:
    """Yield flags as they stand on the command line of `confd`."""
    for name, value in flags.items():
        for one in value if isinstance(value, list | tuple) else (value,):
            yield f"-{name.replace('_', '-')}={one}"


def _templates(resource: Path) -> Path:
    """Return the folder `templates` beside conf.d; the resource may be in a folder below conf.d."""
    # A symbolic link counts where it stands, as in confd.
    folders = resource.absolute().parents
    return next((one for one in folders if one.name == "conf.d"), folders[0]).parent / "templates"
