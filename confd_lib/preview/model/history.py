"""The outputs before: what the last rendering was, and the last that succeeded.

Knows nothing of templates. Each open page has a history of its own, and only some are kept.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Generic, TypeVar

if TYPE_CHECKING:
    from confd_lib.preview.model import records

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Recent(Generic[K, V]):
    """Values by key, of which those that were used last are kept; for several threads.

    Args:
        most: how many are kept.

    >>> recent = Recent(1)
    >>> recent.get_or_make("a", lambda: 1), recent.get_or_make("a", lambda: 2)
    (1, 1)
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._kept: OrderedDict[K, V] = OrderedDict()

    def get(self, key: K) -> V | None:
        """Return the value of a key; None if it is not kept."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def put(self, key: K, value: V) -> None:
        """Keep a value."""
        with self._lock:
            self._kept[key] = value
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)

    def get_or_make(self, key: K, make: Callable[[], V]) -> V:
        """Return the value of a key; make and keep it if it is not there."""
        found = self.get(key)
        if found is None:
            found = make()
            self.put(key, found)
        return found


@dataclass(frozen=True, slots=True)
class Good:
    """The last output of a file that succeeded.

    Attributes:
        key: the state of the files and of the address that it was made in.
        text: the output.
        lines: its lines.
        before: the output before this one; None for the first.
    """

    key: Hashable
    text: str
    lines: tuple[records.OutputLine, ...]
    before: str | None = None

    def then(self, new: Good) -> Good:
        """Return the output after another one was made; the same if it is of the same state."""
        return self if new.key == self.key else Good(new.key, new.text, new.lines, self.text)


@dataclass(frozen=True, slots=True)
class Tally:
    """The outputs of all files and containers, as one overview found them.

    Attributes:
        key: the state of the files and of the address that they were made in.
        digests: a digest of each output, by resource and container.
        before: those of the overview before this one; None for the first.
    """

    key: Hashable
    digests: Mapping[tuple[str, str], bytes]
    before: Mapping[tuple[str, str], bytes] | None = None

    @classmethod
    def after(
        cls, old: Tally | None, key: Hashable, digests: Mapping[tuple[str, str], bytes]
    ) -> Tally:
        """Return the outputs after an earlier overview, which may have been a part of this one.

        A failure leaves the last good output.
        """
        if old is None:
            return cls(key, digests)
        before = old.before if old.key == key else old.digests
        return cls(key, {**old.digests, **digests}, before)

    def has_changed(self, file: tuple[str, str]) -> bool:
        """Return whether an output differs from the one before."""
        return self.before is not None and self.before.get(file) != self.digests.get(file)


# Enough for every file that a person opens in a while.
MOST_FILES: Final = 128
"""How many outputs are kept with their lines."""
MOST_TABS: Final = 8
"""How many pages have overviews that are kept."""
