"""One container of the service `galera`: its confd, its server, and its row of the table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

from examples.stage import Sidekick, Stage
from metadata_client.compose import Container

from .server import Server

DESTINATION: Final = Path("etc/mysql/conf.d/001-galera.cnf")
COLUMNS: Final = ("node", "address", "file", "server", "cluster size", "max_connections")


@dataclass(slots=True)
class Node:
    """A container with what runs in it.

    Attributes:
        stage: starts and stops its programs.
        container: the container.
        server: its server.
        sidekick: its confd.
        status: the status of the server when it was observed last.
    """

    stage: Stage
    container: Container
    server: Server
    sidekick: Sidekick
    status: Mapping[str, str] = field(default_factory=dict, init=False)

    @classmethod
    def make(cls, stage: Stage, container: Container, *, url: str, confdir: Path) -> Self:
        """Start the confd of a container, and prepare its server.

        Raises:
            Failure: confd cannot be started.
        """
        root = stage.folder / container.name
        (root / DESTINATION).parent.mkdir(parents=True)
        server = Server(container.name, str(container.address), root)
        server.configure(root / DESTINATION.parent)
        sidekick = Sidekick.start(stage.processes, container, url=url, confdir=confdir, root=root)
        return cls(stage, container, server, sidekick)

    @property
    def name(self) -> str:
        """The name of the container."""
        return self.container.name

    @property
    def address(self) -> str:
        """The address of the container."""
        return self.server.address

    def file(self) -> str:
        """Return the file that confd has written; empty if it has not yet."""
        path = self.sidekick.root / DESTINATION
        return path.read_text() if path.exists() else ""

    def has_joined(self, size: int) -> bool:
        """Return whether the server was a member, with all data, of a cluster of some size."""
        state = self.status.get("wsrep_local_state_comment")
        return (state, self.status.get("wsrep_cluster_size")) == ("Synced", str(size))

    def start(self, peers: Sequence[str]) -> None:
        """Start the server, as a member of the cluster of some addresses."""
        self.server.start(self.stage, peers)

    def stop(self) -> None:
        """Stop the server and confd, as when the container is removed."""
        self.server.stop()
        self.sidekick.process.stop()

    def observe(self) -> None:
        """Ask the server for its status, and show the state of the node in the table."""
        self.status = self.server.status() if self.server.process else {}
        silent = "starting" if self.server.process else "not started"
        file = "in sync" if self.sidekick.in_sync() else ""
        cells = {
            "address": self.address,
            "file": "refused" if self.sidekick.errors() else file,
            "server": self.status.get("wsrep_local_state_comment", silent),
            "cluster size": self.status.get("wsrep_cluster_size", ""),
            "max_connections": self.status.get("max_connections", ""),
        }
        self.stage.board.show(self.name, cells)
