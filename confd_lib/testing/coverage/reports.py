"""The reports that are files: their kinds, as `--confd-cov-report` names them, and their writing.

The module does not know pytest.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from confd_lib.testing.coverage import cobertura, jsonfile, lcov, page
from confd_lib.testing.coverage.places import Coverage


def _html(coverage: Coverage, _: Path) -> str:
    return page.page(coverage)


def _xml(coverage: Coverage, root: Path) -> str:
    return cobertura.text(coverage, root, time.time())


_TEXTS: Final[Mapping[str, Callable[[Coverage, Path], str]]] = {
    "html": _html,
    "xml": _xml,
    "lcov": lcov.text,
    "json": jsonfile.text,
}


class Report(NamedTuple):
    """A report that is a file.

    Attributes:
        kind: `html`, `xml`, `lcov` or `json`.
        file: the file.
    """

    kind: str
    file: Path

    def write(self, coverage: Coverage, root: Path) -> None:
        """Write the file, and missing folders above it.

        Args:
            coverage: the coverage.
            root: the folder that the paths of templates are relative to.

        Raises:
            OSError: the file cannot be written.
        """
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_text(_TEXTS[self.kind](coverage, root), "utf-8", "replace")
