"""The keys of the stand-in for Consul: their indexes, who waits for them, and the file of them.

Knows nothing of HTTP. Keys are as Consul has them, usually without a slash in front.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

# The index of an empty store: Consul's own affairs have used the lower ones.
_FIRST: Final = 10


@dataclass(frozen=True, slots=True)
class View:
    """Some of the keys at one time.

    Attributes:
        index: the index of the last change among them, or of the store's last one without keys.
        entries: the keys in the API's form, sorted.
    """

    index: int
    entries: list[dict[str, Any]]


class Keys:
    """The keys, in memory and in a file, from which the next start reads them again."""

    def __init__(self, path: Path) -> None:
        self._changed = threading.Condition()
        self._restore({"index": _FIRST, "entries": {}, "deleted": {}})
        if path.exists():
            for line in path.read_text().splitlines():
                self._repeat(json.loads(line))
        self._file = path.open("a", buffering=1)

    def change(
        self, values: Mapping[str, str | None], deleted: Sequence[str]
    ) -> list[dict[str, Any]]:
        """Set and delete keys at one new index, and return the entries that were set.

        Args:
            values: the keys to set, with their values in base64, None for an empty one.
            deleted: the keys to delete, all of which are there.
        """
        with self._changed:
            if values or deleted:
                self._record({"set": dict(values), "delete": list(deleted)})
            return [self._entries[key] for key in values]

    def snapshot(self) -> dict[str, Any]:
        """Return all that `restore` needs."""
        with self._changed:
            return {"index": self._index, "entries": self._entries, "deleted": self._deleted}

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Go back to a snapshot, with its indexes: they become lower than before."""
        with self._changed:
            self._record({"restore": snapshot})

    def views(self, wanted: Sequence[tuple[str, bool]]) -> list[View]:
        """Return several views of the same time.

        Args:
            wanted: prefixes of keys, and whether a key has to be equal to the prefix.
        """
        with self._changed:
            return [self._view(_selection(*one)) for one in wanted]

    def wait(self, prefix: str, exactly: bool, index: int, seconds: float) -> View:
        """Return the view once its index is higher than one, at the latest after some seconds.

        It waits too if the index of the view is lower: a client has to notice that by itself.
        """
        select = _selection(prefix, exactly)
        with self._changed:
            self._changed.wait_for(lambda: self._view(select).index > index, seconds)
            return self._view(select)

    def _view(self, select: Callable[[str], bool]) -> View:
        entries = [self._entries[key] for key in sorted(filter(select, self._entries))]
        indexes = [entry["ModifyIndex"] for entry in entries]
        indexes += [index for key, index in self._deleted.items() if select(key)]
        return View(max(indexes) if entries else self._index, entries)

    def _record(self, record: dict[str, Any]) -> None:
        self._file.write(json.dumps(record) + "\n")
        self._repeat(record)
        self._changed.notify_all()

    def _repeat(self, record: dict[str, Any]) -> None:
        if "restore" in record:
            self._restore(record["restore"])
            return
        self._index += 1
        for key in record["delete"]:
            del self._entries[key]
            self._deleted[key] = self._index
        for key, value in record["set"].items():
            self._deleted.pop(key, None)
            self._set(key, value)

    def _set(self, key: str, value: str | None) -> None:
        before = self._entries.get(key)
        self._entries[key] = {
            "LockIndex": 0,
            "Key": key,
            "Flags": 0,
            "Value": value,
            "CreateIndex": before["CreateIndex"] if before else self._index,
            "ModifyIndex": self._index,
        }

    def _restore(self, snapshot: dict[str, Any]) -> None:
        self._index = snapshot["index"]
        self._entries: dict[str, dict[str, Any]] = dict(snapshot["entries"])
        # The index at which each key was deleted that is not there now.
        self._deleted: dict[str, int] = dict(snapshot["deleted"])


def _selection(prefix: str, exactly: bool) -> Callable[[str], bool]:
    return (lambda key: key == prefix) if exactly else (lambda key: key.startswith(prefix))
