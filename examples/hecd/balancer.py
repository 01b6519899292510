"""A HAProxy in master-worker mode, and what it says about itself. Knows nothing of etcd."""

from __future__ import annotations

import contextlib
import csv
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from examples.stage import Failure, Process, Stage, find

PACKAGES: Final = {"haproxy": "haproxy"}
# How a new configuration is taken: the reload_cmd of each way. During a reload HAProxy loses the
# next one: its socket refuses it, and a signal vanishes. Hence the socket is asked again, and the
# signal is sent again until the file of the pid is written, as it is with each reload.
RELOADS: Final[Mapping[str, str]] = {
    "socket": (
        "echo reload | socat -t 10 - "
        "UNIX-CONNECT:${HAPROXY_RUN:-/run}/haproxy-master.sock,retry=100,interval=0.1"
    ),
    "signal": (
        "p=${HAPROXY_RUN:-/run}/haproxy.pid; touch $p.asked; for _ in 1 2 3 4 5 6 7 8 9; do "
        "kill -USR2 $(cat $p); sleep 0.5; [ $p -nt $p.asked ] && exit 0; done; exit 1"
    ),
}
# The longest path of a socket; haproxy binds a longer one first, which it renames.
_LONGEST: Final = 90
_FAULT: Final = re.compile(r"(?<=\[ALERT\] ).*")
# The most seconds for an answer.
_SECONDS: Final = 5.0
# A process of the master: its pid, its type, and how often it was reloaded.
_MASTER: Final = re.compile(r"^\d+ +master +(\d+) ", re.MULTILINE)
_WORKER: Final = re.compile(r"^\d+ +worker ", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Seen:
    """The state of a HAProxy.

    Attributes:
        servers: UP or DOWN for each server, by its name.
        reloads: how often the configuration was taken again.
        workers: the number of processes that serve, old ones too.
    """

    servers: Mapping[str, str] = field(default_factory=dict)
    reloads: int = 0
    workers: int = 0


@dataclass(slots=True)
class Balancer:
    """A HAProxy.

    Attributes:
        stage: starts and stops it.
        run: the folder for its sockets and its pid.
        file: its configuration.
    """

    stage: Stage
    run: Path
    file: Path

    @property
    def admin(self) -> Path:
        """The socket of a worker."""
        return self.run / "admin.sock"

    @property
    def master(self) -> Path:
        """The socket of the master."""
        return self.run / "haproxy-master.sock"

    def prepare(self) -> None:
        """Make its folders.

        Raises:
            Failure: the paths of its sockets are too long.
        """
        if len(str(self.master)) > _LONGEST:
            raise Failure(f"{self.master}: too long for a socket: set TMPDIR to a shorter folder")
        self.run.mkdir()
        self.file.parent.mkdir(parents=True)

    def start(self) -> Process:
        """Start it.

        Raises:
            Failure: it cannot be started.
        """
        words: list[str | Path] = [
            "-W",
            "-S",
            self.master,
            "-p",
            self.run / "haproxy.pid",
            "-f",
            self.file,
        ]
        log = self.stage.folder / "haproxy.log"
        return self.stage.processes.start(
            "haproxy", [find("haproxy"), *words], log=log, fault=_FAULT
        )

    def seen(self) -> Seen | None:
        """Return its state; None while it does not answer, as during a reload."""
        table = _answer(self.admin, "show stat -1 4 -1").removeprefix("# ").splitlines()
        processes = _answer(self.master, "show proc")
        master = _MASTER.search(processes)
        if not table or not master:
            return None
        # UP 1/3: a check may still change it.
        servers = {row["svname"]: row["status"].split()[0] for row in csv.DictReader(table)}
        return Seen(servers, int(master[1]), len(_WORKER.findall(processes)))


def _answer(path: Path, command: str) -> str:
    """Return the answer to a command; nothing if none comes."""
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as connection:
        connection.settimeout(_SECONDS)
        try:
            connection.connect(str(path))
            connection.sendall(f"{command}\n".encode())
            connection.shutdown(socket.SHUT_WR)  # else it may wait for more
            return b"".join(iter(lambda: connection.recv(65536), b"")).decode()
        except OSError:
            return ""
