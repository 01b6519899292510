"""A confd folder with destinations beside it, the answers it renders, and `confd` at work on it."""

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
# Enough for a machine that is busy with other things; nothing waits so long where all is well.
PATIENCE: Final = 60.0
_LOOK: Final = 0.005


@dataclass(frozen=True, slots=True)
class Site:
    """A folder for all that a test of passes needs.

    Attributes:
        path: the confd folder.
        out: where destinations lie.
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
        said = {"src": f"{name}.tmpl", "dest": str(dest), "keys": ["/self"], **fields}
        # Python's and TOML's words for texts, numbers and lists of texts are the same.
        toml = "[template]\n" + "".join(f"{key} = {said[key]!r}\n" for key in said)
        (self.path / "templates" / f"{name}.tmpl").write_text(text)
        (self.path / "conf.d" / f"{name}.toml").write_text(toml)
        return dest

    def strays(self) -> list[str]:
        """List what lies among the destinations and is none."""
        return sorted(path.name for path in self.out.iterdir() if path.suffix != ".conf")

    @contextmanager
    def confd(self, url: str, *args: str) -> Iterator[subprocess.Popen[bytes]]:
        """Run `confd -watch` as its users do; it is asked to end with the block, and has to."""
        command = [sys.executable, "-m", "confd_lib", "-backend=rancher", "-prefix=/latest"]
        options = [f"-node={url}", f"-confdir={self.path}", "-config-file=/nonexistent", *args]
        with (
            open(self.path / "log", "wb") as log,  # noqa: PTH123 - the same as the other way
            ended(
                subprocess.Popen([*command, "-watch", *options], cwd=ROOT, stderr=log)
            ) as process,
        ):
            yield process

    def log(self) -> list[str]:
        """Return what `confd` has logged, without time and origin."""
        lines = (self.path / "log").read_text().splitlines()
        return [line.split("]: ", 1)[-1] for line in lines]


@contextmanager
def ended(process: subprocess.Popen[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """End a process with the block, by SIGTERM: status 0; and kill it where that does not help."""
    guard = threading.Timer(900, process.kill)
    guard.start()
    with process:
        try:
            yield process
            process.terminate()
            assert process.wait(PATIENCE) == 0
        finally:
            # Before the outer block waits for it: a failed test must not wait for the guard.
            process.kill()
            guard.cancel()
            guard.join()


def tree(release: object, **mine: object) -> dict[str, object]:
    """Answers that tell one release, at a version of that name."""
    document = {"version": f"v{release}", "self": {"release": release, **mine}}
    return {"latest": {"default": document}}


def until(
    done: Callable[[], bool], process: subprocess.Popen[bytes], seconds: float = PATIENCE
) -> bool:
    """Look again and again, for as long as a process lives, but no longer than so many seconds."""
    end = time.monotonic() + seconds
    while not done():
        assert process.poll() is None, f"it ended with {process.returncode}"
        if time.monotonic() > end:
            return False
        pause(process, _LOOK)
    return True


def pause(process: subprocess.Popen[bytes], seconds: float) -> None:
    """Let time pass; the end of the process would end it."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return
    raise AssertionError(f"it ended with {process.returncode}")
