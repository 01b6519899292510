"""The programs of a demonstration: where they are, and which package brings a missing one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from .failure import Failure

# Servers lie in folders that the PATH of an ordinary user lacks on some systems.
_FOLDERS: Final = ("/usr/local/sbin", "/usr/sbin", "/sbin")


def search_path() -> str:
    """Return PATH with the folders of servers at its end."""
    return os.pathsep.join((os.environ.get("PATH", os.defpath), *_FOLDERS))


def find(program: str) -> str:
    """Return the path of a program.

    Raises:
        Failure: it is not installed.
    """
    found = _found(program)
    if found is None:
        raise Failure(f"{program} is not installed")
    return found


def require(packages: Mapping[str, str]) -> None:
    """Do nothing if all programs are installed.

    Args:
        packages: the package of each program, or of each file with its path.

    Raises:
        Failure: some are missing; it names these, and the packages to install.
    """
    missing = [name for name in packages if _found(name) is None]
    if not missing:
        return
    verb = "is" if len(missing) == 1 else "are"
    wanted = " ".join(dict.fromkeys(packages[name] for name in missing))
    raise Failure(f"{', '.join(missing)} {verb} not installed: apt-get install {wanted}")


def _found(name: str) -> str | None:
    if "/" in name:
        return name if Path(name).exists() else None
    return shutil.which(name, path=search_path())
