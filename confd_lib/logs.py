"""Log lines as confd writes them: `<time> <host> <program>[<pid>]: <LEVEL> <message>`, or as JSON.

Knows nothing of what is logged. The package logs to the logger `confd_lib` of the standard library;
only the command, which owns stderr, gives that logger a place to write to and one of these formats.
A record is one line, whatever it quotes.
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
# The client of the metadata service tells there what it outlives.
_LOGGERS: Final = (LOGGER, logging.getLogger("metadata_client"))

# The names that confd takes, whatever their case (logrus'), and the level each stands for.
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
    """Find the level of a name; `info` is that of an empty one.

    Raises:
        ConfigError: confd knows no such level; the text is its own.

    >>> level_of("Warn") == logging.WARNING
    True
    """
    try:
        return LEVELS[name.lower() or "info"]
    except KeyError:
        raise ConfigError(f'not a valid level: "{name}"') from None


def to_stream(stream: TextIO, *, program: str) -> logging.Handler:
    """Let the package log to a stream, from level info on and in confd's lines, until `detach`.

    Args:
        stream: where lines go.
        program: what the command was called as.
    """
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_TextFormatter(program))
    for logger in _LOGGERS:
        logger.setLevel(logging.INFO)
        logger.addHandler(handler)
        logger.propagate = False
    return handler


def set_form(handler: logging.Handler, *, level: str = "", form: str = "text") -> None:
    """Change which lines are written, and how.

    Args:
        handler: what `to_stream` gave.
        level: the name of the lowest level that is written; empty for info.
        form: `text` for confd's lines, `json` for one object a line.

    Raises:
        ConfigError: there is no such level, or no such form.
    """
    if form not in ("text", "json"):
        raise ConfigError(f'not a valid log format: "{form}"; it is text or json')
    lowest = level_of(level)
    for logger in _LOGGERS:
        logger.setLevel(lowest)
    if form == "json":
        handler.setFormatter(_JSONFormatter())


def detach(handler: logging.Handler) -> None:
    """Take back what `to_stream` did."""
    for logger in _LOGGERS:
        logger.removeHandler(handler)
        logger.setLevel(logging.NOTSET)
        logger.propagate = True


class _TextFormatter(logging.Formatter):
    """Confd's own line."""

    def __init__(self, program: str) -> None:
        super().__init__()
        self._origin = f"{socket.gethostname()} {program}[{os.getpid()}]:"

    def format(self, record: logging.LogRecord) -> str:
        message = escapes.one_line(record.getMessage())
        return f"{rfc3339(record.created)} {self._origin} {_name(record)} {message}"


class _JSONFormatter(logging.Formatter):
    """One object a line, for what collects logs."""

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
    """Write a moment as Go's RFC 3339 has it: local, to the second, `Z` for UTC itself.

    Args:
        seconds: since 1970.
    """
    moment = time.localtime(seconds)
    zone = time.strftime("%z", moment)
    offset = "Z" if not moment.tm_gmtoff else f"{zone[:3]}:{zone[3:]}"
    return time.strftime("%Y-%m-%dT%H:%M:%S", moment) + offset
