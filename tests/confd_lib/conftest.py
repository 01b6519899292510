"""Shared by tests of passes: a confd folder to fill, and the golden galera resource."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from confd_lib import Confd, backends
from metadata_client import MetadataServer
from tests.confd_lib.commandline import TREE

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class Folder:
    """A confd folder, and one for destinations beside it."""

    path: Path

    @property
    def out(self) -> Path:
        return self.path.parent / "out"

    def dest(self, name: str = "a") -> Path:
        return self.out / f"{name}.conf"

    def template(self, text: str, name: str = "a") -> Path:
        path = self.path / "templates" / f"{name}.tmpl"
        path.write_text(text)
        return path

    def resource(self, name: str = "a", **fields: object) -> Path:
        """Write a resource; what is not said is the template and the destination of its name."""
        said = {"src": f"{name}.tmpl", "dest": str(self.dest(name)), "keys": ["/"], **fields}
        path = self.path / "conf.d" / f"{name}.toml"
        # Python's and TOML's words for texts, numbers and lists of texts are the same.
        path.write_text("[template]\n" + "".join(f"{key} = {said[key]!r}\n" for key in said))
        return path

    def both(self, text: str, name: str = "a", **fields: object) -> None:
        self.template(text, name)
        self.resource(name, **fields)

    def confd(self, values: dict[str, object] | None = None, **options: object) -> Confd:
        """A confd over values in memory."""
        return Confd(backend=backends.Memory(values or {}), confdir=self.path, **options)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    made = Folder(tmp_path / "confd")
    for path in (made.path / "conf.d", made.path / "templates", made.out):
        path.mkdir(parents=True)
    return made


@pytest.fixture
def server() -> Iterator[MetadataServer]:
    """A metadata service that knows one container."""
    with MetadataServer({"latest": {"default": TREE}}, xff=True) as running:
        yield running


@pytest.fixture
def closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder `closed` that nobody may list, which cannot be had where tests run as root."""
    folder = tmp_path / "closed"
    folder.mkdir()
    scandir = os.scandir

    def refusing(path: str) -> Iterator[os.DirEntry[str]]:
        if Path(path).name == "closed":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    return folder


@pytest.fixture
def dest(tmp_path: Path) -> Path:
    """A destination that nothing is at yet, alone in its folder."""
    return tmp_path / "app.conf"
