"""Faults during a pass: the old file stays, one line gives the reason, and the next pass succeeds.

Each row is a fault that is on while a newer release is rendered. Some faults do not prevent the new
release: a mounted file is written in place.
"""

from __future__ import annotations

import logging
import random
import re
import stat
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path
from typing import Final

import pytest

from confd_lib import Confd, backends
from metadata_client import MetadataServer
from tests.soak import faults
from tests.soak.conftest import Report
from tests.soak.site import Site, tree, until

TEXT: Final = 'release {{getv "/self/release"}}\n{{getv "/self/body"}}'


def values(release: int) -> dict[str, object]:
    """Return the values of a file; the second release does not fit beside the first on the disk."""
    return {"/self/release": release, "/self/body": "x" * 20_000 * release}


@pytest.fixture
def server() -> Iterator[MetadataServer]:
    with MetadataServer(tree(1, body=""), tick=0.05) as running:
        yield running


@pytest.fixture
def rancher(server: MetadataServer) -> Iterator[backends.Rancher]:
    with backends.Rancher(server.url, ready_within=0) as backend:
        yield backend


@pytest.fixture
def open_site() -> Iterator[Site]:
    """Yield a site that other users can access."""
    with faults.open_folder() as folder:
        yield Site.make(folder)


def state(dest: Path) -> tuple[bytes, int, int, int]:
    info = dest.stat()
    return dest.read_bytes(), stat.S_IMODE(info.st_mode), info.st_uid, info.st_gid


def new_warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the messages of level warning and above since the last call."""
    lines = [each.getMessage() for each in caplog.records if each.levelno >= logging.WARNING]
    caplog.clear()
    return lines


Fault = Callable[[Path], AbstractContextManager[None]]


@pytest.mark.parametrize(
    ("disk", "fault", "why"),
    [
        pytest.param(
            faults.small_disk, faults.disk_full, "no space left on device", id="disk full"
        ),
        pytest.param(
            faults.small_disk, faults.read_only, "read-only file system", id="read-only disk"
        ),
        pytest.param(
            nullcontext, faults.permission_denied, "permission denied", id="permission denied"
        ),
        pytest.param(nullcontext, faults.gone, "no such directory: .*/out", id="folder gone"),
        pytest.param(nullcontext, faults.in_the_way, "is a directory", id="folder in the way"),
        pytest.param(
            nullcontext, faults.on_other_device, "no space left on device", id="other device, full"
        ),
        pytest.param(nullcontext, faults.bind_mounted, None, id="busy bind mount"),
    ],
)
def test_a_destination_that_cannot_be_written(
    open_site: Site,
    caplog: pytest.LogCaptureFixture,
    report: Report,
    request: pytest.FixtureRequest,
    disk: Fault,
    fault: Fault,
    why: str | None,
) -> None:
    dest = open_site.add("app", TEXT, mode="0640")
    confd, newer = (
        Confd(backend=backends.Memory(values(release)), confdir=open_site.path)
        for release in (1, 2)
    )
    with disk(open_site.out):
        confd.run_once()
        good = state(dest)
        with fault(dest):
            newer.run_once()
            lines = new_warnings(caplog)
            assert line_with(lines, why), lines
            if dest.is_file():
                assert (state(dest) == good) == (why is not None)
        if why is not None:
            assert state(dest) == good
        newer.run_once()
        assert new_warnings(caplog) == []
        assert state(dest)[0].startswith(b"release 2\n")
        assert state(dest)[1:] == good[1:]
        assert open_site.strays() == []
    report(request.node.callspec.id, lines[0] if lines else "written in place")


SERVICE: Final = [
    pytest.param("refuse", "connection refused", id="service down"),
    pytest.param("not_ready", "404", id="no answers yet (404)"),
    pytest.param("error", "500", id="500"),
    pytest.param("garbage", "JSON", id="garbage"),
    pytest.param("cut", "cut", id="dies mid-answer"),
    pytest.param("close", "closed before the first byte", id="nothing"),
    pytest.param("slow", "no answer in time", id="silence"),
    pytest.param("stale", None, id="stale answers"),
]


def turn_on(server: MetadataServer, name: str) -> None:
    """Turn a fault on; a slow answer does not come within the test."""
    server.faults.add(name, delay=3600.0)  # type: ignore[arg-type]  # the table has only names


def line_with(lines: list[str], why: str | None) -> bool:
    """Return whether the only line gives the reason; without a reason, whether no line exists."""
    if why is None:
        return lines == []
    return len(lines) == 1 and re.search(why, lines[0], re.IGNORECASE) is not None


@pytest.mark.parametrize(("name", "why"), SERVICE)
def test_a_service_that_fails_a_pass(
    site: Site,
    server: MetadataServer,
    rancher: backends.Rancher,
    caplog: pytest.LogCaptureFixture,
    report: Report,
    request: pytest.FixtureRequest,
    name: str,
    why: str | None,
) -> None:
    dests = [site.add(each, TEXT, mode="0640") for each in ("one", "two")]
    confd = Confd(backend=rancher, confdir=site.path, prefix="/latest")
    confd.run_once()
    good = [state(dest) for dest in dests]
    turn_on(server, name)
    server.replace(tree(2, body=""))
    confd.run_once()
    lines = new_warnings(caplog)
    assert line_with(lines, why), lines
    assert [state(dest) for dest in dests] == good
    server.faults.clear()
    confd.run_once()
    assert new_warnings(caplog) == []
    assert [state(dest)[0][:10] for dest in dests] == [b"release 2\n"] * 2
    report(f"{request.node.callspec.id}, in a pass", lines[0] if lines else "no warning, no loss")


@pytest.mark.parametrize(("name", "why"), [row for row in SERVICE if row.id != "silence"])
def test_a_service_that_fails_a_watch(
    site: Site,
    server: MetadataServer,
    report: Report,
    request: pytest.FixtureRequest,
    name: str,
    why: str | None,
) -> None:
    dest = site.add("app", TEXT)
    with site.confd(server.url, "-log-level=warning") as process:
        assert until(lambda: dest.exists() and server.wait_for_waiters(), process)
        good = state(dest)
        turn_on(server, name)
        server.replace(tree(2, body=""))
        if why is not None:
            assert until(lambda: bool(site.log()) and retried(server, name), process)
        assert state(dest) == good
        server.faults.clear()
        assert until(lambda: dest.read_bytes().startswith(b"release 2\n"), process)
    lines = site.log()
    assert line_with(lines, why), lines
    report(f"{request.node.callspec.id}, in a watch", lines[0] if lines else "no warning, no loss")


def retried(server: MetadataServer, name: str) -> bool:
    """Return whether three requests had the fault; True at once for refused connections."""
    if name == "refuse":
        return True
    return server.faults.wait_for(name, 3, timeout=0.01)  # type: ignore[arg-type]


def jumps(seed: int) -> Callable[[], float]:
    """Return a clock that shows a random year at each call."""
    draw = random.Random(seed)
    return lambda: draw.uniform(0, 4e9)


def test_a_clock_that_jumps(
    site: Site,
    server: MetadataServer,
    rancher: backends.Rancher,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    report: Report,
) -> None:
    dest = site.add("app", TEXT)
    confd = Confd(backend=rancher, confdir=site.path, prefix="/latest")
    monkeypatch.setattr(time, "time", jumps(9))
    monkeypatch.setattr(time, "time_ns", lambda: int(1e9 * time.time()))
    loops: tuple[Callable[..., Iterator[object]], ...] = (
        partial(confd.watch, resync=60),
        partial(confd.run_interval, 0.01),
    )
    for number, loop in enumerate(loops):
        stop = threading.Event()
        passes = loop(stop=stop)
        for release in range(10 * number, 10 * number + 5):
            server.replace(tree(release, body=""))
            next(passes)
            assert dest.read_text() == f"release {release}\n"
        stop.set()
        assert not [*passes]
    assert new_warnings(caplog) == []
    report("a clock that jumps by years", "no warning, no loss")
