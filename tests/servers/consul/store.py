"""A stand-in for Consul, started as a program of its own; filled through its transactions."""

from __future__ import annotations

import base64
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from tests.servers.loopback.certificates import Certificates
from tests.servers.loopback.process import Server
from tests.servers.loopback.web import Web
from tests.servers.stores import Value, batches, encoded

# Operations that Consul takes in one transaction.
_OPERATIONS: Final = 64
# The token that `put` and its like use where tokens are needed.
_MANAGEMENT: Final = "management"
_CHECKOUT: Final = Path(__file__).parents[3]


class Consul:
    """The program `tests.servers.consul.program`, which keeps its keys when it is restarted.

    Consul's keys have no slash in front: the methods of `Store` cut it off.
    """

    root = ""

    def __init__(
        self,
        folder: Path,
        *,
        tls: Certificates | None = None,
        tokens: Mapping[str, Sequence[str]] | None = None,
        lists_need_rights: bool = False,
        login: str = "",
    ) -> None:
        """Describe a server, which `server` starts.

        Args:
            folder: an existing folder for its data.
            tls: certificates, for a server with HTTPS; clients need a certificate too.
            tokens: the prefixes that each token may read and write, without a slash in front.
                With any, requests without a token may read nothing.
            lists_need_rights: whether reading below a prefix is refused to a token without rights
                to it, as Consul's `acl.enable_key_list_policy` does; else it finds nothing.
            login: the user and password of basic authentication, as `user:password`.
        """
        self._tls, self._login, self._lists_need_rights = tls, login, lists_need_rights
        self._tokens = {**tokens, _MANAGEMENT: [""]} if tokens else {}
        paths = {"PYTHONPATH": str(_CHECKOUT)}
        self.server = Server(folder, self._command, self._answers, environment=paths)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server.port}"

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://{self.address}"

    def _command(self, server: Server) -> list[str]:
        options = [f"--port={server.port}", f"--keys={server.data / 'keys.jsonl'}"]
        for token, prefixes in self._tokens.items():
            options += [f"--token={token}={','.join(prefixes)}"]
        if self._lists_need_rights:
            options += ["--list-policy"]
        if self._login:
            options += [f"--login={self._login}"]
        if self._tls:
            tls = self._tls
            options += [f"--cert={tls.server}", f"--key={tls.server_key}", f"--ca={tls.ca}"]
        return [sys.executable, "-m", "tests.servers.consul.program", *options]

    def _answers(self, server: Server) -> bool:
        return self.web().is_ready("/v1/snapshot")

    def web(self) -> Web:
        """Return the server's address, with all rights."""
        headers = {"X-Consul-Token": _MANAGEMENT} if self._tokens else {}
        if self._login:
            login = base64.b64encode(self._login.encode()).decode()
            headers["Authorization"] = f"Basic {login}"
        ca, client = (self._tls.ca, self._tls.of_client) if self._tls else (None, None)
        return Web(self.url, ca, client, headers)

    def _transact(self, operations: list[dict[str, Any]]) -> Any:
        wanted = [{"KV": operation} for operation in operations]
        return self.web().json("PUT", "/v1/txn", wanted)["Results"]

    def get(self, key: str) -> bytes | None:
        key = key.removeprefix("/")
        found = self._transact([{"Verb": "get-tree", "Key": key}])
        values = [one["KV"]["Value"] for one in found if one["KV"]["Key"] == key]
        return base64.b64decode(values[0] or "") if values else None

    def put(self, key: str, value: Value) -> None:
        self.put_all({key: value})

    def put_all(self, values: Mapping[str, Value]) -> None:
        self.put_raw({key.removeprefix("/"): value for key, value in values.items()})

    def put_raw(self, values: Mapping[str, Value]) -> None:
        """Set keys as Consul has them: a slash in front is a part of the key."""
        for batch in batches([*values.items()], _OPERATIONS):
            encodings = [(key, base64.b64encode(encoded(value)).decode()) for key, value in batch]
            self._transact([{"Verb": "set", "Key": k, "Value": v} for k, v in encodings])

    def delete(self, key: str) -> None:
        self._transact([{"Verb": "delete", "Key": key.removeprefix("/")}])

    def clear(self) -> None:
        self._transact([{"Verb": "delete-tree", "Key": ""}])

    def snapshot(self) -> Any:
        """Return the keys and indexes of now."""
        return self.web().json("GET", "/v1/snapshot")

    def restore(self, snapshot: Any) -> None:
        """Go back to a snapshot; the index goes backwards."""
        self.web().json("PUT", "/v1/snapshot", snapshot)

    def close(self) -> None:
        self.server.close()
