"""The site of docs/, built once for all tests that read it."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

from tests.layers import ROOT

PROGRAM = (sys.executable, "-m", "sphinx")


def build(folder: Path) -> subprocess.CompletedProcess[str]:
    """Build the site as `make docs` does."""
    options = ("--quiet", "--fail-on-warning", "--keep-going", "--conf-dir", "docs")
    doctrees = ("--doctree-dir", folder.parent / "doctrees")
    return subprocess.run(
        [*PROGRAM, *options, *doctrees, "-b", "html", ".", folder],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=250,
    )


class Page(HTMLParser):
    """Collects the links and the anchors of a page."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.anchors: set[str] = set()
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id" and value:
                self.anchors.add(value)
            if name in ("href", "src") and value:
                self.links.add(value)


read = cache(Page)
