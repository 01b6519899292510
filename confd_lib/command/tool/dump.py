"""`confd-lib dump`: the keys of a store as a file of values, for tests.

Knows nothing of stores: it is given the keys and values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import yaml

from confd_lib.errors import ConfigError
from confd_lib.golang import match as gomatch
from confd_lib.golang.strings import encode, in_byte_order

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_MASK: Final = "masked"


def masked(values: Mapping[str, str], patterns: Sequence[str]) -> dict[str, str]:
    """Return keys with their values, of which those that patterns match are hidden.

    Those above and below a matching key are hidden too, as a store may hold there what the key
    holds: Vault has the whole of a secret as JSON beside its fields.

    Args:
        values: by key.
        patterns: as those of `getvs`, like `/*/password`.

    Raises:
        ConfigError: a pattern is malformed, or matches no key.

    >>> masked({"/db": "{...}", "/db/password": "x", "/port": "80"}, ["/*/password"])
    {'/db': 'masked', '/db/password': 'masked', '/port': '80'}
    """
    chosen = {key for pattern in patterns for key in _matching(values, pattern)}
    above = {outer for key in chosen for outer in _above(key)}
    return {
        key: _MASK if key in above or not chosen.isdisjoint((key, *_above(key))) else value
        for key, value in values.items()
    }


def text(values: Mapping[str, str]) -> str:
    r"""Return keys and values as YAML, in the order of the keys.

    Bytes that are not UTF-8 become `!!binary`; everything else is a quoted text.

    >>> print(text({"/b": "1", "/a": "x\n"}), end="")
    "/a": "x\n"
    "/b": "1"
    """
    ordered = {_scalar(key): _scalar(values[key]) for key in in_byte_order(values)}
    if not ordered:
        return "{}\n"
    dumped: str = yaml.safe_dump(
        ordered, default_flow_style=False, default_style='"', sort_keys=False, width=float("inf")
    )
    return dumped


def _matching(values: Mapping[str, str], pattern: str) -> list[str]:
    try:
        found = list(filter(gomatch.read(pattern).matches, values))
    except gomatch.BadPattern as error:
        raise ConfigError(f"--mask {pattern}: {error}") from error
    if not found:
        raise ConfigError(
            f"--mask {pattern} matches none of {len(values)} keys; nothing is written"
        )
    return found


def _above(key: str) -> Iterator[str]:
    """Yield the keys above a key.

    >>> list(_above("/a/b"))
    ['/', '/a']
    """
    names = key.split("/")[1:-1]
    yield "/"
    yield from ("/" + "/".join(names[: at + 1]) for at in range(len(names)))


def _scalar(value: str) -> str | bytes:
    data = encode(value)
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data
