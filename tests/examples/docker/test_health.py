"""The HEALTHCHECK: the status files of a real confd, and files that are no such."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from pathlib import Path

import pytest

from confd_lib.command.confd import cli

from .files import DOCKER


def health(path: Path, *more: str) -> tuple[int, str]:
    command = [sys.executable, str(DOCKER / "healthcheck.py"), str(path), *more]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.returncode, done.stdout.rstrip("\n")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    for name in ("conf.d", "templates", "out"):
        (tmp_path / name).mkdir()
    (tmp_path / "values.yaml").write_text("port: 80\n")
    return tmp_path


def resource(site: Path, template: str, name: str = "a") -> Path:
    (site / "templates" / f"{name}.tmpl").write_text(template)
    path = site / "conf.d" / f"{name}.toml"
    path.write_text(f'[template]\nsrc = "{name}.tmpl"\ndest = "{site}/out/{name}"\nkeys = ["/"]\n')
    return path


def status_after(site: Path, *more: str) -> Path:
    """Run confd once, and return its status file."""
    status = site / "status.json"
    args = ("-backend", "file", "-file", f"{site}/values.yaml", "-confdir", f"{site}")
    cli.main(["-onetime", *args, "-status-file", f"{status}", *more], "confd")
    return status


def test_files_in_step_are_healthy(site: Path) -> None:
    resource(site, '{{getv "/port"}}')
    assert health(status_after(site)) == (0, "ok")
    assert health(status_after(site)) == (0, "ok")


def test_a_resource_that_fails_is_named_with_its_error(site: Path) -> None:
    resource(site, "fine")
    bad = resource(site, '{{getv "/prot"}}', "b")
    status, said = health(status_after(site))
    assert status == 1
    assert said.startswith(f"{bad}: ")
    assert "key does not exist: /prot" in said


def test_a_file_that_was_left_out_of_step_is_named(site: Path) -> None:
    path = resource(site, "fine")
    assert health(status_after(site, "-noop")) == (1, f"{path}: differs")


def test_a_store_that_does_not_answer_is_named(site: Path) -> None:
    resource(site, '{{getv "/port"}}')
    (site / "values.yaml").unlink()
    status, said = health(status_after(site))
    assert status == 1
    assert said.startswith(f"the store: stat {site}/values.yaml: no such file or directory")


def test_without_resources_it_is_not_healthy(site: Path) -> None:
    assert health(status_after(site)) == (1, "there are no resources")


@pytest.mark.parametrize("text", [None, "", "{", "[]", "{}", '{"time": 1}', '{"time": "now"}'])
def test_a_file_that_is_no_status_is_not_healthy(site: Path, text: str | None) -> None:
    path = site / "status.json"
    if text is not None:
        path.write_text(text)
    status, said = health(path)
    assert status == 1
    assert said.startswith("no status yet: ")


@pytest.mark.parametrize(
    ("age", "more", "healthy"),
    [
        pytest.param(1100, [], True, id="within-two-intervals"),
        pytest.param(1300, [], False, id="older"),
        pytest.param(1300, ["4000"], True, id="another-limit"),
        pytest.param(100, ["60"], False, id="older-than-another-limit"),
    ],
)
def test_an_old_status_is_not_healthy(site: Path, age: int, more: list[str], healthy: bool) -> None:
    resource(site, "fine")
    path = status_after(site)
    status = json.loads(path.read_text())
    then = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=age)
    path.write_text(json.dumps({**status, "time": then.isoformat()}))
    code, said = health(path, *more)
    assert (code == 0) is healthy
    assert said == "ok" if healthy else said.startswith("the last status is ")
