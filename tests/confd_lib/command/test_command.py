"""The command: what it does with good flags, and what it says of those it cannot follow."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from confd_lib.command.confd import cli
from metadata_client import Answers, MetadataServer
from tests.confd_lib.commandline import confd, rancher
from tests.confd_lib.outcomes import state

GALERA = Path(__file__).parents[1] / "data" / "galera"
MEMBERS = {"10.42.106.51": 1, "10.42.17.203": 2, "10.42.230.9": 3}


@pytest.mark.parametrize(("ip", "number"), MEMBERS.items())
def test_the_seed_renders_as_three_generations_of_confd_did(tmp_path, capfd, ip, number):
    with MetadataServer(Answers.load(GALERA / "answers.json"), xff=True) as server:
        args = (
            "--backend=rancher",
            "--prefix=/2015-07-25",
            f"--node={server.url.removeprefix('http://')}",
            f"--confdir={GALERA}",
            f"--root={tmp_path}",
            f"--metadata-ip={ip}",
        )
        assert confd(capfd, *args) == (0, [], "")
        path = tmp_path / "etc/mysql/conf.d/001-galera.cnf"
        expected = (GALERA / "expect" / f"galera_galera_{number}.cnf").read_bytes()
        assert path.read_bytes() == expected
        assert stat.S_IMODE(path.stat().st_mode) == 0o644
        before = state(path)
        assert confd(capfd, *args) == (0, [], "")
        assert state(path) == before


def test_a_changed_key_swaps_the_file_and_reloads_once(server, folder, capfd, tmp_path):
    log = tmp_path / "log"
    folder.both('{{getv "/self/container/name"}}', keys=["/self"], reload_cmd=f"echo >> {log}")
    assert confd(capfd, *rancher(server, folder)) == (0, [], "")
    inode = folder.dest().stat().st_ino
    changed = {"version": "2", "self": {"container": {"name": "web_2"}}}
    server.replace({"latest": {"default": changed}})
    for _ in range(2):
        assert confd(capfd, *rancher(server, folder)) == (0, [], "")
    assert folder.dest().read_text() == "web_2"
    assert folder.dest().stat().st_ino != inode
    assert log.read_text() == "\n\n"


def test_noop_prints_the_diff_and_the_exit_status_may_tell(server, folder, capfd):
    folder.both('{{getv "/self/container/name"}}\n', keys=["/self"])
    folder.dest().write_text("old\n")
    status, log, out = confd(capfd, *rancher(server, folder, "-noop"))
    assert (status, log) == (0, [])
    assert out.splitlines()[2:] == ["@@ -1 +1 @@", "-old", "+web_1"]
    assert confd(capfd, *rancher(server, folder, "-noop", "-diff-exit-code"))[0] == 2
    assert confd(capfd, *rancher(server, folder, "-diff-exit-code"))[0] == 2
    assert confd(capfd, *rancher(server, folder, "-diff-exit-code")) == (0, [], "")


def test_a_file_backend_and_the_environment(folder, capfd, tmp_path, monkeypatch):
    (tmp_path / "values.yaml").write_text("app: {port: 8080}\n")
    folder.both('{{getv "/app/port"}}', keys=["/app"])
    args = ("-backend=file", f"-file={tmp_path}/values.yaml", f"-confdir={folder.path}")
    assert confd(capfd, *args) == (0, [], "")
    assert folder.dest().read_text() == "8080"
    monkeypatch.setenv("APP_PORT", "9090")
    assert confd(capfd, "-backend=env", f"-confdir={folder.path}") == (0, [], "")
    assert folder.dest().read_text() == "9090"


def test_what_is_given_in_vain_is_named(folder, capfd):
    cli.main(
        ["-onetime", "-backend=env", "-table=x", f"-confdir={folder.path}", "stop", "-noop"],
        "/confd",
    )
    said = capfd.readouterr().err
    assert "WARNING Backend env does not use -table\n" in said
    assert 'WARNING Not a flag: the word "stop" ends the flags, and "-noop" is not read\n' in said
    assert "WARNING Found no templates\n" in said
    assert " /confd[" in said


@pytest.mark.parametrize(
    "flag", ["-secret-keyring=/nonexistent", "-srv-record=_x._tcp.example", "-client-insecure"]
)
def test_flags_of_other_stores_are_named_and_do_not_stop_the_run(folder, capfd, tmp_path, flag):
    (tmp_path / "values.yaml").write_text("a: 1\n")
    args = ("-backend=file", f"-file={tmp_path}/values.yaml", f"-confdir={folder.path}")
    assert cli.main(["-onetime", "-config-file=", *args, flag], "confd") == 0
    name = flag.partition("=")[0]
    assert f"WARNING Backend file does not use {name}\n" in capfd.readouterr().err


def test_the_render_of_one_template_may_take_so_many_seconds(folder, capfd):
    folder.both("{{range $i := 1000000000000}}{{end}}", "a")
    folder.both("x", "b")
    flags = ("-backend=env", f"-confdir={folder.path}", "-render-timeout=1")
    status, log, _ = confd(capfd, *flags)
    assert status == 1
    assert log[-1].endswith("limit of 1 second exceeded")
    assert folder.dest("b").read_text() == "x"


def test_the_log_level_trace_is_that_of_debug(folder, capfd):
    cli.main(["-onetime", "-backend=env", "-log-level=trace", f"-confdir={folder.path}"], "confd")
    assert " DEBUG Loading template resources " in capfd.readouterr().err


def test_a_bad_filter_is_refused_though_there_is_nothing_to_render(folder, capfd):
    args = ("-backend=file", "-file=/nonexistent", "-filter=[", f"-confdir={folder.path}")
    assert confd(capfd, *args) == (1, ["FATAL syntax error in pattern"], "")


def test_a_stray_root_in_confd_toml_is_loud(folder, capfd, tmp_path):
    (tmp_path / "confd.toml").write_text(f'root = "{tmp_path}"\n')
    args = ("-backend=env", f"-confdir={folder.path}", f"-config-file={tmp_path}/confd.toml")
    cli.main(["-onetime", *args], "confd")
    said = f"settings that confd ignores and confd-lib follows: root = {tmp_path}"
    assert f"WARNING {tmp_path}/confd.toml: {said}\n" in capfd.readouterr().err


def test_log_lines_may_be_json(folder, capfd):
    cli.main(["-onetime", "-backend=env", "-log-format=json", f"-confdir={folder.path}"], "confd")
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    assert {"level": "INFO", "message": "Backend set to env"}.items() <= lines[0].items()


def test_a_status_file_says_how_each_resource_fares(server, folder, capfd, tmp_path):
    status = tmp_path / "status.json"
    folder.both("fine", "a", keys=["/self"])
    folder.both('{{getv "/no"}}', "b", keys=["/self"])
    assert confd(capfd, *rancher(server, folder, "-status-file", status))[0] == 1
    state = json.loads(status.read_text())
    assert (state["version"], state["ok"]) == ("1", False)
    assert state["store"]["reachable"]
    good, bad = (state["resources"][f"{folder.path}/conf.d/{name}.toml"] for name in "ab")
    assert good == {
        "dest": str(folder.dest("a")),
        "status": "updated",
        "since": state["time"],
        "last_success": state["time"],
        "last_error": None,
        "last_error_time": None,
    }
    assert (bad["status"], bad["last_success"]) == ("failed", None)
    assert "key does not exist: /no" in bad["last_error"]


def test_a_status_file_that_cannot_be_written_is_logged(folder, capfd, tmp_path):
    path = tmp_path / "no" / "status.json"
    args = ("-backend=env", f"-confdir={folder.path}", f"-status-file={path}")
    assert confd(capfd, *args) == (
        0,
        [f"ERROR Cannot write {path}: no such directory: {tmp_path}/no"],
        "",
    )


# -- What is wrong with the flags

STORES = "consul, env, etcd, etcdv3, file, rancher, redis, vault, zookeeper"


@pytest.mark.parametrize(
    ("args", "status", "said"),
    [
        pytest.param(
            ["-backend=dynamodb"],
            1,
            "FATAL Backend dynamodb is a store of confd that confd-lib does not read; "
            f"it reads {STORES} (flag -backend)",
            id="a-store-that-is-not-read",
        ),
        pytest.param(
            ["-node=a b", "true", "-backend=file"],
            1,
            'FATAL the word "true" ends the flags, and "-backend=file" is not read (a boolean is '
            "-x or -x=true): not the address of a server: a b (write host:port or a URL)",
            id="a-word-before-the-backend",
        ),
        pytest.param(
            ["-backend=nope"],
            1,
            f"FATAL Invalid backend nope; there are {STORES}",
            id="unknown-backend",
        ),
        pytest.param(
            ["-backend=", "-node=http://me:s3cret@db:2379"],
            1,
            "FATAL the address http://db:2379 is given with a user or a password; "
            "write these apart, as username and password",
            id="a-node-with-a-user",
        ),
        pytest.param(
            ["-backend=env", "-interval", "-5"],
            1,
            "FATAL interval is -5: write 0 or more seconds",
            id="a-number-below-zero",
        ),
        pytest.param(
            ["-backend=file"],
            1,
            "FATAL Backend file needs a file to read (flag -file)",
            id="file-without-files",
        ),
        pytest.param(
            ["-backend=file", "-file=x", "-filter=[a"],
            1,
            "FATAL syntax error in pattern",
            id="bad-filter",
        ),
        pytest.param(
            ["-backend=env", "-log-level=loud"],
            1,
            'FATAL not a valid level: "loud"',
            id="unknown-level",
        ),
        pytest.param(
            ["-backend=env", "-log-format=xml"],
            1,
            'FATAL not a valid log format: "xml"; it is text or json',
            id="unknown-format",
        ),
        pytest.param(
            ["-backend=env", "-compat=1"],
            1,
            'FATAL compat "1" is not known: choose 0.11 or 0.16',
            id="unknown-rules",
        ),
    ],
)
def test_flags_that_cannot_be_followed(folder, capfd, args, status, said):
    found = confd(capfd, "-confdir", folder.path, *args)
    assert found == (status, [said], "")


def test_words_that_are_no_flags_show_the_flags(capfd):
    status, log, _ = confd(capfd, "-nope")
    assert (status, log[:2]) == (2, ["flag provided but not defined: -nope", "Usage of confd:"])
    assert cli.main(["-h"], "confd") == 0
    assert "Usage of confd:" in capfd.readouterr().err


@pytest.mark.parametrize("node", ["me:s3cret@127.0.0.1:1", "http://me:s3cret@127.0.0.1:1"])
def test_no_log_line_shows_the_password_of_a_node(folder, capfd, node):
    folder.both("x", keys=["/self"])
    flags = rancher(node, folder, "-log-level=debug", "-node=http://me:s3cret@other")
    status, log, out = confd(capfd, *flags)
    assert status == 1
    assert "Backend source(s) set to" in "".join(log)
    assert "127.0.0.1:1/latest" in log[-1]
    assert "s3cret" not in "".join([*log, out])
