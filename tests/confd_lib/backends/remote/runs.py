"""Shared by tests of recordings: a run of our `confd` where confd's was recorded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from confd_lib.command.confd import cli
from tests.servers.fixtures import Share, Start
from tests.servers.loopback.certificates import Certificates
from tests.servers.recorded import Recording, elsewhere, recordings, set_up, stand

if TYPE_CHECKING:
    import pytest


@dataclass(frozen=True, slots=True)
class Run:
    """The outcome of a run, and that of the recording.

    Attributes:
        status: ours and the recorded one.
        files: ours and the recorded ones.
        log: our lines from WARNING up.
    """

    status: tuple[int, int | str]
    files: tuple[Mapping[str, bytes | None], Mapping[str, bytes | None]]
    log: Sequence[str]

    @property
    def is_alike(self) -> bool:
        """Whether both statuses and all files are the same."""
        return self.status[0] == self.status[1] and self.files[0] == self.files[1]


def rows(*backends: str) -> list[Recording]:
    """Return the recordings of confd's backends that a store of the tests can stand for."""
    return [one for one in recordings() if one.store in backends and not elsewhere(one)]


@dataclass(frozen=True, slots=True)
class Rerun:
    """Runs our `confd` beside a store that is filled as it was for a recording."""

    share: Share
    start: Start
    certificates: Certificates
    folder: Path
    capfd: pytest.CaptureFixture[str]
    monkeypatch: pytest.MonkeyPatch

    def __call__(self, recording: Recording) -> Run:
        store = stand(recording, self.share, self.start, self.certificates)
        setting = set_up(recording, self.folder, store, self.certificates)
        for name, value in setting.environment.items():
            self.monkeypatch.setenv(name, value)
        self.capfd.readouterr()
        status = cli.main(["-log-level=warn", "-compat=0.16", *setting.argv], "confd")
        log = [line.split("]: ", 1)[-1] for line in self.capfd.readouterr().err.splitlines()]
        return Run((status, recording.exit), (setting.written, setting.expected), log)


def unlike(run: Run) -> str:
    """Return a text that shows how a run differs from the recording."""
    ours, theirs = run.files
    lines = [f"status {run.status[0]}, recorded {run.status[1]}", *run.log]
    for path, held in theirs.items():
        lines += [] if ours[path] == held else [f"{path}\n  {ours[path]!r}\n  {held!r}"]
    return "\n".join(lines)
