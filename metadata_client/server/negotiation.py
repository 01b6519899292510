"""Choose the format of a reply by the `Accept` header, as gddo/httputil does.

Knows nothing of requests or replies.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# In the order of the service: of two offers with equal weight the first one wins.
OFFERS: Final[dict[str, str]] = {
    "text/plain": "text",
    "application/json": "json",
    "application/yaml": "yaml",
    "application/x-yaml": "yaml",
    "text/yaml": "yaml",
    "text/x-yaml": "yaml",
}

# One media range with an optional weight. The rest of a line that does not match is ignored.
_WISH: Final = re.compile(
    r"""
    [ \t]* ([-!#$%&'*+.^_`|~0-9A-Za-z/]+)             # the range
    [ \t]* (;)? (?:(?<=;)[ \t]*q=([01](?:\.[0-9]*)?))? # its weight
    [ \t]*
    """,
    re.VERBOSE,
)


def negotiate(accepts: Iterable[str]) -> str:
    """Return the format for these `Accept` header lines: `text`, `json` or `yaml`.

    >>> negotiate(["application/json"]), negotiate(["application/json, text/plain, */*"])
    ('json', 'text')
    >>> negotiate(["application/json; charset=utf-8"])
    'text'
    """
    wishes = [wish for line in accepts for wish in _wishes(line)]
    best, chosen = (0.0, -3), "text/plain"
    for offer in OFFERS:
        for wanted, weight in wishes:
            score = (weight, -_wildness(wanted, offer))
            if weight and score[1] > -3 and score > best:
                best, chosen = score, offer
    return OFFERS[chosen]


def _wildness(wanted: str, offer: str) -> int:
    """Return 0 for the offer itself, more for a wider range, 3 for no match."""
    if wanted == "*/*":
        return 2
    if wanted.endswith("/*") and offer.startswith(wanted[:-1]):
        return 1
    return 0 if wanted == offer else 3


def _wishes(line: str) -> Iterator[tuple[str, float]]:
    at = 0
    while match := _WISH.match(line, at):
        wanted, parameter, weight = match.groups()
        if parameter and weight is None:
            return  # Go: any parameter but q
        yield wanted, float(weight or 1)
        at = match.end()
        if line[at : at + 1] != ",":
            return
        at += 1
