"""The stores that this process holds: a mapping, and its environment."""

from __future__ import annotations

import json
import os
import pydoc
import threading
from pathlib import Path

import pytest

from confd_lib import backends
from confd_lib.errors import CannotWatch
from confd_lib.golang import path as gopath
from tests.confd_lib.backends.snapshots import contents

DATA = Path(__file__).parents[1] / "data"
ENV = [json.loads(line) for line in (DATA / "env.jsonl").read_text().splitlines()]
# No resource asks for others: its keys are joined to its prefix and cleaned.
ENV = [row for row in ENV if all(gopath.join("/", key) == key for key in row["keys"])]


def test_each_is_a_backend_and_loaded_when_it_is_used():
    for name in ("Env", "Etcd", "File", "Memory", "Rancher", "Redis"):
        assert callable(getattr(backends, name).get_values)
    with pytest.raises(AttributeError, match="has no attribute 'Dynamo'"):
        getattr(backends, "Dyna" + "mo")


# -- env


@pytest.mark.parametrize("row", ENV, ids=lambda row: row["id"])
def test_the_environment_is_read_as_confd_reads_it(row):
    found = contents(backends.Env(row["env"]).get_values(row["keys"]), keys=row["keys"])
    # In the store, keys are cleaned.
    expected = {
        os.path.normpath(key): value for key, value in row["expect"]["master"]["vars"].items()
    }
    assert found == expected


def test_help_shows_no_variable(monkeypatch):
    monkeypatch.setenv("APP_PASSWORD", "hunter2")
    assert "hunter2" not in pydoc.render_doc(backends.Env)
    assert backends.Env().get_values(["/"]).view("/", ["/"]).getv("/app/password") == "hunter2"


def test_an_environment_is_not_watched():
    with pytest.raises(CannotWatch):
        backends.Env({}).changes(["/"], None, threading.Event())


def test_an_environment_has_no_version(monkeypatch):
    monkeypatch.setenv("CONFD_TEST_X", "1")
    snapshot = backends.Env().get_values(["/"])
    assert (snapshot.version, contents(snapshot, keys=["/confd/test"])) == (
        "",
        {"/confd/test/x": "1"},
    )


# -- memory


def test_memory_tells_of_each_replacement():
    memory = backends.Memory({"/a": 1})
    stop = threading.Event()
    first = memory.get_values(["/"])
    seen = memory.changes(["/"], first, stop)
    memory.replace({"/a": 2})
    second = next(seen)
    assert (first.version, second.version, contents(second)) == ("1", "2", {"/a": "2"})
    stop.set()
    assert list(seen) == []


def test_without_a_past_what_there_is_is_news():
    memory = backends.Memory({"/a": 1})
    assert contents(next(memory.changes(["/"], None, threading.Event()))) == {"/a": "1"}
