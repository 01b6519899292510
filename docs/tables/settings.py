"""docs/settings.md: flags, confd.toml and variables; the status file, log lines, exit statuses."""

from __future__ import annotations

import dataclasses
import inspect
import logging
import os
import socket
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final
from unittest import mock

from confd_lib import logs
from confd_lib.command.confd import status
from confd_lib.command.confd.status import StatusFile
from confd_lib.command.settings import confdtoml, usage
from confd_lib.command.settings.exec import KINDS, Exec
from confd_lib.command.settings.table import TABLE, VARIABLES, Flag
from confd_lib.confdir.resource import TemplateResource
from confd_lib.destination.update import Result, Status
from confd_lib.run.source import Connection
from docs.tables import attributes, statuses
from docs.tables.markdown import code, table

_NOW: Final = "2026-01-02T03:04:05Z"
_INTRO: Final = """# Settings

Each flag of `confd`, each setting of confd.toml and each variable, with type and default; then what
confd writes for others to read: the status file, log lines, exit statuses. The settings of a
resource are in [resources.md](resources.md#settings), how a process behaves in
[running.md](running.md).

A flag counts before a variable of the environment, that before confd.toml, and that before the
default. Flags follow the rules of Go: one dash or two, `-x value` or `-x=value`, a boolean only as
`-x` or `-x=false`, and the first word that is no flag ends them. confd.toml is the file of
`-config-file`, by default `/etc/confd/confd.toml`; its names match in any case. Of what is marked
*ours* confd knows nothing.

This page is written by `make pages` from the tables in the code.
"""
_HEAD_OF_EXEC: Final = ("setting", "meaning", "type", "default")
_HEAD: Final = ("flag", "meaning", "confd.toml", "type", "default")


def page() -> str:
    """Return the page."""
    parts = [_INTRO]
    for title, flags in usage.groups().items():
        heading = "Flags of stores" if title == "Stores" else title
        parts += [f"## {heading}\n", table(_HEAD, map(_flag, flags))]
    parts += [f"{usage.ignored().replace(': ', ': `')}`.\n"]
    parts += ["## Variables\n", _VARIABLES, table(("variable", "stands for"), _variables())]
    parts += ["## Layers\n", _layers()]
    parts += ["## The table `[exec]`\n", _EXEC, table(_HEAD_OF_EXEC, _exec())]
    parts += ["## The status file\n", _status_file()]
    parts += ["## Log lines\n", _log_lines()]
    parts += ["## Exit statuses\n", *_exit_statuses()]
    return "\n".join(parts)


# -- Flags


def _flag(flag: Flag) -> Sequence[str]:
    name = "" if flag.name in confdtoml.FLAGS_ONLY else flag.toml or flag.name
    written = code(f"-{flag.name} {flag.value}".rstrip())
    return written, _about(flag), code(name), kind(flag), code(default(flag))


def kind(flag: Flag) -> str:
    """Return the type of a flag, as the errors of confd.toml name it."""
    return next(kind.name for type_, kind in confdtoml.KINDS if isinstance(flag.default, type_))


def default(flag: Flag) -> str:
    """Return the default of a flag as confd.toml writes it; empty for an empty one."""
    return "false" if flag.default is False else "" if flag.default == () else str(flag.default)


def _about(flag: Flag) -> str:
    notes = [flag.help]
    if flag.variable:
        notes.append(f"variable `{flag.variable}`")
    if flag.ours:
        notes.append("*ours*")
    return "; ".join(notes)


_VARIABLES: Final = """\
They count where no flag says otherwise, and before confd.toml. Those of a store's own client are
read for that store alone. A secret is safer here than on a command line.
"""


def _variables() -> Iterator[Sequence[str]]:
    for flag in TABLE:
        if flag.variable:
            yield code(flag.variable), code(f"-{flag.name}")
    for variable, (name, stores) in of_stores().items():
        yield code(variable), f"{code(f'-{name}')} of backend {' and '.join(stores)}"


def of_stores() -> Mapping[str, tuple[str, list[str]]]:
    """Return the variables of the clients of stores, each with its flag and its backends."""
    found: dict[str, tuple[str, list[str]]] = {}
    for store, variables in VARIABLES.items():
        for variable, flag in variables.items():
            found.setdefault(variable, (flag, []))[1].append(store)
    return found


def _layers() -> str:
    names = ", ".join(code(name) for name in confdtoml.OF_A_LAYER)
    return (
        "Each `[[layer]]` table of confd.toml is one of several stores that are read as one\n"
        "([stores.md](stores.md#layers)). It has `keys`, a slice of the keys that its store is\n"
        f"asked for (by default all), and the settings of stores:\n\n{names}.\n"
    )


_EXEC: Final = """\
The process that confd starts, as [running.md](running.md#with-a-child--exec) describes. All of it
is *ours*.
"""


def _exec() -> Iterator[Sequence[str]]:
    meanings = attributes.of(Exec)
    defaults = {field.name: field.default for field in dataclasses.fields(Exec)}
    for name, of in KINDS.items():
        value = defaults[name]
        unset = value is dataclasses.MISSING or (of.name == "string" and not value)
        yield code(name), meanings[name], of.name, "" if unset else f"`{value:g}`"


# -- What confd writes


def _status_file() -> str:
    said = (
        (inspect.getdoc(StatusFile) or "").partition("It holds:\n\n")[2].partition("\n\nArgs:")[0]
    )
    states = attributes.of(Status)
    return (
        "`-status-file FILE` keeps the state in a JSON file, which is replaced as a whole:\n\n"
        f"```json\n{_example_of_status()}```\n\n{said}\n\n"
        + table(("status", "means"), ((code(one), states[one.name]) for one in Status))
    )


def _example_of_status() -> str:
    resource = TemplateResource("/etc/confd/conf.d/app.toml", "app.tmpl", "/etc/app.conf")
    result = Result(resource.path, Status.UPDATED, resource, changed=True)
    moment = mock.patch.object(status, "rfc3339", return_value=_NOW)
    with tempfile.TemporaryDirectory() as folder, moment:
        file = Path(folder, "status.json")
        here = Connection(reachable=True, since=1, last_answer=1)
        StatusFile(file, lambda: here).record([result], "42")
        return file.read_text()


def _log_lines() -> str:
    levels = ", ".join(code(name) for name in logs.LEVELS)
    return (
        "They go to stderr: as confd writes them, or with `-log-format json` as objects.\n\n"
        f"```text\n{log_line('text')}\n{log_line('json')}\n```\n\n"
        f"`-log-level` takes these words, in any case: {levels}.\n"
        "What ends confd has the level `FATAL`.\n"
    )


def log_line(form: str) -> str:
    """Return an example of a log line."""
    message = "Target config /etc/app.conf has been updated"
    record = logging.LogRecord("confd_lib", logging.INFO, "", 0, message, None, None)
    record.process = 7
    with (
        mock.patch.object(logs, "rfc3339", return_value=_NOW),
        mock.patch.object(socket, "gethostname", return_value="web1"),
        mock.patch.object(os, "getpid", return_value=7),
    ):
        return logs.formatter(form, "confd").format(record)


def _exit_statuses() -> Iterator[str]:
    for command, found in statuses.BY_COMMAND.items():
        rows = ((code(number), meaning) for number, meaning in found.items())
        yield table((f"`{command}`", "means"), rows)
