"""A stack that runs while it is scaled and its files are edited: the latest wish counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from confd_lib.command.tool.serving.deployment import Deployment, differences
from metadata_client import compose
from metadata_client.compose import ComposeError, Stack


def defined(folder: Path, **scales: int) -> Stack:
    """Define a stack of these services, each with a scale in its file."""
    docker = "".join(f"{name}: {{image: x}}\n" for name in scales)
    rancher = "".join(f"{name}: {{scale: {scale}}}\n" for name, scale in scales.items())
    (folder / "docker-compose.yml").write_text(docker)
    (folder / "rancher-compose.yml").write_text(rancher)
    return compose.load(folder, name="s")


def running(deployment: Deployment) -> dict[str, int]:
    stack = deployment.running
    return {one.name: len(stack.containers(one.name)) for one in stack.services}


def test_a_scale_of_a_flag_counts_instead_of_the_file_s(tmp_path: Path) -> None:
    deployment = Deployment.of(defined(tmp_path, web=2, db=1), {"web": 4})
    assert running(deployment) == {"web": 4, "db": 1}
    loaded = compose.load(tmp_path, name="s", scale={"web": 4})
    assert deployment.running == loaded


def test_a_scale_that_was_chosen_stays_through_another_edit(tmp_path: Path) -> None:
    deployment = Deployment.of(defined(tmp_path, web=2, db=1), {}).scaled({"web": 5})
    assert running(deployment.edited(defined(tmp_path, web=2, db=3))) == {"web": 5, "db": 3}


@pytest.mark.parametrize("chosen", ["flag", "request"])
def test_a_scale_that_is_edited_counts_from_then_on(tmp_path: Path, chosen: str) -> None:
    before = defined(tmp_path, web=2)
    if chosen == "flag":
        deployment = Deployment.of(before, {"web": 5})
    else:
        deployment = Deployment.of(before, {}).scaled({"web": 5})
    deployment = deployment.edited(defined(tmp_path, web=3))
    assert running(deployment) == {"web": 3}
    assert running(deployment.edited(defined(tmp_path, web=3, db=1))) == {"web": 3, "db": 1}


def test_the_scale_of_a_service_that_has_gone_is_forgotten(tmp_path: Path) -> None:
    deployment = Deployment.of(defined(tmp_path, web=2, db=1), {"db": 4})
    deployment = deployment.edited(defined(tmp_path, web=2))
    assert running(deployment) == {"web": 2}
    assert running(deployment.edited(defined(tmp_path, web=2, db=1))) == {"web": 2, "db": 1}


def test_a_scale_of_no_service_changes_nothing(tmp_path: Path) -> None:
    deployment = Deployment.of(defined(tmp_path, web=2), {})
    with pytest.raises(ComposeError, match="Failed to find wbe to scale; the nearest is web"):
        deployment.scaled({"web": 3, "wbe": 1})
    with pytest.raises(ComposeError, match="Failed to find wbe to scale"):
        Deployment.of(defined(tmp_path, web=2), {"wbe": 1})


@pytest.mark.parametrize(
    ("old", "new", "lines"),
    [
        pytest.param({}, {"1": "a"}, ["+ a 1"], id="came"),
        pytest.param({"1": "a"}, {}, ["- a 1"], id="went"),
        pytest.param({"1": "a"}, {"2": "a"}, ["- a 1", "+ a 2"], id="another-address"),
        pytest.param({"1": "a"}, {"1": "b"}, ["- a 1", "+ b 1"], id="another-name"),
        pytest.param({"1": "a", "2": "b"}, {"2": "b", "1": "a"}, [], id="the-same"),
    ],
)
def test_lines_say_what_has_come_and_gone(
    old: dict[str, str], new: dict[str, str], lines: list[str]
) -> None:
    assert list(differences(old, new)) == lines
