"""The web servers of the demonstration with HAProxy register in a real etcd, and leave it."""

from __future__ import annotations

import http.client
import json
import sys
from contextlib import closing

import pytest

from examples.hecd.gateway import Gateway, GatewayError
from examples.hecd.web import FOLDER, TTL_S
from examples.stage import Process, Stage
from tests.examples.place import ROOT
from tests.examples.stage.conftest import stage
from tests.servers.etcd import Etcd
from tests.servers.fixtures import Start

__all__ = ["stage"]


@pytest.fixture
def etcd(start: Start) -> Etcd:
    return start(Etcd)


@pytest.fixture
def gateway(etcd: Etcd) -> Gateway:
    return Gateway(etcd.server.port)


def started(stage: Stage, gateway: Gateway) -> Process:
    """Start a server, and wait until it has registered."""
    command = [sys.executable, "-X", "dev", "-m", "examples.hecd.web", "--name", "web"]
    web = stage.processes.start(
        "web", [*command, "--etcd", str(gateway.port)], log=stage.folder / "log", cwd=ROOT
    )
    stage.until(lambda: "web" in gateway.below(FOLDER), "it has registered")
    return web


def lease(etcd: Etcd) -> str:
    """Return the lease of the key of the server; 0 if it has no lease, empty if there is no key."""
    key = {"key": "L3NlcnZpY2VzL3dlYi93ZWI="}  # /services/web/web
    found = etcd.anonymous().json("POST", "/v3/kv/range", key).get("kvs", [])
    return str(found[0].get("lease", "0")) if found else ""


def test_it_answers_where_its_key_says(stage: Stage, gateway: Gateway) -> None:
    started(stage, gateway)
    place = json.loads(gateway.below(FOLDER)["web"])
    with closing(http.client.HTTPConnection(place["host"], place["port"], timeout=20)) as web:
        for _ in range(2):
            web.request("GET", "/")
            assert web.getresponse().read() == b"web"


def test_it_outlives_its_time_to_live(stage: Stage, etcd: Etcd, gateway: Gateway) -> None:
    started(stage, gateway)
    first = lease(etcd)
    other = gateway.grant(TTL_S)
    gateway.put("/other/key", "", other)
    stage.until(lambda: gateway.below("/other") == {}, "the key without a keeper has vanished")
    assert lease(etcd) == first


def test_it_leaves_etcd_before_it_ends(stage: Stage, gateway: Gateway) -> None:
    web = started(stage, gateway)
    web.terminate()
    stage.until(lambda: gateway.below(FOLDER) == {}, "it has left etcd")
    stage.until(lambda: web.status is not None, "it has ended")
    assert (web.status, web.log.read_text()) == (0, "")


def test_the_key_of_a_killed_one_vanishes(stage: Stage, gateway: Gateway) -> None:
    started(stage, gateway).kill()
    assert "web" in gateway.below(FOLDER)
    stage.until(lambda: gateway.below(FOLDER) == {}, "the lease has expired")


def test_a_lost_lease_is_replaced(stage: Stage, etcd: Etcd, gateway: Gateway) -> None:
    started(stage, gateway)
    first = lease(etcd)
    gateway.revoke(first)
    stage.until(lambda: lease(etcd) not in ("", first), "it has registered again")


def test_an_etcd_that_comes_back_empty_is_registered_in(
    stage: Stage, etcd: Etcd, gateway: Gateway
) -> None:
    web = started(stage, gateway)
    etcd.server.stop()
    with pytest.raises(GatewayError, match=f"^etcd on port {gateway.port}: .*refused"):
        gateway.below(FOLDER)
    stage.until(lambda: "refused" in web.log.read_text(), "it has noticed")
    etcd.server.empty()
    stage.until(lambda: "web" in gateway.below(FOLDER), "it is registered")


def test_it_ends_though_etcd_is_away(stage: Stage, etcd: Etcd, gateway: Gateway) -> None:
    web = started(stage, gateway)
    etcd.server.stop()
    web.terminate()
    stage.until(lambda: web.status is not None, "it has ended")
    assert web.status == 0


def test_a_refusal_of_etcd_is_an_error(gateway: Gateway) -> None:
    with pytest.raises(GatewayError, match=r"requested lease not found$"):
        gateway.revoke("77")
    assert not gateway.keep_alive("77")
