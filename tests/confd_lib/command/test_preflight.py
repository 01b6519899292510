"""`confd -preflight`: what would fail is named before anything is done."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from confd_lib import Confd
from confd_lib.command.confd import cli
from confd_lib.destination import wanted
from confd_lib.destination.programs import missing, programs
from confd_lib.errors import BackendError
from tests.confd_lib.commandline import rancher
from tests.confd_lib.sidekick import HOSTS, ROOT


@pytest.fixture
def preflight(folder, capfd):
    """Run the check over the environment, and return its status and its lines."""

    def run(*flags: object) -> tuple[int, list[str]]:
        args = ("-backend=env", f"-confdir={folder.path}", "-config-file=", *flags)
        status = cli.main(["-preflight", *map(str, args)], "confd")
        return status, [_short(line, folder.path) for line in capfd.readouterr().out.splitlines()]

    return run


def _short(line: str, path: Path) -> str:
    return " ".join(line.replace(f"{path}/", "").split())


def tree(folder: Path) -> dict[str, object]:
    return {
        str(path): (path.stat().st_mtime_ns, stat.S_IMODE(path.stat().st_mode))
        for path in sorted(folder.rglob("*"))
    }


@pytest.fixture(autouse=True)
def _environment(monkeypatch):
    monkeypatch.setenv("APP_PORT", "80")


def test_a_good_folder_has_no_fault_and_nothing_changes(folder, preflight, tmp_path):
    log = tmp_path / "log"
    command = f"echo x >> {log}"
    folder.both('{{getv "/app/port"}}', keys=["/app/port"], check_cmd=command, reload_cmd=command)
    before = tree(tmp_path)
    assert preflight() == (
        0,
        [
            "ok the store: store",
            "ok conf.d/a.toml: resource",
            "ok conf.d/a.toml: keys",
            "ok conf.d/a.toml: template",
            "ok conf.d/a.toml: dest",
            "ok conf.d/a.toml: commands",
        ],
    )
    assert tree(tmp_path) == before


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ({"keys": ["/app", "/gone"]}, "keys: the store has nothing for the key /gone"),
        ({"src": "b.tmpl"}, "template: Missing template: templates/b.tmpl"),
        ({"templates": ["b.tmpl"]}, "template: Missing template: templates/b.tmpl"),
        ({"dest": "/nonexistent/x/a"}, "dest: no such directory: /nonexistent/x"),
        ({"dest": "/dev/null/a"}, "dest: /dev/null is not a directory"),
        ({"dest": "/tmp"}, "dest: Cannot write /tmp: is a directory"),
        ({"uid": "nobody-here"}, "unknown user nobody-here"),
        ({"mode": "rw"}, "mode: "),
        ({"check_cmd": "/nonexistent/nginx -t"}, "check_cmd: there is no command /nonexistent"),
        ({"reload_cmd": "true && kill-hup x"}, "reload_cmd: there is no command kill-hup"),
        ({"each": "/app/*", "dest": "/nonexistent/{{.}}"}, "dest: no such directory: /nonexistent"),
        ({"each": "/app/*"}, "resource: Cannot process template resource conf.d/a.toml - dest"),
        ({"output_format": "x"}, "resource: Cannot process template resource conf.d/a.toml - outp"),
    ],
)
def test_a_fault_is_named_with_its_resource(folder, preflight, tmp_path, fields, line):
    folder.both("x", **{"keys": ["/app"], **fields})
    folder.both("x", "good", keys=["/app"])
    before = tree(tmp_path)
    status, lines = preflight()
    faults = [one for one in lines if one.startswith("FAULT")]
    assert status == 1
    assert len(faults) == 1
    assert f"conf.d/a.toml: {line}" in faults[0] or line in faults[0]
    assert faults[0].startswith("FAULT conf.d/a.toml: ")
    assert tree(tmp_path) == before


def test_a_template_that_cannot_be_parsed_is_a_fault(folder, preflight):
    folder.both("{{if}}", keys=["/app"])
    status, lines = preflight()
    assert status == 1
    assert [one for one in lines if "FAULT" in one and "a.tmpl:1" in one]


def test_a_store_that_cannot_be_reached_is_a_fault_and_the_rest_is_checked(folder, capfd):
    folder.both("x")
    flags = rancher("127.0.0.1:1", folder, "-config-file=")
    assert cli.main(["-preflight", *map(str, flags)], "confd") == 1
    lines = capfd.readouterr().out.splitlines()
    assert [line.split(":")[0].split()[0] for line in lines] == ["FAULT", "FAULT"]
    assert "127.0.0.1:1" in lines[0]


class Lacking:
    """A store that says in the view of a resource that it lacks a key, as ZooKeeper does."""

    joins_prefixes = False

    def get_values(self, _):
        return self

    def view(self, _, keys):
        raise BackendError("node does not exist: /gone", keys)


def test_a_key_that_the_store_lacks_is_named_once_and_the_template_is_read(folder):
    folder.both("{{if}}", keys=["/gone"])
    found = Confd(backend=Lacking(), confdir=folder.path).preflight()
    of_keys, of_template = (fault for faults in found.values() for fault in faults)
    assert of_keys == "node does not exist: /gone"
    assert "missing value for if" in of_template


def test_each_name_has_its_file_checked(folder, preflight, tmp_path):
    folder.both("x", each="/app/*", dest=f"{tmp_path}/{{{{.}}}}/a.conf", keys=["/app"])
    status, lines = preflight()
    assert status == 1
    assert f"FAULT conf.d/a.toml: dest: no such directory: {tmp_path}/port" in lines


def test_the_folder_of_lists_is_checked(folder, preflight, tmp_path):
    folder.both("x", each="/app/*", dest=f"{folder.out}/{{{{.}}}}", keys=["/app"])
    status, lines = preflight(f"-status-file={tmp_path}/gone/status.json")
    assert status == 1
    assert f"FAULT conf.d/a.toml: dest: no such directory: {tmp_path}/gone" in lines
    assert preflight(f"-status-file={tmp_path}/status.json")[0] == 0


def test_folders_below_a_root_are_not_made(folder, preflight, tmp_path):
    folder.both("x", dest="/etc/app/a.conf", keys=["/app"])
    assert preflight(f"-root={tmp_path}/root")[0] == 0
    assert not (tmp_path / "root").exists()


def test_a_library_makes_no_folders_either(folder, tmp_path):
    folder.both("x", dest="/etc/{{.}}/a.conf", each="/v*", keys=["/"])
    folder.both("x", "b", dest="/etc/b/b.conf")
    root = tmp_path / "root"
    assert not any(folder.confd({"/v": 1}, root=root).preflight().values())
    assert not root.exists()


def test_a_pass_after_it_is_as_without_it(folder):
    folder.both('{{getv "/v"}}')
    confd = folder.confd({"/v": 1})
    assert not any(confd.preflight().values())
    assert not folder.dest().exists()
    assert [one.status.value for one in confd.run_once()] == ["updated"]


@pytest.mark.parametrize(
    ("command", "lines"),
    [
        ("sleep 9", ["ok the child: exec"]),
        ("cd / && exec sleep 9", ["ok the child: exec"]),
        ("cd /nonexistent; exec ./app", ["ok the child: exec"]),
        ("/nonexistent/app -x", ["FAULT the child: exec: /nonexistent/app: there is no such file"]),
        ("/etc/passwd", ["FAULT the child: exec: /etc/passwd: it may not be executed"]),
        ("no-such-app", ["FAULT the child: exec: no-such-app: there is no such command in PATH"]),
        (
            "PORT=1 no-such-app && /nonexistent/app",
            [
                "FAULT the child: exec: there is no command no-such-app",
                "FAULT the child: exec: there is no command /nonexistent/app",
            ],
        ),
    ],
)
def test_the_program_of_the_child_is_checked(folder, preflight, command, lines):
    folder.both("x", keys=["/app"])
    status, found = preflight(f"-exec={command}")
    assert found[6:] == lines
    assert status == int("FAULT" in lines[0])


@pytest.fixture
def nobody():
    """Be a user without rights; tests may run as root, who may write everywhere."""
    if os.geteuid():
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.usefixtures("nobody")
def test_a_folder_of_somebody_else_is_a_fault():
    assert wanted.folder_fault(Path("/etc"), makes=False) == "/etc cannot be written in"
    assert wanted.folder_fault(Path("/etc/x/y"), makes=True) == "/etc cannot be written in"
    assert wanted.folder_fault(Path("/etc/x/y"), makes=False) == "no such directory: /etc/x/y"


# -- Commands


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("nginx -s reload", ["nginx"]),
        ("/usr/sbin/service x reload", ["/usr/sbin/service"]),
        ("A=1 B=2 env x", ["env"]),
        ("a | b && c || d; e & f", ["a", "b", "c", "d", "e", "f"]),
        ("a > out 2>&1 < in", ["a"]),
        ("> out a", ["a"]),
        ("if test -e x; then a; else b; fi", ["test", "a", "b"]),
        ("for x in 1 2; do a $x; done", ["a"]),
        ("(a; { b; })", ["a", "b"]),
        ("a\nb", ["a", "b"]),
        ("$RELOAD; `x`; {{.src}} -t; ./x?", []),
        ("'a b' c", ["a b"]),
        ("a 'unclosed", []),
        ("", []),
        ("# a comment", []),
        ("a --x='b; c'", ["a"]),
    ],
)
def test_the_programs_of_a_command(command, expected):
    assert programs(command) == expected


def test_commands_of_the_shell_exist():
    assert missing("cd / && . /etc/profile; kill -0 1; [ -e x ]; exec true") == []
    assert missing("no-such-a; no-such-b; no-such-a") == ["no-such-a", "no-such-b"]


@pytest.mark.parametrize("under", HOSTS)
def test_each_missing_command_is_a_fault_of_process_1_too(folder, under):
    """Process 1 reaps whatever ends, also while it waits for the answer about a command."""
    gone = [f"/nonexistent/{number}" for number in range(40)]
    folder.both("x", keys=["/app"], check_cmd="; ".join(gone), reload_cmd="true")
    code = "from confd_lib.command.confd import cli; cli.script('confd')"
    flags = ("-preflight", "-backend=env", f"-confdir={folder.path}", "-config-file=")
    done = subprocess.run(
        [*under, sys.executable, "-c", code, *flags],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    faults = [line for line in done.stdout.splitlines() if "there is no command" in line]
    assert [line.split()[-1] for line in faults] == gone
    assert done.returncode == 1


@pytest.mark.parametrize("spelt", ["out/a.conf", "./out/../out/a.conf", "link/a.conf"])
def test_a_file_of_two_resources_is_a_fault_of_both(folder, preflight, monkeypatch, spelt):
    """Each pass would write it twice, and reload twice, for ever."""
    monkeypatch.chdir(folder.out.parent)
    (folder.out.parent / "link").symlink_to("out")
    folder.both("x", keys=[])
    folder.both("y", "b", keys=[], dest=spelt)
    folder.both("z", "c", keys=[])
    status, lines = preflight()
    assert status == 1
    assert [line for line in lines if "dest" in line or "written" in line] == [
        f"FAULT conf.d/a.toml: dest: {folder.dest()} is written by conf.d/b.toml too",
        f"FAULT conf.d/b.toml: dest: {Path(spelt)} is written by conf.d/a.toml too",
        "ok conf.d/c.toml: dest",
    ]
