"""An ensemble of three servers of ZooKeeper, each of which can be stopped by itself."""

from __future__ import annotations

from pathlib import Path

from tests.servers.loopback.ports import Port
from tests.servers.loopback.process import CannotStart
from tests.servers.zookeeper import ZooKeeper


class Ensemble:
    """Three servers of ZooKeeper; they answer as long as two of them run.

    Attributes:
        members: the servers, each with a `server` and an `address`, and the keys of all.
    """

    def __init__(self, folder: Path) -> None:
        """Describe an ensemble, which `start` starts.

        Args:
            folder: an existing folder for its data.
        """
        self._ports = [Port() for _ in range(6)]
        quorum, election = self._ports[:3], self._ports[3:]
        peers = [
            f"127.0.0.1:{one.number}:{other.number}"
            for one, other in zip(quorum, election, strict=True)
        ]
        folders = [folder / str(number) for number in (1, 2, 3)]
        for one in folders:
            one.mkdir()
        self.members = [
            ZooKeeper(one, member=number, members=peers) for number, one in enumerate(folders, 1)
        ]

    @property
    def addresses(self) -> list[str]:
        return [member.address for member in self.members]

    def start(self) -> None:
        """Start the members that do not run, and return once all serve.

        A member that ends while it joins the others is started again, as by a supervisor.
        """
        waiting = [member.server for member in self.members if not member.server.runs]
        for server in waiting:
            server.launch()
        for server in waiting:
            try:
                server.wait()
            except CannotStart:
                server.start()

    def close(self) -> None:
        """End all members and remove their data."""
        for member in self.members:
            member.close()
        for port in self._ports:
            port.release()
