"""Everything that goes wrong around a pass: the old file stays, one line says why, and it passes.

Each row is a fault that is on while there is a newer release to render. Where the fault is one that
can be survived (a mounted file is written in place) the new release is there at once.
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
from tests.soak.conftest import Tell
from tests.soak.site import Site, tree, until

TEXT: Final = 'release {{getv "/self/release"}}\n{{getv "/self/body"}}'


def values(release: int) -> dict[str, object]:
    """What a file is made of; the second release is too long for the room that the first has."""
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
    """A site that other users can reach, too."""
    with faults.open_folder() as folder:
        yield Site.make(folder)


def looks(dest: Path) -> tuple[bytes, int, int, int]:
    info = dest.stat()
    return dest.read_bytes(), stat.S_IMODE(info.st_mode), info.st_uid, info.st_gid


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What was logged that somebody has to know; from now on anew."""
    lines = [each.getMessage() for each in caplog.records if each.levelno >= logging.WARNING]
    caplog.clear()
    return lines


Disaster = Callable[[Path], AbstractContextManager[None]]


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
    tell: Tell,
    request: pytest.FixtureRequest,
    disk: Disaster,
    fault: Disaster,
    why: str | None,
) -> None:
    dest = open_site.add("app", TEXT, mode="0640")
    confd, newer = (
        Confd(backend=backends.Memory(values(release)), confdir=open_site.path)
        for release in (1, 2)
    )
    with disk(open_site.out):
        confd.run_once()
        good = looks(dest)
        with fault(dest):
            newer.run_once()
            lines = said(caplog)
            assert line_with(lines, why), lines
            if dest.is_file():
                assert (looks(dest) == good) == (why is not None)
        if why is not None:
            assert looks(dest) == good
        newer.run_once()
        assert said(caplog) == []
        assert looks(dest)[0].startswith(b"release 2\n")
        assert looks(dest)[1:] == good[1:]
        assert open_site.strays() == []
    tell(request.node.callspec.id, lines[0] if lines else "written in place")


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
    """Turn a fault on; a slow answer is one that does not come within this test."""
    server.faults.add(name, delay=3600.0)  # type: ignore[arg-type]  # the table has only names


def line_with(lines: list[str], why: str | None) -> bool:
    """Whether there is exactly the line that there should be."""
    if why is None:
        return lines == []
    return len(lines) == 1 and re.search(why, lines[0], re.IGNORECASE) is not None


@pytest.mark.parametrize(("name", "why"), SERVICE)
def test_a_service_that_fails_a_pass(
    site: Site,
    server: MetadataServer,
    rancher: backends.Rancher,
    caplog: pytest.LogCaptureFixture,
    tell: Tell,
    request: pytest.FixtureRequest,
    name: str,
    why: str | None,
) -> None:
    dests = [site.add(each, TEXT, mode="0640") for each in ("one", "two")]
    confd = Confd(backend=rancher, confdir=site.path, prefix="/latest")
    confd.run_once()
    good = [looks(dest) for dest in dests]
    turn_on(server, name)
    server.replace(tree(2, body=""))
    confd.run_once()
    lines = said(caplog)
    assert line_with(lines, why), lines
    assert [looks(dest) for dest in dests] == good
    server.faults.clear()
    confd.run_once()
    assert said(caplog) == []
    assert [looks(dest)[0][:10] for dest in dests] == [b"release 2\n"] * 2
    tell(f"{request.node.callspec.id}, in a pass", lines[0] if lines else "not noticed, not lost")


@pytest.mark.parametrize(("name", "why"), [row for row in SERVICE if row.id != "silence"])
def test_a_service_that_fails_a_watch(
    site: Site,
    server: MetadataServer,
    tell: Tell,
    request: pytest.FixtureRequest,
    name: str,
    why: str | None,
) -> None:
    dest = site.add("app", TEXT)
    with site.confd(server.url, "-log-level=warning") as process:
        assert until(lambda: dest.exists() and server.wait_for_waiters(), process)
        good = looks(dest)
        turn_on(server, name)
        server.replace(tree(2, body=""))
        if why is not None:
            assert until(lambda: bool(site.log()) and retried(server, name), process)
        assert looks(dest) == good
        server.faults.clear()
        assert until(lambda: dest.read_bytes().startswith(b"release 2\n"), process)
    lines = site.log()
    assert line_with(lines, why), lines
    tell(f"{request.node.callspec.id}, in a watch", lines[0] if lines else "not noticed, not lost")


def retried(server: MetadataServer, name: str) -> bool:
    """Whether a fault has been met three times; connections that are refused are met by nobody."""
    if name == "refuse":
        return True
    return server.faults.wait_for(name, 3, timeout=0.01)  # type: ignore[arg-type]


def jumps(seed: int) -> Callable[[], float]:
    """Make a clock that shows another year whenever somebody looks."""
    draw = random.Random(seed)
    return lambda: draw.uniform(0, 4e9)


def test_a_clock_that_jumps(
    site: Site,
    server: MetadataServer,
    rancher: backends.Rancher,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    tell: Tell,
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
    assert said(caplog) == []
    tell("a clock that jumps by years", "not noticed, not lost")
