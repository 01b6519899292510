"""`confd-lib lint`: its flags and its output.

The module does not know the rules, nor how findings are formatted.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from confd_lib import escapes
from confd_lib.backends.simulated import View
from confd_lib.command import stdout
from confd_lib.command.settings import stores
from confd_lib.command.tool import lint_confdtoml, template
from confd_lib.diffs import unified_diff
from confd_lib.errors import ConfigError
from confd_lib.golang.strings import to_bytes
from confd_lib.lint.catalogs import rules as catalogs
from confd_lib.lint.fixes import changes
from confd_lib.lint.linting import RULES, lint
from confd_lib.lint.report import FORMATS, rules_as_text
from confd_lib.lint.targets import TARGETS

if TYPE_CHECKING:
    from confd_lib.lint.findings import Finding
    from metadata_client import Stack

Load = Callable[[argparse.Namespace], "Stack"]


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags of the command, except those that describe a stack."""
    parser.add_argument(
        "paths",
        nargs="*",
        metavar="PATH",
        help="a folder that holds conf.d and templates, or a file of one, of which the findings in "
        "this file are shown; another file is a template (default: . unless --catalog is given)",
    )
    parser.add_argument(
        "--catalog",
        metavar="DIR",
        help="check the entries of a Rancher catalog: a checkout, a folder of entries, or an entry",
    )
    parser.add_argument(
        "--for",
        dest="target",
        choices=tuple(TARGETS),
        default="0.16",
        help="the confd that runs the templates, and the Go it was built with (default 0.16)",
    )
    parser.add_argument(
        "--backend",
        default="",
        choices=stores.NAMES,
        metavar="NAME",
        help="the backend that the resources read (default: one whose keys are paths; env if the "
        "keys of a resource look like names of variables)",
    )
    template.add_functions(parser)
    parser.add_argument(
        "--compose",
        metavar="DIR",
        help="check keys against the stack of these compose files, and render as its containers",
    )
    parser.add_argument(
        "--as",
        dest="container",
        metavar="CONTAINER",
        help="check as this container (default: as each; what fits one of them is right)",
    )
    parser.add_argument(
        "--metadata-version", metavar="VERSION", help="version of the metadata, such as 2015-07-25"
    )
    parser.add_argument(
        "--diff", action="store_true", help="show as a diff what --fix would change"
    )
    parser.add_argument(
        "--fix",
        action="store_true",
        help="show as a diff what needs no decision (modes, missing keys, misspelt settings, lines "
        "that stand twice), and change it",
    )
    parser.add_argument(
        "--rules",
        action="store_true",
        help="list all rules, each with an example of wrong and right, and check nothing",
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
        the exit status: 1 if there are findings, of those that are left after fixes; else 0.

    Raises:
        ConfigError: flags do not fit together.
    """
    if options.rules:
        rules = (*RULES.values(), *lint_confdtoml.RULES, *catalogs.RULES)
        stdout.write(f"{rules_as_text(rules)}\n")
        return 0
    if (options.fix or options.diff) and options.format != "text":
        raise ConfigError("--fix and --diff print text: not allowed with --format")
    views = _views(options, load(options)) if options.compose else []
    found = _lint(options, views)
    if options.fix or options.diff:
        found = _fix(options, found, views)
    stdout.write(FORMATS[options.format](found))
    stdout.write("\n" if found or options.format != "github" else "")
    return int(bool(found))


def _lint(options: argparse.Namespace, views: Sequence[View]) -> list[Finding]:
    of_catalog = catalogs.lint_catalog(options.catalog) if options.catalog else []
    if options.catalog and not options.paths:
        return of_catalog
    found = lint(
        *(options.paths or ["."]),
        target=options.target,
        stores=views,
        backend=options.backend,
        functions=options.functions,
        rules=lint_confdtoml.RULES,
    )
    return [*of_catalog, *found]


def _fix(options: argparse.Namespace, found: list[Finding], views: Sequence[View]) -> list[Finding]:
    """Print what fixes change, make the changes if wanted, and return the findings after that."""
    changed = changes(one.fix for one in found if one.fix)
    for change in changed:
        lines = unified_diff(change.before, change.after, change.path, change.path)
        stdout.write("".join(escapes.lines(line) for line in lines))
    if not options.fix:
        return found
    for change in changed:
        Path(change.path).write_bytes(to_bytes(change.after))
    return _lint(options, views) if changed else found


def _views(options: argparse.Namespace, stack: Stack) -> list[View]:
    containers = [stack.container(options.container)] if options.container else stack.containers()
    version = options.metadata_version or "latest"
    views = [View(stack, one, version) for one in containers if one.address]
    for view in views:
        view.store()  # a version that does not exist is wrong use, whatever the templates read
    return views
