"""confd as a library: stores, templates and template resources, from Python.

This module holds names only. Each is loaded from its module on first use, so that a command that
prints its version imports nothing else.

>>> import confd_lib
>>> confd_lib.render('listen {{getv "/port"}}', {"port": 80})
'listen 80'
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from confd_lib.lazy import loader
from confd_lib.version import __version__ as __version__

if TYPE_CHECKING:
    from confd_lib import backends, errors
    from confd_lib.confdir.resource import TemplateResource
    from confd_lib.destination.update import Result, Status
    from confd_lib.funcs import SYSTEM_FUNCTIONS
    from confd_lib.funcs.sprig import sprig_functions
    from confd_lib.rendering import functions, render, render_file
    from confd_lib.run.processor import Confd
    from confd_lib.run.source import Connection
    from confd_lib.store.levels import Directory
    from confd_lib.store.rules import KeyRules
    from confd_lib.store.store import KVPair, Store
    from confd_lib.tracing.records import Outcome, OutputLine, Piece, Read
    from confd_lib.tracing.tracer import trace
    from confd_lib.tracing.traces import Trace

__all__ = [  # noqa: RUF022 - in the order of `sorted`
    "Confd",
    "Connection",
    "Directory",
    "KVPair",
    "KeyRules",
    "Outcome",
    "OutputLine",
    "Piece",
    "Read",
    "Result",
    "SYSTEM_FUNCTIONS",
    "Status",
    "Store",
    "TemplateResource",
    "Trace",
    "backends",
    "errors",
    "functions",
    "render",
    "render_file",
    "sprig_functions",
    "trace",
]

_HOMES: Final = {
    "Confd": "confd_lib.run.processor",
    "Connection": "confd_lib.run.source",
    "Directory": "confd_lib.store.levels",
    "KVPair": "confd_lib.store.store",
    "KeyRules": "confd_lib.store.rules",
    "Outcome": "confd_lib.tracing.records",
    "OutputLine": "confd_lib.tracing.records",
    "Piece": "confd_lib.tracing.records",
    "Read": "confd_lib.tracing.records",
    "Result": "confd_lib.destination.update",
    "SYSTEM_FUNCTIONS": "confd_lib.funcs",
    "Status": "confd_lib.destination.update",
    "Store": "confd_lib.store.store",
    "TemplateResource": "confd_lib.confdir.resource",
    "Trace": "confd_lib.tracing.traces",
    "backends": "confd_lib.backends",
    "errors": "confd_lib.errors",
    "functions": "confd_lib.rendering",
    "render": "confd_lib.rendering",
    "render_file": "confd_lib.rendering",
    "sprig_functions": "confd_lib.funcs.sprig",
    "trace": "confd_lib.tracing.tracer",
}

if not TYPE_CHECKING:  # else a type checker would accept any name
    __getattr__ = loader(__name__, _HOMES)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
