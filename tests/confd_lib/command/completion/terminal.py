"""A shell in a terminal, into which tests type."""

from __future__ import annotations

import os
import pty
import re
import subprocess
from pathlib import Path
from typing import Final

# What the shell runs first. The commands print their arguments and a mark; the quotes hide the
# other mark from the terminal's echo.
SETUP: Final = """\
confd() {{ for one in "$@"; do printf '<%s>' "$one"; done; echo GIVEN; }}
confd-lib() {{ confd "$@"; }}
gotmpl() {{ confd "$@"; }}
{reading}
cd '{folder}'
echo REA''DY
"""
BASH: Final = ("bash", "--norc", "--noprofile", "-i")
ZSH: Final = ("zsh", "-f", "-i")
# The ways in which a shell reads the script: its command, and the lines that do it. A user may
# have set the characters between words.
WAYS: Final = {
    "bash": (BASH, "IFS=:; source '{script}'"),
    "zsh": (ZSH, "autoload -U compinit; compinit -D; source '{script}'"),
    "zsh by fpath": (ZSH, "fpath=('{script.parent}' $fpath); autoload -U compinit; compinit -u -D"),
}


class Terminal:
    """A shell that has read a script of completion.

    Args:
        way: how it reads the script.
        script: the script.
        folder: where it runs.
    """

    def __init__(self, way: str, script: Path, folder: Path) -> None:
        command, reading = WAYS[way]
        if command == ZSH:
            reading += "; setopt no_auto_remove_slash"
        setup = script.with_name("setup")
        setup.write_text(SETUP.format(reading=reading.format(script=script), folder=folder))
        self._leader, follower = pty.openpty()
        environ = {"PATH": os.environ["PATH"], "TERM": "dumb", "HOME": str(folder)}
        streams = dict.fromkeys(("stdin", "stdout", "stderr"), follower)
        self._shell = subprocess.Popen(command, **streams, env=environ, start_new_session=True)
        os.close(follower)
        self._write(f"source '{setup}'\n")
        self._read_until("READY")

    def close(self) -> None:
        """End the shell."""
        os.close(self._leader)
        self._shell.kill()
        self._shell.wait()

    def given(self, keys: str) -> list[str]:
        """Return the arguments that a command gets after keys, tabs among them, and Enter."""
        self._write(f"{keys}\n")
        shown = self._read_until("GIVEN")
        line = next(line for line in reversed(shown.splitlines()) if "GIVEN" in line)
        return re.findall(r"<(.*?)>", line)

    def _write(self, text: str) -> None:
        os.write(self._leader, text.encode())

    def _read_until(self, mark: str) -> str:
        """Return what is shown up to a mark; the time limit of a test ends a longer wait."""
        shown = b""
        while mark.encode() not in shown:
            shown += os.read(self._leader, 4096)
        return shown.decode("utf-8", "replace")
