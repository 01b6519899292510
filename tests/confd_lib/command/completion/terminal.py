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
{first}
source '{script}'
cd '{folder}'
echo REA''DY
"""
SHELLS: Final = {
    "bash": (("bash", "--norc", "--noprofile", "-i"), ""),
    "zsh": (("zsh", "-f", "-i"), "autoload -U compinit; compinit -D; setopt no_auto_remove_slash"),
}


class Terminal:
    """A shell that has read a script of completion.

    Args:
        shell: its name.
        script: the script.
        folder: where it runs.
    """

    def __init__(self, shell: str, script: Path, folder: Path) -> None:
        command, first = SHELLS[shell]
        setup = script.with_suffix(".setup")
        setup.write_text(SETUP.format(first=first, script=script, folder=folder))
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
