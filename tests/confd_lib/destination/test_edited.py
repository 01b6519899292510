"""A check_cmd that edits the staged file: what it leaves there is what is written, and known."""

from __future__ import annotations

import errno
import os
import signal
import stat

import pytest

from tests.confd_lib.each.services import found, services, shown
from tests.confd_lib.outcomes import lines, names, statuses
from tests.confd_lib.sidekick import confd as sidekick
from tests.confd_lib.swaps import busy

SORT = 'sorted=$(sort {{.src}}) && echo "$sorted" > {{.src}}'
SORTED = "a\nb\n"


@pytest.mark.parametrize("fault", [None, errno.EBUSY, errno.EXDEV])
def test_an_edited_file_is_written_also_where_it_is_a_mount(folder, monkeypatch, fault):
    folder.dest().write_text("old\n")
    folder.both("b\na\n", check_cmd=SORT, mode="0600")
    if fault:
        monkeypatch.setattr(os, "rename", busy(fault))
    assert statuses(folder.confd().run_once()) == {"a": "updated"}
    assert folder.dest().read_text() == SORTED
    assert stat.S_IMODE(folder.dest().stat().st_mode) == 0o600
    assert names(folder.out) == ["a.conf"]


def test_an_edited_file_is_synced_before_it_is_seen(folder, monkeypatch):
    mark, events = folder.path / "checked", []

    def noted(call):
        return lambda *args, **folders: (
            events.append((call.__name__, mark.exists())) or call(*args, **folders)
        )

    monkeypatch.setattr(os, "fsync", noted(os.fsync))
    monkeypatch.setattr(os, "rename", noted(os.rename))
    folder.both("b\na\n", check_cmd=f"{SORT}; touch {mark}")
    folder.confd().run_once()
    assert events[:3] == [("fsync", False), ("fsync", True), ("rename", True)]


def test_a_file_that_holds_what_a_check_makes_of_the_new_one_is_in_sync(folder, tmp_path):
    log = tmp_path / "log"
    folder.both("b\na\n", check_cmd=SORT, reload_cmd=f"echo reloaded >> {log}")
    confd = folder.confd()
    assert statuses(confd.run_once()) == {"a": "updated"}
    before = folder.dest().stat().st_ino
    (result,) = confd.run_once()
    assert (result.status.value, result.changed) == ("in sync", False)
    assert folder.dest().stat().st_ino == before
    assert lines(log) == ["reloaded"]
    assert names(folder.out) == ["a.conf"]


# -- Files of names

EACH = {"each": "/services/*", "check_cmd": SORT}
TEXT = '{{.}}\n{{getv (printf "/services/%s/port" .)}}\n'


@pytest.fixture
def edited(folder):
    """A folder with a resource whose check edits the file of each name."""
    folder.both(TEXT, dest=f"{folder.out}/{{{{.}}}}.conf", **EACH)
    return folder


def test_an_edited_file_of_a_name_goes_with_its_key(edited):
    confd = edited.confd(services(web=80, db=1))
    confd.run_once()
    assert set(found(confd.run_once()).values()) == {"in sync"}
    assert set(found(edited.confd({}).run_once()).values()) == {"removed"}
    assert names(edited.out) == []


def test_an_edited_file_is_listed_before_it_is_written(edited, tmp_path):
    """A run that is killed after the swap has listed what the check made of the file."""
    values = tmp_path / "values.yaml"
    values.write_text("services: {web: {port: 80}}")
    dest = f"{edited.out}/{{{{.}}}}.conf"
    edited.resource(dest=dest, reload_cmd="kill -9 $PPID", **EACH)
    flags = ("-onetime", "-backend=file", f"-file={values}", f"-confdir={edited.path}")
    with sidekick(*flags) as running:
        assert running.process.wait() == -signal.SIGKILL
    assert shown(edited.out) == {"web.conf": "80\nweb\n"}
    edited.resource(dest=dest, **EACH)
    assert found(edited.confd({}).run_once()) == {"web.conf": "removed"}
