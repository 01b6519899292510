"""Options of compose files: their values, and the errors for wrong ones."""

from __future__ import annotations

import pickle
import warnings

import pytest

from metadata_client import MetadataError, compose
from metadata_client.compose import ComposeError, Link, Port

WEB = "web:\n  image: web\n"
DB = "db:\n  image: db\n"


def only(stack):
    (service,) = stack.services
    return service


# -- Which files


def test_the_name_is_the_folder_s(load):
    assert load(WEB).name == "db"
    assert load(WEB, name="Other").name == "Other"


def test_a_file_and_the_one_beside_it(load, folder):
    stack = load(WEB, "web:\n  scale: 2\n")
    assert compose.load(folder / "docker-compose.yml") == stack
    assert compose.load(str(folder / "docker-compose.yml")) == stack
    assert compose.load([folder / "docker-compose.yml", folder / "rancher-compose.yml"]) == stack
    assert only(compose.load([folder / "docker-compose.yml"])).scale == 1


@pytest.mark.parametrize("names", [[], ["rancher-compose.yml"], ["a.yml", "b.yml"]])
def test_other_files(folder, names):
    with pytest.raises(ComposeError, match=r"wanted a docker-compose\.yml and"):
        compose.load([folder / name for name in names])


def test_no_file(folder):
    with pytest.raises(ComposeError) as caught:
        compose.load(folder)
    path = folder / "docker-compose.yml"
    assert str(caught.value) == f"{path}: open {path}: no such file or directory"
    assert isinstance(caught.value.__cause__, FileNotFoundError)
    assert isinstance(caught.value, MetadataError)


def test_not_text(folder):
    (folder / "docker-compose.yml").write_bytes(b"web:\n  image: \xff\n")
    with pytest.raises(ComposeError, match=r"docker-compose\.yml: yaml: invalid leading UTF-8"):
        compose.load(folder)


@pytest.mark.parametrize("text", ["", "# nothing\n", "version: '2'\n"])
def test_no_services(load, text):
    assert load(text).services == ()


@pytest.mark.parametrize("version", ["'2'", "2"])
def test_version_2(load, version):
    docker = f"version: {version}\nservices:\n  web:\n    image: web\n    network_mode: host\n"
    stack = load(docker, f"version: {version}\nservices:\n  web:\n    scale: 4\n")
    assert (only(stack).scale, only(stack).network) == (4, "host")


# -- Options


@pytest.mark.parametrize(
    ("written", "scale"),
    [("3", 3), ("'3'", 3), ("3.0", 3), ("010", 8), ("~", 1), ("0", 1), ("-2", 1), ("'+2'", 2)],
)
def test_scale(load, written, scale):
    assert only(load(WEB, f"web:\n  scale: {written}\n")).scale == scale


@pytest.mark.parametrize(
    ("written", "labels"),
    [
        pytest.param("{a: b, i: 1, t: yes, f: 1.0, e: ~}", "a=b i=1 t=true f=1 e=", id="a map"),
        pytest.param("[a=b, 'n = 1', e, 'x=y=z']", "a=b n=1 e= x=y=z", id="a list"),
        pytest.param("a=b", "a=b", id="one string"),
        pytest.param("~", "", id="nothing"),
    ],
)
def test_labels(load, written, labels):
    read = only(load(f"{WEB}  labels: {written}\n")).labels
    assert " ".join(f"{name}={value}" for name, value in read.items()) == labels


@pytest.mark.parametrize(
    ("written", "port"),
    [
        ("80", Port(80)),
        ("'80'", Port(80)),
        ("8080:80", Port(80, 8080)),
        ("22:22", Port(22, 22)),
        ("'8080:80/udp'", Port(80, 8080, protocol="udp")),
        ("80/tcp", Port(80, protocol="tcp")),
        ("192.168.1.1:8080:80", Port(80, 8080, "192.168.1.1")),
        ("192.168.1.1::80", Port(80, None, "192.168.1.1")),
    ],
)
def test_ports(load, written, port):
    assert only(load(f"{WEB}  ports:\n  - {written}\n")).ports == (port,)


def test_expose(load):
    stack = load(f"{WEB}  expose:\n  - 3306\n  - '53/udp'\n")
    assert only(stack).expose == ("3306/tcp", "53/udp")


def test_links(load):
    stack = load(
        f"{DB}{WEB}  links:\n  - db\n  - 'db: mysql'\n"
        "  external_links:\n  - other/cache\n  - other/cache:redis\n"
    )
    assert stack.services[1].links == (
        Link("db", "db"),
        Link("db", "mysql"),
        Link("other/cache", "cache"),
        Link("other/cache", "redis"),
    )


def test_health_check(load):
    stack = load(WEB, "web:\n  health_check:\n    port: 80\n    interval: 2000\n")
    assert only(stack).health_check == {"port": 80, "interval": 2000}
    assert [one.health_state for one in stack.containers("web")] == ["healthy"]


NUMBERS = [
    pytest.param("80", 80, id="as a number"),
    pytest.param("'80'", 80, id="in quotes"),
    pytest.param("$PORT", 80, id="from a variable"),
    pytest.param("'${PORT}80'", 8080, id="partly from a variable"),
    pytest.param("'-1'", -1, id="below zero"),
    pytest.param("80.0", 80, id="as a float"),
    pytest.param("~", None, id="not given"),
]


@pytest.mark.parametrize(("written", "number"), NUMBERS)
def test_numbers_of_a_health_check(load, written, number):
    names = [
        *("port", "interval", "response_timeout", "healthy_threshold", "unhealthy_threshold"),
        *("initializing_timeout", "reinitializing_timeout"),
    ]
    options = "".join(f"    {name}: {written}\n" for name in names)
    more = f"    strategy: $PORT\n    recreate_on_quorum_strategy_config: {{quorum: {written}}}\n"
    stack = load(WEB, f"web:\n  health_check:\n{options}{more}", env={"PORT": "80"})
    assert only(stack).health_check == {
        **dict.fromkeys(names, number),
        "strategy": "80",
        "recreate_on_quorum_strategy_config": {"quorum": number},
    }


@pytest.mark.parametrize(("written", "number"), NUMBERS)
def test_numbers_of_a_balancer(load, written, number):
    names = ["source_port", "target_port", "priority"]
    rule = ", ".join(f"{name}: {written}" for name in names)
    rancher = f"web:\n  lb_config:\n    port_rules:\n    - {{{rule}, path: $PORT}}\n"
    config = only(load(WEB, rancher, env={"PORT": "80"})).lb_config
    made = {name: config["port_rules"][0][name] for name in [*names, "path"]}
    assert made == {**dict.fromkeys(names, number), "path": "80"}


@pytest.mark.parametrize(
    "name", ["vxlan", "ipsec", "transparent", "mynet", "db", "service:db", "bridge", "default"]
)
@pytest.mark.parametrize("option", ["net", "network_mode"])
def test_any_text_but_a_container_is_the_name_of_a_network(load, option, name):
    stack = load(f"{DB}web:\n  image: web\n  {option}: '{name}'\n")
    db, web = stack.members
    assert stack.services[1].network == name
    assert web.network_from is None
    assert web.address not in (None, db.address)


def test_a_link_from_a_variable_names_it(load, folder):
    with (
        pytest.warns(compose.UnsetVariable),
        pytest.raises(ComposeError) as caught,
    ):
        load(f"{WEB}  links:\n  - $DATABASE:db\n")
    assert str(caught.value) == (
        f"{folder}/docker-compose.yml:4: Failed to find service  to link to (written $DATABASE:db)"
    )


def test_a_key_that_becomes_another_is_warned_of(load, folder):
    rancher = "web:\n  metadata:\n    on: 1\n    yes: 2\n    1: 3\n    1.0: 4\n    a: 5\n    a: 6\n"
    with pytest.warns(compose.UnquotedKey) as caught:
        stack = load(WEB, rancher)
    assert only(stack).metadata == {"true": 2, "1": 4, "a": 6}
    warned = [(warning.filename, warning.lineno, str(warning.message)) for warning in caught]
    path = f"{folder}/rancher-compose.yml"
    both = "both become true, and the later one counts; put them in quotes"
    assert [line for _, line, _ in warned] == [3, 4, 6]
    assert warned[1] == (path, 4, f"{path}:4: the keys on and yes {both}")
    again = pickle.loads(pickle.dumps(caught[1].message))
    assert (str(again), again.line) == (warned[1][2], 4)


STRAYS = [
    pytest.param(WEB, "wbe: {scale: 2}\n", "wbe", "; the nearest is web", id="misspelt"),
    pytest.param(WEB, "web: {scale: 2}\ndata:\n", "data", "", id="empty"),
    pytest.param(
        "version: '2'\nservices:\n  web: {image: x}\n",
        "version: '2'\nservices:\n  wbe: {scale: 2}\n",
        "wbe",
        "; the nearest is web",
        id="version 2",
    ),
    pytest.param("", "web: {scale: 2}\n", "", "", id="no services at all"),
    pytest.param(WEB, ".base: {scale: 2}\n.catalog: {}\ncatalog: {}\n", "", "", id="no service"),
]


@pytest.mark.parametrize(("docker", "rancher", "name", "near"), STRAYS)
def test_a_service_of_the_second_file_alone_is_warned_of(load, folder, docker, rancher, name, near):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        load(docker, rancher)
    line = len(rancher.splitlines())
    wanted = f"docker-compose.yml has no service {name}, so that this counts for nothing{near}"
    assert [str(one.message) for one in caught] == (
        [f"{folder}/rancher-compose.yml:{line}: {wanted}"] if name else []
    )
    assert {one.category for one in caught} <= {compose.StrayService}


def test_keys_of_unlike_types_stay_apart(load):
    rancher = "web:\n  metadata: {0: a, 1: b, 'x': c, false: d, true: e, 1.5: f}\n"
    keys = ["0", "1", "x", "false", "true", "1.5"]
    assert only(load(WEB, rancher)).metadata == dict(zip(keys, "abcdef", strict=True))


def test_an_option_that_stands_twice_is_no_service_that_does(load):
    (service,) = load("services:\n  image: a\n  image: b\n").services
    assert service.name == "services"


def test_an_anchor_may_be_defined_again(load):
    rancher = "web:\n  metadata:\n    a: &x {p: 1}\n    b: &x {p: 2}\n    c: *x\n"
    assert only(load(WEB, rancher)).metadata == {"a": {"p": 1}, "b": {"p": 2}, "c": {"p": 2}}


def test_a_place_is_found_where_an_anchor_is_defined_again(load, folder):
    docker = "a: &x\n  image: a\nb: &x\n  image: b\nc:\n  image: c\n  links: [nobody]\n"
    with pytest.raises(ComposeError, match=r"docker-compose\.yml:7: Failed to find service"):
        load(docker)


def test_metadata_that_is_mostly_aliases_is_refused(load):
    items = ["x", *(f"*a{level}" for level in range(8))]
    lines = (f"    a{n}: &a{n} [{','.join([item] * 9)}]\n" for n, item in enumerate(items))
    with pytest.raises(ComposeError, match=r"compose\.yml:6: .* contains excessive aliasing"):
        load(WEB, f"web:\n  metadata:\n{''.join(lines)}")


def test_files_without_faults_are_parsed_once(load, monkeypatch):
    def refuse(*_):
        raise AssertionError("looked for a position")

    monkeypatch.setattr("metadata_client.compose.source._root", refuse)
    assert only(load(f"{WEB}  ports: [80]\n", "web:\n  scale: 2\n")).scale == 2


@pytest.mark.parametrize(
    ("docker", "rancher", "kind"),
    [
        ("image: web", "scale: 2", "service"),
        ("build: .", "scale: 2", "service"),
        ("image: rancher/load-balancer-service", "scale: 2", "loadBalancerService"),
        ("image: rancher/load-balancer-service:v1", "scale: 2", "loadBalancerService"),
        (
            "image: rancher/lb-service-haproxy",
            "lb_config: {port_rules: [{source_port: 80, target_port: 80, service: web}]}",
            "loadBalancerService",
        ),
        ("image: rancher/dns-service", "scale: 2", "dnsService"),
        ("image: rancher/external-service", "external_ips: [203.0.113.7]", "externalService"),
        ("image: rancher/external-service", "hostname: db.example.com", "externalService"),
    ],
)
def test_kind(load, docker, rancher, kind):
    service = only(load(f"web:\n  {docker}\n", f"web:\n  {rancher}\n"))
    assert service.kind == kind


@pytest.mark.parametrize("kind", ["rancher/dns-service", "rancher/external-service"])
def test_kinds_without_containers(load, kind):
    assert load(f"web:\n  image: {kind}\n", "web:\n  scale: 3\n").containers() == ()


# -- Sidekicks


def test_sidekicks(load):
    stack = load(
        "main:\n  image: m\n  labels:\n    io.rancher.sidekicks: conf, data\n"
        "conf:\n  image: c\n  net: 'container:main'\ndata:\n  image: d\n  net: none\n"
    )
    assert [one.name for one in stack.members] == [
        "db_main_1",
        "db_main_conf_1",
        "db_main_data_1",
    ]
    main, conf, data = stack.members
    assert conf.address == main.address is not None
    assert (conf.network_from, data.address) == (main.uuid, None)


def test_a_primary_may_share_the_network_of_its_sidekick(load):
    stack = load(
        "a:\n  image: a\n  net: container:b\n  labels: {io.rancher.sidekicks: 'b,c'}\n"
        "b:\n  image: b\nc:\n  image: c\n  net: container:a\n"
    )
    a, b, c = stack.members
    assert a.address == b.address == c.address
    assert (a.network_from, b.network_from, c.network_from) == (b.uuid, None, a.uuid)


def test_one_sidekick_of_two_primaries(load):
    both = "labels: {io.rancher.sidekicks: conf}\n"
    stack = load(f"a:\n  image: a\n  {both}b:\n  image: b\n  {both}conf:\n  image: c\n")
    assert [one.name for one in stack.containers("conf")] == ["db_a_conf_1", "db_b_conf_1"]
    assert [one.name for one in stack.scaled(a=2).containers("conf")] == [
        "db_a_conf_1",
        "db_a_conf_2",
        "db_b_conf_1",
    ]
