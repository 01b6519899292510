"""Standard output that takes nothing: one line or none, and an exit status, of each command."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
CONFD = "from confd_lib.command.confd.cli import script; script('confd')"
TOOL = "import sys; from confd_lib.command.tool.cli import main; sys.exit(main())"
GOTMPL = "import sys; from gotmpl.command.cli import main; sys.exit(main())"
VALUES = "examples/galera/rancher-compose.yml"
COMMANDS = {
    "confd -version": (CONFD, ["-version"]),
    "confd-lib --version": (TOOL, ["--version"]),
    "confd-lib render --help": (TOOL, ["render", "--help"]),
    "confd-lib render": (TOOL, ["render", "-", "--values", VALUES]),
    "gotmpl --version": (GOTMPL, ["--version"]),
    "gotmpl --help": (GOTMPL, ["--help"]),
    "gotmpl render": (GOTMPL, ["render", "-"]),
}
FULL = {
    CONFD: "Cannot write stdout: no space left on device\n",
    TOOL: "confd-lib: Cannot write stdout: no space left on device\n",
    GOTMPL: "gotmpl: stdout: no space left on device\n",
}


def run(code: str, args: list[str], redirected: str, stdout: int | None = None) -> tuple[int, str]:
    """Run a command in a shell; return its status and its errors.

    Python buffers the output, and tries to write it once more when it ends.
    """
    done = subprocess.run(
        ["bash", "-c", f'exec "$@" {redirected}', "bash", sys.executable, "-c", code, *args],
        input="text",
        stdout=stdout,
        stderr=subprocess.PIPE,
        env={name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"},
        cwd=ROOT,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_a_full_disk_is_one_line(command: str) -> None:
    code, args = COMMANDS[command]
    assert run(code, args, ">/dev/full") == (1, FULL[code])


@pytest.mark.parametrize("command", COMMANDS)
def test_a_closed_stdout_wants_nothing(command: str) -> None:
    assert run(*COMMANDS[command], ">&-") == (0, "")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_pipe_without_a_reader_needs_no_message(command: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    assert run(*COMMANDS[command], "", writing) == (1, "")
    os.close(writing)


@pytest.mark.parametrize("code", [CONFD, TOOL, GOTMPL])
def test_wrong_flags_have_their_status_with_a_closed_stderr_too(code: str) -> None:
    assert run(code, ["--no-such"], "2>&-") == (2, "")
