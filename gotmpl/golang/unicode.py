"""Go's package `unicode`: white space, title case and quotation marks.

Knows no templates.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

SPACES: Final = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
"""The characters of Unicode's property White_Space."""

QUOTATION_MARKS: Final = (
    "\"'\xab\xbb\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u2039\u203a\u2e42"
    "\u300c\u300d\u300e\u300f\u301d\u301e\u301f\ufe41\ufe42\ufe43\ufe44\uff02\uff07\uff62\uff63"
)
"""The characters of Unicode's property Quotation_Mark."""


def is_space(char: str) -> bool:
    r"""Return whether a character is white space. Go: unicode.IsSpace.

    >>> is_space("\u3000"), is_space("\x1c")
    (True, False)
    """
    return char in SPACES


@lru_cache(maxsize=4096)
def title_rune(char: str) -> str:
    """Return a character in title case, by Unicode's simple mapping. Go: unicode.ToTitle.

    >>> [title_rune(char) for char in "aßǆ"]
    ['A', 'ß', 'ǅ']
    """
    mapped = char.title()
    return mapped if len(mapped) == 1 else char
