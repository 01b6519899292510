"""Programs are stopped with all that they have started, and say why they ended."""

from __future__ import annotations

import os
import re
import signal
import sys
from pathlib import Path

import pytest

from examples.stage import Failure, Stage
from tests.examples.stage.scripts import DEAF, ON_TERM, PARENT, SLEEPS, UNTIL_ENDED, start


def running(pid: int) -> bool:
    """Return whether a process runs; one that only waits for its parent does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_the_last_that_was_started_is_the_first_that_is_stopped(stage: Stage) -> None:
    file = stage.folder / "order"
    for name in "abc":
        start(stage, name, ON_TERM.format(file=str(file), name=name))
    assert stage.processes.stop_all() == 3
    assert file.read_text() == "cba"
    assert stage.processes.stop_all() == 0


def test_in_haste_none_waits_for_another(stage: Stage) -> None:
    """The second ends once the first has, which is stopped after it in the usual order."""
    first = start(stage, "first", SLEEPS)
    start(stage, "second", UNTIL_ENDED.format(pid=first.pid))
    assert stage.processes.stop_all(hasty=True) == 2
    assert (stage.folder / "second.log").read_text() == "ready\nended\n"


def test_one_that_ignores_sigterm_is_killed(stage: Stage) -> None:
    process = start(stage, "deaf", DEAF)
    process.stop(patience=0.1)
    assert process.status == -signal.SIGKILL


def test_one_that_is_killed_cannot_notice_it(stage: Stage) -> None:
    file = stage.folder / "noticed"
    process = start(stage, "killed", ON_TERM.format(file=str(file), name="killed"))
    process.kill()
    assert process.status == -signal.SIGKILL
    assert not file.exists()
    stage.processes.check()  # it had to end


def test_what_it_has_started_is_killed_in_a_group_of_its_own_too(stage: Stage) -> None:
    process = start(stage, "parent", PARENT)
    child = int(process.log.read_text().split()[1])
    assert running(child)
    process.stop()
    assert not running(child)


def test_ctrl_c_of_the_terminal_does_not_reach_it(stage: Stage) -> None:
    process = start(stage, "db", SLEEPS)
    assert os.getsid(process.pid) == process.pid != os.getsid(0)


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("print('why\\n'); exit(3)", "db ended with status 3: why"),
        ("exit(3)", "db ended with status 3: it wrote nothing"),
        ("print('a\\033[1mb'); exit(1)", "db ended with status 1: a [1mb"),
        ("import os; os.kill(os.getpid(), 9)", "db ended by signal 9: it wrote nothing"),
        ("print('x' * 1000)", f"db ended with status 0: {'x' * 200}"),
        ("print('x' * (1 << 20)); print('end')", "db ended with status 0: end"),
    ],
)
def test_one_that_ends_by_itself_is_named_with_the_reason(
    stage: Stage, script: str, message: str
) -> None:
    stage.processes.start("db", [sys.executable, "-c", script], log=stage.folder / "log")
    with pytest.raises(Failure) as caught:
        stage.until(lambda: False, "the database answers")
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ("ready,[ERROR] Aborting,[ERROR] no space,[ERROR] lost,bye", "no space"),
        ("ready,[ERROR] Aborting,bye,,", "bye"),
    ],
)
def test_the_reason_is_the_first_that_the_pattern_finds(
    stage: Stage, lines: str, reason: str
) -> None:
    script = f"print({lines!r}.replace(',', chr(10)))"
    fault = re.compile(r"(?<=\[ERROR\] )(?!Aborting).*")
    process = start(stage, "db", script, fault=fault, lasting=False)
    stage.until(lambda: process.status is not None, "it has ended")
    assert process.reason() == reason


def test_one_that_was_stopped_has_not_ended_early(stage: Stage) -> None:
    process = start(stage, "deaf", DEAF)
    process.stop(patience=0.1)
    stage.processes.check()


@pytest.mark.parametrize(
    ("program", "account", "message"),
    [
        ("/nonexistent/db", None, "No such file or directory: '/nonexistent/db'"),
        ("/etc/passwd", None, "Permission denied: '/etc/passwd'"),
        (sys.executable, "no-such-user", "no-such-user"),
    ],
)
def test_one_that_cannot_be_started_is_a_failure(
    stage: Stage, program: str, account: str | None, message: str
) -> None:
    with pytest.raises(Failure, match=rf"^db cannot be started: .*{message}"):
        stage.processes.start("db", [program], log=stage.folder / "log", account=account)
