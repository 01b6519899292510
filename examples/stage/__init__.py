"""Demonstrations with real programs: start them, wait for them, show a table, stop them all.

    play ─▶ Stage ─┬─▶ Processes   programs, stopped in reverse order however the story ends
                   ├─▶ Board       lines with times, above a table that is redrawn on a terminal
                   └─▶ Signals     SIGINT, SIGTERM and SIGHUP end the story at its next wait

A demonstration is a function that takes a `Stage`; `play` calls it and returns the exit status.
Knows no program and no stack by name.
"""

from __future__ import annotations

from .board import Board
from .failure import Failure, Interrupted
from .ports import require_free
from .processes import Process, Processes
from .programs import find, require, search_path
from .sidekick import Sidekick, confd
from .stage import Stage, play

__all__ = [
    "Board",
    "Failure",
    "Interrupted",
    "Process",
    "Processes",
    "Sidekick",
    "Stage",
    "confd",
    "find",
    "play",
    "require",
    "require_free",
    "search_path",
]
