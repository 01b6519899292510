"""The files that coverage is measured of: folders, files and patterns, as `--confd-cov` takes them.

The module does not know templates.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import fnmatchcase
from glob import has_magic
from itertools import takewhile
from pathlib import Path
from typing import Final

# The pattern for any folders, or no folder.
_ANY: Final = "**"
_EXCEPT: Final = "!"


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern of paths.

    Attributes:
        base: the folder or file that it begins with, absolute.
        parts: patterns of the names below, with `*`, `?` and `[…]`; `**` stands for any folders.
    """

    base: Path
    parts: tuple[str, ...] = ()

    @classmethod
    def parse(cls, word: str, here: Path) -> Pattern:
        """Return the pattern of a word that is relative to the folder `here`."""
        path = here / word
        if path.is_dir():
            return cls(path.resolve(), (_ANY, "*"))
        if path.exists() or not has_magic(word):
            return cls(path.resolve())
        if "/" not in word:
            return cls(here, (_ANY, word))
        plain = list(takewhile(lambda part: not has_magic(part), Path(word).parts))
        return cls(here.joinpath(*plain).resolve(), Path(word).parts[len(plain) :])

    def __contains__(self, path: Path) -> bool:
        if not path.is_relative_to(self.base):
            return False
        return _matches(path.relative_to(self.base).parts, self.parts)

    def files(self) -> Iterator[Path]:
        """Yield the files that match, without a walk through hidden folders."""
        if not self.parts and self.base.is_file():
            yield self.base
        for folder, inner, names in os.walk(self.base):
            inner[:] = [name for name in inner if not name.startswith(".")]
            yield from (path for path in (Path(folder, name) for name in names) if path in self)


def _matches(names: Sequence[str], parts: Sequence[str]) -> bool:
    """Return whether names match; a wildcard does not match a hidden name, as in a shell."""
    if not names or not parts:
        return not names and not parts
    hidden = names[0].startswith(".") and not parts[0].startswith(".")
    if parts[0] == _ANY:
        return _matches(names, parts[1:]) or (not hidden and _matches(names[1:], parts))
    return not hidden and fnmatchcase(names[0], parts[0]) and _matches(names[1:], parts[1:])


@dataclass(frozen=True, slots=True)
class Selection:
    """A choice of files.

    Attributes:
        folder: the folder that the names of the files are relative to.
        wanted: the patterns of the files; a file must match one of them.
        unwanted: the patterns of files that are left out.
    """

    folder: Path
    wanted: tuple[Pattern, ...]
    unwanted: tuple[Pattern, ...] = ()

    @classmethod
    def parse(cls, words: Sequence[str], here: Path) -> Selection:
        """Return the choice that words describe.

        Args:
            words: folders, files and patterns. A pattern without a slash matches the names of files
                at any depth; one that begins with `!` leaves files out.
            here: the folder that the words are relative to.

        Raises:
            ValueError: a word matches no file; the message names the nearest one.

        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> for name in ("a.tmpl", "b.tmpl", "README.md"):
        ...     _ = (folder / name).write_text("")
        >>> [path.name for path in Selection.parse(["*.tmpl", "!b*"], folder).files()]
        ['a.tmpl']
        """
        here = here.resolve()
        wanted = [word for word in words if not word.startswith(_EXCEPT)] or ["."]
        unwanted = (word.removeprefix(_EXCEPT) for word in words if word.startswith(_EXCEPT))
        patterns = tuple(_matching_something(word, here) for word in wanted)
        one_folder = len(patterns) == 1 and (here / wanted[0]).is_dir()
        return cls(
            patterns[0].base if one_folder else here,
            patterns,
            tuple(Pattern.parse(word, here) for word in unwanted),
        )

    def __contains__(self, path: Path) -> bool:
        return any(path in one for one in self.wanted) and not any(
            path in one for one in self.unwanted
        )

    def files(self) -> list[Path]:
        """Return the files, sorted."""
        found = {path for pattern in self.wanted for path in pattern.files()}
        return sorted(path for path in found if path in self and path.is_file())

    def name(self, path: Path) -> str:
        """Return the name of a file, relative to the folder."""
        return os.path.relpath(path, self.folder)


def everything(folder: Path) -> Selection:
    """Return the choice of all files below a folder, except hidden ones."""
    return Selection.parse(["."], folder)


def _matching_something(word: str, here: Path) -> Pattern:
    pattern = Pattern.parse(word, here)
    if (here / word).is_dir() or any(pattern.files()):
        return pattern
    if has_magic(word):
        raise ValueError(f"no file below {pattern.base} matches {word}")
    folder = pattern.base.parent
    names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
    near = get_close_matches(pattern.base.name, names, 1)
    hint = f"; did you mean {Path(word).with_name(near[0])}?" if near else ""
    raise ValueError(f"there is no folder or file {pattern.base}{hint}")
