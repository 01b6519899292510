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
    from confd_lib.rendering import functions, render, render_file
    from confd_lib.resource import TemplateResource
    from confd_lib.store import KVPair, Store
    from confd_lib.testing.tracing import trace
    from confd_lib.update import Result

__version__: Final = "0.1.0"

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

# The module of each name; a name without one is a module itself. No name may be that of the module
# it comes from: importing a module puts it into its package, over what had its name there.
_HOMES: Final = {
    "Confd": "processor",
    "KVPair": "store",
    "Result": "update",
    "Store": "store",
    "TemplateResource": "resource",
    "functions": "rendering",
    "render": "rendering",
    "render_file": "rendering",
    "trace": "testing.tracing",
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
