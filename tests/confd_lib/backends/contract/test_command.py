"""The command on each store: files follow it, whatever happens to it, and a signal ends it."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.confd_lib.backends.contract.kinds import Subject, those
from tests.confd_lib.conftest import Folder
from tests.confd_lib.sidekick import Sidekick, confd

UPDATED = "has been updated"


def put(own: Subject, value: str) -> None:
    own.put({"/a/b": value})


@contextlib.contextmanager
def following(own: Subject, folder: Folder, **fields: str) -> Iterator[Sidekick]:
    """Run `confd -watch` on one resource that shows `/a/b`."""
    folder.both('{{getv "/a/b"}}', keys=["/a"], **fields)
    where = [f"-node={own.store.address}", f"-prefix={own.store.root or '/'}", *own.kind.flags]
    with confd("-watch", "-confdir", folder.path, *where) as running:
        yield running


def until(running: Sidekick, dest: Path, value: str) -> None:
    """Read the log until the destination has a value."""
    while not dest.exists() or dest.read_text() != value:
        running.until(UPDATED)


@those("watch", server=True)
def test_files_follow_the_store_through_a_restart(own: Subject, folder: Folder):
    put(own, "1")
    with following(own, folder) as running:
        until(running, folder.dest(), "1")
        put(own, "2")
        until(running, folder.dest(), "2")
        own.store.server.kill()
        own.store.server.start()
        put(own, "3")
        until(running, folder.dest(), "3")


@those("watch", server=True)
def test_a_change_made_during_a_reload_reaches_the_file(own: Subject, folder: Folder):
    begun, goes_on = folder.path / "begun", folder.path / "goes-on"
    os.mkfifo(begun)
    os.mkfifo(goes_on)
    put(own, "1")
    once = folder.path / "once"
    command = f"test -e {once} || {{ touch {once}; echo > {begun}; cat {goes_on}; }}"
    with following(own, folder, reload_cmd=command) as running:
        begun.read_text()
        put(own, "2")
        goes_on.write_text("\n")
        until(running, folder.dest(), "2")


@those(server=True)
@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param(lambda server: None, id="well"),
        pytest.param(lambda server: server.freeze(), id="frozen"),
        pytest.param(lambda server: server.kill(), id="away"),
    ],
)
def test_a_signal_ends_the_command_whatever_the_store_does(
    own: Subject, folder: Folder, trouble: Callable[[object], None]
):
    put(own, "1")
    with following(own, folder) as running:
        running.until(UPDATED)
        trouble(own.store.server)
        running.end(signal.SIGTERM)
        assert running.process.wait(30) == 0
    assert folder.dest().read_text() == "1"


@those(server=True)
def test_a_single_pass_without_the_store_fails_and_leaves_the_file(
    own: Subject, folder: Folder, capfd
):
    folder.dest().write_text("as it was")
    own.store.server.stop()
    folder.both('{{getv "/a/b"}}', keys=["/a"])
    where = [f"-node={own.store.address}", f"-prefix={own.store.root or '/'}", *own.kind.flags]
    with confd("-onetime", "-confdir", folder.path, *where) as running:
        assert running.process.wait(60) == 1
    assert folder.dest().read_text() == "as it was"
