"""Walks a page from top to bottom in an empty folder, as a reader would.

A block after a paragraph that ends in "`NAME`:" is written to that file, a block of `sh` is run,
and a block of `output` is what the commands before it printed.
`python -m tests.packaging.walk README.md FOLDER` does so with the commands on PATH.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, Literal, NamedTuple

BLOCK: Final = re.compile(
    r"(?P<before>[^\n]*)\n\n```(?P<language>\w*)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE
)
FILE: Final = re.compile(r"`([\w./-]+)`:$")


class Step(NamedTuple):
    """One block of a page, and what a reader does with it."""

    kind: Literal["file", "run", "output"]
    text: str
    name: str = ""


class Lost(Exception):
    """A reader who follows the page gets something else than it shows, or nothing."""


def steps(page: str) -> Iterator[Step]:
    """Yield the steps of a page.

    Raises:
        Lost: a block is neither a file, nor run, nor output.

    >>> [*steps("Values, `a.yaml`:\\n\\n```yaml\\na: 1\\n```\\n\\n```sh\\nls\\n```\\n")]
    [Step(kind='file', text='a: 1\\n', name='a.yaml'), Step(kind='run', text='ls\\n', name='')]
    """
    for block in BLOCK.finditer(page):
        file = FILE.search(block["before"])
        if file:
            yield Step("file", block["text"], file[1])
        elif block["language"] == "sh":
            yield Step("run", block["text"])
        elif block["language"] == "output":
            yield Step("output", block["text"])
        else:
            raise Lost(f"nothing says what to do with this block:\n{block['text']}")


def walk(page: str, folder: Path, variables: Mapping[str, str]) -> list[Step]:
    """Follow a page in a folder, and return the steps that were made.

    Args:
        page: the text of the page.
        folder: an empty folder.
        variables: the environment of the commands.

    Raises:
        Lost: a command fails, or prints something else than the page shows.
    """
    printed, made = "", []
    for step in steps(page):
        made.append(step)
        if step.kind == "file":
            path = folder / step.name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(step.text)
        elif step.kind == "run":
            printed = _run(step.text, folder, variables)
        elif printed != step.text:
            raise Lost(f"the page shows\n{step.text}\nbut this is printed:\n{printed}")
    return made


def _run(script: str, folder: Path, variables: Mapping[str, str]) -> str:
    """Run a script by sh, and return what it wrote to standard output."""
    done = subprocess.run(
        ["sh", "-eu", "-c", script],
        cwd=folder,
        env=variables,
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise Lost(f"status {done.returncode} of\n{script}\n{done.stdout}{done.stderr}")
    return done.stdout


def main(page: str, folder: str) -> None:
    """Walk a page with the commands on PATH, and print its commands."""
    for step in walk(Path(page).read_text("utf-8"), Path(folder), os.environ):
        if step.kind == "run":
            sys.stdout.write(step.text)


if __name__ == "__main__":
    main(*sys.argv[1:])
