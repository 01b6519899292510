"""The recordings of confd beside real stores: read, and set up again beside the stores of tests.

`recordings` reads them, `stand` starts the store of one and fills it, `set_up` writes its folder.
What the command does then is for a test to compare with `files`, `exit` and `stderr`.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from kazoo.security import make_digest_acl

from tests.servers.consul.store import Consul
from tests.servers.etcd import User
from tests.servers.fixtures import MAKERS, Share, Start
from tests.servers.loopback.certificates import Certificates
from tests.servers.openbao import OpenBao
from tests.servers.redis import Redis
from tests.servers.stores import Store
from tests.servers.zookeeper import ZooKeeper

_PATH: Final = Path(__file__).parents[1] / "confd_lib" / "data" / "stores.jsonl"
# The names of `tests.servers.fixtures.MAKERS` for confd's backends. In confd 0.16 `etcd` speaks
# etcd's API of version 2; its contents are put as keys of version 3.
_STORES: Final = {
    "etcd": "etcd",
    "etcdv3": "etcd",
    "redis": "redis",
    "zookeeper": "zookeeper",
    "vault": "openbao",
    "consul": "consul",
}
_MANY: Final = [[f"/many/k{n:04d}", str(n)] for n in range(1000)]
# What `{"generated"}` stands for.
_GENERATED: Final[Mapping[str, Any]] = {
    "/many/k%04d = %d for 0 <= n < 1000": _MANY,
    "kv1/many/k%04d {value: n}": [[f"kv1{key}", {"value": value}] for key, value in _MANY],
    "hash /h with f%d = %d for 0 <= n < 3000": [
        ["/h", {"hash": [[f"f{n}", str(n)] for n in range(3000)]}]
    ],
    "500000 times x": "x" * 500_000,
}


@dataclass(frozen=True, slots=True)
class Recording:
    """A run of confd, as `tests/confd_lib/data/README.md` explains it.

    Attributes:
        id: the name of the recording.
        store: confd's name of the backend.
        kind: `keys`, `node` or `auth`.
        about: what the recording shows.
        contents: pairs of a key and what it holds.
        args: arguments, with placeholders.
        env: variables, with placeholders.
        resources: keys, prefix and template of each resource.
        files: what each destination held: text, bytes in base64, or None.
        exit: the status, or a text about a run that was killed.
        stderr: the lines from WARNING up.
        confd: the version of confd.
        master: `same`, `differs`, or None where master did not run.
        server: the server, in words; None where names of DNS lead to it.
        note: what else has to be known.
    """

    id: str
    store: str
    kind: str
    about: str
    contents: list[tuple[Any, Any]]
    args: list[str]
    env: dict[str, str]
    resources: list[dict[str, Any]]
    files: dict[str, Any]
    exit: int | str
    stderr: list[str]
    confd: str
    master: str | None = None
    server: str | None = None
    note: str = ""


def recordings(*kinds: str) -> list[Recording]:
    """Return the recordings of some kinds, or of all without any."""
    rows = map(json.loads, _PATH.read_text().splitlines())
    made = [Recording(**{**row, "contents": _generated(row["contents"])}) for row in rows]
    return [one for one in made if not kinds or one.kind in kinds]


def _generated(contents: Any) -> list[tuple[Any, Any]]:
    listed = _GENERATED[contents["generated"]] if isinstance(contents, dict) else contents
    return [(key, value) for key, value in listed]


# -- The store of a recording


def stand(recording: Recording, share: Share, start: Start, tls: Certificates) -> Store:
    """Return the store of a recording with its contents, shared if that is enough.

    Raises:
        LookupError: the recording needs something else than a store, which `elsewhere` names.
    """
    if reason := elsewhere(recording):
        raise LookupError(f"{recording.id} needs {reason}")
    name = _STORES[recording.store]
    options = [made(tls) for words, made in _OWN.items() if words in _about(recording)]
    store = start(MAKERS[name], **options[0]) if options else share(name)
    fill(store, recording)
    for words, happen in _AFTERWARDS.items():
        if words in recording.id:
            happen(store)
    return store


def elsewhere(recording: Recording) -> str | None:
    """Return what a recording needs instead of a store that can be filled, or None."""
    reasons = [reason for words, reason in _ELSEWHERE.items() if words in _about(recording)]
    return reasons[0] if reasons else None


def _about(recording: Recording) -> str:
    one = recording
    return f"{one.store} {one.kind} {one.id} {one.server} {one.note}"


# What only the test of a recording can set up, by words about it.
_ELSEWHERE: Final = {
    "never answers": "a socket that never answers",
    "a web server": "a web server",
    "badname": "a certificate for another host",
    "SRV records": "names of DNS",
    "v2 authentication": "users of etcd's version 2",
    "default-node-up": "a store on its default port",
    "zookeeper-node-no-port": "a store on its default port",
    "no-leader": "a server that answers 500",
    "not-json": "a server that answers no JSON",
}
# The ranges end where the recordings say, not where a folder does.
_USERS: Final = (User("u", "p", [("/app", "/app0")]), User("w", "p", [("/app", "/apq")]))
# The options of stores that cannot be the shared ones, by words about their recordings.
_OWN: Final[Mapping[str, Callable[[Certificates], dict[str, Any]]]] = {
    "etcd 3.4, https": lambda tls: {"tls": tls, "asks_for_certificates": True},
    "etcd 3.4, authentication on": lambda _: {"users": _USERS},
    "requirepass secret": lambda _: {"password": "secret"},
    "zookeeper-acl": lambda _: {},
    "OpenBao 2.7.2 with TLS": lambda _: {"tls": True},
    "vault auth": lambda _: {},
    "vault-sealed": lambda _: {},
    "the same server with https": lambda tls: {"tls": tls},
    "consul-token": lambda _: {"tokens": {"tok": [""]}, "lists_need_rights": True},
    "consul-auth-wrong": lambda _: {"login": "u:p"},
    "server-down": lambda _: {},
}


# What happens to a filled store before confd runs, by words in the names of recordings.
_AFTERWARDS: Final[Mapping[str, Callable[[Any], None]]] = {
    "v2-deleted": lambda store: store.delete("/secret/dir/two"),
    "vault-sealed": lambda store: store.seal(),
    "server-down": lambda store: store.server.stop(),
}


# -- Its contents


def fill(store: Store, recording: Recording) -> None:
    """Put the contents of a recording into a store."""
    if isinstance(store, Consul) and "as the server holds them" in recording.note:
        store.put_raw({key: value_of(value) for key, value in recording.contents})
        return
    store.put_all({key_of(k): value_of(v) for k, v in recording.contents if holds_bytes(store, v)})
    for key, value in recording.contents:
        if not holds_bytes(store, value):
            _PUTS[type(store)](store, key, value)


def holds_bytes(store: Store, value: Any) -> bool:
    """Tell if a key holds bytes, and not what only its kind of store has."""
    if isinstance(store, OpenBao):
        return False
    return value is None or isinstance(value, str) or value.keys() <= {"base64", "generated"}


def key_of(key: Any) -> str:
    """Return a key; bytes that are no UTF-8 stay, as surrogates."""
    if isinstance(key, str):
        return key
    return base64.b64decode(key["base64"]).decode(errors="surrogateescape")


def value_of(value: Any) -> bytes:
    r"""Return the bytes that a value of a recording stands for.

    >>> value_of(None), value_of("a"), value_of({"base64": "/w=="})
    (b'', b'a', b'\xff')
    >>> len(value_of({"generated": "500000 times x"}))
    500000
    """
    if not isinstance(value, dict):
        return (value or "").encode()
    if "base64" in value:
        return base64.b64decode(value["base64"])
    return str(_GENERATED[value["generated"]]).encode()


def _put_in_redis(store: Redis, key: str, value: dict[str, Any]) -> None:
    with store.client(db=value.get("db", 0)) as client:
        if "text" in value:
            client.set(key, value["text"], ex=value.get("ttl"))
        if "hash" in value:
            client.hset(key, mapping={name: value_of(held) for name, held in value["hash"]})
        if "list" in value:
            client.rpush(key, *value["list"])
        if "set" in value:
            client.sadd(key, *value["set"])
        if "zset" in value:
            client.zadd(key, dict(value["zset"]))


def _put_in_zookeeper(store: ZooKeeper, key: str, value: dict[str, Any]) -> None:
    if "text" in value:
        store.put(key, value["text"])
    # The only one of the recordings: "digest user u only".
    store.client().set_acls(key, [make_digest_acl("u", "p", all=True)])


def _put_in_openbao(store: OpenBao, path: str, body: dict[str, Any]) -> None:
    store.write(path, body)


_PUTS: Final[Mapping[type, Callable[[Any, str, Any], None]]] = {
    Redis: _put_in_redis,
    ZooKeeper: _put_in_zookeeper,
    OpenBao: _put_in_openbao,
}

# -- Its command


@dataclass(frozen=True, slots=True)
class Setting:
    """A confd folder with the resources of a recording, and what its placeholders stand for.

    Attributes:
        recording: the recording.
        folder: `DIR`.
        words: the texts of the placeholders.
    """

    recording: Recording
    folder: Path
    words: Mapping[str, str]

    @property
    def argv(self) -> list[str]:
        """The arguments behind `confd`."""
        own = ["-confdir", str(self.folder), "-config-file="]
        return [*own, *map(self.replaced, self.recording.args)]

    @property
    def environment(self) -> dict[str, str]:
        """The variables beside `PATH` and `HOME`."""
        return {name: self.replaced(value) for name, value in self.recording.env.items()}

    @property
    def expected(self) -> dict[str, bytes | None]:
        """The bytes that the recording has in each destination, None for no file."""
        files = self.recording.files.items()
        return {
            self.replaced(path): None if held is None else value_of(held) for path, held in files
        }

    @property
    def written(self) -> dict[str, bytes | None]:
        """The bytes that each destination holds now, None for no file."""
        paths = [Path(path) for path in self.expected]
        return {str(path): path.read_bytes() if path.exists() else None for path in paths}

    def replaced(self, text: str) -> str:
        """Return a text with what its placeholders stand for."""
        return _PLACEHOLDER.sub(lambda found: self.words.get(found[0], found[0]), text)


_PLACEHOLDER: Final = re.compile(
    r"\b(?:DIR|PORT|TLS|CERTS|STORE|TOKEN-NARROW|TOKEN-READONLY|TOKEN-EXPIRED|ROLE-ID|SECRET-ID)\b"
)


def set_up(recording: Recording, folder: Path, store: Store, tls: Certificates) -> Setting:
    """Write the resources of a recording to a folder.

    Args:
        recording: the recording.
        folder: an empty folder, for resources and destinations.
        store: the store that `stand` returned.
        tls: the certificates that it was given.
    """
    for name in ("conf.d", "templates", "out"):
        (folder / name).mkdir()
    for number, resource in enumerate(recording.resources):
        (folder / "templates" / f"r{number}.tmpl").write_text(resource["template"], newline="")
        fields = {
            "src": f"r{number}.tmpl",
            "dest": str(folder / "out" / f"out{number}"),
            "keys": resource["keys"],
            **({} if resource["prefix"] is None else {"prefix": resource["prefix"]}),
        }
        # A text in JSON is one in TOML, too.
        lines = [f"{key} = {json.dumps(value)}\n" for key, value in fields.items()]
        (folder / "conf.d" / f"r{number}.toml").write_text("[template]\n" + "".join(lines))
    return Setting(recording, folder, {"DIR": str(folder), **_words(recording, store, tls)})


def _words(recording: Recording, store: Store, tls: Certificates) -> dict[str, str]:
    data = str(store.server.data)
    words = {"PORT": str(store.server.port), "STORE": data, "CERTS": data}
    words["TLS"] = str(Path(tls.ca).parent)
    if isinstance(store, OpenBao) and recording.kind == "auth":
        words |= _logins(store)
    return words


_NARROW: Final = """\
path "kv1/top" { capabilities = ["read"] }
path "kv1/db/*" { capabilities = ["read", "list"] }
"""
_READONLY: Final = 'path "kv1/*" { capabilities = ["read"] }'


def _logins(store: OpenBao) -> dict[str, str]:
    """Add the users and roles of the recordings, and return their tokens and ids."""
    narrow = store.add_token("narrow", _NARROW)
    expired = store.add_token("narrow", _NARROW)
    store.revoke(expired)
    store.add_user("u", "p", "narrow")
    store.add_user("u", "p2", "narrow", path="elsewhere")
    role_id, secret_id = store.add_role("web", "narrow")
    return {
        "TOKEN-NARROW": narrow,
        "TOKEN-READONLY": store.add_token("readonly", _READONLY),
        "TOKEN-EXPIRED": expired,
        "ROLE-ID": role_id,
        "SECRET-ID": secret_id,
    }
