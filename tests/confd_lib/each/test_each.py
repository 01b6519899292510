"""`each`: a file for each name that matches, which goes with its key, and no file of others."""

from __future__ import annotations

import json

import pytest

from confd_lib import Confd, backends
from confd_lib.backends.remote.flat import FlatSnapshot
from confd_lib.destination.update import Status
from confd_lib.errors import BackendError
from tests.confd_lib.each.services import Fixed, found, services, shown
from tests.confd_lib.failing import Failing
from tests.confd_lib.outcomes import names

# -- Files come and go


def test_each_name_has_a_file(each, folder):
    _, confd = each()
    assert found(confd.run_once()) == {"db.conf": "updated", "web.conf": "updated"}
    assert shown(folder.out) == {"db.conf": "db 5432", "web.conf": "web 80"}
    assert found(confd.run_once()) == {"db.conf": "in sync", "web.conf": "in sync"}


def test_a_file_comes_changes_and_goes_with_its_key(each, folder):
    memory, confd = each()
    confd.run_once()
    memory.replace(services(web=81, new=1))
    results = confd.run_once()
    assert found(results) == {"new.conf": "updated", "web.conf": "updated", "db.conf": "removed"}
    assert [one.changed for one in results] == [True] * 3
    assert shown(folder.out) == {"new.conf": "new 1", "web.conf": "web 81"}
    assert found(confd.run_once()) == {"new.conf": "in sync", "web.conf": "in sync"}


def test_a_new_run_removes_what_an_earlier_run_wrote(each, folder):
    each()[1].run_once()
    _, confd = each(values=services(web=80))
    assert found(confd.run_once()) == {"web.conf": "in sync", "db.conf": "removed"}
    assert shown(folder.out) == {"web.conf": "web 80"}


def test_a_resource_without_a_match_is_in_sync_and_leaves_no_list(each, folder):
    memory, confd = each()
    confd.run_once()
    memory.replace({})
    assert found(confd.run_once()) == {"db.conf": "removed", "web.conf": "removed"}
    (result,) = confd.run_once()
    assert (result.status, result.error) == (Status.IN_SYNC, None)
    assert names(folder.out) == []


def test_a_template_of_dest_may_change_the_name(each, folder):
    _, confd = each(dest=f'{folder.out}/{{{{toUpper .}}}}-{{{{replace . "b" "c" -1}}}}')
    confd.run_once()
    assert [*shown(folder.out)] == ["DB-dc", "WEB-wec"]


def test_a_new_template_of_dest_moves_the_files(each, folder):
    each()[1].run_once()
    _, confd = each(dest=f"{folder.out}/{{{{.}}}}.cfg")
    confd.run_once()
    assert [*shown(folder.out)] == ["db.cfg", "web.cfg"]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("/services/*", ["db", "web"]),
        ("/services/w*", ["web"]),
        ("/services/[^d]*", ["web"]),
        ("/*/web/p?rt", ["port"]),
        ("/other", ["other"]),
        ("/nothing/*", []),
    ],
)
def test_names_are_the_last_segments_that_match(each, folder, pattern, expected):
    _, confd = each("x", {**services(web=80, db=1), "other": 1})
    folder.resource(each=pattern, dest=f"{folder.out}/{{{{.}}}}")
    confd.run_once()
    assert [*shown(folder.out)] == expected


@pytest.mark.parametrize("compat", ["", "0.11", "0.16"])
def test_each_works_with_every_compat_and_prefix(each, folder, compat):
    each('{{.}}={{getv (printf "/services/%s/port" .)}}', prefix="/app", keys=["/services"])
    values = {"app": services(web=80), "services": {"none": 1}}
    folder.confd(values, compat=compat).run_once()
    assert shown(folder.out) == {"web.conf": "web=80"}


def test_files_lie_below_the_root(each, folder, tmp_path):
    each(dest="/etc/{{.}}/app.conf")
    root = tmp_path / "root"
    folder.confd(services(web=80, db=1), root=root).run_once()
    assert (root / "etc/web/app.conf").read_text() == "web 80"
    results = folder.confd(services(db=1), root=root).run_once()
    assert [(one.resource.dest, one.status.value) for one in results] == [
        ("/etc/db/app.conf", "in sync"),
        ("/etc/web/app.conf", "removed"),
    ]
    assert not (root / "etc/web/app.conf").exists()
    assert (root / "etc/db/app.conf").exists()


# -- Only files that we wrote


def test_a_file_that_was_there_already_is_not_removed(each, folder):
    (folder.out / "db.conf").write_text("db 5432")
    memory, confd = each()
    assert found(confd.run_once()) == {"db.conf": "in sync", "web.conf": "updated"}
    memory.replace(services(web=80))
    confd.run_once()
    assert [*shown(folder.out)] == ["db.conf", "web.conf"]


def test_a_file_that_somebody_changed_is_left_and_warned_of_once(each, folder, caplog):
    memory, confd = each()
    confd.run_once()
    (folder.out / "db.conf").write_text("mine")
    memory.replace(services(web=80))
    assert found(confd.run_once()) == {"web.conf": "in sync", "db.conf": "in sync"}
    assert found(confd.run_once()) == {"web.conf": "in sync"}
    assert shown(folder.out)["db.conf"] == "mine"
    warned = [one for one in caplog.messages if "is left, though its key is gone" in one]
    assert len(warned) == 1


def test_a_link_in_the_place_of_a_file_is_left(each, folder, tmp_path):
    memory, confd = each("")
    confd.run_once()
    (tmp_path / "empty").touch()
    (folder.out / "db.conf").unlink()
    (folder.out / "db.conf").symlink_to(tmp_path / "empty")
    memory.replace(services(web=80))
    confd.run_once()
    assert (folder.out / "db.conf").is_symlink()


def test_a_file_that_another_resource_has_now_stays(each, folder):
    memory, confd = each("same")
    confd.run_once()
    memory.replace(services(web=80))
    folder.both("same", "b", dest=str(folder.out / "db.conf"))
    confd.run_once()
    assert [*shown(folder.out)] == ["db.conf", "web.conf"]


def test_a_store_that_does_not_answer_takes_no_file_away(each, folder):
    _, confd = each()
    confd.run_once()
    away = Confd(backend=Failing(BackendError("away")), confdir=folder.path)
    assert [str(one.error) for one in away.run_once()] == ["away"]
    assert [*shown(folder.out)] == ["db.conf", "web.conf"]


def test_a_file_whose_render_fails_stays_as_it_was(each, folder):
    memory, confd = each()
    confd.run_once()
    memory.replace({"services": {"db": {"port": 1}, "web": {"none": 1}}})
    assert found(confd.run_once()) == {"db.conf": "updated", "web.conf": "failed"}
    assert shown(folder.out) == {"db.conf": "db 1", "web.conf": "web 80"}
    memory.replace(services(db=1))
    assert found(confd.run_once()) == {"db.conf": "in sync", "web.conf": "removed"}


def test_files_stay_when_their_resource_goes(each, folder):
    _, confd = each()
    confd.run_once()
    toml = folder.path / "conf.d/a.toml"
    text = toml.read_text()
    toml.unlink()
    assert confd.run_once() == []
    assert [*shown(folder.out)] == ["db.conf", "web.conf"]
    toml.write_text(text)
    assert found(folder.confd(services(web=80)).run_once())["db.conf"] == "removed"


# -- Names that cannot be used: one error, and nothing is half done


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"..": {"port": 1}}, "each: the key '/services/../port' climbs; remove it"),
        ({"../../etc/x": 1}, "each: the key '/services/../../etc/x' climbs; remove it"),
        ({"a/../b": 1}, "each: the key '/services/a/../b' climbs; remove it"),
        ({"a\0b": 1}, r"each: the name 'a\x00b' cannot be part of a path; rename its key"),
    ],
)
def test_a_name_that_climbs_refuses_the_whole_resource(each, folder, values, words):
    memory, confd = each("x")
    confd.run_once()
    before = {path: path.read_bytes() for path in folder.out.iterdir()}
    memory.replace({"services": {"web": {"port": 1}, "new": 1, **values}})
    (result,) = confd.run_once()
    assert str(result.error).endswith(f"a.toml - {words}")
    assert {path: path.read_bytes() for path in folder.out.iterdir()} == before


@pytest.mark.parametrize("kind", ["file", "flat", "layered", "memory"])
def test_a_key_that_climbs_is_refused_in_any_store(each, folder, tmp_path, kind):
    each("x")
    values = {"services": {"web": {"port": 1}, "..": {"port": 1}}}
    file = tmp_path / "values.json"
    file.write_text(json.dumps(values))
    flat = {"/services/web/port": "1", "/services/../port": "1"}
    stores = {
        "file": backends.File(file),
        "flat": Fixed(FlatSnapshot("1", flat)),
        "layered": backends.Layered([backends.Layer(backends.File(file))]),
        "memory": backends.Memory(values),
    }
    (result,) = Confd(backend=stores[kind], confdir=folder.path).run_once()
    assert "the key '/services/../port' climbs" in str(result.error)
    assert names(folder.out) == []


@pytest.mark.parametrize(
    ("dest", "words"),
    [
        ("{{base64Decode .}}", "climbs"),
        ("{{.}}/", "is not the path of a file"),
        (".{{.}}.confd", "is a name of confd's own files"),
        ("x{{if false}}{{.}}{{end}}", "is the file of"),
        ('{{getv "/x"}}', 'function "getv" not defined'),
        ('{{getenv "HOME"}}', 'function "getenv" not defined'),
        ("{{.Name}}", "can't evaluate field Name in type string"),
        ("{{", "unclosed action"),
    ],
)
def test_a_dest_that_cannot_be_used_refuses_the_whole_resource(each, folder, dest, words):
    values = {"services": {"Li4veA==": 1, "eA==": 1}}
    _, confd = each("x", values, dest=f"{folder.out}/{dest}")
    (result,) = confd.run_once()
    assert words in str(result.error)
    assert "\n" not in str(result.error)
    assert names(folder.out) == []


def test_two_names_of_one_file_are_an_error(each, folder):
    _, confd = each("x", {"services": {"web": 1, "Web": 2}}, dest=f"{folder.out}/{{{{toLower .}}}}")
    (result,) = confd.run_once()
    assert str(result.error).endswith(f"dest: {folder.out}/web is the file of 'Web' and 'web'")
    assert names(folder.out) == []


def test_a_file_of_another_resource_is_an_error(each, folder):
    folder.both("other", "web")
    _, confd = each()
    results = confd.run_once()
    assert [one.status.value for one in results] == ["failed", "updated"]
    assert "web.conf is written by" in str(results[0].error)
    assert shown(folder.out) == {"web.conf": "other"}


@pytest.mark.parametrize("name", ["$(touch x)", "a b", "a;b", "`x`", "a\nb", "a'b"])
def test_a_name_is_no_code_of_a_command(each, folder, name):
    values = {"services": {name: {"port": 1}}}
    _, confd = each("x", values, check_cmd="test -e {{.src}}")
    (result,) = confd.run_once()
    assert "mean something to the shell" in str(result.error)
    assert names(folder.out) == []
    each("x", values)
    assert [one.status.value for one in folder.confd(values).run_once()] == ["updated"]


def test_a_name_is_no_option_of_a_command(each, folder, monkeypatch):
    monkeypatch.chdir(folder.out)
    values = {"services": {"-rf": {"port": 1}}}
    _, confd = each("x", values, dest="{{.}}", reload_cmd="rm {{.dest}}")
    (result,) = confd.run_once()
    assert "mean something to the shell" in str(result.error)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"each": "services/*"}, "each: 'services/*' does not begin with /"),
        ({"each": "/services/"}, "each: '/services/' matches nothing; write '/services'"),
        ({"each": "/a//../b/*"}, "each: '/a//../b/*' matches nothing; write '/b/*'"),
        ({"each": "/"}, "each: '/' matches nothing; write '/*'"),
        ({"each": "/a[", "dest": "/{{.}}"}, "each: syntax error in pattern: /a["),
        ({"each": "/*", "keys": []}, "each: there are no keys to match; list them in keys"),
        ({"each": "/*"}, "is the same file for each name; write {{.}} for the name"),
    ],
)
def test_a_resource_whose_each_cannot_be_used_is_refused(folder, fields, words):
    folder.both("x", **fields)
    (result,) = folder.confd({"a": 1}).run_once()
    assert words in str(result.error)


def test_the_names_of_one_resource_stop_no_other(each, folder):
    _, confd = each("x", {"services": {"..": {"x": 1}}})
    folder.both("other", "b")
    assert [one.status.value for one in confd.run_once()] == ["failed", "updated"]


def test_a_name_cannot_be_that_of_a_list(each, folder):
    each()[1].run_once()
    (path,) = folder.out.glob(".a.toml.*.each.confd")
    before = path.read_bytes()
    values = {"services": {path.name: 1, "web": 2}}
    _, confd = each("x", values, dest=f"{folder.out}/{{{{.}}}}")
    (result,) = confd.run_once()
    assert "is a name of confd's own files" in str(result.error)
    assert path.read_bytes() == before
