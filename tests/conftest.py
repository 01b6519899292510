"""Hypothesis profiles: no deadlines, and reproducible examples in CI. Fixtures of all tests."""

from __future__ import annotations

import gc
import os
import signal
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

# The stores that tests start.
pytest_plugins = ["tests.servers.fixtures"]

# A deadline would fail on a busy machine.
settings.register_profile("local", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")

# A shell without job control has what it starts in the background ignore SIGINT, and so would the
# programs that tests start and interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Put off the collection of garbage while a test nests as deep as Python goes.

    Python 3.11 may collect what earlier tests left at that depth, where no finalizer can run.
    """
    deep = item.get_closest_marker("deep") is not None
    if deep:
        gc.disable()
    try:
        yield
    finally:
        if deep:
            gc.enable()
