"""The object that the fixture `confd` returns.

It simulates stacks, renders templates and resources as a container of a stack would, and traces
which keys were read. It does not know pytest: the plugin passes in how to find files and what
records coverage.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import ExitStack
from inspect import signature
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Unpack

from confd_lib import each
from confd_lib.backends.protocol import values_of
from confd_lib.command.settings.flags import parse
from confd_lib.command.tool import sources
from confd_lib.errors import ResourceError
from confd_lib.testing.files import AnyPath, Finder, instead, listed, located
from confd_lib.testing.goldens import trees
from confd_lib.testing.viewers import Look, Rules, Viewer, WrongArgument
from confd_lib.testing.wiring import Wiring
from metadata_client.compose import Container, Stack, files_of, load

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from confd_lib.backends.protocol import Backend
    from confd_lib.backends.simulated import Values
    from confd_lib.store.store import Store
    from confd_lib.testing.rendered import Rendered
    from confd_lib.tracing.traces import Trace

_NO_ENV: Final[Mapping[str, str]] = MappingProxyType({})
_NO_SCALE: Final[Mapping[str, int]] = MappingProxyType({})
_ANYBODY: Final = Viewer()

# The arguments of `assert_tree` that no other method has.
_OF_A_TREE: Final = ("case", "confdir", "resources", "services", "check")

# The flags of stores that name files of values.
_FILES: Final = ("file", "config_file")

# The arguments of `load` that have names.
_OF_LOAD: Final = tuple(
    name for name, one in signature(load).parameters.items() if one.kind is one.KEYWORD_ONLY
)

STACK: Final = "stack"
"""The name of a stack whose folder holds the test, and may be that of a clone."""


class Bench:
    """Renders templates and resources in tests; without arguments, from the current folder.

    `render`, `resource`, `trace` and `assert_tree` take the choices of `as_` too, for one call.
    """

    __slots__ = ("_viewer", "_wiring")

    def __init__(self, wiring: Wiring | None = None, viewer: Viewer = _ANYBODY) -> None:
        self._wiring = wiring or Wiring()
        self._viewer = viewer

    def __repr__(self) -> str:
        return "<confd>" if self._viewer is _ANYBODY else f"<confd as {self._viewer}>"

    def as_(self, container: Container | str | None = None, **rules: Unpack[Rules]) -> Bench:
        """Return a bench that sees a stack through the eyes of one of its containers.

        Args:
            container: the container that asks, or its name; None for a client that is not in the
                stack.
            rules: `version`, the version of the metadata (`latest` by default); `changed`, other
                values of some keys, as the template asks for them; and `compat`, `funcs` and
                `without` as for `confd_lib.render`.

        Raises:
            WrongArgument: there is no such rule, or it has the wrong type.

        >>> node = Bench().as_("galera_galera_2", version="2015-07-25")
        >>> node
        <confd as galera_galera_2, version 2015-07-25>
        >>> stack = node.compose("examples/galera", env={"mysql_root_password": "x"})
        >>> out = node.render("examples/galera/templates/galera.cnf.tmpl", stack)
        >>> out.ini()["mysqld"]["server-id"]
        '2'
        """
        return Bench(self._wiring, self._viewer.looking({"as_": container, **rules}))

    def compose(
        self,
        folder: AnyPath,
        *,
        scale: Mapping[str, int] = _NO_SCALE,
        env: Mapping[str, str] = _NO_ENV,
        name: str | None = None,
        addresses: Mapping[str, str] = _NO_ENV,
        answers: Mapping[str, object] | None = None,
        **choices: Any,
    ) -> Stack:
        """Load a stack from the folder of its compose files, by `metadata_client.compose.load`.

        The folder is looked for beside the test, and then in the folders above it.

        Args:
            folder: the folder; or that of a catalog's entry.
            scale: as for `load`.
            env: as for `load`.
            name: the name of the stack. By default that of its folder; but `stack` where this
                folder holds the test, since a clone may have any name.
            addresses: as for `load`.
            answers: answers to the questions of the entry.
            choices: `version`, `strict` and the others that `load` has.

        Raises:
            ComposeError: the files are missing, or rancher-compose would refuse them.
            WrongArgument: `load` has no such choice.

        >>> answers = {"ROOT_PASSWORD": "s3cret", "MEMBERS": 1, "LB": False}
        >>> Bench().compose("examples/catalog/templates/galera", answers=answers).services[2].scale
        1
        """
        for one in choices.keys() - _OF_LOAD:
            raise WrongArgument(f"there is no argument {one}; {instead(one, _OF_LOAD)}")
        find = self._wiring.find
        with located(find, folder, find.first(folder, _has_compose_files)) as found:
            if find.is_below(found if found.is_dir() else found.parent):
                name = name or STACK
            given = {"env": env, "scale": scale, "name": name, "addresses": addresses}
            return load(found, **given, answers=answers, **choices)  # type: ignore[arg-type]  # by name

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
            flags: those of `confd` for a store that is named, with `_` for `-`. The files of `file`
                and `config_file` are looked for beside the test, and then in the folders above it.

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
        find = self._wiring.find
        with ExitStack() as noting:
            for path in (one for name in _FILES for one in _each(flags.get(name, ()))):
                noting.enter_context(located(find, str(path)))
            given, _ = parse([*_words({**known, **flags}, find)])
            return sources.values(given or {}, keys)

    def render(
        self, template: AnyPath, values: Values, *, data: object = None, **look: Unpack[Look]
    ) -> Rendered:
        r"""Render a template, which sees all keys; with `resource` it sees only the listed ones.

        Args:
            template: the file.
            values: a stack, an environment, a store or a tree of values.
            data: the value of `.`: the name, in a template of a resource with `each`.
            look: as for `as_`, which is the container: the choices of this call.

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
        viewer = self._viewer.looking(look, "data")
        with located(self._wiring.find, template) as path:
            return self._wiring.rendered(viewer.scene(path, values, data))

    def resource(
        self,
        path: AnyPath,
        values: Values,
        *,
        name: str | None = None,
        check: bool = True,
        **look: Unpack[Look],
    ) -> Rendered:
        """Process a template resource as confd does, below a temporary root.

        The template sees only the resource's keys, without its prefix; check_cmd checks the staged
        file, and the file is written with its mode. The owner is not set, since only root may do
        that, and reload_cmd does not run.

        Args:
            path: the TOML file, in a folder whose neighbour `templates` holds the templates.
            values: as for `render`.
            name: of a resource with `each`, the name to render.
            check: whether to run the check_cmd.
            look: as for `render`; the version counts unless the resource's prefix begins with one.

        Returns:
            the rendered text; `path` is the file that was written.

        Raises:
            ConfdError: the resource cannot be used, its `each` matches no such name, or check_cmd
                refuses the file.
            gotmpl.TemplateError: as for `render`.
        """
        viewer = self._viewer.looking(look, "check", "name")
        with located(self._wiring.find, path) as file:
            wanted = trees.load(str(file))
            files = each.named(wanted, viewer.store_of(values, wanted))
            if name not in files:
                raise ResourceError(wanted.path, _no_name(name, files))
            out = self._wiring.processed(files[name], values, viewer, name)
        return self._wiring.written(out, files[name], self._wiring.root(), check=check)

    def each(
        self, path: AnyPath, values: Values, *, check: bool = True, **look: Unpack[Look]
    ) -> dict[str, Rendered]:
        """Process a template resource with `each`, as `resource` does, for all of its names.

        The arguments are those of `resource`.

        Returns:
            the rendered texts by their names; all files lie below one root.

        Raises:
            ConfdError: as for `resource`; or the resource has no `each`.
            gotmpl.TemplateError: as for `render`.
        """
        wiring, viewer = self._wiring, self._viewer.looking(look, "check")
        with located(wiring.find, path) as file:
            wanted = trees.load(str(file))
            if not wanted.each:
                raise ResourceError(wanted.path, "it has no each: render it with `resource`")
            files = each.files(wanted, viewer.store_of(values, wanted))
            made = {
                name: wiring.processed(one, values, viewer, name) for name, one in files.items()
            }
        root = wiring.root()
        return {
            name: wiring.written(out, files[name], root, check=check) for name, out in made.items()
        }

    def assert_tree(
        self,
        folder: AnyPath,
        values: Values,
        *,
        case: str | None = None,
        confdir: AnyPath = ".",
        resources: str | Collection[str] | None = None,
        services: str | Collection[str] | None = None,
        check: bool = False,
        **look: Unpack[Look],
    ) -> None:
        """Fail unless a folder holds what confd writes as each container that has a resource.

        A resource with `each` writes a file for each name. The file of a container is
        `folder/case/CONTAINER/DEST`. With `pytest --confd-update` the files are written instead;
        files of the case that no render made are counted as unused.

        Args:
            folder: the folder of the expected files.
            values: as for `render`. If they are not those of a stack, the file is
                `folder/case/DEST`.
            case: the name of the case; by default that of the test.
            confdir: the folder that holds `conf.d` and `templates`; looked for beside the test, and
                then above it.
            resources: the name of a resource, or several; by default all.
            services: the service, or several, whose containers have the resources; by default each
                container has those of whose keys it has one. Containers that share another one's
                network are left out then.
            check: whether to run each check_cmd.
            look: as for `render`; with a container, it alone is rendered as.

        Raises:
            AssertionError: files hold another text, or do not exist. The message shows the
                differences.
            ConfdError: there is no such thing, a resource cannot be used, or check_cmd refuses a
                file.
            gotmpl.TemplateError: as for `render`; a note names the resource and the container.
        """
        __tracebackhide__ = True
        wiring, viewer = self._wiring, self._viewer.looking(look, *_OF_A_TREE)
        found = trees.find_resources(wiring.find, confdir, _several(resources))
        parts = trees.parts(values, viewer, found, _several(services))
        made = trees.rendered(wiring, parts, values, check=check)
        fault = trees.fault(wiring.goldens, folder, case or wiring.test(), made)
        if fault:
            raise AssertionError(fault)

    def trace(
        self, template: AnyPath, values: Values, *, data: object = None, **look: Unpack[Look]
    ) -> Trace:
        """Render a template, and trace which keys were read for which line of the output.

        The arguments are those of `render`. If the template fails, the trace ends with the error.
        """
        viewer = self._viewer.looking(look, "data")
        with located(self._wiring.find, template) as path:
            scene = viewer.scene(path, values, data)
            return scene.trace(self._wiring.observer(scene))


def _no_name(name: str | None, names: Collection[str | None]) -> str:
    """Return why a resource cannot be rendered for a name, or without one."""
    have = listed([one for one in names if one is not None])
    if None in names:
        return f"there is no name {name!r}: it has no each, so leave out `name`"
    if name is None:
        return f"it has each: give a `name`, one of {have}; or call `each`"
    return f"there is no name {name!r}; there are {have}"


def _several(names: str | Collection[str] | None) -> Collection[str] | None:
    return (names,) if isinstance(names, str) else names


def _has_compose_files(path: Path) -> bool:
    return path.exists() and any(one.exists() for one in files_of(path))


def _words(flags: Mapping[str, object], find: Finder) -> Iterator[str]:
    """Yield flags as they stand on the command line of `confd`."""
    for name, value in flags.items():
        for one in _each(value):
            yield f"-{name.replace('_', '-')}={find(str(one)) if name in _FILES else one}"


def _each(value: object) -> Sequence[object]:
    return value if isinstance(value, list | tuple) else (value,)
