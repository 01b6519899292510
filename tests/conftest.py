"""Hypothesis profiles: no deadlines, and reproducible examples in CI. Fixtures of all tests."""

from __future__ import annotations

import os
import signal

from hypothesis import settings

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
