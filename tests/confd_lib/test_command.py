"""The command: every way in which its world can be wrong, with the one line and the exit status."""

from __future__ import annotations

import contextlib
import json
import socket
import stat
import threading
from pathlib import Path

import pytest

from confd_lib import cli
from metadata_client import Answers, MetadataServer

GALERA = Path(__file__).parent / "data" / "galera"
MEMBERS = {"10.42.106.51": 1, "10.42.17.203": 2, "10.42.230.9": 3}
TREE = {"version": "1", "self": {"container": {"name": "web_1", "ip": "10.42.0.2"}}}


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def confd(capfd, *args: object) -> tuple[int, list[str], str]:
    """Run the command once; give its status, its log from errors up, and what it printed."""
    status = cli.main(
        ["-onetime", "-log-level=error", "-config-file=/nonexistent", *map(str, args)], "confd"
    )
    said = capfd.readouterr()
    return status, [line.split("]: ", 1)[-1] for line in said.err.splitlines()], said.out


@pytest.fixture
def server():
    with MetadataServer({"latest": {"default": TREE}}, xff=True) as running:
        yield running


def rancher(server, folder, *args: object) -> tuple[object, ...]:
    url = server if isinstance(server, str) else server.url.removeprefix("http://")
    common = ("--backend=rancher", "--prefix=/latest", "--node", url)
    return (*common, "--confdir", folder.path, "--ready-timeout=0", *args)


# -- It works


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
        info = path.stat()
        assert stat.S_IMODE(info.st_mode) == 0o644
        assert confd(capfd, *args) == (0, [], "")
        assert path.stat() == info


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
    assert "WARNING Not a flag, and ignored with all after it: stop -noop\n" in said
    assert "WARNING Found no templates\n" in said
    assert " /confd[" in said


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
    good, bad = (state["resources"][f"{folder.path}/conf.d/{name}.toml"] for name in "ab")
    assert good == {
        "dest": str(folder.dest("a")),
        "status": "updated",
        "last_success": state["time"],
        "last_error": None,
        "last_error_time": None,
    }
    assert (bad["status"], bad["last_success"]) == ("failed", None)
    assert "key does not exist: /no" in bad["last_error"]


def test_a_status_file_that_cannot_be_written_is_told(folder, capfd, tmp_path):
    path = tmp_path / "no" / "status.json"
    args = ("-backend=env", f"-confdir={folder.path}", f"-status-file={path}")
    assert confd(capfd, *args) == (
        0,
        [f"ERROR Cannot write {path}: no such directory: {tmp_path}/no"],
        "",
    )


# -- What is wrong with the flags


@pytest.mark.parametrize(
    ("args", "status", "said"),
    [
        pytest.param(
            [],
            1,
            "FATAL Backend etcd is a store over the network, which confd-lib does not have yet; "
            "it has env, file, rancher (flag -backend)",
            id="confds-default",
        ),
        pytest.param(
            ["-backend=vault"],
            1,
            "FATAL Backend vault is a store over the network, which confd-lib does not have yet; "
            "it has env, file, rancher (flag -backend)",
            id="network-store",
        ),
        pytest.param(
            ["-backend=nope"],
            1,
            "FATAL Invalid backend nope; there are env, file, rancher",
            id="unknown-backend",
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
            'FATAL not a confd whose rules are known: "1"; 0.11 or 0.16',
            id="unknown-rules",
        ),
        pytest.param(
            ["-backend=env", "-onetime=false", "-watch"],
            1,
            "FATAL Watch is not supported for backend env",
            id="no-watch",
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


# -- What is wrong with the world: one line, status 1, nothing lost


def broken_toml(folder):
    (folder.path / "conf.d/a.toml").write_text('[template]\nsrc = "a.tmpl\n')


def wrong_type(folder):
    folder.both("x", mode=644)


def no_src(folder):
    (folder.path / "conf.d/a.toml").write_text("[template]\ndest = '/x'\n")


def no_dest(folder):
    folder.both("x", dest="")


def latin_1(folder):
    (folder.path / "conf.d/a.toml").write_bytes(b"[template]\nsrc = 'a'\n# \xe9\n")


def dangling_toml(folder):
    (folder.path / "conf.d/a.toml").symlink_to("nowhere")


def no_conf_d(folder):
    (folder.path / "conf.d").rmdir()


def conf_d_is_no_toml(folder):
    no_conf_d(folder)
    (folder.path / "conf.d").write_text("hello")


def missing_template(folder):
    folder.resource()


def template_is_a_folder(folder):
    folder.resource(src=".")


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
    (broken_toml, RESOURCE + "toml: line 2: Illegal character '\\n'"),
    (
        wrong_type,
        RESOURCE + 'toml: line 5 (last key "template.mode"): incompatible types: '
        "TOML value has type int64; destination has type string",
    ),
    (no_src, RESOURCE + "empty src template"),
    (no_dest, RESOURCE + "empty dest"),
    (latin_1, RESOURCE + "toml: line 3: invalid UTF-8"),
    (dangling_toml, RESOURCE + "no such file or directory"),
    (no_conf_d, "stat {confd}/conf.d: no such file or directory"),
    (
        conf_d_is_no_toml,
        (
            "Cannot process template resource {confd}/conf.d - toml: line 1: "
            "Expected '=' after a key in a key/value pair"
        ),
    ),
    (missing_template, "Missing template: {confd}/templates/a.tmpl"),
    (
        template_is_a_folder,
        "Unable to process template {confd}/templates, open {confd}/templates: is a directory",
    ),
    (
        template_name_with_nul,
        "Unable to process template {confd}/templates/\x00, embedded null byte",
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
            "error calling getv: key does not exist: /nope"
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
    (dest_is_a_folder, WRITE + "dir: it is a directory"),
    (
        refused,
        "Config check failed: exit status 7: echo 'line 3: bad' ; exit 7: line 3: bad",
    ),
    (check_is_no_template, "Config check failed: template: checkcmd:1: unclosed action"),
    (check_hangs, "Config check failed: timed out after 0.1s: sleep 1000"),
    (check_is_killed, "Config check failed: signal: killed: kill -9 $$"),
    (bad_timeout, RESOURCE + "check_timeout: neither seconds nor a duration like \"30s\": 'soon'"),
]


@pytest.mark.parametrize(
    ("spoil", "said"), [pytest.param(*row, id=row[0].__name__) for row in WORLD]
)
def test_what_is_wrong_is_told_in_one_line_and_nothing_is_lost(server, folder, capfd, spoil, said):
    folder.dest().write_text("last good\n")
    spoil(folder)
    before = {path: path.read_bytes() for path in folder.out.rglob("*") if path.is_file()}
    if (folder.path / "conf.d").is_dir():
        folder.both("good", "z", keys=["/self"])
        before[folder.dest("z")] = b"good"
    status, log, out = confd(capfd, *rancher(server, folder))
    expected = said.format(confd=folder.path, out=folder.out)
    assert (status, log, out) == (1, [f"ERROR {expected}"], "")
    assert {path: path.read_bytes() for path in folder.out.rglob("*") if path.is_file()} == before


def test_a_failed_reload_is_told_with_the_new_file_in_place(server, folder, capfd):
    folder.both("new", reload_cmd="echo no >&2; exit 4")
    status, log, _ = confd(capfd, *rancher(server, folder))
    assert (status, log) == (
        1,
        ["ERROR Reload failed: exit status 4: echo no >&2; exit 4: no"],
    )
    assert folder.dest().read_text() == "new"


def test_a_missing_confdir_is_only_a_warning_as_in_confd(tmp_path, capfd):
    assert confd(capfd, "-backend=env", "-confdir", tmp_path / "no") == (0, [], "")


# -- What is wrong with the service


def closed_port() -> str:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{sock.getsockname()[1]}"


@contextlib.contextmanager
def answering(raw: bytes):
    """A server that says one thing whatever it is asked."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with connection:
                    connection.recv(65536)
                    connection.sendall(raw)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


@pytest.fixture
def asking(folder):
    folder.dest().write_text("last good\n")
    folder.both('{{getv "/self/container/name"}}', keys=["/self"])
    yield folder
    assert folder.dest().read_text() == "last good\n"
    assert names(folder.out) == ["a.conf"]


def test_a_service_that_is_not_there(asking, capfd):
    address = closed_port()
    status, (line,), _ = confd(capfd, *rancher(address, asking))
    assert status == 1
    assert line.startswith(f"ERROR http://{address}/latest/")
    assert "refused" in line


def test_a_container_that_is_not_known_yet(asking, capfd):
    with MetadataServer({"latest": {"default": {"version": "1"}}}) as server:
        status, log, _ = confd(capfd, *rancher(server, asking))
        assert (status, log) == (1, [f"ERROR {server.url}/latest/self: 404 Not found"])


def test_a_version_that_is_not_served(asking, capfd):
    with MetadataServer({"2015-12-19": {"default": TREE}}) as server:
        args = [str(arg).replace("/latest", "/2016-07-29") for arg in rancher(server, asking)]
        status, (line,), _ = confd(capfd, *args)
        assert status == 1
        assert line.startswith(f"ERROR {server.url}/2016-07-29/")
        assert line.endswith(": 404 Invalid version")


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>", "the body is not JSON"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{", "the body was cut"),
        (b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n", "500 Oops"),
        (b"SSH-2.0-OpenSSH\r\n", ""),
        (b"", "the connection was closed before the first byte"),
    ],
    ids=["html", "cut", "500", "not-http", "nothing"],
)
def test_a_service_that_answers_rubbish(asking, capfd, raw, said):
    with answering(raw) as address:
        status, (line,), _ = confd(capfd, *rancher(address, asking))
    assert status == 1
    assert line.startswith(f"ERROR http://{address}/latest/")
    assert said in line


def test_a_values_file_that_is_wrong(folder, capfd, tmp_path):
    values = tmp_path / "values.yaml"
    args = ("-backend=file", f"-file={values}", f"-confdir={folder.path}")
    folder.both("x")
    assert confd(capfd, *args)[1] == [f"ERROR stat {values}: no such file or directory"]
    values.write_text("a: 1\n b: 2\n")
    status, (line,), _ = confd(capfd, *args)
    assert (status, line.startswith(f"ERROR {values}: yaml: line 2: ")) == (1, True)
    values.write_text("[1, 2]")
    assert confd(capfd, *args)[1] == [
        f"ERROR {values}: yaml: line 1: a mapping of keys is wanted, not a list"
    ]
    assert not folder.dest().exists()
