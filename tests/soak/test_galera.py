"""Real servers whose settings confd writes: the demonstration of `examples/galera/cluster`.

It says what it sees; here the servers and the files are asked again after each of its steps.
"""

from __future__ import annotations

import re
import signal
from collections.abc import Callable, Iterator, Mapping
from typing import Final

import pytest

import confd_lib
from examples.galera.cluster import story
from examples.galera.cluster.cluster import EXAMPLE, Cluster
from examples.galera.cluster.node import COLUMNS, DESTINATION, Node
from examples.stage import Process, Stage, play
from tests.examples.galera import MODULE, needs_galera
from tests.examples.place import MARK, Place
from tests.soak.conftest import Report

README: Final = EXAMPLE / "cluster/README.md"

pytestmark = needs_galera


@pytest.fixture
def place() -> Iterator[Place]:
    with Place.made(MODULE) as place:
        yield place


def without_numbers(line: str) -> str:
    """Return a line of the demonstration without what differs between two runs."""
    return re.sub(r" *\d+\.\d s|:\d+$", "", line)


def everywhere(cluster: Cluster, sql: str) -> list[str]:
    """Return the answer of each server, once it has what the others have written."""
    return [node.server.ask(f"SET wsrep_sync_wait = 1; {sql}") for node in cluster.nodes]


def settings(cluster: Cluster, name: str) -> list[str]:
    return everywhere(cluster, f"SELECT @@{name}")


def file_of(node: Node) -> str:
    return (node.stage.folder / node.name / DESTINATION).read_text()


def rendered(cluster: Cluster, node: Node) -> str:
    """Return what the template of the example makes of the metadata of a node."""
    tree = cluster.stack.answers().tree("2015-07-25", node.address)
    return confd_lib.render_file(EXAMPLE / "templates/galera.cnf.tmpl", tree)


def is_cluster_of(cluster: Cluster, size: int) -> None:
    """Check the size that each server reports, and that each has its own file."""
    names = [f"galera_galera_{number}" for number in range(1, size + 1)]
    assert [node.name for node in cluster.nodes] == names
    status = everywhere(cluster, "SHOW STATUS LIKE 'wsrep_cluster_size'")
    assert status == [f"wsrep_cluster_size\t{size}"] * size
    assert settings(cluster, "server_id") == [str(number) for number in range(1, size + 1)]
    assert settings(cluster, "wsrep_node_name") == settings(cluster, "report_host") == names
    assert settings(cluster, "wsrep_cluster_name") == ["galera"] * size
    assert settings(cluster, "bind_address") == [f"127.0.0.{10 + n}" for n in range(1, size + 1)]


def after_form(cluster: Cluster) -> None:
    is_cluster_of(cluster, 3)
    assert [file_of(node) for node in cluster.nodes] == [
        rendered(cluster, node) for node in cluster.nodes
    ]


def after_replicate(cluster: Cluster) -> None:
    assert everywhere(cluster, "SELECT * FROM demo.rows") == [f"1\t{story.ROW}"] * 3
    cluster.nodes[2].server.ask("INSERT INTO demo.rows VALUES (2, 'of the third')")
    assert everywhere(cluster, "SELECT text FROM demo.rows WHERE id = 2") == ["of the third"] * 3
    cluster.nodes[0].server.ask("DELETE FROM demo.rows WHERE id = 2")


def after_grow(cluster: Cluster) -> None:
    is_cluster_of(cluster, 4)
    assert everywhere(cluster, "SELECT * FROM demo.rows") == [f"1\t{story.ROW}"] * 4


def after_shrink(cluster: Cluster) -> None:
    is_cluster_of(cluster, 3)
    gone = [process for process in cluster.stage.processes if "galera_galera_4" in process.name]
    assert {process.name: process.status for process in gone} == {
        "confd of galera_galera_4": 0,
        "mariadbd of galera_galera_4": 0,
    }


def after_refuse(cluster: Cluster) -> None:
    assert settings(cluster, "max_connections") == ["1000"] * 3
    for node in cluster.nodes:
        assert file_of(node) == rendered(cluster, node)
        assert "lots" not in file_of(node)
        log = node.sidekick.process.log.read_text().splitlines()
        errors = [line for line in log if " ERROR " in line]
        assert errors
        for error in errors:
            assert "Config check failed: exit status 9: " in error
            assert "Error while setting value 'lots' to 'max_connections'" in error


def after_change(cluster: Cluster) -> None:
    is_cluster_of(cluster, 3)
    assert settings(cluster, "max_connections") == ["500"] * 3
    assert [file_of(node) for node in cluster.nodes] == [
        rendered(cluster, node) for node in cluster.nodes
    ]
    assert all("max_connections = 500\n" in file_of(node) for node in cluster.nodes)
    assert everywhere(cluster, "SELECT * FROM demo.rows") == [f"1\t{story.ROW}"] * 3


CHECKS: Final[Mapping[Callable[[Cluster], None], Callable[[Cluster], None]]] = {
    story.form: after_form,
    story.replicate: after_replicate,
    story.grow: after_grow,
    story.shrink: after_shrink,
    story.refuse: after_refuse,
    story.change: after_change,
}


def test_a_cluster_grows_shrinks_and_takes_new_settings(
    place: Place,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    report: Report,
) -> None:
    monkeypatch.setenv(MARK, place.mark)
    monkeypatch.setattr("tempfile.tempdir", str(place.folder))
    processes: list[Process] = []

    def checked(stage: Stage) -> None:
        with story.prepared(stage) as cluster:
            for step in story.STEPS:
                step(cluster)
                CHECKS[step](cluster)
            assert len(place.processes()) >= 6
        processes.extend(stage.processes)

    assert play("galera", COLUMNS, checked) == 0
    assert place.left() == []
    # Each ended as asked, and in time.
    assert {process.name: process.status for process in processes if process.status} == {}
    lines = capsys.readouterr().out.splitlines()
    recorded = re.findall(r"^ +\d+\.\d s  .*$", README.read_text(), re.MULTILINE)
    assert len(recorded) > len(story.STEPS)
    assert {*map(without_numbers, recorded)} <= {*map(without_numbers, lines)}
    report("a Galera cluster of 3, 4, 3 servers, a bad and a good setting", lines[-1].strip())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_a_server_joins_leaves_nothing(
    place: Place, network: str, number: int
) -> None:
    """A joining server and its donor have processes of their own, which send and receive."""
    done = place.interrupted(number, "galera_galera_1: server Donor/Desynced", "--network", network)
    assert done == (
        128 + number,
        f"galera demo: ended by {signal.Signals(number).name}\n",
    )
    assert place.left() == []
