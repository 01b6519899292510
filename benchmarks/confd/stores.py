"""Measure the `confd` command on each store: reading 10 000 keys, idling, and following changes.

The stores are the real programs that tests start, on loopback. Figures are of one run, the Rancher
backend among them. Vault is left out: it cannot be watched. Consul is the stand-in of the tests.
`python -m benchmarks.confd.stores` takes about six minutes and prints Markdown.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final

from benchmarks.confd.processes import (
    Folder,
    bill,
    confd,
    cpu_of,
    folder,
    sockets_of,
    start,
    until_current,
)
from benchmarks.confd.serving import MARK, Service
from benchmarks.report import markdown
from tests.servers.consul.store import Consul
from tests.servers.etcd import Etcd
from tests.servers.loopback.proxy import Proxy
from tests.servers.redis import Redis
from tests.servers.zookeeper import ZooKeeper

RESOURCES: Final = 100
KEYS: Final = 10_000
CHANGES: Final = 10
READS: Final = 5
IDLE: Final = 60.0  # seconds
# Seconds from one change to the next: the Rancher backend collects changes for one.
PAUSE: Final = 1.5

_ONE: Final = 'mark = {{getv "/app/mark"}} \n{{range gets "/app/*"}}{{.Key}} {{.Value}}\n{{end}}'
_MANY: Final = '{{len (gets "/many/*/*")}} \n'


@dataclass(frozen=True, slots=True)
class Subject:
    """A store of the comparison.

    Attributes:
        backend: the name of its backend.
        store: makes the store in a folder.
        flags: of `confd`, beside the backend and the node.
    """

    backend: str
    store: Callable[[Path], Any]
    flags: Sequence[str] = ()


SUBJECTS: Final = (
    Subject("etcdv3", Etcd),
    Subject("redis", Redis),
    Subject("zookeeper", ZooKeeper),
    Subject("consul", Consul),
)


def _arguments(subject: Subject, address: str, made: Folder) -> list[str]:
    where = [f"-backend={subject.backend}", f"-node={address}", *subject.flags]
    return [*where, "-confdir", str(made.path), "-log-level=error", "-config-file="]


def of_store(subject: Subject, place: Path) -> list[str]:
    """Return the row of a store: reading, idling, following."""
    store = subject.store(Path(tempfile.mkdtemp(dir=place)))
    store.server.start()
    try:
        return [subject.backend, _reading(subject, store, place), *_watch(subject, store, place)]
    finally:
        store.close()


def _reading(subject: Subject, store: Any, place: Path) -> str:
    """Measure one pass over 10 000 keys, less one over a single key: imports and start are out."""
    root = store.root
    store.put_all({f"{root}/many/{n % 100}/{n}": f"value {n}" for n in range(KEYS)})
    store.put(f"{root}/app/mark", "0")
    costs: Mapping[str, list[float]] = {"/many": [], "/app": []}
    for _ in range(READS):
        for key, text in (("/many", _MANY), ("/app", _ONE)):
            made = folder(place, 1, key, text)
            flags = [f"-prefix={root or '/'}", *_arguments(subject, store.address, made)]
            costs[key].append(bill(confd("-onetime", *flags)).cpu)
    return f"{median(costs['/many']) - median(costs['/app']):.2f} s CPU"


def _watch(subject: Subject, store: Any, place: Path) -> list[str]:
    """Measure a watch of 100 resources: idle for a minute, then under changes."""
    root = store.root
    store.put_all({f"{root}/app/{n}": str(n) for n in range(20)} | {f"{root}/app/mark": "0"})
    made = folder(place, RESOURCES, "/app", _ONE)
    with Proxy(store.server.port) as proxy:
        flags = _arguments(subject, _through(store.address, proxy), made)
        process = start(confd("-watch", f"-prefix={root or '/'}", *flags))
        try:
            until_current(made.files, "mark = 0 ")
            time.sleep(2)  # until the watch waits
            opened, cpu = proxy.connections, cpu_of(process.pid)
            time.sleep(IDLE)
            idle = (
                f"{sockets_of(process.pid)} open, {proxy.connections - opened} opened, "
                f"{cpu_of(process.pid) - cpu:.3f} s CPU"
            )
            delays = list(_delays(made, lambda mark: store.put(f"{root}/app/mark", mark)))
        finally:
            process.terminate()
            process.wait()
    return [idle, _spread(delays)]


def _through(address: str, proxy: Proxy) -> str:
    scheme, mark, _ = address.rpartition("://")
    return f"{scheme}{mark}{proxy.address}"


def _delays(made: Folder, change: Callable[[str], object]) -> Sequence[float]:
    """Return the milliseconds from each change to the last file that shows it."""
    found = []
    for number in range(1, CHANGES + 1):
        change(f"change-{number}")
        changed = time.monotonic()
        until_current(made.files, f"mark = change-{number} ")
        found.append((time.monotonic() - changed) * 1e3)
        time.sleep(PAUSE)
    return found


def _spread(delays: Sequence[float]) -> str:
    return f"{median(delays):.0f} ms ({min(delays):.0f} to {max(delays):.0f})"


def of_rancher(place: Path) -> list[str]:
    """Return the row of the metadata service, which all others are compared with."""
    text = f'mark = {{{{getv "{MARK}"}}}} \n'
    made = folder(place, RESOURCES, "/self", text)
    with Service(20) as service:
        where = ["-backend=rancher", f"-node={service.url}", "-prefix=/latest"]
        common = ["-confdir", str(made.path), "-log-level=error", "-config-file="]
        process = start(confd("-watch", *where, *common))
        try:
            until_current(made.files, "mark = 0 ")
            delays = _delays(made, service.change)
        finally:
            process.terminate()
            process.wait()
    return ["rancher", "", "", _spread(delays)]


def main() -> None:
    """Print the table; the names of stores as arguments choose among them."""
    chosen = [one for one in SUBJECTS if one.backend in (sys.argv[1:] or [one.backend])]
    head = ["", f"{KEYS} keys read", "idle for a minute: connections", "change to 100th file"]
    with tempfile.TemporaryDirectory() as name:
        rows = [of_rancher(Path(name)), *(of_store(one, Path(name)) for one in chosen)]
    print(markdown([head, *rows]))


if __name__ == "__main__":
    main()
