"""Laws that hold for any history of a stack.

* Who stays keeps name, uuid, address and numbers.
* A `create_index` belongs to one unit for ever; so does a uuid.
* No address belongs to two networks, and each container with one sees itself.
* Any text is a stack, or raises our error.
"""

from __future__ import annotations

import contextlib
import itertools
import warnings
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from metadata_client import compose
from metadata_client.compose import ComposeError, Stack
from metadata_client.compose.service import Service

SERVICES = (
    Service(name="db", primary="db", sidekicks=("conf", "data")),
    Service(name="conf", primary="db", network_from="db"),
    Service(name="data", primary="db", network="none"),
    Service(name="web", primary="web", health_check={"port": 80}),
)

STEPS = st.one_of(
    st.tuples(st.just("scale"), st.sampled_from(["db", "web"]), st.integers(0, 5)),
    st.tuples(st.just("lose"), st.integers(0, 30), st.none()),
    st.tuples(st.just("stop"), st.integers(0, 30), st.none()),
    st.tuples(st.just("start"), st.integers(0, 30), st.sampled_from([None, "unhealthy"])),
)


def stepped(stack, step):
    kind, which, how = step
    if kind == "scale":
        return stack.scaled({which: how})
    if not stack.members:
        return stack
    name = stack.members[which % len(stack.members)].name
    if kind == "start":
        return stack.started(name, health=how)
    return stack.without(name) if kind == "lose" else stack.stopped(name)


def histories():
    def run(steps):
        history = [Stack("s", SERVICES).settled()]
        for step in steps:
            history.append(stepped(history[-1], step))
        return history

    return st.lists(STEPS, max_size=8).map(run)


def identity(one):
    return one.name, one.uuid, one.address, one.service_index, one.create_index


@settings(deadline=None)
@given(histories())
def test_who_stays_stays_the_same(history):
    for before, after in itertools.pairwise(history):
        known = {one.uuid: identity(one) for one in before.members}
        assert all(known.get(one.uuid, identity(one)) == identity(one) for one in after.members)


@settings(deadline=None)
@given(histories())
def test_numbers_are_never_used_again(history):
    seen: dict[object, str] = {}
    gone: set[str] = set()
    for stack in history:
        there = {one.uuid for one in stack.members}
        assert not gone & there
        for one in stack.members:
            assert seen.setdefault((one.service, one.create_index), one.uuid) == one.uuid
        gone |= set(seen.values()) - there


@settings(deadline=None)
@given(histories())
def test_names_and_addresses_are_one_s_own(history):
    for stack in history:
        assert len({one.name for one in stack.members}) == len(stack.members)
        own = [one.address for one in stack.members if one.address and not one.network_from]
        assert len(set(own)) == len(own)


@settings(max_examples=30, deadline=None)
@given(histories())
def test_each_container_sees_itself(history):
    stack = history[-1]
    answers = stack.answers()
    for one in stack.members:
        if one.address and not one.network_from:
            for version, spelled in (("2015-12-19", str), ("latest", str.lower)):
                me = answers.tree(version, one.address)["self"]["container"]
                assert (me["name"], me["uuid"]) == (spelled(one.name), one.uuid)
                assert me in answers.tree(version)["containers"]


@settings(max_examples=30, deadline=None)
@given(histories())
def test_equal_content_equal_version(history):
    versions = {}
    for stack in history:
        versions.setdefault(stack.version, stack)
        assert versions[stack.version] == stack


TEXTS = st.text("web: links[]{}$-|>'\"#&*!%@\n\t1é.0", max_size=60)


@pytest.fixture(scope="module")
def anywhere(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("any")


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(docker=TEXTS, rancher=TEXTS)
def test_any_text_is_a_stack_or_our_error(anywhere, docker, rancher):
    (anywhere / "docker-compose.yml").write_text(docker, "utf-8")
    (anywhere / "rancher-compose.yml").write_text(rancher, "utf-8")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", compose.UnsetVariable)
        warnings.simplefilter("ignore", compose.UnquotedKey)
        with contextlib.suppress(ComposeError):
            compose.load(anywhere).answers()


@settings(deadline=None)
@given(
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
        max_leaves=8,
    )
)
def test_any_option_is_read_or_is_our_error(value):
    document = compose.source.Document("docker-compose.yml", "")
    option = compose.options.Option(compose.source.Place(document), value)
    for reading in ("text", "integer", "texts", "pairs", "mapping", "port", "number"):
        with contextlib.suppress(ComposeError):
            getattr(option, reading)()
