"""A confd folder with destinations beside it, the values for it, and `confd` running on it."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
# The seconds after which a wait fails, enough for a busy machine.
PATIENCE: Final = 60.0
# The seconds between two checks of a condition.
_TICK: Final = 0.005


@dataclass(frozen=True, slots=True)
class Site:
    """The folders of a test of passes.

    Attributes:
        path: the confd folder.
        out: the folder of destinations.
    """

    path: Path
    out: Path

    @classmethod
    def make(cls, folder: Path, name: str = "confd") -> Site:
        site = cls(folder / name, folder / "out")
        for path in (site.path / "conf.d", site.path / "templates", site.out):
            path.mkdir(parents=True, exist_ok=True)
        return site

    def add(self, name: str, text: str, **fields: object) -> Path:
        """Add a resource and its template; return its destination."""
        dest = self.out / f"{name}.conf"
        settings = {"src": f"{name}.tmpl", "dest": str(dest), "keys": ["/self"], **fields}
        # Python's literals of texts, numbers and lists of texts are TOML's too.
        toml = "[template]\n" + "".join(f"{key} = {settings[key]!r}\n" for key in settings)
        (self.path / "templates" / f"{name}.tmpl").write_text(text)
        (self.path / "conf.d" / f"{name}.toml").write_text(toml)
        return dest

    def strays(self) -> list[str]:
        """Return the names of the files beside the destinations, as stages that were left."""
        return sorted(path.name for path in self.out.iterdir() if path.suffix != ".conf")

    @contextmanager
    def confd(self, url: str, *args: str) -> Iterator[subprocess.Popen[bytes]]:
        """Run `confd -watch` as a process, which has to end by SIGTERM at the end of the block."""
        command = [sys.executable, "-m", "confd_lib", "-backend=rancher", "-prefix=/latest"]
        options = [f"-node={url}", f"-confdir={self.path}", "-config-file=", *args]
        with (
            (self.path / "log").open("wb") as log,
            ended(
                subprocess.Popen([*command, "-watch", *options], cwd=ROOT, stderr=log)
            ) as process,
        ):
            yield process

    def log(self) -> list[str]:
        """Return the log lines of `confd`, without time and origin."""
        lines = (self.path / "log").read_text().splitlines()
        return [line.split("]: ", 1)[-1] for line in lines]


@contextmanager
def ended(process: subprocess.Popen[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """End a process by SIGTERM at the end of the block, with status 0; kill it if that fails."""
    guard = threading.Timer(900, process.kill)
    guard.start()
    with process:
        try:
            yield process
            process.terminate()
            assert process.wait(PATIENCE) == 0
        finally:
            # The outer block waits for the process: a failed test must not wait for the guard.
            process.kill()
            guard.cancel()
            guard.join()


def tree(release: object, **mine: object) -> dict[str, object]:
    """Return the answers of a service for one release, with the release as their version."""
    document = {"version": f"v{release}", "self": {"release": release, **mine}}
    return {"latest": {"default": document}}


def until(
    done: Callable[[], bool], process: subprocess.Popen[bytes], seconds: float = PATIENCE
) -> bool:
    """Wait until a condition holds, and return whether it does within some seconds.

    Raises:
        AssertionError: the process has ended.
    """
    end = time.monotonic() + seconds
    while not done():
        assert process.poll() is None, f"the process ended with {process.returncode}"
        if time.monotonic() > end:
            return False
        pause(process, _TICK)
    return True


def pause(process: subprocess.Popen[bytes], seconds: float) -> None:
    """Wait for some seconds.

    Raises:
        AssertionError: the process has ended.
    """
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return
    raise AssertionError(f"the process ended with {process.returncode}")
