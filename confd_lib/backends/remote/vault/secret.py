"""The keys and values that a secret of Vault gives, as confd makes them. Knows nothing of Vault."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from confd_lib.golang import json as gojson
from confd_lib.golang.path import join

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

# The types of the values that are no keys, in confd's words.
_GO_TYPES: Final[Mapping[type, str]] = {
    gojson.Number: "json.Number",
    bool: "bool",
    list: "[]interface {}",
    type(None): "<nil>",
}


def keys_of(
    path: str, fields: Mapping[str, object], warn: Callable[[str], None]
) -> Iterator[tuple[str, str]]:
    """Yield the keys of a secret with their values.

    A secret whose only field is a text `value` is that text. Any other one is the JSON of its
    fields, and each text in it has a key below the path.

    Args:
        path: of the secret.
        fields: its values, with numbers of `gojson.decode_numbers`.
        warn: is called with a line about each value that has no key.

    >>> dict(keys_of("/kv/db", {"value": "secret"}, print))
    {'/kv/db': 'secret'}
    >>> dict(keys_of("/kv/db", {"user": {"name": "u"}, "tls": True}, print))
    type of '/kv/db/tls' is not supported (bool)
    {'/kv/db': '{"tls":true,"user":{"name":"u"}}', '/kv/db/user/name': 'u'}
    """
    value = fields.get("value")
    if len(fields) == 1 and _is_text(value):
        yield path, str(value)
        return
    yield path, gojson.encode(fields)
    pending: list[tuple[str, object]] = [(path, fields)]
    while pending:
        key, value = pending.pop()
        if isinstance(value, dict):
            pending.extend((join(key, name), value[name]) for name in sorted(value, reverse=True))
        elif _is_text(value):
            yield key, str(value)
        else:
            warn(f"type of '{key}' is not supported ({_GO_TYPES[type(value)]})")


def _is_text(value: object) -> bool:
    return type(value) is str
