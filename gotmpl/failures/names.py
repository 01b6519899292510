"""Names that are spelled nearly as a wrong one.

Knows nothing of what is named: functions, fields, keys, services.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

_MOST_COMPARED: Final = 1000


def near(name: str, names: Iterable[str]) -> list[str]:
    """Return the names that are spelled nearly as a name, the nearest first; at most three.

    A name that differs in the case of letters alone is the only one.

    Args:
        name: the wrong name.
        names: the names that there are. More than 1000 are not compared, since that takes long.

    >>> near("key", ["Value", "Key"]), near("/prot", ["/port", "/ports", "/name"])
    (['Key'], ['/port', '/ports'])
    """
    from difflib import get_close_matches  # noqa: PLC0415 - needed only once something fails

    by_lower: dict[str, str] = {}
    for one in names:
        by_lower.setdefault(one.lower(), one)
        if len(by_lower) > _MOST_COMPARED:
            return []
    if name.lower() in by_lower:
        return [by_lower[name.lower()]]
    return [by_lower[found] for found in get_close_matches(name.lower(), by_lower)]


def did_you_mean(names: Sequence[str]) -> str:
    """Return a question that offers some names; empty if there are no names.

    >>> did_you_mean(["print", "printf", "println"]), did_you_mean([])
    ('did you mean print, printf or println?', '')
    """
    *others, last = names or ("",)
    if not last:
        return ""
    return f"did you mean {', '.join(others)}{' or ' if others else ''}{last}?"
