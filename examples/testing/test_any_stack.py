"""Properties of any stack: scaled, with containers lost, stopped and replaced."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given, settings

from confd_lib.testing import stacks


@settings(max_examples=25, deadline=None, database=None)
@given(stack=stacks(Path(__file__).parent, name="shop"))
def test_peers_are_those_that_there_are(confd, stack):
    for container in stack.containers("web"):
        web = confd.as_(container, version="2015-12-19")
        out = web.render("templates/peers.json.tmpl", stack)
        assert len(out.json()["peers"]) == len(stack.containers("web"))
