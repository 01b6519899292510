"""Tools for testing templates: simulated stacks, traces of keys, coverage, and a pytest plugin.

This is a front door and holds names only; nothing of it is imported by a running confd.

>>> from confd_lib.testing import trace
>>> print(trace('listen {{getv "/port" "80"}}', {}).reads[0])
line 1: getv /port: default
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from confd_lib.testing.coverage import Coverage
    from confd_lib.testing.fixture import Bench
    from confd_lib.testing.rendered import Rendered
    from confd_lib.testing.strategies import environments, histories, metadata_values, stacks
    from confd_lib.testing.traces import OutputLine, Read, Trace
    from confd_lib.testing.tracing import trace

__all__ = [
    "Bench",
    "Coverage",
    "OutputLine",
    "Read",
    "Rendered",
    "Trace",
    "environments",
    "histories",
    "metadata_values",
    "stacks",
    "trace",
]

_HOMES: Final = {
    "Bench": "fixture",
    "Coverage": "coverage",
    "OutputLine": "traces",
    "Read": "traces",
    "Rendered": "rendered",
    "Trace": "traces",
    "environments": "strategies",
    "histories": "strategies",
    "metadata_values": "strategies",
    "stacks": "strategies",
    "trace": "tracing",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
