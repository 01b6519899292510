"""The Rancher 1.x metadata service: a robust client of it, and a server that answers like it.

A thin front: each name is loaded from its module when it is first used, so that importing the
package costs almost nothing. Knows nothing of templates.

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
    from metadata_client.client.backoff import delays
    from metadata_client.client.client import MetadataClient
    from metadata_client.client.names import resolve
    from metadata_client.client.snapshot import Snapshot
    from metadata_client.client.sockets import StoppableAdapter, bounded
    from metadata_client.client.watching import watch

    from . import compose, yaml11
    from .answers import Answers
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
    from .server import MetadataServer
    from .urls import shown

_HOME: Final = {
    "Answers": "answers",
    "AnswersError": "errors",
    "DecodeError": "errors",
    "EmptyReply": "errors",
    "Environment": "compose",
    "InvalidVersion": "errors",
    "MetadataClient": "client.client",
    "MetadataError": "errors",
    "MetadataServer": "server",
    "NameNotFound": "errors",
    "NotFound": "errors",
    "RequestError": "errors",
    "Snapshot": "client.snapshot",
    "Stack": "compose",
    "StoppableAdapter": "client.sockets",
    "Stopped": "errors",
    "TimedOut": "errors",
    "Unavailable": "errors",
    "YAMLError": "errors",
    "bounded": "client.sockets",
    "compose": "",
    "delays": "client.backoff",
    "resolve": "client.names",
    "shown": "urls",
    "watch": "client.watching",
    "yaml11": "",
}
"""The module of each public name; empty for a name that is a module itself."""

__all__ = [
    "Answers",
    "AnswersError",
    "DecodeError",
    "EmptyReply",
    "Environment",
    "InvalidVersion",
    "MetadataClient",
    "MetadataError",
    "MetadataServer",
    "NameNotFound",
    "NotFound",
    "RequestError",
    "Snapshot",
    "Stack",
    "StoppableAdapter",
    "Stopped",
    "TimedOut",
    "Unavailable",
    "YAMLError",
    "bounded",
    "compose",
    "delays",
    "resolve",
    "shown",
    "watch",
    "yaml11",
]


if not TYPE_CHECKING:  # for type checkers, __getattr__ would make every name valid

    def __getattr__(name: str) -> object:
        home = _HOME.get(name)
        if home is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        module = importlib.import_module(f"{__name__}.{home or name}")
        value = getattr(module, name) if home else module
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return __all__
