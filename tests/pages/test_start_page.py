"""docs/start.md: its commands, one after the other in an empty folder, print what it shows."""

from __future__ import annotations

import re
from pathlib import Path

from tests.layers import ROOT

from . import shell

PAGE = (ROOT / "docs/start.md").read_text("utf-8")


def test_the_walk_prints_what_the_page_shows(tmp_path: Path) -> None:
    install, *walk = shell.steps(PAGE)
    assert len(walk) == 7
    for step in walk:
        assert shell.run(step, tmp_path) == step.shown, step.source
    # The plugins that the tests of confd-lib have are not those of a new environment.
    assert re.findall(r"pip install '([\w-]+)\[(\w+)\]'", install.source) == [
        ("confd-lib", "testing")
    ]
