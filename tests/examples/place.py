"""Shared by tests of demonstrations: the command of one, and the processes that it left."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import pytest

from examples.stage import Failure, require

ROOT: Final = Path(__file__).parents[2]
MARK: Final = "DEMO_OF_TEST"


def needs(packages: Mapping[str, str]) -> pytest.MarkDecorator:
    """Return the mark that skips a test without the programs of a demonstration."""
    missing = ""
    try:
        require(packages)
    except Failure as failure:
        missing = str(failure)
    return pytest.mark.skipif(bool(missing), reason=missing)


@dataclass(frozen=True, slots=True)
class Place:
    """A folder for the files of a demonstration, and a mark of its processes.

    Attributes:
        module: the demonstration.
        folder: its temporary folders are made here; the account of the servers can enter it.
        mark: the value of a variable of all its processes.
    """

    module: str
    folder: Path
    mark: str

    @classmethod
    @contextlib.contextmanager
    def made(cls, module: str) -> Iterator[Self]:
        """Make a place of a demonstration for as long as the block lasts."""
        # The folders of pytest are closed to the account of the servers.
        with tempfile.TemporaryDirectory(prefix="demo-") as folder:
            Path(folder).chmod(0o755)
            yield cls(module, Path(folder), uuid.uuid4().hex)

    @property
    def environment(self) -> Mapping[str, str]:
        return {MARK: self.mark, "TMPDIR": str(self.folder)}

    def processes(self) -> list[str]:
        """Return the commands of the processes with the mark that run, on Linux."""
        return [*map(str, _marked(f"{MARK}={self.mark}".encode()))]

    def left(self) -> list[str]:
        """Return all that a demonstration left: processes, files."""
        return [*self.processes(), *(path.name for path in self.folder.iterdir())]

    @contextlib.contextmanager
    def demo(self, *arguments: str, path: str | None = None) -> Iterator[subprocess.Popen[str]]:
        """Run the demonstration in a process group of its own; end it at the end of the block.

        Args:
            arguments: its flags.
            path: where it finds programs, instead of PATH.
        """
        with subprocess.Popen(
            [sys.executable, "-X", "dev", "-m", self.module, *arguments],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **self.environment, **({"PATH": path} if path else {})},
            process_group=0,
        ) as process:
            try:
                yield process
            finally:
                process.terminate()

    def ended(self, *arguments: str, path: str | None = None) -> tuple[int, str]:
        """Run the demonstration to its end; return its status and what it wrote to stderr.

        The arguments are those of `demo`.
        """
        with self.demo(*arguments, path=path) as process:
            _, err = process.communicate(timeout=120)
        return process.returncode, err

    def interrupted(self, number: int, words: str, *arguments: str) -> tuple[int, str]:
        """Send a signal to the demonstration when it has printed some words; return as `ended`.

        Args:
            number: the signal.
            words: what it prints before.
            arguments: its flags.
        """
        with self.demo(*arguments) as process:
            assert process.stdout
            next(line for line in process.stdout if words in line)
            # As a terminal does: to all processes of the group.
            os.killpg(process.pid, number)
            _, err = process.communicate(timeout=120)
        return process.returncode, err


def _marked(mark: bytes) -> Iterator[bytes]:
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has ended, or is another user's
            if mark in (process / "environ").read_bytes().split(b"\0"):
                yield (process / "cmdline").read_bytes().replace(b"\0", b" ")
