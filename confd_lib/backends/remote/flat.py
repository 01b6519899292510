"""The state of a store that holds keys and texts, and no trees. Knows nothing of any store."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from confd_lib.store.rules import FLAT
from confd_lib.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


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
