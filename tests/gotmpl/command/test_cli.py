"""The command `gotmpl`: values, sets of templates, files, errors and exit statuses."""

from __future__ import annotations

import io
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from gotmpl.command.cli import main


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    files = {
        "values.yaml": "a: {x: 1, y: [1]}\nhost: web\n",
        "more.json": '{"a": {"x": 2}}',
        "list.yaml": "[1, 2]",
        "bad.yaml": "a: [",
        "bad.json": "{",
        "a.tmpl": "{{.a.x}} {{.host}}\n",
        "b.tpl": '{{define "b"}}b{{end}}',
        "c.gotmpl": '{{template "b"}}c',
        "no.tmpl": "x{{.host.name}}",
        "open.tmpl": "{{if .a}}",
        "sprig.tmpl": "{{quote .host}}",
        "dot.tmpl": "{{.}}",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.mark.parametrize(
    ("args", "output"),
    [
        ("-f values.yaml a.tmpl", "1 web\n"),
        ("-f values.yaml -f more.json a.tmpl", "2 web\n"),
        ("--values values.yaml --set a.x=3 a.tmpl", "3 web\n"),
        ("-f values.yaml a.tmpl c.gotmpl b.tpl", "1 web\nbc"),
        ("-t b b.tpl", "b"),
        ("-t c.gotmpl b.tpl c.gotmpl", "bc"),
        ("-f list.yaml dot.tmpl", "[1 2]"),
        ("dot.tmpl", "map[]"),
        ("--set a=null --set b=true --set c=1.5 --set d=x=y --set e=[1] dot.tmpl", None),
        ("--functions sprig -f values.yaml sprig.tmpl", '"web"'),
        ("--set a.b\\.c=1 dot.tmpl", "map[a:map[b.c:1]]"),
    ],
)
def test_a_text(
    work: Path, args: str, output: str | None, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["render", *args.split()]) == 0
    wanted = "map[a:<nil> b:true c:1.5 d:x=y e:[1]]" if output is None else output
    assert capfd.readouterr() == (wanted, "")


@pytest.mark.parametrize(
    ("args", "status", "message"),
    [
        ("no.tmpl -f values.yaml", 1, "can't evaluate field name in type"),
        ("no.tmpl -f values.yaml", 1, 'values there:\n  .host = "web" (string)\n'),
        ("no.tmpl -f values.yaml", 1, "no.tmpl:1\n  1 | x{{.host.name}}\n    |    ^^^^^"),
        ("open.tmpl", 1, "template: open.tmpl:1: unexpected EOF"),
        ("sprig.tmpl", 1, "quote is a function of sprig: add --functions sprig"),
        ("a.tml", 1, "a.tml: no such file or directory; did you mean a.tmpl"),
        ("-f valuse.yaml a.tmpl", 1, "valuse.yaml: no such file or directory; did you mean valu"),
        ("-f bad.yaml a.tmpl", 1, "gotmpl: bad.yaml: while parsing"),
        ("-f bad.json a.tmpl", 1, "gotmpl: bad.json: Expecting property name"),
        ("-f list.yaml -f values.yaml a.tmpl", 1, "list.yaml: holds no map, which is needed"),
        ("--set a a.tmpl", 2, "--set a: give it as KEY=VALUE"),
        ("--set a..b=1 a.tmpl", 2, "--set a..b=1: give it as KEY=VALUE"),
        ("a.tmpl ./a.tmpl", 1, "./a.tmpl: a.tmpl has the same name; rename one of them"),
        ("-t bb b.tpl c.gotmpl", 2, "--template bb: no template has this name; did you mean b?"),
        ("-t zzz b.tpl", 2, "no template has this name; the templates are b"),
        ("--limits steps=0 a.tmpl", 2, "--limits steps=0: a limit is above zero"),
        ("--limits speed=1 a.tmpl", 2, "--limits speed=1: give seconds=N, output=N or steps=N"),
        ("--missingkey error a.tmpl", 1, 'map has no entry for key "a"'),
        ("-f - -", 2, "standard input is named twice"),
        ("-o a.tmpl dot.tmpl", 1, "gotmpl: a.tmpl/dot: "),
    ],
)
def test_a_fault(
    work: Path, args: str, status: int, message: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["render", *args.split()]) == status
    shown = capfd.readouterr()
    assert shown.out == ""
    assert message in shown.err
    assert shown.err.startswith("gotmpl: ")


def test_files_of_a_folder(work: Path, capfd: pytest.CaptureFixture[str]) -> None:
    args = ["-f", "values.yaml", "-o", "deep/out", "a.tmpl", "b.tpl", "c.gotmpl"]
    assert main(["render", *args]) == 0
    made = {path.name: path.read_text() for path in (work / "deep/out").iterdir()}
    assert made == {"a": "1 web\n", "c": "bc"}


def test_no_file_is_written_if_one_fails(work: Path) -> None:
    assert main(["render", "-f", "values.yaml", "-o", "out", "a.tmpl", "no.tmpl"]) == 1
    assert not (work / "out").exists()


def test_a_fault_in_what_another_file_defines(
    work: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (work / "inner.tpl").write_text('{{define "inner"}}\n{{.x.y}}{{end}}')
    (work / "outer.tmpl").write_text('{{template "inner" .}}')
    assert main(["render", "--set", "x=1", "outer.tmpl", "inner.tpl"]) == 1
    assert "\ninner.tpl:2\n" in capfd.readouterr().err


def test_standard_input(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = [sys.executable, "-m", "gotmpl", "render", "--set", "a=1", "-"]
    done = subprocess.run(program, input=b"{{.a}}\xff", capture_output=True, check=True)
    assert done.stdout == b"1\xff"
    monkeypatch.setattr("sys.stdin", io.StringIO("host: x"))
    assert main(["render", "-f", "-", "dot.tmpl"]) == 0


@pytest.mark.parametrize(
    ("template", "flags", "status"),
    [
        ('{{env "SPRIG_TEST"}}', [], 1),
        ('{{env "SPRIG_TEST"}}', ["--env"], 0),
        ('{{getHostByName "127.0.0.1"}}', [], 1),
        ('{{getHostByName "127.0.0.1"}}', ["--network"], 0),
    ],
)
def test_what_reaches_outside(
    work: Path, template: str, flags: list[str], status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPRIG_TEST", "x")
    (work / "t.tmpl").write_text(template)
    assert main(["render", "--functions", "sprig", *flags, "t.tmpl"]) == status


def test_wrong_flags_end_with_2() -> None:
    with pytest.raises(SystemExit) as ended:
        main(["render"])
    assert ended.value.code == 2


def test_ctrl_c(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("gotmpl.command.sources.read", interrupted)
    assert main(["render", "dot.tmpl"]) == 130


def test_the_version_is_that_of_the_distribution(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capfd.readouterr().out == f"gotmpl {version('confd-lib')}\n"
