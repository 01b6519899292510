"""Properties of the examples' templates in any stack, with the strategies of confd_lib.testing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import confd_lib
from confd_lib.testing import strategies
from metadata_client import compose

EXAMPLES = Path(__file__).parents[2] / "examples"
GALERA = compose.load(EXAMPLES / "galera", env={"mysql_root_password": "123456"})
MONGO = compose.load(EXAMPLES / "mongodb", env={"replset": "rs0"})
HAPROXY = compose.load(EXAMPLES / "haproxy", env={"certificate": "/etc/ssl/site.pem"})
ZOOKEEPER = compose.load(EXAMPLES / "zookeeper")

any_stack = settings(max_examples=25, deadline=None, database=None)


def rendered(stack, service, template, version="2015-07-25"):
    """Return the file of each container of a service, by container."""
    answers = stack.answers()
    path = EXAMPLES / stack.name / "templates" / template
    return {
        container: confd_lib.render_file(path, answers.tree(version, container.address))
        for container in stack.containers(service)
    }


@any_stack
@given(strategies.stacks(GALERA, metadata={"galera": {"mysqld": st.text("a=\n", max_size=9)}}))
def test_a_node_is_configured_as_itself(stack):
    for container, text in rendered(stack, "galera", "galera.cnf.tmpl").items():
        assert f"server-id = {container.create_index}\n" in text
        assert f"bind-address = {container.address}\n" in text
        assert stack.services[2].metadata["mysqld"] in text


@any_stack
@given(strategies.stacks(HAPROXY, scales={"web": st.integers(0, 5)}))
def test_the_balancer_never_lists_a_stopped_or_unhealthy_server(stack):
    well = {
        f"server {one.name} {one.address}:8080 check"
        for one in stack.containers("web")
        if one.state == "running" and one.health_state != "unhealthy"
    }
    for text in rendered(stack, "lb", "haproxy.cfg.tmpl", "2015-12-19").values():
        assert set(re.findall(r"server haproxy_web\S* \S* check", text)) == well


@any_stack
@given(strategies.stacks(MONGO))
def test_members_have_one_id_each(stack):
    members = len(
        [
            one
            for one in stack.containers("mongo")
            if one.state == "running" and one.health_state != "unhealthy"
        ]
    )
    for text in rendered(stack, "mongo", "replset.js.tmpl").values():
        ids = re.findall(r"_id: (\d+)", text)
        assert len(ids) == len(set(ids)) == members


@any_stack
@given(strategies.stacks(ZOOKEEPER))
def test_all_members_list_the_same_ensemble(stack):
    texts = rendered(stack, "zookeeper", "zoo.cfg.tmpl")
    peers = {
        re.sub(r"=[\d.]+:", "=:", "".join(re.findall(r"server\..*\n", text)))
        for text in texts.values()
    }
    assert len(peers) <= 1
    for container, text in texts.items():
        assert f"server.{container.service_index}=0.0.0.0:" in text


@pytest.mark.parametrize("stack", [GALERA, MONGO, HAPROXY, ZOOKEEPER], ids=lambda one: one.name)
def test_two_stacks_of_a_catalog_live_together(stack):
    other = compose.load(
        EXAMPLES / stack.name,
        env=dict.fromkeys(("mysql_root_password", "replset", "certificate"), ""),
        name="other",
    )
    answers = compose.Environment([stack, other], hosts=2).answers()
    names = {
        tree["self"]["container"]["stack_name"]
        for address, tree in answers["latest"].items()
        if address != "default"
    }
    assert names == {stack.name, "other"}
