"""docs/migrate.md: its walk runs, and its flags exist."""

from __future__ import annotations

import re
from pathlib import Path

from confd_lib.command.settings.flags import FLAGS
from tests.layers import ROOT

from . import shell

PAGE = (ROOT / "docs/migrate.md").read_text("utf-8")


def test_the_walk_prints_what_the_page_shows(tmp_path: Path) -> None:
    (step,) = shell.steps(PAGE)
    assert shell.run(step, tmp_path) == step.shown


def test_each_flag_exists() -> None:
    # The Dockerfile has the flags of apt and pip.
    page = re.sub(r"^```dockerfile$.*?^```$", "", PAGE, flags=re.DOTALL | re.MULTILINE)
    named = set(re.findall(r"(?<![\w-])`?-{1,2}([a-z][a-z-]+)", page))
    # `confd-lib render --trace`, `confd-lib lint --for` and `confd-lib dump --mask`.
    assert named - {"trace", "for", "mask"} <= set(FLAGS)
