"""Fixtures of the tests of the pages."""

from __future__ import annotations

from pathlib import Path

import pytest

from . import site


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site of docs/, and return its folder."""
    folder = tmp_path_factory.mktemp("site") / "html"
    done = site.build(folder)
    assert (done.returncode, done.stderr) == (0, "")
    return folder
