"""Failures of tests as pytest prints them: the whole text of the terminal.

Each file of the folder `failures` has the body of a test, and what pytest prints when it fails.
"""

from __future__ import annotations

import re
import textwrap
from importlib.metadata import entry_points
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

PLUGIN = "confd_lib.testing.plugin"
INSTALLED = any(one.value == PLUGIN for one in entry_points(group="pytest11"))
ARGS = ("-q", "-p", "no:cacheprovider", "-p", "no:hypothesispytest")
FAILURES = sorted((Path(__file__).parent / "failures").glob("*.txt"))
LINE = f"{'-' * 80}\n"

FILES = {
    "templates/own.tmpl": '{{twice "a"}}\n',
    "templates/peers.tmpl": (
        "# made by confd\n"
        'port = {{getv "/self/service/metadata/port"}}\n'
        '{{range ls "/self/service/containers"}}peer {{.}}\n{{end}}'
        '{{if exists "/self/service/metadata/debug"}}debug = on\n{{end}}'
    ),
    "templates/server.tmpl": '# made by confd\n[server]\nport = {{getv "/prot"}}\n',
    "templates/sites.tmpl": '{{range gets "/sites/*"}}\n{{.Key}} = {{.Vaule}}\n{{end}}',
    "conf.d/server.toml": '[template]\nsrc = "server.tmpl"\ndest = "/s"\nkeys = ["/db", "/app"]\n',
    "docker-compose.yml": "web:\n  image: nginx\n",
    "rancher-compose.yml": 'web:\n  scale: 2\n  metadata:\n    port: 80\n    debug: "yes"\n',
    "expect/peers": "# made by confd\nport = 80\npeer shop_web_1\npeer shop_web_2\n",
}


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A project in a folder of its own, as wide as its paths are long."""
    monkeypatch.setenv("COLUMNS", "80")
    write(pytester.path / "shop", FILES)
    monkeypatch.chdir(pytester.path / "shop")
    return pytester


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True, parents=True)
        (folder / name).write_text(text)


def run(project: pytest.Pytester, bodies: dict[str, str], *args: str) -> str:
    """Return all that pytest prints about tests.

    Times, folders, the ends of the summary and the words of the JSON parser are left out.
    """
    tests = {
        f"test_{name}.py": f"def test(confd):\n{textwrap.indent(body, '    ')}"
        for name, body in bodies.items()
    }
    write(Path.cwd(), tests)
    plugin = () if INSTALLED else ("-p", PLUGIN)
    said = project.runpytest_subprocess(*plugin, *ARGS, *args, *tests).stdout.str()
    said = re.sub(r"\d+\.\d+s", "0.00s", said).replace(str(Path.cwd()), "FOLDER")
    said = re.sub(r"(?m)^(FAILED \S+ - \S+).*$", r"\1", said)
    said = re.sub(r"JSONDecodeError: .*", "JSONDecodeError: ...", said)
    # Pytest marks the failing part of a call, if it is new enough.
    said = re.sub(r"(?m)^ +\^+\n", "", said)
    return re.sub(r"(?m)^confd = .*$", "confd = ...", said)


def test_the_whole_text_of_failures(project: pytest.Pytester) -> None:
    cases = {file.stem: file.read_text().split(LINE, 1) for file in FAILURES}
    said = run(project, {name: body for name, (body, _) in cases.items()})
    first, failures, summary = re.split(r"(?m)^=+ [A-Za-z ]+ =+\n", said)
    assert first.split() == ["F" * len(cases), "[100%]"]
    blocks = re.split(r"(?m)^_+ test _+\n\n", failures)[1:]
    for (name, (_, wanted)), block in zip(cases.items(), blocks, strict=True):
        assert block == wanted, name
    *failed, count = summary.splitlines()
    assert [line.split(" - ")[0] for line in failed] == [
        f"FAILED test_{name}.py::test" for name in cases
    ]
    assert count == f"{len(cases)} failed in 0.00s"


BODY = {"it": 'confd.render("templates/server.tmpl", {"port": 80})\n'}


def test_with_full_trace_our_frames_are_shown(project: pytest.Pytester) -> None:
    assert "confd_lib/testing/scene.py" not in run(project, BODY)
    assert "confd_lib/testing/scene.py" in run(project, BODY, "--full-trace")


def test_a_native_traceback_has_no_frame_of_ours(project: pytest.Pytester) -> None:
    files = re.findall(r'File "(.*)", line', run(project, BODY, "--tb=native"))
    assert files[-1] == "FOLDER/test_it.py"
    assert not [file for file in files if "confd_lib" in file or "gotmpl" in file]


def test_a_fault_of_another_class_keeps_its_frames(project: pytest.Pytester) -> None:
    assert "confd_lib/testing/bench.py" in run(
        project, {"it": 'confd.render(None, {"port": 80})\n'}
    )
