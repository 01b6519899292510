"""Go's package `path`: cuts, joins and cleans the paths of keys.

A path is text with `/` as its only separator: this module knows neither files nor templates.
"""

from __future__ import annotations


def clean(path: str) -> str:
    """Return the shortest path that is equivalent. Go: path.Clean.

    `.` and empty segments are removed, `..` removes the segment before it, and the empty path
    becomes `.`. This is the rule for keys. The paths of URLs in `metadata_client.paths` have a rule
    of their own, gorilla/mux's: it roots every path and keeps a slash at the end.

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
    """Return the elements joined with `/` and cleaned; empty ones are skipped. Go: path.Join.

    >>> join("/", "a", "", "/b/"), join("", "")
    ('/a/b', '')
    """
    parts = [element for element in elements if element]
    return clean("/".join(parts)) if parts else ""


def base(path: str) -> str:
    """Return the last segment; `.` of an empty path, `/` of slashes alone. Go: path.Base.

    >>> base("/a/b/"), base("///"), base("")
    ('b', '/', '.')
    """
    if not path:
        return "."
    return path.rstrip("/").rpartition("/")[2] or "/"


def directory(path: str) -> str:
    """Return the path up to its last slash, cleaned. Go: path.Dir.

    >>> directory("/a/b"), directory("/a/"), directory("a"), directory("/a")
    ('/a', '/a', '.', '/')
    """
    before, slash, _ = path.rpartition("/")
    return clean(before + slash)
