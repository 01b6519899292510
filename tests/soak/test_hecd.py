"""HAProxy, etcd and confd under requests: the demonstration of `examples/hecd`.

It says what it sees; here etcd, the file and the answers are read again after each of its steps.
"""

from __future__ import annotations

import base64
import http.client
import re
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from typing import Final

import pytest

import confd_lib
from examples.hecd import story
from examples.hecd.balancer import RELOADS
from examples.hecd.clients import KEPT
from examples.hecd.site import COLUMNS, DESTINATION, EXAMPLE, Site
from examples.stage import Process, Stage, play
from tests.examples.hecd import MODULE, free_ports, needs_programs
from tests.examples.place import MARK, Place
from tests.servers.loopback.web import Web
from tests.soak.conftest import Report

README: Final = EXAMPLE / "README.md"

pytestmark = needs_programs


@pytest.fixture
def place() -> Iterator[Place]:
    with Place.made(MODULE) as place:
        yield place


def without_numbers(line: str) -> str:
    """Return a line of the demonstration without what differs between two runs."""
    plain = re.sub(r"\d+\.\d+ s|\b\d+ re(quests|loads)|:\d+", "", line)
    return " ".join(plain.split())


def numbered(*numbers: int) -> list[str]:
    return sorted(f"web_{number}" for number in numbers)


def in_etcd(site: Site) -> dict[str, str]:
    """Return the values of the servers in etcd."""
    encoded = [base64.b64encode(key).decode() for key in (b"/services/web/", b"/services/web0")]
    body = {"key": encoded[0], "range_end": encoded[1]}
    found = Web(f"http://127.0.0.1:{site.port + 1}").json("POST", "/v3/kv/range", body)
    pairs = {base64.b64decode(one["key"]): one["value"] for one in found.get("kvs", [])}
    return {
        key.decode().rpartition("/")[2]: base64.b64decode(value).decode()
        for key, value in pairs.items()
    }


def file_of(site: Site) -> str:
    return (site.stage.folder / DESTINATION).read_text()


def rendered(site: Site) -> str:
    """Return what the template makes of the keys in etcd."""
    run = site.stage.folder / "run"
    settings = {"address": "127.0.0.1", "port": site.port, "socket": f"{run}/admin.sock"}
    tree = {"haproxy": settings, "services": {"web": in_etcd(site)}}
    return confd_lib.render_file(EXAMPLE / "templates/haproxy.cfg.tmpl", tree)


def answering(site: Site, requests: int) -> list[str]:
    """Return the servers that answer some requests, sent over one connection."""
    names = set[str]()
    with closing(http.client.HTTPConnection("127.0.0.1", site.port, timeout=20)) as connection:
        for _ in range(requests):
            connection.request("GET", "/")
            response = connection.getresponse()
            names.add(response.read().decode())
            assert response.status == 200
    return sorted(names)


def serves(site: Site, *numbers: int) -> None:
    """Check that etcd, the file and the answers have exactly some servers."""
    names = numbered(*numbers)
    assert sorted(in_etcd(site)) == names
    assert file_of(site) == rendered(site)
    assert sorted(re.findall(r"^    server (\w+) ", file_of(site), re.MULTILINE)) == names
    # Each in its turn, while others ask too.
    assert answering(site, 20 * len(names)) == names
    assert site.clients.failed_outside(site.killed) == []


def statuses(site: Site, *numbers: int) -> list[int | None]:
    """Return how servers have ended."""
    return [site.webs[f"web_{number}"].status for number in numbers]


def after_begin(site: Site) -> None:
    serves(site, 1, 2)


def after_ask(site: Site) -> None:
    serves(site, 1, 2)
    assert set(site.clients.answers) == {"web_1", "web_2"}


def after_grow(site: Site) -> None:
    serves(site, 1, 2, 3, 4, 5)


def after_leave(site: Site) -> None:
    serves(site, 3, 4, 5)
    assert statuses(site, 1, 2) == [0, 0]
    assert site.clients.failed == []


def after_kill(site: Site) -> None:
    serves(site, 4, 5)
    assert statuses(site, 3) == [-signal.SIGKILL]
    # At most those that were under way: one of each client.
    assert len(site.clients.failed) <= len(KEPT)


def after_burst(site: Site) -> None:
    serves(site, *range(4, 12))


def after_refuse(site: Site) -> None:
    serves(site, *range(4, 12))
    errors = [
        line for line in site.sidekick.process.log.read_text().splitlines() if "ERROR" in line
    ]
    assert errors
    for error in errors:
        assert "Config check failed: exit status 1" in error
        assert "'server web/bad' : invalid port '99999'" in error


def after_restart(site: Site) -> None:
    serves(site, *range(4, 13))
    etcds = [process for process in site.stage.processes if process.name == "etcd"]
    assert [process.status for process in etcds] == [-signal.SIGTERM, None]


def after_count(site: Site) -> None:
    assert site.clients.requests >= 2000
    assert set(site.clients.answers) == {*numbered(*range(1, 13))}
    assert min(site.clients.answers.values()) > 0
    serves(site, *range(4, 13))


CHECKS: Final[Mapping[Callable[[Site], None], Callable[[Site], None]]] = {
    story.begin: after_begin,
    story.ask: after_ask,
    story.grow: after_grow,
    story.leave: after_leave,
    story.kill: after_kill,
    story.burst: after_burst,
    story.refuse: after_refuse,
    story.restart: after_restart,
    story.count: after_count,
}


@pytest.mark.parametrize("reload", RELOADS)
def test_no_request_fails_while_servers_come_and_go(
    place: Place,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    report: Report,
    reload: str,
) -> None:
    monkeypatch.setenv(MARK, place.mark)
    monkeypatch.setattr("tempfile.tempdir", str(place.folder))
    processes: list[Process] = []

    def checked(stage: Stage) -> None:
        with story.prepared(stage, free_ports(), reload) as site:
            for step in story.STEPS:
                step(site)
                CHECKS[step](site)
            assert len(place.processes()) >= 12
        processes.extend(stage.processes)

    assert play("hecd", COLUMNS, checked) == 0
    assert place.left() == []
    # Each ended as asked, and in time; etcd ends by the signal that asks it.
    ends = {process.name: process.status for process in processes if process.status}
    assert ends == {"web_3": -signal.SIGKILL, "etcd": -signal.SIGTERM}
    lines = capsys.readouterr().out.splitlines()
    recorded = re.findall(r"^ +\d+\.\d s  .*$", README.read_text(), re.MULTILINE)
    assert len(recorded) > len(story.STEPS)
    assert {*map(without_numbers, recorded)} <= {*map(without_numbers, lines)}
    (counted,) = [line for line in lines if " failed, the slowest took " in line]
    report(f"HAProxy, etcd: 12 servers come and go, reloads by {reload}", counted.split(" s  ")[1])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_in_a_burst_leaves_nothing(place: Place, number: int) -> None:
    """Servers register, confd writes and HAProxy is reloaded meanwhile."""
    done = place.interrupted(number, "web_11: state starting", "--port", str(free_ports()))
    assert done == (
        128 + number,
        f"hecd demo: ended by {signal.Signals(number).name}\n",
    )
    assert place.left() == []
