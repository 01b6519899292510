"""The strategies draw the documented values, and reach every state of a stack."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from confd_lib.testing import strategies
from metadata_client import compose

EXAMPLES = Path(__file__).parents[3] / "examples"
MONGO = compose.load(EXAMPLES / "mongodb", env={"replset": "rs0"})
WEB = compose.load(EXAMPLES / "haproxy", env={"certificate": ""})

QUICK = settings(
    database=None, max_examples=2000, phases=[Phase.generate], deadline=None, derandomize=True
)
FEW = settings(QUICK, max_examples=50)


def members(stack):
    return stack.containers("mongo")


@pytest.mark.parametrize(
    "state",
    [
        pytest.param(lambda stack: len(members(stack)) == 7, id="scaled up"),
        pytest.param(lambda stack: len(members(stack)) == 1, id="scaled down"),
        pytest.param(
            lambda stack: len(members(stack)) < stack.services[0].scale, id="lost a container"
        ),
        pytest.param(
            lambda stack: members(stack) and members(stack)[0].create_index > 1,
            id="the first is not number 1",
        ),
        pytest.param(
            lambda stack: (
                [one.service_index for one in members(stack)]
                != sorted(one.service_index for one in members(stack))
            ),
            id="names are not in the order of creation",
        ),
        pytest.param(
            lambda stack: any(one.state == "stopped" for one in members(stack)), id="stopped"
        ),
        pytest.param(
            lambda stack: any(one.health_state == "unhealthy" for one in members(stack)), id="ill"
        ),
        pytest.param(lambda stack: any(one.start_count > 1 for one in members(stack)), id="again"),
        pytest.param(lambda stack: stack.services[0].metadata["port"] == 1, id="edited"),
        pytest.param(lambda stack: stack == MONGO, id="as it was loaded"),
    ],
)
def test_every_state_is_found(state):
    drawn = strategies.stacks(MONGO, metadata={"mongo": {"port": st.sampled_from([1, 2])}})
    assert state(find(drawn, state, settings=QUICK))


def test_a_stack_shrinks_to_the_loaded_one():
    assert (
        find(
            strategies.stacks(MONGO),
            lambda _: True,
            settings=settings(database=None, max_examples=20),
        )
        == MONGO
    )


def test_scales_are_one_s_own():
    drawn = strategies.stacks(MONGO, scales={"mongo": st.sampled_from([3, 5])})
    with pytest.raises(NoSuchExample):
        find(drawn, lambda stack: stack.services[0].scale not in (3, 5), settings=FEW)


@FEW
@given(strategies.histories(MONGO, max_changes=4))
def test_a_history_begins_with_the_loaded_stack(stages):
    assert stages[0] == MONGO
    assert len(stages) <= 5


@FEW
@given(strategies.environments(strategies.stacks(MONGO), strategies.stacks(WEB)))
def test_environments(environment):
    tree = environment.answers().tree("latest")
    assert [one["name"] for one in tree["stacks"]] == ["mongodb", "haproxy"]
    assert 1 <= len(tree["hosts"]) <= 4


@FEW
@given(st.dictionaries(st.text(max_size=3), strategies.metadata_values(), max_size=3))
def test_metadata_can_hold_all_drawn_values(values):
    # Changing to them is not refused, and what is held stays as it is when it is held again.
    held = MONGO.with_metadata("mongo", values)
    assert held.with_metadata("mongo", held.services[0].metadata) == held


@pytest.mark.parametrize(
    "wrong",
    [{"scales": {"nobody": st.just(1)}}, {"metadata": {"nobody": {"a": st.just(1)}}}],
)
def test_a_name_that_is_not_there_is_refused_at_once(wrong):
    with pytest.raises(compose.ComposeError, match="Failed to find service nobody"):
        strategies.stacks(MONGO, **wrong)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"scales": {"mongo": 3}}, "scales: mongo needs a strategy, not 3; st.just(3) is "),
        (
            {"metadata": {"mongo": {"port": "x"}}},
            "metadata of mongo: port needs a strategy, not 'x'; st.just('x') is ",
        ),
    ],
)
def test_a_value_in_the_place_of_a_strategy_is_refused_at_once(wrong, said):
    with pytest.raises(TypeError, match=re.escape(said)):
        strategies.stacks(MONGO, **wrong)


@pytest.mark.parametrize(
    ("strategy", "shown"),
    [
        pytest.param(strategies.stacks(MONGO), "drawn=<Stack mongodb: ", id="stack"),
        pytest.param(strategies.histories(MONGO), "drawn=[<Stack mongodb: ", id="history"),
    ],
)
def test_a_failure_tells_the_history(strategy, shown):
    @settings(
        database=None,
        derandomize=True,
        deadline=None,
        max_examples=200,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def no_container_ever_stops(drawn):
        last = drawn if isinstance(drawn, compose.Stack) else drawn[-1]
        assert all(one.state == "running" for one in last.members)

    with pytest.raises(AssertionError) as caught:
        no_container_ever_stops()
    (history,) = (one for one in caught.value.__notes__ if one.startswith("stack mongodb"))
    assert history.startswith("stack mongodb.stopped('mongodb_mongo_")
    assert history.count("(") == 1
    assert any(shown in one for one in caught.value.__notes__)


def test_a_stack_that_is_loaded_may_be_named():
    named = strategies.stacks(EXAMPLES / "zookeeper", name="zoo")
    first = find(named, lambda _: True, settings=FEW)
    assert first.name == "zoo"
    assert first.members[0].name.startswith("zoo_zookeeper")
    with pytest.raises(compose.ComposeError, match="cannot be named x"):
        strategies.stacks(first, name="x")
