"""Tests of the helpers of the soak tests."""

from __future__ import annotations

import signal
import subprocess

import pytest

from tests.soak.site import ended


def test_a_failed_block_ends_its_process_at_once() -> None:
    """The test does not wait for the guard."""
    process = subprocess.Popen(["sleep", "1000"])
    with pytest.raises(ZeroDivisionError), ended(process):
        _ = 1 / 0
    assert process.returncode == -signal.SIGKILL


def test_a_process_that_ends_with_another_status_is_a_failure() -> None:
    with pytest.raises(AssertionError), ended(subprocess.Popen(["sleep", "1000"])):
        pass
