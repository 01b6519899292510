"""docs/tool.md: its examples are run, and it knows each command and its flags."""

from __future__ import annotations

import argparse
import os
import re
import selectors
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from confd_lib.command.tool import cli as tool

from .running import ROOT

PAGE = (ROOT / "docs/tool.md").read_text()
EXAMPLES = re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)
PORT = "8765"


def commands() -> dict[str, argparse.ArgumentParser]:
    """Return the parsers of the commands by name."""
    (found,) = (
        action.choices
        for action in tool._parser()._actions
        if isinstance(action, argparse._SubParsersAction)
    )
    return dict(found)


class Shell:
    """Runs the commands of one example; one of them may go on in the background."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        self._background: subprocess.Popen[bytes] | None = None
        self._read = b""

    def run(self, command: str, count: int) -> list[str]:
        """Run a command; return its output, and as much of the background's as `count` lacks."""
        if command.endswith(" &"):
            self._background = self._start(f"exec {command.removesuffix(' &')}")
            lines = []
        else:
            out = self._start(command).communicate(timeout=60)[0].decode()
            lines = out.splitlines()
        return [*lines, *(self._next_line() for _ in range(count - len(lines)))]

    def end(self) -> int:
        """End what runs in the background, and return its exit status."""
        if self._background is None:
            return 0
        self._background.send_signal(signal.SIGTERM)
        self._background.communicate(timeout=60)
        return self._background.returncode

    def _start(self, command: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            ["sh", "-c", command],
            cwd=self._folder,
            env={**os.environ, "PATH": self._path, "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def _next_line(self) -> str:
        assert self._background is not None, "the page shows more lines than there are"
        assert self._background.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self._background.stdout, selectors.EVENT_READ)
            while b"\n" not in self._read:
                assert selector.select(60), "the page shows more lines than there are"
                data = os.read(self._background.stdout.fileno(), 1 << 16)
                assert data, self._read
                self._read += data
        line, _, self._read = self._read.partition(b"\n")
        return line.decode()


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    made = Shell(tmp_path)
    try:
        yield made
    finally:
        made.end()


def steps(example: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each command of an example with the lines that are shown after it."""
    for part in example.removeprefix("$ ").split("\n$ "):
        command, *lines = part.removesuffix("\n").split("\n")
        yield command, lines


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda text: text.splitlines()[0])
def test_an_example_gives_what_it_shows(shell: Shell, port: int, example: str) -> None:
    for command, shown in steps(example.replace(PORT, str(port))):
        given = shell.run(command, len(shown))
        # Lines of stdout and stderr of a process in the background may change places.
        assert sorted(line.rstrip() for line in given) == sorted(shown)
    assert shell.end() == 0


def test_each_command_has_a_section_with_an_example() -> None:
    for name in commands():
        section = PAGE.split(f"\n## {name}\n", 1)[1].split("\n## ", 1)[0]
        assert re.search(rf"^\$ .*confd-lib {name} ", section, re.MULTILINE), name


def test_the_flags_of_the_page_exist() -> None:
    known = {flag for parser in commands().values() for flag in parser._option_string_actions}
    named = re.findall(r"(?<![\w-])--[a-z][a-z-]*", PAGE)
    assert named
    assert set(named) - known == set()


def test_links_lead_somewhere() -> None:
    for link in re.findall(r"\]\(([^)#]+)", PAGE):
        assert (ROOT / "docs" / link).exists(), link


def test_the_readme_links_the_page() -> None:
    assert "/docs/tool.md)" in (ROOT / "README.md").read_text()
