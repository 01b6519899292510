"""Functions that look at the machine: its environment, its files, its clock.

Knows neither the store nor templates.
"""

from __future__ import annotations

import errno
import os

from confd_lib.golang.time import Time, now


def getenv(name: str, *default: str) -> str:
    """The variable of the environment; the default if it is not set or empty."""
    return os.environ.get(name, "") or (default[0] if default else "")


def getenv_alone(name: str) -> str:
    """The variable of the environment; empty if it is not set."""
    return getenv(name)


def file_exists(path: str) -> bool:
    """Whether there is a file or a directory, even one that may not be looked at."""
    try:
        os.stat(path)  # noqa: PTH116 - a path of Go's may be empty
    except OSError as error:
        return error.errno != errno.ENOENT
    except ValueError:  # a NUL, which Go's stat refuses as an invalid argument
        return True
    return True


def datetime() -> Time:
    """The present moment, with the methods of Go's time: `datetime.Format "2006-01-02"`."""
    return now()
