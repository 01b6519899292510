"""The resource in hand: marked on the disk, for the run after one that was killed in a render.

A template that eats all memory gets its process killed, and would get the next one killed too,
before any other file is written. So the destination of a render that takes a while is marked until
that is over, and a run that finds a mark renders that resource last. Knows nothing of templates.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from confd_lib.destination.markers import IN_HAND

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

# A render that takes so long is marked.
_MARKED_AFTER_S: Final = 0.1


@dataclass(slots=True)
class _Render:
    """A render that is not over."""

    dest: Path
    marked: bool = False


class InHand:
    """Marks the render that is in hand, from a thread of its own.

    Args:
        marks: whether anything is marked; a run that changes nothing marks nothing.
        on_step: is called with the name of each step that begins.

    Attributes:
        at: names the step in hand; empty between two passes.
    """

    def __init__(
        self, *, marks: bool = True, on_step: Callable[[str], None] = lambda _: None
    ) -> None:
        self.at = ""
        self._marks = marks
        self._on_step = on_step
        self._lock = threading.Lock()
        self._render: _Render | None = None

    def begin(self, step: str) -> None:
        """Begin a step.

        Args:
            step: its name; empty at the end of a pass.
        """
        self.at = step
        self._on_step(step)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Mark each render that takes a while, for as long as the block lasts."""
        if not self._marks:
            yield
            return
        over = threading.Event()
        thread = threading.Thread(
            target=self._watch, args=(over,), name="confd-inhand", daemon=True
        )
        with suppress(RuntimeError):  # no thread can be had, so nothing is marked
            thread.start()
        try:
            yield
        finally:
            over.set()

    @contextmanager
    def rendering(self, dest: Path, *, at_once: bool) -> Iterator[None]:
        """Have the render within the block marked if it takes a while.

        Args:
            dest: the destination that is rendered.
            at_once: whether to mark it at once.
        """
        render = _Render(dest)
        if at_once and self._marks:
            _mark(render)
        self._render = render
        try:
            yield
        finally:
            with self._lock:
                self._render = None
                if render.marked:
                    IN_HAND.remove(dest)

    def _watch(self, over: threading.Event) -> None:
        before: _Render | None = None
        while not over.wait(_MARKED_AFTER_S):
            with self._lock:
                if self._render is not None and self._render is before and not before.marked:
                    _mark(before)
                before = self._render


def was_in_hand(dest: Path) -> bool:
    """Return whether a run was killed while it rendered the file of a destination."""
    return IN_HAND.is_made(dest)


def _mark(render: _Render) -> None:
    render.marked = IN_HAND.make(render.dest)
