"""The end of a message about a name that is not there: the nearest name that is.

Knows nothing of what is named.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def nearest(name: str, names: Iterable[str]) -> str:
    """Return the one of `names` that is most like `name`; empty if none is like it.

    >>> nearest("galra", ["web", "galera"]), nearest("db", ["web", "galera"])
    ('galera', '')
    """
    import difflib  # noqa: PLC0415 - slow to import, and needed only in messages

    return next(iter(difflib.get_close_matches(name, [*names], 1)), "")


def instead(name: object, names: Iterable[str]) -> str:
    """Return `; the nearest is X`, or empty if none of `names` is like `name`."""
    near = nearest(name, names) if isinstance(name, str) else ""
    return f"; the nearest is {near}" if near else ""


def instead_of_path(path: Path) -> str:
    """Return the same for a path that does not exist.

    It is the path with the nearest name for the first that is missing; or, if nothing is like that,
    a folder below with a file of the name that is wanted.

    >>> from pathlib import Path
    >>> instead_of_path(Path("examples/galra/docker-compose.yml"))
    '; the nearest is examples/galera'
    """
    missing = _first_missing(path)
    folder = missing.parent
    near = nearest(missing.name, _names(folder))
    if near:
        return f"; the nearest is {folder / near}"
    below = (one for one in _names(folder) if (folder / one / path.name).exists())
    found = next(below, "") if missing == path else ""
    return f"; the nearest is {folder / found}" if found else ""


def _first_missing(path: Path) -> Path:
    missing = path
    while not missing.parent.exists() and missing.parent != missing:
        missing = missing.parent
    return missing


def _names(folder: Path) -> list[str]:
    try:
        return sorted(one.name for one in folder.iterdir())
    except OSError:
        return []
