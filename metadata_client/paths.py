"""Paths: lists of keys, as they are written in URLs and as they are followed in trees.

Client and server both encode, decode and follow paths here, and nowhere else. Knows nothing of
HTTP, and nothing of what the trees mean.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import quote, unquote, unquote_plus

Path = str | Sequence[str]
"""A path as callers write it: a text such as `/self/container`, or its bare keys."""


class Panic(Exception):
    """The handler of the real service panics here: it drops the connection without a byte."""


class _Missing:
    __slots__ = ()

    def __repr__(self) -> str:
        return "MISSING"

    def __reduce__(self) -> str:
        return "MISSING"  # so that a pickled one is loaded as this one


MISSING: Final = _Missing()
"""The result of a path that leads nowhere; never a value of a tree."""

_INDEX: Final = re.compile(r"[+-]?[0-9]+")


def keys(path: Path) -> tuple[str, ...]:
    """Return the keys of a path.

    A text is cut at its slashes, and `%XX` in it stands for a byte, so that a slash in a key can
    be written `%2F`. A plus is a plus. Keys given one by one are taken as they are.

    >>> keys("/services/lb/links/galera%2Fdb/")
    ('services', 'lb', 'links', 'galera/db')
    >>> keys(["links", "galera/db"])
    ('links', 'galera/db')
    """
    if isinstance(path, str):
        return tuple(unquote(part, errors="surrogateescape") for part in path.split("/") if part)
    return tuple(path)


def encode(path: Sequence[str]) -> str:
    """Return the keys as the path of a URL.

    >>> encode(["links", "galera/db", "a+b c"])
    '/links/galera%2Fdb/a%2Bb%20c'
    """
    return "".join(f"/{quote(key, safe='', errors='surrogateescape')}" for key in path)


def decode(raw: str) -> tuple[str, ...]:
    """Return the keys of a path as the service reads them: as in a query, a plus is a space.

    >>> decode("/links/galera%2Fdb/a%2Bb+c/")
    ('links', 'galera/db', 'a+b c')
    """
    parts = raw.strip("/").split("/")
    return tuple(unquote_plus(part, errors="surrogateescape") for part in parts if part)


def written(path: str) -> str:
    """Return a decoded path as Go's `URL.String()` writes it, with as few escapes as possible.

    >>> written("/a b/c:d?")
    '/a%20b/c:d%3F'
    """
    return quote(path, safe="/$&+,:;=@~", errors="surrogateescape")


def clean(path: str) -> str:
    """Return the shortest equal path; a slash at the end stays.  Go: gorilla/mux cleanPath.

    >>> clean("/latest//self/./../version/")
    '/latest/version/'
    """
    kept: list[str] = []
    for part in path.split("/"):
        if part == "..":
            del kept[-1:]
        elif part not in ("", "."):
            kept.append(part)
    slash = "/" if path.endswith("/") and kept else ""
    return f"/{'/'.join(kept)}{slash}"


def reachable(path: Sequence[str]) -> bool:
    r"""Return whether the service can be asked for these keys.

    It cleans paths after decoding them, and its route matches no newline.

    >>> [reachable([key]) for key in ("a/b", "a//b", "..", "", "a\n")]
    [True, False, False, False, False]
    """
    joined = "/" + "/".join(path)
    return not path or (clean(joined) == joined and path[-1] != "" and "\n" not in joined)


def find(tree: object, path: Sequence[str]) -> object:
    """Return the value at the keys: as they are or, if that leads nowhere, all in lower case.

    Returns:
        The value, or `MISSING`.

    Raises:
        Panic: the path leads below a null.

    >>> find({"hosts": [{"name": "n1", "cpu": 4}]}, ["Hosts", "N1", "CPU"])
    4
    """
    found = _walk(tree, path)
    return _walk(tree, [key.lower() for key in path]) if found is MISSING else found


def cut(tree: object, path: Sequence[str]) -> object:
    """Return the value as `find` does, but `MISSING` below a null."""
    try:
        return find(tree, path)
    except Panic:
        return MISSING


def _walk(tree: object, path: Sequence[str]) -> object:
    for key in path:
        if isinstance(tree, dict):
            tree = tree.get(key, MISSING)
        elif isinstance(tree, list):
            tree = _element(tree, key)
        elif tree is None:
            raise Panic
        else:
            return MISSING
    return tree


def _element(items: list[object], key: str) -> object:
    index = int(key) if _INDEX.fullmatch(key) and len(key) < 20 else None
    if index is not None:
        return items[index] if 0 <= index < len(items) else MISSING
    named = (item for item in items if isinstance(item, dict))
    return next((m for m in named if key in (m.get("name"), m.get("uuid"))), MISSING)
