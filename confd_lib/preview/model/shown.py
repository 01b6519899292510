"""Makes the records of a view from a rendering, the findings of lint and an earlier output.

Knows nothing of states, stacks and stores.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from confd_lib import regular
from confd_lib.diffs import unified_diff
from confd_lib.errors import system_reason
from confd_lib.golang.strings import from_bytes
from confd_lib.lint import Finding
from confd_lib.preview.model import masks, records
from confd_lib.preview.model.states import DISK

if TYPE_CHECKING:
    from confd_lib.tracing.traces import Trace

# A file of a configuration is smaller, and a page could not show a larger one.
_MOST_BYTES: Final = 4 << 20
# The names of the two texts, before the first hunk.
_HEADS: Final = 2

ByLine = Mapping[int, tuple[records.Finding, ...]]


def template(
    path: str, text: str, trace: Trace | None, findings: Iterable[Finding]
) -> records.Template:
    """Return a template as it is shown.

    Args:
        path: its file.
        text: its text.
        trace: its rendering; None if it cannot be parsed.
        findings: the findings of lint in it.
    """
    lines = trace.lines if trace else ()
    used = {number for line in lines if line.pieces for number in line.template_lines}
    asked = {read.line for read in (trace.reads if trace else ())}
    found = by_line(findings)
    shown = (
        records.TemplateLine(
            number,
            line,
            "used" if number in used else "asked" if number in asked else "unused",
            found.get(number, ()),
        )
        for number, line in enumerate(text.removesuffix("\n").split("\n"), 1)
    )
    return records.Template(path, tuple(shown))


def by_line(findings: Iterable[Finding]) -> ByLine:
    """Return findings of one file by their lines."""
    found: dict[int, tuple[records.Finding, ...]] = {}
    for one in findings:
        message = f"{one.message}; {one.advice}" if one.advice else one.message
        shown = records.Finding(one.rule, one.column, message, str(one.severity))
        found[one.line] = (*found.get(one.line, ()), shown)
    return found


def output(trace: Trace) -> tuple[records.OutputLine, ...]:
    """Return the lines of the output; the empty text behind the last line feed is left out."""
    return tuple(
        records.OutputLine(
            line.number,
            tuple(records.Piece(piece.text, piece.keys) for piece in line.pieces),
            line.template_lines,
            line.keys,
            line.conditions,
        )
        for line in trace.lines
        if line.pieces
    )


def reads(trace: Trace, hidden: Mapping[str, str]) -> tuple[records.Read, ...]:
    """Return the reads, each once.

    Args:
        trace: the rendering.
        hidden: the keys whose values are hidden.
    """
    shown = (
        records.Read(
            one.line,
            one.function,
            one.argument,
            str(one.outcome),
            one.value,
            one.keys,
            not hidden.keys().isdisjoint(one.keys),
        )
        for one in trace.reads
    )
    return tuple(dict.fromkeys(shown))


def difference_to_last(text: str, last: str | None) -> records.Difference:
    """Return the difference of an output to the one before; None if there was no other."""
    return records.Difference(
        label="the last rendering", lines=tuple(_lines(text if last is None else last, text))
    )


def difference_to_disk(text: str, dest: str, secrets: Iterable[str]) -> records.Difference:
    """Return the difference of an output to the file on the disk.

    Args:
        text: the output.
        dest: the file; empty if the resource has none.
        secrets: the values that are hidden in the output.
    """
    if not dest:
        return records.Difference(DISK, error="the resource has no dest")
    try:
        found = _read(dest)
    except (OSError, ValueError) as error:
        return records.Difference(DISK, dest, error=f"{dest}: {_reason(error)}")
    known = masks.as_masked(masks.without(found, secrets), text)
    return records.Difference(DISK, dest, tuple(_lines(known, text)))


def _read(dest: str) -> str:
    if Path(dest).stat().st_size > _MOST_BYTES:
        raise ValueError(f"it is larger than {_MOST_BYTES >> 20} MiB")
    return from_bytes(regular.read_file(dest))


def _reason(error: OSError | ValueError) -> str:
    return system_reason(error) if isinstance(error, OSError) else str(error)


def _lines(old: str, new: str) -> Iterator[records.DifferenceLine]:
    for number, line in enumerate(unified_diff(old, new, "old", "new")):
        if number >= _HEADS:
            text = line.removesuffix("\n")
            if line[0] in "@\\":
                yield records.DifferenceLine("@", text)
            else:
                yield records.DifferenceLine(line[0], text[1:])
