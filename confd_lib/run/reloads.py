"""Reloads: each command runs once a pass, after the last of its files, until it succeeds.

Knows nothing of why a file changed. Reloads that are owed are kept from one pass to the next, and
by markers from one run to the next.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from confd_lib.destination import commands
from confd_lib.destination.markers import RELOAD
from confd_lib.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    OnReload = Callable[[tuple[str, ...], bool], None]


@dataclass(frozen=True, slots=True)
class Reload:
    """A command to run once a file has changed.

    Attributes:
        dest: the file.
        command: the text that the shell is given; empty for none.
        timeout: seconds that it may take; 0 for any time.
    """

    dest: Path
    command: str = ""
    timeout: float = 0


class Reloads:
    """The reloads that are owed, over all passes of a run.

    Args:
        on_reload: is called with the resources of each reload that has ended, and whether it
            failed.

    >>> from pathlib import Path
    >>> reloads = Reloads()
    >>> wanted = {name: Reload(Path("/nowhere", name), "false") for name in ("a", "b")}
    >>> reloads.begin(wanted)
    >>> reloads.begin_round(wanted)
    >>> reloads.owe("a")  # its file is about to change
    >>> reloads.changed("a")  # it has
    >>> reloads.done_with("a"), reloads.done_with("b")
    (None, None)
    >>> {path: error.outcome for path, error in reloads.failed.items()}
    {'a': 'exit status 1'}
    """

    def __init__(self, on_reload: OnReload = lambda *_: None) -> None:
        self._on_reload = on_reload
        self._wanted: Mapping[str, Reload] = {}
        self._last: dict[str, str] = {}
        self._owed: dict[str, Reload] = {}
        self._known: set[Path] = set()
        self._marked: set[str] = set()
        self._tried: set[str] = set()
        self.failed: dict[str, CommandError] = {}

    def begin(self, wanted: Mapping[str, Reload]) -> None:
        """Begin a pass; forget what resources are owed whose files are gone.

        Args:
            wanted: the reload of each usable resource; empty where no reload is to run.
        """
        self._wanted = wanted
        self._tried = set()
        self.failed = {}
        for path in [path for path in self._owed if path not in wanted and _is_gone(path)]:
            self._settle(path)
        for path, reload in wanted.items():
            self._renew(path, reload)

    def begin_round(self, paths: Iterable[str]) -> None:
        """Begin a round of the pass.

        Args:
            paths: its resources, in their order.
        """
        wanted = {path: self._wanted[path] for path in paths if path in self._wanted}
        self._last = {reload.command: path for path, reload in wanted.items()}

    def owe(self, path: str) -> None:
        """Mark the file of a resource, which is about to change."""
        reload = self._wanted.get(path)
        if reload is not None and reload.command:
            RELOAD.make(reload.dest)
            self._marked.add(path)

    def changed(self, path: str) -> None:
        """Note that the file of a resource has changed."""
        reload = self._wanted.get(path)
        if reload is not None and reload.command:
            self._owed[path] = reload
            self._tried.discard(reload.command)

    def is_due(self, path: str) -> bool:
        """Return whether `done_with` runs a command for this resource."""
        reload = self._wanted.get(path)
        if reload is None or self._last.get(reload.command) != path:
            return False
        return reload.command not in self._tried and self._is_owed(reload.command)

    def _is_owed(self, command: str) -> bool:
        return any(owed.command == command for owed in self._owed.values())

    def done_with(self, path: str) -> None:
        """Run the reload of a resource, if it is the last of the round with this command."""
        reload = self._wanted.get(path)
        if reload is None:
            return
        if path in self._marked and path not in self._owed:
            RELOAD.remove(reload.dest)
        self._marked.discard(path)
        if self.is_due(path):
            self._run(reload.command)

    def end_round(self, paths: Iterable[str]) -> None:
        """Run what resources of the round are owed whose command waited for one that is put off."""
        self._run_untried(self._owed[path].command for path in paths if path in self._owed)

    def finish(self) -> None:
        """Run the reloads that had no turn: of broken resources, or as the pass was cut short."""
        self._run_untried(reload.command for reload in self._owed.values())

    def _run_untried(self, owed: Iterable[str]) -> None:
        for command in dict.fromkeys(owed):
            if command not in self._tried:
                self._run(command)

    def _renew(self, path: str, reload: Reload) -> None:
        """Replace the reload that a resource is owed by the one that it has now, if any."""
        before = self._owed.get(path)
        if before is None and not self._is_left(reload.dest):
            return
        if before is not None and before.dest != reload.dest:
            RELOAD.remove(before.dest)
        self._owed[path] = reload
        if not reload.command:
            self._settle(path)

    def _is_left(self, dest: Path) -> bool:
        """Return whether an earlier run owes a reload; later markers are from this run."""
        if dest in self._known:
            return False
        self._known.add(dest)
        return RELOAD.is_made(dest)

    def _run(self, command: str) -> None:
        owed = {path: reload for path, reload in self._owed.items() if reload.command == command}
        self._tried.add(command)
        timeout = next(iter(owed.values())).timeout
        try:
            commands.run_logged(commands.RELOAD, command, timeout=timeout)
        except CommandError as error:
            self.failed.update(dict.fromkeys(owed, error))
            self._on_reload(tuple(owed), True)  # noqa: FBT003 - a callable has no keywords
            return
        for path in owed:
            self._settle(path)
            self.failed.pop(path, None)
        self._on_reload(tuple(owed), False)  # noqa: FBT003 - as above

    def _settle(self, path: str) -> None:
        """Forget what a resource is owed."""
        RELOAD.remove(self._owed.pop(path).dest)


def _is_gone(path: str) -> bool:
    """Return whether a resource was removed; a conf.d that cannot be reached proves nothing."""
    file = Path(path)
    return file.parent.is_dir() and not os.path.lexists(file)
