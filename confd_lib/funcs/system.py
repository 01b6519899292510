"""Functions that read the machine: its environment, its files, its clock.

Knows neither the store nor templates.
"""

from __future__ import annotations

import errno
import os

from gotmpl.golang.time import Time, now


def getenv(name: str, *default: str) -> str:
    """Return the environment variable; the default if it is not set or empty."""
    return os.environ.get(name, "") or (default[0] if default else "")


def getenv_alone(name: str) -> str:
    """Return the environment variable; empty if it is not set."""
    return getenv(name)


def file_exists(path: str) -> bool:
    """Return whether a file or a directory exists, even if access to it is denied."""
    try:
        os.stat(path)  # noqa: PTH116 - a path in Go may be empty
    except OSError as error:
        return error.errno != errno.ENOENT
    except ValueError:  # a NUL, which Go's stat refuses as an invalid argument
        return True
    return True


def datetime() -> Time:
    """Return the present moment, with the methods of Go's time: `datetime.Format "2006-01-02"`."""
    return now()
