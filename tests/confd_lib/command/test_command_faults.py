"""Faults around the command: one line, status 1, and nothing is lost."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from confd_lib.confdir.oldtoml import NOT_UTF8
from tests.confd_lib.commandline import confd, rancher, without_subjects


def broken_toml(folder):
    (folder.path / "conf.d/a.toml").write_text('[template]\nsrc = "a.tmpl\n')


def wrong_type(folder):
    folder.both("x", mode=644)


def no_src(folder):
    (folder.path / "conf.d/a.toml").write_text("[template]\ndest = '/x'\n")


def no_dest(folder):
    folder.both("x", dest="")


def latin_1(folder):
    (folder.path / "conf.d/a.toml").write_bytes(b"[template]\nsrc = 'a'\nx = \xe9\n")


def dangling_toml(folder):
    (folder.path / "conf.d/a.toml").symlink_to("nowhere")


def toml_that_links_to_itself(folder):
    (folder.path / "conf.d/a.toml").symlink_to("a.toml")


def toml_behind_a_file(folder):
    (folder.path / "conf.d/a.toml").symlink_to("z.toml/a.toml")


def toml_that_is_a_pipe(folder):
    os.mkfifo(folder.path / "conf.d/a.toml")


def tables_in_several_places(folder):
    text = "[[template.keys]]\n[template]\n[a]\n[[template.keys]]\n"
    (folder.path / "conf.d/a.toml").write_text(text)


def no_conf_d(folder):
    (folder.path / "conf.d").rmdir()


def conf_d_is_no_toml(folder):
    no_conf_d(folder)
    (folder.path / "conf.d").write_text("hello")


def missing_template(folder):
    folder.resource()


def template_is_a_folder(folder):
    folder.resource(src=".")


def template_that_is_a_pipe(folder):
    folder.resource()
    os.mkfifo(folder.path / "templates/a.tmpl")


def template_name_with_nul(folder):
    (folder.path / "conf.d/a.toml").write_text('[template]\nsrc = "\\u0000"\ndest = "/x"')


def unclosed_action(folder):
    folder.both("a\n{{getv")


def unknown_function(folder):
    folder.both("{{nofn}}")


def missing_key(folder):
    folder.both('server\n  {{getv "/nope"}}\n', keys=["/self"])


def bad_pattern(folder):
    folder.both('{{gets "/[a"}}', keys=["/self"])


def endless_template(folder):
    folder.both('{{define "x"}}{{template "x"}}{{end}}{{template "x"}}')


def bad_mode(folder):
    folder.both("x", mode="rw")


def unknown_owner(folder):
    folder.both("x", uid="no-such-user")


def bad_id(folder):
    folder.both("x", gid=1 << 40)


def missing_folder(folder):
    folder.both("x", dest=str(folder.out / "no/a.conf"))


def folder_is_a_file(folder):
    (folder.out / "file").touch()
    folder.both("x", dest=str(folder.out / "file/a.conf"))


def dest_is_a_folder(folder):
    (folder.out / "dir").mkdir()
    folder.both("x", dest=str(folder.out / "dir"))


def dest_with_nul(folder):
    text = '[template]\nsrc = "z.tmpl"\ndest = "/x\\u0000/a.conf"\n'
    (folder.path / "conf.d/a.toml").write_text(text)


def refused(folder):
    folder.both("x", check_cmd="echo 'line 3: bad' ; exit 7")


def check_is_no_template(folder):
    folder.both("x", check_cmd="test {{.src")


def check_hangs(folder):
    folder.both("x", check_cmd="sleep 1000", check_timeout=0.1)


def check_is_killed(folder):
    folder.both("x", check_cmd="kill -9 $$")


def bad_timeout(folder):
    folder.both("x", check_timeout="soon")


RESOURCE = "Cannot process template resource {confd}/conf.d/a.toml - "
WRITE = "Cannot write {out}/"

WORLD = [
    (
        broken_toml,
        RESOURCE + 'toml: line 2 (last key "template.src"): the text is not closed: put " at its '
        "end",
    ),
    (
        wrong_type,
        RESOURCE + 'toml: line 5 (last key "template.mode"): incompatible types: '
        'TOML value has type int64; destination has type string; write mode = "0644"',
    ),
    (no_src, RESOURCE + "empty src template"),
    (no_dest, RESOURCE + "empty dest"),
    (latin_1, RESOURCE + 'toml: line 3 (last key "template.x"): ' + NOT_UTF8),
    (dangling_toml, RESOURCE + "no such file or directory"),
    (toml_that_links_to_itself, RESOURCE + "too many levels of symbolic links"),
    (toml_behind_a_file, RESOURCE + "not a directory"),
    (
        tables_in_several_places,
        RESOURCE + 'toml: line 1 (last key "template.keys"): incompatible types: '
        "TOML value has type map[string]interface {{}}; destination has type string",
    ),
    (toml_that_is_a_pipe, RESOURCE + "is a named pipe"),
    (no_conf_d, "stat {confd}/conf.d: no such file or directory"),
    (
        conf_d_is_no_toml,
        (
            "Cannot process template resource {confd}/conf.d - toml: line 1: "
            "a line is [table] or name = value"
        ),
    ),
    (missing_template, "Missing template: {confd}/templates/a.tmpl"),
    (
        template_is_a_folder,
        "Unable to process template {confd}/templates, open {confd}/templates: is a directory",
    ),
    (
        template_that_is_a_pipe,
        (
            "Unable to process template {confd}/templates/a.tmpl, "
            "open {confd}/templates/a.tmpl: is a named pipe"
        ),
    ),
    (
        template_name_with_nul,
        (
            "Unable to process template {confd}/templates/\\x00, "
            "open {confd}/templates/\\x00: the path holds a null byte"
        ),
    ),
    (
        unclosed_action,
        "Unable to process template {confd}/templates/a.tmpl, template: a.tmpl:2: unclosed action",
    ),
    (
        unknown_function,
        (
            "Unable to process template {confd}/templates/a.tmpl, "
            'template: a.tmpl:1: function "nofn" not defined'
        ),
    ),
    (
        missing_key,
        (
            'template: a.tmpl:2:4: executing "a.tmpl" at <getv "/nope">: '
            "error calling getv: key does not exist: /nope; below / there is only self"
        ),
    ),
    (
        bad_pattern,
        (
            'template: a.tmpl:1:2: executing "a.tmpl" at <gets "/[a">: '
            "error calling gets: syntax error in pattern"
        ),
    ),
    (
        endless_template,
        (
            'template: a.tmpl:1:25: executing "x" at <{{{{template "x"}}}}>: '
            "exceeded maximum template depth (100000)"
        ),
    ),
    (bad_mode, RESOURCE + 'mode: strconv.ParseUint: parsing "rw": invalid syntax'),
    (unknown_owner, WRITE + "a.conf: unknown user no-such-user"),
    (bad_id, WRITE + "a.conf: group id 1099511627776 is out of range"),
    (missing_folder, WRITE + "no/a.conf: no such directory: {out}/no"),
    (folder_is_a_file, WRITE + "file/a.conf: not a directory"),
    (dest_is_a_folder, WRITE + "dir: is a directory"),
    (dest_with_nul, "Cannot write /x\\x00/a.conf: the path holds a null byte"),
    (
        refused,
        "Config check failed: exit status 7: echo 'line 3: bad' ; exit 7: line 3: bad",
    ),
    (
        check_is_no_template,
        (
            "Config check failed: template: checkcmd:1: unclosed action; a check_cmd is a template "
            "of its own, which knows {{{{.src}}}} and {{{{.dest}}}} alone"
        ),
    ),
    (check_hangs, "Config check failed: timed out after 0.1s: sleep 1000"),
    (check_is_killed, "Config check failed: signal: killed: kill -9 $$"),
    (bad_timeout, RESOURCE + "check_timeout: neither seconds nor a duration like \"30s\": 'soon'"),
]


@pytest.mark.parametrize(
    ("break_it", "said"), [pytest.param(*row, id=row[0].__name__) for row in WORLD]
)
def test_a_fault_is_logged_in_one_line_and_nothing_is_lost(server, folder, capfd, break_it, said):
    folder.dest().write_text("last good\n")
    break_it(folder)
    before = {path: path.read_bytes() for path in folder.out.rglob("*") if path.is_file()}
    if (folder.path / "conf.d").is_dir():
        folder.both("good", "z", keys=["/self"])
        before[folder.dest("z")] = b"good"
    status, log, out = confd(capfd, *rancher(server, folder), subjects=True)
    expected = said.format(confd=folder.path, out=folder.out)
    assert (status, [*map(without_subjects, log)], out) == (1, [f"ERROR {expected}"], "")
    assert str(folder.path / "conf.d") in log[0]
    assert {path: path.read_bytes() for path in folder.out.rglob("*") if path.is_file()} == before


def test_a_failed_reload_leaves_the_new_file_in_place(server, folder, capfd):
    folder.both("new", reload_cmd="echo no >&2; exit 4")
    status, log, _ = confd(capfd, *rancher(server, folder), subjects=True)
    subjects = f"(resource {folder.path}/conf.d/a.toml, dest {folder.dest()})"
    said = f"ERROR Reload failed: exit status 4: echo no >&2; exit 4: no {subjects}"
    assert (status, log) == (1, [said])
    assert folder.dest().read_text() == "new"


@pytest.mark.parametrize("name", ["no", ""])
def test_a_missing_confdir_is_only_a_warning_as_in_confd(folder, monkeypatch, capfd, name):
    """An empty name is not that of the folder of the process."""
    monkeypatch.chdir(folder.path)
    folder.both("x")
    found = confd(capfd, "-backend=env", "-confdir", name, "-log-level=warn")
    said = f"WARNING Cannot load template resources: confdir '{name}' does not exist"
    assert found == (0, [said], "")


@pytest.mark.parametrize(
    ("level", "said"),
    [("fatal", "FATAL Missing template: b.tmpl"), ("error", "ERROR Missing template: b.tmpl")],
)
def test_a_fault_is_said_at_every_level(folder, capfd, level, said):
    folder.resource("a", src="b.tmpl")
    flags = ("-backend=env", "-confdir", folder.path, "-log-level", level)
    said = said.replace("b.tmpl", f"{folder.path}/templates/b.tmpl")
    assert confd(capfd, *flags) == (1, [said], "")


def test_a_confdir_that_cannot_be_reached_is_an_error(tmp_path, capfd):
    (tmp_path / "file").touch()
    confdir = tmp_path / "file/confd"
    said = f"ERROR stat {confdir}/conf.d: not a directory"
    assert confd(capfd, "-backend=env", "-confdir", confdir) == (1, [said], "")


def test_a_stdout_that_takes_no_version_is_an_error():
    with Path("/dev/full").open("wb") as full:
        process = subprocess.run(
            [sys.executable, "-m", "confd_lib", "-version"],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert process.returncode == 1
    assert process.stderr == "Cannot write stdout: no space left on device\n"


def test_a_stdout_that_takes_no_diff_is_an_error(folder):
    folder.both("x")
    command = [sys.executable, "-m", "confd_lib", "-onetime", "-noop", "-backend=env"]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*command, f"-confdir={folder.path}"], stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert done.returncode == 1
    last = done.stderr.decode().splitlines()[-1]
    assert last.endswith("FATAL Cannot write stdout: no space left on device")


def test_a_stdout_that_was_closed_wants_no_diff(folder, capfd, monkeypatch):
    folder.both("x")
    monkeypatch.setattr(sys, "stdout", None)
    assert confd(capfd, "-noop", "-backend=env", "-confdir", folder.path)[:2] == (0, [])
