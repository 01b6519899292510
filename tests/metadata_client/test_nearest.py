"""The nearest name of one that is not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from metadata_client import compose
from metadata_client.compose import ComposeError
from metadata_client.nearest import instead, instead_of_path

GALERA = "stacks/galera"
NAMES = ["web", "galera", "galera-lb"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        pytest.param("galra", "; the nearest is galera", id="one"),
        pytest.param("galera-l", "; the nearest is galera-lb", id="the-nearest-of-two"),
        pytest.param("postgres", "", id="nothing-like-it"),
        pytest.param("", "", id="empty"),
        pytest.param(5, "", id="no-text"),
    ],
)
def test_the_nearest_name(name: object, said: str) -> None:
    assert instead(name, NAMES) == said


@pytest.mark.parametrize(
    ("path", "said"),
    [
        pytest.param("stacks/galra/docker-compose.yml", GALERA, id="a-folder"),
        pytest.param("stakcs/galera/docker-compose.yml", "stacks", id="a-folder-above"),
        pytest.param(
            "stacks/galera/docker-compse.yml", "stacks/galera/docker-compose.yml", id="file"
        ),
        pytest.param("stacks/docker-compose.yml", GALERA, id="a-folder-below"),
        pytest.param("stacks/x/docker-compose.yml", "", id="nothing-like-it"),
        pytest.param("x.yml", "", id="no-such-file-anywhere"),
    ],
)
def test_the_nearest_path(tmp_path: Path, path: str, said: str) -> None:
    (tmp_path / GALERA).mkdir(parents=True)
    (tmp_path / GALERA / "docker-compose.yml").touch()
    wanted = f"; the nearest is {tmp_path / said}" if said else ""
    assert instead_of_path(tmp_path / path) == wanted


def test_a_folder_that_cannot_be_listed_has_no_nearest(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert instead_of_path(tmp_path / "file" / "docker-compose.yml") == ""


@pytest.fixture
def stack(tmp_path: Path) -> compose.Stack:
    (tmp_path / "docker-compose.yml").write_text("web: {image: x}\ncache: {image: x}\n")
    return compose.load(tmp_path, name="shop")


def test_a_container_a_service_and_a_scale_name_the_nearest(stack: compose.Stack) -> None:
    there = "there are shop_web_1, shop_cache_1"
    for ask, said in (
        (
            lambda: stack.container("shop_wbe_1"),
            f"container shop_wbe_1 in stack shop; the nearest is shop_web_1; {there}",
        ),
        (
            lambda: stack.containers("cahce"),
            "service cahce in stack shop; the nearest is cache; there are web, cache",
        ),
        (
            lambda: stack.scaled(wbe=2),
            "wbe to scale; the nearest is web; there are web, cache",
        ),
    ):
        with pytest.raises(ComposeError) as caught:
            ask()
        assert str(caught.value) == f"Failed to find {said}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(
            "web: {links: [cahce]}\ncache: {}",
            ":1: Failed to find service cahce to link to; the nearest is cache",
            id="link",
        ),
        pytest.param(
            "web: {labels: {io.rancher.sidekicks: cahce}}\ncache: {}",
            ":1: Failed to find sidekick: cahce; the nearest is cache",
            id="sidekick",
        ),
    ],
)
def test_a_file_that_names_no_service_is_answered_with_the_nearest(
    tmp_path: Path, text: str, said: str
) -> None:
    path = tmp_path / "docker-compose.yml"
    path.write_text(text)
    with pytest.raises(ComposeError) as caught:
        compose.load(tmp_path)
    assert str(caught.value) == f"{path}{said}"


def test_an_environment_names_the_nearest_stack_and_service(tmp_path: Path) -> None:
    (tmp_path / "docker-compose.yml").write_text("web: {image: x}")
    shop = compose.load(tmp_path, name="shop")
    for link, said in (
        ("shpo/web", "Failed to find stack: shpo; the nearest is shop"),
        ("shop/wbe", "Failed to find service shop/wbe to link to; the nearest is web"),
    ):
        (tmp_path / "docker-compose.yml").write_text(f"blog: {{external_links: ['{link}']}}")
        blog = compose.load(tmp_path, name="blog")
        with pytest.raises(ComposeError) as caught:
            compose.Environment([shop, blog])
        assert str(caught.value) == said


def test_a_missing_folder_names_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "galera").mkdir()
    with pytest.raises(ComposeError) as caught:
        compose.load(tmp_path / "galra")
    assert str(caught.value).endswith(
        f"/galra: no such file or directory; the nearest is {tmp_path / 'galera'}"
    )
