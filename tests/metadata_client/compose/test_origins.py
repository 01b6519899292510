"""The compose file and the line that a value of the metadata was written on."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest

from metadata_client.compose import Stack, load, place_of

DOCKER = """\
web:
  image: nginx
  hostname: front
  labels:
    tier: one
    io.rancher.sidekicks: data
  ports:
    - 80
data:
  image: busybox
  labels:
    - kind=data
"""
RANCHER = """\
web:
  scale: 2
  metadata:
    port: $PORT
    on: yes
    sites:
      - name: blog
        root: /srv
      - plain
  health_check:
    port: 80
"""
SECOND = "version: '2'\nservices:\n  web:\n    image: nginx\n    labels: {tier: two}\n"


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "docker-compose.yml").write_text(DOCKER)
    (folder / "rancher-compose.yml").write_text(RANCHER)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return load(folder, env={"PORT": "8080"})


def place(stack: Stack, key: str, container: str | None = "shop_web_1") -> str:
    """Return the name of the file and the line, or empty."""
    found = place_of(stack, key, stack.container(container) if container else None)
    return f"{Path(found[0]).name}:{found[1]}" if found else ""


@pytest.mark.parametrize(
    ("key", "said"),
    [
        pytest.param("/self/service/scale", "rancher-compose.yml:2", id="scale"),
        pytest.param("/self/service/metadata/port", "rancher-compose.yml:4", id="a-variable"),
        pytest.param("/self/service/metadata/true", "rancher-compose.yml:5", id="a-key-of-yaml"),
        pytest.param("/self/service/metadata/sites/blog/root", "rancher-compose.yml:8", id="named"),
        pytest.param("/self/service/metadata/sites/1", "rancher-compose.yml:9", id="an-index"),
        pytest.param("/self/service/health_check/port", "rancher-compose.yml:11", id="health"),
        pytest.param("/self/service/labels/tier", "docker-compose.yml:5", id="a-label"),
        pytest.param("/self/service/ports/0", "docker-compose.yml:8", id="a-port"),
        pytest.param("/self/service/name", "docker-compose.yml:1", id="the-name"),
        pytest.param("/self/container/hostname", "docker-compose.yml:3", id="of-the-container"),
        pytest.param("/self/container/primary_ip", "", id="an-address"),
        pytest.param("/self/container/labels/tier", "docker-compose.yml:5", id="its-label"),
        pytest.param("/services/web/metadata/port", "rancher-compose.yml:4", id="by-name"),
        pytest.param("/services/data/labels/kind", "docker-compose.yml:11", id="another-service"),
        pytest.param("/services/data/metadata/port", "rancher-compose.yml:4", id="of-the-primary"),
        pytest.param("/stacks/shop/services/web/scale", "rancher-compose.yml:2", id="by-stack"),
        pytest.param("/stacks/other/services/web/scale", "", id="of-another-stack"),
        pytest.param("/self/stack/services/web/scale", "rancher-compose.yml:2", id="own-stack"),
        pytest.param("/containers/shop_web_2/labels/tier", "docker-compose.yml:5", id="containers"),
        pytest.param(
            "/self/service/containers/shop_web_2/labels/tier", "docker-compose.yml:5", id="peers"
        ),
        pytest.param("/services/nobody/scale", "", id="no-service"),
        pytest.param("/self/service/metadata/nothing", "", id="no-key"),
        pytest.param("/self/service", "", id="a-level"),
        pytest.param("/self/host/name", "", id="a-host"),
        pytest.param("/hosts/0/name", "", id="hosts"),
        pytest.param("/", "", id="the-root"),
    ],
)
def test_a_key_leads_to_its_line(stack: Stack, key: str, said: str) -> None:
    assert place(stack, key) == said


def test_a_client_that_is_no_container_has_no_service(stack: Stack) -> None:
    assert place(stack, "/self/service/scale", None) == ""
    assert place(stack, "/services/web/scale", None) == "rancher-compose.yml:2"


def test_what_was_changed_since_is_not_from_the_file(stack: Stack) -> None:
    changed = stack.scaled(web=3).with_metadata("web", port=81)
    assert place(changed, "/self/service/scale") == ""
    assert place(changed, "/self/service/metadata/port") == ""
    assert place(changed, "/self/service/metadata/sites/1") == "rancher-compose.yml:9"


def test_a_stack_that_was_not_loaded_has_no_places(stack: Stack) -> None:
    assert place(Stack("shop", stack.services).settled(), "/self/service/scale") == ""


def test_a_file_of_the_second_version_has_its_services_below(tmp_path: Path) -> None:
    (tmp_path / "docker-compose.yml").write_text(SECOND)
    stack = load(tmp_path, name="shop")
    assert place(stack, "/self/service/labels/tier") == "docker-compose.yml:5"
    assert place(stack, "/self/service/scale") == ""


def test_files_that_are_gone_have_no_places(stack: Stack, tmp_path: Path) -> None:
    (tmp_path / "shop" / "rancher-compose.yml").unlink()
    assert place(stack, "/self/service/scale") == ""


def test_equal_stacks_stay_equal_wherever_they_come_from(stack: Stack) -> None:
    assert stack == Stack("shop", stack.services).settled()
