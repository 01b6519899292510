"""The resource in hand: a note on the disk, for the run after one that was killed in a render.

A template that eats all memory gets its process killed, and would get the next one killed too,
before any other file is written. So a render that takes a while leaves the empty file
`.<base>.inhand.confd` beside its destination until it is over, and a run that finds one renders
that resource last. Knows nothing of templates.
"""

from __future__ import annotations

import os
import stat
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Seconds after which a render leaves its note.
_SOON: Final = 0.1
_CREATE: Final = os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
# A name may have 255 bytes; what ours adds to the destination's is less than 55.
_BASE_BYTES: Final = 200


@dataclass(slots=True)
class _Render:
    """A render that is not over."""

    note: Path
    noted: bool = False


class InHand:
    """Notes which render is in hand, from a thread of its own.

    Attributes:
        at: what the pass is at, in words; empty between two passes.
    """

    def __init__(self) -> None:
        self.at = ""
        self._lock = threading.Lock()
        self._render: _Render | None = None

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Note each render that takes a while, for as long as the block lasts."""
        over = threading.Event()
        thread = threading.Thread(
            target=self._watch, args=(over,), name="confd-inhand", daemon=True
        )
        with suppress(RuntimeError):  # no thread can be had, so nothing is noted
            thread.start()
        try:
            yield
        finally:
            over.set()

    @contextmanager
    def rendering(self, dest: Path, *, noted: bool) -> Iterator[None]:
        """Say that the block renders the file of a destination.

        Args:
            dest: the destination.
            noted: whether to leave the note at once.
        """
        render = _Render(_note_of(dest))
        if noted:
            _leave(render)
        self._render = render
        try:
            yield
        finally:
            with self._lock:
                self._render = None
                if render.noted:
                    remove_note(dest)

    def _watch(self, over: threading.Event) -> None:
        before: _Render | None = None
        while not over.wait(_SOON):
            with self._lock:
                if self._render is not None and self._render is before and not before.noted:
                    _leave(before)
                before = self._render


def was_in_hand(dest: Path) -> bool:
    """Whether a run of ours was killed while it rendered the file of a destination."""
    try:
        info = _note_of(dest).lstat()
    except (OSError, ValueError):
        return False
    return stat.S_ISREG(info.st_mode) and info.st_uid == os.geteuid()


def remove_note(dest: Path) -> None:
    """Remove the note beside a destination, if there is one."""
    with suppress(OSError, ValueError):
        _note_of(dest).unlink()


def _note_of(dest: Path) -> Path:
    stem = os.fsdecode(os.fsencode(dest.name)[:_BASE_BYTES])
    return dest.with_name(f".{stem}.inhand.confd")


def _leave(render: _Render) -> None:
    """Make the note; where a folder takes none, a kill is not remembered."""
    with suppress(OSError, ValueError):
        os.close(os.open(render.note, _CREATE, 0o600))
        render.noted = True
