"""The commands of a resource: what text the shell is given, and how it went.

Knows nothing of when they run. A check_cmd is a Go template that knows `.src` (the staged file) and
`.dest`; a reload_cmd is given to the shell as it stands but for exactly `{{.src}}` and `{{.dest}}`,
because real ones hold templates of other programs (`docker ps --format '{{.ID}}'`).
"""

from __future__ import annotations

import functools
import logging
import os
import signal
import subprocess
from typing import TYPE_CHECKING, Final

import gotmpl
from confd_lib.errors import CommandError
from confd_lib.logs import LOGGER

if TYPE_CHECKING:
    from pathlib import Path
    from typing import IO

CHECK: Final = "Config check failed"
RELOAD: Final = "Reload failed"

# Of what a command says, this much of the end is kept.
_OUTPUT_BYTES: Final = 64 * 1024
_HAS_MEMORY_FILES: Final = hasattr(os, "memfd_create")


def check_text(command: str, *, src: Path, dest: Path) -> str:
    """Render a check_cmd.

    Args:
        command: a Go template.
        src: the staged file.
        dest: where it is to go.

    Raises:
        CommandError: it is not a template, or cannot be rendered; in Go's words.

    >>> from pathlib import Path
    >>> check_text("nginx -t -c {{.src}}", src=Path("/etc/.n"), dest=Path("/etc/n"))
    'nginx -t -c /etc/.n'
    """
    if "{{" not in command:
        return command
    try:
        return _template(command).render({"src": str(src), "dest": str(dest)})
    except gotmpl.TemplateError as error:
        raise CommandError(CHECK, "", str(error)) from error


@functools.lru_cache(maxsize=256)
def _template(command: str) -> gotmpl.Template:
    return gotmpl.Template("checkcmd").parse(command)


def reload_text(command: str, dest: Path) -> str:
    """Complete a reload_cmd.

    Both names stand for the destination: by the time of a reload the staged file has become it.

    >>> from pathlib import Path
    >>> reload_text("kill -HUP $(docker inspect -f {{.State.Pid}} web) # {{.dest}}", Path("/etc/n"))
    'kill -HUP $(docker inspect -f {{.State.Pid}} web) # /etc/n'
    """
    return command.replace("{{.src}}", str(dest)).replace("{{.dest}}", str(dest))


def run(label: str, command: str, *, timeout: float = 0) -> str:
    r"""Give a command to the shell, and wait until it ends.

    It has our environment and folder, an empty input, and a process group of its own, which is
    killed when the time is up. What it leaves running in the background is not waited for.

    Args:
        label: what it is for; begins the error.
        command: for `/bin/sh -c`.
        timeout: seconds that it may take; 0 for as long as it likes.

    Returns:
        what it wrote, both streams together.

    Raises:
        CommandError: it cannot be started, fails, or takes too long.

    >>> run("Reload failed", "echo reloaded; echo twice >&2")
    'reloaded\ntwice\n'
    """
    with _output_file() as output:
        try:
            process = subprocess.Popen(
                ("/bin/sh", "-c", command),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                process_group=0,
            )
        except (OSError, ValueError) as error:
            raise CommandError(label, command, str(error)) from error
        outcome = _wait(process, timeout)
        said = _tail(output)
    if outcome:
        raise CommandError(label, command, outcome, said)
    return said


def run_logged(label: str, command: str, *, timeout: float) -> None:
    """Run a command as `run` does, and log what it is and what it said."""
    LOGGER.debug("Running %s", command)
    said = run(label, command, timeout=timeout)
    if LOGGER.isEnabledFor(logging.DEBUG):
        LOGGER.debug("%s", gotmpl.quote(said))


def _output_file() -> IO[bytes]:
    """Open what takes the output; a pipe would last as long as the last background job.

    It is memory where that can be had, since a container may have no folder to write to.
    """
    if _HAS_MEMORY_FILES:
        return open(os.memfd_create("output"), "w+b")  # noqa: PTH123 - a descriptor, not a path
    import tempfile  # noqa: PLC0415 - dear, and hardly ever needed

    return tempfile.TemporaryFile()


def _wait(process: subprocess.Popen[bytes], timeout: float) -> str:
    """Wait for the end of a process, and say what was wrong with it in Go's words."""
    try:
        code = process.wait(timeout or None)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return f"timed out after {timeout:g}s"
    if code < 0:
        return f"signal: {(signal.strsignal(-code) or str(-code)).lower()}"
    return f"exit status {code}" if code else ""


def _tail(output: IO[bytes]) -> str:
    size = output.seek(0, os.SEEK_END)
    output.seek(max(0, size - _OUTPUT_BYTES))
    return output.read().decode("utf-8", "replace")
