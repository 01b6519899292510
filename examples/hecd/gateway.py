"""Keys and leases of etcd, by the JSON gateway of its v3 API. Knows nothing of web servers."""

from __future__ import annotations

import contextlib
import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import Any, Final

# The most seconds for an answer.
_SECONDS: Final = 5.0


class GatewayError(Exception):
    """etcd does not answer, or refuses."""


@dataclass(frozen=True, slots=True)
class Gateway:
    """An etcd on 127.0.0.1.

    Attributes:
        port: where it listens for clients.

    Each method raises `GatewayError` if etcd does not answer, or refuses.
    """

    port: int

    def put(self, key: str, value: str, lease: str = "0") -> None:
        """Set a key, which vanishes with its lease, if it has one."""
        self._ask("kv/put", {"key": _encoded(key), "value": _encoded(value), "lease": lease})

    def delete(self, key: str) -> None:
        """Delete a key."""
        self._ask("kv/deleterange", {"key": _encoded(key)})

    def below(self, folder: str) -> dict[str, str]:
        """Return the values of all keys below a folder, by the rest of their keys."""
        begin, end = f"{folder}/", f"{folder}0"  # 0 follows /
        answer = self._ask("kv/range", {"key": _encoded(begin), "range_end": _encoded(end)})
        return {
            _decoded(one["key"]).removeprefix(begin): _decoded(one.get("value", ""))
            for one in answer.get("kvs", ())
        }

    def grant(self, seconds: int) -> str:
        """Return a new lease that lives for some seconds unless it is kept alive."""
        return str(self._ask("lease/grant", {"TTL": seconds})["ID"])

    def keep_alive(self, lease: str) -> bool:
        """Let a lease live as long again; return False if it has expired."""
        return "TTL" in self._ask("lease/keepalive", {"ID": lease})["result"]

    def revoke(self, lease: str) -> None:
        """End a lease, and delete its keys."""
        self._ask("lease/revoke", {"ID": lease})

    def _ask(self, path: str, body: Mapping[str, object]) -> dict[str, Any]:
        # Unlike `urllib` this takes no proxy from the environment.
        connection = HTTPConnection("127.0.0.1", self.port, timeout=_SECONDS)
        try:
            with contextlib.closing(connection):
                connection.request("POST", f"/v3/{path}", json.dumps(body))
                response = connection.getresponse()
                answer: dict[str, Any] = json.loads(response.read())
        except (OSError, HTTPException, ValueError) as error:
            raise GatewayError(f"etcd on port {self.port}: {error}") from error
        if response.status != 200:
            raise GatewayError(f"etcd on port {self.port}: {answer.get('error', answer)}")
        return answer


def _encoded(text: str) -> str:
    return b64encode(text.encode()).decode()


def _decoded(text: str) -> str:
    return b64decode(text).decode()
