"""Expected files: a rendered text is compared with one, or written to it, and both are counted.

Knows nothing of templates, stacks and pytest.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from confd_lib import regular
from confd_lib.errors import ConfdError, system_reason
from confd_lib.golang.strings import encode, from_bytes
from confd_lib.testing.files import Finder
from confd_lib.testing.goldens.tally import CHANGED, NEW, Tally

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Held:
    """The content of an expected file that is not the rendered text.

    Attributes:
        text: its text; None if there is no such file.
        written: whether this run has written it, for another render.
    """

    text: str | None
    written: bool = False


@dataclass(frozen=True, slots=True)
class Goldens:
    """The expected files of a module of tests.

    Attributes:
        find: finds them.
        update: the kinds of files that are written instead of compared: `new`, `changed`.
        tally: counts what is done.
        module: the module of tests.
    """

    find: Finder = field(default_factory=Finder)
    update: frozenset[str] = frozenset()
    tally: Tally = field(default_factory=Tally)
    module: str = ""

    def settle(self, file: Path, text: str) -> Held | None:
        """Compare an expected file with a text, or write it.

        Returns:
            what the file holds instead of the text; None if it holds the text now.

        Raises:
            ConfdError: the file cannot be read or written.
        """
        held, real = _read(file), os.path.realpath(file)
        self.tally.used.add(real)
        if held == text:
            return None
        written = real in self.tally.written | self.tally.updated
        if written or (NEW if held is None else CHANGED) not in self.update:
            return Held(held, written)
        _write(file, text)
        (self.tally.written if held is None else self.tally.updated).add(real)
        return None

    def case(self, folder: Path, case: str) -> Path:
        """Return the folder of a case, whose unused files are counted from now on.

        Raises:
            ConfdError: the name of the case is not that of a folder, or `folder` is a file.
        """
        if case in ("", ".", "..") or "/" in case or "\0" in case:
            raise ConfdError(f"a case has the name of one folder in {folder}, not {case!r}")
        if folder.exists() and not folder.is_dir():
            raise ConfdError(f"{folder} is a file: the expected files need a folder")
        self.tally.cases.add(os.path.realpath(folder / case))
        self.tally.trees.add((os.path.realpath(folder), self.module))
        return folder / case


def _read(file: Path) -> str | None:
    """Return the text of an expected file; None if there is no such file."""
    try:
        return from_bytes(regular.read_file(file))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfdError(f"cannot read {file}: {system_reason(error)}") from error


def _write(file: Path, text: str) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(encode(text))
    except OSError as error:
        raise ConfdError(f"cannot write {file}: {system_reason(error)}") from error
