"""The words of a name in snake case, kebab case and camel case, as `huandu/xstrings` 1.5 has them.

Knows no templates. Upper and lower case are Unicode's, character by character.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from gotmpl.golang.strings import to_lower, to_upper
from gotmpl.golang.unicode import is_space

_STRAY: Final = re.compile("[\udc80-\udcff]")  # each stands for a byte that is not UTF-8
_IDEOGRAPHS: Final = re.compile("[\u3400-\u4d85\u4e00-\u9fcc\U00020000-\U0002b81d]")
# Words by the kinds of their characters: a last capital before small letters begins a word.
_WORDS: Final = re.compile("C+|P+|UL+|U+(?=UL)|U+|L+|N+|O+")


def _kind(char: str) -> str:
    """Return the kind: C of what connects words, U and L of letters, Number, Punctuation, Other."""
    if char in "_-" or is_space(char):
        return "C"
    category = "P" if char == "\ufffd" else unicodedata.category(char)
    if category in ("Lu", "Lt"):
        return "U" if category == "Lu" else "L"
    if category[0] == "L":
        return "O" if _IDEOGRAPHS.match(char) else "L"
    return category[0] if category[0] in "NP" else "O"


def _words(text: str) -> list[tuple[str, str]]:
    """Return the parts of a name, each behind the kind of its first character."""
    kinds = "".join(map(_kind, text))
    found = _WORDS.finditer(kinds)
    return [(kinds[word.start()], text[word.start() : word.end()]) for word in found]


def connected(text: str, connector: str) -> str:
    """Return the words of a text in small letters with a connector between them.

    Digits belong to the word before them, unless small letters follow.

    >>> connected("HTTPServer", "_"), connected("Bld4Floor", "_"), connected("http2xx", "-")
    ('http_server', 'bld4_floor', 'http-2xx')
    """
    words = _words(_STRAY.sub("\ufffd", text))
    written = list[str]()
    for index, (kind, word) in enumerate(words):
        before = words[index - 1][0] if index else "C"
        if _is_apart(words, index, before):
            written.append(connector)
        written.append(connector * len(word) if kind == "C" else to_lower(word))
    return "".join(written)


def _is_apart(words: list[tuple[str, str]], index: int, before: str) -> bool:
    """Return whether a connector comes before a word."""
    kind = words[index][0]
    if kind in "CP" or before in "CP":
        return False
    if before == "N":  # letters and digits behind digits that begin a word are of that word
        return kind not in "LN" or not _begins_with_digits(words, index - 1)
    if kind != "N":
        return not (kind == "L" and _is_of_digits(words, index))
    after = words[index + 1][0] if index + 1 < len(words) else ""
    return after == "L" and not _is_of_digits(words, index)


def _begins_with_digits(words: list[tuple[str, str]], index: int) -> bool:
    """Return whether the digits there are a word of their own, or in one that digits begin."""
    after = words[index + 1][0] if index + 1 < len(words) else ""
    return after == "L"


def _is_of_digits(words: list[tuple[str, str]], index: int) -> bool:
    """Return whether the word before is of a word that digits begin."""
    while index and words[index - 1][0] in "LN":
        index -= 1
        if words[index][0] == "N":
            return True
    return False


def pascal_case(text: str) -> str:
    """Return the words of a text side by side, each with a capital. Go: xstrings.ToPascalCase.

    Capitals at the beginning of a word are small after the first. Connectors at the beginning stay,
    as does one at the end, and of several side by side all but one.

    >>> pascal_case("http_server"), pascal_case("GOLANG_IS_GREAT"), pascal_case("FooBAR")
    ('HttpServer', 'GolangIsGreat', 'FooBAR')
    """
    rest = text.lstrip("".join({char for char in text if _kind(char) == "C"}))
    leading = text[: len(text) - len(rest)]
    if not rest:
        return leading + leading[-1:]  # xstrings writes the last one twice
    written, capitals, last = list[str](), rest[0].isupper(), to_upper(rest[0])
    for char in rest[1:]:
        shown = char
        if _kind(last) == "C":
            if _kind(char) == "C":
                written.append(last)
            else:
                capitals, shown = char.isupper(), to_upper(char)
        else:
            written.append(last)
            capitals = capitals and char.isupper()
            shown = to_lower(char) if capitals else char
        last = shown
    return leading + "".join(written) + last
