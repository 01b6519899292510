"""The steps of the demonstration. Each changes the cluster and says what came of it."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from examples.stage import Failure, Stage, require, require_free

from .cluster import SERVICE, Cluster, serving
from .node import Node
from .server import PACKAGES, PORTS

NETWORK: Final = "127.0.0"
LARGEST: Final = 4
ROW: Final = "written on the first"
GOOD, BAD = "max_connections = 500", "max_connections = lots"

_CREATE: Final = f"""\
CREATE DATABASE demo;
CREATE TABLE demo.rows (id INT PRIMARY KEY, text VARCHAR(40));
INSERT INTO demo.rows VALUES (1, '{ROW}');
"""
# Waits for the rows that other nodes have written before.
_READ: Final = "SET wsrep_sync_wait = 1; SELECT text FROM demo.rows"


def form(cluster: Cluster) -> None:
    """Let three nodes form a cluster, once confd has written the file of each."""
    cluster.say(f"the stack of examples/galera is served at {cluster.service.url}")
    first, *others = cluster.scale(3)
    cluster.say("confd has written 001-galera.cnf for 3 nodes")
    first.server.install(cluster.stage)
    cluster.say(f"{first.name} began a cluster after {cluster.join(first):.1f} s")
    for node in others:
        cluster.say(f"{node.name} joined after {cluster.join(node):.1f} s")


def replicate(cluster: Cluster) -> None:
    """Write a row on the first node, and read it on the others."""
    first, *others = cluster.nodes
    first.server.ask(_CREATE)
    for node in others:
        _read(node)
    cluster.say(f"a row written on {first.name} is read on {_names(others)}")


def grow(cluster: Cluster) -> None:
    """Scale to four; the fourth joins and has the row."""
    (node,) = cluster.scale(4)
    seconds = cluster.join(node)
    _read(node)
    cluster.say(f"scaled to 4: {node.name} joined after {seconds:.1f} s, with the row")


def shrink(cluster: Cluster) -> None:
    """Scale back to three; the others go on."""
    cluster.scale(3)
    seconds = cluster.until(lambda: cluster.is_whole(3), "the others are a cluster of 3")
    cluster.say(f"scaled to 3: the others are a cluster again after {seconds:.1f} s")


def refuse(cluster: Cluster) -> None:
    """Publish a bad value: the check refuses it everywhere, and the files stay."""
    before = [node.file() for node in cluster.nodes]
    settings = cluster.settings
    cluster.configure(f"{settings}{BAD}\n")
    cluster.until(
        lambda: all(node.sidekick.errors() for node in cluster.nodes), "all servers have refused it"
    )
    if [node.file() for node in cluster.nodes] != before:
        raise Failure(f"`{BAD}` was refused, but a file has changed")
    reason = cluster.nodes[0].sidekick.errors()[0].rpartition(": ")[2]
    cluster.say(f"`{BAD}` is refused on 3 nodes, and the old files stay: {reason}")
    cluster.configure(settings)
    cluster.until(cluster.in_sync, "all files are in sync")


def change(cluster: Cluster) -> None:
    """Publish a good value: all files have it at once, and all servers after a rolling restart."""
    cluster.configure(f"{cluster.settings}{GOOD}\n")
    seconds = cluster.until(
        lambda: all(GOOD in node.file() for node in cluster.nodes), "it is in all files"
    )
    cluster.say(f"`{GOOD}` is in 3 files after {seconds:.1f} s")
    for node in cluster.nodes:
        begin = cluster.stage.board.elapsed
        node.server.stop()
        cluster.join(node)
        seconds = cluster.stage.board.elapsed - begin
        _read(node)
        value = node.status["max_connections"]
        cluster.say(f"{node.name} restarted in {seconds:.1f} s: max_connections {value}")


STEPS: Final[tuple[Callable[[Cluster], None], ...]] = (
    *(form, replicate, grow, shrink, refuse, change),
)


def tell(stage: Stage, network: str = NETWORK) -> None:
    """Play all steps.

    Args:
        stage: starts and stops programs.
        network: the first three numbers of the addresses of the nodes.

    Raises:
        Failure: a program is missing, an address is in use, or a step does not succeed.
    """
    with prepared(stage, network) as cluster:
        for step in STEPS:
            step(cluster)


@contextmanager
def prepared(stage: Stage, network: str = NETWORK) -> Iterator[Cluster]:
    """Yield a cluster without nodes, if all that it needs is there.

    Raises:
        Failure: a program is missing, or an address is in use.
    """
    require(PACKAGES)
    names = [f"{SERVICE}_{SERVICE}_{number}" for number in range(1, LARGEST + 1)]
    addresses = {name: f"{network}.{number}" for number, name in enumerate(names, 11)}
    advice = "end what listens there, or choose other addresses, as in --network 127.0.1"
    require_free(itertools.product(addresses.values(), PORTS), advice)
    # The account of the servers reads what this process writes.
    mask = os.umask(0o022)
    stage.folder.chmod(0o711)
    try:
        with serving(stage, addresses) as cluster:
            yield cluster
    finally:
        os.umask(mask)


def _read(node: Node) -> None:
    text = node.server.ask(_READ)
    if text != ROW:
        raise Failure(f"{node.name} reads {text!r} instead of {ROW!r}")


def _names(nodes: list[Node]) -> str:
    return ", ".join(node.name for node in nodes)
