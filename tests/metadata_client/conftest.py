"""Small answers, a server that has them, and a client of it, for the tests of this folder."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from metadata_client import Answers, MetadataClient, MetadataServer


def tree(release: int, **more: Any) -> dict[str, Any]:
    """Return a tree in which every document holds the number of its release."""
    member = {"name": "web_1", "primary_ip": "10.42.0.2", "create_index": 1, "release": release}
    return {
        "version": f"{release}-abcd",
        "containers": [member],
        "hosts": [{"name": "node1", "release": release}],
        "self": {
            "container": member,
            "service": {
                "name": "web",
                "release": release,
                "lb_config": None,
                "metadata": {"release": release, "a//b": "two slashes", "a/b": "one"},
            },
        },
        **more,
    }


def answers(release: int, **more: Any) -> Answers:
    return Answers({"latest": {"default": tree(release, **more)}})


@pytest.fixture
def server() -> Iterator[MetadataServer]:
    with MetadataServer(answers(1), xff=True, tick=0.05) as running:
        yield running


@pytest.fixture
def client(server: MetadataServer) -> Iterator[MetadataClient]:
    with MetadataClient(server.url, timeout=(2, 5)) as made:
        yield made


@contextlib.contextmanager
def unanswered() -> Iterator[int]:
    """Yield a port where connections are neither accepted nor refused: its queue is full."""
    with socket.socket() as listener, contextlib.ExitStack() as stack:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(3):
            waiting = stack.enter_context(socket.socket())
            waiting.settimeout(0)
            waiting.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]


def asked(server: MetadataServer) -> list[str]:
    """Return the paths that were asked for since the last call."""
    targets = [request.target.removeprefix("/latest") for request in server.requests]
    server.requests.clear()
    return targets
