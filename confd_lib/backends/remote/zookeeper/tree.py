"""The nodes of a ZooKeeper that were asked for, kept in step by reading what has changed.

Knows nothing of connections: it is given a session that reads nodes.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Protocol

from confd_lib.golang.strings import from_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


@dataclass(frozen=True, slots=True)
class Node:
    """A node.

    Attributes:
        data: its value.
        names: those of its children.
        changed: the number of the last change of either.
    """

    data: bytes
    names: tuple[str, ...]
    changed: int


class NoNode(Enum):
    """The reason why a node could not be read, as confd 0.16 logs it."""

    MISSING = "zk: node does not exist"
    REFUSED = "zk: not authenticated"


class Session(Protocol):
    """Reads nodes, and notes what changes in them afterwards."""

    def read(self, paths: Sequence[str]) -> Iterator[tuple[str, Node | NoNode]]:
        """Yield nodes with their paths."""

    def expect(self, paths: Sequence[str]) -> None:
        """Note when missing nodes are made, also if that was before this call."""


class Tree:
    """The nodes of some paths, and all nodes below them, as they were read last.

    Args:
        roots: the paths.

    Attributes:
        refused: the paths of those that may not be read.
    """

    def __init__(self, roots: Iterable[str]) -> None:
        self._roots = dict.fromkeys(roots)
        self._nodes: dict[str, Node] = {}
        self.refused: set[str] = set()

    def read_all(self, session: Session) -> None:
        """Read all nodes, and forget what was read before."""
        self._nodes.clear()
        self.refused.clear()
        self._read(session, list(self._roots))

    def read_again(self, session: Session, paths: Iterable[str]) -> None:
        """Read those of the nodes that have changed.

        Args:
            session: reads them.
            paths: the changed nodes; those that are no longer of interest are left out.
        """
        self._read(session, [one for one in paths if one in self._nodes or one in self._roots])

    @property
    def missing(self) -> list[str]:
        """The paths without a node."""
        return [path for path in self._roots if self._lacks(path)]

    @property
    def version(self) -> str:
        """A text that differs from those of other states.

        A number grows with each change, and a node that is deleted changes the one above it; above
        the roots nothing is read, so those that are missing are counted.
        """
        changed = max((node.changed for node in self._nodes.values()), default=0)
        return f"{changed:#x}" + f"-{len(self.missing)}" * bool(self.missing)

    def values(self) -> dict[str, str]:
        """Return the data of the nodes without children, by their paths."""
        return {
            path: from_bytes(node.data)
            for path, node in self._nodes.items()
            if not node.names and path != "/"
        }

    def _read(self, session: Session, paths: Sequence[str]) -> None:
        """Read nodes, and those that are new below them, level by level."""
        while paths:
            below = [new for path, node in session.read(paths) for new in self._put(path, node)]
            session.expect([path for path in paths if path in self._roots and self._lacks(path)])
            paths = below

    def _lacks(self, path: str) -> bool:
        return path not in self._nodes and path not in self.refused

    def _put(self, path: str, node: Node | NoNode) -> Iterator[str]:
        """Keep what was read at a path, and yield the paths below it that are new."""
        before = self._nodes.get(path)
        if isinstance(node, NoNode):
            self._forget([path])
            if node is NoNode.REFUSED:
                self.refused.add(path)
            return
        self.refused.discard(path)
        self._nodes[path] = node
        if before is not None:
            self._forget(below(path, name) for name in {*before.names}.difference(node.names))
        for name in node.names:
            if below(path, name) not in self._nodes:
                yield below(path, name)

    def _forget(self, paths: Iterable[str]) -> None:
        """Forget nodes, and all below them."""
        gone = list(paths)
        while gone:
            path = gone.pop()
            self.refused.discard(path)
            node = self._nodes.pop(path, None)
            if node is not None:
                gone += (below(path, name) for name in node.names)


def below(path: str, name: str) -> str:
    """Return the path of a child.

    >>> below("/", "app"), below("/app", "db")
    ('/app', '/app/db')
    """
    return f"{path.rstrip('/')}/{name}"
