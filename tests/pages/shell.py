"""The examples of a page that are a walk: each goes on where the one before it ended."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

BLOCK: Final = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
# The commands of this environment.
HERE: Final = {
    **os.environ,
    "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    "PYTEST_ADDOPTS": "-p no:cacheprovider",
}
# The time that pytest took; from a minute on it stands there once more, as 0:01:02.
TIME: Final = re.compile(r" in \d+\.\d+s( \([\d:]+\))?")


@dataclass(frozen=True, slots=True)
class Step:
    """A block that is run, and the text that the page shows behind it."""

    language: str
    source: str
    shown: str


def steps(page: str) -> Iterator[Step]:
    """Yield the blocks of `sh` and `python` in their order, each with the plain block after it."""
    blocks = BLOCK.findall(page)
    for (language, source), (following, text) in zip(
        blocks, [*blocks[1:], ("end", "")], strict=True
    ):
        if language in ("sh", "python"):
            yield Step(language, source, text if not following else "")


def run(step: Step, folder: Path, environment: Mapping[str, str] = HERE) -> str:
    """Run a block in a folder with the commands of an environment; return what it prints."""
    program = ["sh", "-e"] if step.language == "sh" else ["python", "-"]
    done = subprocess.run(
        program,
        input=step.source,
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout
    return TIME.sub("", done.stdout)
