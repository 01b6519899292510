"""Play Patroni's keys into etcd where it is not installed.

Servers that only say their name stand for PostgreSQL. Knows nothing of confd.
"""

from __future__ import annotations

import contextlib
import json
import socket
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from examples.stage import Process, Stage

from .etcd import Etcd
from .members import API, SQL, TTL

_ROOT: Final = Path(__file__).parents[3]
_SECONDS: Final = 0.5


@dataclass(frozen=True, slots=True)
class StandIns:
    """The members of a cluster, each a server that says its name.

    Attributes:
        stage: starts and stops programs.
        etcd: the store of the keys.
        addresses: the address of each member.
    """

    stage: Stage
    etcd: Etcd
    addresses: Mapping[str, str]
    _running: dict[str, Process] = field(default_factory=dict)

    @classmethod
    @contextlib.contextmanager
    def made(cls, stage: Stage, etcd: Etcd, addresses: Mapping[str, str]) -> Iterator[StandIns]:
        """Yield members that do not run; their store knows the settings of the cluster."""
        etcd.put("/config", json.dumps({"ttl": TTL, "loop_wait": 1}))
        yield cls(stage, etcd, addresses)

    def start(self, name: str) -> None:
        """Start a member: the first one leads."""
        address = self.addresses[name]
        self._running[name] = self.stage.processes.start(
            f"stand-in of {name}",
            [sys.executable, "-m", f"{__package__}.stand_in", address, str(SQL), name],
            log=self.stage.folder / f"{name}.log",
            cwd=_ROOT,
        )
        self._announce(name, "replica")
        if "/leader" not in self.etcd.values():
            self._lead(name)

    def kill(self, name: str) -> None:
        """Kill a member; if it led, its lock expires and another member takes it."""
        self._running.pop(name).kill()
        led = self.etcd.values().get("/leader") == name
        for key in ("/leader", f"/members/{name}") if led else (f"/members/{name}",):
            self.etcd.delete(key)
        for other in self._running if led else ():
            self._lead(other)

    def log_of(self, name: str) -> Process | None:
        """Return the process whose log says why a member does not run."""
        return self._running.get(name)

    def who(self, address: str, port: int) -> str:
        """Return the member that leads at an address, or `-` and the one that does not.

        The text is empty if no member answers.
        """
        try:
            with socket.create_connection((address, port), _SECONDS) as client:
                name = client.makefile().read()
        except OSError:
            return ""
        leads = self.etcd.values().get("/leader") == name
        return name if leads or not name else f"-{name}"

    def _lead(self, name: str) -> None:
        self._announce(name, "master")
        self.etcd.put("/leader", name)

    def _announce(self, name: str, role: str) -> None:
        address = self.addresses[name]
        member = {
            "conn_url": f"postgres://{address}:{SQL}/postgres",
            "api_url": f"http://{address}:{API}/patroni",
            "state": "running",
            "role": role,
            "version": "3.0.2",
            "timeline": 1,
        }
        self.etcd.put(f"/members/{name}", json.dumps(member))
