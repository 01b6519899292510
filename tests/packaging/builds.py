"""Builds the sdist and the wheel, and makes environments to install them in.

`python -m tests.packaging.builds FOLDER` leaves both files in a folder.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import venv
import zipfile
from pathlib import Path
from typing import NamedTuple

from tests.tracked import ROOT, tracked


class Built(NamedTuple):
    """The two files of a release."""

    sdist: Path
    wheel: Path

    def sdist_names(self) -> set[str]:
        """Return the files of the sdist, without the folder that holds them all."""
        with tarfile.open(self.sdist) as archive:
            files = [member.name for member in archive if member.isfile()]
        return {name.partition("/")[2] for name in files}

    def wheel_names(self) -> set[str]:
        """Return the files of the wheel."""
        with zipfile.ZipFile(self.wheel) as archive:
            return set(archive.namelist())


def export(folder: Path) -> Path:
    """Copy the files of the project to a new folder: no caches, no files of an earlier build."""
    for path in tracked():
        copy = folder / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, copy)
    return folder


def build(source: Path, folder: Path) -> Built:
    """Build the sdist, and the wheel from it."""
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, source, cwd=source)
    (sdist,), (wheel,) = folder.glob("*.tar.gz"), folder.glob("*.whl")
    return Built(sdist, wheel)


class Environment:
    """A new virtual environment, which knows no package index but the one that it is given."""

    def __init__(self, folder: Path, index: str) -> None:
        """Make the environment in a folder that does not exist yet."""
        venv.create(folder, with_pip=True)
        self.folder, self.bin = folder, folder / "bin"
        kept = {
            name: value for name, value in os.environ.items() if name[:4] not in {"PIP_", "PYTH"}
        }
        self.variables = kept | {
            "PATH": f"{self.bin}{os.pathsep}{os.environ['PATH']}",
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PIP_INDEX_URL": index,
            "VIRTUAL_ENV": str(folder),
        }

    def install(self, *requirements: str) -> None:
        """Install packages from the index."""
        run(
            self.bin / "pip",
            "install",
            "--quiet",
            *requirements,
            cwd=self.folder,
            env=self.variables,
        )

    def run(self, command: str, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        """Run a command of the environment, whatever its exit status is."""
        argv = [self.bin / command, *arguments]
        return subprocess.run(
            argv, cwd=cwd, env=self.variables, check=False, capture_output=True, text=True
        )


def run(*command: str | Path, cwd: Path, env: dict[str, str] | None = None) -> str:
    """Run a command that has to succeed, and return what it printed."""
    done = subprocess.run(command, cwd=cwd, env=env, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as exported:
        build(export(Path(exported)), Path(sys.argv[1]))
