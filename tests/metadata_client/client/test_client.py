"""The client against a real service on loopback: one request, its value or its error."""

from __future__ import annotations

import contextlib
import io
import itertools
import pickle
import socket
import threading
from types import SimpleNamespace
from typing import Any

import pytest
import requests

from metadata_client import (
    DecodeError,
    EmptyReply,
    InvalidVersion,
    MetadataClient,
    MetadataError,
    MetadataServer,
    NotFound,
    Stopped,
    TimedOut,
    Unavailable,
)
from metadata_client.client.transport import _body
from metadata_client.server.faults import FaultName
from tests.metadata_client.conftest import answers, tree, unanswered

# -- Values

VALUES: list[Any] = [
    pytest.param("/self/container/name", "web_1", id="text"),
    pytest.param("self/container/create_index/", 1, id="slashes do not matter"),
    pytest.param("/self/service/lb_config", None, id="null"),
    pytest.param("/self/service/metadata/a%2Fb", "one", id="slash in a key"),
    pytest.param(("self", "service", "metadata", "a/b"), "one", id="bare keys"),
    pytest.param("/containers/web_1/name", "web_1", id="by name"),
    pytest.param("/SELF/CONTAINER/NAME", "web_1", id="lower-cased"),
    pytest.param("/", tree(1), id="root"),
    pytest.param((), tree(1), id="no keys"),
]


@pytest.mark.parametrize(("path", "value"), VALUES)
def test_get(client: MetadataClient, path: Any, value: object) -> None:
    assert client.get(path) == value


@pytest.mark.parametrize(
    "key", ["a b", "a+b", "a%b", "a?b", "a#b", "a&b=c;d", "é☃", "a%2Fb", "\udce9", "~", "a:b@c"]
)
def test_keys_survive_the_way(key: str) -> None:
    odd = {"latest": {"default": {"version": "1", key: {key: "found"}}}}
    with MetadataServer(odd) as server, MetadataClient(server.url) as client:
        assert client.get((key, key)) == "found"


def test_get_text(client: MetadataClient) -> None:
    assert client.get_text("/self/service") == "lb_config\nmetadata/\nname\nrelease\n"
    assert client.get_text("/self/service/lb_config") == ""


def test_versions(client: MetadataClient) -> None:
    assert client.versions() == {"latest": "/latest"}


def test_headers(server: MetadataServer, client: MetadataClient) -> None:
    client.get("/version")
    assert dict(server.requests[-1].headers) == {
        "host": server.url.removeprefix("http://"),
        "accept": "application/json",
        "accept-encoding": "identity",
        "user-agent": "metadata_client",
    }


def test_url_without_a_scheme(server: MetadataServer) -> None:
    with MetadataClient(server.url.removeprefix("http://") + "/") as client:
        assert client.current_version() == "1-abcd"


def test_repr(server: MetadataServer, client: MetadataClient) -> None:
    assert repr(client) == f"<MetadataClient {server.url}/latest>"


def test_one_connection(server: MetadataServer, client: MetadataClient) -> None:
    for _ in range(5):
        client.snapshot("/self")
    assert len(server._connections) == 1


def test_as_another_container() -> None:
    both = {"latest": {"default": {"who": "default"}, "10.42.0.9": {"who": "nine"}}}
    with MetadataServer(both, xff=True) as server, MetadataClient(server.url) as client:
        assert client.get("/who") == "default"
        with MetadataClient(server.url, ip="10.42.0.9") as nine:
            assert nine.get("/who") == "nine"


def test_by_source_address() -> None:
    both = {"latest": {"default": {"who": "default"}, "127.0.0.1": {"who": "me"}}}
    with MetadataServer(both) as server, MetadataClient(server.url, ip="10.42.0.9") as client:
        assert client.get("/who") == "me"


def test_proxies_are_ignored(client: MetadataClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert client.current_version() == "1-abcd"


def test_session_of_the_caller(server: MetadataServer) -> None:
    with requests.Session() as session:
        session.headers["X-Mine"] = "yes"
        with MetadataClient(server.url, session=session) as client:
            assert client.wait("0-old") == "1-abcd"
        assert session.get(server.url, timeout=5).status_code == 200  # still open
    assert ("x-mine", "yes") in server.requests[0].headers


def test_lone_surrogate_is_replaced(
    client: MetadataClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = rb'{"a\ud800": ["\udc00", "\ud83d\ude00", "\\ud800", 1]}'
    monkeypatch.setattr(client._transport, "fetch", lambda *_, **__: body)
    assert client.get("/") == {"a\ufffd": ["\ufffd", "\U0001f600", "\\ud800", 1]}


# -- Errors

ERRORS: list[Any] = [
    pytest.param("/nope", None, NotFound, "404 Not found", id="missing"),
    pytest.param("/self/service/lb_config/x", None, EmptyReply, "closed before", id="null"),
    pytest.param("/version", "error", Unavailable, "500 Internal Server Error", id="500"),
    pytest.param("/version", "garbage", DecodeError, "not JSON", id="garbage"),
    pytest.param("/version", "cut", DecodeError, "cut", id="cut"),
    pytest.param("/version", "close", EmptyReply, "closed before", id="close"),
    pytest.param("/version", "refuse", Unavailable, "refused", id="refuse"),
    pytest.param("/version", "not_ready", NotFound, "404 Not found", id="not ready"),
]


@pytest.mark.parametrize(("path", "fault", "kind", "text"), ERRORS)
def test_error(
    server: MetadataServer,
    client: MetadataClient,
    path: str,
    fault: FaultName | None,
    kind: type[MetadataError],
    text: str,
) -> None:
    if fault:
        server.faults.add(fault)
    with pytest.raises(MetadataError) as caught:
        client.get(path)
    assert type(caught.value) is kind
    assert str(caught.value).startswith(f"{server.url}/latest{path}: ")
    assert text in str(caught.value)
    copy = pickle.loads(pickle.dumps(caught.value))
    assert (type(copy), str(copy), vars(copy)) == (kind, str(caught.value), vars(caught.value))


@pytest.mark.parametrize(
    "keys", [("hosts", ".."), ("self", ""), ("self", "service", "metadata", "a//b")]
)
def test_keys_that_no_url_leads_to(
    server: MetadataServer, client: MetadataClient, keys: tuple[str, ...]
) -> None:
    # The service would answer for the parent, or for something else.
    for ask in (client.get, client.get_text):
        with pytest.raises(NotFound, match="no URL leads to such a key"):
            ask(keys)
    assert not server.requests


def test_connect_timeout() -> None:
    with (
        unanswered() as port,
        MetadataClient(f"127.0.0.1:{port}", timeout=(0.1, 5)) as client,
        pytest.raises(TimedOut),
    ):
        client.get("/version")


ODD_BODIES: list[Any] = [
    pytest.param(b"NaN", "NaN is not JSON", id="constant"),
    pytest.param(b"[" * 100_000, "the body is not JSON: nested too deep", id="too deep"),
    pytest.param(b"[" * 501 + b"]" * 501, "nested too deep: more than 500 levels", id="501 levels"),
    pytest.param(b'{"a":' * 501 + b"1" + b"}" * 501, "nested too deep", id="501 maps"),
    pytest.param(b'"\xff"', "the body is not JSON: it is not UTF-8", id="not UTF-8"),
    pytest.param(b"[]", "is not a map", id="list"),
    pytest.param(b"null", "is not a map", id="null"),
]


@pytest.mark.deep
@pytest.mark.parametrize(("body", "text"), ODD_BODIES)
@pytest.mark.parametrize("ask", ["versions", "snapshot"])
def test_odd_body(
    client: MetadataClient, monkeypatch: pytest.MonkeyPatch, body: bytes, text: str, ask: str
) -> None:
    monkeypatch.setattr(client._transport, "fetch", lambda *_, **__: body)
    with pytest.raises(DecodeError, match=text):
        getattr(client, ask)()


def test_body_shorter_than_announced() -> None:
    # An old urllib3 does not mind; a whole number that lost its end is still a number.
    reply = requests.Response()
    reply.status_code = 200
    reply.headers["Content-Length"] = "3"
    reply.raw = io.BytesIO(b"12")
    with pytest.raises(DecodeError, match="cut after 2 of 3 bytes"):
        _body("http://x/", reply, 99)


def test_stopped_before_it_asks(server: MetadataServer, client: MetadataClient) -> None:
    stop = threading.Event()
    stop.set()
    for call in (client.get, client.get_text, client.snapshot):
        with pytest.raises(Stopped, match="the stop event was set"):
            call("/version", stop=stop)
    with pytest.raises(Stopped):
        client.wait_until_ready(5, stop=stop)
    assert not server.requests


def test_invalid_version(server: MetadataServer) -> None:
    with MetadataClient(server.url, "1999-01-01") as client:
        with pytest.raises(InvalidVersion, match="404 Invalid version"):
            client.get("/self")
        with pytest.raises(InvalidVersion):
            client.snapshot("/self")


def test_read_timeout(server: MetadataServer) -> None:
    server.faults.add("slow", delay=2.0)
    with (
        MetadataClient(server.url, timeout=(1, 0.1)) as client,
        pytest.raises(TimedOut, match="no answer in time"),
    ):
        client.get("/version")


def test_drip_has_an_end(server: MetadataServer) -> None:
    # Every piece comes in time, but all of them together take longer than anybody waits.
    server.faults.add("slow", delay=0.2)
    with MetadataClient(server.url, timeout=(1, 0.1)) as client, pytest.raises(TimedOut):
        client.get("/version")


def test_a_whole_body_has_a_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    # The clock shows a second more whenever it is read: no piece is late, but all of them are.
    clock = SimpleNamespace(monotonic=itertools.count().__next__)
    monkeypatch.setattr("metadata_client.client.sockets.time", clock)
    body = b" " * 20_000_000 + b"1"
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"127.0.0.1:{listener.getsockname()[1]}"
        sender = threading.Thread(target=send, args=(listener, body))
        sender.start()
        with (
            MetadataClient(url, timeout=(10, 10)) as client,
            pytest.raises(TimedOut, match="no answer in time"),
        ):
            client.get("/version")
        sender.join()


def send(listener: socket.socket, body: bytes) -> None:
    connection, _ = listener.accept()
    with connection, contextlib.suppress(OSError):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body))
        connection.sendall(body)


def test_stop_ends_an_endless_body() -> None:
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        flood = threading.Thread(target=pour, args=(listener, stop))
        flood.start()
        with (
            MetadataClient(f"127.0.0.1:{listener.getsockname()[1]}") as client,
            pytest.raises(Stopped),
        ):
            client.get("/version", stop=stop)
        flood.join()


def pour(listener: socket.socket, stop: threading.Event) -> None:
    """Send a body without an end; stop the client when some of it is sent."""
    connection, _ = listener.accept()
    with connection, contextlib.suppress(OSError):
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        for count in itertools.count():
            connection.sendall(b"x" * 10_000)
            if count == 100:
                stop.set()


UNUSABLE: list[Any] = [
    pytest.param("http://rancher-metadata.invalid", None, "metadata.invalid", id="name not known"),
    pytest.param(f"http://{'a' * 64}", None, "label too long", id="name too long"),
    pytest.param("http://127.0.0.1:port", None, "not a valid host or port", id="no port"),
    pytest.param("ftp://rancher-metadata", None, "No connection adapters", id="no HTTP"),
    pytest.param("http://", None, "No host supplied", id="no host"),
    pytest.param(
        "http://127.0.0.1:1", "10.42.0.2\n", "a header .* cannot be sent", id="address of two lines"
    ),
    pytest.param("http://127.0.0.1:1", "\u2460", "a header .* cannot be sent", id="not an address"),
]


SECRETS: list[Any] = [
    pytest.param("http://me:s3cret@127.0.0.1:1", "refused", id="refused"),
    pytest.param("me:s3cret@127.0.0.1:1", "refused", id="without a scheme"),
    pytest.param("http://me:s3cret@127.0.0.1:port", "InvalidURL", id="no port"),
    pytest.param("http://me:s3cret@", "InvalidURL", id="no host"),
    pytest.param("http://me:s3c/s3cret@127.0.0.1:1", "InvalidURL", id="a slash in the password"),
    pytest.param("http://me:s3cret%40x@[::1", "InvalidURL", id="half an address"),
    pytest.param("ftp://me:s3cret@127.0.0.1", "InvalidSchema", id="no HTTP"),
]


@pytest.mark.parametrize(("url", "text"), SECRETS)
def test_no_error_shows_a_password(url: str, text: str) -> None:
    with MetadataClient(url, timeout=(1, 1)) as client:
        assert "s3c" not in repr(client)
        with pytest.raises(MetadataError, match=text) as caught:
            client.get("/version")
    shown = f"{caught.value} {caught.value!r} {vars(caught.value)} {pickle.dumps(caught.value)!r}"
    assert "s3c" not in shown


def test_user_name_and_password_are_sent(server: MetadataServer) -> None:
    with MetadataClient(server.url.replace("//", "//me:s3cret@")) as client:
        assert client.current_version() == "1-abcd"
    assert dict(server.requests[-1].headers)["authorization"] == "Basic bWU6czNjcmV0"


@pytest.mark.parametrize(("url", "ip", "text"), UNUSABLE)
def test_service_that_cannot_be_asked(url: str, ip: str | None, text: str) -> None:
    with (
        MetadataClient(url, timeout=(1, 1), ip=ip) as client,
        pytest.raises(Unavailable, match=text),
    ):
        client.get("/version")


def test_closed_connection_is_opened_again(server: MetadataServer, client: MetadataClient) -> None:
    client.get("/version")
    server.faults.add("close", times=1)
    assert client.get("/version") == "1-abcd"


def test_too_deep_for_json(server: MetadataServer, client: MetadataClient) -> None:
    deep: object = None
    for _ in range(400):
        deep = [deep]
    server.replace(answers(2, deep=deep))
    assert client.get("/deep") == deep
