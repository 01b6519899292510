"""The resources of `examples/patroni`, from Patroni's keys in memory and in real stores."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

import gotmpl
from confd_lib.testing import Bench
from examples.stage.programs import search_path
from tests.examples.patroni import (
    EXAMPLE,
    FILES,
    SCOPE,
    SITUATIONS,
    expected,
    folders,
    keys,
    written,
)
from tests.servers.fixtures import Share

NO_LEADER: Final = (
    'template: pgbouncer.ini.tmpl:2:13: executing "pgbouncer.ini.tmpl" at <getv "/leader">: '
    "error calling getv: key does not exist: /leader"
)
NO_FILE: Final = ("no_leader", "pgbouncer.toml")
HAS_HAPROXY: Final = shutil.which("haproxy", path=search_path()) is not None


def tree(flat: Mapping[str, str]) -> dict[str, object]:
    """Return keys as a tree of folders."""
    made: dict[str, object] = {}
    for key, value in flat.items():
        *folders, name = key.split("/")[1:]
        folder: dict[str, object] = made
        for one in folders:
            folder = folder.setdefault(one, {})  # type: ignore[assignment]
        folder[name] = value
    return made


@pytest.fixture(autouse=True)
def variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the templates see no variables of this machine, and find haproxy as root does."""
    for name in [*os.environ]:
        if name.startswith(("HAPROXY_", "PGBOUNCER_", "PGDATABASE")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PATH", search_path())


def test_each_resource_has_its_file() -> None:
    assert {path.name for path in (EXAMPLE / "conf.d").iterdir()} == {*FILES}
    assert {path.name for path in (EXAMPLE / "expect").iterdir()} == {*SITUATIONS}


@pytest.mark.parametrize("compat", ["", "0.16"])
@pytest.mark.parametrize("situation", SITUATIONS)
def test_files_in_each_situation(confd: Bench, situation: str, compat: str) -> None:
    confd.assert_tree(
        EXAMPLE / "expect",
        tree(keys(situation)),
        case=situation,
        confdir=EXAMPLE,
        resources=[name for name in FILES if (situation, name) != NO_FILE],
        check=HAS_HAPROXY,
        compat=compat,
    )


@pytest.mark.parametrize("compat", ["", "0.16"])
def test_without_a_leader_pgbouncer_gets_no_file(confd: Bench, compat: str) -> None:
    situation, resource = NO_FILE
    with pytest.raises(gotmpl.ExecError) as error:
        confd.resource(EXAMPLE / "conf.d" / resource, tree(keys(situation)), compat=compat)
    assert str(error.value) == NO_LEADER


def test_the_inventory_is_json_without_any_key(confd: Bench) -> None:
    out = confd.resource(EXAMPLE / "conf.d/inventory.toml", {})
    assert out.json() == {"leader": None, "ttl": None, "members": []}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return folders(tmp_path)


def onetime(backend: str, node: str, root: Path, *more: str) -> tuple[int, str]:
    """Run the command as an entry point of confd 0.16 does; return its status and its errors."""
    command = [sys.executable, "-X", "dev", "-m", "confd_lib", "-onetime", "-backend", backend]
    command += ["-node", node, f"-prefix={SCOPE}", f"-confdir={EXAMPLE}", f"-root={root}"]
    done = subprocess.run(
        [*command, "-sync-only", "-log-level=error", *more],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize(("store", "backend"), [("etcd", "etcdv3"), ("zookeeper", "zookeeper")])
@pytest.mark.parametrize("more", [(), ("-compat=0.16",)], ids=["", "0.16"])
def test_files_from_a_store_through_a_failover(
    share: Share, store: str, backend: str, more: tuple[str, ...], root: Path
) -> None:
    """Without a leader PgBouncer's file stays as it is, and the status tells of it."""
    server = share(store)
    seen = {}
    for situation in ("running", "no_leader", "failover"):
        server.clear()
        server.put_all({SCOPE + key: value for key, value in keys(situation).items()})
        seen[situation] = (*onetime(backend, server.address, root, *more), written(root))
    assert seen["running"] == (0, "", expected("running"))
    status, errors, files = seen["no_leader"]
    assert (status, files) == (
        1,
        expected("no_leader") | {"pgbouncer.ini": expected("running")["pgbouncer.ini"]},
    )
    (line,) = errors.splitlines()
    assert NO_LEADER in line
    assert seen["failover"] == (0, "", expected("failover"))
