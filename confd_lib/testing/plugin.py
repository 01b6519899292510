"""The pytest plugin: the fixture `confd`, expected files, and coverage of templates.

Every pytest in the environment loads this module, so it imports the rest of the package only when
a test or an option needs it.

    confd                          fixture: a `Bench`, which finds paths beside the test's file
    --confd-update[=KIND]          write expected files instead of comparing: all, new or changed
    --confd-strict                 fail if there are expected files that no test renders
    --confd-cov=PATH               record which actions and branches of the templates are passed:
                                   a folder, a file or a pattern; may be repeated
    --confd-cov-report=TYPE        term, or html, xml, lcov, json, or each as html:FILE; may be
                                   repeated
    --confd-cov-fail-under=MIN     fail below this percentage
"""

from __future__ import annotations

import argparse
import copy
import os
import re
import sys
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import pytest

from confd_lib.testing.goldens.hooks import GoldenHooks
from confd_lib.testing.goldens.tally import UPDATES, Tally

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from confd_lib.testing.bench import Bench
    from confd_lib.testing.coverage.places import Coverage
    from confd_lib.testing.coverage.recording import Recorder

RECORDER: Final[pytest.StashKey[Recorder | None]] = pytest.StashKey()
"""The recorder of the coverage of templates; None while nothing is recorded."""
_TALLY: Final[pytest.StashKey[Tally]] = pytest.StashKey()
_COVERAGE: Final[pytest.StashKey[Coverage]] = pytest.StashKey()
# The lines that explain the last failed comparison.
_COMPARED: Final[pytest.StashKey[list[str]]] = pytest.StashKey()
_UPDATE: Final = "--confd-update"
# Characters of the name of a test that the name of a folder lacks.
_NO_NAME: Final = re.compile(r"[^\w.]+")
_SENT: Final = "confd_coverage"
# The kinds of reports that are files, and the files they are written to by default.
_FILES: Final = {
    "html": "confd-coverage.html",
    "xml": "confd-coverage.xml",
    "lcov": "confd-coverage.lcov",
    "json": "confd-coverage.json",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options, all off."""
    group = parser.getgroup("confd", "confd templates")
    group.addoption(
        _UPDATE,
        nargs="?",
        const="all",
        default="",
        metavar="KIND",
        help="write expected files instead of comparing: all (the default), new or changed",
    )
    group.addoption(
        "--confd-strict",
        action="store_true",
        help="fail if there are expected files that no test renders",
    )
    group.addoption(
        "--confd-cov",
        action="append",
        default=[],
        metavar="PATH",
        help="measure the branch coverage of templates: a folder, a file or a pattern, such as "
        "*.tmpl at any depth or conf/**/*.tmpl; !*.md leaves files out; may be repeated",
    )
    group.addoption(
        "--confd-cov-report",
        action="append",
        default=[],
        type=_report,
        metavar="TYPE[:FILE]",
        help="term (the default), html, xml (Cobertura), lcov or json; the file is "
        "confd-coverage.TYPE if none is given; may be repeated",
    )
    group.addoption(
        "--confd-cov-fail-under",
        type=_percentage,
        default=0.0,
        metavar="MIN",
        help="fail if the coverage is below this percentage",
    )


@pytest.hookimpl(tryfirst=True, wrapper=True)
def pytest_load_initial_conftests(
    early_config: pytest.Config, parser: pytest.Parser, args: list[str]
) -> Iterator[None]:
    """Let `--confd-update` take no value where a path follows it, which argparse cannot."""
    for i, word in enumerate(args):
        if word == _UPDATE and "".join(args[i + 1 : i + 2]) not in UPDATES:
            args[i] = f"{_UPDATE}=all"
            known = parser.parse_known_args(args, namespace=copy.copy(early_config.option))
            early_config.known_args_namespace = known
    yield


def _report(text: str) -> str:
    kind, colon, file = text.partition(":")
    if text == "term" or (kind in _FILES and bool(file) == bool(colon)):
        return text
    kinds = ", ".join(_FILES)
    raise argparse.ArgumentTypeError(f"{text!r} is not term, {kinds}, or one of them with :FILE")


def _percentage(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1
    if 0 <= number <= 100:  # which NaN is not, below which nothing would be
        return number
    raise argparse.ArgumentTypeError(f"{text!r} is not a percentage from 0 to 100")


# -- The fixture


@pytest.fixture(scope="module")
def confd(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """Return a `Bench`; it finds paths beside the test's file, then in the folders above.

    Its scope is the module, so that property tests (`@given`) may use it.
    """
    from confd_lib.testing.bench import Bench  # noqa: PLC0415 - slow to import
    from confd_lib.testing.files import Finder  # noqa: PLC0415 - as above
    from confd_lib.testing.goldens.comparison import Goldens  # noqa: PLC0415 - as above
    from confd_lib.testing.prepare import prepare  # noqa: PLC0415 - as above
    from confd_lib.testing.wiring import Wiring  # noqa: PLC0415 - as above

    prepare()
    config, module = request.config, request.node.nodeid
    goldens = Goldens(
        find=Finder(request.path.parent, config.rootpath),
        update=UPDATES[config.getoption("confd_update")],
        tally=config.stash[_TALLY],
        module=module,
    )
    wiring = Wiring(
        goldens=goldens,
        temporary=partial(tmp_path_factory.mktemp, "confd"),
        recorder=config.stash.get(RECORDER, None),
        test=partial(_running_test, module),
    )
    return Bench(wiring)


def _running_test(module: str) -> str:
    """Return the name of the test that runs, as the name of a folder: `tree-galera-3`."""
    running = os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" ")[0]
    name, _, parameters = running.removeprefix(f"{module}::").partition("[")
    name = name.rpartition("::")[2].removeprefix("test_")
    return _NO_NAME.sub("-", f"{name}-{parameters}").strip("-")


def pytest_make_parametrize_id(val: object) -> str | None:
    """Return the name of a container as the id of its parametrized test."""
    if type(val).__module__.startswith("metadata_client.compose"):
        name = getattr(val, "name", None)
        return name if isinstance(name, str) else None
    return None


def pytest_assertrepr_compare(
    config: pytest.Config, op: str, left: object, right: object
) -> list[str] | None:
    """Return the head of what explains a failed comparison of a rendered text.

    pytest would cut off the other lines: they follow in a note of the error.
    """
    # Until the module is imported no rendered text exists.
    rendered = sys.modules.get("confd_lib.testing.rendered")
    lines = rendered.compared(op, left, right) if rendered else None
    if not lines:
        return None
    config.stash[_COMPARED] = lines
    return [lines[0]]


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Explain a failed comparison, and hide frames of ours, unless `--full-trace` is given."""
    # Until the module is imported no test uses the fixture.
    if call.excinfo is not None and "confd_lib.testing.bench" in sys.modules:
        from confd_lib.testing import frames  # noqa: PLC0415 - slow to import

        head, *lines = item.config.stash.get(_COMPARED, [""])
        if lines and f"assert {head}" in str(call.excinfo.value):
            call.excinfo.value.add_note("\n".join(lines))
        if not item.config.getoption("fulltrace"):
            frames.hide(call.excinfo, item.config.rootpath)
    return (yield)


# -- Expected files


def pytest_configure(config: pytest.Config) -> None:
    """Start to count expected files, and to record coverage if `--confd-cov` is given."""
    kind = config.getoption("confd_update")
    if kind not in UPDATES:
        from confd_lib.testing.files import instead  # noqa: PLC0415 - as above

        kinds = [one for one in UPDATES if one]
        raise pytest.UsageError(f"{_UPDATE}: there is no {kind}; {instead(kind, kinds)}")
    hooks = GoldenHooks(config)
    config.stash[_TALLY] = hooks.tally
    config.pluginmanager.register(hooks, "confd-goldens")
    _start_recording(config)


# -- Coverage


def _start_recording(config: pytest.Config) -> None:
    words = config.getoption("confd_cov")
    if not words:
        _refuse_reports_of_nothing(config)
    if not words or config.option.collectonly:
        return
    from confd_lib.testing.coverage.recording import Recorder  # noqa: PLC0415 - slow to import
    from confd_lib.testing.coverage.selection import Selection  # noqa: PLC0415 - as above

    try:
        selection = Selection.parse(words, config.invocation_params.dir)
    except ValueError as error:
        raise pytest.UsageError(f"--confd-cov: {error}") from error
    config.stash[RECORDER] = Recorder(selection)


def _refuse_reports_of_nothing(config: pytest.Config) -> None:
    """Refuse an option of coverage that is not measured: CI would take it for a guard."""
    for option in ("--confd-cov-fail-under", "--confd-cov-report"):
        if config.getoption(option):
            needed = "--confd-cov=PATH, such as --confd-cov=templates"
            raise pytest.UsageError(f"{option} counts nothing without {needed}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Record for a test what it passes, in its fixtures too."""
    recorder = item.config.stash.get(RECORDER, None)
    if recorder is not None:
        recorder.test = item.nodeid
    try:
        return (yield)
    finally:
        if recorder is not None:
            recorder.test = ""


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Add the records of a worker of pytest-xdist, which has no type information."""
    recorder = node.config.stash.get(RECORDER, None)
    if recorder is not None:
        recorder.add(getattr(node, "workeroutput", {}).get(_SENT, "{}"))


@pytest.hookimpl(wrapper=True)
def pytest_sessionfinish(session: pytest.Session) -> Iterator[None]:
    """Measure the coverage and fail below the minimum; a worker sends its records instead."""
    yield
    recorder = session.config.stash.get(RECORDER, None)
    if recorder is None:
        return
    sent = getattr(session.config, "workeroutput", None)
    if sent is not None:
        sent[_SENT] = recorder.dump()
        return
    from confd_lib.testing.coverage.measure import measure_all  # noqa: PLC0415 - slow to import

    found = session.config.stash[_COVERAGE] = measure_all(recorder)
    below = found.percent < session.config.getoption("confd_cov_fail_under")
    if below and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Report the coverage."""
    found = config.stash.get(_COVERAGE, None)
    if found is None:
        return
    terminalreporter.section("coverage of templates")
    for report in config.getoption("confd_cov_report") or ["term"]:
        terminalreporter.write_line(_reported(report, found, config))
    minimum = config.getoption("confd_cov_fail_under")
    if found.percent < minimum:
        message = f"FAIL: {found.percent:.1f}% of the templates is covered, less than {minimum:g}%"
        terminalreporter.write_line(message, red=True)


def _reported(text: str, found: Coverage, config: pytest.Config) -> str:
    """Write a report and return the line that names its file; or return the table."""
    from confd_lib.testing.coverage import reports, table  # noqa: PLC0415 - slow to import

    kind, _, file = text.partition(":")
    if kind == "term":
        return table.table(found)
    report = reports.Report(kind, config.invocation_params.dir / (file or _FILES[kind]))
    try:
        report.write(found, config.rootpath)
    except OSError as error:
        reason = f"--confd-cov-report: {report.file}: {error.strerror}"
        raise pytest.UsageError(reason) from error
    return f"wrote {report.file}"
