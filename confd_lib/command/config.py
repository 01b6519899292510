"""The settings of the command, from flags, the environment, confd.toml and defaults.

Flags win over the environment, that over confd.toml, and that over defaults; in confd 0.16
confd.toml wins over flags, against its own manual. The module does not act on settings.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from confd_lib import regular
from confd_lib.command.flags import CONFIG_FILE, FLAGS, TABLE, VARIABLES
from confd_lib.compat import check_compat
from confd_lib.confdir.tomlfile import BOOLEAN, INTEGER, STRING, STRINGS, Kind, TOMLFile
from confd_lib.errors import ConfigError, TOMLError, system_reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from confd_lib.command.flags import Flag, Value

# Flags that confd.toml cannot set.
_FLAGS_ONLY: Final = ("config-file", "version")
_KINDS: Final[tuple[tuple[type, Kind], ...]] = (
    (bool, BOOLEAN),
    (int, INTEGER),
    (str, STRING),
    (tuple, STRINGS),
)


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of the command; each attribute is the flag of its name.

    Attributes:
        unused: flags and settings that were given and belong to other backends.
        words: the words after the last flag, which are not read.
        warnings: lines about names in confd.toml that confd ignores or that nobody knows.
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
    interval: int
    keep_stage_file: bool
    log_format: str
    log_level: str
    metadata_ip: str
    namespace: str
    node: tuple[str, ...]
    noop: bool
    onetime: bool
    password: str
    path: str
    prefix: str
    ready_timeout: int
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

    >>> config = read({"backend": "rancher", "prefix": "/latest", "config-file": "/none"}, (), {})
    >>> config.backend, config.prefix, config.interval
    ('rancher', '/latest', 600)
    """
    name = str(flags.get("config-file", CONFIG_FILE))
    toml, unknown = _from_toml(Path(name)) if name else ({}, ())
    over = {**_variables(environ), **flags}
    over = {**_of_store({**toml, **over}, environ), **over}
    followed = {flag: value for flag, value in toml.items() if flag not in over}
    return _merge({**followed, **over}, words, tuple(_warnings(name, followed, unknown)))


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
    backend = str(given.get("backend", FLAGS["backend"].default))
    found: dict[str, Value] = {}
    for variable, flag in VARIABLES.get(backend, {}).items():
        text = environ.get(variable, "")
        if text and flag not in found:
            found |= _settings(flag, text)
    return found


def _settings(flag: str, text: str) -> dict[str, Value]:
    """Return the settings in the text of a variable that stands for a flag."""
    if flag == "node":
        return {flag: tuple(text.split(","))}
    if flag == "basic-auth":
        username, _, password = text.partition(":")
        return {flag: True, "username": username, "password": password}
    return {flag: text}


def _warnings(path: str, settings: Mapping[str, Value], unknown: Iterable[str]) -> Iterator[str]:
    """Yield lines about settings that confd ignores in confd.toml, and about unknown names."""
    ours = [f"{name} = {value}" for name, value in settings.items() if FLAGS[name].ours]
    if ours:
        yield f"{path}: settings that confd ignores and confd-lib follows: {', '.join(ours)}"
    yield from (f"{path}: {name} is not a setting, and is ignored" for name in unknown)


def _kind(flag: Flag) -> Kind:
    """Return the kind of a flag's value in confd.toml."""
    return next(kind for type_, kind in _KINDS if isinstance(flag.default, type_))


def _from_toml(path: Path) -> tuple[dict[str, Value], tuple[str, ...]]:
    """Return the settings of confd.toml and the names in it that are no settings."""
    try:
        data = regular.read_file(path)
    except FileNotFoundError:
        return {}, ()
    except OSError as error:
        raise ConfigError(f"{path}: {system_reason(error)}") from error
    names = {flag.toml or flag.name: flag for flag in TABLE if flag.name not in _FLAGS_ONLY}
    kinds = {name: _kind(flag) for name, flag in names.items()}
    try:
        values, unknown = TOMLFile.parse(str(path), data).decode(kinds)
    except TOMLError as error:
        raise ConfigError(str(error)) from error
    settings = {
        names[name].name: tuple(value) if isinstance(value, list) else value
        for name, value in values.items()
    }
    return settings, unknown


def _merge(
    values: Mapping[str, Value], words: tuple[str, ...], warnings: tuple[str, ...]
) -> Config:
    """Return the settings with the defaults added; raise ConfigError for an unknown `compat`."""
    given: dict[str, Any] = {
        flag.name.replace("-", "_"): values.get(flag.name, flag.default)
        for flag in TABLE
        if flag.help and flag.name not in _FLAGS_ONLY
    }
    unused = tuple(
        name
        for name in values
        if not FLAGS[name].help or given["backend"] not in (FLAGS[name].of or (given["backend"],))
    )
    config = Config(unused=unused, words=words, warnings=warnings, **given)
    check_compat(config.compat)
    return config
