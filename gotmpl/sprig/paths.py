"""Functions of paths, which are texts with slashes. Knows no files and no versions."""

from __future__ import annotations

from gotmpl.golang import path as gopath


def base(path: str) -> str:
    """Return the last segment of the path."""
    return gopath.base(path)


def directory(path: str) -> str:
    """Return the path without its last segment."""
    return gopath.directory(path)


def clean(path: str) -> str:
    """Return the shortest path that is equivalent."""
    return gopath.clean(path)


def ext(path: str) -> str:
    """Return the end of the last segment, from its last dot on."""
    _, dot, end = path.rpartition("/")[2].rpartition(".")
    return dot + end if dot else ""


def is_abs(path: str) -> bool:
    """Return whether the path begins with a slash."""
    return path.startswith("/")
