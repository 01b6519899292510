"""Names of a front door that are loaded from their modules when they are first used (PEP 562).

Knows nothing of what is loaded.
"""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def loader(package: str, homes: Mapping[str, str]) -> Callable[[str], object]:
    """Return the `__getattr__` of a package.

    Args:
        package: the `__name__` of the package.
        homes: the module of each name; a name that ends the name of its module is that module. No
            other name may be that of its module, since importing a module puts it into its package.

    >>> load = loader("confd_lib.backends", {"Env": "confd_lib.backends.env"})
    >>> load("Env")
    <class 'confd_lib.backends.env.Env'>
    """

    def load(name: str) -> object:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        home = homes[name]
        module = importlib.import_module(home)
        value = module if home.endswith(f".{name}") else getattr(module, name)
        setattr(sys.modules[package], name, value)
        return value

    return load
