"""URLs without their secrets, for people. Knows nothing of HTTP."""

from __future__ import annotations


def shown(url: str) -> str:
    """Return a URL without user name and password, for logs and messages.

    Everything up to the last `@` is dropped, so that a password with a slash in it stays hidden as
    well. A path that holds an `@` must have it as `%40`, as `paths.encode` writes it.

    >>> shown("http://user:secret@rancher-metadata/latest"), shown("user:secret@node:8080")
    ('http://rancher-metadata/latest', 'node:8080')
    """
    scheme, mark, rest = url.partition("://")
    if not mark:
        scheme, rest = "", url
    return f"{scheme}{mark}{rest.rpartition('@')[2]}"
