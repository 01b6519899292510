"""The settings of the command, from flags, the environment, confd.toml and defaults.

Flags win over the environment, that over confd.toml, and that over defaults; in confd 0.16
confd.toml wins over flags, against its own manual. The module does not act on settings.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from confd_lib.command.settings import confdtoml
from confd_lib.command.settings import exec as exec_table
from confd_lib.command.settings.confdtoml import ConfdTOML, LayerTable
from confd_lib.command.settings.table import CONFIG_FILE, FLAGS, TABLE, VARIABLES
from confd_lib.compat import check_compat, check_functions
from confd_lib.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from confd_lib.command.settings.exec import Exec
    from confd_lib.command.settings.table import Value


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of the command; each attribute is the flag of its name.

    Attributes:
        unused: flags and settings that were given and belong to other backends.
        words: the words after the last flag, which are not read.
        warnings: lines about names in confd.toml that confd ignores or that nobody knows.
        layers: the settings of each layer, of which those of its store count, and its prefix; empty
            for a single store.
        exec: the process that confd starts, if any.
        keys: of a layer, the keys that its store is asked for.
    """

    auth_token: str
    auth_type: str
    backend: str
    basic_auth: bool
    client_ca_keys: str
    client_cert: str
    client_key: str
    compat: str
    confdir: str
    diff_exit_code: bool
    file: tuple[str, ...]
    filter: str
    functions: str
    interval: int
    keep_stage_file: bool
    listen: str
    log_format: str
    log_level: str
    metadata_ip: str
    namespace: str
    node: tuple[str, ...]
    noop: bool
    onetime: bool
    password: str
    path: str
    preflight: bool
    prefix: str
    ready_timeout: int
    ready_within: int
    render_timeout: int
    role_id: str
    root: str
    scheme: str
    secret_id: str
    separator: str
    srv_domain: str
    srv_record: str
    status_file: str
    sync_only: bool
    username: str
    watch: bool
    unused: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    layers: tuple[Config, ...] = ()
    exec: Exec | None = None
    keys: tuple[str, ...] = ("/",)


def read(
    flags: Mapping[str, Value],
    words: tuple[str, ...] = (),
    environ: Mapping[str, str] = os.environ,
) -> Config:
    """Return the settings of the command.

    Args:
        flags: the flags that were given, by name.
        words: the words after them.
        environ: the environment.

    Raises:
        ConfigError: a variable or confd.toml cannot be used.

    >>> config = read({"backend": "rancher", "prefix": "/latest", "config-file": ""}, (), {})
    >>> config.backend, config.prefix, config.interval
    ('rancher', '/latest', 600)
    """
    name = str(flags.get("config-file", CONFIG_FILE))
    file = confdtoml.read(Path(name)) if name else ConfdTOML()
    variables = _variables(environ)
    over = {**variables, **flags}
    followed = {flag: value for flag, value in file.settings.items() if flag not in over}
    warnings = tuple(_warnings(name, followed, file, flags))
    process = _process(file, flags.get("exec"), name)
    tables, rest = _tables(file, {**followed, **flags}, flags.get("backend"))
    if tables:
        own = {flag: value for flag, value in variables.items() if not _is_of_stores(flag)}
        config = _merge({**own, **rest}, words, warnings, process)
        unused = tuple(filter(_is_of_stores, rest))
        return replace(config, unused=unused, layers=_layers(tables, environ))
    over = {**_of_store({**file.settings, **over}, environ), **over}
    return _merge({**followed, **over}, words, warnings, process)


def _process(file: ConfdTOML, flag: Value | None, name: str) -> Exec | None:
    return exec_table.choose(file.exec, None if flag is None else str(flag), name)


# -- Layers


def _tables(
    file: ConfdTOML, given: Mapping[str, Value], backend: Value | None
) -> tuple[Sequence[LayerTable], Mapping[str, Value]]:
    """Return the settings of each layer, and those that belong to none.

    Args:
        file: its [[layer]] tables count where no flag names a backend.
        given: the flags, and the settings of the file's top table.
        backend: the flag, of which several values are layers.
    """
    if isinstance(backend, tuple):
        return _shared_out(backend, given)
    return (file.layers, given) if backend is None else ((), given)


def _shared_out(
    backends: Sequence[str], given: Mapping[str, Value]
) -> tuple[Sequence[LayerTable], Mapping[str, Value]]:
    """Give each setting to the one of several backends that uses it; return also the others.

    Raises:
        ConfigError: several of them use one.
    """
    users = {name: [one for one in backends if _uses(one, name)] for name in given}
    doubtful = [name for name, using in users.items() if len(using) > 1]
    if doubtful:
        raise ConfigError(
            f"{', '.join(f'-{name}' for name in doubtful)} may belong to backend "
            f"{' or '.join(users[doubtful[0]])}: write [[layer]] tables in confd.toml instead"
        )
    tables = [
        {"backend": one, **{name: given[name] for name in given if one in users[name]}}
        for one in backends
    ]
    rest = {name: given[name] for name in given if name != "backend" and not users[name]}
    return [LayerTable(table) for table in tables], rest


def _uses(backend: str, name: str) -> bool:
    """Return whether a setting is for one of several backends.

    The prefix is for rancher alone: it has to begin with a version of the metadata there.
    """
    return backend in FLAGS[name].of or (name, backend) == ("prefix", "rancher")


def _is_of_stores(name: str) -> bool:
    flag = FLAGS[name]
    return name == "backend" or bool(flag.of) or not flag.help


def _layers(tables: Sequence[LayerTable], environ: Mapping[str, str]) -> tuple[Config, ...]:
    """Return the settings of each layer; variables of the environment count after its own."""
    common = _variables(environ)
    layers: list[Config] = []
    for settings, keys in ((table.settings, table.keys) for table in tables):
        used = {name: common[name] for name in common if settings["backend"] in FLAGS[name].of}
        values = {**used, **_of_store(settings, environ), **settings}
        layers.append(replace(_merge(values), keys=keys or ("/",)))
    return tuple(layers)


# -- Sources of settings


def _variables(environ: Mapping[str, str]) -> dict[str, Value]:
    """Return the settings in variables of the command."""
    return {
        flag.name: environ[flag.variable]
        for flag in TABLE
        if flag.variable and environ.get(flag.variable)
    }


def _of_store(given: Mapping[str, Value], environ: Mapping[str, str]) -> dict[str, Value]:
    """Return the settings in variables of the store's own clients.

    Args:
        given: the flags and settings, of which one names the backend.
        environ: the environment.
    """
    found: dict[str, Value] = {}
    for variable, flag in VARIABLES.get(_backend(given), {}).items():
        text = environ.get(variable, "")
        if text and flag not in found:
            found |= _settings(flag, text)
    return found


def _backend(given: Mapping[str, Value]) -> str:
    """Return the name of the backend; an empty one is the default, as in confd."""
    return str(given.get("backend") or FLAGS["backend"].default)


def _settings(flag: str, text: str) -> dict[str, Value]:
    """Return the settings in the text of a variable that stands for a flag."""
    if flag == "node":
        return {flag: tuple(text.split(","))}
    if flag == "basic-auth":
        username, _, password = text.partition(":")
        return {flag: True, "username": username, "password": password}
    return {flag: text}


def _warnings(
    path: str, followed: Mapping[str, Value], file: ConfdTOML, flags: Mapping[str, Value]
) -> Iterator[str]:
    """Yield lines about what confd ignores in confd.toml, and about what nobody reads there."""
    if flags.get("config-file") and not Path(path).exists():
        yield f"{path}: there is no such file, so no setting is read from it"
    yield from (f"{path}: {fault}" for fault in file.outdated)
    ours = [f"{name} = {value}" for name, value in followed.items() if FLAGS[name].ours]
    ours += ["[exec]"] if file.exec else []
    if ours:
        yield f"{path}: settings that confd ignores and confd-lib follows: {', '.join(ours)}"
    yield from file.warnings
    if file.layers and "backend" in flags:
        yield f"{path}: the flag -backend counts, and the [[layer]] tables do not"


def _merge(
    values: Mapping[str, Value],
    words: tuple[str, ...] = (),
    warnings: tuple[str, ...] = (),
    process: Exec | None = None,
) -> Config:
    """Return the settings with the defaults added.

    Raises:
        ConfigError: `compat` or `functions` is unknown, a number is below zero, or -exec stands
            beside -noop; the table [exec] may.
    """
    given: dict[str, Any] = {
        flag.name.replace("-", "_"): values.get(flag.name, flag.default)
        for flag in TABLE
        if flag.help and flag.name not in confdtoml.FLAGS_ONLY
    }
    given["backend"] = _backend(values)
    unused = tuple(
        name
        for name in values
        if not FLAGS[name].help or given["backend"] not in (FLAGS[name].of or (given["backend"],))
    )
    config = Config(unused=unused, words=words, warnings=warnings, exec=process, **given)
    check_compat(config.compat)
    check_functions(config.functions)
    _check_numbers(given)
    if not config.noop or config.exec is None:
        return config
    if "exec" in values:
        raise ConfigError("-noop writes no file, so -exec has nothing to start a process with")
    return replace(config, exec=None)


def _check_numbers(given: Mapping[str, Value]) -> None:
    for name, value in given.items():
        if isinstance(value, int) and value < 0:
            raise ConfigError(f"{name.replace('_', '-')} is {value}: write 0 or more seconds")
