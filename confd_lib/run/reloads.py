"""Reloads: each command runs once a pass, after the last of its files, until it succeeds.

Knows nothing of why a file changed. Reloads that are owed are kept from one pass to the next, and
by markers from one run to the next.
"""

from __future__ import annotations

import math
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from confd_lib.destination import commands
from confd_lib.destination.markers import RELOAD
from confd_lib.errors import CommandError
from confd_lib.logs import LOGGER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from confd_lib.confdir.resource import Key

    OnReload = Callable[[tuple[Key, ...], bool], None]


@dataclass(frozen=True, slots=True)
class Reload:
    """A command to run once a file has changed.

    Attributes:
        dest: the file.
        command: the text that the shell is given; empty for none.
        timeout: seconds that it may take; 0 for any time.
        interval: the least seconds between two runs of the command, in two passes.
    """

    dest: Path
    command: str = ""
    timeout: float = 0
    interval: float = 0


@dataclass(slots=True)
class _Command:
    """A command, which all resources with the same text share.

    Attributes:
        interval: the longest of these resources, from one run of it to the next.
        ran: when it ran last; minus infinity if it is not known to have run.
        waits: whether the interval was not over when the pass began.
        is_tried: whether it has run in this pass, and none of its files has changed since.
    """

    interval: float
    ran: float
    waits: bool
    is_tried: bool = False

    def left(self, now: float) -> float:
        """Return the seconds that are left of the interval."""
        return self.ran + self.interval - now


class Reloads:
    """The reloads that are owed, over all passes of a run.

    Args:
        on_reload: is called with the keys of the files of each reload that has ended, and whether
            it failed.
        clock: gives seconds that only grow.

    >>> from pathlib import Path
    >>> reloads = Reloads()
    >>> a, b = ("a.toml", ""), ("b.toml", "")
    >>> wanted = {key: Reload(Path("/nowhere", key[0]), "false") for key in (a, b)}
    >>> reloads.begin(wanted)
    >>> reloads.begin_round(wanted)
    >>> reloads.owe(a)  # its file is about to change
    >>> reloads.changed(a)  # it has
    >>> reloads.done_with(a), reloads.done_with(b)
    (None, None)
    >>> {key: error.outcome for key, error in reloads.failed.items()}
    {('a.toml', ''): 'exit status 1'}
    """

    def __init__(
        self,
        on_reload: OnReload = lambda *_: None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._on_reload = on_reload
        self._clock = clock
        self._wanted: Mapping[Key, Reload] = {}
        self._owed: dict[Key, Reload] = {}
        self.failed: dict[Key, CommandError] = {}
        # The files in hand that were marked, and the files whose marks of an earlier run were read.
        self._marked: set[Key] = set()
        self._known: set[Path] = set()
        # The commands by their text, and the last file of the round that each is to follow.
        self._commands: dict[str, _Command] = {}
        self._last: dict[str, Key] = {}

    def begin(self, wanted: Mapping[Key, Reload]) -> None:
        """Begin a pass; forget what resources are owed whose files are gone.

        Args:
            wanted: the reload of each usable resource; empty where no reload is to run.
        """
        self._wanted = wanted
        for key in [key for key in self._owed if key not in wanted and _is_gone(key[0])]:
            self._settle(key)
        for key, reload in wanted.items():
            self._renew(key, reload)
        named = [*wanted.values(), *self._owed.values()]
        self._known.intersection_update(reload.dest for reload in named)
        self._begin_commands(named)
        # A reload that failed and waits for its interval is still a failed one.
        self.failed = {
            key: error
            for key, error in self.failed.items()
            if key in self._owed and self._commands[self._owed[key].command].waits
        }

    def _begin_commands(self, named: Iterable[Reload]) -> None:
        """Begin a pass of the commands; of others, keep those whose interval is not over."""
        now = self._clock()
        recent = {text: one for text, one in self._commands.items() if one.left(now) > 0}
        self._commands = dict(recent)
        intervals: dict[str, float] = {}
        for reload in named:
            intervals[reload.command] = max(reload.interval, intervals.get(reload.command, 0))
        for text, interval in intervals.items():
            ran = recent[text].ran if text in recent else -math.inf
            self._commands[text] = _Command(interval, ran, waits=ran + interval > now)

    def due(self) -> float:
        """Return the seconds until a reload that waits for its interval may run; may be inf."""
        now = self._clock()
        owed = (self._commands[reload.command] for reload in self._owed.values())
        return min((max(one.left(now), 0.0) for one in owed if one.waits), default=math.inf)

    def begin_round(self, keys: Iterable[Key]) -> None:
        """Begin a round of the pass.

        Args:
            keys: its resources, in their order.
        """
        wanted = {key: self._wanted[key] for key in keys if key in self._wanted}
        self._last = {reload.command: key for key, reload in wanted.items()}

    def owe(self, key: Key) -> None:
        """Mark the file of a resource, which is about to change."""
        reload = self._wanted.get(key)
        if reload is not None and reload.command:
            RELOAD.make(reload.dest)
            self._marked.add(key)

    def changed(self, key: Key) -> None:
        """Note that the file of a resource has changed."""
        reload = self._wanted.get(key)
        if reload is not None and reload.command:
            self._owed[key] = reload
            self._commands[reload.command].is_tried = False

    def is_due(self, key: Key) -> bool:
        """Return whether `done_with` runs a command for this resource."""
        reload = self._wanted.get(key)
        if reload is None or self._last.get(reload.command) != key:
            return False
        return self._may_run(reload.command) and self._is_owed(reload.command)

    def _may_run(self, command: str) -> bool:
        known = self._commands[command]
        return not (known.is_tried or known.waits)

    def _is_owed(self, command: str) -> bool:
        return any(owed.command == command for owed in self._owed.values())

    def done_with(self, key: Key) -> None:
        """Run the reload of a resource, if it is the last of the round with this command."""
        reload = self._wanted.get(key)
        if reload is None:
            return
        if key in self._marked and key not in self._owed:
            RELOAD.remove(reload.dest)
        self._marked.discard(key)
        if self.is_due(key):
            self._run(reload.command)

    def end_round(self, keys: Iterable[Key]) -> None:
        """Run what resources of the round are owed whose command waited for one that is put off."""
        self._run_untried(self._owed[key].command for key in keys if key in self._owed)

    def finish(self) -> None:
        """Run the reloads that had no turn: of broken resources, or as the pass was cut short."""
        self._run_untried(reload.command for reload in self._owed.values())
        for command in dict.fromkeys(reload.command for reload in self._owed.values()):
            if self._commands[command].waits:
                LOGGER.info("The reload waits for its min_reload_interval: %s", command)

    def _run_untried(self, owed: Iterable[str]) -> None:
        for command in dict.fromkeys(owed):
            if self._may_run(command):
                self._run(command)

    def _renew(self, key: Key, reload: Reload) -> None:
        """Replace the reload that a resource is owed by the one that it has now, if any."""
        before = self._owed.get(key)
        if before is None and not self._is_left(reload.dest):
            return
        if before is not None and before.dest != reload.dest:
            RELOAD.remove(before.dest)
        self._owed[key] = reload
        if not reload.command:
            self._settle(key)

    def _is_left(self, dest: Path) -> bool:
        """Return whether an earlier run owes a reload; later markers are from this run."""
        if dest in self._known:
            return False
        self._known.add(dest)
        return RELOAD.is_made(dest)

    def _run(self, command: str) -> None:
        owed = {key: reload for key, reload in self._owed.items() if reload.command == command}
        known = self._commands[command]
        known.is_tried, known.ran = True, self._clock()
        timeout = next(iter(owed.values())).timeout
        try:
            commands.run_logged(commands.RELOAD, command, timeout=timeout)
        except CommandError as error:
            self.failed.update(dict.fromkeys(owed, error))
            self._on_reload(tuple(owed), True)  # noqa: FBT003 - a callable has no keywords
            return
        for key in owed:
            self._settle(key)
            self.failed.pop(key, None)
        self._on_reload(tuple(owed), False)  # noqa: FBT003 - as above

    def _settle(self, key: Key) -> None:
        """Forget what a resource is owed."""
        RELOAD.remove(self._owed.pop(key).dest)


def _is_gone(path: str) -> bool:
    """Return whether a resource was removed; a conf.d that cannot be reached proves nothing."""
    file = Path(path)
    return file.parent.is_dir() and not os.path.lexists(file)
