"""Texts that are known in part before the template runs.

`printf "/hosts/%s/ip" $name` begins with `/hosts/` and ends with `/ip`. The module does not know
trees.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

_VERB: Final = re.compile(r"%(?:%|[-+# 0]*+[0-9]*+(?:\.[0-9]++)?+([a-zA-Z]))")
_AS_IT_IS: Final = frozenset("svd")


@dataclass(frozen=True, slots=True)
class Text:
    """A value, as far as it is known.

    Attributes:
        parts: its parts in order; None for an unknown part.
        made_by: the function that returned it; empty if no function did.
        is_text: whether it is a text rather than another constant.
    """

    parts: tuple[str | None, ...] = (None,)
    made_by: str = ""
    is_text: bool = True

    @property
    def literal(self) -> str | None:
        """The whole text; None if a part of it is unknown."""
        known = [part for part in self.parts if part is not None]
        return "".join(known) if len(known) == len(self.parts) else None

    @property
    def beginning(self) -> str:
        """The text up to the first unknown part."""
        out = ""
        for part in self.parts:
            if part is None:
                break
            out += part
        return out

    def __str__(self) -> str:
        return "".join("…" if part is None else part for part in self.parts)


UNKNOWN: Final = Text()


def literal(text: str, *, is_text: bool = True) -> Text:
    """Return a known value."""
    return Text((text,), is_text=is_text)


def formatted(values: Sequence[Text]) -> Text:
    """Return the result of `printf`.

    >>> str(formatted([literal("/hosts/%s/%s"), literal("db"), UNKNOWN]))
    '/hosts/db/…'
    """
    wanted = values[0].literal if values else None
    if wanted is None:
        return UNKNOWN
    parts: list[str | None] = []
    given, at = iter(values[1:]), 0
    for verb in _VERB.finditer(wanted):
        parts.append(wanted[at : verb.start()])
        at = verb.end()
        if verb[0] == "%%":
            parts.append("%")
        else:
            parts += next(given, UNKNOWN).parts if verb[1] in _AS_IT_IS else (None,)
    return _joined([*parts, wanted[at:]])


def printed(values: Iterable[Text]) -> Text:
    """Return the result of `print`; unknown unless all are texts, since spaces separate others."""
    values = list(values)
    if not all(value.is_text for value in values):
        return UNKNOWN
    return _joined([part for value in values for part in value.parts])


def _joined(parts: Iterable[str | None]) -> Text:
    joined: list[str | None] = []
    for part in parts:
        if part is not None and joined and joined[-1] is not None:
            joined[-1] += part
        elif part != "":
            joined.append(part)
    return Text(tuple(joined))
