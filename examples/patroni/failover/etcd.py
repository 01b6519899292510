"""An etcd of one member, and the keys below one of its folders. Knows nothing of Patroni."""

from __future__ import annotations

import base64
import json
import urllib.request
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any, Final

from examples.stage import Failure, Process, Stage, find

# For clients, and for other members of its cluster.
PORTS: Final = (22379, 22380)
_SECONDS: Final = 5
_DIRECT: Final = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True, slots=True)
class Etcd:
    """A running etcd.

    Attributes:
        url: where it serves clients.
        folder: the key that all keys lie below.
        process: the process.
    """

    url: str
    folder: str
    process: Process

    @classmethod
    def start(cls, stage: Stage, address: str, folder: str) -> Etcd:
        """Start it, and wait until it answers.

        Raises:
            Failure: it cannot be started, or ended.
        """
        url, peer = (f"http://{address}:{port}" for port in PORTS)
        options = {
            "data-dir": stage.folder / "etcd",
            "listen-client-urls": url,
            "advertise-client-urls": url,
            "listen-peer-urls": peer,
            "initial-advertise-peer-urls": peer,
            "initial-cluster": f"default={peer}",
        }
        command = [find("etcd"), *(f"--{name}={value}" for name, value in options.items())]
        process = stage.processes.start("etcd", command, log=stage.folder / "etcd.log")
        etcd = cls(url, folder, process)
        stage.until(etcd.answers, "etcd answers", log_of=process)
        return etcd

    def answers(self) -> bool:
        """Return whether it serves clients."""
        try:
            self.values()
        except Failure:
            return False
        return True

    def values(self) -> dict[str, str]:
        """Return the keys and values below its folder, without the folder's name.

        Raises:
            Failure: it does not answer.
        """
        begin, end = f"{self.folder}/", f"{self.folder}0"  # 0 follows the slash
        found = self._ask("range", key=_base64(begin), range_end=_base64(end)).get("kvs", [])
        return {
            _text(pair["key"]).removeprefix(self.folder): _text(pair.get("value", ""))
            for pair in found
        }

    def put(self, key: str, value: str) -> None:
        """Set a key below its folder."""
        self._ask("put", key=_base64(self.folder + key), value=_base64(value))

    def delete(self, key: str) -> None:
        """Remove a key below its folder."""
        self._ask("deleterange", key=_base64(self.folder + key))

    def _ask(self, method: str, **arguments: str) -> dict[str, Any]:
        request = urllib.request.Request(
            f"{self.url}/v3/kv/{method}", json.dumps(arguments).encode(), method="POST"
        )
        try:
            with _DIRECT.open(request, timeout=_SECONDS) as answer:
                return dict(json.load(answer))
        except (OSError, HTTPException, ValueError) as error:
            raise Failure(f"etcd at {self.url}: {error}") from error


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _text(encoded: str) -> str:
    return base64.b64decode(encoded).decode(errors="replace")
