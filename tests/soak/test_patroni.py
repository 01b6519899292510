"""A PostgreSQL failover that HAProxy and PgBouncer follow: `examples/patroni/failover`.

The demonstration says what it sees; here the store, the files and the servers are asked again after
each of its steps.
"""

from __future__ import annotations

import json
import re
import signal
import socket
from collections.abc import Callable, Iterator, Mapping
from typing import Final

import pytest

from examples.patroni.failover import members, story
from examples.patroni.failover.proxies import POOL, WRITES
from examples.patroni.failover.site import COLUMNS, EXAMPLE, MEMBERS, Site
from examples.stage import Process, Stage, play
from tests.examples.patroni import MODULE, needs_patroni, needs_proxy
from tests.examples.place import MARK, Place
from tests.soak.conftest import Report

README: Final = EXAMPLE / "README.md"
FIRST, SECOND = MEMBERS

pytestmark = needs_proxy


@pytest.fixture
def place() -> Iterator[Place]:
    with Place.made(MODULE) as place:
        yield place


def text_of(site: Site, name: str) -> str:
    (path,) = (path for path in site.files() if path.name == name)
    return path.read_text()


def servers(site: Site, listener: str) -> list[str]:
    """Return the members that HAProxy's file names for a listener."""
    _, _, after = text_of(site, "haproxy.cfg").partition(f"listen {listener}\n")
    return re.findall(r"^    server (\S+) ", after.partition("\nlisten ")[0], re.MULTILINE)


def inventory(site: Site) -> dict[str, str]:
    """Return the roles of the members by the inventory, once its leader is that of the store."""
    found = json.loads(text_of(site, "inventory.json"))
    assert found["leader"] == site.leader
    return {member["name"]: member["role"] for member in found["members"]}


def await_row(database: members.Members, address: str, site: Site) -> None:
    """Wait until a member has the row; Patroni may restart a member that has just come back."""
    site.until(lambda: database.has_row(address, members.SQL), f"{address} has the row")


def after_elect(site: Site) -> None:
    assert site.leader == FIRST
    keys = site.etcd.values()
    assert {key for key in keys if key.startswith("/members/")} == {
        f"/members/{name}" for name in MEMBERS
    }
    assert json.loads(keys["/config"])["ttl"] == members.TTL


def after_serve(site: Site) -> None:
    assert len(site.files()) == 5
    assert all(path.exists() for path in site.files())
    assert (servers(site, "primary"), servers(site, "replicas")) == ([FIRST], [SECOND])
    assert text_of(site, "pgbouncer.ini").startswith(f"; {FIRST} ")
    assert f"\n{SECOND} = " in text_of(site, "replicas.ini")
    assert inventory(site) == {FIRST: "master", SECOND: "replica"}


def after_replicate(site: Site) -> None:
    if site.database:
        assert site.database.has_row(site.proxies.address, WRITES)
        await_row(site.database, site.cluster.addresses[SECOND], site)


def after_fail_over(site: Site) -> None:
    assert site.leader == SECOND
    site.until(site.in_sync, "all files are in sync")
    assert servers(site, "primary") == [SECOND]
    assert text_of(site, "pgbouncer.ini").startswith(f"; {SECOND} ")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((site.cluster.addresses[FIRST], members.SQL), 5).close()
    if site.database:
        assert site.database.has_row(site.proxies.address, WRITES)


def after_come_back(site: Site) -> None:
    site.until(lambda: servers(site, "replicas") == [FIRST], "the file names it")
    assert servers(site, "primary") == [SECOND]
    site.until(lambda: inventory(site) == {FIRST: "replica", SECOND: "master"}, "both are listed")
    if site.database:
        assert site.reaches(POOL) == SECOND
        await_row(site.database, site.cluster.addresses[FIRST], site)


CHECKS: Final[Mapping[Callable[[Site], None], Callable[[Site], None]]] = {
    story.elect: after_elect,
    story.serve: after_serve,
    story.replicate: after_replicate,
    story.fail_over: after_fail_over,
    story.come_back: after_come_back,
}


@pytest.mark.parametrize(
    "played", [pytest.param(False, marks=needs_patroni, id="real"), pytest.param(True, id="played")]
)
def test_proxies_follow_a_failover(
    played: bool,
    place: Place,
    network: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    report: Report,
) -> None:
    monkeypatch.setenv(MARK, place.mark)
    monkeypatch.setattr("tempfile.tempdir", str(place.folder))
    processes: list[Process] = []

    def checked(stage: Stage) -> None:
        with story.prepared(stage, network, played=played) as site:
            for step in story.STEPS:
                step(site)
                CHECKS[step](site)
            assert len(place.processes()) >= 4
        processes.extend(stage.processes)

    assert play("patroni", COLUMNS, checked) == 0
    assert place.left() == []
    # Each ended as asked, and in time; the killed one did not.
    killed = [process.name for process in processes if process.status == -signal.SIGKILL]
    assert [name.rpartition(" ")[2] for name in killed] == [FIRST]
    lines = capsys.readouterr().out.splitlines()
    if not played:
        recorded = re.findall(r"^ +\d+\.\d s  .*$", README.read_text(), re.MULTILINE)
        assert len(recorded) > len(story.STEPS)
        assert {*map(without_numbers, recorded)} <= {*map(without_numbers, lines)}
    (line,) = (line for line in lines if " in all" in line)
    name = "stand-ins" if played else "Patroni and PostgreSQL"
    report(f"a failover of {name}, followed by HAProxy", line.strip())


def without_numbers(line: str) -> str:
    """Return a line of the demonstration without what differs between two runs."""
    return re.sub(r" *\d+\.\d s|127\.0\.\d+|programs stopped: \d+", "", line)


@needs_patroni
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("moment", ["patroni1 leads", "patroni1 is killed"])
def test_a_signal_leaves_nothing(place: Place, network: str, moment: str, number: int) -> None:
    """PostgreSQL has left the session of its Patroni, and HAProxy that of the demonstration."""
    with place.demo("--network", network) as process:
        assert process.stdout
        for line in process.stdout:
            if moment in line:
                break
        process.send_signal(number)
        _, err = process.communicate(timeout=120)
    assert (process.returncode, err) == (
        128 + number,
        f"patroni demo: ended by {signal.Signals(number).name}\n",
    )
    assert place.left() == []
