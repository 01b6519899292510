"""The errors of the command that are in files, values and flags, not in templates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gotmpl.failures.names import did_you_mean, near

if TYPE_CHECKING:
    from pathlib import Path


class Fault(Exception):
    """The command cannot do what was asked; `str()` is one line that names the cause.

    Attributes:
        status: the exit status: 1, or 2 if the flags are at fault.
    """

    status = 1


class UsageFault(Fault):
    """A flag has a value that it cannot have."""

    status = 2


def of_file(path: Path, error: OSError | UnicodeError) -> Fault:
    """Return the fault of a file that cannot be read or written, with a near name."""
    reason = error.strerror or str(error) if isinstance(error, OSError) else "is not UTF-8"
    advice = ""
    if isinstance(error, FileNotFoundError) and path.parent.is_dir():
        advice = did_you_mean(near(path.name, [one.name for one in path.parent.iterdir()]))
    return Fault(f"{path}: {reason.lower()}{f'; {advice}' if advice else ''}")
