"""`confd` as a process on a folder of resources, and what the kernel says of its cost.

Knows nothing of the stores that it reads.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

# An installed package has its modules compiled; with this variable set, every start would compile
# them again.
_ENVIRONMENT: Final = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}


@dataclass(frozen=True, slots=True)
class Bill:
    """The cost of a process.

    Attributes:
        cpu: seconds, user and system.
        wall: seconds.
        memory: the peak in MB.
    """

    cpu: float
    wall: float
    memory: float


@dataclass(frozen=True, slots=True)
class Folder:
    """A configuration with many resources that render one template each.

    Attributes:
        path: the configuration.
        files: the destinations.
    """

    path: Path
    files: tuple[Path, ...]


def folder(place: Path, resources: int, key: str, template: str) -> Folder:
    """Make a folder of resources that ask for one key.

    It stays until everything is measured: for minutes ext4 does not reuse the inode of a deleted
    file, and skips each such inode whenever it makes a file (1 ms instead of 0.05).
    """
    path = Path(tempfile.mkdtemp(dir=place))
    for part in ("conf.d", "templates", "out"):
        (path / part).mkdir()
    (path / "templates/t.tmpl").write_text(template)
    files = tuple(path / "out" / f"{number}.conf" for number in range(resources))
    for file in files:
        text = f'[template]\nsrc = "t.tmpl"\ndest = "{file}"\nkeys = ["{key}"]\n'
        (path / "conf.d" / f"{file.stem}.toml").write_text(text)
    return Folder(path, files)


def confd(*args: str) -> list[str]:
    """Return the command line of `confd`, as users start it."""
    script = Path(sys.executable).parent / "confd"
    return [*([str(script)] if script.exists() else [sys.executable, "-m", "confd_lib"]), *args]


def start(command: Sequence[str]) -> subprocess.Popen[bytes]:
    """Start a process."""
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, env=_ENVIRONMENT)


def bill(command: Sequence[str]) -> Bill:
    """Run a process to its end.

    Raises:
        RuntimeError: it failed.
    """
    began = time.monotonic()
    process = start(command)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} left with {process.returncode}")
    wall = time.monotonic() - began
    return Bill(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024)


def until_current(files: Sequence[Path], mark: str) -> None:
    """Wait until every file holds a mark."""
    deadline = time.monotonic() + 30
    for file in files:
        while not file.exists() or mark not in file.read_text():
            if time.monotonic() > deadline:
                raise RuntimeError(f"{file.name} does not become current")
            time.sleep(0.002)


def cpu_of(pid: int) -> float:
    """Return the CPU seconds of a process so far, by the clock of the scheduler."""
    tasks = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9


def sockets_of(pid: int) -> int:
    """Return how many sockets a process has open."""
    links = Path(f"/proc/{pid}/fd").iterdir()
    return sum(str(link.readlink()).startswith("socket:") for link in links)
