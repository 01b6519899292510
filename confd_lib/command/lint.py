"""`confd-lib lint`: its flags and its output.

The module does not know the rules, nor how findings are formatted.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

from confd_lib.backends.simulated import View
from confd_lib.command import stdout
from confd_lib.lint.findings import Severity
from confd_lib.lint.linting import lint
from confd_lib.lint.report import FORMATS
from confd_lib.lint.targets import TARGETS

if TYPE_CHECKING:
    from confd_lib.store.store import Store
    from metadata_client import Stack

Load = Callable[[argparse.Namespace], "Stack"]


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags of the command, except those that describe a stack."""
    parser.add_argument(
        "confdir",
        nargs="?",
        default=".",
        help="the folder that holds conf.d and templates (default: .)",
    )
    parser.add_argument(
        "--for",
        dest="target",
        choices=tuple(TARGETS),
        default="0.16",
        help="the confd that runs the templates, and the Go it was built with (default 0.16)",
    )
    parser.add_argument(
        "--compose", metavar="DIR", help="check keys against the stack of these compose files"
    )
    parser.add_argument(
        "--as",
        dest="container",
        metavar="CONTAINER",
        help="check keys as this container (default: any of the stack)",
    )
    parser.add_argument(
        "--metadata-version", metavar="VERSION", help="version of the metadata, such as 2015-07-25"
    )
    parser.add_argument(
        "--format", choices=tuple(FORMATS), default="text", help="output format (default text)"
    )


def run(options: argparse.Namespace, load: Load) -> int:
    """Lint a confd folder and print the findings.

    Args:
        options: the flags.
        load: loads the stack that the flags describe.

    Returns:
        the exit status: 1 if there are errors, else 0.
    """
    stores = _stores(options, load(options)) if options.compose else []
    found = lint(options.confdir, target=options.target, stores=stores)
    stdout.write(FORMATS[options.format](found))
    stdout.write("\n" if found or options.format != "github" else "")
    return int(any(one.severity is Severity.ERROR for one in found))


def _stores(options: argparse.Namespace, stack: Stack) -> list[Store]:
    containers = [stack.container(options.container)] if options.container else stack.containers()
    version = options.metadata_version or "latest"
    return [View(stack, one, version).store() for one in containers if one.address]
