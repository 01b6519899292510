"""`confd-lib render` with colours, a trace or a page.

The module does not know where values come from.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import gotmpl
from confd_lib.command import stdout
from confd_lib.errors import DestinationError, system_reason
from confd_lib.funcs import functions, sprig
from confd_lib.run import advice
from confd_lib.tracing import terminal
from confd_lib.tracing.tracer import trace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from confd_lib.command.tool.targets import Target
    from confd_lib.tracing.traces import Trace


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags `--trace` and `--html`."""
    parser.add_argument(
        "--trace", action="store_true", help="name the keys that each line comes from"
    )
    parser.add_argument("--html", metavar="FILE", help="write the trace as an HTML page")


def is_wanted(options: argparse.Namespace) -> bool:
    """Return whether the flags ask for a trace, or standard output shows colours."""
    return bool(options.trace or options.html or terminal.wants_colour(sys.stdout))


def show(options: argparse.Namespace, target: Target) -> None:
    """Render the template and print the output; after an error, the output before it.

    Args:
        options: the flags: `compat`, and those that `add_flags` adds.
        target: the template, and what it reads.

    Raises:
        DestinationError: the page cannot be written.
        gotmpl.TemplateError: the template cannot be parsed or rendered.
    """
    made = _traced(options, target)
    _print(made, explain=options.trace)
    if made.error is not None:
        raise made.error


def text(options: argparse.Namespace, target: Target) -> str:
    """Return what `show` prints, without colours; the arguments and the errors are the same."""
    made = _traced(options, target)
    if made.error is not None:
        raise made.error
    if options.trace:
        return terminal.explained(made.lines, made.reads, colour=False) + "\n"
    return made.text


def _traced(options: argparse.Namespace, target: Target) -> Trace:
    made = trace(
        target.source.text,
        target.store,
        name=target.source.name,
        compat=options.compat,
        funcs=sprig.chosen(options.functions),
        data=target.data,
        delims=target.delims,
        parts=target.parts,
    )
    if options.html:
        _write_page(made, options.html)
    return made


@contextlib.contextmanager
def explained(options: argparse.Namespace, target: Target) -> Iterator[None]:
    """Explain an error of the template in a note of it.

    Args:
        options: as for `show`.
        target: as for `show`.
    """
    try:
        yield
    except gotmpl.TemplateError as error:
        known = functions(target.store, options.compat, sprig.chosen(options.functions))
        with contextlib.suppress(Exception):  # a fault in the explanation must not hide the error
            source = target.source
            rendered = advice.Rendered(
                source.name, source.text, source.path, target.data, target.parts
            )
            found = advice.failure(error, rendered, known, target.whole, target.resource)
            stranger = options.compose and not options.container
            hint = advice.of_a_stranger(error, "--as CONTAINER") if stranger else ""
            error.add_note("\n".join(found.with_hints(hint).lines()))
        raise


def _write_page(made: Trace, file: str) -> None:
    try:
        Path(file).write_text(made.html(), "utf-8", "replace")
    except OSError as error:
        raise DestinationError(file, system_reason(error)) from error


def _print(made: Trace, *, explain: bool) -> None:
    colour = terminal.wants_colour(sys.stdout)
    if explain:
        stdout.write(terminal.explained(made.lines, made.reads, colour=colour) + "\n")
    elif colour:
        stdout.write(terminal.coloured(made.lines))
    else:
        stdout.show(made.text)
