"""The command `confd-lib`: `render` without a conf.d, and `serve`."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from confd_lib.command.tool import cli as tool
from metadata_client import MetadataClient, NotFound

GALERA = Path(__file__).parents[1] / "data" / "galera"
TEMPLATE = GALERA / "templates" / "galera.cnf.tmpl"
STACK = ("--compose", str(GALERA), "--env", "mysql_root_password=s3cret")
ROOT = Path(__file__).parents[3]
CODE = "import sys; from confd_lib.command.tool.cli import main; sys.exit(main())"


def render(capfd, *args: str) -> tuple[int, str, str]:
    status = tool.main(["render", str(TEMPLATE), *args])
    said = capfd.readouterr()
    return status, said.out, said.err


def test_a_template_is_rendered_as_a_container_of_a_stack(capfd):
    status, out, err = render(capfd, *STACK, "--scale", "galera=5", "--as", "galera_galera_5")
    assert (status, err) == (0, "")
    assert "wsrep_node_name = galera_galera_5\n" in out
    assert 'wsrep_cluster_name="galera"' in out
    assert "server-id = 5\n" in out


def test_a_template_is_rendered_with_a_file_of_values(capfd, tmp_path):
    values = tmp_path / "values.yaml"
    values.write_text(
        "prod/self: {stack: {name: s}, container: {name: n, create_index: 7, primary_ip: 1.2.3.4}}"
    )
    status, out, err = render(capfd, "--values", str(values), "--prefix", "/prod")
    assert (status, err) == (0, "")
    assert "server-id = 7\n" in out


@pytest.mark.parametrize(
    ("compat", "listed"), [([], "[a b]"), (["--compat=0.16"], "[b]"), (["--compat=0.11"], "[a b]")]
)
def test_the_root_is_listed_as_the_confd_that_is_asked_for_does(capfd, tmp_path, compat, listed):
    (tmp_path / "values.json").write_text('{"a": {"x": 1}, "b": 2}')
    (tmp_path / "t").write_text('{{ls "/"}}')
    assert (
        tool.main(["render", f"{tmp_path}/t", "--values", f"{tmp_path}/values.json", *compat]) == 0
    )
    assert capfd.readouterr().out == listed


@pytest.mark.parametrize(
    ("args", "said"),
    [
        pytest.param(
            [*STACK, "--as", "galera_9"],
            "Failed to find container galera_9 in stack galera",
            id="no-such-container",
        ),
        pytest.param(
            [*STACK, "--metadata-version", "2014"],
            "no version 2014 of the metadata; there are 2015-07-25",
            id="no-such-version",
        ),
        pytest.param(["--compose", "/nonexistent"], "/nonexistent", id="no-compose-files"),
        pytest.param(
            ["--values", "/nonexistent"],
            "stat /nonexistent: no such file or directory",
            id="no-values",
        ),
    ],
)
def test_an_error_prints_one_line(capfd, args, said):
    status, out, err = render(capfd, *args)
    assert (status, out) == (1, "")
    assert err.startswith("confd-lib: ")
    assert said in err
    assert err.count("\n") == 1


def test_a_failing_template_is_explained_in_a_block(capfd):
    status, out, err = render(capfd, *STACK)
    assert (status, out) == (1, "")
    first, *block = err.splitlines()
    assert first == (
        'confd-lib: template: galera.cnf.tmpl:2:14: executing "galera.cnf.tmpl" at '
        '<getv "/self/container/create_index">: error calling getv: '
        "key does not exist: /self/container/create_index"
    )
    assert block[0].endswith("galera.cnf.tmpl:2")
    assert block[1:] == [
        '  2 | server-id = {{getv "/self/container/create_index"}}',
        "    |               " + "^" * 35,
        "rendered before it:",
        "  1 | [mysqld]",
        "  2 | server-id = ",
        "below /self there is only host",
        "the client is no container of the stack: name one with --as CONTAINER",
    ]


def test_a_missing_template_is_answered_with_the_nearest(capfd):
    template = ROOT / "examples/galera/template/galera.cnf.tml"
    assert tool.main(["render", str(template), *STACK]) == 1
    assert capfd.readouterr().err.splitlines() == [
        f"confd-lib: Missing template: {template}",
        f"did you mean {ROOT}/examples/galera/templates/galera.cnf.tmpl?",
    ]


def test_an_address_that_cannot_be_had_is_named(capfd):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        assert tool.main(["serve", *STACK, "--listen", address]) == 1
    assert capfd.readouterr().err == (
        f"confd-lib: cannot listen on {address}: address already in use\n"
    )


def test_serving_without_h11_names_the_extra():
    code = f"import sys; sys.modules['h11'] = None; {CODE}"
    done = subprocess.run(
        [sys.executable, "-c", code, "serve", *STACK], cwd=ROOT, capture_output=True, check=False
    )
    said = b"confd-lib: MetadataServer needs h11: pip install 'confd-lib[testing]'\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, b"", said)


@pytest.mark.parametrize("host", ["a" * 64, "a..b"], ids=["long", "empty-label"])
def test_a_host_that_cannot_be_one_prints_one_line(capfd, host):
    assert tool.main(["serve", *STACK, "--listen", f"{host}:80"]) == 1
    assert capfd.readouterr().err == (
        f"confd-lib: cannot listen on {host}:80: the host name is invalid\n"
    )


def test_a_stdout_that_is_full_prints_one_line():
    command = [sys.executable, "-c", CODE, "render", str(TEMPLATE), *STACK]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*command, "--as", "galera_galera_1"],
            cwd=ROOT,
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    said = b"confd-lib: Cannot write stdout: no space left on device\n"
    assert (done.returncode, done.stderr) == (1, said)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        pytest.param(["--values", "v"], "/t: is a directory", id="template-is-a-folder"),
        pytest.param(
            ["--values", "v", "--html", "/nonexistent/x"],
            "Cannot write /nonexistent/x: no such file or directory",
            id="page",
        ),
    ],
)
def test_an_error_of_the_system_prints_in_lower_case_with_its_path(
    capfd, tmp_path, monkeypatch, args, said
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "v").write_text("{}")
    template = tmp_path / "t"
    if "--html" in args:
        template.write_text("x")
    else:
        template.mkdir()
    assert tool.main(["render", str(template), *args]) == 1
    err = capfd.readouterr().err
    assert said in err
    assert "Errno" not in err


def test_a_variable_that_is_not_set_prints_one_line(capfd):
    status, _, err = render(capfd, "--compose", str(GALERA), "--as", "galera_galera_1")
    assert status == 0
    assert "mysql_root_password variable is not set" in err


@pytest.mark.parametrize(
    "args",
    [
        ["render", "x"],
        ["render", "x", "--values", "a", "--compose", "b"],
        ["render", "x", "--values", "a", "--scale", "galera"],
        ["render", "x", "--values", "a", "--scale", "galera=many"],
        ["serve", "--answers", "a", "--listen", "80"],
        ["serve", "--answers", "a", "--listen", "localhost:99999"],
        [],
    ],
    ids=" ".join,
)
def test_flags_that_are_wrong_end_with_2(capfd, args):
    with pytest.raises(SystemExit) as caught:
        tool.main(args)
    assert caught.value.code == 2
    assert "usage: confd-lib" in capfd.readouterr().err


@pytest.mark.parametrize("command", [["render", "t", "--values", "v"], ["lint"]])
@pytest.mark.parametrize(
    "flag",
    [["--as", "x"], ["--scale", "x=1"], ["--env", "X=1"], ["--metadata-version", "latest"]],
    ids=" ".join,
)
def test_flags_of_a_stack_need_one(capfd, command, flag):
    with pytest.raises(SystemExit) as caught:
        tool.main([*command, *flag])
    assert caught.value.code == 2
    assert f"{flag[0]} needs a stack (--compose DIR)" in capfd.readouterr().err


@pytest.mark.parametrize("flag", [["--scale", "x=1"], ["--env", "X=1"]], ids=" ".join)
def test_answers_are_served_as_they_are(capfd, flag):
    with pytest.raises(SystemExit):
        tool.main(["serve", "--answers", "a", *flag])
    assert f"{flag[0]} needs a stack (--compose DIR)" in capfd.readouterr().err


@pytest.mark.parametrize("command", [["lint", str(GALERA)], ["render", str(TEMPLATE), *STACK]])
def test_a_closed_pipe_prints_no_error(command):
    asking = ["--as", "galera_galera_1"] if command[0] == "render" else []
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-c", CODE, *command, *asking],
        cwd=ROOT,
        stdout=writing,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, b"")


def test_the_version(capfd):
    with pytest.raises(SystemExit) as caught:
        tool.main(["--version"])
    assert caught.value.code == 0
    assert capfd.readouterr().out.startswith("confd-lib 0.")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stack_is_served_until_a_signal(number):
    args = [*STACK, "--xff", "--scale", "galera=2"]
    with subprocess.Popen(
        [sys.executable, "-c", CODE, "serve", *args], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        with MetadataClient(url) as client:
            names = [container["name"] for container in client.containers()]
        assert "galera_galera_2" in names
        assert "galera_galera_3" not in names
        process.send_signal(number)
        assert process.wait(timeout=30) == 0


@contextlib.contextmanager
def served(*args):
    """Yield the output of `confd-lib serve`, which runs until the block ends."""
    command = [sys.executable, "-c", CODE, "serve", *args]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process.stdout
        finally:
            process.terminate()


def test_serve_prints_the_containers_and_answers_each_by_its_forwarded_address():
    with served(*STACK, "--scale", "galera=2") as lines:
        url, *shown = [lines.readline().rstrip("\n") for _ in range(3)]
        names = [line.partition(" ")[0] for line in shown]
        assert names == ["galera_galera_1", "galera_galera_2"]
        for line in shown:
            name, _, address = line.partition(" ")
            with MetadataClient(url, ip=address) as client:
                assert client.get("/self/container/name") == name


ANSWERS = r"""
"1":
  default: {}
  10.42.0.2: {self: {container: {name: Web}}}
  10.42.0.3: {self: {}}
  10.42.0.5: {self: {container: {name: "a\nb"}}}
"2":
  10.42.0.2: {self: {container: {name: web}}}
  10.42.0.4: {}
"""


def test_serve_prints_the_containers_of_a_file(tmp_path):
    path = tmp_path / "answers.yaml"
    path.write_text(ANSWERS)
    with served("--answers", str(path), "--no-xff", "--cors") as lines:
        url = lines.readline().strip()
        assert lines.readline() == "Web 10.42.0.2\n"
        assert lines.readline() == "'a\\nb' 10.42.0.5\n"
        with MetadataClient(url, ip="10.42.0.2") as client, pytest.raises(NotFound):
            client.get("/self/container/name")
        reply = requests.get(f"{url}/", headers={"Origin": "http://site.example"}, timeout=10)
        assert reply.headers["Access-Control-Allow-Origin"] == "*"


def test_answers_that_cannot_be_served_are_reported(capfd, tmp_path):
    path = tmp_path / "answers.yaml"
    path.write_text("latest: [")
    assert tool.main(["serve", "--answers", str(path)]) == 1
    assert str(path) in capfd.readouterr().err
