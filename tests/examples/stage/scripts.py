"""Python programs that tests start."""

from __future__ import annotations

import re
import sys
import textwrap
from typing import Final

from examples.stage import Process, Stage

ON_TERM: Final = """
    import signal, sys, time
    def end(*_):
        open({file!r}, "a").write({name!r})
        sys.exit()
    signal.signal(signal.SIGTERM, end)
    print("ready", flush=True)
    time.sleep(1000)
    """
DEAF: Final = """
    import signal, time
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print("ready", flush=True)
    time.sleep(1000)
    """
PARENT: Final = """
    import subprocess, sys, time
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)"],
                             process_group=0)
    print("ready", child.pid, flush=True)
    time.sleep(1000)
    """


SLEEPS: Final = """
    import time
    print("ready", flush=True)
    time.sleep(1000)
    """
UNTIL_ENDED: Final = """
    import os, signal, sys, time
    def end(*_):
        while open("/proc/{pid}/stat").read().rpartition(")")[2].split()[0] != "Z":
            time.sleep(0.01)
        print("ended", flush=True)
        sys.exit()
    signal.signal(signal.SIGTERM, end)
    print("ready", flush=True)
    time.sleep(1000)
    """


def start(
    stage: Stage,
    name: str,
    script: str,
    *,
    fault: re.Pattern[str] | None = None,
    lasting: bool = True,
) -> Process:
    """Start a program, and wait until it has printed `ready`."""
    log = stage.folder / f"{name}.log"
    command = [sys.executable, "-c", textwrap.dedent(script)]
    process = stage.processes.start(name, command, log=log, fault=fault, lasting=lasting)
    stage.until(lambda: "ready" in log.read_text(), f"{name} is ready")
    return process
