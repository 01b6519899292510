"""Build `main.go` once, and ask it questions."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

SOURCE = Path(__file__).with_name("main.go")
GO = Path(sys.executable).with_name("go")


@cache
def _binary() -> str:
    target = str(Path(tempfile.mkdtemp(prefix="gotmpl-judge-")) / "judge")
    subprocess.run([GO, "build", "-o", target, SOURCE], check=True)
    return target


def ask(questions: Sequence[dict[str, Any]]) -> list[Any]:
    """Return Go's answer to each question."""
    lines = "".join(json.dumps(question) + "\n" for question in questions)
    done = subprocess.run([_binary()], input=lines.encode(), capture_output=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]
