"""The state of a store that holds keys and texts, and no trees. Knows nothing of any store."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING, Final

from confd_lib.store.rules import FLAT
from confd_lib.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# Values may be secrets of few signs: nobody else shall find them by trying.
_DIGEST_KEY: Final = os.urandom(16)


def digest(values: Mapping[str, object]) -> str:
    """Return a text that stands for some values until this process ends.

    Args:
        values: by key; texts, or more of such mappings.

    >>> digest({"/a": "1", "/b": "2"}) == digest({"/b": "2", "/a": "1"})
    True
    """
    text = json.dumps(values, sort_keys=True).encode()
    return blake2b(text, key=_DIGEST_KEY, digest_size=8).hexdigest()


@dataclass(frozen=True, slots=True)
class FlatSnapshot:
    """The keys and values that were asked for, at one moment.

    Attributes:
        version: the store's own number for its state, or a digest of the values.
        values: by absolute key.

    >>> snapshot = FlatSnapshot("7", {"/app/port": "80", "/apple": "fruit"})
    >>> dict(snapshot.view("/app", ["/"]).items())
    {'/port': '80'}
    """

    version: str
    values: Mapping[str, str]
    _store: Store = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # All resources share it, and with it the levels that it finds in the keys.
        store = Store.from_documents({"/": self.values}, rules=FLAT)
        object.__setattr__(self, "_store", store)

    def view(self, prefix: str, keys: Sequence[str]) -> Store:
        """Return the keys that one resource asks for, with its prefix cut off."""
        return self._store.view(prefix, keys)
