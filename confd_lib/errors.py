"""The errors of the package, each with its facts as attributes and one line of text.

Every other module may raise these. An error inside a template is a `gotmpl.TemplateError`, with
Go's text.

    ConfdError
    ├── ConfigError        a flag, a variable of the environment or confd.toml is invalid
    ├── TOMLError          a TOML file cannot be parsed, or a value has the wrong type
    ├── ResourceError      a template resource cannot be read or used
    ├── TemplateFileError  a template file cannot be read or parsed
    ├── BackendError       the backend does not answer, or its answer cannot be used
    │   ├── CannotWatch    the backend cannot be watched
    │   ├── Refused        the backend refuses the credentials, or some keys to their owner
    │   └── Interrupted    the stop event was set before the backend answered
    ├── DestinationError   a file, or stdout, cannot be written
    ├── CommandError       check_cmd or reload_cmd failed
    ├── KeyNotFound        a key has no value (store.store)
    ├── BadPattern         a pattern over keys is malformed (golang.match)
    ├── NotAValue          a tree holds a value that no key can have (store.rules)
    ├── TooDeep            a tree nests too deep, or holds itself (store.levels)
    ├── WrongArgument      a test passes an argument of the wrong name or type (testing.viewers)
    └── MissingLibrary     a function or a store needs a library that is not installed

An error that only one module raises is defined in that module, which is named in parentheses.
"""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence


class ConfdError(Exception):
    """The root of what this package raises; `str()` is one line.

    Attributes:
        status: the exit status of a command that it ends.
    """

    status: int = 1


class ConfigError(ConfdError):
    """A flag, a variable of the environment or a line of confd.toml is invalid.

    Attributes:
        reason: the fault, with the name of the setting.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return self.reason


class TOMLError(ConfdError):
    """The file is not valid TOML, or a value has the wrong type.

    Attributes:
        path: the file.
        reason: the fault.
        line: its line, counted from 1.
        key: the key with the fault, in the spelling of the file; empty if it is not one key's.

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
    def located_reason(self) -> str:
        """The line, the key and the reason, in the format of confd's decoder."""
        key = f' (last key "{self.key}")' if self.key else ""
        return f"toml: line {self.line}{key}: {self.reason}"

    def __str__(self) -> str:
        return f"{self.path}: {self.located_reason}"


class ResourceError(ConfdError):
    """A template resource cannot be read or used.

    Attributes:
        path: the TOML file.
        reason: the fault, with its line if it has one.

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
    """A template file cannot be read or parsed.

    Attributes:
        path: the template.
        reason: the fault; empty if the file does not exist.
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
    """The backend does not answer, or its answer cannot be used.

    Attributes:
        reason: the fault, with the address or the file.
        keys: the keys that failed while others did not; empty if all failed.
        kind: compares equal for failures that are logged once until the backend answers again; by
            default the reason.
        repeated: whether a failure of this kind has been logged since the backend last answered.
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
    """The backend cannot be watched: run in intervals instead."""


class Refused(BackendError):
    """The backend answers, but refuses the credentials, or the keys that the error names."""


class Interrupted(BackendError):
    """The stop event was set before the backend answered; the backend may be healthy."""


class DestinationError(ConfdError):
    """A file cannot be written: a destination, the status file, a page of a trace, or stdout.

    A destination keeps its old content, unless the reason says that it could not be restored.

    Attributes:
        dest: the path of the file; `stdout` for that.
        reason: the fault.
        errno: the number of the system's error, as `errno.EMFILE` when this process has too many
            open files; None if the error is not the system's.
    """

    def __init__(self, dest: str, reason: str, number: int | None = None) -> None:
        super().__init__(dest, reason, number)
        self.dest = dest
        self.reason = reason
        self.errno = number

    def __str__(self) -> str:
        return f"Cannot write {self.dest}: {self.reason}"


class CommandError(ConfdError):
    r"""A check_cmd or a reload_cmd failed.

    Attributes:
        label: the purpose of the command, in confd's words if it has any.
        command: the command line for the shell.
        outcome: the end of the command, in Go's words: `exit status 4`, `signal: killed`.
        output: the end of its output, of both streams.

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
        """Return this error without the output of the command, which may quote secrets."""
        notice = self.output and "its output is logged with -log-level debug"
        return CommandError(self.label, self.command, self.outcome, notice)

    def __str__(self) -> str:
        output = "; ".join(line.strip() for line in self.output.splitlines() if line.strip())
        parts = (self.label, self.outcome, self.command, output)
        return ": ".join(part for part in parts if part)


class MissingLibrary(ConfdError):
    """A function of templates, or a store, needs a library that is not installed.

    Attributes:
        needed_by: the function or the store, as a sentence begins with it.
        extra: the extra of `confd-lib` to install.

    >>> print(MissingLibrary("lookupSRV", "dns"))
    lookupSRV needs a library: pip install 'confd-lib[dns]'
    """

    def __init__(self, needed_by: str, extra: str) -> None:
        super().__init__(needed_by, extra)
        self.needed_by = needed_by
        self.extra = extra

    def __str__(self) -> str:
        return f"{self.needed_by} needs a library: pip install 'confd-lib[{self.extra}]'"


def out_of_descriptors(error: BaseException | None) -> bool:
    """Return whether an error was caused by the limit of open files, of the process or the machine.

    The failed operation may succeed once some files are closed.

    >>> out_of_descriptors(DestinationError("/etc/a", "too many open files", errno.EMFILE))
    True
    """
    while error is not None:
        if getattr(error, "errno", None) in (errno.EMFILE, errno.ENFILE):
            return True
        error = error.__cause__
    return False


def as_backend_error(error: Exception) -> BackendError:
    """Return an exception of any backend as a BackendError; one of somebody else may raise any.

    >>> print(as_backend_error(ValueError("odd")))
    the store failed: ValueError: odd
    """
    if isinstance(error, BackendError):
        return error
    reason = str(error) if isinstance(error, ConfdError) else f"{type(error).__name__}: {error}"
    return BackendError(f"the store failed: {reason}")


def system_reason(error: OSError | ValueError) -> str:
    """Return the text of a system's error in lower case, as Go prints it.

    Args:
        error: the system's error; or the ValueError that Python raises for an impossible path, with
            a text that differs between versions.

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
