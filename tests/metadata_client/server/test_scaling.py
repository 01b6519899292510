"""Requests that change scales: what they change, and from whom they are taken."""

from __future__ import annotations

import contextlib
import http.client
import threading
from collections.abc import Mapping
from typing import Any

import pytest

from metadata_client import MetadataClient, MetadataError, MetadataServer, Scaling
from metadata_client.server.scaling import scaled
from metadata_client.server.wire import Request

HERE = {"host": "127.0.0.1:80"}
TOKEN = {"authorization": "Bearer s3cret"}


def change(scales: Mapping[str, int]) -> str:
    if "wbe" in scales:
        raise MetadataError("no service wbe")
    return ",".join(f"{name}={scale}" for name, scale in scales.items())


def asked(
    target: str = "/v1/scale?web=5",
    headers: Mapping[str, str] = HERE,
    *,
    method: str = "POST",
    loopback: bool = True,
    token: str = "",
) -> tuple[int, str] | None:
    request = Request(method, target, tuple(headers.items()))
    reply = scaled(request, Scaling(change, token), loopback=loopback)
    return reply and (reply.status, reply.body.decode())


QUERIES: list[Any] = [
    pytest.param("web=5", 200, "web=5\n", id="one"),
    pytest.param("web=5&db=0", 200, "web=5,db=0\n", id="two"),
    pytest.param("web%2Fa+b=5", 200, "web/a b=5\n", id="escaped"),
    pytest.param("web=5&web=6", 200, "web=6\n", id="twice"),
    pytest.param("", 400, "400 Bad Request: no SERVICE=N is given\n", id="nothing"),
    pytest.param("web", 400, "400 Bad Request: web= is not SERVICE=N\n", id="no-number"),
    pytest.param("web=-1", 400, "400 Bad Request: web=-1 is not SERVICE=N\n", id="below-0"),
    pytest.param("web=1.5", 400, "400 Bad Request: web=1.5 is not SERVICE=N\n", id="a-part"),
    pytest.param("web=%D9%A3", 400, "400 Bad Request: web=٣ is not SERVICE=N\n", id="other-digits"),
    pytest.param("web=1000000", 400, "400 Bad Request: web=1000000 is not SERVICE=N\n", id="many"),
    pytest.param("wbe=5", 400, "400 Bad Request: no service wbe\n", id="refused"),
]


@pytest.mark.parametrize(("query", "status", "said"), QUERIES)
def test_scales_are_those_of_the_query(query: str, status: int, said: str) -> None:
    assert asked(f"/v1/scale?{query}") == (status, said)


@pytest.mark.parametrize(
    ("method", "target"),
    [("GET", "/v1/scale?web=5"), ("POST", "/v1/scales?web=5"), ("POST", "/latest/v1/scale")],
)
def test_other_requests_are_left_to_the_service(method: str, target: str) -> None:
    assert asked(target, method=method) is None


NO_TOKEN = "403 Forbidden: scales need a token where others than this machine connect\n"
WRONG = "403 Forbidden: the token is missing or wrong\n"
FOREIGN = "403 Forbidden: http://site.example may not change this\n"
REBOUND = "403 Forbidden: site.example is not a name of this machine\n"
SENDERS: list[Any] = [
    pytest.param(True, "", {}, None, id="on loopback from this machine"),
    pytest.param(True, "", {"origin": "http://site.example"}, FOREIGN, id="a page"),
    pytest.param(True, "", {"host": "site.example"}, REBOUND, id="a page after rebinding"),
    pytest.param(True, "", TOKEN, None, id="a token that nobody wants"),
    pytest.param(False, "", {}, NO_TOKEN, id="elsewhere"),
    pytest.param(False, "", TOKEN, NO_TOKEN, id="elsewhere with a token that is not known"),
    pytest.param(False, "", {"authorization": "Bearer "}, NO_TOKEN, id="an empty token"),
    pytest.param(False, "s3cret", TOKEN, None, id="elsewhere with the token"),
    pytest.param(False, "s3cret", {}, WRONG, id="elsewhere without the token"),
    pytest.param(False, "s3cret", {"authorization": "Bearer s3"}, WRONG, id="a part of it"),
    pytest.param(False, "s3cret", {"authorization": "s3cret"}, WRONG, id="not as a bearer"),
    pytest.param(False, "s3cret", {"authorization": "Bearer \xff"}, WRONG, id="not ASCII"),
    pytest.param(True, "s3cret", {}, WRONG, id="on loopback without the token"),
    pytest.param(True, "s3cret", TOKEN, None, id="on loopback with the token"),
    pytest.param(
        False, "s3cret", {**TOKEN, "origin": "http://site.example"}, FOREIGN, id="a page that knows"
    ),
]


@pytest.mark.parametrize(("loopback", "token", "headers", "refusal"), SENDERS)
def test_scales_are_changed_by_this_machine_or_with_the_token(
    loopback: bool, token: str, headers: dict[str, str], refusal: str | None
) -> None:
    wanted = (403, refusal) if refusal else (200, "web=5\n")
    assert asked(headers={**HERE, **headers}, loopback=loopback, token=token) == wanted


# -- A running server


def post(server: MetadataServer, **headers: str) -> tuple[int, str]:
    port = int(server.url.rpartition(":")[2])
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    with contextlib.closing(connection):
        connection.request("POST", "/v1/scale?web=5", headers=headers)
        reply = connection.getresponse()
        return reply.status, reply.read().decode()


def tree(version: str) -> dict[str, object]:
    return {"latest": {"default": {"version": version}}}


def test_a_change_wakes_those_who_wait() -> None:
    def publish(_: Mapping[str, int]) -> str:
        server.replace(tree("2"))
        return "done"

    server = MetadataServer(tree("1"), scaling=Scaling(publish))
    seen: list[object] = []
    with server, MetadataClient(server.url) as client:
        waiter = threading.Thread(target=lambda: seen.append(client.wait("1")))
        waiter.start()
        assert server.wait_for_waiters()
        assert post(server) == (200, "done\n")
        waiter.join(10)
    assert seen == ["2"]


@pytest.mark.parametrize("cors", [False, True])
def test_a_page_that_may_read_may_not_change(cors: bool) -> None:
    with MetadataServer(tree("1"), cors=cors, scaling=Scaling(change)) as server:
        assert post(server, Origin="http://site.example") == (403, FOREIGN)
        assert post(server) == (200, "web=5\n")


@pytest.mark.parametrize("xff", [False, True])
def test_on_all_addresses_a_token_is_needed_even_from_this_machine(xff: bool) -> None:
    with MetadataServer(tree("1"), "0.0.0.0", xff=xff, scaling=Scaling(change)) as server:
        assert post(server, **{"X-Forwarded-For": "127.0.0.1"}) == (403, NO_TOKEN)
    with MetadataServer(tree("1"), "0.0.0.0", scaling=Scaling(change, "s3cret")) as server:
        assert post(server) == (403, WRONG)
        assert post(server, Authorization="Bearer s3cret") == (200, "web=5\n")


def test_without_a_function_the_request_is_the_real_service_s() -> None:
    with MetadataServer(tree("1")) as server:
        assert post(server) == (404, "404 page not found\n")
