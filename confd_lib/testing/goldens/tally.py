"""Counts what a run does with expected files, and finds those that it does not use.

Every pytest in the environment imports this module; it knows nothing of what files hold.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Final

NEW: Final = "new"
CHANGED: Final = "changed"
UPDATES: Final[Mapping[str, frozenset[str]]] = {
    "": frozenset(),
    "all": frozenset({NEW, CHANGED}),
    NEW: frozenset({NEW}),
    CHANGED: frozenset({CHANGED}),
}
"""The files that each value of `--confd-update` writes: those that are new, or changed."""

# Files that lie in folders for other reasons.
_IGNORED: Final = frozenset({".gitattributes", ".gitignore", ".gitkeep", ".DS_Store"})


@dataclass(frozen=True, slots=True)
class Unused:
    """Expected files that no render was compared with.

    Attributes:
        unused: those of a case that a test asserted.
        orphaned: those of no such case.
    """

    unused: tuple[str, ...] = ()
    orphaned: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tally:
    """The work of one run, or of one process of it, on expected files; files are real paths.

    Attributes:
        written: the files that did not exist before.
        updated: the files that held another text before.
        used: the files that were compared or written.
        cases: the folders of the cases that were asserted.
        trees: the modules of tests that assert cases, each after the folder of these cases.
    """

    written: set[str] = field(default_factory=set)
    updated: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)
    cases: set[str] = field(default_factory=set)
    trees: set[tuple[str, str]] = field(default_factory=set)

    def dump(self) -> str:
        """Return the tally as JSON, for another process."""
        return json.dumps({one.name: sorted(getattr(self, one.name)) for one in fields(self)})

    def add(self, dumped: str) -> None:
        """Add the tally of another process, as its `dump` returned it."""
        for name, values in json.loads(dumped).items():
            known = (tuple(one) if isinstance(one, list) else one for one in values)
            getattr(self, name).update(known)

    def unused(self, is_whole: Callable[[str], bool]) -> Unused:
        """Return the files that no render was compared with, of folders that can be judged.

        Args:
            is_whole: whether all tests of a module ran and passed.
        """
        partial = {folder for folder, module in self.trees if not is_whole(module)}
        folders = {folder for folder, _ in self.trees} - partial
        left = sorted({file for one in folders for file in _files(one)} - self.used)
        asserted = {file for one in self.cases for file in _files(one)}
        return Unused(
            unused=tuple(file for file in left if file in asserted),
            orphaned=tuple(file for file in left if file not in asserted),
        )


def _files(folder: str) -> Iterator[str]:
    """Yield the real paths of the files below a folder."""
    for parent, _, names in os.walk(folder):
        kept = (one for one in names if one not in _IGNORED)
        yield from (os.path.realpath(Path(parent, one)) for one in kept)
