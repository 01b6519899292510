"""All that runs in the demonstration, and what clients see of it. Knows nothing of the story."""

from __future__ import annotations

import json
import shutil
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from examples.stage import Process, Sidekick, Stage, confd

from .etcd import Etcd
from .members import Members
from .proxies import POOL, READS, WRITES, Proxies
from .stand_ins import StandIns

EXAMPLE: Final = Path(__file__).parents[1]
SCOPE: Final = "/service/demo"
COLUMNS: Final = ("clients", "port", "reach")
MEMBERS: Final = ("patroni1", "patroni2")
_CLIENTS: Final = {WRITES: "HAProxy: writes", READS: "HAProxy: reads", POOL: "PgBouncer"}


class Cluster(Protocol):
    """The members, real or played."""

    @property
    def addresses(self) -> Mapping[str, str]:
        """The address of each member."""

    def start(self, name: str) -> None:
        """Start a member."""

    def kill(self, name: str) -> None:
        """Kill a member."""

    def log_of(self, name: str) -> Process | None:
        """Return the process whose log says why a member does not run."""

    def who(self, address: str, port: int) -> str:
        """Return the member that takes writes at an address, or `-` and the one that only reads.

        The text is empty if no member answers.
        """


@dataclass(slots=True)
class Site:
    """A store, two members, the proxies before them, and the confd that writes their files.

    Attributes:
        stage: starts and stops programs.
        etcd: the store.
        cluster: the members.
        proxies: HAProxy and PgBouncer.
        database: the members, if they are real: then PgBouncer runs, and there are rows.
        sidekick: the confd that watches, once it runs.
    """

    stage: Stage
    etcd: Etcd
    cluster: Cluster
    proxies: Proxies
    database: Members | None
    sidekick: Sidekick | None = None

    @property
    def leader(self) -> str:
        """The member that holds the leader's lock; empty without one."""
        return self.etcd.values().get("/leader", "")

    def runs(self, name: str) -> bool:
        """Return whether a member runs, by its key."""
        member = json.loads(self.etcd.values().get(f"/members/{name}", "{}"))
        return bool(member.get("state") == "running")

    def write_files(self) -> None:
        """Let confd write all files once, without commands: no program runs that could reload."""
        flags = {**self._flags, "confdir": EXAMPLE, "root": self.proxies.root}
        variables = [f"{name}={value}" for name, value in self.proxies.environment.items()]
        command = ["env", *variables, *confd(flags), "-onetime", "-sync-only"]
        self.stage.run("confd -onetime", command, log=self.stage.folder / "onetime.log")

    def follow(self) -> None:
        """Start the proxies, and the confd that watches."""
        self.proxies.start_haproxy()
        if self.database:
            self.proxies.start_pgbouncer()
        self.sidekick = Sidekick.watching(
            self.stage.processes,
            "confd",
            self._flags,
            confdir=EXAMPLE,
            root=self.proxies.root,
            environment=self.proxies.environment,
        )

    def reaches(self, port: int) -> str:
        """Return the member that answers at a port, as `who` writes it, and show it."""
        found = self.cluster.who(self.proxies.address, port)
        cells = {"port": port, "reach": found.lstrip("-") or "nobody"}
        self.stage.board.show(_CLIENTS[port], cells)
        return found

    def in_sync(self) -> bool:
        """Return whether each file has its content, by the status file of confd."""
        return self.sidekick is not None and self.sidekick.in_sync()

    def files(self) -> list[Path]:
        """Return the files that confd has written."""
        resources = sorted((EXAMPLE / "conf.d").iterdir())
        found = [tomllib.loads(path.read_text())["template"]["dest"] for path in resources]
        return [self.proxies.root / dest.lstrip("/") for dest in found]

    def say(self, text: str) -> None:
        """Print a line with the time."""
        self.stage.board.say(text)

    def until(self, ready: Callable[[], bool], what: str, log_of: Process | None = None) -> float:
        """Wait until a condition holds; return the seconds it took.

        Raises:
            Failure: a program ended, or the condition does not hold in time.
        """
        return self.stage.until(ready, what, log_of=log_of)

    @property
    def _flags(self) -> Mapping[str, object]:
        """The flags with which confd 0.16 reads Patroni's keys."""
        return {"backend": "etcdv3", "node": self.etcd.url, "prefix": SCOPE}


@contextmanager
def opened(
    stage: Stage, address: str, addresses: Mapping[str, str], *, played: bool, account: str | None
) -> Iterator[Site]:
    """Start a store, and yield a site whose members do not run yet; stop them at the end."""
    root, run = stage.folder / "root", stage.folder / "run"
    for folder in ("etc/haproxy", "etc/pgbouncer", "etc/app", "var/lib/app"):
        (root / folder).mkdir(parents=True)
    run.mkdir()
    if account:
        shutil.chown(run, account, account)
    etcd = Etcd.start(stage, address, SCOPE)
    proxies = Proxies(stage, address, root, run, account)
    with _members(stage, etcd, addresses, played=played) as members:
        site = Site(
            stage, etcd, members, proxies, None if isinstance(members, StandIns) else members
        )
        try:
            yield site
        finally:
            # In this order: confd starts HAProxy.
            if site.sidekick:
                site.sidekick.process.stop()
            proxies.stop_haproxy()


def _members(
    stage: Stage, etcd: Etcd, addresses: Mapping[str, str], *, played: bool
) -> AbstractContextManager[Members | StandIns]:
    if played:
        return StandIns.made(stage, etcd, addresses)
    return Members.made(stage, etcd, addresses)
