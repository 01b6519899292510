"""The templates of the command: files, or the text of standard input. Knows nothing of values."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gotmpl.command.faults import Fault, of_file
from gotmpl.golang.strings import from_bytes

STDIN: Final = "-"
_SUFFIXES: Final = (".tmpl", ".gotmpl", ".tpl")


@dataclass(frozen=True, slots=True)
class Source:
    """A template.

    Attributes:
        name: its name, which errors give.
        text: its text.
        path: its file, as it was given; `-` for standard input.
    """

    name: str
    text: str
    path: str

    @property
    def target(self) -> str:
        """The name of the file that is made of it.

        >>> Source("app.conf.tmpl", "", "").target
        'app.conf'
        """
        suffix = next((one for one in _SUFFIXES if self.name.endswith(one)), "")
        return self.name.removesuffix(suffix) or self.name


def read(paths: list[str]) -> list[Source]:
    """Return the templates of paths; each has its file's name.

    Raises:
        Fault: one cannot be read, or two have one name.
    """
    found: dict[str, Source] = {}
    for path in paths:
        source = _read(path)
        if source.name in found:
            raise Fault(f"{path}: {found[source.name].path} has the same name; rename one of them")
        found[source.name] = source
    return list(found.values())


def _read(path: str) -> Source:
    if path == STDIN:
        return Source("stdin", from_bytes(sys.stdin.buffer.read()), path)
    try:
        return Source(Path(path).name, from_bytes(Path(path).read_bytes()), path)
    except OSError as error:
        raise of_file(Path(path), error) from error
