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
    from confd_lib.destination.update import Result
    from confd_lib.rendering import functions, render, render_file
    from confd_lib.run.processor import Confd
    from confd_lib.store.store import KVPair, Store
    from confd_lib.tracing.tracer import trace

__all__ = [
    "Confd",
    "KVPair",
    "Result",
    "Store",
    "TemplateResource",
    "backends",
    "errors",
    "functions",
    "render",
    "render_file",
    "trace",
]

_HOMES: Final = {
    "Confd": "confd_lib.run.processor",
    "KVPair": "confd_lib.store.store",
    "Result": "confd_lib.destination.update",
    "Store": "confd_lib.store.store",
    "TemplateResource": "confd_lib.confdir.resource",
    "backends": "confd_lib.backends",
    "errors": "confd_lib.errors",
    "functions": "confd_lib.rendering",
    "render": "confd_lib.rendering",
    "render_file": "confd_lib.rendering",
    "trace": "confd_lib.tracing.tracer",
}

if not TYPE_CHECKING:  # else a type checker would accept any name
    __getattr__ = loader(__name__, _HOMES)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
