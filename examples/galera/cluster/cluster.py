"""The nodes of a stack: they come, go and follow its metadata. Knows nothing of the story."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from examples.stage import Process, Stage
from metadata_client import MetadataServer, Stack, compose

from .node import Node
from .server import check_command

EXAMPLE: Final = Path(__file__).parents[1]
SERVICE: Final = "galera"


@dataclass(slots=True)
class Cluster:
    """The stack of `examples/galera`, with a node for each of its containers.

    Attributes:
        stage: starts and stops programs.
        service: the metadata service that all confd ask.
        confdir: the confd folder that they read.
        stack: the stack that the service shows.
        nodes: the nodes, in the order of their containers.
    """

    stage: Stage
    service: MetadataServer
    confdir: Path
    stack: Stack
    nodes: list[Node] = field(default_factory=list)

    @property
    def settings(self) -> str:
        """The settings of the servers in the metadata of the service."""
        (service,) = (one for one in self.stack.services if one.name == SERVICE)
        return str((service.metadata or {})["mysqld"])

    def configure(self, settings: str) -> None:
        """Change the settings of the servers in the metadata of the service."""
        self._publish(self.stack.with_metadata(SERVICE, mysqld=settings))

    def scale(self, size: int) -> list[Node]:
        """Change the number of containers; return the new ones, once confd has written their files.

        Raises:
            Failure: a program ended, or a file is not written in time.
        """
        self._publish(self.stack.scaled({SERVICE: size}))
        containers = {one.name: one for one in self.stack.containers(SERVICE)}
        for node in self.nodes:
            if node.name not in containers:
                node.stop()
                self.stage.board.drop(node.name)
        self.nodes = [node for node in self.nodes if node.name in containers]
        for node in self.nodes:
            del containers[node.name]
        new = [self._make(container) for container in containers.values()]
        self.nodes += new
        self.until(self.in_sync, "confd has written all files")
        return new

    def join(self, node: Node) -> float:
        """Start the server of a node; return the seconds until all servers are one cluster.

        Raises:
            Failure: a server ended, or does not join in time.
        """
        peers = [one.address for one in self.nodes if one is not node and one.server.process]
        node.start(peers)
        what = f"{node.name} has joined"
        return self.until(lambda: self.is_whole(len(peers) + 1), what, node.server.process)

    def say(self, text: str) -> None:
        """Print a line with the time."""
        self.stage.board.say(text)

    def is_whole(self, size: int) -> bool:
        """Return whether all servers that run were members of one cluster of some size."""
        return all(node.has_joined(size) for node in self.nodes if node.server.process)

    def in_sync(self) -> bool:
        """Return whether all files are as the metadata want them."""
        return all(node.sidekick.in_sync() for node in self.nodes)

    def until(self, ready: Callable[[], bool], what: str, log_of: Process | None = None) -> float:
        """Observe all nodes until a condition holds; return the seconds it took.

        Raises:
            Failure: a program ended, or the condition does not hold in time.
        """

        def observed() -> bool:
            for node in self.nodes:
                node.observe()
            return ready()

        return self.stage.until(observed, what, log_of=log_of)

    def _make(self, container: compose.Container) -> Node:
        return Node.make(self.stage, container, url=self.service.url, confdir=self.confdir)

    def _publish(self, stack: Stack) -> None:
        self.stack = stack
        self.service.replace(stack.answers())


@contextmanager
def serving(stage: Stage, addresses: Mapping[str, str]) -> Iterator[Cluster]:
    """Serve the stack of the example for as long as the block lasts; yield a cluster without nodes.

    Args:
        stage: starts and stops programs.
        addresses: the address of each container.
    """
    env = {"mysql_root_password": "s3cret"}
    stack = compose.load(EXAMPLE, env=env, addresses=addresses)
    with MetadataServer(stack.answers(), xff=True) as service:
        yield Cluster(stage, service, _confdir(stage.folder), stack)


def _confdir(folder: Path) -> Path:
    """Copy template and resource of the example, and let a server check each file."""
    confdir, empty = folder / "confd", folder / "empty"
    empty.mkdir()
    for name in ("conf.d", "templates"):
        shutil.copytree(EXAMPLE / name, confdir / name)
    with (confdir / "conf.d/galera.toml").open("a") as resource:
        # A string of JSON is one of TOML.
        resource.write(f"check_cmd = {json.dumps(check_command(empty))}\n")
    return confdir
