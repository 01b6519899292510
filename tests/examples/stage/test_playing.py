"""However a story ends, it ends in one line, and nothing that it started or wrote is left."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from examples.stage import Failure, Process, Stage, play
from tests.examples.stage.scripts import SLEEPS, start

ROOT = Path(__file__).parents[3]


def test_a_wait_that_takes_too_long_says_what_for(stage: Stage) -> None:
    process = start(stage, "db", SLEEPS)
    with pytest.raises(Failure) as caught:
        stage.until(lambda: False, "it answers", seconds=0, log_of=process)
    assert str(caught.value) == "0 s were not enough until it answers: ready"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_story_at_its_next_wait(
    number: int, capsys: pytest.CaptureFixture[str]
) -> None:
    before = signal.getsignal(number)
    folders = []

    def story(stage: Stage) -> None:
        folders.append(stage.folder)
        start(stage, "db", SLEEPS)
        os.kill(os.getpid(), number)
        os.kill(os.getpid(), signal.SIGTERM)
        stage.board.say("the signal was noted")
        stage.until(lambda: False, "it ends")

    assert play("a story", ["node"], story) == 128 + number
    out, err = capsys.readouterr()
    first, last = out.splitlines()
    assert first.endswith(" s  the signal was noted")
    assert re.search(r" s  programs stopped: 1, in \d+\.\d s$", last)
    assert err == f"a story: ended by {signal.Signals(number).name}\n"
    assert not folders[0].exists()
    assert signal.getsignal(number) is before


ENDS: Final = [sys.executable, "-c", "import os; os.kill(os.getpid(), 2)"]


def waits(stage: Stage) -> None:
    stage.processes.start("db", ENDS, log=stage.folder / "log")._popen.wait()
    signal.raise_signal(signal.SIGINT)
    stage.until(lambda: False, "it ends")


def runs(stage: Stage) -> None:
    signal.raise_signal(signal.SIGINT)
    stage.run("db", ENDS, log=stage.folder / "log")


@pytest.mark.parametrize("story", [waits, runs])
def test_a_signal_that_also_ends_a_program_ends_the_story_as_a_signal(
    story: Callable[[Stage], None], capsys: pytest.CaptureFixture[str]
) -> None:
    assert play("a story", ["node"], story) == 128 + signal.SIGINT
    assert capsys.readouterr().err == "a story: ended by SIGINT\n"


def test_a_failure_is_one_line_and_nothing_is_left(capsys: pytest.CaptureFixture[str]) -> None:
    seen: list[tuple[Process, Path]] = []

    def story(stage: Stage) -> None:
        seen.append((start(stage, "db", SLEEPS), stage.folder))
        raise Failure("it rains: take an umbrella")

    assert play("a walk", ["node"], story) == 1
    assert capsys.readouterr().err == "a walk: it rains: take an umbrella\n"
    ((process, folder),) = seen
    assert process.status is not None
    assert not folder.exists()


def test_a_program_that_fails_is_a_failure(stage: Stage) -> None:
    log = stage.folder / "log"
    stage.run("good", [sys.executable, "-c", ""], log=log)
    with pytest.raises(Failure, match=r"^bad ended with status 4: it wrote nothing$"):
        stage.run("bad", [sys.executable, "-c", "exit(4)"], log=log)


def test_a_folder_that_cannot_be_made_is_a_failure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tempfile.tempdir", "/nonexistent")
    assert play("a story", ["node"], lambda _: None) == 1
    assert capsys.readouterr().err.startswith("a story: no temporary folder can be made: ")


def test_a_closed_standard_output_ends_the_story() -> None:
    script = """
        import time
        from examples.stage import play
        def story(stage):
            while True:
                stage.board.say("once more")
        raise SystemExit(play("a story", ["node"], story))
        """
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as out:
        done = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(script)],
            cwd=ROOT,
            stdout=out,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stderr) == (
        1,
        "a story: standard output cannot be written: broken pipe\n",
    )
