"""The pytest plugin: the fixture `confd`, and coverage of templates.

Loaded by every pytest of an environment that has this package, so it imports nothing before
somebody asks; what it hands out is made elsewhere.

    confd                          fixture: a `Bench`, whose paths begin beside the test's file
    --confd-update                 write the files that `assert_matches_file` compares with
    --confd-cov=DIR                record which actions and branches of the templates are passed
    --confd-cov-report=TYPE        term, html or html:FILE; may be repeated
    --confd-cov-fail-under=MIN     fail below so many percent
"""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from os import PathLike

    from confd_lib.testing.bench import Bench
    from confd_lib.testing.coverage import Coverage, Recorder

_RECORDER: Final[pytest.StashKey[Recorder]] = pytest.StashKey()
_COVERAGE: Final[pytest.StashKey[Coverage]] = pytest.StashKey()
_SENT: Final = "confd_coverage"
_HTML: Final = "confd-coverage.html"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options, all off."""
    group = parser.getgroup("confd", "confd templates")
    group.addoption(
        "--confd-update",
        action="store_true",
        help="write the files that assert_matches_file compares with, instead of comparing",
    )
    group.addoption(
        "--confd-cov",
        metavar="DIR",
        help="measure the branch coverage of the templates of a folder",
    )
    group.addoption(
        "--confd-cov-report",
        action="append",
        default=[],
        type=_term_or_html,
        metavar="TYPE",
        help=f"term (the default), html (in {_HTML}) or html:FILE; may be repeated",
    )
    group.addoption(
        "--confd-cov-fail-under",
        type=float,
        default=0.0,
        metavar="MIN",
        help="fail if the coverage is below so many percent",
    )


def _term_or_html(text: str) -> str:
    # Its name is in the message about a value that is refused.
    kind, _, file = text.partition(":")
    if kind not in ("html", "term") or (file and kind == "term"):
        raise ValueError(text)
    return text


# -- The fixture


@pytest.fixture(scope="module")
def confd(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """Templates rendered for simulated stacks; paths are looked for beside the test, then above.

    Made once for a module, so that tests of properties (`@given`) may use it.
    """
    from confd_lib.testing.bench import Bench  # noqa: PLC0415 - only for those who ask

    return Bench(
        find=partial(_find, request.path.parent, request.config.rootpath),
        temporary=partial(tmp_path_factory.mktemp, "confd"),
        update=request.config.getoption("confd_update"),
        recorder=request.config.stash.get(_RECORDER, None),
    )


def _find(folder: Path, root: Path, path: str | PathLike[str]) -> Path:
    """Find a file or a folder beside a test, or in a folder above, up to the root of the run.

    What is nowhere would be beside the test.
    """
    above = [folder, *(one for one in folder.parents if one.is_relative_to(root))]
    return next((one / path for one in above if (one / path).exists()), folder / path)


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name the container in the id of a test that is run for each of several."""
    if type(val).__module__.startswith("metadata_client.compose"):
        name = getattr(val, "name", None)
        return name if isinstance(name, str) else None
    return None


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    """Show a diff where a rendered text is not the text that a test expects."""
    # Before the module is imported there is no rendered text.
    rendered = sys.modules.get("confd_lib.testing.rendered")
    if op != "==" or rendered is None:
        return None
    lines: list[str] | None = rendered.compared(left, right)
    return lines


# -- Coverage


def pytest_configure(config: pytest.Config) -> None:
    """Begin to record, if that was asked for."""
    folder = config.getoption("confd_cov")
    if folder is None or config.option.collectonly:
        return
    from confd_lib.testing.coverage import Recorder  # noqa: PLC0415 - only for those who ask

    place = config.invocation_params.dir / folder
    if not place.is_dir():
        raise pytest.UsageError(f"--confd-cov: there is no folder {place}")
    config.stash[_RECORDER] = Recorder(place)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take what a worker of pytest-xdist, which has no types, has recorded."""
    recorder = node.config.stash.get(_RECORDER, None)
    if recorder is not None:
        recorder.add(getattr(node, "workeroutput", {}).get(_SENT, "{}"))


@pytest.hookimpl(wrapper=True)
def pytest_sessionfinish(session: pytest.Session) -> Iterator[None]:
    """Measure, and fail what is below the minimum; a worker sends what it has."""
    yield
    recorder = session.config.stash.get(_RECORDER, None)
    if recorder is None:
        return
    sent = getattr(session.config, "workeroutput", None)
    if sent is not None:
        sent[_SENT] = recorder.dump()
        return
    found = session.config.stash[_COVERAGE] = recorder.coverage()
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
    from confd_lib.testing import coverage_report  # noqa: PLC0415 - only for those who ask

    minimum = config.getoption("confd_cov_fail_under")
    reports = config.getoption("confd_cov_report")
    terminalreporter.section("coverage of templates")
    if not reports or "term" in reports:
        terminalreporter.write_line(coverage_report.table(found))
    for report in (report for report in reports if report != "term"):
        file = config.invocation_params.dir / (report.partition(":")[2] or _HTML)
        try:
            coverage_report.write_html(found, file)
        except OSError as error:
            raise pytest.UsageError(f"--confd-cov-report: {file}: {error.strerror}") from error
        terminalreporter.write_line(f"wrote {file}")
    if found.percent < minimum:
        message = f"FAIL: {found.percent:.1f}% of the templates is covered, less than {minimum:g}%"
        terminalreporter.write_line(message, red=True)
