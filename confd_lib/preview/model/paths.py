"""Paths as a person who stands in the current folder writes them."""

from __future__ import annotations

from pathlib import Path


def shown_path(path: str | Path) -> str:
    """Return a path relative to the current folder if it lies there, else an absolute one.

    >>> shown_path(Path.cwd() / "conf.d" / "a.toml"), shown_path("/etc/confd")
    ('conf.d/a.toml', '/etc/confd')
    """
    whole, here = Path(path).absolute(), Path.cwd()
    return str(whole.relative_to(here)) if whole.is_relative_to(here) else str(whole)
