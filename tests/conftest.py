"""Hypothesis profiles: no deadlines, and reproducible examples in CI. Fixtures of all tests."""

from __future__ import annotations

import os

from hypothesis import settings

# The stores that tests start.
pytest_plugins = ["tests.servers.fixtures"]

# A deadline would fail on a busy machine.
settings.register_profile("local", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")
