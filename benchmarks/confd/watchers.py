"""Simulate many watchers of one etcd: how long until the last is current, and the cost.

Each watcher is a `backends.Etcd` with a connection of its own; they share a few processes, of which
one has a single watcher, whose cost is that of a process. `python -m benchmarks.confd.watchers`
takes about four minutes and prints Markdown.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any, Final, Self

from benchmarks.confd.processes import cpu_of
from benchmarks.report import markdown
from confd_lib import backends
from tests.servers.etcd import Etcd
from tests.servers.loopback.proxy import Proxy

WATCHERS: Final = 500
PROCESSES: Final = 5
CHANGES: Final = 100
IDLE: Final = 60.0  # seconds
KEYS: Final = 20
# Without news for so long a watcher is behind for good.
_LIMIT: Final = 120.0
_FOLDER: Final = "/app"
_MARK: Final = f"{_FOLDER}/mark"


# -- The processes of watchers


class Crowd:
    """A process of watchers.

    Args:
        node: the address of etcd.
        count: of watchers.
    """

    def __init__(self, node: str, count: int) -> None:
        command = [sys.executable, "-m", "benchmarks.confd.watchers", node, str(count)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.pid = self._process.pid

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def current(self, mark: str) -> float:
        """Wait until all watchers have a mark; return the `time.monotonic` of the last."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{mark}\n")
        self._process.stdin.flush()
        return float(json.loads(self._process.stdout.readline()))


class _Marks:
    """The marks that the watchers of this process have, and when the last of them got it."""

    def __init__(self, count: int) -> None:
        self._marks = [""] * count
        self._changed = threading.Condition()
        self._last = 0.0

    def note(self, number: int, mark: str) -> None:
        with self._changed:
            self._marks[number], self._last = mark, time.monotonic()
            self._changed.notify_all()

    def until_all(self, mark: str) -> float:
        with self._changed:
            if not self._changed.wait_for(lambda: set(self._marks) == {mark}, _LIMIT):
                raise RuntimeError(f"not every watcher has {mark}")
            return self._last


def serve(node: str, count: int) -> None:
    """Watch as many times, and answer when all watchers have the mark in each line of stdin."""
    stop, marks = threading.Event(), _Marks(count)

    def watch(number: int) -> None:
        for snapshot in backends.Etcd(node).changes([_FOLDER], None, stop):
            marks.note(number, snapshot.view("/", [_FOLDER]).getv(_MARK))

    threads = [threading.Thread(target=watch, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for line in sys.stdin:
        print(json.dumps(marks.until_all(line.strip())), flush=True)
    stop.set()


# -- The run


def run(place: Path) -> list[list[str]]:
    """Return the rows of the table."""
    store = Etcd(place)
    store.server.start()
    store.put_all({f"{_FOLDER}/{n}": f"value {n}" for n in range(KEYS)} | {_MARK: "start"})
    share = WATCHERS // PROCESSES
    sizes = [*[share] * (PROCESSES - 1), share - 1, 1]
    with ExitStack() as open_until_here:
        open_until_here.callback(store.close)
        proxy = open_until_here.enter_context(Proxy(store.server.port))
        *crowds, single = [
            open_until_here.enter_context(
                Crowd(proxy.address if size == 1 else store.address, size)
            )
            for size in sizes
        ]
        everyone = [*crowds, single]
        _await(everyone, "start")
        return [
            *_idle(store, single, proxy),
            *_changes(store, everyone, single),
            *_restart(store, everyone),
        ]


def _await(crowds: Sequence[Crowd], mark: str) -> float:
    return max(crowd.current(mark) for crowd in crowds)


def _idle(store: Any, single: Crowd, proxy: Proxy) -> list[list[str]]:
    before, opened, etcd = cpu_of(single.pid), proxy.connections, cpu_of(store.server.pid)
    time.sleep(IDLE)
    spent, cpu = cpu_of(single.pid) - before, cpu_of(store.server.pid) - etcd
    requests = proxy.connections - opened
    one = f"{spent:.3f} s CPU, {_memory(single.pid)} MB, {requests} requests, one at a time"
    return [
        ["idle for a minute: etcd", f"{cpu:.2f} s CPU, {_memory(store.server.pid)} MB"],
        ["idle for a minute: one watcher", one],
    ]


def _changes(store: Any, everyone: Sequence[Crowd], single: Crowd) -> list[list[str]]:
    etcd, one, delays = cpu_of(store.server.pid), cpu_of(single.pid), []
    for number in range(CHANGES):
        began = time.monotonic()
        store.put(_MARK, str(number))
        delays.append(_await(everyone, str(number)) - began)
    cpu, own = cpu_of(store.server.pid) - etcd, cpu_of(single.pid) - one
    ordered = sorted(delays)
    return [
        [
            f"{CHANGES} changes: until the last watcher is current",
            f"{median(delays):.2f} s (fastest {ordered[0]:.2f}, slowest {ordered[-1]:.2f})",
        ],
        ["a change: etcd", f"{cpu / CHANGES * 1e3:.0f} ms CPU"],
        ["a change: one watcher", f"{own / CHANGES * 1e3:.1f} ms CPU"],
    ]


def _restart(store: Any, everyone: Sequence[Crowd]) -> list[list[str]]:
    store.server.kill()
    store.server.start()
    began = time.monotonic()
    store.put(_MARK, "after")
    last = _await(everyone, "after") - began
    return [["a restart with a change: until the last watcher is current", f"{last:.1f} s"]]


def _memory(pid: int) -> int:
    """Return the megabytes of memory that a process has."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    (size,) = [line.split()[1] for line in lines if line.startswith("VmRSS")]
    return round(int(size) / 1024)


def main() -> None:
    """Print the table; with an address and a number, be a process of watchers instead."""
    if len(sys.argv) == 3:
        serve(sys.argv[1], int(sys.argv[2]))
        return
    with tempfile.TemporaryDirectory() as name:
        rows = run(Path(name))
    print(markdown([["", f"{WATCHERS} watchers"], *rows]))


if __name__ == "__main__":
    main()
