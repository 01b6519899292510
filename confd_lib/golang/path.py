"""Paths of keys, the way Go's package `path` cuts and cleans them: where every key passes first.

It must not know the file system, the store or templates: a path is text here, and `/` its only
separator. Patterns over paths are `gomatch`'s.
"""

from __future__ import annotations


def clean(path: str) -> str:
    """Return the shortest path that means the same. Go: path.Clean.

    `.` and empty segments vanish, `..` removes its predecessor, and nothing is `.`.

    >>> clean("/a//b/../c/."), clean("../a/.."), clean("/.."), clean("")
    ('/a/c', '..', '/', '.')
    """
    rooted = path.startswith("/")
    kept: list[str] = []
    for segment in path.split("/"):
        if segment in {"", "."}:
            continue
        if segment != "..":
            kept.append(segment)
        elif kept and kept[-1] != "..":
            kept.pop()
        elif not rooted:
            kept.append(segment)
    if rooted:
        return "/" + "/".join(kept)
    return "/".join(kept) or "."


def join(*elements: str) -> str:
    """Join the elements that are not empty with `/`, and clean. Go: path.Join.

    >>> join("/", "a", "", "/b/"), join("", "")
    ('/a/b', '')
    """
    given = [element for element in elements if element]
    return clean("/".join(given)) if given else ""


def base(path: str) -> str:
    """Return the last segment; `.` of nothing and `/` of slashes alone. Go: path.Base.

    >>> base("/a/b/"), base("///"), base("")
    ('b', '/', '.')
    """
    if not path:
        return "."
    return path.rstrip("/").rpartition("/")[2] or "/"


def directory(path: str) -> str:
    """Return all but what follows the last slash, cleaned. Go: path.Dir.

    >>> directory("/a/b"), directory("/a/"), directory("a"), directory("/a")
    ('/a', '/a', '.', '/')
    """
    before, slash, _ = path.rpartition("/")
    return clean(before + slash)


def cut_prefix(key: str, prefix: str) -> str:
    """Return the key as a store knows it: `prefix` cut off as mere text, rooted and cleaned.

    The cut heeds no segment: that is how confd fills its store (`strings.TrimPrefix`).

    >>> cut_prefix("/app/x", "/app"), cut_prefix("/application/y", "/app"), cut_prefix("/z", "/app")
    ('/x', '/lication/y', '/z')
    """
    return join("/", key.removeprefix(prefix))
