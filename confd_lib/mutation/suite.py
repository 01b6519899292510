"""The tests of a project, run again and again in child processes.

The module does not know mutants.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from confd_lib.confdir import templates
from confd_lib.testing.coverage.recording import Recorder
from confd_lib.testing.plugin import RECORDER

if TYPE_CHECKING:
    import pytest


@dataclass(slots=True, eq=False)  # pytest 8.0 keeps plugins in a set
class Suite:
    """The collected tests; a plugin of pytest, which sees how each of them ends.

    Attributes:
        items: the tests.
        failed: the ids of the tests that failed.
        seconds: the time of each test, by its id.
    """

    items: Sequence[pytest.Item]
    failed: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note the outcome and the time of a test."""
        if report.failed:
            self.failed.append(report.nodeid)
        self.seconds[report.nodeid] = self.seconds.get(report.nodeid, 0) + report.duration

    def run(self, items: Sequence[pytest.Item], *, stop: bool) -> list[str]:
        """Run tests, up to the first that fails if `stop` is true; return the ids of the failed."""
        for item, after in zip(items, [*items[1:], None], strict=True):
            item.ihook.pytest_runtest_protocol(item=item, nextitem=after)
            if self.failed and stop:
                if after is not None:  # fixtures of the other tests are still there
                    with contextlib.suppress(Exception):
                        item.ihook.pytest_runtest_teardown(item=item, nextitem=None)
                break
        return self.failed

    def observed(self, recorder: Recorder) -> dict[str, object]:
        """Run all tests and return what they passed and read, as values of JSON."""
        for item in self.items:
            item.config.stash[RECORDER] = recorder
        readers = _note_readers(recorder)
        failed = self.run(self.items, stop=False)
        return {
            "passed": recorder.dump(),
            "readers": {path: sorted(tests) for path, tests in readers.items()},
            "seconds": self.seconds,
            "failed": failed,
        }

    def tried(self, items: Sequence[pytest.Item], file: Path, data: bytes) -> list[str]:
        """Run tests while a template has other content; return the id of the one that failed."""
        read, real = templates.read, file.resolve()

        def changed(path: Path) -> bytes:
            return data if path.resolve() == real else read(path)

        # This process is a child that runs these tests only.
        templates.read = changed
        return self.run(items, stop=True)


def _note_readers(recorder: Recorder) -> dict[str, set[str]]:
    """Return a table that tests fill: by the path of a template, those that read its file."""
    readers: dict[str, set[str]] = {}
    read = templates.read

    def noting(path: Path) -> bytes:
        readers.setdefault(str(path.resolve()), set()).add(recorder.test)
        return read(path)

    # As above.
    templates.read = noting
    return readers
