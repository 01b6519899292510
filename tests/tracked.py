"""The files that belong to the project: those that git tracks, or all files of an sdist."""

from __future__ import annotations

import subprocess
from fnmatch import fnmatch
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent
# What building adds to an sdist.
ADDED: Final = ("PKG-INFO", "*.egg-info")


def tracked(*patterns: str) -> list[Path]:
    """Return the files of the project that exist and whose names match one of the patterns."""
    files = _of_git() if (ROOT / ".git").exists() else _of_sdist()
    wanted = patterns or ("*",)
    return [path for path in files if any(fnmatch(path.name, one) for one in wanted)]


def _of_git() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [path for name in listed.stdout.split("\0") if (path := ROOT / name).is_file()]


def _of_sdist() -> list[Path]:
    """Return the files below the root, except for those that git ignores or a build adds."""
    ignored = [line.rstrip("/") for line in (ROOT / ".gitignore").read_text().splitlines()]
    names = (*ignored, *ADDED)
    return [
        path
        for path in sorted(ROOT.rglob("*"))
        if path.is_file()
        and not any(fnmatch(part, name) for part in path.relative_to(ROOT).parts for name in names)
    ]
