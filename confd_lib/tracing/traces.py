"""A trace: the reads of one render, and the origin of each line of its output.

The module does not know how traces are made.
"""

from __future__ import annotations

from dataclasses import dataclass

import gotmpl
from confd_lib.tracing import page, records, terminal
from confd_lib.tracing.records import OutputLine, Read


@dataclass(frozen=True, slots=True)
class Trace:
    """The reads and the output of one render.

    Attributes:
        name: the name of the template.
        source: its text.
        reads: all reads of the store, in order.
        lines: the output.
        error: the error that ended the render early; None if it succeeded.
    """

    name: str
    source: str
    reads: tuple[Read, ...]
    lines: tuple[OutputLine, ...]
    error: gotmpl.ExecError | None = None

    def __str__(self) -> str:
        return terminal.explained(self.lines, self.reads, colour=False)

    @property
    def text(self) -> str:
        """The output as one text."""
        return "\n".join(line.text for line in self.lines)

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys that exist and were read, in the order of their first reads."""
        return records.keys_of(self.reads)

    @property
    def missing(self) -> tuple[Read, ...]:
        """The reads of missing keys, also those with a default."""
        return records.missing(self.reads)

    def html(self) -> str:
        """Return the trace as an HTML page in one file."""
        return page.page(self.name, self.source, self.lines, self.reads, self.error)
