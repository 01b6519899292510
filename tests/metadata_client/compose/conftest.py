"""A folder with compose files, from their texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from metadata_client import compose

Load = Callable[..., compose.Stack]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "db"
    made.mkdir()
    return made


@pytest.fixture
def load(folder: Path) -> Load:
    """Load a stack named `db` from the texts of its two files."""

    def loading(docker: str, rancher: str | None = None, **options: object) -> compose.Stack:
        (folder / "docker-compose.yml").write_text(docker, "utf-8")
        if rancher is not None:
            (folder / "rancher-compose.yml").write_text(rancher, "utf-8")
        return compose.load(folder, **options)  # type: ignore[arg-type]  # as each test gives them

    return loading


@pytest.fixture
def metadata_of(load: Load) -> Callable[..., Mapping[str, object]]:
    """Return the metadata that a service gets from the text below `metadata:`."""

    def reading(text: str, **options: object) -> Mapping[str, object]:
        lines = "".join(f"    {line}\n" for line in text.splitlines())
        stack = load("web:\n  image: web\n", f"web:\n  metadata:\n{lines}", **options)
        return stack.services[0].metadata

    return reading
