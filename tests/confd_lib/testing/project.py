"""Small projects of templates and tests in folders of their own, on which pytest runs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

PLUGIN = "confd_lib.testing.plugin"
# What costs seconds in each run, and has no part in what is tested.
QUICK = ("-p", "no:cacheprovider", "-p", "no:hypothesispytest", "--assert=plain")
TIME = re.compile(r" in \d+\.\d+s(?: \([\d:]+\))?$")
INSTALLED = any(one.value == PLUGIN for one in entry_points(group="pytest11"))


@dataclass(frozen=True)
class Project:
    """A project in a folder of its own; pytest runs its tests."""

    pytester: pytest.Pytester

    @property
    def path(self) -> Path:
        return self.pytester.path

    def write(self, files: dict[str, str]) -> None:
        for name, text in files.items():
            path = self.path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def test(self, *bodies: str) -> None:
        """Write a test for each body."""
        tests = (f"def test_{i}(confd):\n    {body}\n" for i, body in enumerate(bodies))
        self.write({"test_it.py": "\n".join(tests)})

    def run(self, *args: str) -> pytest.RunResult:
        plugin = () if INSTALLED else ("-p", PLUGIN)
        # Not in this process: C extensions, as YAML's loader is, do not live twice in one.
        return self.pytester.runpytest_subprocess(*plugin, *QUICK, *args)

    def report(self, *args: str) -> str:
        """Return what a run prints, without times, the project's folder and spaces at ends."""
        done = self.run("-q", "--color=no", "--tb=short", *args)
        text = re.sub(
            r" in \d+\.\d+s(?: \([\d:]+\))?$", "", "\n".join(done.outlines), flags=re.MULTILINE
        )
        lines = text.replace(str(self.path), "/project").strip().split("\n")
        return "".join(f"{line.rstrip()}\n" for line in lines)

    def files(self, folder: str = "expect") -> dict[str, str]:
        """Return the texts of the files below a folder."""
        found = (path for path in (self.path / folder).rglob("*") if path.is_file())
        return {str(path.relative_to(self.path / folder)): path.read_text() for path in found}
