"""The Rancher 1.x metadata service: a robust client of it, and a server that answers like it.

A thin front: each name is loaded from its module when it is first used, so that importing the
package costs almost nothing.

>>> import metadata_client
>>> answers = metadata_client.Answers({"latest": {"default": {"version": "1", "name": "x"}}})
>>> with metadata_client.MetadataServer(answers) as server:
...     with metadata_client.MetadataClient(server.url) as client:
...         client.get("/name")
'x'
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from . import compose, yaml11
    from .answers import Answers
    from .client.backoff import delays
    from .client.client import MetadataClient
    from .client.failures import encoding_fault, is_timeout, reason_of
    from .client.names import resolve
    from .client.records import ContainerInfo, HostInfo, NetworkInfo, ServiceInfo, StackInfo
    from .client.snapshot import Snapshot
    from .client.sockets import Stop, StoppableAdapter, bounded, direct_session, open_socket
    from .client.watching import watch
    from .compose import Environment, Stack
    from .errors import (
        AnswersError,
        DecodeError,
        EmptyReply,
        InvalidVersion,
        MetadataError,
        NameNotFound,
        NotFound,
        RequestError,
        Stopped,
        TimedOut,
        Unavailable,
        YAMLError,
    )
    from .server import MetadataServer, Scaling
    from .urls import shown

_NAMES: Final = {
    ".answers": ("Answers",),
    ".client.backoff": ("delays",),
    ".client.client": ("MetadataClient",),
    ".client.failures": ("encoding_fault", "is_timeout", "reason_of"),
    ".client.names": ("resolve",),
    ".client.records": ("ContainerInfo", "HostInfo", "NetworkInfo", "ServiceInfo", "StackInfo"),
    ".client.snapshot": ("Snapshot",),
    ".client.sockets": ("Stop", "StoppableAdapter", "bounded", "direct_session", "open_socket"),
    ".client.watching": ("watch",),
    ".compose": ("Environment", "Stack", "compose"),
    ".errors": (
        *("AnswersError", "DecodeError", "EmptyReply", "InvalidVersion", "MetadataError"),
        *("NameNotFound", "NotFound", "RequestError", "Stopped", "TimedOut", "Unavailable"),
        "YAMLError",
    ),
    ".server": ("MetadataServer", "Scaling"),
    ".urls": ("shown",),
    ".yaml11": ("yaml11",),
}
"""The public names by module; a name that ends the name of its module is that module."""

_HOME: Final = {name: module for module, names in _NAMES.items() for name in names}

__all__ = [
    "Answers",
    "AnswersError",
    "ContainerInfo",
    "DecodeError",
    "EmptyReply",
    "Environment",
    "HostInfo",
    "InvalidVersion",
    "MetadataClient",
    "MetadataError",
    "MetadataServer",
    "NameNotFound",
    "NetworkInfo",
    "NotFound",
    "RequestError",
    "Scaling",
    "ServiceInfo",
    "Snapshot",
    "Stack",
    "StackInfo",
    "Stop",
    "StoppableAdapter",
    "Stopped",
    "TimedOut",
    "Unavailable",
    "YAMLError",
    "bounded",
    "compose",
    "delays",
    "direct_session",
    "encoding_fault",
    "is_timeout",
    "open_socket",
    "reason_of",
    "resolve",
    "shown",
    "watch",
    "yaml11",
]


if not TYPE_CHECKING:  # for type checkers, __getattr__ would make every name valid

    def __getattr__(name: str) -> object:
        if name not in _HOME:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        home = _HOME[name]
        module = importlib.import_module(home, __name__)
        value = module if home.endswith(f".{name}") else getattr(module, name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return __all__
