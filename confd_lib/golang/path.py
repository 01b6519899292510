"""Go's package `path`, and the cut of a prefix from keys. Patterns over paths are in `match`.

Knows neither files, stores nor templates.
"""

from __future__ import annotations

from gotmpl.golang.path import base, clean, directory, join

__all__ = ["base", "clean", "cut_prefix", "directory", "join"]


def cut_prefix(key: str, prefix: str) -> str:
    """Return the key without the prefix, rooted and cleaned, as confd puts it into its store.

    The prefix is cut off as text (`strings.TrimPrefix`), also in the middle of a segment.

    >>> cut_prefix("/app/x", "/app"), cut_prefix("/application/y", "/app"), cut_prefix("/z", "/app")
    ('/x', '/lication/y', '/z')
    """
    return join("/", key.removeprefix(prefix))
