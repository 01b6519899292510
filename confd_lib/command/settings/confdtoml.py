"""confd.toml: the settings of its top table, and of its [[layer]] tables.

Knows nothing of flags that were given, nor of the environment.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from confd_lib import regular
from confd_lib.command.settings import exec as exec_table
from confd_lib.command.settings.table import TABLE
from confd_lib.confdir.tomlfile import BOOLEAN, INTEGER, STRING, STRINGS, Kind, TOMLFile, line_of
from confd_lib.errors import ConfigError, TOMLError, system_reason

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from confd_lib.command.settings.exec import Exec
    from confd_lib.command.settings.table import Flag, Value
    from confd_lib.confdir.oldtoml import Outdated

# Flags that are no settings of confd.toml's top table.
FLAGS_ONLY: Final = ("config-file", "exec", "version")
LAYER: Final = "layer"
KINDS: Final[tuple[tuple[type, Kind], ...]] = (
    (bool, BOOLEAN),
    (int, INTEGER),
    (str, STRING),
    (tuple, STRINGS),
)
_SETTINGS: Final = {flag.toml or flag.name: flag for flag in TABLE if flag.name not in FLAGS_ONLY}
# A layer has the settings of its store, and a prefix of its own.
OF_A_LAYER: Final = {
    name: flag
    for name, flag in _SETTINGS.items()
    if flag.help and (flag.of or flag.name in ("backend", "prefix"))
}


@dataclass(frozen=True, slots=True)
class LayerTable:
    """A [[layer]] table.

    Attributes:
        settings: by flag.
        keys: the keys that its store is asked for; empty for all.
    """

    settings: Mapping[str, Value]
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ignored:
    """A name that is no setting where it stands.

    Attributes:
        keys: the path to it.
        warning: a line about it.
        known: the names of the settings that may stand there.
    """

    keys: tuple[str | int, ...]
    warning: str
    known: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ConfdTOML:
    """The settings in a confd.toml.

    Attributes:
        settings: those of the top table, by flag.
        layers: its [[layer]] tables.
        ignored: the names that are no settings.
        exec: the process of its table [exec], if it has one.
        outdated: the faults of the file that only confd 0.16 and older do not mind.
    """

    settings: Mapping[str, Value] = field(default_factory=dict)
    layers: tuple[LayerTable, ...] = ()
    ignored: tuple[Ignored, ...] = ()
    exec: Exec | None = None
    outdated: tuple[Outdated, ...] = ()

    @property
    def warnings(self) -> tuple[str, ...]:
        """Lines about the names that are no settings."""
        return tuple(one.warning for one in self.ignored)


def read(path: Path) -> ConfdTOML:
    """Return the settings in a file; none if there is no file.

    Raises:
        ConfigError: the file cannot be read, or a value has the wrong type.
    """
    try:
        data = regular.read_file(path)
    except FileNotFoundError:
        return ConfdTOML()
    except OSError as error:
        raise ConfigError(f"{path}: {system_reason(error)}") from error
    try:
        return _decode(TOMLFile.parse(str(path), data))
    except TOMLError as error:
        raise ConfigError(str(error)) from error


def _decode(file: TOMLFile) -> ConfdTOML:
    values, unknown = file.decode(_kinds(_SETTINGS))
    tables = [
        _layer(table, f"{file.path}: [[{LAYER}]] {number}")
        for number, table in enumerate(file.tables(LAYER), 1)
    ]
    odd = [name for name in unknown if name.lower() not in (LAYER, exec_table.TABLE)]
    ignored = [
        Ignored((name,), f"{file.path}: {name} is not a setting, and is ignored", tuple(_SETTINGS))
        for name in odd
    ]
    ignored += [one for _, of_layer in tables for one in of_layer]
    layers = tuple(layer for layer, _ in tables)
    process, of_exec = _exec(file)
    ignored += of_exec
    settings = _by_flag(values, _SETTINGS)
    return ConfdTOML(settings, layers, tuple(ignored), process, file.outdated)


def _exec(file: TOMLFile) -> tuple[Exec | None, Sequence[Ignored]]:
    """Return the process of the table [exec], and the names in it that are no settings."""
    table = file.table(exec_table.TABLE)
    if table is None:
        return None, ()
    found, odd = exec_table.decode(table)
    place, known = f"{file.path}: [{exec_table.TABLE}]", tuple(exec_table.KINDS)
    return found, [
        Ignored((*table.at, name), f"{place}: {name} is not a setting, and is ignored", known)
        for name in odd
    ]


def _layer(table: TOMLFile, place: str) -> tuple[LayerTable, Sequence[Ignored]]:
    """Return the settings of a layer, and the names that are no settings of its store."""
    values, unknown = table.decode({**_kinds(OF_A_LAYER), "keys": STRINGS})
    keys = tuple(values.pop("keys", ()))
    backend = values.get("backend", "")
    if not backend:
        reason = f'{place} names no store; write backend = "etcd", or another one'
        line = min((line_of(table.text, (*table.at, name)) for name in table.values), default=1)
        raise ConfigError(reason) from TOMLError(table.path, reason, line)
    others = [name for name in values if backend not in (OF_A_LAYER[name].of or (backend,))]
    known = tuple(OF_A_LAYER)
    lines = [
        Ignored(
            (*table.at, name), f"{place}: {name} is not a setting of a layer, and is ignored", known
        )
        for name in unknown
    ]
    lines += [
        Ignored((*table.at, name), f"{place}: backend {backend} does not use {name}")
        for name in others
    ]
    used = {name: value for name, value in values.items() if name not in others}
    return LayerTable(_by_flag(used, OF_A_LAYER), keys), lines


def _kinds(flags: Mapping[str, Flag]) -> dict[str, Kind]:
    """Return the kind of each flag's value."""
    return {
        name: next(kind for type_, kind in KINDS if isinstance(flag.default, type_))
        for name, flag in flags.items()
    }


def _by_flag(
    values: Mapping[str, Value | list[str]], flags: Mapping[str, Flag]
) -> dict[str, Value]:
    return {
        flags[name].name: tuple(value) if isinstance(value, list) else value
        for name, value in values.items()
    }
