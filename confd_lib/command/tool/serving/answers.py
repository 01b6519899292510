"""`confd-lib answers`: the metadata of a stack as the file that rancher-metadata reads.

Knows nothing of the file's format.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from confd_lib.command import stdout
from confd_lib.command.tool import stack

if TYPE_CHECKING:
    import argparse


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags of the command."""
    parser.add_argument(
        "--compose", metavar="DIR", required=True, help="a folder with compose files"
    )
    stack.add_flags(parser)
    stack.add_answers(parser)


def run(options: argparse.Namespace) -> int:
    """Print the answers of the stack, for all its containers, in every version of the metadata.

    Returns:
        the exit status, 0.

    Raises:
        MetadataError: the stack cannot be loaded, or no file can hold its answers.
    """
    stdout.write(stack.load(options).answers().dumps())
    return 0
