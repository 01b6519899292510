"""The files that are named nearly as one that does not exist.

Knows nothing of what files hold.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import gotmpl

if TYPE_CHECKING:
    from pathlib import Path


def near(path: Path) -> list[Path]:
    """Return the files that are spelled nearly as one that does not exist, the nearest first.

    A path that exists has no such files. Each part of one that does not exist is compared with the
    names that are there.

    >>> from pathlib import Path
    >>> near(Path("examples/zookeper/docker-compose.yml"))
    [PosixPath('examples/zookeeper/docker-compose.yml')]
    """
    if path.exists():
        return []
    missing = first_missing(path)
    rest = path.relative_to(missing)
    found: list[Path] = []
    for name in gotmpl.near(missing.name, names(missing.parent)):
        one = missing.parent / name
        if (one / rest).exists():
            found.append(one / rest)
        else:
            found += (near(one / rest) if one.is_dir() else []) or [one]
    return found


def question(path: Path) -> str:
    """Return "did you mean …?" with the nearest files; empty if no file is near or the path exists.

    >>> from pathlib import Path
    >>> question(Path("examples/zookeper")), question(Path("examples"))
    ('did you mean examples/zookeeper?', '')
    """
    return "" if path.exists() else gotmpl.did_you_mean([str(one) for one in near(path)])


def first_missing(path: Path) -> Path:
    """Return the first part of a path that does not exist; the path, if only its name does not."""
    while not path.parent.is_dir():
        path = path.parent
    return path


def names(folder: Path) -> list[str]:
    """Return the names in a folder, sorted; hidden ones and those of Python's caches are left out.

    Files that cannot be listed have no names.
    """
    try:
        found = [one.name for one in folder.iterdir()]
    except OSError:
        return []
    return sorted(name for name in found if not name.startswith((".", "__")))
