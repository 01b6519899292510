"""`confd --watch` for one container of a stack, with its files below a folder."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from .processes import Process, Processes


class Container(Protocol):
    """A container of `metadata_client.compose`, as far as it is needed here."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def address(self) -> str | None:
        """Its address."""


@dataclass(frozen=True, slots=True)
class Sidekick:
    """A running `confd --watch`.

    Attributes:
        process: the process.
        root: the folder that holds its destinations, its log and its status file.
    """

    process: Process
    root: Path

    @classmethod
    def start(
        cls,
        processes: Processes,
        container: Container,
        *,
        url: str,
        confdir: Path,
        root: Path,
        prefix: str = "/2015-07-25",
    ) -> Sidekick:
        """Start `confd` as a container.

        Args:
            processes: start and stop it.
            container: the container that it asks as.
            url: the metadata service.
            confdir: the confd folder.
            root: the folder for its destinations.
            prefix: the version of the metadata.

        Raises:
            Failure: it cannot be started.
        """
        flags = {
            "backend": "rancher",
            "prefix": prefix,
            "node": url.removeprefix("http://"),
            "confdir": confdir,
            "metadata-ip": container.address,
            "root": root,
            "status-file": _status_file(root),
        }
        command = [sys.executable, "-m", "confd_lib", "--watch"]
        command += [f"--{flag}={value}" for flag, value in flags.items()]
        name = f"confd of {container.name}"
        return cls(processes.start(name, command, log=root / "confd.log"), root)

    def errors(self) -> list[str]:
        """Return the errors of the resources that are not in sync, by the status file."""
        return [str(one["last_error"]) for one in self._resources() if one["status"] == "failed"]

    def in_sync(self) -> bool:
        """Return whether each file has its content, by the status file."""
        found = [one["status"] for one in self._resources()]
        return bool(found) and set(found) <= {"updated", "in sync"}

    def _resources(self) -> list[Mapping[str, object]]:
        try:
            text = _status_file(self.root).read_text()
        except FileNotFoundError:  # before the first pass
            return []
        return list(json.loads(text)["resources"].values())


def _status_file(root: Path) -> Path:
    return root / "status.json"
