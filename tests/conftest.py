"""How properties are tried: without a clock, and the same each time where a change must land."""

from __future__ import annotations

import os

from hypothesis import settings

# A deadline would be a timing assert, which a busy machine breaks.
settings.register_profile("here", deadline=None)
settings.register_profile("landing", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("landing" if os.environ.get("CI") else "here")
