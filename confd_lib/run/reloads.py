"""Reloads: each command runs once a pass, after the last of its files, until it succeeds.

Knows nothing of why a file changed. Reloads that are owed are kept from one pass to the next, and
by markers from one run to the next.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from confd_lib.destination import commands
from confd_lib.destination.markers import RELOAD
from confd_lib.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path


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

    >>> from pathlib import Path
    >>> reloads = Reloads()
    >>> wanted = {name: Reload(Path("/nowhere", name), "false") for name in ("a", "b")}
    >>> reloads.begin(wanted, present=wanted)
    >>> reloads.owe("a")  # its file is about to change
    >>> reloads.changed("a")  # it has
    >>> reloads.done_with("a"), reloads.done_with("b")
    (None, None)
    >>> {path: error.outcome for path, error in reloads.failed.items()}
    {'a': 'exit status 1'}
    """

    def __init__(self) -> None:
        self._wanted: Mapping[str, Reload] = {}
        self._last: dict[str, str] = {}
        self._owed: dict[str, Reload] = {}
        self._known: set[Path] = set()
        self._marked: set[str] = set()
        self.failed: dict[str, CommandError] = {}

    def begin(self, wanted: Mapping[str, Reload], present: Collection[str]) -> None:
        """Begin a pass.

        Args:
            wanted: the reload of each usable resource, in the order of the pass; empty where no
                reload is to run.
            present: all resources; what any other is owed is forgotten.
        """
        self._wanted = wanted
        self._last = {reload.command: path for path, reload in wanted.items()}
        self.failed = {}
        for path in self._owed.keys() - set(present):
            self._settle(path)
        for path, reload in wanted.items():
            self._renew(path, reload)

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

    def is_due(self, path: str) -> bool:
        """Return whether `done_with` runs a command for this resource."""
        reload = self._wanted.get(path)
        if reload is None or self._last[reload.command] != path:
            return False
        return any(owed.command == reload.command for owed in self._owed.values())

    def done_with(self, path: str) -> None:
        """Run the reload of a resource, if it is the last of the pass with this command."""
        reload = self._wanted.get(path)
        if reload is None:
            return
        if path in self._marked and path not in self._owed:
            RELOAD.remove(reload.dest)
        self._marked.discard(path)
        if self._last[reload.command] == path:
            self._run(reload.command)

    def finish(self) -> None:
        """Run the reloads that had no turn: of broken resources, or as the pass was cut short."""
        tried = {error.command for error in self.failed.values()}
        for command in {reload.command: None for reload in self._owed.values()}:
            if command not in tried:
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
        if not owed:
            return
        timeout = next(iter(owed.values())).timeout
        try:
            commands.run_logged(commands.RELOAD, command, timeout=timeout)
        except CommandError as error:
            self.failed.update(dict.fromkeys(owed, error))
            return
        for path in owed:
            self._settle(path)

    def _settle(self, path: str) -> None:
        """Forget what a resource is owed."""
        RELOAD.remove(self._owed.pop(path).dest)
