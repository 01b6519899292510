"""Stacks from entries: which files, which version, where a fault stands."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest

from metadata_client import compose
from metadata_client.compose import (
    ComposeError,
    DoubtfulAnswer,
    MissingLink,
    UnsetVariable,
)

ROOT = Path(__file__).parents[4]
EXAMPLE = ROOT / "examples/catalog/templates/galera"
QUESTION = "catalog:\n  version: 1.2.3\n  questions:\n  - {variable: TAG, default: one}\n"


def write(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, "utf-8")
    return folder


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """An entry whose versions 9 and 10 are 1.9.0 and 1.10.0."""
    entry = tmp_path / "templates/shop"
    for number, version in (("9", "1.9.0"), ("10", "1.10.0")):
        write(entry / number, "docker-compose.yml", "web:\n  image: web:${TAG}\n")
        text = f"catalog:\n  version: {version}\n  questions: [{{variable: TAG, default: a}}]\n"
        write(entry / number, "rancher-compose.yml", text)
    return entry


# -- Which version


def names(stack: compose.Stack) -> list[str]:
    return [container.name for container in stack.containers()]


def test_a_folder_of_versions(shop: Path) -> None:
    stack = compose.load(shop)
    assert names(stack) == ["shop_web_1"]
    assert stack == compose.load(compose.Entry(shop)) == compose.load(shop, version="10")
    assert compose.expand(shop).section.version == "1.10.0"


@pytest.mark.parametrize("version", [9, "9", "1.9.0"])
def test_a_version_by_its_folder_or_its_name(shop: Path, version: str | int) -> None:
    assert compose.expand(shop, version=version).section.version == "1.9.0"
    entry = compose.Catalog(shop.parents[1]).entry("shop")
    assert compose.load(entry, version=version) == compose.load(entry.version(version))


def test_no_such_version(shop: Path) -> None:
    with pytest.raises(ComposeError) as caught:
        compose.load(shop, version=7)
    there = "there are 10 (1.10.0), 9 (1.9.0)"
    assert str(caught.value) == f"{shop}: the entry shop has no version 7; {there}"


def test_a_version_of_what_is_no_entry(shop: Path) -> None:
    with pytest.raises(ComposeError, match="version=9 chooses among the versions of an entry's"):
        compose.load(shop / "10", version=9)


def test_a_stack_has_the_name_of_its_entry(shop: Path) -> None:
    assert compose.load(shop / "10").name == "shop"
    assert compose.load(shop / "10", name="mine").name == "mine"


# -- Which files


def test_a_folder_with_questions_is_an_entry(folder: Path) -> None:
    write(folder, "docker-compose.yml", "web: {image: 'x:{{ .Values.TAG }}'}\n")
    write(folder, "rancher-compose.yml", QUESTION)
    stack = compose.load(folder)
    assert [(one.variable, one.default) for one in stack.questions] == [("TAG", "one")]
    assert stack.answers_given == {}
    assert compose.load(folder, answers={"TAG": 2}).answers_given == {"TAG": "2"}
    assert compose.expand(folder).docker.text == "web: {image: 'x:one'}\n"


def test_a_folder_without_questions_is_no_entry(folder: Path) -> None:
    write(folder, "docker-compose.yml", "web:\n  image: x\n  labels: {a: '{{ braces }}'}\n")
    (service,) = compose.load(folder).services
    assert service.labels == {"a": "{{ braces }}"}
    with pytest.raises(ComposeError, match='function "braces" not defined'):
        compose.load(folder, answers={})


def test_a_template_file_is_an_entry_and_goes_first(folder: Path) -> None:
    write(folder, "docker-compose.yml", "plain: {image: x}\n")
    write(folder, "docker-compose.yml.tpl", "made:\n  image: {{ upper `x` }}\n")
    assert [one.name for one in compose.load(folder).services] == ["made"]
    assert [one.name for one in compose.load(folder / "docker-compose.yml.tpl").services] == [
        "made"
    ]


def test_files_below_a_version_count_by_their_names(tmp_path: Path) -> None:
    entry = tmp_path / "shop"
    write(entry / "0/files", "docker-compose.yml", "web: {image: x}\n")
    write(entry / "0/files", "rancher-compose.yml", QUESTION)
    assert names(compose.load(entry)) == ["shop_web_1"]


def test_values_of_the_environment_are_between_defaults_and_answers(folder: Path) -> None:
    write(folder, "docker-compose.yml", "web: {image: x, labels: {a: '${TAG}', b: '${B}'}}\n")
    write(folder, "rancher-compose.yml", QUESTION)
    env = {"TAG": "env", "B": "b"}
    assert compose.load(folder, env=env).services[0].labels == {"a": "env", "b": "b"}
    answered = compose.load(folder, env=env, answers={"TAG": "given"})
    assert answered.services[0].labels == {"a": "given", "b": "b"}


def test_a_service_may_be_called_catalog_in_a_plain_file(folder: Path) -> None:
    write(folder, "docker-compose.yml", "catalog: {image: x}\n")
    assert [one.name for one in compose.load(folder).services] == ["catalog"]
    assert compose.load(folder, answers={}).services == ()


# -- Where a fault stands


def test_an_expanded_line_is_that_of_the_template(folder: Path) -> None:
    lines = [
        "services:",
        "{{- range until 2 }}",
        "  web{{ . }}:",
        "    image: x",
        "{{- end }}",
        "{{- if true }}",
        "  last:",
        "    hostname: ${HOST}",
        "{{- end }}",
        "version: '2'",
    ]
    write(folder, "docker-compose.yml.tpl", "\n".join(lines) + "\n")
    with pytest.warns(UnsetVariable, match="HOST") as caught:
        stack = compose.load(folder)
    assert [warning.lineno for warning in caught] == [8]
    assert [one.name for one in stack.services] == ["web0", "web1", "last"]
    made = compose.expand(folder).docker
    assert [made.line(number) for number in range(1, 9)] == [1, 3, 4, 3, 4, 7, 8, 10]


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("a:\n  {{ x }}\n", 2, 'template: template:2: function "x" not defined'),
        ("a:\n  {{ if }}\n", 2, "template: template:2: missing value for if"),
        (
            "a:\n\n  image: {{ upper 1 }}\n",
            3,
            'template: template:3:18: executing "template" at <1>: expected string; found 1',
        ),
    ],
)
def test_a_fault_in_a_template(folder: Path, text: str, line: int, reason: str) -> None:
    write(folder, "docker-compose.yml.tpl", text)
    with pytest.raises(ComposeError) as caught:
        compose.load(folder)
    assert str(caught.value) == f"{folder}/docker-compose.yml.tpl:{line}: {reason}"


def test_an_answer_that_breaks_the_yaml(folder: Path) -> None:
    write(folder, "docker-compose.yml.tpl", '\na:\n  image: "{{ .Values.TAG }}"\n')
    with pytest.warns(DoubtfulAnswer), pytest.raises(ComposeError) as caught:
        compose.load(folder, answers={"TAG": 'x"\n- y'})
    assert (caught.value.line, caught.value.path) == (3, str(folder / "docker-compose.yml.tpl"))


def test_an_answer_is_not_read_again(folder: Path) -> None:
    write(folder, "docker-compose.yml", "web:\n  image: x\n  labels: {a: '${A}'}\n")
    write(folder, "rancher-compose.yml", "catalog: {questions: [{variable: A}]}\n")
    for answer in ("k=v", "$B", "{{ x }}", '"\n- z', "$$"):
        assert compose.load(folder, answers={"A": answer}).services[0].labels == {"a": answer}


def test_a_link_to_a_service_that_nobody_chose_is_left_out(folder: Path) -> None:
    write(folder, "docker-compose.yml", "web:\n  image: x\n  external_links: ['${DB}:db']\n")
    write(folder, "rancher-compose.yml", "catalog: {questions: [{variable: DB, type: service}]}\n")
    with pytest.warns(MissingLink, match=r"docker-compose\.yml:3: the link has no target"):
        assert compose.load(folder).services[0].links == ()
    (link,) = compose.load(folder, answers={"DB": "mysql/db"}).services[0].links
    assert link.target == "mysql/db"


def test_a_service_that_a_template_leaves_out_may_stay_in_the_other_file(folder: Path) -> None:
    docker = 'web: {image: x}\n{{ if eq .Values.LB "true" }}lb: {image: y}\n{{ end }}'
    write(folder, "docker-compose.yml.tpl", docker)
    write(folder, "rancher-compose.yml", "lb: {scale: 2}\n")
    with pytest.warns(DoubtfulAnswer):  # and of nothing else
        loaded = compose.load(folder, answers={"LB": "false"})
    assert [one.name for one in loaded.services] == ["web"]


def test_variables_of_volumes_and_networks_are_substituted_too(folder: Path) -> None:
    text = "version: '2'\nservices: {}\nvolumes:\n  data:\n    driver: '${A:-b}'\n"
    write(folder, "docker-compose.yml", text)
    assert compose.load(folder).services == ()
    with pytest.raises(ComposeError, match=r':5: Invalid interpolation format for key "driver"'):
        compose.load(folder, answers={})


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("version: '3'\nservices: {}\n", "version 3 is not supported"),
        ("version: '2.0'\nservices: {}\n", "cannot unmarshal !!str `2.0` into map"),
        ("- a\n", "cannot unmarshal !!seq into config.Config"),
    ],
)
def test_a_version_that_the_executor_does_not_read(folder: Path, text: str, reason: str) -> None:
    write(folder, "docker-compose.yml", text)
    with pytest.raises(ComposeError, match=reason):
        compose.load(folder, answers={})


# -- Upgrades, chance


def test_a_template_sees_the_version_it_comes_from(folder: Path) -> None:
    text = "a:\n  image: '{{ .Release.PreviousVersion }}-{{ .Release.Version }}'\n"
    write(folder, "docker-compose.yml", text)
    write(folder, "rancher-compose.yml", QUESTION)
    made = compose.expand(folder, previous_version="1.0.0", environment="Test")
    assert made.docker.text == "a:\n  image: '1.0.0-1.2.3'\n"


def test_what_is_random_is_the_same_on_every_run(folder: Path) -> None:
    write(folder, "docker-compose.yml", "a:\n  hostname: x{{ randAlphaNum 12 | lower }}\n")
    assert compose.load(folder, answers={}) == compose.load(folder, answers={})


# -- The example


def test_both_versions_of_galera_are_the_stack_of_the_example() -> None:
    plain = compose.load(ROOT / "examples/galera", env={"mysql_root_password": "s3cret"})
    catalog = compose.Catalog(ROOT / "examples/catalog")
    entry = catalog.entry("galera")
    first, second = entry.versions
    assert compose.load(first, answers={"mysql_root_password": "s3cret"}, strict=True) == plain
    assert compose.load(second, answers={"ROOT_PASSWORD": "s3cret"}, strict=True) == plain
    assert entry.upgrades(first) == (second,) == (entry.default,)


def test_answers_change_the_galera_of_the_example() -> None:
    answers = {"ROOT_PASSWORD": "s3cret", "MEMBERS": 5, "LB": False, "SST_METHOD": "rsync"}
    stack = compose.load(EXAMPLE, answers=answers, strict=True)
    assert len(stack.containers("galera")) == 5
    assert "galera-lb" not in [one.name for one in stack.services]
    (galera,) = (one for one in stack.services if one.name == "galera")
    assert "wsrep_sst_method=rsync\n" in str(galera.metadata["mysqld"])


def test_a_value_of_the_metadata_has_its_line_in_the_template(folder: Path) -> None:
    lines = ["{{- if true }}", "services:", "{{- end }}", "  web:", "    image: x"]
    lines += ["    labels: {a: b}", "version: '2'"]
    write(folder, "docker-compose.yml.tpl", "\n".join(lines))
    stack = compose.load(folder)
    container = stack.container("db_web_1")
    place = compose.place_of(stack, "/self/service/labels/a", container)
    assert place == (str(folder / "docker-compose.yml.tpl"), 6)


def test_a_stack_keeps_its_questions() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DoubtfulAnswer)
        stack = compose.load(EXAMPLE)
    assert stack.scaled(galera=1).questions == stack.questions
    assert [one.variable for one in stack.questions] == [
        *("ROOT_PASSWORD", "MEMBERS", "SST_METHOD", "LB"),
    ]
