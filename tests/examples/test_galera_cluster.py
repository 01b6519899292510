"""The Galera demonstration ends in one line where it cannot be played, and leaves nothing.

`tests/soak/test_galera.py` plays it.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from examples.galera.cluster.server import PORTS
from examples.stage import find
from tests.examples.galera import MODULE, needs_galera
from tests.examples.place import ROOT, Place


@pytest.fixture
def place() -> Iterator[Place]:
    with Place.made(MODULE) as place:
        yield place


programs = place


def test_missing_programs_are_named_with_their_packages(place: Place) -> None:
    status, err = place.ended(path="/nonexistent")
    assert status == 1
    assert re.fullmatch(
        r"galera demo: .*\brsync\b.* (is|are) not installed: apt-get install .*\brsync\b.*\n", err
    )
    assert place.left() == []


@needs_galera
@pytest.mark.parametrize("port", PORTS)
def test_a_port_in_use_is_named(place: Place, network: str, port: int) -> None:
    address = f"{network}.13"
    try:
        server = socket.create_server((address, port))
    except OSError:
        pytest.skip(f"port {port} of {address} is in use")
    with server:
        status, err = place.ended("--network", network)
    assert status == 1
    assert err == (
        f"galera demo: {address}:{port}: address already in use: "
        "end what listens there, or choose other addresses, as in --network 127.0.1\n"
    )
    assert place.left() == []


# Gives a bad setting to the server of the second node, and to nothing else.
DYING = """\
#!/bin/sh
case "$*" in *galera_galera_2/my.cnf*) set -- "$@" --max-connections=lots ;; esac
exec {mariadbd} "$@"
"""


@needs_galera
def test_a_server_that_ends_while_the_cluster_comes_up_is_named_with_its_reason(
    place: Place, programs: Place, network: str
) -> None:
    wrapper = programs.folder / "mariadbd"
    wrapper.write_text(DYING.format(mariadbd=find("mariadbd")))
    wrapper.chmod(0o755)
    path = f"{programs.folder}:{os.environ['PATH']}"
    status, err = place.ended("--network", network, path=path)
    assert status == 1
    assert re.fullmatch(
        r"galera demo: mariadbd of galera_galera_2 ended with status \d+: "
        r".*'max_connections' \(value 'lots'\).*\n",
        err,
    )
    assert place.left() == []


@pytest.mark.parametrize("other", ["10.0.0", "127.0.0.1", "here", ""])
def test_a_network_that_is_not_loopback_is_refused(place: Place, other: str) -> None:
    status, err = place.ended("--network", other)
    assert status == 2
    assert err.splitlines()[-1] == (
        f"demo: error: argument --network: {other!r} is no loopback network, such as 127.0.1"
    )
    assert place.left() == []


UP_TO_DATE = ["make", "--silent", "--question", ".venv/.core"]


@pytest.mark.skipif(
    not shutil.which("make") or subprocess.run(UP_TO_DATE, cwd=ROOT, check=False).returncode != 0,
    reason=".venv is not made by make",
)
def test_the_script_passes_its_flags_on(tmp_path: Path) -> None:
    command = ROOT / "examples/galera/cluster/demo"
    done = subprocess.run(
        [command, "--network", "here"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "argument --network: 'here' is no loopback network" in done.stderr
