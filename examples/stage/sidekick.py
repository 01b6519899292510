"""`confd --watch` with its files below a folder: for a container of a stack, or with any store."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from .processes import Process, Processes


def confd(flags: Mapping[str, object]) -> list[str]:
    """Return the command `confd` with some flags."""
    words = (f"--{flag}={value}" for flag, value in flags.items())
    return [sys.executable, "-m", "confd_lib", *words]


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
            "metadata-ip": container.address,
        }
        return cls.watching(
            processes, f"confd of {container.name}", flags, confdir=confdir, root=root
        )

    @classmethod
    def watching(
        cls,
        processes: Processes,
        name: str,
        flags: Mapping[str, object],
        *,
        confdir: Path,
        root: Path,
        environment: Mapping[str, str] | None = None,
    ) -> Sidekick:
        """Start `confd --watch` with any store.

        Args:
            processes: start and stop it.
            name: its name in messages.
            flags: the store, and how it is read.
            confdir: the confd folder.
            root: the folder for its destinations.
            environment: variables that it and its commands have besides those of the story.

        Raises:
            Failure: it cannot be started.
        """
        more = {"confdir": confdir, "root": root, "status-file": _status_file(root)}
        variables = [f"{name}={value}" for name, value in (environment or {}).items()]
        command = [*(["env", *variables] if variables else []), *confd({**flags, **more})]
        return cls(processes.start(name, [*command, "--watch"], log=root / "confd.log"), root)

    def errors(self) -> list[str]:
        """Return the errors of the resources that are not in sync, by the status file."""
        return [str(one["last_error"]) for one in self._resources() if one["status"] == "failed"]

    def in_sync(self) -> bool:
        """Return whether each file has its content, by the status file."""
        found = [one["status"] for one in self._resources()]
        return bool(found) and set(found) <= {"updated", "in sync"}

    def is_connected(self) -> bool:
        """Return whether the store answers, by the status file."""
        return bool(self._status().get("store", {}).get("reachable"))

    def _resources(self) -> list[Mapping[str, object]]:
        return list(self._status().get("resources", {}).values())

    def _status(self) -> Mapping[str, Any]:
        try:
            text = _status_file(self.root).read_text()
        except FileNotFoundError:  # before the first pass
            return {}
        return dict(json.loads(text))


def _status_file(root: Path) -> Path:
    return root / "status.json"
