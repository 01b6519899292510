"""A `confd-lib` that runs in a process of its own until a test ends it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Self

ROOT = Path(__file__).parents[4]
CODE = "import sys; from confd_lib.command.tool.cli import main; sys.exit(main())"


class Running:
    """Start `confd-lib` with these arguments; at the end of the block it is killed if it runs."""

    def __init__(self, *args: object, env: dict[str, str] | None = None, stdout: int = -1) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", CODE, *map(str, args)],
            cwd=ROOT,
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def lines(self, count: int = 1) -> list[str]:
        """Wait for the next lines of stdout."""
        assert self._process.stdout is not None
        return [self._process.stdout.readline().rstrip("\n") for _ in range(count)]

    def said(self) -> str:
        """Wait for the next line of stderr."""
        assert self._process.stderr is not None
        return self._process.stderr.readline().rstrip("\n")

    def ended(self, number: signal.Signals = signal.SIGINT) -> tuple[int, str, str]:
        """Send a signal; return the exit status, and the rest of stdout and stderr."""
        self._process.send_signal(number)
        out, err = self._process.communicate(timeout=30)
        return self._process.returncode, out, err

    def end(self) -> tuple[int, str]:
        """Wait for the end; return the exit status, and the rest of stderr."""
        _, err = self._process.communicate(timeout=30)
        return self._process.returncode, err
