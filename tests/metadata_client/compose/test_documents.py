"""The documents of each version, by the table of the metadata specification."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

# The fields in the answers that the real service (v0.7.4) was recorded with.
FIELDS = json.loads(Path(__file__).with_name("data").joinpath("fields.json").read_text("utf-8"))
VERSIONS = ("2015-07-25", "2015-12-19", "2016-07-29")

DOCKER = """\
Galera:
  image: galera
  labels:
    io.rancher.sidekicks: Conf,data
    app: db
  ports:
  - 3306:3307
  - 192.168.1.9:81:80/udp
  - 9000
  links:
  - LB:front
  external_links:
  - Other/Cache
Conf:
  image: conf
  net: container:Galera
data:
  image: data
  net: none
LB:
  image: rancher/load-balancer-service
  ports:
  - 80:8080
  links:
  - Galera
agent:
  image: agent
  net: host
  hostname: chosen
outside:
  image: rancher/external-service
"""
RANCHER = """\
Galera:
  scale: 2
  metadata:
    MixedCase: kept
Conf:
  metadata:
    own: ignored
outside:
  external_ips:
  - 203.0.113.7
"""


@pytest.fixture
def stack(load):
    addresses = {"DB_Galera_1": "10.42.0.1", "DB_Galera_2": "10.42.0.2", "DB_LB_1": "10.42.0.3"}
    return load(DOCKER, RANCHER, name="DB", addresses=addresses)


@pytest.fixture
def answers(stack):
    return stack.answers()


def service(answers, version, name):
    services = answers.tree(version)["services"]
    return next(one for one in services if one["name"].lower() == name.lower())


def container(answers, version, name):
    containers = answers.tree(version)["containers"]
    return next(one for one in containers if one["name"].lower() == name.lower())


def test_versions(answers):
    assert list(answers) == [*VERSIONS, "latest"]
    assert answers["latest"] == answers["2016-07-29"]


@pytest.mark.parametrize("version", VERSIONS)
def test_fields(answers, version):
    tree = answers.tree(version)
    assert sorted(tree) == FIELDS[version]["root"]
    assert sorted(answers.tree(version, "10.42.0.1")["self"]) == FIELDS[version]["self"]
    for kind in ("containers", "services", "stacks", "hosts", "networks"):
        assert all(sorted(one) == FIELDS[version][kind] for one in tree[kind])


@pytest.mark.parametrize("version", VERSIONS)
def test_json(answers, version):
    # Trees share parts; JSON has no cycles and no type of ours.
    tree = {address: dict(one) for address, one in answers[version].items()}
    assert json.loads(json.dumps(tree)) == tree


@pytest.mark.parametrize("version", VERSIONS)
def test_who_is_self(answers, version):
    assert sorted(answers[version]) == [
        "10.42.0.1",
        "10.42.0.2",
        "10.42.0.3",
        "192.168.0.11",
        "default",
    ]
    names = {
        address: tree["self"]["container"]["name"].lower()
        for address, tree in answers[version].items()
        if address != "default"
    }
    assert names == {
        "10.42.0.1": "db_galera_1",
        "10.42.0.2": "db_galera_2",
        "10.42.0.3": "db_lb_1",
        "192.168.0.11": "db_agent_1",
    }
    assert list(answers[version]["default"]["self"]) == ["host"]


def test_lists_of_names_in_the_first_version(answers):
    assert service(answers, "2015-07-25", "galera")["containers"] == ["DB_Galera_1", "DB_Galera_2"]
    (stack,) = answers.tree("2015-07-25")["stacks"]
    assert stack["services"] == ["Galera", "Conf", "data", "LB", "agent", "outside"]


@pytest.mark.parametrize("version", VERSIONS[1:])
def test_lists_of_documents_in_the_others(answers, version):
    tree = answers.tree(version)
    (stack,) = tree["stacks"]
    assert stack["services"] == tree["services"]
    listed = [one for each in tree["services"] for one in each["containers"]]
    assert listed == tree["containers"]


@pytest.mark.parametrize(
    ("version", "spelled"), [(VERSIONS[0], str), (VERSIONS[1], str), (VERSIONS[2], str.lower)]
)
def test_names_are_lower_case_in_the_last_version(answers, version, spelled):
    tree = answers.tree(version, "10.42.0.1")["self"]
    own, me = tree["service"], tree["container"]
    assert [me["name"], me["service_name"], me["stack_name"]] == [
        spelled("DB_Galera_1"),
        spelled("Galera"),
        spelled("DB"),
    ]
    assert (own["name"], own["primary_service_name"]) == (spelled("Galera"), spelled("Galera"))
    assert (own["stack_name"], tree["stack"]["name"]) == (spelled("DB"), spelled("DB"))
    assert own["sidekicks"] == [spelled("Conf"), "data"]
    assert own["links"] == {spelled("DB/LB"): "front", spelled("Other/Cache"): "Cache"}
    assert own["metadata"] == {"MixedCase": "kept"}
    assert tree["stack"]["environment_name"] == "Default"


def test_names_of_the_environment_are_always_lower_case(answers):
    assert [answers.tree(version)["name"] for version in VERSIONS] == ["default"] * 3


@pytest.mark.parametrize(
    ("version", "any_ip"),
    [(VERSIONS[0], "192.168.0.11"), (VERSIONS[1], "192.168.0.11"), (VERSIONS[2], "0.0.0.0")],
)
def test_published_ports(answers, version, any_ip):
    ports = container(answers, version, "db_galera_1")["ports"]
    assert ports[:2] == [f"{any_ip}:3306:3307/tcp", "192.168.1.9:81:80/udp"]
    assert re.fullmatch(rf"{re.escape(any_ip)}:\d{{5}}:9000/tcp", ports[2])
    assert service(answers, version, "galera")["ports"] == [
        "3306:3307/tcp",
        "192.168.1.9:81:80/udp",
        "9000/tcp",
    ]


def test_hosts_lose_their_number(answers):
    numbers = [answers.tree(version)["hosts"][0].get("hostId") for version in VERSIONS]
    assert numbers == [1, 1, None]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_sidekick_is_a_service_of_its_own(answers, version):
    primary, sidekick = (service(answers, version, name) for name in ("galera", "conf"))
    for field in ("uuid", "metadata", "sidekicks", "scale", "primary_service_name"):
        assert sidekick[field] == primary[field]
    assert len(sidekick["containers"]) == 2
    assert service(answers, version, "lb")["uuid"] != primary["uuid"]


def test_networks(answers):
    shared = container(answers, "latest", "db_galera_conf_1")
    owner = container(answers, "latest", "db_galera_1")
    none = container(answers, "latest", "db_galera_data_1")
    host = container(answers, "latest", "db_agent_1")
    assert shared["network_from_container_uuid"] == owner["uuid"]
    assert shared["primary_ip"] == owner["primary_ip"] == "10.42.0.1"
    assert (none["primary_ip"], none["ips"], none["network_uuid"]) == (None, [], None)
    assert (host["primary_ip"], host["ips"]) == ("192.168.0.11", ["192.168.0.11"])


def test_types(answers):
    me = container(answers, "latest", "db_galera_2")
    assert (me["create_index"], me["service_index"], me["start_count"]) == (2, "2", 1)


def test_hostnames(stack, load):
    by_name = {one["name"]: one["hostname"] for one in stack.answers().tree("latest")["containers"]}
    assert re.fullmatch(r"[0-9a-f]{12}", by_name["db_galera_1"])
    assert by_name["db_agent_1"] == "chosen"
    override = "web:\n  labels:\n    io.rancher.container.hostname_override: container_name\n"
    tree = load(override, "", name="DB").answers().tree("latest")
    assert tree["containers"][0]["hostname"] == "DB_web_1"


def test_labels(answers):
    assert service(answers, "latest", "galera")["labels"]["app"] == "db"
    labels = container(answers, "latest", "db_galera_conf_1")["labels"]
    assert labels["io.rancher.stack_service.name"] == "DB/Galera/Conf"
    labels = container(answers, "latest", "db_galera_1")["labels"]
    assert (labels["app"], labels["io.rancher.stack_service.name"]) == ("db", "DB/Galera")
    assert labels["io.rancher.container.ip"] == "10.42.0.1/16"


def test_only_its_own_service_sees_a_token(answers):
    assert service(answers, "latest", "galera")["token"] is None
    own = answers.tree("latest", "10.42.0.1")["self"]["service"]
    other = answers.tree("latest", "10.42.0.3")["self"]["service"]
    assert own["token"]
    assert own["token"] != other["token"]


def test_a_service_without_anything(load):
    stack = load("web:\n  image: rancher/dns-service\n")
    for version in VERSIONS:
        one = service(stack.answers(), version, "web")
        assert [one[field] for field in ("containers", "links", "metadata", "labels")] == [
            [],
            {},
            {},
            {},
        ]


def test_external_service(answers):
    one = service(answers, "latest", "outside")
    assert (one["kind"], one["external_ips"]) == ("externalService", ["203.0.113.7"])


def test_version_is_in_every_tree(stack, answers):
    assert {answers.tree(version)["version"] for version in answers} == {stack.version}


# -- Load balancers


def rules(load, options, rancher=None):
    stack = load(f"web:\n  image: w\nLB:\n  image: rancher/{options}", rancher, name="DB")
    shown = service(stack.answers(), "latest", "lb")
    keys = ("source_port", "target_port", "protocol", "service", "hostname", "path")
    return [tuple(one[key] for key in keys) for one in shown["lb_config"]["port_rules"]], shown


@pytest.mark.parametrize(
    ("label", "rule"),
    [
        ("", (80, 8080, "http", "DB/web", None, None)),
        ("81", (80, 81, "http", "DB/web", None, None)),
        ("example.com", (80, 8080, "http", "DB/web", "example.com", None)),
        ("example.com=81", (80, 81, "http", "DB/web", "example.com", None)),
        ("example.com:80", (80, 8080, "http", "DB/web", "example.com", None)),
        ("example.com:80/app=81", (80, 81, "http", "DB/web", "example.com", "/app")),
        ("example.com/app", (80, 8080, "http", "DB/web", "example.com", "/app")),
        ("/app=81", (80, 81, "http", "DB/web", None, "/app")),
        ("80/app", (80, 8080, "http", "DB/web", None, "/app")),
        ("443/app", (80, 8080, "http", "DB/web", None, None)),
        (f"example.com:{'9' * 5000}", (80, 8080, "http", "DB/web", None, None)),
        ("/app:1234567", (80, 8080, "http", "DB/web", None, "/app:1234567")),
        (f"/app={'9' * 5000}", (80, 8080, "http", "DB/web", None, None)),
        ("443/other, example.com", (80, 8080, "http", "DB/web", "example.com", None)),
    ],
)
def test_rules_from_links(load, label, rule):
    options = "load-balancer-service\n  ports:\n  - 80:8080\n  links:\n  - web\n"
    if label:
        options += f"  labels:\n    io.rancher.loadbalancer.target.web: '{label}'\n"
    found, shown = rules(load, options)
    assert found == [rule]
    # rancher-compose removes the labels that are for the balancer only.
    assert (shown["ports"], shown["labels"], shown["expose"]) == (["80:80/tcp"], {}, [])


def test_rules_of_several_ports(load):
    found, shown = rules(
        load,
        "load-balancer-service\n  ports:\n  - 443:80\n  - 53\n  expose:\n  - 3306:3307/tcp\n"
        "  links:\n  - web\n  labels:\n    io.rancher.loadbalancer.ssl.ports: '443'\n",
    )
    assert [rule[:3] for rule in found] == [
        (443, 80, "https"),
        (53, 53, "http"),
        (3306, 3307, "tcp"),
    ]
    assert shown["ports"] == ["443:443/tcp", "53:53/tcp"]


def test_rules_from_lb_config(load):
    rancher = (
        "LB:\n  lb_config:\n    config: 'global maxconn 10'\n    port_rules:\n"
        "    - {source_port: 80, target_port: 8080, service: web, path: /app}\n"
        "    - {source_port: 81, selector: 'a=b', backend_name: b}\n"
    )
    found, shown = rules(load, "lb-service-haproxy\n  ports:\n  - 80\n", rancher)
    assert found == [
        (80, 8080, "http", "DB/web", None, "/app"),
        (81, None, "http", None, None, None),
    ]
    assert (shown["lb_config"]["config"], shown["kind"]) == (
        "global maxconn 10",
        "loadBalancerService",
    )
