"""Functions of texts as sprig v3 has them: quotes, parts, names in other cases.

Knows no other functions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gotmpl.fmt.printf import sprintf
from gotmpl.golang import xstrings
from gotmpl.golang.strings import from_bytes, in_byte_order, merge_bytes, to_bytes
from gotmpl.sprig import layout, strings
from gotmpl.sprig.v3.values import text_of, texts_of
from gotmpl.strconv.quoting import quote as quoted
from gotmpl.values.kinds import Kind, Map, Slice, kind

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random


def quote(*values: object) -> str:
    """Return the values as Go's string literals with a space between them; nil is left out."""
    return " ".join(quoted(text_of(value)) for value in values if value is not None)


def squote(*values: object) -> str:
    """Return the values in single quotes with a space between them; nil is left out."""
    return merge_bytes(" ".join(f"'{_printed(one)}'" for one in values if one is not None))


def cat(*values: object) -> str:
    """Return the values as texts with a space between them; nil is left out."""
    return merge_bytes(" ".join(_printed(one) for one in values if one is not None))


def _printed(value: object) -> str:
    return sprintf("%v", (value,))


def to_string(value: object) -> str:
    """Return any value as a text."""
    return text_of(value)


def to_strings(value: object) -> Slice[str]:
    """Return the elements of a list as texts; nil is left out."""
    return texts_of(value)


# -- Parts of a text


def substr(start: int, stop: int, text: str) -> str:
    """Return the part of the text from a byte up to another; a place below 0 is its end."""
    data = to_bytes(text)
    if start < 0:
        return from_bytes(strings.sliced(data, 0, stop))
    return from_bytes(strings.sliced(data, start, min(stop, len(data)) if stop >= 0 else len(data)))


def trunc(count: int, text: str) -> str:
    """Return the first `count` bytes of the text; below 0 the last ones."""
    data = to_bytes(text)
    if count < 0:
        return from_bytes(data[count:])
    return text if len(data) <= count else from_bytes(data[:count])


def nindent(spaces: int, text: str) -> str:
    """Return a new line, and the text with spaces before each of its lines."""
    return "\n" + layout.indent(spaces, text)


def splitn(separator: str, count: int, text: str) -> Map[str]:
    """Return at most `count` parts of the text by the names `_0`, `_1` and so on."""
    parts = strings.split_list(separator, text) if count else Slice[str]("string")
    if 0 < count < len(parts):
        parts = Slice("string", [*parts[: count - 1], separator.join(parts[count - 1 :])])
    return Map("string", ((f"_{i}", part) for i, part in enumerate(parts)))


def join(separator: str, parts: object) -> str:
    """Return the elements of any list as texts with the separator between them."""
    return merge_bytes(separator.join(texts_of(parts)))


def sort_alpha(items: object) -> Slice[str]:
    """Return the elements of a list as texts in the order of their bytes.

    A `[]string` is sorted in place.
    """
    if kind(items) is not Kind.SLICE:
        return Slice("string", [text_of(items)])
    texts = texts_of(items)
    texts[:] = in_byte_order(texts)
    return texts


# -- Names in another case


def snakecase(text: str) -> str:
    """Return the words of the text in small letters, with `_` between them."""
    return xstrings.connected(text, "_")


def kebabcase(text: str) -> str:
    """Return the words of the text in small letters, with `-` between them."""
    return xstrings.connected(text, "-")


def camelcase(text: str) -> str:
    """Return the words of the text side by side, each with a capital."""
    return xstrings.pascal_case(text)


def shuffling(random: Random) -> dict[str, Callable[..., object]]:
    """Return the function that puts the characters of a text into an order by chance."""

    def shuffle(text: str) -> str:
        """Return the text with its characters in an order by chance."""
        chars = list(text)
        random.shuffle(chars)
        return merge_bytes("".join(chars))

    return {"shuffle": shuffle}
