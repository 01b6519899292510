"""Read by tests after a pass: the names of files, their lines, how each resource fared."""

from __future__ import annotations

from pathlib import Path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def statuses(results) -> dict[str, str]:
    return {Path(result.path).stem: result.status.value for result in results}


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []
