"""Shared by tests of `each`: a store of services, and their files after a pass."""

from __future__ import annotations

from pathlib import Path

from confd_lib.backends.remote.flat import FlatSnapshot
from confd_lib.errors import CannotWatch

PORT = '{{.}} {{getv (printf "/services/%s/port" .)}}'


def services(**ports: object) -> dict[str, object]:
    """Return the values of some services."""
    return {"services": {name: {"port": port} for name, port in ports.items()}}


def shown(folder: Path) -> dict[str, str]:
    """Return the contents of the files of a folder, without those of confd itself."""
    return {p.name: p.read_text() for p in sorted(folder.iterdir()) if p.name[0] != "."}


class Fixed:
    """A store with one state."""

    joins_prefixes = False

    def __init__(self, snapshot: FlatSnapshot) -> None:
        self._snapshot = snapshot

    def get_values(self, keys: object) -> FlatSnapshot:
        return self._snapshot

    def changes(self, *_: object) -> None:
        raise CannotWatch("it has one state")


def found(results) -> dict[str, str]:
    """Return the status of each file by its name."""
    return {Path(one.resource.dest).name: one.status.value for one in results}
