"""The fixture that runs our `confd` where confd's was recorded."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.confd_lib.backends.remote.runs import Rerun
from tests.servers.fixtures import Share, Start
from tests.servers.loopback.certificates import Certificates


@pytest.fixture
def rerun(
    share: Share,
    start: Start,
    certificates: Certificates,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Rerun:
    return Rerun(share, start, certificates, tmp_path, capfd, monkeypatch)
