"""Functions of texts: case, white space, parts.

Lengths and places are those of the bytes, as in Go. Knows nothing of versions.
"""

from __future__ import annotations

from gotmpl.errors import FuncError
from gotmpl.golang.strings import from_bytes, is_valid, merge_bytes, to_bytes, to_lower, to_upper
from gotmpl.golang.unicode import SPACES, is_space, title_rune
from gotmpl.limits import check_limits
from gotmpl.values.kinds import Map, Slice

# -- Questions about a text


def contains(part: str, text: str) -> bool:
    """Return whether the text contains the part, which comes first."""
    return part in text if is_valid(part) else to_bytes(part) in to_bytes(text)


def has_prefix(prefix: str, text: str) -> bool:
    """Return whether the text begins with the prefix."""
    return to_bytes(text).startswith(to_bytes(prefix))


def has_suffix(suffix: str, text: str) -> bool:
    """Return whether the text ends with the suffix."""
    return to_bytes(text).endswith(to_bytes(suffix))


# -- Ends of a text


def trim(text: str) -> str:
    """Return the text without white space at its ends."""
    return text.strip(SPACES)


def trim_all(chars: str, text: str) -> str:
    """Return the text without any of the characters at its ends."""
    return text.strip(chars)


def trim_prefix(prefix: str, text: str) -> str:
    """Return the text without the prefix."""
    return from_bytes(to_bytes(text).removeprefix(to_bytes(prefix)))


def trim_suffix(suffix: str, text: str) -> str:
    """Return the text without the suffix."""
    return from_bytes(to_bytes(text).removesuffix(to_bytes(suffix)))


# -- Case


def upper(text: str) -> str:
    """Return the text in upper case, character by character."""
    return to_upper(text)


def lower(text: str) -> str:
    """Return the text in lower case, character by character."""
    return to_lower(text)


def title(text: str) -> str:
    """Return the text with the letter after each separator in title case (Go: strings.Title)."""
    before = " " + text
    return "".join(
        title_rune(char) if _separates(last) else char
        for last, char in zip(before, text, strict=False)
    )


def _separates(char: str) -> bool:
    """Go: strings.isSeparator: of the signs beyond ASCII only spaces separate words."""
    if char.isascii():
        return not (char.isalnum() or char == "_")
    return is_space(char)


def untitle(text: str) -> str:
    """Return the text with the first character of each word in lower case."""
    before = " " + text
    return "".join(
        to_lower(char) if is_space(last) else char for last, char in zip(before, text, strict=False)
    )


def swapcase(text: str) -> str:
    """Return the text with upper and lower case exchanged; a lower first letter gets title case."""
    before = " " + text
    return "".join(
        _swapped(char, first=is_space(last)) for last, char in zip(before, text, strict=False)
    )


def _swapped(char: str, *, first: bool) -> str:
    if char.isupper() or char.istitle():
        return to_lower(char)
    if char.islower():
        return title_rune(char) if first else to_upper(char)
    return char


# -- Characters


def nospace(text: str) -> str:
    """Return the text without white space; each byte counts as a character, as in sprig."""
    chars = to_bytes(text).decode("latin-1")
    kept = "".join(char for char in chars if not is_space(char))
    return text if len(kept) == len(chars) else kept


def initials(text: str) -> str:
    """Return the first character of each word; each byte counts as a character, as in sprig."""
    chars = to_bytes(text).decode("latin-1")
    return "".join(
        char
        for last, char in zip(" " + chars, chars, strict=False)
        if is_space(last) and not is_space(char)
    )


def repeat(count: int, text: str) -> str:
    """Return the text `count` times."""
    if count < 0:
        raise FuncError("strings: negative Repeat count")
    check_limits(count * len(text))
    return merge_bytes(text * count)


def replace(old: str, new: str, text: str) -> str:
    """Return the text with each `old` replaced by `new`."""
    if is_valid(old):
        return merge_bytes(text.replace(old, new))
    return from_bytes(to_bytes(text).replace(to_bytes(old), to_bytes(new)))


def plural(one: str, many: str, count: int) -> str:
    """Return `one` for a count of 1, else `many`."""
    return one if count == 1 else many


def split(separator: str, text: str) -> Map[str]:
    """Return the parts of the text by the names `_0`, `_1` and so on."""
    return Map("string", ((f"_{i}", part) for i, part in enumerate(split_list(separator, text))))


def split_list(separator: str, text: str) -> Slice[str]:
    """Return the parts of the text; its characters if the separator is empty."""
    if not separator:
        return Slice("string", text)
    if is_valid(separator):
        return Slice("string", text.split(separator))
    return Slice("string", map(from_bytes, to_bytes(text).split(to_bytes(separator))))


def sliced(text: bytes, start: int, stop: int) -> bytes:
    """Return the bytes from `start` up to `stop`.

    Raises:
        FuncError: there is no such part; the message is that of Go's panic.

    >>> sliced(b"abc", 1, 9)
    Traceback (most recent call last):
    ...
    gotmpl.errors.FuncError: runtime error: slice bounds out of range [:9] with length 3
    """
    if stop < 0:
        raise FuncError(f"runtime error: slice bounds out of range [:{stop}]")
    if stop > len(text):
        raise FuncError(
            f"runtime error: slice bounds out of range [:{stop}] with length {len(text)}"
        )
    if start > stop:
        raise FuncError(f"runtime error: slice bounds out of range [{start}:{stop}]")
    return text[start:stop]
