"""The files that each container writes, at the scale of the expected files and at others."""

from __future__ import annotations

from pathlib import Path

import pytest

from metadata_client import compose

STACK = compose.load(Path(__file__).parent, name="shop", scale={"web": 3})


@pytest.mark.parametrize("container", STACK.containers("web"))
def test_everybody_knows_the_peers(confd, container):
    web = confd.as_(container, version="2015-12-19")
    known = web.render("templates/peers.json.tmpl", STACK).json()
    assert known["me"] == container.name
    assert known["peers"] == [
        {"name": one.name, "address": one.address} for one in STACK.containers("web")
    ]


def test_alone_in_the_world(confd):
    out = confd.render("templates/peers.json.tmpl", {"self": {"container": {"name": "web"}}})
    assert out.json() == {"me": "web", "peers": []}


def test_sites(confd):
    stack = confd.compose(".", name="shop", scale={"web": 1})
    out = confd.as_("shop_web_1", version="2015-12-19").render("templates/sites.conf.tmpl", stack)
    assert "server_name blog.example www.blog.example;" in out
    out.assert_matches_file("expect/sites.conf")


def test_without_a_site_there_is_an_answer(confd):
    out = confd.render("templates/sites.conf.tmpl", {})
    assert "return 404" in out
    assert "worker_processes 1;" in out


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        pytest.param({}, {"disabled": None}, id="off"),
        pytest.param({"status_port": 8081}, {"port": "8081"}, id="on"),
    ],
)
def test_status(confd, metadata, expected):
    stack = STACK.with_metadata("web", metadata)
    out = confd.render("templates/status.ini.tmpl", stack, as_="shop_web_1")
    address = stack.container("shop_web_1").address
    assert out.ini() == {"status": {"host": address, **expected}}


def test_json_is_yaml_too(confd):
    out = confd.as_("shop_web_2", version="2015-12-19").render("templates/peers.json.tmpl", STACK)
    assert out.yaml() == out.json()
