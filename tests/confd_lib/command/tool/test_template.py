"""`confd-lib render`: a template from standard input, its name, and the name of the stack."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest

from confd_lib.command.tool import cli as tool

from .running import CODE, ROOT

GALERA = ("--compose", str(ROOT / "examples/galera"), "--env", "mysql_root_password=x")


@pytest.fixture
def values(tmp_path: Path) -> Path:
    path = tmp_path / "values.json"
    path.write_text('{"port": 80}')
    return path


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch):
    """Return a function that sets the bytes of standard input."""

    def set_to(data: bytes) -> None:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))

    return set_to


def test_a_template_is_read_from_standard_input(capfdbinary, values: Path, typed) -> None:
    typed(b'port {{getv "/port"}} \xff\n')
    assert tool.main(["render", "-", "--values", str(values)]) == 0
    assert capfdbinary.readouterr().out == b"port 80 \xff\n"


@pytest.mark.parametrize("more", [[], ["--trace"]], ids=["plain", "trace"])
@pytest.mark.parametrize(
    ("named", "name"),
    [
        pytest.param([], "stdin", id="default"),
        pytest.param(["--name", "app.tmpl"], "app.tmpl", id="named"),
    ],
)
def test_errors_name_it(
    capfd, values: Path, typed, named: list[str], name: str, more: list[str]
) -> None:
    typed(b'{{getv "/prot"}}')
    assert tool.main(["render", "-", "--values", str(values), *named, *more]) == 1
    assert f'template: {name}:1:2: executing "{name}" at <getv "/prot">' in capfd.readouterr().err


@pytest.mark.parametrize(
    ("named", "name"),
    [
        pytest.param([], "a.tmpl", id="default"),
        pytest.param(["--name", "b.tmpl"], "b.tmpl", id="named"),
    ],
)
def test_a_file_has_its_own_name_or_that_of_the_flag(
    capfd, tmp_path: Path, values: Path, named: list[str], name: str
) -> None:
    template = tmp_path / "a.tmpl"
    template.write_text("{{if}}")
    assert tool.main(["render", str(template), "--values", str(values), *named]) == 1
    assert f"template: {name}:1: missing value for if" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("redirected", "why"),
    [
        pytest.param("<&-", "standard input is closed", id="closed"),
        pytest.param("0>/dev/null", "standard input: bad file descriptor", id="write-only"),
    ],
)
def test_standard_input_that_cannot_be_read_is_refused(
    values: Path, redirected: str, why: str
) -> None:
    args = (sys.executable, "-c", CODE, "render", "-", "--values", str(values))
    command = ("sh", "-c", f'exec "$@" {redirected}', "sh", *args)
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"confd-lib: Unable to process template -, {why}\n"


@pytest.mark.parametrize(
    ("there", "asked", "near"),
    [
        pytest.param("galera.cnf.tmpl", "galera.cnf.tmp", "galera.cnf.tmpl", id="misspelt"),
        pytest.param("galera.cnf.tmpl", "x", "", id="nothing-like-it"),
        pytest.param("", "galera.cnf.tmpl", "", id="empty-folder"),
        pytest.param("", "nowhere/galera.cnf.tmpl", "", id="no-folder"),
    ],
)
def test_a_missing_template_names_the_nearest_file(
    capfd, tmp_path: Path, values: Path, there: str, asked: str, near: str
) -> None:
    folder = tmp_path / "templates"
    folder.mkdir()
    if there:
        (folder / there).touch()
    assert tool.main(["render", str(folder / asked), "--values", str(values)]) == 1
    more = f"did you mean {folder / near}?\n" if near else ""
    said = f"confd-lib: Missing template: {folder / asked}\n{more}"
    assert capfd.readouterr().err == said


def test_the_stack_has_the_name_of_the_flag(capfd, typed) -> None:
    typed(b'{{getv "/self/stack/name"}} {{getv "/self/container/name"}}\n')
    args = ["render", "-", *GALERA, "--project-name", "db", "--as", "db_galera_2"]
    assert tool.main(args) == 0
    assert capfd.readouterr().out == "db db_galera_2\n"


@pytest.mark.parametrize(("flag", "value"), [("--project-name", "db"), ("--dialect", "rancher")])
def test_a_flag_of_a_stack_needs_one(capfd, flag: str, value: str) -> None:
    with pytest.raises(SystemExit) as caught:
        tool.main(["render", "x", "--values", "v", flag, value])
    assert caught.value.code == 2
    assert f"{flag} needs a stack (--compose DIR)" in capfd.readouterr().err


def test_missing_values_name_the_nearest_file(capfd, values: Path, typed) -> None:
    typed(b"x")
    asked = values.with_name("value.json")
    assert tool.main(["render", "-", "--values", str(asked)]) == 1
    said = f"confd-lib: stat {asked}: no such file or directory\ndid you mean {values}?\n"
    assert capfd.readouterr().err == said


def test_a_template_that_is_a_folder_is_not_asked_about(
    capfd, tmp_path: Path, values: Path
) -> None:
    assert tool.main(["render", str(tmp_path), "--values", str(values)]) == 1
    assert capfd.readouterr().err.endswith(": is a directory\n")


@pytest.mark.parametrize("command", [["dump"], ["render", "-"]], ids=" ".join)
def test_a_missing_confd_toml_is_refused_with_the_nearest_file(
    capfd, tmp_path: Path, typed, command: list[str]
) -> None:
    typed(b"x")
    (tmp_path / "confd.toml").touch()
    asked = tmp_path / "cofnd.toml"
    assert tool.main([*command, "--config-file", str(asked)]) == 1
    said = f"confd-lib: open {asked}: no such file or directory\n"
    assert capfd.readouterr().err == f"{said}did you mean {tmp_path / 'confd.toml'}?\n"
