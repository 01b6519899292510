"""Tools for testing templates: simulated stacks, traces of keys, coverage, and a pytest plugin.

This module only re-exports names. The command `confd` imports nothing of this package.

>>> from confd_lib.testing import trace
>>> print(trace('listen {{getv "/port" "80"}}', {}).reads[0])
line 1: getv /port: default
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from confd_lib.errors import MissingLibrary
from confd_lib.lazy import loader

if TYPE_CHECKING:
    from confd_lib.testing.bench import Bench
    from confd_lib.testing.coverage.places import Coverage
    from confd_lib.testing.questions import answers, entries
    from confd_lib.testing.rendered import Rendered
    from confd_lib.testing.strategies import environments, histories, metadata_values, stacks
    from confd_lib.tracing.records import OutputLine, Read
    from confd_lib.tracing.tracer import trace
    from confd_lib.tracing.traces import Trace

__all__ = [
    "Bench",
    "Coverage",
    "OutputLine",
    "Read",
    "Rendered",
    "Trace",
    "answers",
    "entries",
    "environments",
    "histories",
    "metadata_values",
    "stacks",
    "trace",
]

_HOMES: Final = {
    "Bench": "confd_lib.testing.bench",
    "Coverage": "confd_lib.testing.coverage.places",
    "OutputLine": "confd_lib.tracing.records",
    "Read": "confd_lib.tracing.records",
    "Rendered": "confd_lib.testing.rendered",
    "Trace": "confd_lib.tracing.traces",
    "answers": "confd_lib.testing.questions",
    "entries": "confd_lib.testing.questions",
    "environments": "confd_lib.testing.strategies",
    "histories": "confd_lib.testing.strategies",
    "metadata_values": "confd_lib.testing.strategies",
    "stacks": "confd_lib.testing.strategies",
    "trace": "confd_lib.tracing.tracer",
}

# The libraries of the extra that modules of these names import.
_LIBRARIES: Final = frozenset({"hypothesis", "pytest"})
_load: Final = loader(__name__, _HOMES)


if not TYPE_CHECKING:  # type checkers would accept any name

    def __getattr__(name: str) -> object:
        try:
            return _load(name)
        except ModuleNotFoundError as missing:
            if missing.name not in _LIBRARIES:
                raise
            raise MissingLibrary(f"{__name__}.{name}", "testing") from None


def __dir__() -> list[str]:
    return __all__
