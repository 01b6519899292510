"""The process that is killed: endless passes whose names come and go, 20 of them and 20 others.

`test_kills_each` runs it. Half of the names stay, with another content; the other half take their
files away.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from multiprocessing.connection import Connection
from typing import Final

from confd_lib import Confd, backends
from tests.soak.site import Site

_COUNT: Final = 20
_NAMES: Final = (range(_COUNT), range(_COUNT // 2, _COUNT + _COUNT // 2))


def content(version: int, number: int) -> str:
    """Return the content of the file of a name: up to ten KB of lines."""
    return f"version {version} of {number}\n" * (1 + number * number // 2)


def files(version: int) -> Mapping[str, str]:
    """Return the contents of all files of a version, by their names."""
    return {f"s{number}.conf": content(version, number) for number in _NAMES[version]}


def site_of(site: Site, *, reload_cmd: str = "") -> None:
    """Write the resource, whose names have files of their own."""
    text = '{{getv (printf "/self/%s" .)}}'
    dest = str(site.out / "{{.}}.conf")
    site.add("each", text, each="/self/*", dest=dest, reload_cmd=reload_cmd)


def confd_of(site: Site, version: int) -> Confd:
    values = {f"/self/{name.removesuffix('.conf')}": text for name, text in files(version).items()}
    return Confd(backend=backends.Memory(values), confdir=site.path)


def passes(site: Site, ready: Connection) -> None:
    """Run passes without end, and send a message after the first."""
    confds = [confd_of(site, version) for version in (0, 1)]
    confds[0].run_once()
    ready.send(b"")
    for confd in itertools.cycle(reversed(confds)):
        confd.run_once()
