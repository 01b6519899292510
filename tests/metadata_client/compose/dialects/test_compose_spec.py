"""Today's compose files as simulated stacks: variables, long forms, several files, profiles."""

from __future__ import annotations

import re
import warnings
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metadata_client import compose
from metadata_client.compose import ComposeError, IgnoredOption, Link, Port, UnsetVariable
from metadata_client.compose.dialects.merging import merged
from metadata_client.compose.dialects.variables import Variables
from metadata_client.compose.source import Document, Place


@pytest.fixture
def load(folder: Path) -> Any:
    """Load the services of one file, or of several by their names, by name."""

    def loading(*texts: str, **options: Any) -> dict[str, compose.Service]:
        files = [folder / f"{number}.yaml" for number in range(len(texts))]
        for file, text in zip(files, texts, strict=True):
            file.write_text(text, "utf-8")
        stack = compose.load(files, dialect="compose-spec", **options)
        return {one.name: one for one in stack.services}

    return loading


def service(options: str) -> str:
    return f"services:\n  web: {{image: web, {options}}}\n"


# -- Which files


def test_a_folder_with_the_file_that_refines_it(folder: Path) -> None:
    (folder / "compose.yaml").write_text("name: shop\nservices: {web: {image: a}}\n")
    assert compose.load(folder, dialect="compose-spec").name == "shop"
    (folder / "compose.override.yml").write_text("services: {web: {scale: 2}, db: {}}\n")
    stack = compose.load(folder, dialect="compose-spec", scale={"db": 3})
    assert [one.name for one in stack.containers()] == [
        *("shop_web_1", "shop_web_2", "shop_db_1", "shop_db_2", "shop_db_3"),
    ]
    assert compose.load(folder, dialect="compose-spec", name="mine").name == "mine"


def test_a_version_is_of_no_account(load) -> None:
    assert list(load("version: '3.8'\nservices: {web: {}}\n")) == ["web"]


@pytest.mark.parametrize(
    ("file", "text", "reason"),
    [
        (
            "docker-compose.yml",
            "version: '3.8'\nservices: {web: {}}\n",
            r"docker-compose\.yml:1: .*; rancher-compose reads version '2', and files .*",
        ),
        (
            "docker-compose.yml",
            "\nservices: {web: {image: x}}\n",
            r"docker-compose\.yml:2: `services` needs `version: '2'` beside it",
        ),
        (
            "compose.yaml",
            "services: {web: {}}\n",
            r"compose\.yaml: rancher-compose reads docker-compose\.yml",
        ),
    ],
)
def test_without_the_dialect_such_a_file_is_refused(
    folder: Path, file: str, text: str, reason: str
) -> None:
    (folder / file).write_text(text)
    asked = "; the dialect compose-spec reads files of today's Docker Compose$"
    with pytest.raises(ComposeError, match=f"{reason}{asked}"):
        compose.load(folder)
    assert compose.load(folder, dialect="compose-spec").name == "db"


def test_files_of_either_dialect_are_followed(folder: Path) -> None:
    names = [one.name for one in compose.files_of(folder)]
    assert len(names) == len({*names})
    assert {"compose.yaml", "compose.override.yml", "docker-compose.override.yml"} <= {*names}


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"dialect": "swarm"}, "there is no dialect swarm; there are rancher, compose-spec"),
        ({"dialect": "compose-spec", "answers": {}}, "answers and version are for entries"),
    ],
)
def test_other_dialects_and_choices(folder: Path, options: dict[str, Any], reason: str) -> None:
    with pytest.raises(ComposeError, match=reason):
        compose.load(folder, **options)


# -- Variables


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("${SET:-b}", "one"),
        ("${UNSET:-b}", "b"),
        ("${EMPTY:-b}", "b"),
        ("${EMPTY-b}", ""),
        ("${UNSET-b}", "b"),
        ("${SET:+b}", "b"),
        ("${UNSET:+b}", ""),
        ("${EMPTY:+b}", ""),
        ("${EMPTY+b}", "b"),
        ("${SET:?no}", "one"),
        ("${EMPTY?no}", ""),
        ("$SET-${SET}", "one-one"),
        ("$$SET", "$SET"),
        ("${UNSET:-${SET}}", "one"),
        ("${UNSET:-${OTHER:-x}}y", "xy"),
        ("a${UNSET:-}b", "ab"),
        ("${UNSET:-$SET}", "one"),
    ],
)
def test_a_variable(load, written: str, read: str) -> None:
    env = {"SET": "one", "EMPTY": ""}
    assert load(service(f"labels: {{a: '{written}'}}"), env=env)["web"].labels == {"a": read}


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("${UNSET:?give it}", "required variable UNSET is missing a value: give it"),
        ("${EMPTY:?}", "required variable EMPTY is missing a value: it must be set"),
        ("${", 'invalid interpolation format: "${"; write $$ for a dollar sign'),
        ("${1}", 'invalid interpolation format: "${1}"; write $$ for a dollar sign'),
        ("${a b}", 'invalid interpolation format: "${a b}"; write $$ for a dollar sign'),
        ("$", 'invalid interpolation format: "$"; write $$ for a dollar sign'),
    ],
)
def test_a_bad_variable(load, folder: Path, written: str, reason: str) -> None:
    with pytest.raises(ComposeError) as caught:
        load(service(f"labels: {{a: '{written}'}}"), env={"EMPTY": ""})
    assert str(caught.value) == f"{folder}/0.yaml:2: {reason}"


def test_an_unset_variable_is_warned_of(load) -> None:
    with pytest.warns(UnsetVariable, match=r"0\.yaml:2: The HOST variable is not set"):
        assert load(service("hostname: '${HOST}'"))["web"].hostname == ""


def test_words_of_yaml_1_1_are_texts(load) -> None:
    assert load(service("labels: {a: on, b: no, c: true, on: x}"))["web"].labels == {
        "a": "on",
        "b": "no",
        "c": "true",
        "on": "x",
    }


# -- Options


@pytest.mark.parametrize(
    ("written", "ports"),
    [
        ("3000", [Port(3000)]),
        ("'8000:80'", [Port(80, 8000)]),
        ("'127.0.0.1:8001:81'", [Port(81, 8001, "127.0.0.1")]),
        ("'127.0.0.1::81'", [Port(81, None, "127.0.0.1")]),
        ("'[::1]:8001:81/udp'", [Port(81, 8001, "::1", "udp")]),
        ("'3000-3001'", [Port(3000), Port(3001)]),
        ("'9090-9091:80-81/tcp'", [Port(80, 9090, "", "tcp"), Port(81, 9091, "", "tcp")]),
        ("'9090-9099:80'", [Port(80)]),
        ("{target: 80}", [Port(80)]),
        (
            "{target: 80, published: '8080', protocol: tcp, host_ip: 127.0.0.1, mode: host}",
            [Port(80, 8080, "127.0.0.1", "tcp")],
        ),
    ],
)
def test_ports(load, written: str, ports: list[Port]) -> None:
    assert load(service(f"ports: [{written}]"))["web"].ports == tuple(ports)


@pytest.mark.parametrize("written", ["x", "'70000'", "'1-2:3-5'", "{published: 1}", "'1:2/sctp'"])
def test_bad_ports(load, written: str) -> None:
    with pytest.raises(ComposeError, match=r"0\.yaml:2: (invalid port|a port needs a target)"):
        load(service(f"ports: [{written}]"))


@pytest.mark.parametrize(
    ("options", "scale", "everywhere"),
    [
        ("scale: 3", 3, False),
        ("deploy: {replicas: 0}", 0, False),
        ("deploy: {mode: global}", 1, True),
        ("deploy: {replicas: '${N:-4}'}", 4, False),
    ],
)
def test_scales(load, options: str, scale: int, everywhere: bool) -> None:
    web = load(service(options))["web"]
    assert (web.scale, web.everywhere) == (scale, everywhere)


def test_labels_in_both_forms(load) -> None:
    labels = load(service("labels: ['a=b=c', d], deploy: {labels: {e: 1}}"))["web"].labels
    assert labels == {"a": "b=c", "d": "", "e": "1"}


def test_links(load) -> None:
    text = "services: {web: {links: ['db:mysql', db]}, db: {}}\n"
    assert load(text)["web"].links == (Link("db", "mysql"), Link("db", "db"))
    with pytest.raises(ComposeError, match="there is no service nope to link to"):
        load(service("links: [nope]"))


def test_a_health_check(load) -> None:
    text = service(
        "healthcheck: {test: x, interval: 1m30s, timeout: 10s, retries: 3, start_period: 500ms}"
    )
    assert load(text)["web"].health_check == {
        "interval": 90_000,
        "response_timeout": 10_000,
        "initializing_timeout": 500,
        "healthy_threshold": 1,
        "unhealthy_threshold": 3,
    }
    for off in ("{disable: true}", "{test: [NONE]}"):
        assert load(service(f"healthcheck: {off}"))["web"].health_check is None
    with pytest.raises(ComposeError, match="invalid duration: soon"):
        load(service("healthcheck: {interval: soon}"))


def test_a_shared_network_makes_a_sidekick(folder: Path) -> None:
    text = "services: {web: {scale: 2}, side: {network_mode: 'service:web'}}\n"
    (folder / "compose.yaml").write_text(text)
    stack = compose.load(folder, dialect="compose-spec")
    assert [one.name for one in stack.containers("side")] == ["db_web_side_1", "db_web_side_2"]
    web, side = stack.containers("web")[0], stack.containers("side")[0]
    assert (side.address, side.network_from) == (web.address, web.uuid)


@pytest.mark.parametrize(
    ("services", "reason"),
    [
        ("{a: {network_mode: 'service:b'}}", "there is no service b to share with"),
        (
            "{a: {network_mode: 'service:b'}, b: {network_mode: 'service:a'}}",
            "a shares the network of b shares the network of a",
        ),
        ("[a]", "services must be a map"),
        ("{a: [b]}", "services.a must be a map"),
        ("{a: {deploy: 3}}", "deploy must be a map"),
        ("{a: {scale: -1}}", "the scale is below 0: -1"),
        ("{a: {extends: b}}", "there is no service b to extend"),
        ("{a: {extends: a}}", "a extends itself"),
        ("{a: {extends: b}, b: {extends: a}}", "extends itself"),
    ],
)
def test_what_is_wrong(load, services: str, reason: str) -> None:
    with pytest.raises(ComposeError, match=reason):
        load(f"services: {services}\n")


def test_metadata_for_templates(load) -> None:
    text = service("x-metadata: {port: 80, 'on': [yes, 1.5]}")
    assert load(text)["web"].metadata == {"port": 80, "on": ["yes", 1.5]}


# -- Several files, profiles, services that extend others


def test_files_are_merged(load) -> None:
    web = load(
        "services: {web: {ports: ['80:80'], labels: {a: 1, b: 2}, scale: 2, hostname: x}}\n",
        "services: {web: {ports: ['443:443', '80:80'], labels: ['b=3'], scale: 4}}\n",
        "services: {web: {hostname: }}\n",
    )["web"]
    assert web.ports == (Port(80, 80), Port(443, 443))
    assert (web.labels, web.scale, web.hostname) == ({"a": "1", "b": "3"}, 4, "x")


@pytest.mark.parametrize(
    ("profiles", "names"),
    [
        ((), ["web"]),
        (("debug",), ["web", "tool"]),
        (("*",), ["web", "tool", "test"]),
        (("other",), ["web"]),
    ],
)
def test_profiles(load, profiles: tuple[str, ...], names: list[str]) -> None:
    text = "services: {web: {}, tool: {profiles: [debug]}, test: {profiles: [ci, all]}}\n"
    assert list(load(text, profiles=profiles)) == names


def test_a_service_extends_another(load, folder: Path) -> None:
    (folder / "base.yaml").write_text(
        "services: {base: {labels: {a: 1}, extends: {service: root}}, root: {hostname: h}}\n"
    )
    text = "services: {web: {extends: {file: base.yaml, service: base}, labels: {b: 2}}}\n"
    web = load(text)["web"]
    assert (web.labels, web.hostname) == ({"a": "1", "b": "2"}, "h")


def test_anchors_and_merge_keys(load) -> None:
    text = (
        "x-base: &base {labels: {a: 1}, scale: 2}\n"
        "services:\n  web:\n    <<: *base\n    hostname: h\n"
    )
    web = load(text)["web"]
    assert (web.labels, web.scale, web.hostname) == ({"a": "1"}, 2, "h")


# -- What has no meaning


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        (service("container_name: x"), 2, "container_name has no meaning in a simulated stack"),
        (
            service("deploy: {placement: {}}"),
            2,
            "deploy.placement has no meaning in a simulated stack",
        ),
        (service("networks: [back]"), 2, "the network back has no meaning: the services of a"),
        (service("network_mode: x"), 2, "network_mode: x has no meaning in a simulated stack"),
        (service("external_links: [x]"), 2, "a container beside the stack has no meaning here"),
        ("include: [a.yaml]\n", 1, "include has no meaning in a simulated stack"),
    ],
)
def test_what_has_no_meaning_is_warned_of(
    load, folder: Path, text: str, line: int, reason: str
) -> None:
    with pytest.warns(IgnoredOption) as caught:
        load(text)
    assert [str(one.message).startswith(f"{folder}/0.yaml:{line}: {reason}") for one in caught] == [
        True
    ]


def test_what_is_inside_a_container_is_not_warned_of(load) -> None:
    text = (
        "services:\n  web:\n    build: {context: .}\n    environment: {A: b}\n"
        "    volumes: [{type: volume, source: data, target: /data}]\n    depends_on: {db: {}}\n"
        "    secrets: [{source: key}]\n    networks: [default]\n    x-own: 1\n  db: {}\n"
        "volumes: {data: {}}\nnetworks: {default: {}}\nsecrets: {key: {file: k}}\nx-own: 1\n"
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert list(load(text)) == ["web", "db"]


# -- Laws

VALUES = st.recursive(
    st.none() | st.integers() | st.text("ab="),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab"), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.text("ab"), VALUES), st.dictionaries(st.text("ab"), VALUES))
def test_a_later_file_wins_and_nothing_is_lost(first: Any, second: Any) -> None:
    made = merged(first, second)
    assert isinstance(made, dict)
    assert set(made) == {*first, *second}
    assert merged(first, {}) == first
    for name, value in second.items():
        if isinstance(value, int | str):
            assert made[name] == value


@given(st.text("${}:-+?ab ", max_size=12))
def test_any_text_is_substituted_or_refused(text: str) -> None:
    outcome: object = None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnsetVariable)
        try:
            outcome = Variables({"a": "1"}).apply(Place(Document("compose.yaml", "")), text)
        except ComposeError as error:
            outcome = error
    wanted = re.compile("invalid interpolation format|required variable .* is missing")
    assert isinstance(outcome, str) or wanted.match(getattr(outcome, "reason", ""))
