"""The template of `confd-lib render`: a file, or the text of standard input.

Knows nothing of values, nor of how templates are rendered.
"""

from __future__ import annotations

import difflib
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from confd_lib.confdir import templates
from confd_lib.errors import TemplateFileError, system_reason
from confd_lib.golang.strings import from_bytes

if TYPE_CHECKING:
    import argparse

STDIN: Final = "-"


@dataclass(frozen=True, slots=True)
class Source:
    """The text of a template, and the name that errors give it."""

    name: str
    text: str


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add the argument `TEMPLATE`, and `--name`."""
    parser.add_argument("template", help="the template: a file, or - for standard input")
    parser.add_argument(
        "--name",
        help="the name of the template in errors (default: that of the file; stdin for -)",
    )


def read(options: argparse.Namespace) -> Source:
    """Read the template that the arguments name.

    Raises:
        TemplateFileError: it cannot be read; of a missing file, the nearest one is named.
    """
    if options.template == STDIN:
        return Source(options.name or "stdin", _stdin())
    path = Path(options.template)
    try:
        return Source(options.name or path.name, templates.read_text(path))
    except TemplateFileError as error:
        if error.reason or not (near := _near(path)):
            raise
        raise TemplateFileError(f"{path}; the nearest is {near}") from error


def _stdin() -> str:
    if sys.stdin is None:
        raise TemplateFileError(STDIN, "standard input is closed")
    try:
        return from_bytes(sys.stdin.buffer.read())
    except OSError as error:
        raise TemplateFileError(STDIN, f"standard input: {system_reason(error)}") from error


def _near(path: Path) -> Path | None:
    """Return the file whose name is most like that of a missing one, in the same folder."""
    try:
        names = [file.name for file in path.parent.iterdir() if file.is_file()]
    except OSError:
        return None
    close = difflib.get_close_matches(path.name, names, 1)
    return path.with_name(close[0]) if close else None
