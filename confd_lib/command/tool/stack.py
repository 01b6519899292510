"""The stack that flags of `confd-lib` describe: its compose files, variables, scales and name.

Knows nothing of what is done with it.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Final

from metadata_client import compose

if TYPE_CHECKING:
    from collections.abc import Mapping

    from metadata_client import Stack

_RANCHER: Final = "rancher"


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags `--scale`, `--env`, `--project-name` and `--dialect`."""
    parser.add_argument(
        "--scale",
        type=scale_of,
        action="append",
        default=[],
        metavar="SERVICE=N",
        help="number of containers of a service, instead of the one in its file (repeatable)",
    )
    parser.add_argument(
        "--env",
        type=_pair,
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="value of $NAME in the compose files (repeatable)",
    )
    parser.add_argument(
        "--project-name",
        metavar="NAME",
        help="name of the stack, as the flag of rancher-compose (default: that of the folder)",
    )
    parser.add_argument(
        "--dialect",
        choices=(_RANCHER, "compose-spec"),
        help=f"the kind of the compose files: {_RANCHER} (the default), or compose-spec, for those "
        "that today's Docker Compose reads",
    )


def add_answers(parser: argparse.ArgumentParser) -> None:
    """Add the flag `--answers`, for stacks that are entries of catalogs."""
    parser.add_argument(
        "--answers",
        dest="entry_answers",
        metavar="FILE",
        help="answers to the questions of a catalog's entry: lines VARIABLE=ANSWER; or a map, in "
        "a file .yml or .json",
    )


def load(
    options: argparse.Namespace, *, scaled: bool = True, answers: Mapping[str, str] | None = None
) -> Stack:
    """Return the stack of the flags.

    Args:
        options: the flags.
        scaled: whether the scales are those of the flags; else they are those of the files.
        answers: answers that count instead of those in the file that the flags name.

    Raises:
        ComposeError: rancher-compose would not accept the files, or a scale is of no service.
    """
    return compose.load(
        options.compose,
        env=dict(options.env),
        scale=dict(options.scale) if scaled else {},
        name=options.project_name,
        answers=answers_of(options, answers),
        dialect=options.dialect or _RANCHER,
    )


def answers_of(
    options: argparse.Namespace, answers: Mapping[str, str] | None = None
) -> dict[str, object] | None:
    """Return the answers to the questions of an entry; None if none are given.

    Args:
        options: as for `load`.
        answers: as for `load`.

    Raises:
        ComposeError: the file of the flags cannot be read.
    """
    file = getattr(options, "entry_answers", None)
    if not file and not answers:
        return None
    return {**(compose.read_answers(file) if file else {}), **(answers or {})}


def scale_of(text: str) -> tuple[str, int]:
    """Return a service and its scale; the argument is wrong if it is not `SERVICE=N`.

    >>> scale_of("galera=5")
    ('galera', 5)
    """
    name, value = _pair(text)
    if not value.isascii() or not value.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is not SERVICE=N")
    return name, int(value)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value
