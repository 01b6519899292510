"""Flags, by the rules of Go's package `flag`, which are not those of getopt.

One dash or two, `-x v` or `-x=v`, a truth only as `-x` or `-x=v`, and the first word that is no
flag ends them. Knows nothing of what flags are for, and imports next to nothing: `confd --version`
passes here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from confd_lib.errors import ConfigError
from confd_lib.strconv import parse_bool, parse_int

if TYPE_CHECKING:
    from collections.abc import Sequence

CONFIG_FILE: Final = "/etc/confd/confd.toml"
_HELP: Final = ("h", "help")

Value = str | int | bool | tuple[str, ...]


class Flag(NamedTuple):
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
TABLE: Final = (
    Flag("backend", "the store: rancher, file or env", default="etcd"),
    Flag(
        "compat",
        "follow confd 0.11 (the rancher fork) or 0.16 to the letter",
        variable="CONFD_COMPAT",
    ),
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
FLAGS: Final = {flag.name: flag for flag in TABLE}


def parse(args: Sequence[str]) -> tuple[dict[str, Value] | None, tuple[str, ...]]:
    """Read flags by the rules of Go's package `flag`.

    Args:
        args: the words after the command's name.

    Returns:
        the flags that are given, None where they ask for help, and the words after them.

    Raises:
        ConfigError: there is no such flag, or it cannot have that value; in Go's words.

    >>> parse(["--node", "a:80", "-node=b:80", "-noop=f", "stop", "-watch"])
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
            raise ConfigError(f"flag provided but not defined: -{name}")
        flag = FLAGS[name]
        values[name] = _value(flag, _argument(flag, text, words), values.get(name, ()))
    return values, tuple(words)


def unread(words: Sequence[str]) -> str:
    """Say which word ended the flags, and what after it was not read.

    Args:
        words: the words after the flags, at least one.

    >>> unread(["true", "-backend", "file"])
    'the word "true" ends the flags, and "-backend file" is not read (a boolean is -x or -x=true)'
    """
    first, *rest = words
    after = f', and "{" ".join(rest)}" is not read' if rest else ""
    hint = " (a boolean is -x or -x=true)" if first.lower() in ("false", "true") else ""
    return f'the word "{first}" ends the flags{after}{hint}'


def usage(program: str) -> str:
    """Say which flags there are, those that do nothing here last and in short.

    Args:
        program: what the command was called as.
    """
    lines = [f"Usage of {program}:"]
    for flag in (flag for flag in TABLE if flag.help):
        lines.append(f"  -{flag.name}{_argument_name(flag)}")
        shown = f" (default {flag.default})" if flag.default else ""
        lines.append(f"    \t{flag.help}{shown}")
    others = " ".join(f"-{flag.name}" for flag in TABLE if not flag.help)
    return "\n".join([*lines, f"Taken for other stores, and without effect: {others}", ""])


def _split(word: str) -> tuple[str, str | None]:
    """Cut a flag into its name and what stands after `=`, if it has one."""
    bare = word[2:] if word.startswith("--") else word[1:]
    if bare[0] in "-=":
        raise ConfigError(f"bad flag syntax: {word}")
    name, equals, text = bare.partition("=")
    return name, text if equals else None


def _argument(flag: Flag, text: str | None, words: list[str]) -> str:
    """Find the text of a value: after `=`, else in the next word, which a truth never takes."""
    if text is not None:
        return text
    if isinstance(flag.default, bool):
        return "true"
    if not words:
        raise ConfigError(f"flag needs an argument: -{flag.name}")
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
        raise ConfigError(message) from error
    if isinstance(flag.default, tuple) and isinstance(before, tuple):
        return (*before, text)
    return text


def _argument_name(flag: Flag) -> str:
    if isinstance(flag.default, bool):
        return ""
    return " int" if isinstance(flag.default, int) else " string"
