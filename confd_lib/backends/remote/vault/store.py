"""Vault as a store, and OpenBao, by the library `hvac`: the KV engine in both of its versions.

Knows nothing of templates or resources. Each secret is read by a request of its own: Vault offers
no view of several secrets at one moment, and no way to watch them.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlsplit

from confd_lib.backends.remote.addresses import Nodes, given, url
from confd_lib.backends.remote.credentials import check_header, check_utf8
from confd_lib.backends.remote.flat import digest
from confd_lib.backends.remote.following import Doubt
from confd_lib.backends.remote.tls import TLS
from confd_lib.backends.remote.web import Web, server
from confd_lib.errors import BackendError, CannotWatch, MissingLibrary, Refused
from confd_lib.golang.path import clean, join
from confd_lib.golang.strings import to_bytes
from confd_lib.logs import LOGGER
from confd_lib.store.rules import FLAT
from confd_lib.store.store import Store
from gotmpl.arguments import checked

from .secret import keys_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from threading import Event

    import hvac

    from confd_lib.backends.protocol import Snapshot

PORT: Final = 8200
NODE: Final = f"http://127.0.0.1:{PORT}"
# The parts of the second version of the KV engine; a key that names one is read as it stands.
_PARTS: Final = ("data", "metadata")


class Vault:
    """Vault as a store; OpenBao speaks the same API.

    A key is the path of a secret with its mount, or of a folder of secrets. Nothing is asked before
    a method is called. A token is renewed by `get_values` once a third of its time has passed, and
    a log-in is repeated when its token has ended.

    Args:
        nodes: URLs, or hosts with or without a port; the first that answers is asked.
        auth_type: how to log in: `token`, `userpass`, `app-role` or `kubernetes`, which logs in by
            the service account of the pod.
        token: of auth type `token`.
        username: of auth type `userpass`.
        password: of the user.
        role_id: of auth types `app-role` and `kubernetes`.
        secret_id: of the role, for `app-role`.
        path: where the log-in is mounted, if not at its usual place.
        namespace: of the secrets; empty for none.
        ca: a file of the certificates that the servers are checked against.
        cert: a file of the certificate that is shown to the servers.
        key: a file of its key.
        stop: ends the waits of `get_values`, which has no such argument, as soon as it is set.

    Raises:
        ConfigError: a part of the log-in is missing or cannot be sent, a node is no address, or a
            certificate cannot be used.
        MissingLibrary: `hvac` is not installed.

    >>> vault = Vault("https://vault.example.com:8200", token="s.…", ca="ca.pem")  # doctest: +SKIP
    >>> vault.get_values(["/secret/app"])  # doctest: +SKIP
    """

    joins_prefixes = False

    @checked
    def __init__(  # noqa: PLR0913 - what the ways to log in need, and no more
        self,
        *nodes: str,
        auth_type: str = "token",
        token: str = "",
        username: str = "",
        password: str = "",
        role_id: str = "",
        secret_id: str = "",
        path: str = "",
        namespace: str = "",
        ca: str = "",
        cert: str = "",
        key: str = "",
        stop: Event | None = None,
    ) -> None:
        try:
            from . import api  # noqa: PLC0415 - needs an extra
        except ImportError:
            raise MissingLibrary("Backend vault", "vault") from None
        parts = {
            "auth-token": token,
            "username": username,
            "password": password,
            "role-id": role_id,
            "secret-id": secret_id,
        }
        check_header("the token of backend vault", token)
        check_header("the namespace of backend vault", namespace)
        check_utf8("the credentials of backend vault", *parts.values())
        self._login = api.Login(api.Credentials(auth_type, path, parts))
        self._client = api.client
        self._namespace = namespace
        self._tls = TLS(ca, cert, key)
        self._nodes = Nodes([_root(node, self._tls) for node in given(nodes, NODE)])
        self._doubt = Doubt(f"vault {', '.join(map(server, self._nodes.in_turn()))}")
        self._stop = stop or threading.Event()
        self._warnings: set[str] = set()

    def get_values(self, keys: Sequence[str]) -> Snapshot:
        """Read the secrets at the keys and below them.

        Raises:
            Refused: the log-in is refused, or some of the keys, which the error names.
            BackendError: no node answers; with the reason of each.
        """
        return self._doubt.read(lambda: self._read(keys), self._stop)

    def changes(
        self,
        keys: Sequence[str],  # noqa: ARG002 - the Protocol's
        since: Snapshot | None,  # noqa: ARG002 - the Protocol's
        stop: Event,  # noqa: ARG002 - the Protocol's
    ) -> Iterator[Snapshot]:
        """Raise CannotWatch: Vault does not report changes.

        Raises:
            CannotWatch: at once.
        """
        raise CannotWatch("Watch is not supported for backend vault")

    def _read(self, keys: Sequence[str]) -> SecretsSnapshot:
        """Read the keys from the first node that answers."""
        with Web("vault", self._tls, self._stop) as web:
            return self._nodes.first(
                lambda node: self._read_from(self._client(web, node, self._namespace), keys)
            )

    def _read_from(self, api: hvac.Client, keys: Sequence[str]) -> SecretsSnapshot:
        self._login.enter(api)
        try:
            found = self._values(api, keys)
        except Refused:
            if not self._login.enter_again(api):
                raise
            found = self._values(api, keys)
        return SecretsSnapshot(found)

    def _values(self, api: hvac.Client, keys: Sequence[str]) -> dict[str, dict[str, str]]:
        reader = _Reader(api, self._warn)
        found: dict[str, dict[str, str]] = {}
        refused: dict[str, Refused] = {}
        for key in keys:
            try:
                found[clean(key)] = reader.values(key)
            except Refused as error:
                refused[key] = error
        if refused:
            first = next(iter(refused.values()))
            raise Refused(f"{first} (keys: {', '.join(refused)})", list(refused)) from first
        return found

    def _warn(self, line: str) -> None:
        """Log a warning, the first time that it is given."""
        if line not in self._warnings:
            self._warnings.add(line)
            LOGGER.warning("%s", line)


def _root(node: str, tls: TLS) -> str:
    """Return the root of a node's URLs; a path in front of Vault's own is kept.

    >>> _root("https://proxy/vault/", TLS()), _root("10.0.0.7", TLS())
    ('https://proxy:8200/vault', 'http://10.0.0.7:8200')
    """
    root = url(node, scheme="https" if tls else "http", port=PORT)
    path = urlsplit(node).path if "://" in node else ""
    return root + path.rstrip("/")


@dataclass(frozen=True, slots=True)
class SecretsSnapshot:
    """The secrets that were asked for.

    Attributes:
        found: the values by key, for each key that was asked for.

    >>> snapshot = SecretsSnapshot({"/kv/db": {"/kv/db": "{}"}, "/kv/db/user": {}})
    >>> dict(snapshot.view("/kv", ["/db/user"]).items())
    {}
    """

    found: Mapping[str, Mapping[str, str]]

    @property
    def version(self) -> str:
        """A digest of the values."""
        return digest(self.values)

    @property
    def values(self) -> Mapping[str, str]:
        """All values by key."""
        return {key: value for values in self.found.values() for key, value in values.items()}

    def view(self, prefix: str, keys: Sequence[str]) -> Store:
        """Return what the keys of one resource give, with its prefix cut off.

        A field of a secret has a key, but asking for that key gives nothing. A key that nobody has
        asked for gives what others have brought.
        """
        values: dict[str, str] = {}
        for key in keys:
            values |= self._given(join("/", prefix, key))
        return Store.from_documents({"/": values}, rules=FLAT).view(prefix, ["/"])

    def _given(self, query: str) -> Mapping[str, str]:
        if query in self.found:
            return self.found[query]
        return {key: value for key, value in self.values.items() if FLAT.gives(query, key)}


# -- Reading


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the secrets of a key are in the API.

    Attributes:
        mount: the path of the mount, if it is of the second version and to be read as such.
    """

    mount: str = ""

    def data(self, path: str) -> str:
        r"""Return the path that a secret is read from.

        >>> _Place("/kv").data("/kv/app"), _Place().data("/kv/a b\udce9")
        ('kv/data/app', 'kv/a%20b%E9')
        """
        return self._in("data", path)

    def names(self, path: str) -> str:
        """Return the path that a folder is listed by."""
        return self._in("metadata", path)

    def _in(self, part: str, path: str) -> str:
        rest = path.removeprefix(self.mount)
        whole = f"{self.mount}/{part}{rest}" if self.mount else path
        return quote(to_bytes(whole)).strip("/")


class _Reader:
    """Reads each secret and each folder once.

    Args:
        api: a client that is logged in.
        warn: is called with a line about what is left out.
    """

    def __init__(self, api: hvac.Client, warn: Callable[[str], None]) -> None:
        self._api = api
        self._warn = warn
        self._mounts: dict[str, _Place] = {}
        self._secrets: dict[str, dict[str, object] | None] = {}
        self._folders: dict[str, Sequence[str] | None] = {}

    def values(self, key: str) -> dict[str, str]:
        """Return the values of the secrets at a key and below it, by their keys.

        Raises:
            Refused: one of them may not be read; with its path.
        """
        secrets = self._below(key.rstrip("/"))
        try:
            return {
                name: value
                # Where a field and a secret have one key, the secret counts: it comes later.
                for path, fields in sorted(secrets, key=lambda secret: secret[0])
                for name, value in keys_of(path, fields, self._warn)
            }
        except RecursionError:
            reason = "a secret is nested too deep"
            raise BackendError(f"vault {server(self._api.url)}: {reason} ({key})") from None

    def _below(self, key: str) -> Iterator[tuple[str, Mapping[str, object]]]:
        """Yield the path and the fields of each secret at a key and below it."""
        place = self._place(key)
        names = self._list(place, key)
        top = self._top(place, key, names)
        if top is not None:
            yield key, top
        pending = [(key, names or ())]
        while pending:
            folder, names = pending.pop()
            for name in names:
                if not name.strip("/"):
                    self._warn_of_nameless(folder)
                    continue
                path = f"{folder}/{name.rstrip('/')}"
                if name.endswith("/"):
                    pending.append((path, self._list_or_warn(place, path)))
                elif (fields := self._read(place, path)) is not None:
                    yield path, fields

    def _top(
        self, place: _Place, key: str, names: Sequence[str] | None
    ) -> Mapping[str, object] | None:
        """Return the fields of the secret at a key; None without one.

        A policy that allows what lies in a folder may refuse the folder's own path, where no secret
        is.
        """
        try:
            fields = self._read(place, key)
        except Refused:
            if names:
                return None
            raise
        if fields is None and names is None:
            self._warn_of_folder(key)
        return fields

    def _list_or_warn(self, place: _Place, path: str) -> Sequence[str]:
        names = self._list(place, path)
        if names is None:
            self._warn_of_folder(path)
        return names or ()

    def _warn_of_folder(self, path: str) -> None:
        self._warn_of_loss(f"may not list {path or '/'}")

    def _warn_of_nameless(self, folder: str) -> None:
        # Of a secret that was written as `a%2F%2Fb`: a URL with two slashes is one with one.
        self._warn_of_loss(f"{folder or '/'} holds a folder without a name")

    def _warn_of_loss(self, reason: str) -> None:
        self._warn(f"vault {server(self._api.url)}: {reason}: keys below it are left out")

    def _place(self, key: str) -> _Place:
        """Return where the secrets of a key are."""
        for mount, place in self._mounts.items():
            if FLAT.gives(mount, key):
                return _unless_named(place, key)
        try:
            facts = _data(self._api.read(f"sys/internal/ui/mounts{quote(to_bytes(key))}")) or {}
        except Refused:
            facts = {}  # nothing is mounted there, or nothing that this token may see
        path, options = facts.get("path"), facts.get("options")
        if not isinstance(path, str):
            return _Place()
        mount = f"/{path.strip('/')}"
        is_second = isinstance(options, dict) and options.get("version") == "2"
        self._mounts[mount] = _Place(mount if is_second else "")
        return _unless_named(self._mounts[mount], key)

    def _list(self, place: _Place, path: str) -> Sequence[str] | None:
        """Return the names in a folder, those of folders with a slash; None if it is refused."""
        api_path = place.names(path)
        if api_path not in self._folders:
            try:
                names = (_data(self._api.list(api_path)) or {}).get("keys")
                self._folders[api_path] = list(map(str, names)) if isinstance(names, list) else []
            except Refused:
                self._folders[api_path] = None
        return self._folders[api_path]

    def _read(self, place: _Place, path: str) -> Mapping[str, object] | None:
        """Return the fields of a secret; None without one.

        Raises:
            Refused: with the path.
        """
        api_path = place.data(path)
        if api_path not in self._secrets:
            try:
                self._secrets[api_path] = _data(self._api.read(api_path))
            except Refused as error:
                raise Refused(f"{error}: {path}") from error
        fields = self._secrets[api_path]
        return _data(fields) if place.mount else fields


def _data(answer: object) -> dict[str, Any] | None:
    """Return the data of an answer; None where it has none."""
    data = answer.get("data") if isinstance(answer, dict) else None
    return data if isinstance(data, dict) else None


def _unless_named(place: _Place, key: str) -> _Place:
    """Return the place of a key; one that names a part of the mount is read as it stands."""
    first = key.removeprefix(place.mount).strip("/").partition("/")[0]
    return _Place() if place.mount and first in _PARTS else place
