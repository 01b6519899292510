"""confd as a library: stores, templates and template resources, from Python.

This is the front door and holds names only; each is loaded from its module when it is first used,
so that a command that prints its version imports nothing else.

>>> import confd_lib
>>> confd_lib.render('listen {{getv "/port"}}', {"port": 80})
'listen 80'
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from confd_lib import backends, errors
    from confd_lib.processor import Confd
    from confd_lib.render import functions, render, render_file
    from confd_lib.resource import TemplateResource
    from confd_lib.store import KVPair, Store
    from confd_lib.update import Options, Result, Status

__version__: Final = "0.1.0"

__all__ = [
    "Confd",
    "KVPair",
    "Options",
    "Result",
    "Status",
    "Store",
    "TemplateResource",
    "backends",
    "errors",
    "functions",
    "render",
    "render_file",
]

# The module of each name; a name without one is a module itself.
_HOMES: Final = {
    "Confd": "processor",
    "KVPair": "store",
    "Options": "update",
    "Result": "update",
    "Status": "update",
    "Store": "store",
    "TemplateResource": "resource",
    "functions": "render",
    "render": "render",
    "render_file": "render",
}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = importlib.import_module(f"{__name__}.{_HOMES.get(name, name)}")
    value = getattr(module, name) if name in _HOMES else module
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
