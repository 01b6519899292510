"""The table [exec] of confd.toml, and the flag -exec: the process that confd starts and follows.

Knows nothing of how processes are run, but for the words of a command.
"""

from __future__ import annotations

import math
import re
import shlex
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from confd_lib.confdir.resource import parse_duration
from confd_lib.confdir.tomlfile import INTEGER, SECONDS, STRING
from confd_lib.errors import ConfigError

if TYPE_CHECKING:
    from confd_lib.confdir.tomlfile import Kind, TOMLFile

TABLE: Final = "exec"
KINDS: Final[Mapping[str, Kind]] = {
    "command": STRING,
    "reload_signal": STRING,
    "kill_signal": STRING,
    "kill_timeout": SECONDS,
    "splay": SECONDS,
    "start_timeout": SECONDS,
    "restarts": INTEGER,
}
# A text of these, and of quotations in which nothing is replaced, has no syntax of a shell.
_QUOTATION: Final = re.compile(r"'[^'\0]*'|\"[^\"$`\\\0]*\"")
_PLAIN: Final = re.compile(r"[\w@%+:,./^ \t=-]*", re.ASCII)
# Commands that only a shell has.
_BUILTINS: Final = frozenset(
    (".", ":", "cd", "command", "eval", "exec", "exit", "export", "set", "trap", "ulimit", "umask")
)


@dataclass(frozen=True, slots=True)
class Exec:
    """The process that confd starts after the first good pass.

    Attributes:
        command: its command line.
        reload_signal: is sent to it after a change; without one (0) it is restarted.
        kill_signal: asks it to end; without one (0) the signal that ends confd does, and SIGTERM
            before a restart.
        kill_timeout: the seconds after which it is killed, if it does not end.
        splay: the most seconds by which a reload or a restart is put off, at random.
        start_timeout: the seconds within which the first good pass has to end; 0 for any time.
        restarts: how often in a row it is started again after it has failed.
    """

    command: str
    reload_signal: int = 0
    kill_signal: int = 0
    kill_timeout: float = 8.0
    splay: float = 0.0
    start_timeout: float = 60.0
    restarts: int = 0

    @property
    def words(self) -> tuple[str, ...]:
        """The program and its arguments; the shell's, where the command has syntax of a shell.

        >>> Exec("nginx -g 'daemon off;'").words
        ('nginx', '-g', 'daemon off;')
        >>> Exec("cd /srv && exec ./app").words
        ('/bin/sh', '-c', 'cd /srv && exec ./app')
        """
        if _PLAIN.fullmatch(_QUOTATION.sub("", self.command)):
            words = shlex.split(self.command)
            if "=" not in words[0] and words[0] not in _BUILTINS:
                return tuple(words)
        return "/bin/sh", "-c", self.command


def decode(table: TOMLFile) -> tuple[Exec, tuple[str, ...]]:
    r"""Return the process of a table [exec], and the names in it that are no settings.

    Raises:
        TOMLError: a value cannot be used.

    >>> from confd_lib.confdir.tomlfile import TOMLFile
    >>> text = b'command = "nginx"\nreload_signal = "HUP"\nsplay = "1m"'
    >>> found, _ = decode(TOMLFile.parse("confd.toml", text))
    >>> found.command, int(found.reload_signal), found.splay
    ('nginx', 1, 60.0)
    """
    values, ignored = table.decode(KINDS)
    fields: dict[str, Any] = {"command": ""}
    for name, value in values.items():
        try:
            fields[name] = _CONVERTED[name](value) if name in _CONVERTED else value
        except ValueError as error:
            raise table.refuse(name, str(error)) from error
    return Exec(**fields), ignored


def choose(table: Exec | None, flag: str | None, path: str) -> Exec | None:
    """Return the process that the settings ask for; None if they ask for no process.

    Args:
        table: the process of confd.toml, which may lack a command.
        flag: the value of -exec, which replaces that command; None if it was not given, and empty
            for no process.
        path: the path of confd.toml.

    Raises:
        ConfigError: there is no command, or it cannot be one.

    >>> choose(Exec("a", splay=2.0), "b", "confd.toml").splay
    2.0
    """
    if flag == "" or (table is None and flag is None):
        return None
    place = "-exec" if flag is not None else f"{path}: [{TABLE}]"
    found = replace(table or Exec(""), command=flag or (table.command if table else ""))
    if not found.command.strip():
        raise ConfigError(f"{place} names no command")
    if "\0" in found.command:
        raise ConfigError(f"{place}: the command holds a null byte")
    return found


def _seconds(value: float | str) -> float:
    seconds = parse_duration(value) if isinstance(value, str) else float(value)
    if seconds is None or not 0 <= seconds < math.inf:
        raise ValueError(f'neither seconds nor a duration like "30s": {value!r}')
    return seconds


def _signal(name: str) -> int:
    """Return the number of a signal; `SIGHUP`, `HUP`, `hup` and `1` are the same."""
    numbers = {str(int(number)): number for number in signal.valid_signals()}
    names = {one.name: one for one in signal.Signals}
    upper = name.upper()
    found = names.get(upper) or names.get(f"SIG{upper}") or numbers.get(upper)
    if found is None:
        raise ValueError(f'there is no signal {name!r}; write one like "SIGHUP"')
    return int(found)


def _reload_signal(name: str) -> int:
    number = _signal(name) if name else 0
    if number in (signal.SIGKILL, signal.SIGSTOP):
        raise ValueError(f'no process can act on {name}; write "" to have it restarted')
    return number


def _restarts(number: int) -> int:
    if number < 0:
        raise ValueError(f"{number} is below 0")
    return number


_CONVERTED: Final[Mapping[str, Callable[[Any], float]]] = {
    "reload_signal": _reload_signal,
    "kill_signal": lambda name: _signal(name) if name else 0,
    "kill_timeout": _seconds,
    "splay": _seconds,
    "start_timeout": _seconds,
    "restarts": _restarts,
}
