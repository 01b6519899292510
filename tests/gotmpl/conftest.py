"""The Go judge, built and started once per session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .oracle.judge import Judge, NoGo


@pytest.fixture(scope="session")
def judge() -> Iterator[Judge]:
    try:
        running = Judge()
    except NoGo as reason:
        pytest.skip(str(reason))
    with running:
        yield running
