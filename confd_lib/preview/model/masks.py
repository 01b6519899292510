"""Masks: values that nobody is to see are replaced before a template is rendered.

What is rendered, compared, explained or exported then cannot hold them, however the template uses
them. Knows a store, nothing of templates.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import TYPE_CHECKING, Final

from confd_lib.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

MASK: Final = "••••••"
"""What stands for each value that is hidden."""


@dataclass(frozen=True, slots=True)
class Masked:
    """A store of which some values are hidden.

    Attributes:
        store: the store, with the mask in place of those values.
        shown: what it shows in their place, by key.
        secrets: the values that are hidden.
    """

    store: Store
    shown: Mapping[str, str] = field(default_factory=dict)
    secrets: frozenset[str] = field(default=frozenset(), repr=False)


def masked(store: Store, patterns: Sequence[str]) -> Masked:
    """Return a store of which the values of some keys are hidden.

    Those below a matching key are hidden too. A key above may hold the value as well, as Vault has
    the whole of a secret as JSON beside its fields: there the value alone is hidden, or all where
    it is not found. An empty value stays empty.

    Args:
        store: the store.
        patterns: as those of `getvs`, like `/*/password`.

    Raises:
        BadPattern: a pattern is malformed.

    >>> values = {"/db": '{"password": "s3cret"}', "/db/password": "s3cret", "/port": "80"}
    >>> dict(masked(Store(values), ["/*/password"]).store.items())["/db"]
    '{"password": "••••••"}'
    """
    paths = [path for pattern in patterns for path in store.matching(pattern)]
    below = {key: value for path in paths for key, value in _below(store, path) if value}
    if not below:
        return Masked(store)
    secrets = frozenset(below.values())
    above = {key: store.getv(key) for path in paths for key in _above(path) if store.exists(key)}
    shown = {
        **{key: _without(value, secrets) for key, value in above.items()},
        **dict.fromkeys(below, MASK),
    }
    hidden = secrets | {value for key, value in above.items() if key not in below}
    return Masked(Store.layered([store, Store(shown)]), shown, hidden)


def without(text: str, secrets: Iterable[str]) -> str:
    """Return a text with the mask in place of each of some values.

    >>> without("user:s3cret", ["s3cret"])
    'user:••••••'
    """
    longest_first = sorted(filter(None, secrets), key=len, reverse=True)
    return reduce(lambda left, secret: left.replace(secret, MASK), longest_first, text)


def _without(text: str, secrets: frozenset[str]) -> str:
    written = {
        json.dumps(one, ensure_ascii=plain)[1:-1] for one in secrets for plain in (False, True)
    }
    left = without(text, secrets | written)
    return MASK if left == text else left


def _below(store: Store, path: str) -> Iterator[tuple[str, str]]:
    found = store.view("/", [path]).items()
    return ((key, value) for key, value in found if f"{key}/".startswith(f"{path.rstrip('/')}/"))


def _above(path: str) -> Iterator[str]:
    """Yield the keys above a path.

    >>> list(_above("/a/b/c"))
    ['/a', '/a/b']
    """
    names = path.split("/")[1:]
    return ("/" + "/".join(names[:count]) for count in range(1, len(names)))


def as_masked(other: str, shown: str) -> str:
    r"""Return a text in which what may be a hidden value is hidden as in another text.

    A line that stands in `shown` stays. One that stands there but for what the mask stands for is
    shown as it is there. Of a line that only begins so, nothing behind that beginning is shown.

    Args:
        other: the text, such as that of a file on the disk.
        shown: the text that holds the mask.

    >>> as_masked("password = old!\nport = 80", "password = ••••••\nport = 81")
    'password = ••••••\nport = 80'
    """
    visible = shown.split("\n")
    hiding = [line for line in visible if MASK in line]
    known = frozenset(visible)
    lines = other.split("\n")
    return "\n".join(line if line in known else _as_masked(line, hiding) for line in lines)


def _as_masked(line: str, hiding: Sequence[str]) -> str:
    for one in hiding:
        if _fits(line, one):
            return one
    begins = (one.partition(MASK)[0] for one in hiding)
    found = [one for one in begins if one.strip() and line.startswith(one)]
    return f"{max(found, key=len)}{MASK}" if found else line


def _fits(line: str, masked: str) -> bool:
    """Return whether a line is a masked one, but for what each mask stands for.

    >>> _fits("a = 1; b = 2", "a = ••••••; b = ••••••"), _fits("a = 1", "a = ••••••; b = ••••••")
    (True, False)
    """
    first, *between, last = masked.split(MASK)
    at, end = len(first), len(line) - len(last)
    if not (line.startswith(first) and line.endswith(last) and at <= end):
        return False
    for piece in between:
        found = line.find(piece, at, end)
        if found < 0:
            return False
        at = found + len(piece)
    return True
