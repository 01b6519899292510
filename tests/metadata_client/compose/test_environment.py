"""Stacks that meet, and services that run on every host."""

from __future__ import annotations

import pytest

from metadata_client import compose
from metadata_client.compose import ComposeError, Environment


@pytest.fixture
def make(tmp_path):
    def making(name, docker, rancher="", **options):
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        (folder / "docker-compose.yml").write_text(docker)
        (folder / "rancher-compose.yml").write_text(rancher)
        return compose.load(folder, **options)

    return making


@pytest.fixture
def db(make):
    docker = (
        "mongo:\n  image: mongo\n"
        "agent:\n  image: agent\n  net: host\n  labels: {io.rancher.scheduler.global: 'true'}\n"
    )
    return make("db", docker, "mongo:\n  scale: 3\nagent:\n  scale: 7\n")


@pytest.fixture
def web(make):
    return make("Web", "web:\n  image: web\n  external_links:\n  - db/mongo:store\n")


def test_what_is_shown(db, web):
    tree = Environment([db, web], hosts=2, name="Production").answers().tree("2015-12-19")
    assert [one["name"] for one in tree["stacks"]] == ["db", "Web"]
    assert {one["environment_name"] for one in tree["stacks"]} == {"Production"}
    assert tree["name"] == "production"
    assert [one["hostId"] for one in tree["hosts"]] == [1, 2]
    assert tree["services"][2]["links"] == {"db/mongo": "store"}


def test_deployments_are_spread(db, web):
    tree = Environment([db, web], hosts=2).answers().tree("latest")
    names = {host["uuid"]: host["name"] for host in tree["hosts"]}
    assert {one["name"]: names[one["host_uuid"]] for one in tree["containers"]} == {
        "db_mongo_1": "node1.example.com",
        "db_mongo_2": "node2.example.com",
        "db_mongo_3": "node1.example.com",
        "db_agent_1": "node1.example.com",
        "db_agent_2": "node2.example.com",
        "web_web_1": "node1.example.com",
    }


@pytest.mark.parametrize("hosts", [1, 2, 5])
def test_a_global_service_runs_on_every_host(db, hosts):
    answers = Environment([db], hosts=hosts).answers()
    agents = [one for one in answers.tree("latest")["containers"] if "agent" in one["name"]]
    addresses = [one["primary_ip"] for one in agents]
    assert addresses == [one["agent_ip"] for one in answers.tree("latest")["hosts"]]
    for agent in agents:
        seen = answers.tree("latest", agent["primary_ip"])["self"]
        assert (seen["container"]["name"], seen["host"]["agent_ip"]) == (
            agent["name"],
            agent["primary_ip"],
        )


def test_a_sidekick_of_a_global_service_may_be_called_global_too(make):
    label = "io.rancher.scheduler.global: 'true'"
    docker = (
        f"agent:\n  image: agent\n  labels: {{{label}, io.rancher.sidekicks: conf}}\n"
        f"conf:\n  image: conf\n  labels: {{{label}}}\n"
    )
    (stack,) = Environment([make("all", docker)], hosts=3).stacks
    assert len(stack.containers("agent")) == len(stack.containers("conf")) == 3


@pytest.mark.parametrize("hosts", [1, 3])
def test_what_was_lost_stays_lost(db, hosts):
    (stack,) = Environment([db.without("db_mongo_2")], hosts=hosts).stacks
    assert [one.name for one in stack.containers("mongo")] == ["db_mongo_1", "db_mongo_3"]
    lost = stack.without(f"db_agent_{hosts}")
    assert Environment([lost], hosts=hosts).stacks == (lost,)


def test_stacks_may_come_from_an_iterator(db, web):
    assert Environment(iter([db, web])) == Environment([db, web])


def test_what_is_no_stack_is_named(db):
    with pytest.raises(TypeError, match=r"^an environment has stacks, not a str$"):
        Environment([db, "web"])


def test_alone_or_in_an_environment(db):
    assert Environment([db]).answers() == db.answers()
    assert Environment([db]).version == db.version


def test_stacks_do_not_disturb_each_other(db, web):
    alone, together = db.answers(), Environment([db, web]).answers()
    for one in db.containers("mongo"):
        seen = [answers.tree("latest", one.address)["self"] for answers in (alone, together)]
        assert seen[0] == seen[1]


def test_equal_content_has_an_equal_version(db, web):
    version = Environment([db, web]).version
    assert Environment([db.scaled(mongo=3), web]).version == version
    others = [
        Environment([db.scaled(mongo=4), web]),
        Environment([db, web], hosts=2),
        Environment([db, web], name="Other"),
        Environment([db]),
    ]
    assert len({version, *(one.version for one in others)}) == 5


def test_no_address_twice(make):
    one = make("one", "web:\n  image: web\n", addresses={"one_web_1": "10.42.7.7"})
    two = make("two", "web:\n  image: web\n")
    clash = make("one", "web:\n  image: web\n", addresses={"one_web_1": two.members[0].address})
    assert Environment([one, two]).stacks == (one, two)
    moved = Environment([clash, two]).stacks[1]
    assert moved.members[0].address != two.members[0].address
    assert Environment([clash, two]).stacks[1] == moved


@pytest.mark.parametrize(
    ("stacks", "options", "message"),
    [
        (["web"], {}, "Failed to find stack: db"),
        (["db", "wrong"], {}, "Failed to find service db/nobody to link to"),
        (["db", "db"], {}, "two stacks are named db"),
        (["db", "DB"], {}, "two stacks are named DB"),
        (["db"], {"hosts": 0}, "an environment needs a host, not 0"),
        (["given", "given2"], {}, "two containers were given the address 10.42.7.7"),
    ],
)
def test_bad_environments(make, db, web, stacks, options, message):
    docker = "web:\n  image: web\n"
    known = {
        "db": lambda: db,
        "DB": lambda: make("DB", docker),
        "web": lambda: web,
        "wrong": lambda: make("wrong", f"{docker}  external_links:\n  - db/nobody\n"),
        "given": lambda: make("a", docker, addresses={"a_web_1": "10.42.7.7"}),
        "given2": lambda: make("b", docker, addresses={"b_web_1": "10.42.7.7"}),
    }
    with pytest.raises(ComposeError) as caught:
        Environment([known[name]() for name in stacks], **options)
    assert str(caught.value) == message
