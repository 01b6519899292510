"""Shared by tests of the Patroni example: keys and files of each situation, and what it needs."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import pytest

from examples.patroni.failover import members, story
from examples.stage import Failure, require

MODULE: Final = "examples.patroni.failover"
EXAMPLE: Final = Path(__file__).parents[2] / "examples/patroni"
SCOPE: Final = "/service/demo"


def member(address: str, **facts: object) -> str:
    """Return the value of a member's key, as Patroni 3 writes it; facts that are None are left out.

    Args:
        address: where the member listens.
        facts: facts that differ from those of a replica that runs.
    """
    written = {
        "conn_url": f"postgres://{address}:5432/postgres",
        "api_url": f"http://{address}:8008/patroni",
        "state": "running",
        "role": "replica",
        "version": "3.0.2",
        "xlog_location": 50331744,
        "timeline": 1,
        **facts,
    }
    return json.dumps({name: fact for name, fact in written.items() if fact is not None})


SETTINGS: Final = json.dumps({"ttl": 30, "loop_wait": 10, "maximum_lag_on_failover": 1048576})
RUNNING: Final = {
    "/initialize": "7712463822723900139",
    "/config": SETTINGS,
    "/leader": "pg-1",
    "/members/pg-1": member("10.0.0.11", role="master"),
    "/members/pg-2": member("10.0.0.12"),
    "/members/pg-3": member("10.0.0.13"),
    "/status": '{"optime":50331744}',
}
# What differs from RUNNING; None for a key that is gone. Each has a folder of expected files.
SITUATIONS: Final[Mapping[str, Mapping[str, str | None]]] = {
    "running": {},
    "failover": {
        "/leader": "pg-2",
        "/members/pg-1": None,
        "/members/pg-2": member("10.0.0.12", role="master", timeline=2),
    },
    "no_leader": {"/leader": None, "/members/pg-1": None},
    "no_role": {"/members/pg-2": member("10.0.0.12", role=None, timeline=None)},
    "stopped": {"/members/pg-3": member("10.0.0.13", state="stopped", timeline=None)},
    # As clusters of older versions and other tools write it.
    "with_users": {
        "/config": None,
        "/members/pg-1": member("rep:s3cr%40t@10.0.0.11", role="primary", api_url=None),
        "/members/pg-2": member("10.0.0.12", state=None),
    },
}
FILES: Final = {
    "haproxy.toml": "etc/haproxy/haproxy.cfg",
    "pgbouncer.toml": "etc/pgbouncer/pgbouncer.ini",
    "replicas.toml": "etc/pgbouncer/replicas.ini",
    "database.toml": "etc/app/database.env",
    "inventory.toml": "var/lib/app/inventory.json",
}


def keys(situation: str) -> dict[str, str]:
    """Return the keys of a situation below the scope."""
    both = {**RUNNING, **SITUATIONS[situation]}
    return {key: value for key, value in both.items() if value is not None}


def written(root: Path) -> dict[str, str]:
    """Return the files that were written, by their names."""
    found = [root / file for file in FILES.values()]
    return {path.name: path.read_text() for path in found if path.exists()}


def expected(situation: str) -> dict[str, str]:
    files = (EXAMPLE / "expect" / situation).rglob("*")
    return {path.name: path.read_text() for path in files if path.is_file()}


def folders(root: Path) -> Path:
    """Make the folders of all files below a folder, and return it."""
    for file in FILES.values():
        (root / file).parent.mkdir(parents=True, exist_ok=True)
    return root


def _failure(check: Callable[[], None]) -> str:
    try:
        check()
    except Failure as failure:
        return str(failure)
    return ""


_PROXY = _failure(lambda: require(story.PACKAGES))
_SERVERS = _PROXY or _failure(members.require_programs)
needs_proxy = pytest.mark.skipif(bool(_PROXY), reason=_PROXY)
needs_patroni = pytest.mark.skipif(bool(_SERVERS), reason=_SERVERS)
