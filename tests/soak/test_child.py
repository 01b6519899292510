"""500 changes, and a child that is reloaded, restarted and killed, and that forks daemons.

`confd` is process 1 of a namespace of its own, so that everything that loses its parent becomes its
child. No change may be lost, no zombie stay, and memory and descriptors have to stay flat.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.confd_lib.sidekick import children
from tests.soak.conftest import Report
from tests.soak.site import ROOT, Site, until

CHANGES: Final = 500
WARM: Final = 100  # changes until caches are filled
UNSHARE: Final = ("unshare", "--pid", "--fork", "--mount-proc", "--kill-child")
# A file is asked for changes without a pause, which would make the changes take minutes.
QUICK: Final = """
from confd_lib.backends import file
file._POLL_S = file._SETTLE_S = 0.005
from confd_lib.command.confd import cli
from confd_lib.command.sidecar import child
child._FIRST_PAUSE_S = child._LAST_PAUSE_S = 0.001
cli.script("confd")
"""
# `load` takes a new content and forks a daemon, which process 1 inherits and has to reap.
LOAD: Final = """
load() {{ cat {dest} > {seen}.new; mv {seen}.new {seen}; setsid sh -c 'sleep 0.1 & sleep 0.1' & }}
"""
RELOADED: Final = LOAD + "trap load HUP; load; while :; do sleep 1000 & wait $!; done"
# Every third one does not end by SIGTERM, and has to be killed.
RESTARTED: Final = (
    LOAD + "load; case $(cat {seen}) in *[147]) trap '' TERM;; esac; "
    "while :; do sleep 1000 & wait $!; done"
)


@dataclass(frozen=True, slots=True)
class Process1:
    """A `confd` that is process 1 of its namespace.

    Attributes:
        outer: the process that made the namespace.
        pid: the number of `confd` out here.
        log: its log.
    """

    outer: subprocess.Popen[bytes]
    pid: int
    log: Path

    def children(self) -> list[int]:
        """Return the children of all of its threads, zombies among them."""
        return children(self.pid)

    def at_rest(self) -> tuple[int, int]:
        """Return the figures once there is a child alone: neither a daemon nor a zombie."""
        assert until(lambda: len(self.children()) == 1, self.outer)
        return self.figures()

    def figures(self) -> tuple[int, int]:
        """Return its descriptors, and its memory in KiB."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        memory = next(line for line in status.splitlines() if line.startswith("VmRSS"))
        return len(list(Path(f"/proc/{self.pid}/fd").iterdir())), int(memory.split()[1])

    def kill_child(self) -> None:
        """Kill the child from outside, unless it has just ended."""
        started = [line for line in self.log.read_text().splitlines() if "Started" in line]
        inner = started[-1].rsplit(" ", 1)[1]  # its number in the namespace
        for pid in self.children():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                status = Path(f"/proc/{pid}/status").read_text()
                if f"\t{inner}\n" in status[status.index("NSpid") :]:
                    os.kill(pid, signal.SIGKILL)

    def metrics(self) -> dict[str, float]:
        """Scrape it; return the numbers that have no labels."""
        line = next(line for line in self.log.read_text().splitlines() if "Listening" in line)
        # The network is that of the test.
        url = line.split("Listening on ")[1].split(": /")[0]
        with urllib.request.urlopen(f"{url}/metrics", timeout=60) as reply:
            families = [*text_string_to_metric_families(reply.read().decode())]
        return {
            one.name: one.value for family in families for one in family.samples if not one.labels
        }


@contextmanager
def running(site: Site, values: Path, command: str, settings: str) -> Iterator[Process1]:
    """Run `confd` as process 1 for as long as the block lasts."""
    tried = subprocess.run([*UNSHARE, "true"], capture_output=True, text=True, check=False)
    if tried.returncode:
        pytest.skip(f"no process namespace to be had: {tried.stderr.strip()}")
    toml = site.path / "confd.toml"
    toml.write_text(f"[exec]\n{settings}")
    args = (f"-confdir={site.path}", "-backend=file", f"-file={values}", "-watch", "-listen=:0")
    words = (sys.executable, "-c", QUICK, *args, f"-config-file={toml}", f"-exec={command}")
    log = site.path / "log"
    with log.open("wb") as stderr:
        outer = subprocess.Popen([*UNSHARE, *words], cwd=ROOT, stderr=stderr)
    guard = threading.Timer(240, outer.kill)
    guard.start()
    with outer:
        try:
            assert until(lambda: bool(children(outer.pid)), outer)
            yield Process1(outer, children(outer.pid)[0], log)
        finally:
            outer.kill()
            guard.cancel()
            guard.join()


@pytest.mark.parametrize(
    ("command", "settings", "attacked"),
    [
        (RELOADED, 'reload_signal = "HUP"\n', False),
        (RESTARTED, "kill_timeout = 0.02\n", False),
        (RELOADED, 'reload_signal = "HUP"\nrestarts = 1000\n', True),
    ],
    ids=["reloaded", "restarted-and-killed", "killed-by-others"],
)
def test_500_changes_with_a_child(
    site: Site, tmp_path: Path, report: Report, command: str, settings: str, *, attacked: bool
) -> None:
    draw, values, seen = random.Random(21), tmp_path / "values.yaml", tmp_path / "seen"
    dest = site.add("app", '{{getv "/release"}}', keys=["/release"])

    def change(number: int) -> None:
        stage = values.with_name("stage")
        stage.write_text(f'"/release": "{number}"\n')
        stage.rename(values)

    def follows(number: int) -> bool:
        return seen.exists() and seen.read_text() == str(number)

    change(0)
    command = command.format(dest=dest, seen=seen)
    with running(site, values, command, settings) as confd:
        assert until(lambda: follows(0), confd.outer)
        done, first = 0, None
        while done < CHANGES:
            burst = draw.choice((1, 1, 1, 2, 5))
            for number in range(done + 1, done + burst + 1):
                change(number)
            if attacked and draw.random() < 1 / 4:
                confd.kill_child()
            done += burst
            assert until(lambda: follows(done), confd.outer), f"{done} was lost"  # noqa: B023
            if first is None and done >= WARM:
                first = confd.at_rest()
        last, found = confd.at_rest(), confd.metrics()
        assert last[0] == first[0]
        assert last[1] - first[1] < 2048
        assert found["confd_child_running"] == 1
        os.kill(confd.pid, signal.SIGTERM)
        status = confd.outer.wait(60)
    starts, reloads = (int(found[f"confd_child_{name}_total"]) for name in ("starts", "reloads"))
    killed = confd.log.read_text().count("and is killed")
    if attacked:
        assert starts > CHANGES // 20
    elif "reload_signal" in settings:
        assert (starts, killed, status) == (1, 0, 143)
        assert reloads > CHANGES // 4
    else:
        assert starts > CHANGES // 4
        assert killed > CHANGES // 20
        assert status in (137, 143)
    report(
        f"{done} changes: {starts} starts, {reloads} reloads, {killed} kills, as process 1",
        f"none lost, no zombie; descriptors {first[0]} to {last[0]}, "
        f"memory {first[1] / 1024:.1f} to {last[1] / 1024:.1f} MiB",
    )
