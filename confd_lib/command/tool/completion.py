"""`confd-lib completion`: its argument and its output.

The module does not know how a script is made.
"""

from __future__ import annotations

import argparse
from typing import Final

from confd_lib.command import stdout
from confd_lib.command.completion import outline
from confd_lib.command.completion.scripts import SHELLS
from gotmpl.command import cli as gotmpl

EXAMPLES: Final = (
    "echo 'source <(confd-lib completion bash)' >> ~/.bashrc",
    'confd-lib completion zsh > "${fpath[1]}/_confd_lib"',
    "confd-lib completion fish > ~/.config/fish/conf.d/confd-lib.fish",
)


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add the argument of the command."""
    parser.add_argument("shell", choices=tuple(SHELLS), metavar="SHELL", help="bash, zsh or fish")


def run(options: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    """Print the script of a shell.

    Args:
        options: the arguments.
        parser: the parser of `confd-lib`, whose flags are completed beside those of the others.

    Returns:
        the exit status.
    """
    commands = (outline.of_confd(), outline.of_parser(parser), outline.of_parser(gotmpl.parser()))
    stdout.write(SHELLS[options.shell](commands))
    return 0
