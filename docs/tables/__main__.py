"""`python -m docs.tables`: writes the pages and man pages that are made of tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from docs.tables import functions, man, resources, rules, settings

ROOT: Final = Path(__file__).parents[2]
PAGES: Final[Mapping[str, Callable[[], str]]] = {
    "docs/functions.md": functions.page,
    "docs/resources.md": resources.page,
    "docs/rules.md": rules.page,
    "docs/settings.md": settings.page,
    "docs/man/confd.1": man.confd,
    "docs/man/confd-lib.1": man.confd_lib,
    "docs/man/gotmpl.1": man.gotmpl_,
}
"""The files, below the root, and what gives the text of each."""


def main() -> None:
    """Write each file."""
    for name, text in PAGES.items():
        (ROOT / name).write_text(text(), "utf-8")


if __name__ == "__main__":
    main()
