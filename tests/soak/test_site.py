"""The ground that the soak tests stand on."""

from __future__ import annotations

import signal
import subprocess

import pytest

from tests.soak.site import ended


def test_a_failed_block_ends_its_process_at_once() -> None:
    """The process would run on for longer than its guard, which tests must not wait for."""
    process = subprocess.Popen(["sleep", "1000"])
    with pytest.raises(ZeroDivisionError), ended(process):
        _ = 1 / 0
    assert process.returncode == -signal.SIGKILL


def test_a_process_that_does_not_end_well_is_a_failure() -> None:
    with pytest.raises(AssertionError), ended(subprocess.Popen(["sleep", "1000"])):
        pass
