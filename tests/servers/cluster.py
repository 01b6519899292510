"""A cluster of three members of etcd, each of which can be stopped by itself."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tests.servers.etcd import Etcd
from tests.servers.loopback.ports import Port

_NAMES: Final = ("a", "b", "c")


class Cluster:
    """Three members of etcd; they answer as long as two of them run.

    Attributes:
        members: the members, each with a `server` and an `address`, and the keys of all.
    """

    def __init__(self, folder: Path) -> None:
        """Describe a cluster, which `start` starts.

        Args:
            folder: an existing folder for its data.
        """
        self._peers = [Port() for _ in _NAMES]
        urls = {n: f"http://127.0.0.1:{p.number}" for n, p in zip(_NAMES, self._peers, strict=True)}
        folders = {name: folder / name for name in _NAMES}
        for one in folders.values():
            one.mkdir()
        self.members = [Etcd(folders[name], peers=urls, name=name) for name in _NAMES]

    def start(self) -> None:
        """Start all members, and return once all are ready; none is without another one."""
        for member in self.members:
            member.server.launch()
        self.settle()

    def settle(self) -> None:
        """Return once the members that run have a leader: a change is lost that is sent before."""
        for member in self.members:
            if member.server.runs:
                member.server.wait()

    def close(self) -> None:
        """End all members and remove their data."""
        for member in self.members:
            member.close()
        for port in self._peers:
            port.release()
