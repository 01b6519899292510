"""Finds the programs that tests start; a test whose program is missing skips and says so."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from pathlib import Path
from typing import NoReturn

import pytest


def system_program(name: str) -> str:
    """Return the path of a program of the system, such as `redis-server`.

    The folder of this Python is left out: wheels bring programs of other versions there.
    """
    here = Path(sys.executable).parent
    folders = [path for path in os.get_exec_path() if Path(path) != here]
    found = shutil.which(name, path=os.pathsep.join([*folders, "/usr/sbin"]))
    return found or missing(f"{name} is not installed")


def packaged_program(package: str, path: str) -> str:
    """Return the path of a program inside an installed package, which is not imported."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        missing(f"the package {package} is not installed")
    found = Path(spec.origin).parent / path
    return str(found) if found.is_file() else missing(f"{package} has no {path} for this system")


def system_file(path: str) -> str:
    """Return the path of a file that a package of the system installs."""
    return path if Path(path).exists() else missing(f"there is no {path}")


def missing(reason: str) -> NoReturn:
    """Skip the test; fail it in CI as root, where `.ci/run` installs all programs."""
    if os.environ.get("CI") and os.geteuid() == 0:
        pytest.fail(reason)
    pytest.skip(reason)
