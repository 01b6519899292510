"""The named getters, and the names of rancher-dns, over a real service with recorded answers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from metadata_client import (
    Answers,
    MetadataClient,
    MetadataServer,
    NameNotFound,
    NotFound,
    Snapshot,
    resolve,
)
from metadata_client.client import records

DATA = Path(__file__).parents[1] / "data"
VERSIONS = ["2015-07-25", "2015-12-19", "2016-07-29", "latest"]
GALERA_1 = "10.42.10.1"


@pytest.fixture(scope="module")
def server() -> Iterator[MetadataServer]:
    with MetadataServer(Answers.load(DATA / "answers.yaml"), xff=True) as running:
        yield running


@pytest.fixture(params=VERSIONS)
def client(server: MetadataServer, request: pytest.FixtureRequest) -> Iterator[MetadataClient]:
    with MetadataClient(server.url, request.param, ip=GALERA_1) as made:
        yield made


def test_self(client: MetadataClient) -> None:
    container = client.self_container()
    assert container["name"].lower() == "galera-galera-1"
    assert (container["primary_ip"], container["create_index"]) == (GALERA_1, 1)
    assert container["health_check"] == {}  # the service says null
    assert client.self_host()["name"] == "node1.example.com"
    assert client.self_stack()["name"].lower() == "galera"
    service = client.self_service()
    assert service["name"] == "galera"
    assert service["lb_config"] == {}
    assert [member["name"].lower() for member in service["containers"]] == [
        "galera-galera-1",
        "galera-galera-2",
        "galera-galera-3",
    ]


def test_lists(client: MetadataClient) -> None:
    containers = client.containers()
    assert [c["create_index"] for c in containers] == sorted(c["create_index"] for c in containers)
    assert {stack["name"].lower() for stack in client.stacks()} == {"galera", "webapp"}
    assert [host["name"] for host in client.hosts()] == [
        f"node{number}.example.com" for number in (1, 2, 3)
    ]
    assert "galera-conf" in [service["name"] for service in client.services()]
    assert client.stack_by_name(client.self_stack()["name"])["services"]
    assert isinstance(client.networks(), list)


def test_host(client: MetadataClient) -> None:
    host = client.hosts()[1]
    assert client.host(host["uuid"]) == host
    with pytest.raises(NotFound, match="/hosts/nope: 404"):
        client.host("nope")


@pytest.mark.parametrize("stack", ["Galera", "galera"])
def test_service_containers(client: MetadataClient, stack: str) -> None:
    members = client.service_containers("galera", stack)
    assert [member["primary_ip"] for member in members] == [f"10.42.10.{n}" for n in (1, 2, 3)]
    assert client.service_containers("galera", "webapp") == []


def test_self_service_by_name(server: MetadataServer) -> None:
    with MetadataClient(server.url, "2015-12-19", ip=GALERA_1) as client:
        assert client.self_service_by_name("galera-conf")["primary_service_name"] == "galera"


def test_nothing_becomes_an_empty_record() -> None:
    service = records.service(None)
    assert (service["name"], service["labels"], service["vip"]) == ("", {}, None)
    assert records.ordered(records.host, None) == []


def test_what_we_do_not_know_is_kept() -> None:
    made: Any = records.host({"name": "n", "labels": None, "new": 1, "newer": None})
    assert (made["labels"], made["new"], made["newer"]) == ({}, 1, None)


def test_order_is_by_age() -> None:
    rows = [{"name": "b", "create_index": 2}, {"name": "c"}, {"name": "a", "create_index": 2}]
    assert [row["name"] for row in records.ordered(records.container, rows)] == ["c", "a", "b"]


def test_records_share_nothing() -> None:
    one, two = records.container({}), records.container({})
    one["ips"].append("10.0.0.1")
    assert two["ips"] == []


# -- Names

GALERA = ["10.42.10.1", "10.42.10.2", "10.42.10.3"]

RECORDED: list[Any] = [
    pytest.param("galera", GALERA, id="service of the own stack"),
    pytest.param("Galera.Galera.", GALERA, id="service and stack, any case"),
    pytest.param("galera.galera.rancher.internal", GALERA, id="whole name"),
    pytest.param("galera-galera-2", GALERA[1:2], id="container"),
    pytest.param("rancher-metadata", ["169.254.169.250"], id="the service itself"),
]


@pytest.mark.parametrize(("name", "addresses"), RECORDED)
def test_recorded_names(client: MetadataClient, name: str, addresses: list[str]) -> None:
    assert client.resolve(name) == addresses


def test_service_of_another_stack_needs_its_stack(client: MetadataClient) -> None:
    with pytest.raises(NameNotFound, match=r"^mongo: no service, container or link"):
        client.resolve("mongo")
    assert client.resolve("mongo.webapp")


def container(name: str, service: str, address: str | None, **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "uuid": f"uuid-{name}",
        "service_name": service,
        "stack_name": "shop",
        "primary_ip": address,
        "state": "running",
        **more,
    }


TREE: dict[str, Any] = {
    "version": "1",
    "self": {
        "stack": {"name": "Shop"},
        "container": {"name": "web_1", "links": {"mysql": "uuid-db_1"}},
        "service": {"name": "web", "links": {"shop/db": "database", "shop/loop": None}},
    },
    "services": [
        {"name": "db", "stack_name": "shop"},
        {"name": "backup", "stack_name": "shop", "primary_service_name": "db"},
        {"name": "vip", "stack_name": "shop", "vip": "10.43.0.1"},
        {
            "name": "ext",
            "stack_name": "shop",
            "kind": "externalService",
            "external_ips": ["8.8.8.8"],
        },
        {
            "name": "cname",
            "stack_name": "shop",
            "kind": "externalService",
            "hostname": "example.com",
        },
        {
            "name": "alias",
            "stack_name": "shop",
            "kind": "dnsService",
            "links": {"shop/db": None, "shop/ext": None},
        },
        {"name": "loop", "stack_name": "shop", "kind": "dnsService", "links": {"shop/loop": None}},
        {"name": "empty", "stack_name": "shop"},
    ],
    "containers": [
        container("db_1", "db", "10.42.0.1", health_state="healthy"),
        container("db_2", "db", "10.42.0.2", health_state="unhealthy"),
        container("db_3", "db", "10.42.0.3", state="stopped"),
        container("db_4", "db", "10.42.0.4"),
        container("backup_1", "backup", None, network_from_container_uuid="uuid-db_1"),
    ],
}

NAMES: list[Any] = [
    pytest.param("db", ["10.42.0.1", "10.42.0.4"], id="running and not unhealthy"),
    pytest.param("database", ["10.42.0.1", "10.42.0.4"], id="alias of a service link"),
    pytest.param("mysql", ["10.42.0.1"], id="alias of a container link"),
    pytest.param("backup.db", ["10.42.0.1"], id="sidekick of a primary"),
    pytest.param("backup.db.shop", ["10.42.0.1"], id="sidekick with the stack"),
    pytest.param("backup", ["10.42.0.1"], id="sidekick"),
    pytest.param("vip", ["10.43.0.1"], id="virtual address"),
    pytest.param("ext", ["8.8.8.8"], id="external"),
    pytest.param("cname", ["example.com"], id="external host name"),
    pytest.param("alias", ["10.42.0.1", "10.42.0.4", "8.8.8.8"], id="dns service"),
    pytest.param("db_4", ["10.42.0.4"], id="container"),
]


@pytest.mark.parametrize(("name", "addresses"), NAMES)
def test_names(name: str, addresses: list[str]) -> None:
    assert resolve(Snapshot("1", ("/",), {(): TREE}), name) == addresses


@pytest.mark.parametrize("name", ["nope", "loop", "empty", "db_2", "db_3", "db.nope", ""])
def test_names_without_an_address(name: str) -> None:
    with pytest.raises(NameNotFound):
        resolve(Snapshot("1", ("/",), {(): TREE}), name)


def test_resolving_needs_the_whole_tree() -> None:
    with pytest.raises(LookupError, match="not part of this snapshot"):
        resolve(Snapshot("1", ("/hosts",), {("hosts",): []}), "db")
