"""The template of `confd-lib render`: a file, or the text of standard input; and its flags.

Knows nothing of values, nor of how templates are rendered.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from confd_lib.compat import FUNCTION_SETS, VERSIONS
from confd_lib.confdir import templates
from confd_lib.errors import TemplateFileError, system_reason
from confd_lib.golang.strings import from_bytes

if TYPE_CHECKING:
    import argparse

STDIN: Final = "-"


@dataclass(frozen=True, slots=True)
class Source:
    """A template.

    Attributes:
        name: the name that errors give it.
        text: its text.
        path: its file; `-` for standard input.
    """

    name: str
    text: str
    path: str


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add the argument `TEMPLATE`, `--name` and `--each`."""
    parser.add_argument(
        "template",
        metavar="TEMPLATE",
        help="the template: a file, or - for standard input; or a resource, a TOML file below a "
        "folder conf.d",
    )
    parser.add_argument(
        "--name",
        help="the name of the template in errors (default: that of the file; stdin for -)",
    )
    parser.add_argument(
        "--each",
        metavar="NAME",
        help="the value of . in the template; of a resource with each, the one name to render "
        "(default: all of them)",
    )


def add_rules(parser: argparse.ArgumentParser) -> None:
    """Add the flags `--compat` and `--functions`, by which templates are rendered."""
    parser.add_argument(
        "--compat",
        choices=VERSIONS,
        default="",
        help="follow that confd to the letter (default: 0.16, with an ls that lists the root)",
    )
    add_functions(parser)


def add_functions(parser: argparse.ArgumentParser) -> None:
    """Add the flag `--functions`."""
    parser.add_argument(
        "--functions",
        choices=FUNCTION_SETS,
        default="",
        help="functions beside confd's: those of sprig as sprig_NAME, and bare if confd has none",
    )


def read(options: argparse.Namespace) -> Source:
    """Read the template that the arguments name.

    Raises:
        TemplateFileError: it cannot be read.
    """
    if options.template == STDIN:
        return Source(options.name or "stdin", _stdin(), STDIN)
    return of_file(Path(options.template), options.name)


def of_file(path: Path, name: str | None = None) -> Source:
    """Read a template from its file.

    Args:
        path: the file.
        name: the name that errors give it; None for that of the file.

    Raises:
        TemplateFileError: the file cannot be read.
    """
    return Source(name or path.name, templates.read_text(path), str(path))


def _stdin() -> str:
    if sys.stdin is None:
        raise TemplateFileError(STDIN, "standard input is closed")
    try:
        return from_bytes(sys.stdin.buffer.read())
    except OSError as error:
        raise TemplateFileError(STDIN, f"standard input: {system_reason(error)}") from error
