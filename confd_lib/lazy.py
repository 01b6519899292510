"""Loads the names of a package from their modules on first use (PEP 562).

Knows nothing of the loaded modules.
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
        homes: the module of each name. A name that is the last part of its module's name stands for
            the module itself.

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
