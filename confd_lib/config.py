"""What the command is to do: flags, the environment and confd.toml, put together.

Knows nothing of how it is done, and imports nothing dear: `confd --version` passes here.

Flags are read by the rules of Go's package `flag`, which are not those of getopt: one dash or two,
`-x v` or `-x=v`, a truth only as `-x` or `-x=v`, and the first word that is no flag ends them.
Of what is said several times the flag counts before the environment, that before confd.toml, and
that before the default; confd 0.16 lets confd.toml win over flags, against its own manual.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from confd_lib.errors import ConfigError, TOMLError, system_reason
from confd_lib.strconv import parse_bool, parse_int
from confd_lib.tomlfile import BOOLEAN, INTEGER, STRING, STRINGS, Kind, TOMLFile

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

CONFIG_FILE: Final = "/etc/confd/confd.toml"
COMPATS: Final = ("", "0.11", "0.16")
_HELP: Final = ("h", "help")
# What confd.toml cannot say.
_FLAGS_ONLY: Final = ("config-file", "version")

Value = str | int | bool | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Flag:
    """A flag, and where else its value may come from.

    Attributes:
        name: as it is written after the dash.
        help: one line for who asks; empty for flags that only stores elsewhere use.
        default: the value without it; its type is that of the flag, and a tuple may be repeated.
        toml: its name in confd.toml, if another than its own.
        variable: its variable of the environment, if it has one.
        of: the one store that it is for, if it is for one.
    """

    name: str
    help: str = ""
    default: Value = ""
    toml: str = ""
    variable: str = ""
    of: str = ""


# In the order in which they are shown. Those without help belong to stores that are reached over
# the network: they are accepted, because entry points pass them, and named when nothing uses them.
_TABLE: Final = (
    Flag("backend", "the store: rancher, file or env", default="etcd"),
    Flag("compat", "whose rules: 0.11 (the rancher fork) or 0.16", variable="CONFD_COMPAT"),
    Flag("confdir", "the folder that holds conf.d and templates", default="/etc/confd"),
    Flag("config-file", "where confd.toml is", default=CONFIG_FILE),
    Flag("diff-exit-code", "leave with 2 if a file differed from what it should be", default=False),
    Flag(
        "file",
        "a YAML or JSON file or folder to read (backend file; repeatable)",
        default=(),
        of="file",
    ),
    Flag("filter", "which files of a folder to read (backend file)", default="*", of="file"),
    Flag(
        "interval", "seconds between passes; with -watch, between passes without news", default=600
    ),
    Flag("keep-stage-file", "keep staged files", default=False, toml="keepstagefile"),
    Flag("log-format", "text or json", default="text"),
    Flag("log-level", "panic, fatal, error, warn, info or debug"),
    Flag("metadata-ip", "ask as the container with this address (backend rancher)", of="rancher"),
    Flag("node", "the address of the store (repeatable)", default=(), toml="nodes", of="rancher"),
    Flag("noop", "show what would change, and change nothing", default=False),
    Flag("onetime", "one pass, then leave", default=False),
    Flag("prefix", "what stands before all keys"),
    Flag(
        "ready-timeout",
        "seconds to keep trying while the store is not ready (backend rancher)",
        default=31,
        of="rancher",
    ),
    Flag("root", "a folder below which every destination lies"),
    Flag("status-file", "keep a JSON file that says how each resource fares"),
    Flag("sync-only", "run neither check_cmd nor reload_cmd", default=False),
    Flag("version", "print the version", default=False),
    Flag("watch", "wait for changes instead of an interval", default=False),
    Flag("app-id", toml="app_id"),
    Flag("auth-token", toml="auth_token"),
    Flag("auth-type", toml="auth_type"),
    Flag("basic-auth", default=False, toml="basic_auth"),
    Flag("client-ca-keys", toml="client_cakeys", variable="CONFD_CLIENT_CAKEYS"),
    Flag("client-cert", toml="client_cert", variable="CONFD_CLIENT_CERT"),
    Flag("client-insecure", default=False, toml="client_insecure"),
    Flag("client-key", toml="client_key", variable="CONFD_CLIENT_KEY"),
    Flag("password"),
    Flag("path"),
    Flag("role-id", toml="role_id"),
    Flag("scheme", default="http"),
    Flag("secret-id", toml="secret_id"),
    Flag("secret-keyring", toml="secret_keyring"),
    Flag("separator"),
    Flag("srv-domain", toml="srv_domain"),
    Flag("srv-record", toml="srv_record"),
    Flag("table"),
    Flag("user-id", toml="user_id"),
    Flag("username"),
)
_KINDS: Final[tuple[tuple[type, Kind], ...]] = (
    (bool, BOOLEAN),
    (int, INTEGER),
    (str, STRING),
    (tuple, STRINGS),
)
FLAGS: Final = {flag.name: flag for flag in _TABLE}


@dataclass(frozen=True, slots=True)
class Config:
    """What the command is to do; each attribute is the flag of its name.

    Attributes:
        unused: flags and settings that were given for stores of another kind.
        words: what was written after the flags, and means nothing.
    """

    backend: str
    compat: str
    confdir: str
    config_file: str
    diff_exit_code: bool
    file: tuple[str, ...]
    filter: str
    interval: int
    keep_stage_file: bool
    log_format: str
    log_level: str
    metadata_ip: str
    node: tuple[str, ...]
    noop: bool
    onetime: bool
    prefix: str
    ready_timeout: int
    root: str
    status_file: str
    sync_only: bool
    version: bool
    watch: bool
    unused: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


def read(args: Sequence[str], environ: Mapping[str, str] = os.environ) -> Config | None:
    """Put together what the command is to do.

    Args:
        args: the words after the command's name.
        environ: the environment.

    Returns:
        None where the flags ask for help.

    Raises:
        ConfigError: a flag, a variable or confd.toml cannot be used.

    >>> config = read(["--backend=rancher", "-onetime", "-prefix", "/latest"], {})
    >>> config.backend, config.onetime, config.prefix, config.interval
    ('rancher', True, '/latest', 600)
    """
    flags, words = parse_flags(args)
    if flags is None:
        return None
    variables = {
        flag.name: environ[flag.variable]
        for flag in _TABLE
        if flag.variable and environ.get(flag.variable)
    }
    # The version is to be had whatever confd.toml says.
    file = Path(str(flags.get("config-file", CONFIG_FILE)))
    toml = {} if flags.get("version") else _from_toml(file)
    return _merge({**toml, **variables, **flags}, words)


def parse_flags(args: Sequence[str]) -> tuple[dict[str, Value] | None, tuple[str, ...]]:
    """Read flags by the rules of Go's package `flag`.

    Args:
        args: the words after the command's name.

    Returns:
        the flags that are given, None where they ask for help, and the words after them.

    Raises:
        ConfigError: there is no such flag, or it cannot have that value; in Go's words.

    >>> parse_flags(["--node", "a:80", "-node=b:80", "-noop=f", "stop", "-watch"])
    ({'node': ('a:80', 'b:80'), 'noop': False}, ('stop', '-watch'))
    """
    values: dict[str, Value] = {}
    words = list(args)
    while words and len(words[0]) > 1 and words[0].startswith("-"):
        word = words.pop(0)
        if word == "--":
            break
        name, text = _split(word)
        if name in _HELP:
            return None, ()
        if name not in FLAGS:
            raise ConfigError(f"flag provided but not defined: -{name}", usage=True)
        flag = FLAGS[name]
        values[name] = _value(flag, _argument(flag, text, words), values.get(name, ()))
    return values, tuple(words)


def usage(program: str) -> str:
    """Say which flags there are, those that do nothing here last and in short.

    Args:
        program: what the command was called as.
    """
    lines = [f"Usage of {program}:"]
    for flag in (flag for flag in _TABLE if flag.help):
        lines.append(f"  -{flag.name}{_argument_name(flag)}")
        shown = f" (default {flag.default})" if flag.default else ""
        lines.append(f"    \t{flag.help}{shown}")
    others = " ".join(f"-{flag.name}" for flag in _TABLE if not flag.help)
    return "\n".join([*lines, f"Taken for other stores, and without effect: {others}", ""])


def _split(word: str) -> tuple[str, str | None]:
    """Cut a flag into its name and what stands after `=`, if it has one."""
    bare = word[2:] if word.startswith("--") else word[1:]
    if bare[0] in "-=":
        raise ConfigError(f"bad flag syntax: {word}", usage=True)
    name, equals, text = bare.partition("=")
    return name, text if equals else None


def _argument(flag: Flag, text: str | None, words: list[str]) -> str:
    """Find the text of a value: after `=`, else in the next word, which a truth never takes."""
    if text is not None:
        return text
    if isinstance(flag.default, bool):
        return "true"
    if not words:
        raise ConfigError(f"flag needs an argument: -{flag.name}", usage=True)
    return words.pop(0)


def _value(flag: Flag, text: str, before: Value) -> Value:
    """Read a value as the type of the flag's default."""
    kind = "boolean value" if isinstance(flag.default, bool) else "value"
    to = "" if isinstance(flag.default, bool) else "flag "
    try:
        if isinstance(flag.default, bool):
            return parse_bool(text)
        if isinstance(flag.default, int):
            return parse_int(text)
    except ValueError as error:
        # Go: package flag says less than strconv does.
        why = "value out of range" if str(error).endswith("range") else "parse error"
        message = f'invalid {kind} "{text}" for {to}-{flag.name}: {why}'
        raise ConfigError(message, usage=True) from error
    if isinstance(flag.default, tuple) and isinstance(before, tuple):
        return (*before, text)
    return text


def _argument_name(flag: Flag) -> str:
    if isinstance(flag.default, bool):
        return ""
    return " int" if isinstance(flag.default, int) else " string"


def _kind(flag: Flag) -> Kind:
    """The kind of a flag's value in confd.toml."""
    return next(kind for type_, kind in _KINDS if isinstance(flag.default, type_))


def _from_toml(path: Path) -> dict[str, Value]:
    """Read confd.toml; without the file it says nothing."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise ConfigError(f"{path}: {system_reason(error)}") from error
    names = {flag.toml or flag.name: flag for flag in _TABLE if flag.name not in _FLAGS_ONLY}
    kinds = {name: _kind(flag) for name, flag in names.items()}
    try:
        values, _ = TOMLFile.parse(str(path), data).decode(kinds)
    except TOMLError as error:
        raise ConfigError(str(error)) from error
    return {
        names[name].name: tuple(value) if isinstance(value, list) else value
        for name, value in values.items()
    }


def _merge(values: Mapping[str, Value], words: tuple[str, ...]) -> Config:
    """Complete the values with defaults, and check what can be checked without doing anything."""
    given: dict[str, Any] = {
        flag.name.replace("-", "_"): values.get(flag.name, flag.default)
        for flag in _TABLE
        if flag.help
    }
    unused = tuple(
        name
        for name in values
        if not FLAGS[name].help or FLAGS[name].of not in ("", given["backend"])
    )
    config = Config(unused=unused, words=words, **given)
    if config.compat not in COMPATS:
        raise ConfigError(f'not a confd whose rules are known: "{config.compat}"; 0.11 or 0.16')
    return config
