"""`each` in passes: its list, its commands, every mode, and what is kept between passes."""

from __future__ import annotations

import json
import os
import shutil
import signal
from pathlib import Path
from threading import Event

import pytest

from confd_lib import Confd, backends
from confd_lib.destination import staging
from confd_lib.destination.update import Status
from confd_lib.destination.written import digest
from tests.confd_lib.each.services import found, services, shown
from tests.confd_lib.outcomes import lines, names
from tests.confd_lib.sidekick import confd as sidekick

# -- The list


def test_the_list_lies_beside_the_files_for_its_owner_alone(each, folder):
    each()[1].run_once()
    (path,) = folder.out.glob(".a.toml.*.each.confd")
    assert path.stat().st_mode & 0o777 == 0o600
    files = json.loads(path.read_text())["files"]
    assert [*files] == [str(folder.out / name) for name in ("db.conf", "web.conf")]


def test_the_list_lies_in_the_folder_that_is_given(each, folder, tmp_path):
    each()
    kept = tmp_path / "run"
    kept.mkdir()
    folder.confd(services(web=80), list_folder=kept).run_once()
    assert names(folder.out) == ["web.conf"]
    assert len(names(kept)) == 1
    assert found(folder.confd({}, list_folder=kept).run_once()) == {"web.conf": "removed"}


def test_a_list_that_cannot_be_written_fails_before_the_swap(each, folder, tmp_path):
    each()
    gone = tmp_path / "gone"
    results = folder.confd(services(web=80, db=1), list_folder=gone).run_once()
    assert {one.status for one in results} == {Status.FAILED}
    assert f"no such directory: {gone}" in str(results[0].error)
    assert names(folder.out) == []


@pytest.mark.parametrize(
    ("content", "mode"),
    [
        (b"{", 0o600),
        (b"[]", 0o600),
        (b'{"resource": "/other", "files": {}}', 0o600),
        (None, 0o666),
        (b"\xff", 0o600),
    ],
)
def test_a_list_that_is_not_ours_removes_nothing(each, folder, content, mode):
    memory, confd = each()
    confd.run_once()
    (path,) = folder.out.glob(".a.toml.*.each.confd")
    if content is not None:
        path.write_bytes(content)
    path.chmod(mode)
    memory.replace(services(web=81))
    (result,) = confd.run_once()
    assert "remove it, and the files of keys that are gone by hand" in str(result.error)
    assert shown(folder.out) == {"db.conf": "db 5432", "web.conf": "web 80"}


def test_a_list_that_our_group_may_write_is_read(each, folder):
    """Kubernetes gives the files of a volume to the group of the pod (fsGroup)."""
    each()[1].run_once()
    (path,) = folder.out.glob(".a.toml.*.each.confd")
    path.chmod(0o660)
    assert found(folder.confd({}).run_once()) == {"db.conf": "removed", "web.conf": "removed"}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
@pytest.mark.parametrize(("uid", "gid"), [(65534, -1), (-1, 65534)])
def test_a_list_that_others_may_write_is_not_read(each, folder, uid, gid):
    each()[1].run_once()
    (path,) = folder.out.glob(".a.toml.*.each.confd")
    os.chown(path, uid, gid)
    path.chmod(0o660)
    (result,) = folder.confd({}).run_once()
    assert "somebody else may have written it" in str(result.error)
    assert [*shown(folder.out)] == ["db.conf", "web.conf"]


def test_a_linked_list_is_not_read(each, folder, tmp_path):
    each()[1].run_once()
    (path,) = folder.out.glob(".a.toml.*.each.confd")
    path.rename(tmp_path / "list")
    path.symlink_to(tmp_path / "list")
    (result,) = folder.confd({}).run_once()
    assert result.error is not None
    assert [*shown(folder.out)] == ["db.conf", "web.conf"]


def test_two_confd_folders_with_equal_names_leave_each_other_alone(each, folder, tmp_path):
    each()[1].run_once()
    other = tmp_path / "other"
    shutil.copytree(folder.path, other)
    Confd(backend=backends.Memory(services(x=1)), confdir=other).run_once()
    assert [*shown(folder.out)] == ["db.conf", "web.conf", "x.conf"]


def digests(folder) -> dict[str, list[str]]:
    """Return the digests of the list, by the name of the file."""
    (path,) = folder.out.glob(".a.toml.*.each.confd")
    return {Path(dest).name: held for dest, held in json.loads(path.read_text())["files"].items()}


def of(*contents: str) -> list[str]:
    return [digest(content.encode()) for content in contents]


@pytest.mark.parametrize("is_new", [False, True], ids=["one run", "a run for each pass"])
@pytest.mark.parametrize(
    ("field", "first", "values", "expected"),
    [
        ("check_cmd", None, [81] * 5, of("web 81")),
        ("check_cmd", None, [81, 82, 83], of("web 83")),
        ("check_cmd", 80, [81] * 5, of("web 80", "web 81")),
        ("check_cmd", 80, [81, 82, 83, 81, 82], of("web 80", "web 82")),
        ("check_cmd", 80, [81, 80], of("web 80")),
        ("reload_cmd", None, [81] * 5, of("web 81")),
        ("reload_cmd", 80, [81, 82, 83, 81, 82], of("web 82")),
    ],
)
def test_the_list_holds_what_may_be_there_however_often_commands_fail(
    each, folder, field, first, values, expected, is_new
):
    memory, confd = each(values=services(web=first))
    if first is not None:
        confd.run_once()
    each(**{field: "false"})
    for value in values:
        memory.replace(services(web=value))
        confd = Confd(backend=memory, confdir=folder.path) if is_new else confd
        confd.run_once()
    assert digests(folder) == {"web.conf": expected}


def test_a_list_that_stays_the_same_is_not_written_again(each, folder):
    _, confd = each(check_cmd="false")
    confd.run_once()
    (path,) = folder.out.glob(".a.toml.*.each.confd")
    before = path.stat()
    confd.run_once()
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize(
    ("kills", "last"),
    [
        (["check_cmd"], "web 80"),
        (["check_cmd"] * 3, "web 80"),
        (["reload_cmd"] * 3, "web 83"),
        (["check_cmd", "reload_cmd", "check_cmd"], "web 82"),
        (["reload_cmd", "check_cmd", "check_cmd", "reload_cmd"], "web 84"),
    ],
    ids=" ".join,
)
def test_kills_before_and_after_swaps_forget_no_file(each, folder, tmp_path, kills, last):
    each()[1].run_once()
    values = tmp_path / "values.json"
    flags = ("-onetime", "-backend=file", f"-file={values}", f"-confdir={folder.path}")
    for number, field in enumerate(kills, 81):
        each(**{field: "kill -9 $PPID"})
        values.write_text(json.dumps(services(web=number, db=5432)))
        with sidekick(*flags) as running:
            assert running.process.wait() == -signal.SIGKILL
    assert shown(folder.out)["web.conf"] == last
    assert len(digests(folder)["web.conf"]) == 2
    each()
    assert set(found(folder.confd({}).run_once()).values()) == {"removed"}
    assert shown(folder.out) == {}


@pytest.mark.parametrize(
    ("field", "values", "by_hand"),
    [
        ("reload_cmd", [81], "web 80"),
        ("reload_cmd", [81, 82], "web 81"),
        ("check_cmd", [81, 82], "web 81"),
    ],
)
def test_a_file_put_back_by_hand_after_a_failure_is_left(each, folder, field, values, by_hand):
    memory, confd = each()
    confd.run_once()
    each(**{field: "false"})
    for value in values:
        memory.replace(services(web=value))
        confd.run_once()
    (folder.out / "web.conf").write_text(by_hand)
    each()
    memory.replace({})
    confd.run_once()
    assert shown(folder.out) == {"web.conf": by_hand}


# -- Commands


def test_one_reload_for_the_batch_and_one_for_removals(each, folder, tmp_path):
    log = tmp_path / "log"
    memory, confd = each(reload_cmd=f"echo $(ls {folder.out}) >> {log}")
    confd.run_once()
    memory.replace(services(web=80))
    confd.run_once()
    confd.run_once()
    assert lines(log) == ["db.conf web.conf", "web.conf"]


def test_a_reload_that_names_its_file_runs_for_each_that_was_written(each, folder, tmp_path):
    log = tmp_path / "log"
    memory, confd = each(reload_cmd=f"echo {{{{.dest}}}} >> {log}")
    confd.run_once()
    memory.replace(services(web=80))
    confd.run_once()
    assert lines(log) == [str(folder.out / name) for name in ("db.conf", "web.conf")]


def test_a_check_refuses_one_file_and_no_other(each, folder):
    _, confd = each(check_cmd="grep -q web {{.src}}")
    assert found(confd.run_once()) == {"db.conf": "failed", "web.conf": "updated"}
    assert shown(folder.out) == {"web.conf": "web 80"}


def test_the_reload_of_a_removal_is_tried_until_it_succeeds(each, folder, tmp_path):
    ready = tmp_path / "ready"
    ready.touch()
    memory, confd = each(reload_cmd=f"test -e {ready}")
    confd.run_once()
    ready.unlink()
    memory.replace(services(web=80))
    for run in (confd, Confd(backend=memory, confdir=folder.path)):
        assert found(run.run_once()) == {"web.conf": "in sync", "db.conf": "failed"}
    ready.touch()
    last = Confd(backend=memory, confdir=folder.path)
    assert found(last.run_once()) == {"web.conf": "in sync", "db.conf": "in sync"}
    assert found(last.run_once()) == {"web.conf": "in sync"}
    assert not [*folder.out.glob(".*.reload.confd")]


def test_a_reload_that_was_killed_after_a_removal_is_run_by_the_next_run(each, folder, tmp_path):
    log = tmp_path / "log"
    each()
    toml = (folder.path / "conf.d/a.toml").read_text()
    (folder.path / "conf.d/a.toml").write_text(f"{toml}reload_cmd = 'kill -9 $PPID'\n")
    values = tmp_path / "values.json"
    each()[1].run_once()
    (folder.path / "conf.d/a.toml").write_text(f"{toml}reload_cmd = 'kill -9 $PPID'\n")
    values.write_text(json.dumps(services(web=80)))
    flags = ("-onetime", "-backend=file", f"-file={values}", f"-confdir={folder.path}")
    with sidekick(*flags) as running:
        assert running.process.wait() == -signal.SIGKILL
    assert [*shown(folder.out)] == ["web.conf"]
    (folder.path / "conf.d/a.toml").write_text(f"{toml}reload_cmd = 'echo again >> {log}'\n")
    for _ in range(2):
        Confd(backend=backends.Memory(services(web=80)), confdir=folder.path).run_once()
    assert lines(log) == ["again"]
    assert [name for name in names(folder.out) if "reload" in name] == []


# -- Modes


def test_noop_says_what_it_would_remove_and_changes_nothing(each, folder, caplog):
    each()[1].run_once()
    before = {path: path.read_bytes() for path in folder.out.iterdir()}
    results = folder.confd(services(web=81), noop=True).run_once()
    assert found(results) == {"web.conf": "differs", "db.conf": "differs"}
    dest = folder.out / "db.conf"
    assert f"Noop mode enabled. {dest} will not be removed" in caplog.messages
    assert results[1].diff.splitlines()[:2] == [f"--- {dest}", "+++ /dev/null"]
    assert {path: path.read_bytes() for path in folder.out.iterdir()} == before


def test_sync_only_removes_and_runs_nothing(each, folder, tmp_path):
    log = tmp_path / "log"
    each(reload_cmd=f"echo x >> {log}", check_cmd="false")
    folder.confd(services(web=80, db=1), sync_only=True).run_once()
    folder.confd(services(web=80), sync_only=True).run_once()
    assert [*shown(folder.out)] == ["web.conf"]
    assert lines(log) == []


def test_kept_stages_stay_and_are_no_files_of_names(each, folder):
    each()
    folder.confd(services(web=80), keep_stage_file=True, noop=True).run_once()
    assert [name for name in names(folder.out) if name.startswith(".web.conf")]
    assert found(folder.confd(services(web=80), keep_stage_file=True).run_once()) == {
        "web.conf": "updated"
    }


@pytest.mark.parametrize("mode", ["interval", "watch"])
def test_files_come_and_go_in_loops(each, folder, mode):
    memory, confd = each()
    stop = Event()
    passes = confd.run_interval(0.01, stop=stop) if mode == "interval" else confd.watch(stop=stop)
    assert found(next(passes)) == {"db.conf": "updated", "web.conf": "updated"}
    memory.replace(services(db=5432, new=1))
    assert found(next(passes))["web.conf"] == "removed"
    assert shown(folder.out) == {"db.conf": "db 5432", "new.conf": "new 1"}
    stop.set()


def test_a_pass_that_is_cut_short_forgets_no_file(each, folder):
    memory, confd = each(reload_cmd="true")
    stop = Event()
    stop.set()
    assert [one.status.value for one in confd.run_once(stop=stop)] == ["skipped"]
    confd.run_once()
    memory.replace({})
    assert [one.status.value for one in confd.run_once(stop=stop)] == ["skipped"]
    assert [*shown(folder.out)] == ["db.conf", "web.conf"]
    assert set(found(confd.run_once()).values()) == {"removed"}


def test_a_thousand_names_are_written_and_removed(each, folder):
    memory, confd = each("{{.}}", services(**{f"n{i}": i for i in range(1000)}))
    assert set(found(confd.run_once()).values()) == {"updated"}
    memory.replace({})
    assert len(found(confd.run_once())) == 1000
    assert names(folder.out) == []


def test_a_file_that_cannot_be_removed_fails_and_is_tried_again(each, folder, monkeypatch):
    memory, confd = each()
    confd.run_once()
    memory.replace(services(web=80))
    unlink = os.unlink

    def refusing(path: object, **folder: int) -> None:
        if path == "db.conf":
            raise PermissionError(1, os.strerror(1), path)
        unlink(path, **folder)

    with monkeypatch.context() as patch:
        patch.setattr(os, "unlink", refusing)
        result = confd.run_once()[-1]
        assert result.status is Status.FAILED
        assert "db.conf: operation not permitted" in str(result.error)
    assert found(confd.run_once())["db.conf"] == "removed"


def test_the_last_content_is_known_though_the_list_of_a_pass_is_lost(each, folder, monkeypatch):
    """A kill after the swap leaves the list as it was written before."""
    memory, confd = each()
    confd.run_once()
    memory.replace(services(web=81, db=1))
    monkeypatch.setattr("confd_lib.run.families.records.Records.settle", lambda *_: {})
    confd.run_once()
    monkeypatch.undo()
    assert set(found(folder.confd({}).run_once()).values()) == {"removed"}
    assert staging.sweep(folder.out) == []
    assert shown(folder.out) == {}


def held(confd: Confd) -> int:
    """Return the number of all entries that a run keeps from one pass to the next."""
    rounds = confd._rounds
    kept = [
        *vars(rounds).values(),
        *vars(rounds._reloads).values(),
        *vars(rounds._records).values(),
    ]
    return sum(len(one) for one in kept if isinstance(one, dict | set))


def test_names_that_come_and_go_leave_nothing_in_memory(each, folder):
    memory, confd = each("{{.}}", reload_cmd=": {{.dest}}")
    counts = []
    for number in range(6):
        memory.replace(services(**{f"n{number}x{i}": i for i in range(3)}))
        confd.run_once()
        counts.append(held(confd))
    assert counts[1] == counts[-1]
    assert len(shown(folder.out)) == 3
