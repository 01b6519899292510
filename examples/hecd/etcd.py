"""A single etcd that keeps its data when it is restarted. Knows nothing of its keys."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from examples.stage import Process, Stage, find

from .gateway import Gateway, GatewayError

PACKAGES: Final = {"etcd": "etcd-server"}
# What it says of a flag, or a line of level error or worse, in either form of its log.
_FAULT: Final = re.compile(
    r"^(?:invalid value|flag provided|conflicting) .*"
    r"|(?<= [CE] \| ).*"
    r'|^\{"level":"(?:error|fatal)".*',
    re.MULTILINE,
)


@dataclass(slots=True)
class Etcd:
    """An etcd on 127.0.0.1.

    Attributes:
        stage: starts and stops it.
        gateway: where it listens for clients.
        peers: the port for other members, of which there are no others.
    """

    stage: Stage
    gateway: Gateway
    peers: int
    _process: Process | None = field(default=None, init=False)

    def start(self) -> float:
        """Start it with the data that it has; return the seconds until it answered.

        Raises:
            Failure: it ended, or does not answer in time.
        """
        client, peer = (f"http://127.0.0.1:{port}" for port in (self.gateway.port, self.peers))
        flags = {
            "name": "demo",
            "data-dir": self.stage.folder / "etcd",
            "listen-client-urls": client,
            "advertise-client-urls": client,
            "listen-peer-urls": peer,
            "initial-advertise-peer-urls": peer,
            "initial-cluster": f"demo={peer}",
        }
        command = [find("etcd"), *(f"--{name}={value}" for name, value in flags.items())]
        log = self.stage.folder / "etcd.log"
        self._process = self.stage.processes.start("etcd", command, log=log, fault=_FAULT)
        return self.stage.until(self.answers, "etcd answers", log_of=self._process)

    def stop(self) -> None:
        """Stop it."""
        if self._process:
            self._process.stop()

    def answers(self) -> bool:
        """Return whether it answers."""
        try:
            self.gateway.below("/")
        except GatewayError:
            return False
        return True
