"""Containers that come and go: who stays who they are."""

from __future__ import annotations

import copy
import dataclasses
import pickle

import pytest

from metadata_client.compose import ComposeError

DOCKER = """\
galera:
  image: galera
  labels:
    io.rancher.sidekicks: conf
conf:
  image: conf
  net: container:galera
lb:
  image: lb
"""
RANCHER = """\
galera:
  scale: 3
  metadata:
    mysqld: x
  health_check:
    port: 3306
"""


@pytest.fixture
def stack(load):
    return load(DOCKER, RANCHER)


def numbers(stack, service="galera"):
    return [(one.service_index, one.create_index) for one in stack.containers(service)]


def test_containers(stack):
    assert [one.name for one in stack.containers()] == [
        "db_galera_1",
        "db_galera_2",
        "db_galera_3",
        "db_galera_conf_1",
        "db_galera_conf_2",
        "db_galera_conf_3",
        "db_lb_1",
    ]
    assert numbers(stack) == numbers(stack, "conf") == [(1, 1), (2, 2), (3, 3)]
    assert len({one.uuid for one in stack.members}) == 7


def test_addresses_are_drawn_from_10_42(stack):
    addresses = [one.address for one in stack.containers("galera")]
    assert all(address.startswith("10.42.") for address in addresses)
    assert len({*addresses, stack.container("db_lb_1").address}) == 4
    assert [one.address for one in stack.containers("conf")] == addresses


def test_given_addresses(load):
    given = {"db_galera_2": "10.42.17.203", "db_galera_4": "10.42.1.1"}
    stack = load(DOCKER, RANCHER, addresses=given)
    assert stack.container("db_galera_2").address == "10.42.17.203"
    assert stack.container("db_galera_conf_2").address == "10.42.17.203"
    assert stack.scaled(galera=4).container("db_galera_4").address == "10.42.1.1"


def test_a_drawn_address_avoids_a_given_one(stack, load):
    drawn = stack.container("db_lb_1").address
    moved = load(DOCKER, RANCHER, addresses={"db_galera_9": drawn})
    assert moved.container("db_lb_1").address != drawn


@pytest.mark.parametrize(
    ("addresses", "message"),
    [
        ({"db_lb_1": "10.42.1"}, "address of db_lb_1: Expected 4 octets in '10.42.1'"),
        (
            {"db_lb_1": "10.42.1.1", "db_galera_1": "10.42.1.1"},
            "db_lb_1 and db_galera_1 were given the address 10.42.1.1",
        ),
    ],
)
def test_bad_addresses(load, addresses, message):
    with pytest.raises(ComposeError) as caught:
        load(DOCKER, RANCHER, addresses=addresses)
    assert str(caught.value) == message


def test_loading_twice_gives_the_same(stack, load):
    assert load(DOCKER, RANCHER) == stack
    assert load(DOCKER, RANCHER).version == stack.version


def test_scaling_at_load_or_later_is_the_same(stack, load):
    assert load(DOCKER, RANCHER, scale={"galera": 5}) == stack.scaled(galera=5)


def test_scaling_up_keeps_who_is_there(stack):
    grown = stack.scaled(galera=5)
    assert grown.containers("galera")[:3] == stack.containers("galera")
    assert numbers(grown) == [(1, 1), (2, 2), (3, 3), (4, 4), (5, 5)]
    assert len(grown.containers("conf")) == 5
    assert stack == stack.scaled(galera=3)


def test_scaling_down_takes_the_youngest(stack):
    assert numbers(stack.scaled(galera=1)) == [(1, 1)]
    assert stack.scaled(galera=0).containers("conf") == ()


def test_a_create_index_is_never_used_again(stack):
    again = stack.scaled(galera=1).scaled(galera=3)
    assert numbers(again) == [(1, 1), (2, 4), (3, 5)]
    assert again.container("db_galera_2").uuid != stack.container("db_galera_2").uuid


def test_a_lost_container_takes_its_sidekicks_along(stack):
    for lost in ("db_galera_2", "db_galera_conf_2"):
        less = stack.without(lost)
        assert numbers(less) == numbers(less, "conf") == [(1, 1), (3, 3)]
        assert less.services == stack.services


def test_a_lost_container_is_replaced_under_its_name(stack):
    again = stack.without("db_galera_2").settled()
    assert numbers(again) == [(1, 1), (3, 3), (2, 4)]
    assert again == stack.without("db_galera_2").scaled(galera=3)


def test_scaling_one_service_replaces_nothing_of_another(stack):
    assert numbers(stack.without("db_galera_2").scaled(lb=2)) == [(1, 1), (3, 3)]


def test_names_that_are_no_identifiers(stack):
    assert len(stack.scaled({"lb": 2}, galera=1).members) == 4


def test_metadata(stack):
    changed = stack.with_metadata("galera", {"a-b": (1.10, {2: None})}, mysqld="y")
    assert changed.services[0].metadata == {"mysqld": "y", "a-b": [1.1, {"2": None}]}
    assert stack.services[0].metadata == {"mysqld": "x"}
    assert stack.with_metadata("conf", mysqld="y") == stack.with_metadata("galera", mysqld="y")


def test_health(stack):
    assert stack.container("db_galera_3").health_state == "healthy"
    assert stack.container("db_lb_1").health_state is None
    ill = stack.started("db_galera_3", health="unhealthy").container("db_galera_3")
    assert (ill.state, ill.health_state, ill.start_count) == ("running", "unhealthy", 1)


def test_stopping_and_starting(stack):
    stopped = stack.stopped("db_galera_3")
    one = stopped.container("db_galera_3")
    assert (one.state, one.health_state, one.start_count) == ("stopped", None, 1)
    one = stopped.started("db_galera_3").container("db_galera_3")
    assert (one.state, one.health_state, one.start_count) == ("running", "healthy", 2)
    assert stopped.started("db_galera_3", health="initializing") != stopped.started("db_galera_3")


CHANGES = {
    "scaled": lambda stack: stack.scaled(galera=4),
    "without": lambda stack: stack.without("db_galera_1"),
    "replaced": lambda stack: stack.without("db_galera_1").settled(),
    "metadata": lambda stack: stack.with_metadata("lb", a=1),
    "unhealthy": lambda stack: stack.started("db_galera_1", health="unhealthy"),
    "stopped": lambda stack: stack.stopped("db_galera_1"),
    "restarted": lambda stack: stack.stopped("db_galera_1").started("db_galera_1"),
    "up and down": lambda stack: stack.scaled(lb=2).scaled(lb=1),
}


def test_every_change_has_a_version_of_its_own(stack):
    versions = {name: change(stack).version for name, change in CHANGES.items()}
    assert len({stack.version, *versions.values()}) == len(CHANGES) + 1
    assert versions == {name: change(stack).version for name, change in CHANGES.items()}


def test_a_version_counts_containers(stack):
    assert stack.version.partition("-")[0] == "4"
    assert stack.scaled(galera=5).scaled(galera=1).version.partition("-")[0] == "6"


NO_CONTAINER = (
    "Failed to find container x in stack db; there are db_galera_1, db_galera_2, db_galera_3, "
    "db_galera_conf_1, db_galera_conf_2, db_galera_conf_3, db_lb_1"
)
MANY_CONTAINERS = (
    "Failed to find container x in stack db; there are db_galera_1, db_galera_2, db_galera_3, "
    "db_galera_4, db_galera_5, db_galera_6, db_galera_7, db_galera_8, db_galera_9, "
    "db_galera_conf_1 and more"
)
NO_SERVICE = "Failed to find service x in stack db; there are galera, conf, lb"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda stack: stack.scaled(nobody=1),
            "Failed to find nobody to scale; there are galera, lb",
        ),
        (
            lambda stack: stack.scaled(conf=1),
            "Failed to find conf to scale; it is a sidekick, which is scaled with galera",
        ),
        (lambda stack: stack.scaled(lb=-1), "Failed to scale lb to -1: it is below 0"),
        (lambda stack: stack.scaled(lb="2"), "Failed to scale lb to '2': it is no whole number"),
        (lambda stack: stack.scaled(lb=1.5), "Failed to scale lb to 1.5: it is no whole number"),
        (lambda stack: stack.without("x"), NO_CONTAINER),
        (lambda stack: stack.started("x"), NO_CONTAINER),
        (lambda stack: stack.stopped("x"), NO_CONTAINER),
        (lambda stack: stack.containers("x"), NO_SERVICE),
        (lambda stack: stack.with_metadata("x", a=1), NO_SERVICE),
        (lambda stack: stack.scaled(galera=9).container("x"), MANY_CONTAINERS),
        (
            lambda stack: stack.with_metadata("lb", a=float("nan")),
            "json: unsupported value: NaN",
        ),
        (lambda stack: stack.with_metadata("lb", a=[{1}]), "json: unsupported type: set"),
    ],
)
def test_what_cannot_be_changed(stack, change, message):
    with pytest.raises(ComposeError) as caught:
        change(stack)
    assert str(caught.value) == message


def test_pickle_and_copy(stack):
    assert pickle.loads(pickle.dumps(stack)) == copy.deepcopy(stack) == stack


def test_repr_tells_what_is_not_well(stack):
    troubled = stack.scaled(galera=1).stopped("db_galera_1").started("db_galera_conf_1")
    assert repr(troubled) == "<Stack db: db_galera_1 (stopped), db_galera_conf_1, db_lb_1>"
    ill = stack.scaled(galera=0).stopped("db_lb_1").started("db_lb_1", health="unhealthy")
    assert repr(ill) == "<Stack db: db_lb_1 (unhealthy)>"
    assert repr(ill.scaled(lb=0)) == "<Stack db: no containers>"


def test_immutable(stack):
    with pytest.raises(dataclasses.FrozenInstanceError):
        stack.name = "other"
    answers = stack.answers()
    tree = answers.tree("latest", stack.members[0].address)
    tree["self"]["service"]["metadata"]["mysqld"] = "changed"
    assert stack.answers().tree("latest")["services"][0]["metadata"] == {"mysqld": "x"}
