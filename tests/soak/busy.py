"""The process that is killed: endless passes that swap 20 files between two versions.

`test_kills` runs it. The versions differ in content, size and mode, and in the owner if the tests
run as root, so that a mixture of both is recognised.
"""

from __future__ import annotations

import itertools
import os
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

from confd_lib import Confd, backends
from confd_lib.destination import staging, wanted
from tests.soak.site import Site

RESOURCES: Final = 20
NOBODY: Final = 65534
_LINE: Final = 64  # bytes


@dataclass(frozen=True, slots=True)
class Version:
    """One of the two versions of all files.

    Attributes:
        name: the beginning of each line.
        mode: the mode of each file.
        uid: the owner of each file.
        factor: the factor of the sizes of the files.
    """

    name: str
    mode: int
    uid: int
    factor: int

    def content(self, number: int) -> bytes:
        """Return the content of a file: from one line to a hundred KB of lines."""
        line = f"{self.name} {number} ".ljust(_LINE - 1, "x") + "\n"
        return line.encode() * (1 + self.factor * number * number)


VERSIONS: Final = (
    Version("old", 0o644, os.geteuid(), 2),
    Version("new", 0o600, os.geteuid() or NOBODY, 5),
)


def site_of(folder: Path, version: Version) -> Site:
    """Write the resources of a version; both versions have the same destinations."""
    site = Site.make(folder, version.name)
    for number in range(RESOURCES):
        text = f'{{{{getv "/self/{version.name}/{number}"}}}}'
        mode, uid = f"{version.mode:04o}", version.uid
        site.add(f"{number:02d}", text, mode=mode, uid=uid)
    return site


def confd_of(site: Site) -> Confd:
    contents = {
        f"/self/{version.name}/{number}": version.content(number).decode()
        for version in VERSIONS
        for number in range(RESOURCES)
    }
    return Confd(backend=backends.Memory(contents), confdir=site.path)


def passes(sites: tuple[Site, ...], ready: Connection) -> None:
    """Run passes without end, and send a message after the first."""
    confds = [confd_of(site) for site in sites]
    confds[0].run_once()
    ready.send(b"")
    for confd in itertools.cycle(confds):
        confd.run_once()


def hold(dest: Path, ready: Connection) -> None:
    """Open a stage, send its path, and keep it open until this process is killed."""
    target = wanted.Wanted(b"mine", 0o600, os.geteuid(), os.getegid())
    with staging.staged(dest, target) as stage:
        ready.send(str(stage.path))
        ready.recv()
