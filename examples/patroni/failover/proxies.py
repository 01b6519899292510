"""HAProxy and PgBouncer, with the files that confd has written. Knows nothing of Patroni."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from examples.stage import Process, Stage, find

# Writes, reads, and PgBouncer: the templates name them.
PORTS: Final = (5000, 5001, 6432)
WRITES, READS, POOL = PORTS


@dataclass(frozen=True, slots=True)
class Proxies:
    """The programs that clients connect to.

    Attributes:
        stage: starts and stops programs.
        address: where they listen.
        root: the folder of the files of confd.
        run: the folder of their pid files.
        account: the user that PgBouncer runs as; None for the user of the story.
    """

    stage: Stage
    address: str
    root: Path
    run: Path
    account: str | None

    @property
    def environment(self) -> Mapping[str, str]:
        """The variables that the templates and commands of the example read."""
        return {
            "HAPROXY_BIND": self.address,
            "HAPROXY_CFG": f"{self.root}/etc/haproxy/haproxy.cfg",
            "HAPROXY_PID": f"{self.run}/haproxy.pid",
            "PGBOUNCER_BIND": self.address,
            "PGBOUNCER_PID": f"{self.run}/pgbouncer.pid",
            "PGBOUNCER_FOLDER": f"{self.root}/etc/pgbouncer",
            "PGBOUNCER_AUTH": "trust",
        }

    def start_haproxy(self) -> None:
        """Start HAProxy in the background, where the reload_cmd of confd replaces it."""
        file, pid = (self.environment[name] for name in ("HAPROXY_CFG", "HAPROXY_PID"))
        command = [find("haproxy"), "-D", "-f", file, "-p", pid]
        self.stage.run("haproxy", command, log=self.stage.folder / "haproxy.log")

    def stop_haproxy(self) -> None:
        """Kill the HAProxy that runs; those before it have ended with their last connection."""
        with contextlib.suppress(OSError, ValueError):  # it has never run, or has ended
            pid = int(Path(self.environment["HAPROXY_PID"]).read_text())
            os.kill(pid, signal.SIGKILL)

    def start_pgbouncer(self) -> Process:
        """Start PgBouncer, which SIGHUP lets read its files again."""
        folder = self.root / "etc/pgbouncer"
        (folder / "userlist.txt").write_text('"postgres" ""\n')
        return self.stage.processes.start(
            "pgbouncer",
            [find("pgbouncer"), folder / "pgbouncer.ini"],
            log=self.stage.folder / "pgbouncer.log",
            account=self.account,
        )
