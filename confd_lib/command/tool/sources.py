"""The stores that `confd-lib` reads, by the flags and the confd.toml of `confd`.

Knows nothing of templates.
"""

from __future__ import annotations

import threading
import warnings
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from confd_lib.backends.protocol import values_of
from confd_lib.command.settings import stores
from confd_lib.command.settings.config import read
from confd_lib.command.settings.table import TABLE
from confd_lib.errors import ConfigError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from confd_lib.backends.protocol import Backend
    from confd_lib.command.settings.config import Config
    from confd_lib.command.settings.table import Flag, Value
    from confd_lib.confdir.resource import TemplateResource
    from confd_lib.store.store import Store

_BACKEND: Final = "backend"
_CONFIG_FILE: Final = "config-file"
# Those that name a store, and those that say how it is reached.
_FLAGS: Final = tuple(
    flag for flag in TABLE if flag.name in (_BACKEND, _CONFIG_FILE) or (flag.of and flag.help)
)


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags of stores, which have the names that they have in `confd`, and `--prefix`."""
    group = parser.add_argument_group("stores", "the flags that confd has by these names")
    for flag in _FLAGS:
        group.add_argument(f"--{flag.name}", dest=_dest(flag), help=flag.help, **_kind(flag))
    parser.add_argument("--prefix", help="prefix of all keys")


def _dest(flag: Flag) -> str:
    """Return the name of a flag's attribute, which no other flag of `confd-lib` has."""
    return f"store_{flag.name.replace('-', '_')}"


def _kind(flag: Flag) -> dict[str, Any]:  # the keywords of `add_argument` are of any type
    if isinstance(flag.default, bool):
        return {"action": "store_const", "const": True}
    if isinstance(flag.default, tuple) or flag.layers:
        return {"action": "append", "metavar": flag.value}
    if isinstance(flag.default, int):
        return {"type": int, "metavar": flag.value}
    return {"metavar": flag.value}


def is_named(options: argparse.Namespace) -> bool:
    """Return whether the flags name a store, or a confd.toml that does."""
    given = _given(options)
    return _BACKEND in given or _CONFIG_FILE in given


def first(options: argparse.Namespace) -> str:
    """Return the first given flag of a store, or empty."""
    return next((f"--{name}" for name in _given(options)), "")


def files(options: argparse.Namespace) -> list[str]:
    """Return the files and folders that the flags of a store name: confd.toml, and its values."""
    given = _given(options)
    named = [str(given[_CONFIG_FILE])] if given.get(_CONFIG_FILE) else []
    try:
        config = read({_CONFIG_FILE: "", **given})
    except ConfigError:  # `view` reports it
        return named
    return [*named, *(file for layer in config.layers or (config,) for file in layer.file)]


def view(options: argparse.Namespace, keys: Sequence[str]) -> Store:
    """Return what `values` does for the flags that `add_flags` has added.

    Args:
        options: the flags.
        keys: below the prefix.
    """
    given = _given(options)
    if options.prefix is not None:
        given["prefix"] = options.prefix
    return values(given, keys)


def view_of(options: argparse.Namespace, resource: TemplateResource) -> Store:
    """Return the keys that a resource asks for, as `view` reads them."""
    return views_of(options, [resource])[resource.path]


def views_of(
    options: argparse.Namespace, resources: Iterable[TemplateResource]
) -> dict[str, Store]:
    """Return the keys that each resource asks for, by its file, from one state of the store."""
    given = _given(options)
    if options.prefix is not None:
        given["prefix"] = options.prefix
    with _opened(given) as (backend, prefix):
        full = {one: one.full_prefix(prefix, joined=backend.joins_prefixes) for one in resources}
        asked = dict.fromkeys(key for one, above in full.items() for key in one.query_keys(above))
        snapshot = backend.get_values([*asked])
        return {one.path: snapshot.view(above, one.keys) for one, above in full.items()}


def values(given: Mapping[str, Value], keys: Sequence[str]) -> Store:
    """Read keys of a store, and all keys below them, and return them without the prefix.

    A confd.toml is read only where a flag names it. Of a flag that the store does not use, a
    warning (UserWarning) says so.

    Args:
        given: flags of `confd`, as `flags.parse` returns them.
        keys: below the prefix.

    Raises:
        BackendError: the store does not answer, or refuses a key.
        ConfigError: a flag or confd.toml cannot be used.
        MissingLibrary: the store needs a library that is not installed.

    >>> import os
    >>> os.environ["DOCTEST_OF_SOURCES"] = "1"
    >>> values({"backend": "env", "prefix": "/doctest"}, ["/of"]).getv("/of/sources")
    '1'
    """
    with _opened(given) as (backend, prefix):
        return values_of(backend, prefix, keys)


@contextmanager
def _opened(given: Mapping[str, Value]) -> Iterator[tuple[Backend, str]]:
    """Open a store; yield it and the prefix of its keys."""
    file = given.get(_CONFIG_FILE)
    if isinstance(file, str) and file and not Path(file).exists():  # `confd` goes on without it
        raise ConfigError(f"open {file}: no such file or directory")
    config = stores.located(read({_CONFIG_FILE: "", **given}))
    for line in _notices(config):
        warnings.warn(line, stacklevel=5)
    with ExitStack() as closing:
        yield stores.make(config, threading.Event(), closing), config.prefix


def _given(options: argparse.Namespace) -> dict[str, Value]:
    """Return the given flags of stores, as `flags.parse` returns them."""
    found: dict[str, Value] = {}
    for flag in _FLAGS:
        value = getattr(options, _dest(flag), None)
        if isinstance(value, list):
            value = tuple(dict.fromkeys(value)) if flag.layers else tuple(value)
            value = value[0] if flag.layers and len(value) == 1 else value
        if value is not None:
            found[flag.name] = value
    return found


def _notices(config: Config) -> Iterator[str]:
    if config.unused:
        flags = ", ".join(f"--{name}" for name in config.unused)
        yield f"backend {', '.join(stores.names(config))} does not use {flags}"
    yield from config.warnings
