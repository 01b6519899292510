"""A stage for tests of the parts that demonstrations share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from examples.stage import Board, Processes, Stage
from examples.stage.signals import Signals


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    processes = Processes()
    with Signals() as signals:
        yield Stage(tmp_path, processes, Board(["node"]), signals)
    processes.stop_all()
