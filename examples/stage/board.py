"""The progress of a story: lines with times and, on a terminal, a table that is redrawn below them.

Elsewhere each change of a cell is a line. Knows nothing of what the cells mean.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final, TextIO

from . import table
from .failure import Failure

_UP_AND_CLEAR: Final = "\r\x1b[{}A\x1b[J"


class Board:
    """Prints the progress of a story.

    Args:
        columns: the columns of the table; the first holds the names of the rows.
        out: where it is printed.
        clock: the seconds since some moment.
    """

    def __init__(
        self,
        columns: Sequence[str],
        out: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._columns = columns
        self._out = sys.stdout if out is None else out
        self._clock = clock
        self._begin = clock()
        self._rows: dict[str, dict[str, str]] = {}
        self._doing = ""
        self._drawn = 0
        self._gone = False
        self.live: Final = self._out.isatty() and os.environ.get("TERM") != "dumb"

    @property
    def elapsed(self) -> float:
        """The seconds since the board was made."""
        return self._clock() - self._begin

    def say(self, text: str) -> None:
        """Print a line with the time."""
        self._print(f"{self.elapsed:6.1f} s  {text}\n")

    def show(self, row: str, cells: Mapping[str, object]) -> None:
        """Set cells of a row, which is made if there is no such row."""
        known = self._rows.setdefault(row, {})
        new = {name: str(cell) for name, cell in cells.items() if known.get(name) != str(cell)}
        known.update(new)
        if self.live:
            self.refresh()
        elif filled := [f"{name} {cell}" for name, cell in new.items() if cell]:
            self.say(f"{row}: {', '.join(filled)}")

    def drop(self, row: str) -> None:
        """Remove a row."""
        self._rows.pop(row, None)
        self.refresh()

    def waiting(self, what: str) -> None:
        """Show on a terminal what the story waits for; an empty text takes it away."""
        self._doing = what
        self.refresh()

    def refresh(self) -> None:
        """Redraw the table on a terminal."""
        self._print("")

    def close(self) -> None:
        """Leave the table as it is; a line that is printed now stands below it."""
        self._doing = ""
        self._print("")
        self._write("\n" if self._drawn else "")
        self._drawn = 0
        self._rows = {}

    def _print(self, text: str) -> None:
        block = self._block() if self.live else []
        erase = _UP_AND_CLEAR.format(self._drawn) if self._drawn else ""
        self._drawn = len(block)
        self._write(erase + text + "".join(f"{line}\n" for line in block))

    def _block(self) -> list[str]:
        """Return the lines that are redrawn; each fits the terminal, so that each is one line."""
        size = shutil.get_terminal_size()
        lines = ["", *table.lines(self._columns, self._rows)] if self._rows else []
        if self._doing:
            lines += ["", f"{self.elapsed:6.1f} s  waiting {self._doing}"]
        return [line[: size.columns - 1] for line in lines[: size.lines - 1]]

    def _write(self, text: str) -> None:
        if self._gone or not text:
            return
        try:
            self._out.write(text)
            self._out.flush()
        except OSError as error:
            self._gone = True
            reason = os.strerror(error.errno or 0).lower()
            raise Failure(f"standard output cannot be written: {reason}") from error
