"""The sidekick on its simulated stack: it writes what Prometheus reads, and follows the scale."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from confd_lib.command.settings import flags
from confd_lib.lint.linting import lint
from metadata_client import MetadataServer, compose
from tests.confd_lib.sidekick import confd

from .files import DOCKER, IMAGE_STAGE, value

FOLDER = DOCKER / "sidekick"
FILE: dict[str, Any] = yaml.safe_load((FOLDER / "docker-compose.yml").read_text())
SERVICE, SIDEKICK = FILE["prometheus"], FILE["prometheus-conf"]
STACK = compose.load(FOLDER, name="monitoring")


def targets(root: Path) -> list[str]:
    (group,) = json.loads((root / "etc/prometheus/confd/exporters.json").read_text())
    assert group["labels"] == {"stack": "monitoring"}
    found: list[str] = group["targets"]
    return found


def test_the_sidekick_shares_its_volume_and_its_network() -> None:
    assert SERVICE["labels"]["io.rancher.sidekicks"] == "prometheus-conf"
    assert SERVICE["volumes_from"] == ["prometheus-conf"]
    assert SIDEKICK["net"] == "container:prometheus"
    (shared,) = SIDEKICK["volumes"]
    config = SERVICE["command"][0].removeprefix("--config.file=")
    assert config == f"{shared}/prometheus.yml"
    jobs = yaml.safe_load((FOLDER / "prometheus.yml").read_text())["scrape_configs"]
    assert jobs[0]["file_sd_configs"] == [{"files": [f"{shared}/*.json"]}]


def test_its_status_file_is_that_of_the_health_check() -> None:
    given, words = flags.parse(SIDEKICK["command"])
    assert given["status-file"] == value(IMAGE_STAGE, "HEALTHCHECK").words[-1]
    assert not words


def test_lint_finds_nothing() -> None:
    assert lint(FOLDER) == []


@pytest.mark.parametrize("scale", [1, 2, 5])
def test_the_file_lists_the_exporters_and_follows_their_scale(tmp_path: Path, scale: int) -> None:
    (tmp_path / "etc/prometheus/confd").mkdir(parents=True)
    stack = STACK.scaled(exporter=scale)
    container = stack.container("monitoring_prometheus_1")
    with MetadataServer(stack.answers(), xff=True) as server:
        given = [word for word in SIDEKICK["command"] if "-status-file" not in word]
        more = (f"-node={server.url}", f"-metadata-ip={container.address}")
        own = (f"-confdir={FOLDER}", f"-root={tmp_path}", f"-status-file={tmp_path}/status.json")
        with confd(*given, *more, *own) as running:
            running.until("has been updated")
            addresses = [one.address for one in stack.containers("exporter")]
            assert targets(tmp_path) == [f"{address}:9100" for address in addresses]
            grown = stack.scaled(exporter=scale + 1)
            server.replace(grown.answers())
            running.until("has been updated")
            new = grown.containers("exporter")[-1]
            assert targets(tmp_path)[-1] == f"{new.address}:9100"
