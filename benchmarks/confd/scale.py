"""Measure the `confd` command at scale, beside figures of the Go confd 0.16.0.

The command and the metadata service are processes of their own; the kernel counts CPU and memory.
`python -m benchmarks.confd.scale` takes about three minutes and prints Markdown.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks.confd.processes import (
    Bill,
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

IDLE: Final = 60.0  # seconds
CHANGES: Final = 10
PASSES: Final = 5
RESOURCES: Final = 500
MEMORY: Final = Path("/dev/shm")
RESTED: Final = 8e-5  # seconds of CPU to make a file on a disk
FORGETS: Final = 420.0  # seconds after which ext4 reuses the inodes of deleted files
GO_DAY: Final = 9.5e-3  # seconds of CPU that `python -c pass` took when Go's confd was measured

# The templates: a few keys of the own container, or a line for every container.
_FEW: Final = f"""\
bind = {{{{getv "/self/container/primary_ip"}}}}
name = {{{{getv "/self/container/name"}}}} {{{{getv "/self/container/create_index"}}}}
host = {{{{getv "/self/container/host_uuid"}}}} {{{{getv "/self/container/state"}}}}
stack = {{{{getv "/self/container/stack_name"}}}} {{{{getv "/self/container/service_name"}}}}
cni = {{{{getv "/self/container/labels/io.rancher.cni"}}}} {{{{getv "/self/container/uuid"}}}}
health = {{{{getv "/self/container/health_state"}}}} {{{{getv "/self/service/name"}}}}
mark = {{{{getv "{MARK}"}}}} {{{{exists "/self/host"}}}}
"""
_ALL: Final = """\
{{range $s := ls "/services"}}backend {{$s}}
{{range $c := ls (printf "/services/%s/containers" $s)}}\
{{with printf "/services/%s/containers/%s" $s $c}}\
  server {{getv (printf "%s/name" .)}} {{getv (printf "%s/primary_ip" .)}} \
{{getv (printf "%s/state" .)}}
{{end}}{{end}}{{end}}"""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the table.

    Attributes:
        what: the task.
        ours: our figures.
        must: the upper limits of our figures.
        go: the figures of the Go confd.
    """

    what: str
    ours: str
    must: str
    go: str


# -- confd on the metadata service


def _arguments(service: Service, made: Folder) -> Sequence[str]:
    where = ("-backend=rancher", "-node", service.url, "-prefix=/latest")
    return (*where, "-confdir", str(made.path), "-log-level=error", "-config-file=")


# -- One pass


def bare() -> Finding:
    """Measure a Python that does nothing: a slow machine shows here."""
    ours, go = f"{_bare() * 1e3:.0f} ms CPU", f"{GO_DAY * 1e3:.1f} ms"
    return Finding("`python -c pass`, for scale", ours, "", go)


def _bare() -> float:
    return _median_cpu([sys.executable, "-c", "pass"])


def _median_cpu(command: Sequence[str]) -> float:
    return median(bill(command).cpu for _ in range(11))


def disk(place: Path) -> Finding:
    """Measure how long the system takes to make files: a slow disk shows here.

    If many files were deleted within minutes (see `folder`), this waits until that is over.
    """
    deadline = time.monotonic() + FORGETS
    while (cpu := _empty_files(place)) > RESOURCES * RESTED and time.monotonic() < deadline:
        time.sleep(15)
    return Finding(f"{RESOURCES} empty files, for scale", f"{cpu * 1e3:.0f} ms CPU", "", "")


def _empty_files(place: Path) -> float:
    folder = Path(tempfile.mkdtemp(dir=place))
    before = time.process_time()
    for number in range(RESOURCES):
        os.close(os.open(folder / str(number), os.O_CREAT | os.O_WRONLY))
    return time.process_time() - before


def version() -> Finding:
    """Measure a start: `confd --version`."""
    cpu = _median_cpu(confd("--version"))
    return Finding("`confd --version`", f"{cpu * 1e3:.0f} ms CPU", "60 ms", "6 ms")


def many(place: Path) -> list[Finding]:
    """Measure many resources with keys /self: with files in memory, and on a disk."""
    on_disk = _many(place, "on this disk")
    if not MEMORY.is_dir():
        return [on_disk]
    with tempfile.TemporaryDirectory(dir=MEMORY) as name:
        return [_many(Path(name), "files in memory"), on_disk]


def _many(place: Path, where: str) -> Finding:
    cost, asked = _onetime(place, RESOURCES, "/self", _FEW, containers=100)
    ours = f"{_at_pace(cost.cpu)}, requests: {len(asked)}, {cost.memory:.0f} MB"
    go = "0.49 s CPU, requests: 501, 43 MB"
    what = f"{RESOURCES} resources, keys `/self`, {where}"
    return Finding(what, ours, "0.6 s, requests: 4", go)


def heavy(place: Path) -> Finding:
    """Measure 100 resources that each ask for everything."""
    cost, asked = _onetime(place, 100, "/", _FEW, containers=1000)
    ours = f"{_at_pace(cost.cpu)}, {cost.memory:.0f} MB, requests: {len(asked)}"
    go = "21 s CPU, 1162 MB, requests: 101"
    return Finding("100 resources, keys `/`, 1 000 containers", ours, "0.6 s, 90 MB", go)


def nested(place: Path) -> Finding:
    """Measure `ls` in `ls` over 10 000 containers."""
    cost, _ = _onetime(place, 1, "/", _ALL, containers=10_000)
    ours = f"{_at_pace(cost.cpu)}, {cost.wall:.2f} s, {cost.memory:.0f} MB"
    go = "212 s CPU, 284 s, 359 MB"
    return Finding("nested `ls`, 10 000 containers", ours, "2.5 s CPU", go)


def _at_pace(cpu: float) -> str:
    """Return CPU seconds as text, also scaled to the machine's speed when Go was measured."""
    return f"{cpu:.2f} s CPU ({cpu * GO_DAY / _bare():.2f} at Go's pace)"


def _onetime(
    place: Path, resources: int, key: str, template: str, containers: int
) -> tuple[Bill, Sequence[str]]:
    """Return the median bill of some first passes, and the number of requests of the last."""
    with Service(containers) as service:
        bills = []
        for _ in range(PASSES):
            made = folder(place, resources, key, template)
            service.requests()
            bills.append(bill(confd("-onetime", *_arguments(service, made))))
            asked = service.requests()
            _check(made)
    return sorted(bills, key=lambda one: one.cpu)[PASSES // 2], asked


def _check(made: Folder) -> None:
    missing = [file for file in made.files if not file.exists()]
    if missing:
        raise RuntimeError(f"{len(missing)} files were not rendered, {missing[0].name} among them")


# -- A watch


def watching(place: Path) -> list[Finding]:
    """Measure a watch of 100 resources: idle, then under changes."""
    made = folder(place, 100, "/self", _FEW)
    with Service(100) as service:
        process = start(confd("-watch", *_arguments(service, made)))
        try:
            until_current(made.files, "mark = 0 ")
            time.sleep(2)  # until the watch waits
            return [_idle(service, process.pid), _latency(service, made, process.pid)]
        finally:
            process.terminate()
            process.wait()


def _idle(service: Service, pid: int) -> Finding:
    service.requests()
    before = cpu_of(pid)
    time.sleep(IDLE)
    asked, spent, open_sockets = service.requests(), cpu_of(pid) - before, sockets_of(pid)
    ours = f"requests: {len(asked)}, connections: {open_sockets}, {spent:.3f} s CPU"
    must = "requests: 6, connections: 1, 0.1 s CPU"
    go = "requests: 403, connections: 100, 0.023 s CPU"
    return Finding("100 resources, idle watch, a minute", ours, must, go)


def _latency(service: Service, made: Folder, pid: int) -> Finding:
    """Measure the time from a change in the service to the last file that shows it."""
    before, delays = cpu_of(pid), []
    for number in range(1, CHANGES + 1):
        changed = service.change(f"change-{number}")
        until_current(made.files, f"mark = change-{number} ")
        delays.append((time.monotonic() - changed) * 1e3)
        time.sleep(1.5)
    each = (cpu_of(pid) - before) / CHANGES
    ours = (
        f"{median(delays):.0f} ms ({min(delays):.0f} to {max(delays):.0f}), {each:.3f} s CPU each"
    )
    go = "130 ms (112 to 148), 0.158 s CPU each"
    return Finding("100 resources, change to last file", ours, "130 ms", go)


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        findings = [
            bare(),
            disk(place),
            version(),
            *many(place),
            heavy(place),
            nested(place),
            *watching(place),
        ]
    table = [["", "confd-lib", "must", "Go confd 0.16.0"]]
    table += [[one.what, one.ours, one.must, one.go] for one in findings]
    print(markdown(table))


if __name__ == "__main__":
    main()
