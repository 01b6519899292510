"""The table of the flags of `confd`: all that reads, explains or completes flags uses it.

Imports little, because `confd --version` runs it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from confd_lib.compat import FUNCTION_SETS, VERSIONS

if TYPE_CHECKING:
    from collections.abc import Mapping

CONFIG_FILE: Final = "/etc/confd/confd.toml"

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
        value: the word for the value in the help; shells complete `FILE` and `DIR`.
        choices: the values that there are; empty if they cannot be listed.
    """

    name: str
    help: str = ""
    default: Value = ""
    toml: str = ""
    variable: str = ""
    of: tuple[str, ...] = ()
    ours: bool = False
    layers: bool = False
    value: str = ""
    choices: tuple[str, ...] = ()


_ETCD: Final = ("etcd", "etcdv3")
_LOGINS: Final = (*_ETCD, "consul", "vault", "zookeeper", "redis")
_NETWORK: Final = (*_ETCD, "consul", "redis", "vault", "zookeeper")

# In the order of the usage. Those without help belong to stores that are not read: they are
# accepted, because entry points pass them, and a warning names them.
TABLE: Final = (
    Flag(
        "auth-token",
        "the token to log in with",
        toml="auth_token",
        of=("vault", "consul"),
        value="TOKEN",
    ),
    Flag(
        "auth-type",
        "how to log in: token, userpass, app-role or kubernetes (backend vault)",
        toml="auth_type",
        of=("vault",),
        value="TYPE",
        choices=("token", "userpass", "app-role", "kubernetes"),
    ),
    Flag(
        "backend",
        "the store to read: etcd, zookeeper, redis, vault, consul, rancher, file or env "
        "(repeatable: of a key that several stores have, the last one's value counts)",
        default="etcd",
        layers=True,
        value="NAME",
        choices=(
            "etcd",
            "etcdv3",
            "zookeeper",
            "redis",
            "vault",
            "consul",
            "rancher",
            "file",
            "env",
        ),
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
        value="FILE",
    ),
    Flag(
        "client-cert",
        "a file of the certificate that is shown to servers",
        toml="client_cert",
        variable="CONFD_CLIENT_CERT",
        of=_NETWORK,
        value="FILE",
    ),
    Flag(
        "client-key",
        "a file of its key; with backend redis and no certificate, the password",
        toml="client_key",
        variable="CONFD_CLIENT_KEY",
        of=_NETWORK,
        value="FILE",
    ),
    Flag(
        "compat",
        "follow confd 0.11 (the rancher fork) or 0.16 to the letter",
        variable="CONFD_COMPAT",
        ours=True,
        value="VERSION",
        choices=VERSIONS,
    ),
    Flag(
        "confdir",
        "the folder that holds conf.d and templates",
        default="/etc/confd",
        value="DIR",
    ),
    Flag(
        "config-file",
        "where confd.toml is",
        default=CONFIG_FILE,
        value="FILE",
    ),
    Flag("diff-exit-code", "exit with 2 if a file differed", default=False, ours=True),
    Flag(
        "exec",
        "a command to start after the first good pass, and to reload or restart after a change",
        ours=True,
        value="COMMAND",
    ),
    Flag(
        "file",
        "a YAML or JSON file or folder to read (backend file; repeatable)",
        default=(),
        of=("file",),
        value="FILE",
    ),
    Flag(
        "filter",
        "which files of a folder to read (backend file)",
        default="*",
        of=("file",),
        value="PATTERN",
    ),
    Flag(
        "functions",
        "functions beside confd's: those of sprig as sprig_NAME; with sprig:bare those that confd "
        "lacks by their own names too",
        ours=True,
        value="SET",
        choices=FUNCTION_SETS,
    ),
    Flag(
        "interval",
        "seconds between passes; with -watch, between passes without a change",
        default=600,
        value="SECONDS",
    ),
    Flag(
        "keep-stage-file",
        "leave the staged file beside its destination",
        default=False,
        toml="keepstagefile",
    ),
    Flag(
        "listen",
        "serve /health, /ready and /metrics at this HOST:PORT; :PORT for the own machine alone",
        ours=True,
        value="HOST:PORT",
    ),
    Flag(
        "log-format",
        "the form of log lines: text or json",
        default="text",
        ours=True,
        value="FORMAT",
        choices=("text", "json"),
    ),
    Flag(
        "log-level",
        "the lowest level of log lines: panic, fatal, error, warn, info (by default) or debug",
        value="LEVEL",
        choices=("panic", "fatal", "error", "warn", "info", "debug"),
    ),
    Flag(
        "metadata-ip",
        "ask as the container with this address (backend rancher)",
        of=("rancher",),
        ours=True,
        value="ADDRESS",
    ),
    Flag(
        "namespace",
        "the namespace of the keys (backends vault and consul)",
        of=("vault", "consul"),
        ours=True,
        value="NAME",
    ),
    Flag(
        "node",
        "the address of the store (repeatable)",
        default=(),
        toml="nodes",
        of=("rancher", *_NETWORK),
        value="ADDRESS",
    ),
    Flag("noop", "show what would change, without changing it", default=False),
    Flag("onetime", "make one pass and exit", default=False),
    Flag(
        "password",
        "the password to log in with",
        of=_LOGINS,
        value="PASSWORD",
    ),
    Flag(
        "path",
        "the path of the login method (backend vault)",
        of=("vault",),
        value="MOUNT",
    ),
    Flag(
        "preflight",
        "check the store, keys, templates, files and commands, change nothing, and exit",
        default=False,
        ours=True,
    ),
    Flag(
        "prefix",
        "prefix of all keys",
        value="PREFIX",
    ),
    Flag(
        "ready-timeout",
        "seconds to keep trying while the store is not ready (backend rancher)",
        default=31,
        of=("rancher",),
        ours=True,
        value="SECONDS",
    ),
    Flag(
        "ready-within",
        "seconds within which the store has to have answered for /ready; "
        "0 for twice the interval and half a minute",
        default=0,
        ours=True,
        value="SECONDS",
    ),
    Flag(
        "render-timeout",
        "seconds that the render of one template may take; 0 for any time",
        default=30,
        ours=True,
        value="SECONDS",
    ),
    Flag(
        "role-id",
        "the role of auth-types app-role and kubernetes",
        toml="role_id",
        of=("vault",),
        value="ID",
    ),
    Flag(
        "root",
        "write every destination below this folder",
        ours=True,
        value="DIR",
    ),
    Flag(
        "scheme",
        "http or https, for nodes without one (backends etcd and consul)",
        default="http",
        of=(*_ETCD, "consul"),
        value="SCHEME",
        choices=("http", "https"),
    ),
    Flag(
        "secret-id",
        "the secret of auth-type app-role",
        toml="secret_id",
        of=("vault",),
        value="SECRET",
    ),
    Flag(
        "separator",
        "stands for / in the keys of the store (backend redis)",
        of=("redis",),
        value="TEXT",
    ),
    Flag(
        "srv-domain",
        "the domain whose SRV records name the nodes",
        toml="srv_domain",
        of=_NETWORK,
        value="DOMAIN",
    ),
    Flag(
        "srv-record",
        "the SRV record that names the nodes, as _etcd._tcp.example.com.",
        toml="srv_record",
        of=_NETWORK,
        value="RECORD",
    ),
    Flag(
        "status-file",
        "write the state of each resource to this JSON file",
        ours=True,
        value="FILE",
    ),
    Flag("sync-only", "run neither check_cmd nor reload_cmd", default=False),
    Flag(
        "username",
        "the user to log in as",
        of=_LOGINS,
        value="NAME",
    ),
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
