"""A server that lets every page ask, as the real one does: its replies are the same to the byte."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from metadata_client import MetadataServer
from tests.metadata_client.conftest import answers


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[MetadataServer]:
    # A sender on a busy machine may pause for longer than half a second.
    monkeypatch.setattr("metadata_client.server.connections._LINGER", 10.0)
    with MetadataServer(answers(1), xff=True, cors=True, tick=0.05) as running:
        yield running
