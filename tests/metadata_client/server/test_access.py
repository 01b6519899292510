"""Which requests are refused because a web page may have made them."""

from __future__ import annotations

import http.client
from typing import Any

import pytest

from metadata_client import MetadataServer
from metadata_client.server.access import refused
from metadata_client.server.wire import Request
from tests.metadata_client.conftest import answers

# Headers, and the beginning of the refusal; None where the request may pass.
LOOPBACK: list[Any] = [
    pytest.param({}, None, id="HTTP/1.0 without Host"),
    pytest.param({"host": ""}, None, id="empty"),
    pytest.param({"host": "localhost"}, None, id="localhost"),
    pytest.param({"host": "LocalHost.:8080"}, None, id="with a port"),
    pytest.param({"host": "web.localhost"}, None, id="below localhost"),
    pytest.param({"host": "127.0.0.1:80"}, None, id="IPv4"),
    pytest.param({"host": "[::1]:80"}, None, id="IPv6"),
    pytest.param({"host": "192.168.1.2"}, None, id="an address that is forwarded to us"),
    pytest.param({"host": "rancher-metadata"}, None, id="the name of the service"),
    pytest.param({"host": "rancher-metadata.rancher.internal:80"}, None, id="its whole name"),
    pytest.param({"host": "evil.example"}, "evil.example is not", id="a name"),
    pytest.param({"host": "127.0.0.1.evil.example:80"}, "127.0.0.1.evil", id="begins with ours"),
    pytest.param({"host": "notlocalhost"}, "notlocalhost is not", id="ends with ours"),
    pytest.param({"host": "[::1].evil.example"}, "[::1].evil", id="behind brackets"),
    pytest.param({"host": "localhost:80.evil.example"}, "localhost:80.e", id="behind a port"),
    pytest.param({"host": "h:80", "origin": "http://h:80"}, "h:80 is not", id="after rebinding"),
]
ANYWHERE: list[Any] = [
    pytest.param({"host": "localhost:80", "origin": "http://localhost:80"}, None, id="our page"),
    pytest.param({"host": "localhost:80", "origin": "HTTP://LOCALHOST:80"}, None, id="any case"),
    pytest.param({"host": "localhost:80", "origin": "null"}, "null may not", id="a file"),
    pytest.param(
        {"host": "localhost:80", "origin": "http://localhost:81"}, "http://loc", id="another port"
    ),
    pytest.param(
        {"host": "localhost:80", "origin": "https://localhost:80"}, "https://loc", id="https"
    ),
    pytest.param({"host": "localhost", "origin": ""}, "an unknown page may", id="an empty origin"),
    pytest.param({"origin": "http://evil.example"}, "http://evil.example may", id="without Host"),
]


def said(headers: dict[str, str], *, loopback: bool) -> str | None:
    reply = refused(Request("GET", "/", tuple(headers.items())), loopback=loopback)
    assert reply is None or reply.status == 403
    return reply and reply.body.decode()


@pytest.mark.parametrize(("headers", "why"), LOOPBACK + ANYWHERE)
def test_on_loopback(headers: dict[str, str], why: str | None) -> None:
    reply = said(headers, loopback=True)
    assert (
        reply == why if why is None or reply is None else reply.partition(": ")[2].startswith(why)
    )


@pytest.mark.parametrize(("headers", "why"), ANYWHERE)
def test_elsewhere(headers: dict[str, str], why: str | None) -> None:
    assert said(headers, loopback=False) == said(headers, loopback=True)


@pytest.mark.parametrize("host", ["evil.example", "db.lan:8080"])
def test_elsewhere_any_name_will_do(host: str) -> None:
    assert said({"host": host}, loopback=False) is None
    assert said({"host": host, "origin": f"http://{host}"}, loopback=False) is None


def test_second_origin_is_checked() -> None:
    headers = (("host", "h"), ("origin", "http://h"), ("origin", "http://evil.example"))
    assert refused(Request("GET", "/", headers), loopback=False) is not None


def get(server: MetadataServer, **headers: str) -> Any:
    address = server.url.removeprefix("http://")
    connection = http.client.HTTPConnection(address, timeout=10)
    connection.request("GET", "/latest/version", headers=headers)
    reply = connection.getresponse()
    connection.close()
    return reply.status, reply.headers["Access-Control-Allow-Origin"]


EVIL = {"Origin": "http://evil.example"}


def test_no_page_reads_by_default() -> None:
    with MetadataServer(answers(1)) as server:
        assert get(server) == (200, None)
        assert get(server, **EVIL) == (403, None)
        assert get(server, Host="evil.example") == (403, None)
        assert len(server.requests) == 3


def test_every_page_reads_where_it_is_wanted() -> None:
    with MetadataServer(answers(1), cors=True) as server:
        for headers in ({}, EVIL, {"Host": "evil.example"}):
            assert get(server, **headers) == (200, "*")


def test_name_is_free_where_other_machines_ask() -> None:
    with MetadataServer(answers(1), host="0.0.0.0") as server:
        assert get(server, Host="evil.example") == (200, None)
        assert get(server, **EVIL) == (403, None)


FORWARDED: list[Any] = [
    pytest.param("127.0.0.1", None, b"two", id="loopback"),
    pytest.param("localhost", None, b"two", id="by its name"),
    pytest.param("0.0.0.0", None, b"anyone", id="elsewhere"),
    pytest.param("127.0.0.1", False, b"anyone", id="not wanted"),
    pytest.param("0.0.0.0", True, b"two", id="wanted"),
]


@pytest.mark.parametrize(("host", "xff", "who"), FORWARDED)
def test_forwarded_for_is_believed(host: str, xff: bool | None, who: bytes) -> None:
    served = {"latest": {"default": {"who": "anyone"}, "10.42.0.2": {"who": "two"}}}
    with MetadataServer(served, host, xff=xff) as server:
        port = int(server.url.rpartition(":")[2])
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("GET", "/latest/who", headers={"X-Forwarded-For": "10.42.0.2"})
        assert connection.getresponse().read() == who
        connection.close()
