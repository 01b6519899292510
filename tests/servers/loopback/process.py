"""A program that serves on loopback: started, stopped, killed and frozen by tests.

Does not know what the program serves; its maker says how it is started and when it is ready.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from tests.servers.loopback.ports import Port
from tests.servers.loopback.programs import system_program

# Seconds until a program has to be ready, or has to have ended.
_LIMIT: Final = 60
# Starts with other ports, where something else than a test has taken one.
_ATTEMPTS: Final = 3


# The kernel ends a program with the thread that started it, so one that lasts starts them all.
_LAUNCHER: Final = ThreadPoolExecutor(1, "servers")


class CannotStart(Exception):
    """A program ended, or was not ready in time; the text has the end of its log."""


class Server:
    """A program on ports of loopback, with its data in a folder of its own.

    The program dies with this process, however that ends: `setpriv` makes the kernel send SIGKILL
    to it. (The same from Python would be a `preexec_fn`, which may hang beside threads.)

    Attributes:
        data: the folder of the program's data.
        log: the file with all that the program printed.
    """

    def __init__(
        self,
        folder: Path,
        argv: Callable[[Server], Sequence[str]],
        ready: Callable[[Server], bool],
        *,
        ports: int = 1,
        prepare: Callable[[], None] = lambda: None,
        leave: Callable[[], None] = lambda: None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Describe a server; nothing is started yet.

        Args:
            folder: an existing folder, which `close` removes.
            argv: returns the command, given the server.
            ready: tells if the program serves, by its own protocol.
            ports: the number of ports that the program listens on.
            prepare: is called after each start on an empty `data`.
            leave: is called before the program is ended, unless it is frozen: closes connections.
            environment: variables beside those of this process.
        """
        self.data, self.log = folder / "data", folder / "log"
        self._folder, self._argv, self._ready, self._prepare = folder, argv, ready, prepare
        self._leave, self._is_frozen = leave, False
        self._environment = {**os.environ, **(environment or {})}
        self._count = ports
        self._ports: list[Port] = []
        self._process: subprocess.Popen[bytes] | None = None
        self._is_fresh = True

    @property
    def port(self) -> int:
        """The first port."""
        return self.ports[0]

    @property
    def ports(self) -> list[int]:
        """The ports, the same from the first start on."""
        return [port.number for port in self._ports]

    @property
    def pid(self) -> int:
        """The process of the program itself."""
        return self._running.pid

    @property
    def _running(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, "it was never started"
        return self._process

    @property
    def runs(self) -> bool:
        """True while the process is there, frozen or not."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start the program on its data, and return once it is ready.

        The first start chooses the ports, and others if the program does not start with them.

        Raises:
            CannotStart: the program ended, or was not ready in time.
        """
        for left in reversed(range(1 if self._ports else _ATTEMPTS)):
            try:
                self.launch()
                return self.wait()
            except CannotStart:
                if not left:
                    raise
                self._release_ports()
        return None

    def launch(self) -> None:
        """Start the program without waiting until it is ready, which `wait` does."""
        self._is_fresh, self._is_frozen = not self.data.exists(), False
        self.data.mkdir(exist_ok=True)
        self._ports = self._ports or [Port() for _ in range(self._count)]
        command = [system_program("setpriv"), "--pdeathsig", "KILL", "--", *self._argv(self)]
        with self.log.open("ab") as log:
            self._process = _LAUNCHER.submit(
                subprocess.Popen,
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.data,
                env=self._environment,
                start_new_session=True,  # Ctrl-C is for pytest, whose fixtures stop the program
            ).result()

    def wait(self) -> None:
        """Wait until a program that was launched is ready.

        Raises:
            CannotStart: the program ended, or was not ready in time.
        """
        end = time.monotonic() + _LIMIT
        while self.runs and time.monotonic() < end:
            if self._ready(self):
                return self._made_ready()
            _ended(self._running, within=0.01)
        self.kill()
        status, printed = self._running.returncode, self.log.read_text(errors="replace")[-2000:]
        raise CannotStart(f"{self._running.args!r} is not ready, status {status}: {printed}")

    def _made_ready(self) -> None:
        if self._is_fresh:
            self._is_fresh = False
            self._prepare()

    def stop(self) -> None:
        """Send SIGTERM and wait for the end; a program that takes too long is killed."""
        if self._process is not None and self.runs:
            self.thaw()
            self._leave()
            self._process.send_signal(signal.SIGTERM)
            if not _ended(self._process, within=_LIMIT):
                self.kill()

    def kill(self) -> None:
        """Send SIGKILL and wait for the end."""
        if self._process is not None:
            if self.runs and not self._is_frozen:
                self._leave()
            self._process.kill()
            self._process.wait()

    def freeze(self) -> None:
        """Let the program do nothing more; its connections stay, and new ones are not answered."""
        os.kill(self.pid, signal.SIGSTOP)
        self._is_frozen = True

    def thaw(self) -> None:
        """Let a frozen program go on."""
        os.kill(self.pid, signal.SIGCONT)
        self._is_frozen = False

    def empty(self) -> None:
        """Restart the program on the same ports without any of its data."""
        self.kill()
        shutil.rmtree(self.data, ignore_errors=True)
        self.start()

    def close(self) -> None:
        """Kill the program, and remove its folder and its hold on the ports."""
        self.kill()
        self._release_ports()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _release_ports(self) -> None:
        for port in self._ports:
            port.release()
        self._ports = []


def _ended(process: subprocess.Popen[bytes], within: float) -> bool:
    """Wait some seconds for the end of a process, and tell if it came."""
    try:
        process.wait(within)
    except subprocess.TimeoutExpired:
        return False
    return True
