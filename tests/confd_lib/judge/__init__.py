"""Go as the judge of paths, patterns, sorting, JSON, times and texts: builds it, and asks."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any, Self

from confd_lib.golang.strings import from_bytes, to_bytes

SOURCE = Path(__file__).parent / "main.go"
GO = Path(sys.executable).parent / "go"


def build() -> Path:
    """Return the program, compiled unless this very source has been before."""
    cache = Path(tempfile.gettempdir()) / f"confd-judge-{os.getuid()}"
    program = cache / hashlib.sha256(SOURCE.read_bytes()).hexdigest()[:20]
    if not program.exists():
        cache.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as folder:
            made = Path(folder) / "judge"
            environment = {"HOME": folder, **os.environ, "GO111MODULE": "off"}
            subprocess.run([GO, "build", "-o", made, SOURCE], check=True, env=environment)
            made.replace(program)
    return program


class Judge:
    """The running program."""

    def __init__(self, zone: str = "UTC") -> None:
        self._process = subprocess.Popen(
            [build()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "TZ": zone},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def ask(self, operation: str, *arguments: object) -> list[Any]:
        """Return what Go answers; text in it is base64, which `text` reads."""
        wire_in, wire_out = self._process.stdin, self._process.stdout
        assert wire_in is not None
        assert wire_out is not None
        wire_in.write(json.dumps([operation, *map(_sent, arguments)]).encode() + b"\n")
        wire_in.flush()
        answer: list[Any] = json.loads(wire_out.readline())
        return answer


def text(answer: str) -> str:
    """Return the text of an answer."""
    return from_bytes(b64decode(answer))


def _sent(argument: object) -> object:
    return b64encode(to_bytes(argument)).decode() if isinstance(argument, str) else argument
