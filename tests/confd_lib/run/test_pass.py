"""One pass: what becomes of each resource, whatever it or the store says."""

from __future__ import annotations

import gc
import logging
import stat

import pytest

from confd_lib import Confd, backends
from confd_lib.destination import staging
from confd_lib.destination.update import Status
from confd_lib.errors import BackendError, CommandError, ConfigError, DestinationError
from confd_lib.logs import LOGGER
from confd_lib.run import round as one_round
from confd_lib.store.store import Store
from tests.confd_lib.failing import Failing
from tests.confd_lib.outcomes import lines, names, state, statuses


def test_a_file_is_written_once_then_left_alone(folder):
    folder.both('port {{getv "/port"}}\n')
    confd = folder.confd({"/port": 80})
    (result,) = confd.run_once()
    assert (result.status, result.changed, result.error) == (Status.UPDATED, True, None)
    before = state(folder.dest())
    assert folder.dest().read_text() == "port 80\n"
    assert stat.S_IMODE(folder.dest().stat().st_mode) == 0o644
    (result,) = confd.run_once()
    assert (result.status, result.changed) == (Status.IN_SYNC, False)
    assert state(folder.dest()) == before
    assert names(folder.out) == ["a.conf"]


def test_a_new_value_swaps_the_file_and_reloads_once(folder, tmp_path):
    log = tmp_path / "log"
    folder.both('{{getv "/v"}}', reload_cmd=f"echo {{{{.dest}}}} >> {log}")
    memory = backends.Memory({"/v": 1})
    confd = Confd(backend=memory, confdir=folder.path)
    confd.run_once()
    inode = folder.dest().stat().st_ino
    memory.replace({"/v": 2})
    confd.run_once()
    confd.run_once()
    assert folder.dest().read_text() == "2"
    assert folder.dest().stat().st_ino != inode
    assert lines(log) == [str(folder.dest())] * 2


def test_what_a_reload_makes_for_a_later_resource_counts_in_the_next_pass(folder):
    made = folder.path / "templates/made"
    folder.both("first", reload_cmd=f"printf later > {made}")
    folder.both("earlier", "b", src="made")
    made.write_text("earlier")
    confd = folder.confd()
    confd.run_once()
    assert folder.dest("b").read_text() == "earlier"
    confd.run_once()
    assert folder.dest("b").read_text() == "later"


def test_a_template_lies_below_the_folder_of_templates(folder):
    folder.both("inside", src="../a.tmpl")
    (folder.path / "a.tmpl").write_text("outside")
    folder.confd().run_once()
    assert folder.dest().read_text() == "inside"


def test_resources_see_only_what_their_keys_ask_for(folder):
    folder.both('{{exists "/a/x"}} {{exists "/b/x"}}', keys=["/a"])
    folder.both('{{range gets "/*"}}{{.}}{{end}}{{range ls "/"}}{{.}}{{end}}', "none", keys=[])
    folder.confd({"/a/x": 1, "/b/x": 2}).run_once()
    assert folder.dest().read_text() == "true false"
    assert folder.dest("none").read_text() == ""


@pytest.mark.parametrize(
    ("prefix", "own", "compat", "joins", "found"),
    [
        ("/p", "/r", "", False, "p"),  # 0.16: that of the run takes the place
        ("/p", "/r", "", True, "p/r"),  # the rancher backend joins
        ("/p", "/r", "0.11", False, "p/r"),
        ("/p", "/r", "0.16", True, "p"),
        ("", "/r", "", False, "r"),
        ("", "", "0.16", False, "top"),
        ("p", "", "0.16", False, "p"),
    ],
)
def test_prefixes_are_joined_or_replaced(folder, prefix, own, compat, joins, found):
    folder.both('{{getv "/v"}}', keys=["/v"], prefix=own)
    memory = backends.Memory({"/v": "top", "/p/v": "p", "/r/v": "r", "/p/r/v": "p/r"})
    memory.joins_prefixes = joins
    Confd(backend=memory, confdir=folder.path, prefix=prefix, compat=compat).run_once()
    assert folder.dest().read_text() == found


def test_the_rules_of_0_11_reach_the_functions(folder):
    folder.both('{{getv "/no" "default"}}')
    confd = Confd(backend=backends.Memory({}), confdir=folder.path, compat="0.11")
    (result,) = confd.run_once()
    assert "wrong number of args for getv: want 1 got 2" in str(result.error)


def stores() -> int:
    gc.collect()
    return sum(isinstance(each, Store) for each in gc.get_objects())


def test_a_version_that_is_not_known_is_refused_at_once(folder):
    with pytest.raises(ConfigError, match=r'^compat "0\.15" is not known: choose 0\.11 or 0\.16$'):
        Confd(backend=backends.Memory({}), confdir=folder.path, compat="0.15")


@pytest.mark.parametrize(
    ("compat", "listed"), [("", "[a b] [b]"), ("0.16", "[a] []"), ("0.11", "[a b] [b]")]
)
def test_the_root_is_listed_as_the_confd_that_is_asked_for_does(folder, compat, listed):
    folder.both('{{ls "/"}} {{lsdir "/"}}')
    folder.confd({"/a": "1", "/b/c": "2"}, compat=compat).run_once()
    assert folder.dest().read_text() == listed


@pytest.mark.parametrize("compat", ["", "0.11", "0.16"])
def test_a_pass_keeps_no_store_of_the_one_before(folder, compat):
    folder.both('{{range ls "/"}}{{.}}{{end}}{{range gets "/*"}}{{.Key}}{{end}}')
    confd = folder.confd({"/a": "1"}, compat=compat)
    counts = []
    for _ in range(6):
        confd.run_once()
        counts.append(stores())
    assert len(set(counts[2:])) == 1


def test_the_store_is_asked_once_for_all_keys(folder):
    asked = []

    class Counting(backends.Memory):
        def get_values(self, keys):
            asked.append(keys)
            return super().get_values(keys)

    for name, keys in (("a", ["/a", "/c"]), ("b", ["/b"]), ("c", ["/c/"])):
        folder.both("x", name, keys=keys)
    Confd(backend=Counting({}), confdir=folder.path, prefix="/p").run_once()
    assert asked == [("/p/a", "/p/c", "/p/b")]


def test_a_broken_resource_stops_no_other(folder):
    folder.both('{{getv "/missing"}}', "a")
    folder.resource("b", src="nowhere.tmpl")
    (folder.path / "conf.d/c.toml").write_text("[template")
    folder.both("fine", "d")
    results = folder.confd().run_once()
    assert statuses(results) == {"a": "failed", "b": "failed", "c": "failed", "d": "updated"}
    assert names(folder.out) == ["d.conf"]


def test_each_pass_reads_conf_d_and_templates_again(folder):
    folder.both("one")
    confd = folder.confd()
    confd.run_once()
    folder.template("two")
    folder.both("new", "b")
    assert statuses(confd.run_once()) == {"a": "updated", "b": "updated"}
    folder.resource("a", mode="0600")
    (folder.path / "conf.d/b.toml").unlink()
    assert statuses(confd.run_once()) == {"a": "updated"}
    assert (folder.dest().read_text(), stat.S_IMODE(folder.dest().stat().st_mode)) == ("two", 0o600)


def test_delimiters_may_be_others(folder):
    folder.both('{{.}} <<getv "/v">>', left_delim="<<", right_delim=">>")
    folder.confd({"/v": 1}).run_once()
    assert folder.dest().read_text() == "{{.}} 1"


def test_bytes_that_are_no_text_pass_through(folder):
    folder.resource()
    (folder.path / "templates/a.tmpl").write_bytes(b'\xff{{getv "/v"}}')
    folder.confd({"/v": "\udcfe\ud800"}).run_once()
    assert folder.dest().read_bytes() == b"\xff\xfe\xef\xbf\xbd"


def test_a_check_sees_the_staged_file_with_its_mode_and_can_refuse_it(folder, tmp_path):
    log = tmp_path / "log"
    check = (
        f"stat -c %a {{{{.src}}}} >> {log}; grep -q good {{{{.src}}}} && test ! -e {{{{.dest}}}}"
    )
    folder.both('{{getv "/v"}}', check_cmd=check, mode="0640")
    memory = backends.Memory({"/v": "good"})
    confd = Confd(backend=memory, confdir=folder.path)
    assert statuses(confd.run_once()) == {"a": "updated"}
    memory.replace({"/v": "bad"})
    (result,) = confd.run_once()
    assert isinstance(result.error, CommandError)
    assert str(result.error).startswith("Config check failed: exit status 1: ")
    assert folder.dest().read_text() == "good"
    assert lines(log) == ["640", "640"]
    assert names(folder.out) == ["a.conf"]


def test_sync_only_runs_no_command(folder, tmp_path):
    folder.both("x", check_cmd="false", reload_cmd=f"touch {tmp_path}/reloaded")
    assert statuses(folder.confd(sync_only=True).run_once()) == {"a": "updated"}
    assert not (tmp_path / "reloaded").exists()


def test_noop_changes_nothing_and_shows_what_would_change(folder):
    folder.both("new\n", check_cmd="false", reload_cmd="false")
    folder.dest().write_text("old\n")
    (result,) = folder.confd(noop=True).run_once()
    assert (result.status, result.changed) == (Status.DIFFERS, False)
    assert result.diff.splitlines()[3:] == ["-old", "+new"]
    assert folder.dest().read_text() == "old\n"
    assert names(folder.out) == ["a.conf"]


def test_noop_fails_where_a_run_that_writes_would_find_no_folder(folder, tmp_path):
    dest = folder.dest("no/a")
    folder.both("new\n", dest=str(dest))
    for noop in (True, False):
        (result,) = folder.confd(noop=noop).run_once()
        assert str(result.error) == f"Cannot write {dest}: no such directory: {dest.parent}"
    (result,) = folder.confd(noop=True, root=tmp_path / "root").run_once()
    assert (result.status, result.error) == (Status.DIFFERS, None)
    assert not (tmp_path / "root").exists()


def test_a_destination_that_is_a_link_is_replaced_and_nothing_is_said_of_its_target(folder, caplog):
    caplog.set_level(logging.DEBUG, LOGGER.name)
    secret = folder.out / "secret"
    secret.write_text("secret\n")
    secret.chmod(0o666)
    folder.dest().symlink_to(secret)
    folder.both("secret\n")
    (result,) = folder.confd(noop=True).run_once()
    assert "secret" not in result.diff.replace("+secret", "")
    (result,) = folder.confd().run_once()
    assert (result.status, result.error) == (Status.UPDATED, None)
    assert "md5sum" not in caplog.text
    assert stat.S_IMODE(folder.dest().lstat().st_mode) == 0o644
    assert secret.read_text() == "secret\n"


def test_noop_may_keep_what_it_would_have_written(folder):
    folder.both("new\n")
    folder.confd(noop=True, keep_stage_file=True).run_once()
    (kept,) = folder.out.iterdir()
    assert kept.name.startswith(".a.conf")
    assert kept.read_text() == "new\n"


def test_a_kept_stage_of_an_update_has_become_the_file(folder):
    folder.both("new\n")
    folder.confd(keep_stage_file=True).run_once()
    assert names(folder.out) == ["a.conf"]


def test_of_a_file_in_sync_there_is_no_stage_to_keep(folder):
    folder.both("same\n")
    folder.dest().write_text("same\n")
    folder.confd(keep_stage_file=True).run_once()
    assert names(folder.out) == ["a.conf"]


def test_a_destination_that_is_a_folder_is_refused_before_its_check(folder, tmp_path):
    folder.both("x", check_cmd=f"touch {tmp_path}/checked")
    folder.dest().mkdir()
    (result,) = folder.confd().run_once()
    assert "is a directory" in str(result.error)
    assert not (tmp_path / "checked").exists()


def test_the_first_write_of_a_file_is_logged(folder, caplog):
    caplog.set_level(logging.INFO)
    folder.both("x")
    folder.confd().run_once()
    dest = folder.dest()
    assert caplog.messages == [
        f"{dest} does not exist",
        f"Target config {dest} out of sync",
        f"Target config {dest} has been updated",
    ]


def test_a_stale_stage_is_swept_before_anything_is_written(folder):
    left = folder.out / ".gone.conf.0123456789abcdef.confd"
    left.touch()
    folder.both("x")
    folder.confd(noop=True).run_once()
    assert left.exists()
    folder.confd().run_once()
    assert names(folder.out) == ["a.conf"]


def test_every_destination_lies_below_the_root(folder, tmp_path):
    folder.both("x", dest="/etc/app/../a.conf")
    root = tmp_path / "root"
    root.mkdir()
    folder.confd(noop=True, root=root).run_once()
    assert names(root) == []
    folder.confd(root=root).run_once()
    assert (root / "etc/a.conf").read_text() == "x"


def test_a_missing_confdir_is_a_warning_as_in_confd(tmp_path, caplog):
    confd = Confd(backend=backends.Memory({}), confdir=tmp_path / "none")
    assert confd.run_once() == []
    assert caplog.messages == [
        f"Cannot load template resources: confdir '{tmp_path}/none' does not exist"
    ]


def test_an_empty_conf_d_is_a_warning_as_in_confd(folder, caplog):
    assert folder.confd().run_once() == []
    assert caplog.messages == ["Found no templates"]


def test_what_a_resource_says_in_vain_is_logged_once(folder, caplog):
    caplog.set_level(logging.DEBUG)
    folder.both("x", owner="root", group="root")
    confd = folder.confd()
    confd.run_once()
    confd.run_once()
    assert [message for message in caplog.messages if "means nothing" in message] == [
        f"{folder.path}/conf.d/a.toml: {name} means nothing here, and is ignored"
        for name in ("owner", "group")
    ]


def test_a_resource_in_old_toml_is_written_and_warned_of_once(folder, caplog):
    folder.both("x")
    path = folder.path / "conf.d/a.toml"
    path.write_bytes(b"# \xe9\n" + path.read_bytes())
    confd = folder.confd()
    confd.run_once()
    confd.run_once()
    assert folder.dest().read_text() == "x"
    (message,) = caplog.messages
    assert message.startswith(f"{path}: line 1: bytes that are not UTF-8: save the file as UTF-8; ")


def test_no_value_is_logged(folder, caplog):
    caplog.set_level(logging.DEBUG)
    folder.both('{{getv "/password"}}')
    folder.confd({"/password": "hunter2"}).run_once()
    assert LOGGER.isEnabledFor(logging.DEBUG)
    assert "hunter2" not in caplog.text


def test_a_folder_that_cannot_be_synced_fails_what_was_swapped_in_it(folder, monkeypatch):
    def refuse(path):
        raise DestinationError(str(path), "input/output error")

    monkeypatch.setattr(staging, "sync_folder", refuse)
    for name in ("a", "b"):
        folder.both("x", name)
    folder.dest("b").write_text("x")
    results = folder.confd().run_once()
    assert statuses(results) == {"a": "failed", "b": "in sync"}
    assert results[0].changed


def test_what_nobody_foresaw_fails_one_resource_alone(folder, monkeypatch):
    def broken(resource, *_):
        if resource.path.endswith("a.toml"):
            raise ZeroDivisionError("odd")
        return compare_and_write(resource, *_)

    compare_and_write = one_round.compare_and_write
    monkeypatch.setattr(one_round, "compare_and_write", broken)
    folder.both("x", "a")
    folder.both("x", "b")
    results = folder.confd().run_once()
    assert statuses(results) == {"a": "failed", "b": "updated"}
    assert str(results[0].error) == f"{folder.path}/conf.d/a.toml: ZeroDivisionError: odd"


def test_a_store_that_holds_what_no_key_can_have_fails_in_one_line(folder):
    folder.both('{{getv "/v"}}', "a")
    folder.both("needs no value", "b", keys=[])
    (a, b) = folder.confd({"/v": object()}).run_once()
    assert "a key cannot have a value of type object" in str(a.error)
    assert b.error is None


# -- Stores that fail


def test_a_store_that_fails_leaves_all_files_and_is_logged_once(folder, caplog):
    for name in ("a", "b"):
        folder.both("new", name)
        folder.dest(name).write_text("old")
    folder.both("needs no key", "c", keys=[])
    store = Failing(BackendError("http://x: refused"))
    results = Confd(backend=store, confdir=folder.path).run_once()
    assert statuses(results) == {"a": "failed", "b": "failed", "c": "updated"}
    assert folder.dest("a").read_text() == "old"
    assert [r.message for r in caplog.records if r.levelname == "ERROR"] == [
        "http://x: refused (resources a.toml, b.toml)"
    ]


def test_keys_that_cannot_be_had_do_not_stop_others(folder):
    folder.both("x", "a", keys=["/lost", "/v"])
    folder.both('{{getv "/v"}}', "b", keys=["/v"])
    store = Failing(BackendError("http://x/lost: 404", ["/lost"]))
    results = Confd(backend=store, confdir=folder.path).run_once()
    assert statuses(results) == {"a": "failed", "b": "updated"}
    assert store.asked == [("/lost", "/v"), ("/v",)]


def test_an_error_that_names_keys_nobody_asked_for_is_everybodys(folder):
    folder.both("x")
    store = Failing(BackendError("odd", ["/elsewhere"]))
    assert statuses(Confd(backend=store, confdir=folder.path).run_once()) == {"a": "failed"}


def test_a_resource_that_is_gone_is_forgotten(folder, caplog):
    caplog.set_level(logging.DEBUG)
    folder.both("x")
    path = folder.resource()
    text = path.read_text()
    confd = folder.confd()
    for present in (True, True, False, True):
        path.write_text(text) if present else path.unlink()
        confd.run_once()
    read = [line for line in caplog.messages if line.startswith("Loading template resource from")]
    assert len(read) == 2
