"""Functions that change texts and paths.

Knows neither the store nor the system.
"""

from __future__ import annotations

from confd_lib.golang import path as gopath
from confd_lib.golang.strings import from_bytes, is_valid, merge_bytes, to_bytes, to_lower, to_upper
from gotmpl import Slice


def base(path: str) -> str:
    """Return the last segment of the path."""
    return gopath.base(path)


def directory(path: str) -> str:
    """Return the path without its last segment."""
    return gopath.directory(path)


def upper(text: str) -> str:
    """Return the text in upper case."""
    return to_upper(text)


def lower(text: str) -> str:
    """Return the text in lower case."""
    return to_lower(text)


def split(text: str, separator: str) -> Slice[str]:
    """Return the parts of the text between separators; its characters if the separator is empty."""
    if not separator:
        return Slice("string", text)
    if is_valid(separator):
        return Slice("string", text.split(separator))
    return Slice("string", map(from_bytes, to_bytes(text).split(to_bytes(separator))))


def join(parts: Slice[str], separator: str) -> str:
    """Return the parts with the separator between them."""
    return merge_bytes(separator.join(parts))


def contains(text: str, part: str) -> bool:
    """Return whether the part occurs in the text."""
    return part in text if is_valid(part) else to_bytes(part) in to_bytes(text)


def replace(text: str, old: str, new: str, count: int) -> str:
    """Return the text with the first `count` of `old` replaced by `new`; with -1, all of them."""
    if is_valid(old):
        return merge_bytes(text.replace(old, new, count))
    return from_bytes(to_bytes(text).replace(to_bytes(old), to_bytes(new), count))


def trim_suffix(text: str, suffix: str) -> str:
    """Return the text without the suffix."""
    if is_valid(suffix):
        return text.removesuffix(suffix)
    return from_bytes(to_bytes(text).removesuffix(to_bytes(suffix)))
