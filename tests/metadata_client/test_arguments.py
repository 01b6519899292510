"""Arguments of the wrong type: a TypeError names the argument and says what it is to be."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import metadata_client
from metadata_client import Answers, Environment, MetadataClient, MetadataServer, compose

CLIENT = MetadataClient("http://127.0.0.1:1")
GALERA = "examples/galera"
SERVER = MetadataServer({"latest": {"default": {}}})
CASES: list[tuple[Callable[[], object], str]] = [
    (lambda: MetadataClient(None), "url is a str, not None"),
    (lambda: MetadataClient(["http://a"]), "url is a str, not a list"),
    (lambda: MetadataClient("a", version=None), "version is a str, not None"),
    (lambda: MetadataClient("a", timeout=5), "timeout is a pair, not an int"),
    (lambda: MetadataClient("a", ip=5), "ip is a str or None, not an int"),
    (lambda: MetadataClient("a", max_body="1"), "max_body is an int, not a str"),
    (lambda: CLIENT.get(None), "path is a str or a list, not None"),
    (lambda: CLIENT.get("/", stop=5), "stop is an event or None, not an int"),
    (lambda: CLIENT.snapshot("/a", 5), "each of asked is a str, not an int"),
    (lambda: CLIENT.wait(7), "known is a str, not an int"),
    (lambda: CLIENT.host(None), "uuid is a str, not None"),
    (lambda: metadata_client.watch(CLIENT, settle=None), "settle is a number, not None"),
    (
        lambda: MetadataServer(5),
        "answers is Answers or a mapping or a str or a path, not an int",
    ),
    (lambda: MetadataServer({}, host=5), "host is a str, not an int"),
    (lambda: MetadataServer({}, port="80"), "port is an int, not a str"),
    (lambda: SERVER.wait_for_waiters(timeout=None), "timeout is a number, not None"),
    (lambda: Answers(None), "mapping is a mapping, not None"),
    (lambda: Answers.loads(5), "text is a str or bytes, not an int"),
    (lambda: Answers.load(5), "path is a str or a path, not an int"),
    (lambda: Environment(["a"], hosts=None), "hosts is an int, not None"),
    (lambda: compose.load(GALERA, env=None), "env is a mapping, not None"),
    (
        lambda: compose.load(GALERA, answers=["A=1"]),
        "answers is a mapping or None, not a list",
    ),
    (lambda: compose.expand(GALERA, env=5), "env is a mapping, not an int"),
]


@pytest.mark.parametrize(("call", "message"), CASES)
def test_the_error_names_the_argument(call: Callable[[], object], message: str) -> None:
    with pytest.raises(TypeError) as caught:
        call()
    assert str(caught.value) == message
