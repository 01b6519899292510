"""The part of the pytest plugin that counts expected files over the whole run, and reports them.

Knows how a run goes: which tests were collected, left out and passed, in which processes.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import pytest

from confd_lib import escapes
from confd_lib.testing.goldens.tally import Tally, Unused

_SENT: Final = "confd_goldens"
# The number of files of one kind that the summary names.
_MOST_NAMED: Final = 20


@dataclass(frozen=True, slots=True)
class Progress:
    """The tests of a run, by module: those that were collected, and those that passed.

    Attributes:
        collected: the numbers of tests.
        narrowed: the modules of which tests were left out.
        passed: the tests that passed.
        other: the tests that failed, or were skipped.
    """

    collected: Counter[str] = field(default_factory=Counter)
    narrowed: set[str] = field(default_factory=set)
    passed: set[str] = field(default_factory=set)
    other: set[str] = field(default_factory=set)

    def is_whole(self, module: str) -> bool:
        """Return whether all tests of a module ran and passed."""
        passed = Counter(map(_module, self.passed - self.other))
        return module not in self.narrowed and passed[module] == self.collected[module]


@dataclass(frozen=True, slots=True, eq=False)  # pluggy needs the hash of an identity
class GoldenHooks:
    """The hooks of one run; in a worker of pytest-xdist, those of its part of the run.

    Attributes:
        config: the configuration of the run.
        tally: what was done with expected files.
        progress: the tests that ran.
    """

    config: pytest.Config
    tally: Tally = field(default_factory=Tally)
    progress: Progress = field(default_factory=Progress)

    def pytest_deselected(self, items: Iterable[pytest.Item]) -> None:
        """Note the modules of which tests are left out."""
        self.progress.narrowed.update(_module(item.nodeid) for item in items)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Note how many tests each module has."""
        self.progress.collected.update(_module(item.nodeid) for item in session.items)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note whether a test passed."""
        if not report.passed:
            self.progress.other.add(report.nodeid)
        elif report.when == "call":
            self.progress.passed.add(report.nodeid)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Add what a worker of pytest-xdist did, whose `node` has no type information."""
        sent = getattr(node, "workeroutput", {}).get(_SENT)
        if sent is not None:
            tally, collected, narrowed = json.loads(sent)
            self.tally.add(tally)
            # Every worker collects all tests.
            self.progress.collected.update(Counter(collected) - self.progress.collected)
            self.progress.narrowed.update(narrowed)

    @pytest.hookimpl(wrapper=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Iterator[None]:
        """Fail for unused files if `--confd-strict` is given; a worker sends its tally instead."""
        sent = getattr(self.config, "workeroutput", None)
        if sent is not None:
            parts = self.tally.dump(), self.progress.collected, sorted(self.progress.narrowed)
            sent[_SENT] = json.dumps(parts)
        yield
        refused = sent is None and self._is_refused(self._unused())
        if refused and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Report the files that were written, updated or not used."""
        unused = self._unused()
        kinds = {
            "written": sorted(self.tally.written),
            "updated": sorted(self.tally.updated),
            "unused": unused.unused,
            "orphaned": unused.orphaned,
        }
        if not any(kinds.values()):
            return
        terminalreporter.section("expected files")
        counts = (f"{len(files)} {kind}" for kind, files in kinds.items() if files)
        terminalreporter.write_line(", ".join(counts))
        for kind, files in kinds.items():
            for line in self._lines(files):
                terminalreporter.write_line(f"{kind:10}{line}")
        if self._is_refused(unused):
            terminalreporter.write_line(
                "FAIL: no test renders the unused and orphaned files: delete them", red=True
            )

    def _unused(self) -> Unused:
        """Return the unused files, as far as the arguments of the run allow to judge them."""
        if any("::" in one for one in self.config.args):
            return Unused()
        found = self.tally.unused(self.progress.is_whole)
        here = self.config.invocation_params.dir
        # Cases may be those of a module that does not run.
        has_all_modules = all((here / one).is_dir() for one in self.config.args)
        return found if has_all_modules else replace(found, orphaned=())

    def _is_refused(self, unused: Unused) -> bool:
        strict = self.config.getoption("confd_strict")
        return bool(strict and (unused.unused or unused.orphaned))

    def _lines(self, files: Iterable[str]) -> Iterator[str]:
        here = os.path.realpath(self.config.invocation_params.dir)
        named = [Path(one) for one in files]
        for one in named[:_MOST_NAMED]:
            shown = one.relative_to(here) if one.is_relative_to(here) else one
            yield escapes.one_line(str(shown))
        if len(named) > _MOST_NAMED:
            yield f"and {len(named) - _MOST_NAMED} more"


def _module(test: str) -> str:
    """Return the module of a test by the test's name, as in `tests/test_a.py::test_b`."""
    return test.partition("::")[0]
