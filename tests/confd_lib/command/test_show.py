"""`confd-lib render` with a trace, in colour and as a page."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from confd_lib.command.tool import cli as tool

SAMPLE = Path(__file__).parents[3] / "examples" / "testing"
ARGS = (
    "render",
    str(SAMPLE / "templates" / "status.ini.tmpl"),
    "--compose",
    str(SAMPLE),
    "--as",
    "testing_web_1",
)


def test_a_trace_tells_where_lines_come_from(capfd) -> None:
    assert tool.main([*ARGS, "--trace"]) == 0
    lines = capfd.readouterr().out.splitlines()
    assert lines[0].split() == ["[status]", "<-", "line", "1"]
    assert lines[1].endswith("<- line 2; /self/container/primary_ip")
    assert lines[-1] == "line 3: getv /self/service/metadata/status_port: default"


def test_a_failed_render_prints_the_output_before_the_error(capfd) -> None:
    assert tool.main([*ARGS[:-2], "--trace"]) == 1
    said = capfd.readouterr()
    assert said.out.startswith("[status]")
    assert "line 2: getv /self/container/primary_ip: missing" in said.out
    assert said.err.startswith("confd-lib: template: status.ini.tmpl:2:9:")


def test_a_page_is_written(capfd, tmp_path: Path) -> None:
    page = tmp_path / "trace.html"
    assert tool.main([*ARGS, "--html", str(page)]) == 0
    assert capfd.readouterr().out.endswith("disabled\n")
    assert page.read_text().startswith("<!doctype html>")


def test_a_missing_template_is_reported(capfd) -> None:
    args = [ARGS[0], "/nonexistent.tmpl", *ARGS[2:], "--trace"]
    assert tool.main(args) == 1
    assert capfd.readouterr().err == "confd-lib: Missing template: /nonexistent.tmpl\n"


@pytest.mark.parametrize(
    ("no_colour", "coloured"), [pytest.param("", True, id="yes"), pytest.param("1", False, id="no")]
)
def test_a_terminal_is_written_to_in_colour(no_colour: str, coloured: bool) -> None:
    near, far = pty.openpty()
    code = f"import sys; from confd_lib.command.tool.cli import main; sys.exit(main({[*ARGS]!r}))"
    with os.fdopen(near, "rb", buffering=0) as terminal:
        env = {**os.environ, "NO_COLOR": no_colour}
        done = subprocess.run([sys.executable, "-c", code], stdout=far, env=env, check=False)
        said = terminal.read(4096)
        os.close(far)
    assert done.returncode == 0
    assert (b"host = \x1b[36m10." in said) is coloured
    assert b"host = " in said
