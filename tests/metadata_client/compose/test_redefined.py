"""A stack whose files are edited: which containers stay, and as what."""

from __future__ import annotations

from pathlib import Path

import pytest

from metadata_client import compose
from metadata_client.compose import Stack


@pytest.fixture
def define(tmp_path: Path):
    """Return a function that defines a stack by the texts of its files."""

    def defined(docker: str, rancher: str = "{}") -> Stack:
        (tmp_path / "docker-compose.yml").write_text(docker)
        (tmp_path / "rancher-compose.yml").write_text(rancher)
        return compose.load(tmp_path, name="s")

    return defined


def identities(stack: Stack) -> list[tuple[str, str, str | None]]:
    return [(one.name, one.uuid, one.address) for one in stack.members]


WEB = "web: {image: x}\n"
SIDEKICK = "web: {labels: {io.rancher.sidekicks: conf}}\nconf: {net: 'container:web'}\n"


@pytest.mark.parametrize(
    "after",
    [
        pytest.param(("web: {image: y, ports: ['80']}\n",), id="other-options"),
        pytest.param((WEB, "web: {metadata: {a: 1}, scale: 2}"), id="metadata"),
        pytest.param((WEB + "db: {image: x}\n",), id="another-service"),
    ],
)
def test_containers_stay_through_an_edit(define, after: tuple[str, ...]) -> None:
    stack = define(WEB).scaled(web=3).scaled(web=1).scaled(web=2)
    edited = stack.redefined(define(*after).scaled(web=2))
    assert [one for one in identities(edited) if "_web_" in one[0]] == identities(stack)
    assert edited.containers("web")[1].create_index == 4


def test_what_a_new_definition_says_counts(define) -> None:
    stack = define(WEB).settled()
    edited = stack.redefined(define(WEB, "web: {metadata: {a: 1}}"))
    tree = edited.answers().tree("latest", edited.members[0].address)
    assert tree is not None
    assert tree["self"]["service"]["metadata"] == {"a": 1}
    assert edited.redefined(define(WEB)) == stack


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(WEB, "web: {net: host}\n", id="another-network"),
        pytest.param(WEB, SIDEKICK, id="a-sidekick-comes"),
        pytest.param(SIDEKICK, WEB + "conf: {image: x}\n", id="a-sidekick-goes"),
    ],
)
def test_containers_are_replaced_when_they_are_deployed_otherwise(
    define, before: str, after: str
) -> None:
    stack = define(before).settled()
    edited = stack.redefined(define(after))
    old, new = stack.containers("web")[0], edited.containers("web")[0]
    assert (old.name, old.create_index, new.name, new.create_index) == ("s_web_1", 1, "s_web_1", 2)
    assert old.uuid != new.uuid


def test_a_service_that_goes_takes_its_containers_along(define) -> None:
    stack = define(WEB + "db: {image: x}\n").settled()
    edited = stack.redefined(define(WEB))
    assert [one.name for one in edited.members] == ["s_web_1"]
    assert edited == define(WEB).settled()


def test_a_service_that_becomes_external_has_no_containers(define) -> None:
    stack = define(WEB).settled()
    edited = stack.redefined(define("web: {image: rancher/external-service}\n"))
    assert edited.members == ()


CHECKED = "web: {health_check: {port: 80}}"


@pytest.mark.parametrize(
    ("before", "health", "after", "expected"),
    [
        pytest.param("{}", None, CHECKED, "healthy", id="a-check-comes"),
        pytest.param(CHECKED, None, "{}", None, id="a-check-goes"),
        pytest.param(CHECKED, "unhealthy", CHECKED, "unhealthy", id="unhealthy-stays"),
    ],
)
def test_health_follows_the_definition(
    define, before: str, health: str | None, after: str, expected: str | None
) -> None:
    stack = define(WEB, before).settled().started("s_web_1", health=health)
    assert stack.redefined(define(WEB, after)).members[0].health_state == expected
