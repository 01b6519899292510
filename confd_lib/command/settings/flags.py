"""Flags, by the rules of Go's package `flag`, which are not those of getopt.

One dash or two, `-x v` or `-x=v`, a boolean as `-x` or `-x=v` only; the first word that is not a
flag ends them. The module does not know what flags are for, and imports little, because
`confd --version` runs it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from confd_lib.errors import ConfigError
from confd_lib.golang.strconv import parse_bool, parse_int
from gotmpl import did_you_mean, near

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

CONFIG_FILE: Final = "/etc/confd/confd.toml"
_HELP: Final = ("h", "help")

Value = str | int | bool | tuple[str, ...]


class Flag(NamedTuple):
    """A flag, and where else its value may come from.

    A named tuple, since `dataclasses` takes longer to import than `confd --version` may take.

    Attributes:
        name: the word after the dash.
        help: one line for the usage; empty for flags that only stores elsewhere use.
        default: the value without the flag. Its type is that of the flag; a tuple may be repeated.
        toml: the name in confd.toml, if it differs.
        variable: the environment variable, if there is one.
        of: the backends that use the flag; empty if all do.
        ours: whether confd has no such flag, nor the setting of that name in confd.toml.
        layers: whether several values are kept, though one is a text and no tuple.
    """

    name: str
    help: str = ""
    default: Value = ""
    toml: str = ""
    variable: str = ""
    of: tuple[str, ...] = ()
    ours: bool = False
    layers: bool = False


_ETCD: Final = ("etcd", "etcdv3")
_LOGINS: Final = (*_ETCD, "consul", "vault", "zookeeper", "redis")
_NETWORK: Final = (*_ETCD, "consul", "redis", "vault", "zookeeper")

# In the order of the usage. Those without help belong to stores that are not read: they are
# accepted, because entry points pass them, and a warning names them.
TABLE: Final = (
    Flag("auth-token", "the token to log in with", toml="auth_token", of=("vault", "consul")),
    Flag(
        "auth-type",
        "how to log in: token, userpass, app-role or kubernetes (backend vault)",
        toml="auth_type",
        of=("vault",),
    ),
    Flag(
        "backend",
        "the store to read: etcd, zookeeper, redis, vault, consul, rancher, file or env "
        "(repeatable: of a key that several stores have, the last one's value counts)",
        default="etcd",
        layers=True,
    ),
    Flag(
        "basic-auth",
        "log in with -username and -password (backends etcd and consul)",
        default=False,
        toml="basic_auth",
        of=(*_ETCD, "consul"),
    ),
    Flag(
        "client-ca-keys",
        "a file of the certificates that servers are checked against",
        toml="client_cakeys",
        variable="CONFD_CLIENT_CAKEYS",
        of=_NETWORK,
    ),
    Flag(
        "client-cert",
        "a file of the certificate that is shown to servers",
        toml="client_cert",
        variable="CONFD_CLIENT_CERT",
        of=_NETWORK,
    ),
    Flag(
        "client-key",
        "a file of its key; with backend redis and no certificate, the password",
        toml="client_key",
        variable="CONFD_CLIENT_KEY",
        of=_NETWORK,
    ),
    Flag(
        "compat",
        "follow confd 0.11 (the rancher fork) or 0.16 to the letter",
        variable="CONFD_COMPAT",
        ours=True,
    ),
    Flag("confdir", "the folder that holds conf.d and templates", default="/etc/confd"),
    Flag("config-file", "where confd.toml is", default=CONFIG_FILE),
    Flag("diff-exit-code", "exit with 2 if a file differed", default=False, ours=True),
    Flag(
        "exec",
        "a command to start after the first good pass, and to reload or restart after a change",
        ours=True,
    ),
    Flag(
        "file",
        "a YAML or JSON file or folder to read (backend file; repeatable)",
        default=(),
        of=("file",),
    ),
    Flag("filter", "which files of a folder to read (backend file)", default="*", of=("file",)),
    Flag(
        "functions",
        "sprig: the functions of sprig as sprig_NAME; sprig:bare: also by names that confd lacks",
        ours=True,
    ),
    Flag(
        "interval",
        "seconds between passes; with -watch, between passes without a change",
        default=600,
    ),
    Flag("keep-stage-file", "keep staged files", default=False, toml="keepstagefile"),
    Flag(
        "listen",
        "serve /health, /ready and /metrics at this HOST:PORT; :PORT for the own machine alone",
        ours=True,
    ),
    Flag("log-format", "text or json", default="text", ours=True),
    Flag("log-level", "panic, fatal, error, warn, info or debug"),
    Flag(
        "metadata-ip",
        "ask as the container with this address (backend rancher)",
        of=("rancher",),
        ours=True,
    ),
    Flag(
        "namespace",
        "the namespace of the keys (backends vault and consul)",
        of=("vault", "consul"),
        ours=True,
    ),
    Flag(
        "node",
        "the address of the store (repeatable)",
        default=(),
        toml="nodes",
        of=("rancher", *_NETWORK),
    ),
    Flag("noop", "show what would change, without changing it", default=False),
    Flag("onetime", "make one pass and exit", default=False),
    Flag("password", "the password to log in with", of=_LOGINS),
    Flag("path", "the path of the login method (backend vault)", of=("vault",)),
    Flag(
        "preflight",
        "check the store, keys, templates, files and commands, change nothing, and exit",
        default=False,
        ours=True,
    ),
    Flag("prefix", "prefix of all keys"),
    Flag(
        "ready-timeout",
        "seconds to keep trying while the store is not ready (backend rancher)",
        default=31,
        of=("rancher",),
        ours=True,
    ),
    Flag(
        "ready-within",
        "seconds within which the store has to have answered for /ready; "
        "0 for twice the interval and half a minute",
        default=0,
        ours=True,
    ),
    Flag(
        "render-timeout",
        "seconds that the render of one template may take; 0 for any time",
        default=30,
        ours=True,
    ),
    Flag(
        "role-id", "the role of auth-types app-role and kubernetes", toml="role_id", of=("vault",)
    ),
    Flag("root", "write every destination below this folder", ours=True),
    Flag(
        "scheme",
        "http or https, for nodes without one (backends etcd and consul)",
        default="http",
        of=(*_ETCD, "consul"),
    ),
    Flag("secret-id", "the secret of auth-type app-role", toml="secret_id", of=("vault",)),
    Flag("separator", "stands for / in the keys of the store (backend redis)", of=("redis",)),
    Flag(
        "srv-domain",
        "the domain whose SRV records name the nodes",
        toml="srv_domain",
        of=_NETWORK,
    ),
    Flag(
        "srv-record",
        "the SRV record that names the nodes, as _etcd._tcp.example.com.",
        toml="srv_record",
        of=_NETWORK,
    ),
    Flag("status-file", "write the state of each resource to this JSON file", ours=True),
    Flag("sync-only", "run neither check_cmd nor reload_cmd", default=False),
    Flag("username", "the user to log in as", of=_LOGINS),
    Flag("version", "print the version", default=False),
    Flag("watch", "wait for changes instead of an interval", default=False),
    Flag("app-id", toml="app_id"),
    Flag("client-insecure", default=False, toml="client_insecure"),
    Flag("secret-keyring", toml="secret_keyring"),
    Flag("table"),
    Flag("user-id", toml="user_id"),
)
FLAGS: Final = {flag.name: flag for flag in TABLE}
# The variables of the environment that stores' own clients read, and the flags that they stand for;
# of several for one flag, the first counts.
VARIABLES: Final[Mapping[str, Mapping[str, str]]] = {
    **{name: {"ETCDCTL_ENDPOINTS": "node", "ETCDCTL_PEERS": "node"} for name in _ETCD},
    "vault": {
        "VAULT_ADDR": "node",
        "VAULT_TOKEN": "auth-token",
        "VAULT_CACERT": "client-ca-keys",
        "VAULT_NAMESPACE": "namespace",
    },
    "consul": {
        "CONSUL_HTTP_ADDR": "node",
        "CONSUL_HTTP_TOKEN": "auth-token",
        "CONSUL_HTTP_AUTH": "basic-auth",
        "CONSUL_NAMESPACE": "namespace",
        "CONSUL_CACERT": "client-ca-keys",
        "CONSUL_CLIENT_CERT": "client-cert",
        "CONSUL_CLIENT_KEY": "client-key",
    },
}


def parse(args: Sequence[str]) -> tuple[dict[str, Value] | None, tuple[str, ...]]:
    """Read flags by the rules of Go's package `flag`.

    Args:
        args: the words after the command's name.

    Returns:
        the flags that are given, or None where one of them asks for help; and the words after them.

    Raises:
        ConfigError: a flag is unknown, or its value is not valid; in Go's words.

    >>> parse(["--node", "a:80", "-node=b:80", "-noop=f", "stop", "-watch"])
    ({'node': ('a:80', 'b:80'), 'noop': False}, ('stop', '-watch'))
    >>> parse(["-backend=etcd", "-backend=file"])[0]
    {'backend': ('etcd', 'file')}
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
            raise _unknown(name)
        flag = FLAGS[name]
        values[name] = _value(flag, _argument(flag, text, words), values.get(name, ()))
    return values, tuple(words)


def _unknown(name: str) -> ConfigError:
    """Return the error of an unknown flag, in Go's words; its note names the nearest flags."""
    error = ConfigError(f"flag provided but not defined: -{name}")
    if advice := did_you_mean([f"-{one}" for one in near(name, FLAGS)]):
        error.add_note(advice)
    return error


def unread(words: Sequence[str]) -> str:
    """Return a sentence about the word that ended the flags and the words after it.

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
    """Return the help text; flags that are ignored come last, by name only.

    Args:
        program: the name of the command.
    """
    lines = [f"Usage of {program}:"]
    for flag in (flag for flag in TABLE if flag.help):
        lines.append(f"  -{flag.name}{_argument_name(flag)}")
        shown = f" (default {flag.default})" if flag.default else ""
        lines.append(f"    \t{flag.help}{shown}")
    others = " ".join(f"-{flag.name}" for flag in TABLE if not flag.help)
    return "\n".join([*lines, f"Accepted for compatibility and ignored: {others}", ""])


def _split(word: str) -> tuple[str, str | None]:
    """Split a flag into its name and the text after `=`, if it has one."""
    bare = word[2:] if word.startswith("--") else word[1:]
    if bare[0] in "-=":
        raise ConfigError(f"bad flag syntax: {word}")
    name, equals, text = bare.partition("=")
    return name, text if equals else None


def _argument(flag: Flag, text: str | None, words: list[str]) -> str:
    """Return the text of a value: after `=`, or else the next word unless it is a boolean."""
    if text is not None:
        return text
    if isinstance(flag.default, bool):
        return "true"
    if not words:
        raise ConfigError(f"flag needs an argument: -{flag.name}")
    return words.pop(0)


def _value(flag: Flag, text: str, before: Value) -> Value:
    """Convert a value to the type of the flag's default."""
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
    if flag.layers and before not in ((), text):
        several = before if isinstance(before, tuple) else (str(before),)
        return tuple(dict.fromkeys((*several, text)))
    return text


def _argument_name(flag: Flag) -> str:
    if isinstance(flag.default, bool):
        return ""
    return " int" if isinstance(flag.default, int) else " string"
