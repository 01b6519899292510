"""Read by tests after a pass: names of files, their lines and states, how each resource fared."""

from __future__ import annotations

from pathlib import Path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def statuses(results) -> dict[str, str]:
    return {Path(result.path).stem: result.status.value for result in results}


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def state(path: Path) -> tuple[int, ...]:
    """Changes with whatever is done to a file, but not when it is read."""
    info = path.lstat()
    return info.st_ino, info.st_mode, info.st_uid, info.st_size, info.st_mtime_ns, info.st_ctime_ns
