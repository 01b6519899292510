"""The web servers, the balancer in front of them, etcd and confd between them, and clients.

Starts and stops them, and shows the state of all. Knows nothing of the story.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from examples.stage import Failure, Process, Sidekick, Stage, confd, search_path

from .balancer import RELOADS, Balancer, Seen
from .clients import Clients
from .etcd import Etcd
from .gateway import Gateway, GatewayError
from .web import FOLDER

EXAMPLE: Final = Path(__file__).parent
DESTINATION: Final = Path("etc/haproxy/haproxy.cfg")
COLUMNS: Final = ("name", "address", "state", "in etcd", "in the file", "requests", "failures")
# HAProxy, and the two of etcd.
PORTS: Final = 3


@dataclass(slots=True)
class Site:
    """All programs of the demonstration.

    Attributes:
        stage: starts and stops programs.
        port: where HAProxy listens.
        etcd: the store.
        balancer: HAProxy.
        clients: the clients.
        reload: how HAProxy takes a new configuration: a key of `RELOADS`.
        webs: the web servers that were started, by name.
        killed: when servers were killed: begin and end, in seconds of `time.monotonic`.
        left: how the servers that ended were ended, by name.
        registered: the values in etcd when it answered last, by the names of their servers.
        seen: the state of HAProxy when it answered last.
    """

    stage: Stage
    port: int
    etcd: Etcd
    balancer: Balancer
    clients: Clients
    reload: str
    webs: dict[str, Process] = field(default_factory=dict, init=False)
    killed: list[tuple[float, float]] = field(default_factory=list, init=False)
    left: dict[str, str] = field(default_factory=dict, init=False)
    registered: dict[str, str] = field(default_factory=dict, init=False)
    seen: Seen = field(default_factory=Seen, init=False)
    _sidekick: Sidekick | None = field(default=None, init=False)

    @classmethod
    def make(cls, stage: Stage, port: int, reload: str) -> Site:
        """Describe a site whose ports begin with `port`; nothing is started."""
        etcd = Etcd(stage, Gateway(port + 1), port + 2)
        balancer = Balancer(stage, stage.folder / "run", stage.folder / DESTINATION)
        return cls(stage, port, etcd, balancer, Clients(port), reload)

    @property
    def sidekick(self) -> Sidekick:
        """The confd that watches; `open` has started it."""
        if self._sidekick is None:
            raise Failure("confd was not started")
        return self._sidekick

    def say(self, text: str) -> None:
        """Print a line with the time."""
        self.stage.board.say(text)

    # -- Programs

    def open(self, names: list[str]) -> float:
        """Start everything, with some servers; return the seconds that HAProxy took to answer.

        Raises:
            Failure: a program ended, or is not ready in time.
        """
        self.balancer.prepare()
        self.etcd.start()
        keys = {"address": "127.0.0.1", "port": self.port, "socket": self.balancer.admin}
        for name, value in keys.items():
            self.etcd.gateway.put(f"/haproxy/{name}", str(value))
        self.add(names)
        self.until(lambda: {*names} <= {*self.registered}, "the servers have registered")
        confdir = self._confdir()
        self._write_first(confdir)
        haproxy = self.balancer.start()
        seconds = self.until(self._serves, "HAProxy serves", haproxy)
        self._sidekick = Sidekick.watching(
            self.stage.processes,
            "confd",
            self._store(),
            confdir=confdir,
            root=self.stage.folder,
            # Its commands find programs where `find` does.
            environment={"HAPROXY_RUN": str(self.balancer.run), "PATH": search_path()},
        )
        self.until(self._sidekick.in_sync, "confd watches", self._sidekick.process)
        return seconds

    def add(self, names: list[str]) -> None:
        """Start web servers, which register by themselves."""
        for name in names:
            command = [sys.executable, "-m", "examples.hecd.web", "--name", name]
            self.webs[name] = self.stage.processes.start(
                name,
                [*command, "--etcd", str(self.etcd.gateway.port)],
                log=self.stage.folder / f"{name}.log",
                cwd=EXAMPLE.parents[1],
            )

    def dismiss(self, name: str) -> None:
        """Ask a server to leave: it ends its lease, and itself when nobody asks it any more."""
        self.webs[name].terminate()
        self.left[name] = "left"

    def kill(self, name: str) -> None:
        """Kill a server, which leaves its key in etcd."""
        begin = time.monotonic()
        self.webs[name].kill()
        self.killed.append((begin, time.monotonic()))
        self.left[name] = "killed"

    def close(self) -> None:
        """End the clients, then ask all servers to leave, so that no one waits for another."""
        self.clients.stop()
        for process in self.webs.values():
            process.terminate()

    def _store(self) -> Mapping[str, object]:
        return {"backend": "etcdv3", "node": f"http://127.0.0.1:{self.etcd.gateway.port}"}

    def _confdir(self) -> Path:
        """Copy the resource and the template, with the chosen way to reload."""
        confdir = self.stage.folder / "confd"
        for name in ("conf.d", "templates"):
            shutil.copytree(EXAMPLE / name, confdir / name)
        resource = confdir / "conf.d/haproxy.toml"
        usual, chosen = (json.dumps(RELOADS[way]) for way in ("socket", self.reload))
        resource.write_text(resource.read_text().replace(usual, chosen))
        return confdir

    def _write_first(self, confdir: Path) -> None:
        """Write the file once without a reload: HAProxy does not run yet, as it needs the file."""
        flags = {**self._store(), "confdir": confdir, "root": self.stage.folder}
        command = [*confd(flags), "--onetime", "--sync-only"]
        self.stage.run("confd", command, log=self.stage.folder / "first.log")

    # -- State

    def listed(self) -> set[str]:
        """Return the servers in the file that confd has written."""
        lines = (line.split() for line in self.balancer.file.read_text().splitlines())
        return {words[1] for words in lines if words[:1] == ["server"]}

    def running(self) -> set[str]:
        """Return the servers that were neither asked to leave nor killed."""
        return {*self.webs} - {*self.left}

    def has_ended(self, name: str) -> bool:
        """Return whether a server has ended."""
        return self.webs[name].status is not None

    def is_settled(self) -> bool:
        """Return whether etcd, the file and HAProxy have exactly the servers that run."""
        return self.running() == {*self.registered} == self.listed() == {*self.seen.servers}

    def until(self, ready: Callable[[], bool], what: str, log_of: Process | None = None) -> float:
        """Observe everything until a condition holds; return the seconds it took.

        Raises:
            Failure: a program ended, or the condition does not hold in time.
        """

        def observed() -> bool:
            self._observe()
            return ready()

        return self.stage.until(observed, what, log_of=log_of)

    def _serves(self) -> bool:
        return bool(self.seen.servers)

    def _observe(self) -> None:
        """Ask for the state of all, and show it in the table."""
        answers = True
        try:
            self.registered = self.etcd.gateway.below(FOLDER)
        except GatewayError:
            answers = False
        self.seen = self.balancer.seen() or self.seen
        self._show(answers)

    def _show(self, answers: bool) -> None:
        show = self.stage.board.show
        keys = f"{len(self.registered)} servers" if answers else ""
        etcd = {"address": f"127.0.0.1:{self.etcd.gateway.port}", "in etcd": keys}
        show("etcd", {**etcd, "state": "UP" if answers else "DOWN"})
        file = self.listed() if self.balancer.file.exists() else set()
        show("haproxy", {**self._balancer_cells(), "in the file": f"{len(file)} servers"})
        for name in self.webs:
            show(name, self._cells(name, file))

    def _balancer_cells(self) -> dict[str, object]:
        workers = f"{self.seen.workers} worker{'s' if self.seen.workers != 1 else ''}"
        state = f"{workers}, reloads: {self.seen.reloads}"
        counts = {"requests": self.clients.requests, "failures": len(self.clients.failed)}
        return {
            "address": f"127.0.0.1:{self.port}",
            "state": state if self.seen.workers else "",
            **self._counted(counts),
        }

    def _cells(self, name: str, file: set[str]) -> dict[str, object]:
        value = self.registered.get(name)
        place = json.loads(value) if value else {}
        cells = {
            "state": self.left.get(name) or self.seen.servers.get(name, "starting"),
            "in etcd": "yes" if place else "no",
            "in the file": "yes" if name in file else "no",
            **self._counted({"requests": self.clients.answers[name]}),
        }
        return {**cells, **({"address": "{host}:{port}".format(**place)} if place else {})}

    def _counted(self, counts: dict[str, int]) -> dict[str, int]:
        """Return counts for a terminal only: elsewhere each change would be a line."""
        return counts if self.stage.board.live else {}


@contextlib.contextmanager
def running(site: Site) -> Iterator[Site]:
    """Yield a site; at the end of the block its clients end and its servers leave."""
    try:
        yield site
    finally:
        site.close()
