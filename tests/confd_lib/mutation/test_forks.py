"""Jobs in child processes: results, time limits, children that end their process."""

from __future__ import annotations

import os
import threading
from functools import partial

import pytest

from confd_lib.mutation.forks import Job, results


def ended(pid: int) -> bool:
    """Return whether no process has this id, once its parent has waited for it."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.mark.parametrize("processes", [1, 3])
def test_each_job_ends_with_its_result(processes):
    jobs = [Job(partial(pow, 2, n), 60) for n in range(7)]
    found = {job.run.args[1]: result for job, result in results(jobs, processes)}
    assert found == {n: 2**n for n in range(7)}


def test_a_long_result_arrives_whole():
    ((_, result),) = results([Job(lambda: "x" * 1_000_000, 60)], 1)
    assert result == "x" * 1_000_000


def test_a_child_that_ends_its_process_or_fails_has_no_result():
    jobs = [Job(partial(os._exit, 0), 60), Job(partial(int, "x"), 60)]
    assert [result for _, result in results(jobs, 1)] == [None, None]


def test_a_late_child_is_killed_and_the_others_go_on():
    waits = threading.Event().wait
    found = [result for _, result in results([Job(waits, 0.2), Job(lambda: 1, 60)], 1)]
    assert found == [None, 1]


def test_what_a_child_writes_goes_nowhere(capfd):
    list(results([Job(lambda: os.write(1, b"out") + os.write(2, b"err"), 60)], 1))
    assert capfd.readouterr() == ("", "")


def test_children_end_when_the_caller_stops(tmp_path):
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)

    def says_its_id() -> None:
        with fifo.open("w") as pipe:
            pipe.write(f"{os.getpid()}\n")
        threading.Event().wait()

    iterator = results([Job(lambda: 1, 60), Job(says_its_id, 60)], 2)
    assert next(iterator)[1] == 1
    with fifo.open() as pipe:
        pid = int(pipe.readline())
    assert not ended(pid)
    iterator.close()
    assert ended(pid)


def test_a_child_is_no_part_of_the_group_that_a_terminal_interrupts():
    ((_, group),) = results([Job(os.getpgrp, 60)], 1)
    assert group != os.getpgrp()
