"""Reloads: each command once a pass, after the last file that wants it, until it has succeeded.

Knows nothing of why a file changed, and keeps only what is still owed from one pass to the next.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from confd_lib import commands
from confd_lib.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


class Reload(NamedTuple):
    """A command to run once a file has changed.

    Attributes:
        command: what the shell is given.
        timeout: seconds that it may take; 0 for as long as it likes.
    """

    command: str
    timeout: float = 0


@dataclass(slots=True)
class _Owed:
    """A command that is still to succeed, and the resources that wait for it."""

    reload: Reload
    paths: set[str] = field(default_factory=set)


class Reloads:
    """What has to be reloaded, over all passes of a run.

    >>> reloads = Reloads()
    >>> reloads.begin({"a.toml": Reload("false"), "b.toml": Reload("false")}, ["a.toml", "b.toml"])
    >>> reloads.changed("a.toml")
    >>> reloads.done_with("a.toml"), reloads.done_with("b.toml")
    (None, None)
    >>> {path: error.outcome for path, error in reloads.failed.items()}
    {'a.toml': 'exit status 1'}
    """

    def __init__(self) -> None:
        self._wanted: Mapping[str, Reload] = {}
        self._last: dict[str, str] = {}
        self._owed: dict[str, _Owed] = {}
        self.failed: dict[str, CommandError] = {}

    def begin(self, wanted: Mapping[str, Reload], present: Collection[str]) -> None:
        """Begin a pass.

        Args:
            wanted: the reload of each resource that has one, in the order of the pass.
            present: all resources there are; what others are owed is forgotten.
        """
        self._wanted = wanted
        self._last = {reload.command: path for path, reload in wanted.items()}
        self.failed = {}
        for owed in self._owed.values():
            owed.paths.intersection_update(present)
        self._owed = {command: owed for command, owed in self._owed.items() if owed.paths}

    def changed(self, path: str) -> None:
        """Note that the file of a resource has changed."""
        reload = self._wanted.get(path)
        if reload is not None:
            self._owed.setdefault(reload.command, _Owed(reload)).paths.add(path)

    def is_due(self, path: str) -> bool:
        """Whether `done_with` runs a command for this resource."""
        reload = self._wanted.get(path)
        return reload is not None and self._is_last(path, reload) and reload.command in self._owed

    def done_with(self, path: str) -> None:
        """Run what a resource wants, if it is the last of the pass that wants it."""
        reload = self._wanted.get(path)
        if reload is not None and self._is_last(path, reload):
            self._run(reload.command)

    def _is_last(self, path: str, reload: Reload) -> bool:
        return self._last[reload.command] == path

    def finish(self) -> None:
        """Run what is owed and had no turn: its resource is broken now, or the pass was cut."""
        tried = {error.command for error in self.failed.values()}
        for command in [command for command in self._owed if command not in tried]:
            self._run(command)

    def _run(self, command: str) -> None:
        owed = self._owed.pop(command, None)
        if owed is None:
            return
        try:
            commands.run_logged(commands.RELOAD, command, timeout=owed.reload.timeout)
        except CommandError as error:
            self._owed[command] = owed
            self.failed.update(dict.fromkeys(owed.paths, error))
