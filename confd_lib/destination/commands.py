"""The commands of a resource: the text for the shell, the run of it, and its outcome.

Knows nothing of when commands run. A check_cmd is a Go template with `.src` (the staged file) and
`.dest`; a reload_cmd goes to the shell as it is, except for the actions `{{.src}}` and
`{{.dest}}`, because real ones hold templates of other programs (`docker ps --format '{{.ID}}'`).
"""

from __future__ import annotations

import functools
import logging
import math
import os
import re
import select
import signal
import time
from typing import TYPE_CHECKING, Final, Self

import gotmpl
from confd_lib import polling
from confd_lib.destination import children
from confd_lib.destination.output import Output
from confd_lib.errors import CommandError
from confd_lib.logs import LOGGER

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

CHECK: Final = "Config check failed"
RELOAD: Final = "Reload failed"
# A warning names a command that runs for so many seconds.
SLOW_S: Final = 60.0
# Where the system cannot report the end of a process, it is asked this often.
_ASK_AGAIN_S: Final = 0.05
# An action that stands for the destination, as Go would read it: spaces, and the dashes that take
# away the white space before and after it.
FILE_ACTION: Final = re.compile(
    r"\{\{(?:(?P<trim_before>-)[ \t\r\n]+|[ \t\r\n]*)\.(?:src|dest)"
    r"(?:[ \t\r\n]+(?P<trim_after>-)|[ \t\r\n]*)\}\}"
)
_SPACES: Final = " \t\r\n"
# A command longer than this is parsed each time.
_CACHED: Final = 1024


def check_text(command: str, *, src: Path, dest: Path) -> str:
    """Render a check_cmd.

    Args:
        command: a Go template.
        src: the staged file.
        dest: the destination.

    Raises:
        CommandError: the command is not a template, or cannot be rendered; in Go's words.

    >>> from pathlib import Path
    >>> check_text("nginx -t -c {{.src}}", src=Path("/etc/.n"), dest=Path("/etc/n"))
    'nginx -t -c /etc/.n'
    """
    if "{{" not in command:
        return command
    try:
        parse = _template if len(command) <= _CACHED else _template.__wrapped__
        return parse(command).render(gotmpl.Map("string", {"src": str(src), "dest": str(dest)}))
    except gotmpl.TemplateError as error:
        raise CommandError(CHECK, "", str(error)) from error


@functools.lru_cache(maxsize=256)
def _template(command: str) -> gotmpl.Template:
    return gotmpl.Template("checkcmd").parse(command)


def reload_text(command: str, dest: Path) -> str:
    """Complete a reload_cmd.

    Both names stand for the destination: by the time of a reload the staged file has become it.

    >>> from pathlib import Path
    >>> reload_text("cp {{ .dest }} /tmp; docker ps --format {{.ID}}", Path("/etc/app"))
    'cp /etc/app /tmp; docker ps --format {{.ID}}'
    """
    done, at, trimmed = "", 0, False
    for action in FILE_ACTION.finditer(command):
        text = command[at : action.start()]
        text = text.lstrip(_SPACES) if trimmed else text
        done += (text.rstrip(_SPACES) if action["trim_before"] else text) + str(dest)
        at, trimmed = action.end(), bool(action["trim_after"])
    return done + (command[at:].lstrip(_SPACES) if trimmed else command[at:])


def run(label: str, command: str, *, timeout: float = 0, slow: float = SLOW_S) -> str:
    r"""Run a shell command, and wait until it ends.

    It has our environment and folder, an empty input, and a session of its own; its whole process
    group is killed when the time is up. Nothing waits for processes that it leaves in the
    background, and their output is thrown away.

    Args:
        label: begins the text of the error, such as `RELOAD`.
        command: for `/bin/sh -c`.
        timeout: seconds that it may take; 0 for any time.
        slow: seconds after which a warning names it.

    Returns:
        its output, both streams together; of more than 64 KiB the end.

    Raises:
        CommandError: the command cannot be started, fails, or takes too long.

    >>> run("Reload failed", "echo reloaded; echo twice >&2")
    'reloaded\ntwice\n'
    """
    try:
        with Output() as output, children.running(command, output.writer) as process:
            output.close_writer()
            outcome = _wait(process, output, command, timeout, slow)
    except (OSError, ValueError) as error:
        raise CommandError(label, command, str(error)) from error
    if outcome:
        raise CommandError(label, command, outcome, output.text())
    return output.text()


def run_logged(label: str, command: str, *, timeout: float) -> None:
    """Run a command as `run` does, and log its text and its output."""
    LOGGER.debug("Running %s", command)
    try:
        said = run(label, command, timeout=timeout)
    except CommandError as error:
        _log_output(error.output)
        raise
    _log_output(said)


def _log_output(said: str) -> None:
    if LOGGER.isEnabledFor(logging.DEBUG):
        LOGGER.debug("%s", gotmpl.quote(said))


def _wait(
    process: subprocess.Popen[bytes], output: Output, command: str, timeout: float, slow: float
) -> str:
    """Read the output of a command until it ends; return its failure in Go's words."""
    now = time.monotonic()
    warn, end, outcome = now + slow, now + timeout if timeout else math.inf, ""
    with _Waiter(process.pid, output) as waiter:
        while (code := children.exit_code(process)) is None:
            now = time.monotonic()
            if now >= warn:
                LOGGER.warning("Still running after %gs: %s", slow, command)
                warn = math.inf
            if now >= end:
                children.kill(process)
                outcome, end = f"timed out after {timeout:g}s", math.inf
            waiter.wait(min(warn, end) - now)
    return outcome or _outcome(code)


def _outcome(code: int) -> str:
    if code < 0:
        return f"signal: {(signal.strsignal(-code) or str(-code)).lower()}"
    return f"exit status {code}" if code else ""


class _Waiter:
    """Waits for the output of a process or its end."""

    __slots__ = ("_end", "_output", "_poll")

    def __init__(self, pid: int, output: Output) -> None:
        self._output = output
        self._end = _end_of(pid)
        self._poll = select.poll()
        self._poll.register(output.reader, select.POLLIN)
        if self._end is not None:
            self._poll.register(self._end, select.POLLIN)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._end is not None:
            os.close(self._end)

    def wait(self, seconds: float) -> None:
        """Wait for output or the end, at most so many seconds, and read the output."""
        seconds = seconds if self._end is not None else min(seconds, _ASK_AGAIN_S)
        events = self._poll.poll(polling.milliseconds(seconds))
        if self._output.reader in dict(events):
            self._output.read()
            if not self._output.open:
                self._poll.unregister(self._output.reader)


def _end_of(pid: int) -> int | None:
    """Open a descriptor that is readable once a process ends; None where there is no such."""
    try:
        return os.pidfd_open(pid)
    except (AttributeError, OSError):
        return None
