"""Log lines in confd's format: `<time> <host> <program>[<pid>]: <LEVEL> <message>`, or as JSON.

Knows nothing of the messages. The package logs to the standard library's logger `confd_lib`. Only
the command, which owns stderr, adds a handler with one of these formats. A record is always one
line.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import time
from typing import TYPE_CHECKING, Final

from confd_lib import escapes
from confd_lib.errors import ConfigError

if TYPE_CHECKING:
    from typing import TextIO

LOGGER: Final = logging.getLogger("confd_lib")
# The client of the metadata service logs the errors that it recovers from to `metadata_client`.
_LOGGERS: Final = (LOGGER, logging.getLogger("metadata_client"))

# The levels by the names that confd accepts (logrus'), in any case.
LEVELS: Final = {
    "panic": logging.CRITICAL,
    "fatal": logging.CRITICAL,
    "error": logging.ERROR,
    "warn": logging.WARNING,
    "warning": logging.WARNING,
    "info": logging.INFO,
    "debug": logging.DEBUG,
    "trace": logging.DEBUG,
}
_NAMES: Final = {logging.CRITICAL: "FATAL"}


def level_of(name: str) -> int:
    """Return the level of a name; an empty name means `info`.

    Raises:
        ConfigError: confd has no such level; the message is confd's.

    >>> level_of("Warn") == logging.WARNING
    True
    """
    try:
        return LEVELS[name.lower() or "info"]
    except KeyError:
        raise ConfigError(f'not a valid level: "{name}"') from None


def to_stream(stream: TextIO, *, program: str) -> logging.Handler:
    """Add a handler that writes records of level info and above to a stream, until `detach`.

    Args:
        stream: the stream, as stderr.
        program: the name of the command in the lines.
    """
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter("text", program))
    for logger in _LOGGERS:
        logger.setLevel(logging.INFO)
        logger.addHandler(handler)
        logger.propagate = False
    return handler


def set_form(handler: logging.Handler, *, level: str = "", form: str = "text") -> None:
    """Set the level and the format of a handler.

    Args:
        handler: the result of `to_stream`.
        level: the name of the lowest level that is written; empty for info.
        form: `text` for confd's lines, `json` for one object a line.

    Raises:
        ConfigError: the level or the format is unknown.
    """
    if form not in ("text", "json"):
        raise ConfigError(f'not a valid log format: "{form}"; it is text or json')
    lowest = level_of(level)
    for logger in _LOGGERS:
        logger.setLevel(lowest)
    if form == "json":
        handler.setFormatter(formatter(form, ""))


def formatter(form: str, program: str) -> logging.Formatter:
    """Return what formats records.

    Args:
        form: `text` for confd's lines, `json` for one object a line.
        program: the name of the command in the lines.
    """
    return _JSONFormatter() if form == "json" else _TextFormatter(program)


def detach(handler: logging.Handler) -> None:
    """Remove a handler that `to_stream` added, and reset the loggers."""
    for logger in _LOGGERS:
        logger.removeHandler(handler)
        logger.setLevel(logging.NOTSET)
        logger.propagate = True


class _TextFormatter(logging.Formatter):
    """Formats a record as confd does."""

    def __init__(self, program: str) -> None:
        super().__init__()
        self._origin = f"{socket.gethostname()} {program}[{os.getpid()}]:"

    def format(self, record: logging.LogRecord) -> str:
        message = escapes.one_line(record.getMessage())
        return f"{rfc3339(record.created)} {self._origin} {_name(record)} {message}"


class _JSONFormatter(logging.Formatter):
    """Formats a record as one JSON object, for log collectors."""

    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(
            {
                "time": rfc3339(record.created),
                "level": _name(record),
                "pid": record.process,
                "message": record.getMessage(),
            }
        )


def _name(record: logging.LogRecord) -> str:
    return _NAMES.get(record.levelno, record.levelname)


def rfc3339(seconds: float) -> str:
    """Return a moment in Go's RFC 3339 format: local time, whole seconds, `Z` for UTC.

    Args:
        seconds: the moment, since 1970 in UTC.
    """
    moment = time.localtime(seconds)
    zone = time.strftime("%z", moment)
    offset = "Z" if not moment.tm_gmtoff else f"{zone[:3]}:{zone[3:]}"
    return time.strftime("%Y-%m-%dT%H:%M:%S", moment) + offset
