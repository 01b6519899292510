"""The front door: the names that it exports, and the cost of importing them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import metadata_client

PACKAGE = Path(metadata_client.__file__).parent


def test_names() -> None:
    assert metadata_client.__all__ == sorted(metadata_client.__all__)
    assert dir(metadata_client) == metadata_client.__all__
    assert sorted(metadata_client._HOME) == metadata_client.__all__


@pytest.mark.parametrize("name", metadata_client.__all__)
def test_name_is_there(name: str) -> None:
    found = getattr(metadata_client, name)
    assert found.__doc__
    assert getattr(found, "__name__", "").rpartition(".")[2] == name


def test_name_that_is_not_there() -> None:
    with pytest.raises(AttributeError, match="module 'metadata_client' has no attribute 'nope'"):
        _ = metadata_client.nope  # type: ignore[attr-defined]  # what is tested


COSTS = [
    pytest.param("__all__", {"requests", "yaml", "socket", "h11"}, id="nothing"),
    pytest.param("MetadataError", {"requests", "yaml", "socket"}, id="errors"),
    pytest.param("delays", {"requests", "yaml", "socket"}, id="delays"),
    pytest.param("shown", {"requests", "yaml", "socket"}, id="shown"),
    pytest.param("Snapshot", {"requests", "yaml", "socket"}, id="snapshot"),
    pytest.param("watch", {"requests", "yaml", "socket"}, id="watch"),
    pytest.param("resolve", {"requests", "yaml", "socket"}, id="resolve"),
    pytest.param("Answers", {"requests", "socket"}, id="answers"),
    pytest.param("MetadataServer", {"requests", "urllib3"}, id="server"),
    pytest.param("MetadataClient", {"yaml"}, id="client"),
]


@pytest.mark.parametrize(("name", "unwanted"), COSTS)
def test_import_cost(name: str, unwanted: set[str]) -> None:
    program = f"import sys, metadata_client; metadata_client.{name}; print(*sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", program],
        check=True,
        capture_output=True,
        text=True,
        cwd=PACKAGE.parent,
    )
    assert not unwanted & set(run.stdout.split())
