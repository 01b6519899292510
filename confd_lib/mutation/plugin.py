"""The pytest plugin behind `confd-lib mutate`: it runs the tests once for each mutant.

The tests are collected once. Then each run of them is a fork of this process, in which the template
has the content of the mutant: no file is changed. What is found goes to a pipe as lines of JSON.

    --confd-mutate=PATH            the templates, as for `--confd-cov`; may be repeated
    --confd-mutate-processes=N     the most runs at a time
    --confd-mutate-pipe=FD         the pipe
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
from collections.abc import Sequence
from functools import partial
from typing import Any, Final

import pytest

from confd_lib.mutation.forks import Job, results
from confd_lib.mutation.suite import Suite
from confd_lib.mutation.trials import Baseline, Trial, trials
from confd_lib.testing.coverage.recording import Recorder
from confd_lib.testing.coverage.selection import Selection
from confd_lib.testing.plugin import RECORDER
from confd_lib.testing.prepare import prepare

# The time limit of a run: this many times what the same tests take without a mutant, and seconds.
_TIMES: Final = 5.0
_SECONDS: Final = 10.0
# The time limit of the run without a mutant.
_FIRST: Final = 3600.0
# The number of failed tests that an error names.
_NAMED: Final = 3


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("confd-mutate", "mutation of confd templates")
    group.addoption("--confd-mutate", action="append", default=[], metavar="PATH")
    group.addoption("--confd-mutate-processes", type=int, default=1, metavar="N")
    group.addoption("--confd-mutate-pipe", type=int, default=1, metavar="FD")


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Take over the run of the tests."""
    if config.getoption("confd_update", None):
        raise pytest.UsageError("--confd-update would accept the output of mutants")
    config.stash.setdefault(RECORDER, None)
    try:
        selection = Selection.parse(config.getoption("confd_mutate"), config.invocation_params.dir)
    except ValueError as error:
        raise pytest.UsageError(f"--templates: {error}") from error
    processes, pipe = (config.getoption(f"confd_mutate_{name}") for name in ("processes", "pipe"))
    config.pluginmanager.register(_Loop(selection, processes, pipe))
    if config.pluginmanager.has_plugin("hypothesispytest"):
        _same_examples_each_time()


def _same_examples_each_time() -> None:
    """Let Hypothesis find, but not reduce, the same failures in each run, and store nothing."""
    import hypothesis  # noqa: PLC0415 - slow to import

    phases = (hypothesis.Phase.explicit, hypothesis.Phase.generate)
    hypothesis.settings.register_profile(
        "confd-mutate", derandomize=True, database=None, deadline=None, phases=phases
    )
    hypothesis.settings.load_profile("confd-mutate")


class _Loop:
    """Runs the tests without a mutant, then with each.

    Args:
        selection: the templates.
        processes: the most runs at a time.
        pipe: the file descriptor for what is found.
    """

    def __init__(self, selection: Selection, processes: int, pipe: int) -> None:
        self._selection, self._processes, self._pipe = selection, processes, pipe

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run the tests for each mutant, instead of once."""
        with contextlib.suppress(BrokenPipeError):  # the command has ended
            if session.testsfailed:
                self._send(refused="the tests cannot be collected")
            elif not session.items:
                self._send(refused="there are no tests")
            else:
                self._judge(session)
        # What coverage is measured from, if the project always measures it.
        session.config.stash[RECORDER] = None
        return True

    def _send(self, **facts: object) -> None:
        os.write(self._pipe, json.dumps(facts).encode() + b"\n")

    def _judge(self, session: pytest.Session) -> None:
        # Once, not in each run.
        importlib.import_module("confd_lib.testing.bench")
        prepare()
        suite = Suite(session.items)
        session.config.pluginmanager.register(suite)
        sent = self._first(suite)
        if sent is None:
            self._send(refused="the tests end their process, or do not end")
        elif sent["failed"]:
            names = ", ".join(list(dict.fromkeys(sent["failed"]))[:_NAMED])
            self._send(refused=f"the tests fail without a mutant: {names}")
        else:
            recorder = Recorder(self._selection)
            recorder.add(sent["passed"])
            self._try(suite, Baseline(recorder, sent["readers"], sent["seconds"]))

    def _first(self, suite: Suite) -> Any:
        """Run the tests without a mutant; the result comes from JSON and has no type."""
        job = Job(partial(suite.observed, Recorder(self._selection)), _FIRST)
        return next(iter(results([job], 1)))[1]

    def _try(self, suite: Suite, baseline: Baseline) -> None:
        found = list(trials(baseline))
        self._send(mutants=len(found))
        items = {item.nodeid: item for item in suite.items}
        numbers: dict[Job, int] = {}
        for number, trial in enumerate(found):
            if trial.tests:
                chosen = [items[test] for test in trial.tests]
                numbers[_job(suite, chosen, trial, baseline)] = number
            else:
                self._found(number, trial, "unreached" if trial.data else "broken")
        for job, failed in results(numbers, self._processes):
            outcome = "late" if failed is None else "noticed" if failed else "survived"
            self._found(numbers[job], found[numbers[job]], outcome)

    def _found(self, number: int, trial: Trial, outcome: str) -> None:
        """Send the outcome of a trial; the number says where it stands, since it may come late."""
        self._send(number=number, outcome=outcome, **trial.facts)


def _job(suite: Suite, items: Sequence[pytest.Item], trial: Trial, baseline: Baseline) -> Job:
    seconds = sum(baseline.seconds[item.nodeid] for item in items)
    run = partial(suite.tried, items, trial.path, trial.data)
    return Job(run, _SECONDS + _TIMES * seconds)
