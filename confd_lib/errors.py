"""What can go wrong between a conf.d and a file on disk, as facts that print in one line each.

Knows nothing of how anything is done; every other module of the package may raise these. What a
template says wrong is a `gotmpl.TemplateError`, in Go's words.

    ConfdError
    ├── ConfigError        a flag, a variable of the environment or confd.toml
    ├── TOMLError          a TOML file cannot be read, or used
    ├── ResourceError      a template resource cannot be used
    ├── TemplateFileError  a template cannot be read, or is none
    ├── BackendError       the store cannot be asked
    │   ├── CannotWatch    the store has no way to say that something changed
    │   └── Interrupted    the stop event was set before the store answered
    ├── DestinationError   the file cannot be written where it belongs
    ├── CommandError       check_cmd or reload_cmd failed
    ├── KeyNotFound        a key has no value (store)
    ├── BadPattern         a pattern over keys is malformed (gomatch)
    ├── NotAValue          a tree holds what no key can have as its value (flatten)
    ├── TooDeep            a tree is too deep, or holds itself (directory)
    └── MissingLibrary     a function needs a library that is not installed (funcs.lookup)

What only one module can raise is defined there: its name stands in parentheses.
"""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence


class ConfdError(Exception):
    """The root of what this package raises; `str()` is one line."""


class ConfigError(ConfdError):
    """A flag, a variable of the environment or a line of confd.toml cannot be used.

    Attributes:
        reason: what is wrong, with the name of what is wrong in it.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return self.reason


class TOMLError(ConfdError):
    """A TOML file is none, or a value in it has the wrong type.

    Attributes:
        path: the file.
        reason: what is wrong with it.
        line: the line in it, counted from 1.
        key: the key that stands there, as the file spells it; empty where it is not one key's.

    >>> print(TOMLError("confd.toml", "a string is wanted", 2, "backend"))
    confd.toml: toml: line 2 (last key "backend"): a string is wanted
    """

    def __init__(self, path: str, reason: str, line: int, key: str = "") -> None:
        super().__init__(path, reason, line, key)
        self.path = path
        self.reason = reason
        self.line = line
        self.key = key

    @property
    def told(self) -> str:
        """What is wrong and where, in the words of confd's decoder, without the file."""
        key = f' (last key "{self.key}")' if self.key else ""
        return f"toml: line {self.line}{key}: {self.reason}"

    def __str__(self) -> str:
        return f"{self.path}: {self.told}"


class ResourceError(ConfdError):
    """A template resource says something that cannot be used.

    Attributes:
        path: the TOML file.
        reason: what is wrong with it, and on which line if it is on one.

    >>> print(ResourceError("conf.d/a.toml", "empty src template"))
    Cannot process template resource conf.d/a.toml - empty src template
    """

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path, reason)
        self.path = path
        self.reason = reason

    def __str__(self) -> str:
        return f"Cannot process template resource {self.path} - {self.reason}"


class TemplateFileError(ConfdError):
    """A template cannot be read, or what it holds is not a template.

    Attributes:
        path: the template.
        reason: what is wrong with it; empty where it is not there.
    """

    def __init__(self, path: str, reason: str = "") -> None:
        super().__init__(path, reason)
        self.path = path
        self.reason = reason

    def __str__(self) -> str:
        if not self.reason:
            return f"Missing template: {self.path}"
        return f"Unable to process template {self.path}, {self.reason}"


class BackendError(ConfdError):
    """The store cannot be asked, or what it answers cannot be used.

    Attributes:
        reason: what is wrong, with the address or the file in it.
        keys: the keys that could not be had while the others can; empty where none can.
        kind: equal for failures of which a log needs only the first, as long as a store is away;
            the reason unless said.
        repeated: whether a failure of this kind has been logged since the store last answered.
    """

    def __init__(self, reason: str, keys: Sequence[str] = (), kind: Hashable | None = None) -> None:
        super().__init__(reason, keys, kind)
        self.reason = reason
        self.keys = tuple(keys)
        self.kind = reason if kind is None else kind
        self.repeated = False

    def __str__(self) -> str:
        return self.reason


class CannotWatch(BackendError):
    """The store has no way to say that something changed: run in intervals instead."""


class Interrupted(BackendError):
    """The stop event was set before the store answered, which says nothing of the store."""


class DestinationError(ConfdError):
    """The file cannot be written where it belongs.

    The file that was there stays as it was, unless the reason says that it could not be put back.

    Attributes:
        dest: the destination.
        reason: what is in the way.
        errno: the number of the system's error (`errno.EMFILE` where this process may open no more
            files); None where it was not the system that refused.
    """

    def __init__(self, dest: str, reason: str, number: int | None = None) -> None:
        super().__init__(dest, reason, number)
        self.dest = dest
        self.reason = reason
        self.errno = number

    def __str__(self) -> str:
        return f"Cannot write {self.dest}: {self.reason}"


class CommandError(ConfdError):
    r"""A command failed.

    Attributes:
        label: what the command was for, in confd's words where it has some.
        command: the text that the shell was given.
        outcome: how it ended, in Go's words: `exit status 4`, `signal: killed`.
        output: what it wrote, both streams together; the last of it where that was much.

    >>> print(CommandError("Config check failed", "nginx -t", "exit status 1", "no such file\n"))
    Config check failed: exit status 1: nginx -t: no such file
    """

    def __init__(self, label: str, command: str, outcome: str, output: str = "") -> None:
        super().__init__(label, command, outcome, output)
        self.label = label
        self.command = command
        self.outcome = outcome
        self.output = output

    def without_output(self) -> CommandError:
        """Return this error without what the command wrote, which may quote secrets."""
        said = self.output and "its output is logged at level debug only"
        return CommandError(self.label, self.command, self.outcome, said)

    def __str__(self) -> str:
        said = "; ".join(line.strip() for line in self.output.splitlines() if line.strip())
        parts = (self.label, self.outcome, self.command, said)
        return ": ".join(part for part in parts if part)


def out_of_descriptors(error: BaseException | None) -> bool:
    """Tell whether an error goes back to the limit of open files, of this process or the machine.

    What failed may succeed once some files are closed.

    >>> out_of_descriptors(DestinationError("/etc/a", "too many open files", errno.EMFILE))
    True
    """
    while error is not None:
        if getattr(error, "errno", None) in (errno.EMFILE, errno.ENFILE):
            return True
        error = error.__cause__
    return False


def system_reason(error: OSError | ValueError) -> str:
    """Return why a file could not be used, in lower case as Go prints it.

    Args:
        error: what the system raised; or a ValueError, which Python raises for a path that no file
            can have, in words that differ from version to version.

    >>> system_reason(FileNotFoundError(2, "No such file or directory"))
    'no such file or directory'
    >>> system_reason(ValueError("embedded null byte"))
    'the path holds a null byte'
    """
    if isinstance(error, UnicodeError):
        return "the path holds a lone surrogate"
    if isinstance(error, ValueError):
        return "the path holds a null byte"
    return (error.strerror or str(error)).lower()
