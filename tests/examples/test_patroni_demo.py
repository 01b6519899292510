"""The Patroni demonstration ends in one line where it cannot be played, and leaves nothing.

`tests/soak/test_patroni.py` plays it.
"""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Iterator

import pytest

from examples.patroni.failover import etcd, members, proxies
from examples.stage import find
from tests.examples.patroni import MODULE, needs_patroni, needs_proxy
from tests.examples.place import Place


@pytest.fixture
def place() -> Iterator[Place]:
    with Place.made(MODULE) as place:
        yield place


programs = place


def ended(place: Place, *arguments: str, path: str | None = None) -> tuple[int, str, str]:
    """Run the demonstration to its end; return its status and what it wrote."""
    with place.demo(*arguments, path=path) as process:
        out, err = process.communicate(timeout=120)
    return process.returncode, out, err


def test_missing_programs_are_named_with_their_packages(place: Place) -> None:
    status, _, err = ended(place, path="/nonexistent")
    assert status == 1
    assert re.fullmatch(
        r"patroni demo: etcd\b.* (is|are) not installed: apt-get install etcd-server\b.*\n", err
    )
    assert place.left() == []


@needs_proxy
def test_without_patroni_its_keys_are_played_and_one_line_says_why(
    place: Place, programs: Place, network: str
) -> None:
    for program in ("etcd", "haproxy", "sh", "cat", "env"):
        (programs.folder / program).symlink_to(find(program))
    status, out, err = ended(place, "--network", network, path=str(programs.folder))
    assert (status, err) == (0, "")
    assert re.match(
        r" +\d\.\d s  Patroni's keys are played, and PgBouncer does not run: "
        r"patroni, .*are not installed: apt-get install patroni .*\n",
        out,
    )
    assert "writes reach patroni2" in out
    assert place.left() == []


PORTS = [
    *((10, port) for port in (*etcd.PORTS, *proxies.PORTS)),
    *((12, port) for port in members.PORTS),
]


@needs_proxy
@pytest.mark.parametrize(("host", "port"), PORTS)
def test_a_port_in_use_is_named(place: Place, network: str, host: int, port: int) -> None:
    address = f"{network}.{host}"
    try:
        server = socket.create_server((address, port))
    except OSError:
        pytest.skip(f"port {port} of {address} is in use")
    with server:
        status, _, err = ended(place, "--network", network, "--played")
    assert status == 1
    assert err == (
        f"patroni demo: {address}:{port}: address already in use: "
        "end what listens there, or choose other addresses, as in --network 127.0.1\n"
    )
    assert place.left() == []


# Ends as soon as it has started, and where it is asked to run, not only to check a file.
ENDS = """\
#!/bin/sh
case "$*" in *{argument}*) echo why not >&2; exit 3 ;; esac
exec {program} "$@"
"""
# Patroni's own servers come up slowly.
REAL = (needs_patroni, pytest.mark.soak)


@needs_proxy
@pytest.mark.parametrize(
    ("name", "argument", "arguments"),
    [
        ("etcd", "", ["--played"]),
        ("haproxy", "-D", ["--played"]),
        pytest.param("patroni of patroni2", "patroni2", [], marks=REAL),
        pytest.param("pgbouncer", "", [], marks=REAL),
    ],
)
def test_a_server_that_ends_is_named_with_its_reason(
    place: Place, programs: Place, network: str, name: str, argument: str, arguments: list[str]
) -> None:
    program = name.partition(" ")[0]
    wrapper = programs.folder / program
    wrapper.write_text(ENDS.format(argument=argument, program=find(program)))
    wrapper.chmod(0o755)
    path = f"{programs.folder}:{os.environ['PATH']}"
    status, _, err = ended(place, "--network", network, *arguments, path=path)
    assert (status, err) == (1, f"patroni demo: {name} ended with status 3: why not\n")
    assert place.left() == []


@pytest.mark.parametrize("other", ["10.0.0", "127.0.0.1", "here", ""])
def test_a_network_that_is_not_loopback_is_refused(place: Place, other: str) -> None:
    status, _, err = ended(place, "--network", other)
    assert status == 2
    assert err.splitlines()[-1] == (
        f"demo: error: argument --network: {other!r} is no loopback network, such as 127.0.1"
    )
    assert place.left() == []
