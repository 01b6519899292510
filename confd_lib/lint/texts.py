"""Texts that are known in part: what can be said of a key before the template runs.

`printf "/hosts/%s/ip" $name` is known to begin with `/hosts/` and to end with `/ip`. Knows nothing
of trees.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

_VERB: Final = re.compile(r"%(?:%|[-+# 0]*[0-9]*(?:\.[0-9]+)?([a-zA-Z]))")
_AS_IT_IS: Final = frozenset("svd")


@dataclass(frozen=True, slots=True)
class Text:
    """A value, as far as it is known.

    Attributes:
        parts: its parts in their order; None for what is not known.
        made_by: the function that returned it, if one did.
        is_text: whether it is text, not another constant.
    """

    parts: tuple[str | None, ...] = (None,)
    made_by: str = ""
    is_text: bool = True

    @property
    def literal(self) -> str | None:
        """The whole text; None where a part of it is not known."""
        known = [part for part in self.parts if part is not None]
        return "".join(known) if len(known) == len(self.parts) else None

    @property
    def beginning(self) -> str:
        """What it is known to begin with."""
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
    """Return a value that is known."""
    return Text((text,), is_text=is_text)


def formatted(values: Sequence[Text]) -> Text:
    """Return what `printf` makes of its arguments.

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
    """Return what `print` makes of its arguments; between two that are no texts it sets a space."""
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
