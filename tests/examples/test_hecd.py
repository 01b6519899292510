"""HAProxy and etcd: the template, the resource, and a demonstration that cannot be played.

`tests/soak/test_hecd.py` plays it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest

import gotmpl
from confd_lib import TemplateResource
from confd_lib.errors import CommandError
from confd_lib.testing import Bench
from examples.hecd.balancer import RELOADS
from examples.hecd.clients import Clients, Failed
from examples.hecd.site import PORTS
from examples.hecd.story import BAD
from examples.stage import find, search_path
from tests.examples.hecd import MODULE, free_ports, needs_programs
from tests.examples.place import ROOT, Place

FOLDER: Final = ROOT / "examples/hecd"
TEMPLATE: Final = FOLDER / "templates/haproxy.cfg.tmpl"
RESOURCE: Final = FOLDER / "conf.d/haproxy.toml"

Tree = Mapping[str, Any]


@pytest.fixture
def place() -> Iterator[Place]:
    with Place.made(MODULE) as place:
        yield place


def tree(webs: Mapping[str, str], **haproxy: str) -> Tree:
    """Return what is in etcd: values of servers and settings of HAProxy."""
    return {"services": {"web": dict(webs)}, **({"haproxy": haproxy} if haproxy else {})}


def webs(size: int) -> dict[str, str]:
    """Return the values of some servers, as they register them."""
    return {
        f"web_{n}": json.dumps({"host": f"10.0.0.{n}", "port": 8000 + n})
        for n in range(1, size + 1)
    }


# -- The template and the resource


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("web-0", tree({})),
        ("web-3", tree(webs(3))),
        ("web-5", tree(webs(5), address="127.0.0.1", port="8700", socket="/s", maxconn="50")),
    ],
)
def test_the_file(confd: Bench, name: str, values: Tree) -> None:
    confd.assert_tree(FOLDER / "expect", values, case=name, confdir=FOLDER)


@needs_programs
@pytest.mark.parametrize("size", [0, 1, 12])
def test_haproxy_takes_the_file(confd: Bench, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setenv("PATH", search_path())
    out = confd.resource(RESOURCE, tree(webs(size)))
    assert out.path
    assert out.path.read_text().count(" check inter ") == size


@needs_programs
@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (BAD, "invalid port '99999'"),
        ('{"host": "127.0.0.1"}', "'server web/bad' : "),
        ('{"port": 80}', "'server web/bad' : "),
    ],
)
def test_haproxy_refuses_a_server_that_it_cannot_use(
    confd: Bench, monkeypatch: pytest.MonkeyPatch, value: str, reason: str
) -> None:
    monkeypatch.setenv("PATH", search_path())
    with pytest.raises(CommandError, match="Config check failed: exit status 1") as caught:
        confd.resource(RESOURCE, tree({**webs(2), "bad": value}))
    assert reason in str(caught.value)


def test_a_value_that_is_not_json_is_an_error(confd: Bench) -> None:
    with pytest.raises(gotmpl.ExecError, match=r"haproxy\.cfg\.tmpl:\d+:.*<json \.Value>"):
        confd.render(TEMPLATE, tree({"bad": "10.0.0.1:80"}))


def test_both_ways_to_reload_are_in_the_resource() -> None:
    assert TemplateResource.load(RESOURCE).reload_cmd == RELOADS["socket"]
    assert f"# {RELOADS['signal']}\n" in RESOURCE.read_text()


# -- The demonstration


@pytest.mark.parametrize("installed", [(), ("etcd",), ("etcd", "haproxy")])
def test_missing_programs_are_named_with_their_packages(
    place: Place, tmp_path: Path, installed: tuple[str, ...]
) -> None:
    packages = {"haproxy": "haproxy", "etcd": "etcd-server", "socat": "socat"}
    for name in installed:
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    status, err = place.ended(path=str(tmp_path))
    # Servers are found in folders of servers too.
    missing = [n for n in packages if not shutil.which(n, path=f"{tmp_path}:/usr/sbin:/sbin")]
    verb = "is" if len(missing) == 1 else "are"
    wanted = " ".join(packages[name] for name in missing)
    assert status == 1
    assert err == (
        f"hecd demo: {', '.join(missing)} {verb} not installed: apt-get install {wanted}\n"
    )
    assert place.left() == []


@needs_programs
@pytest.mark.parametrize("offset", range(PORTS))
def test_a_port_in_use_is_named(place: Place, offset: int) -> None:
    port = free_ports()
    with socket.create_server(("127.0.0.1", port + offset)):
        status, err = place.ended("--port", str(port))
    assert status == 1
    assert err == (
        f"hecd demo: 127.0.0.1:{port + offset}: address already in use: "
        "end what listens there, or choose other ports, as in --port 9700\n"
    )
    assert place.left() == []


@needs_programs
@pytest.mark.parametrize(
    ("name", "flag", "reason"),
    [
        ("etcd", "--snapshot-count=lots", r"etcd ended with status \d+: .*lots.*"),
        ("etcd", "--data-dir=/dev/null", r"etcd ended with status 1: .*/dev/null.*"),
        ("haproxy", "-f /nonexistent", r"haproxy ended with status 1: .*/nonexistent.*"),
    ],
)
def test_a_server_that_ends_while_the_demonstration_starts_is_named_with_its_reason(
    place: Place, tmp_path: Path, name: str, flag: str, reason: str
) -> None:
    wrapper = tmp_path / name
    wrapper.write_text(f'#!/bin/sh\nexec {find(name)} "$@" {flag}\n')
    wrapper.chmod(0o755)
    path = f"{tmp_path}:{os.environ['PATH']}"
    status, err = place.ended("--port", str(free_ports()), path=path)
    assert status == 1
    assert re.fullmatch(f"hecd demo: {reason}\n", err)
    assert place.left() == []


@needs_programs
def test_a_folder_with_a_long_name_is_refused(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = place.folder / ("long" * 20)
    folder.mkdir()
    long = Place(place.module, folder, place.mark)
    status, err = long.ended("--port", str(free_ports()))
    assert status == 1
    assert err.endswith(": too long for a socket: set TMPDIR to a shorter folder\n")
    assert err.count("\n") == 1
    assert long.left() == []


@pytest.mark.parametrize("port", ["0", "65534", "-1", "http", "", "٨٧٠٠"])
def test_a_port_that_there_is_not_is_refused(place: Place, port: str) -> None:
    status, err = place.ended(f"--port={port}")
    assert status == 2
    assert err.splitlines()[-1] == (
        f"demo: error: argument --port: {port!r} is no port from 1 to 65533"
    )
    assert place.left() == []


@needs_programs
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_leaves_nothing(place: Place, number: int) -> None:
    done = place.interrupted(number, "in etcd 2 servers", "--port", str(free_ports()))
    assert done == (
        128 + number,
        f"hecd demo: ended by {signal.Signals(number).name}\n",
    )
    assert place.left() == []


UP_TO_DATE = ["make", "--silent", "--question", ".venv/.core"]


@pytest.mark.skipif(
    not shutil.which("make") or subprocess.run(UP_TO_DATE, cwd=ROOT, check=False).returncode != 0,
    reason=".venv is not made by make",
)
def test_the_script_passes_its_flags_on(tmp_path: Path) -> None:
    command = [str(FOLDER / "demo"), "--reload", "never"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "argument --reload: invalid choice: 'never'" in done.stderr


@pytest.mark.parametrize(
    ("begin", "end", "excused"),
    [(1, 4, False), (1, 5, True), (5, 6, True), (4, 9, True), (6, 8, True), (7, 8, False)],
)
def test_only_a_request_under_way_at_a_kill_may_fail(begin: int, end: int, excused: bool) -> None:
    clients = Clients(1)
    clients.failed.append(Failed(begin, end, "status 502"))
    assert clients.failed_outside([(5, 6)]) == ([] if excused else clients.failed)
    assert clients.failed_outside([]) == clients.failed
    assert clients.requests == 1
