"""Runs of confd 0.16 beside ZooKeeper, again with our command: the same files and statuses."""

from __future__ import annotations

import pytest

from tests.confd_lib.backends.remote.runs import Rerun, rows, unlike
from tests.servers.recorded import Recording

# Where ours differs on purpose, and why.
_OWN = "ZooKeeper's own nodes are left out of the root"
_NAME = "confd panics; ours names the node, and asks the others"
DIFFERENT = {
    "zookeeper-acl": "ours logs in with -username and -password",
    "zookeeper-acl-below": "confd leaves a folder out without a word; ours names what it misses",
    "zookeeper-key-empty": _OWN,
    "zookeeper-node-name-unknown": _NAME,
    "zookeeper-node-one-name-unknown": _NAME,
    "zookeeper-root": _OWN,
}

ROWS = rows("zookeeper")


@pytest.mark.parametrize("recording", ROWS, ids=lambda one: one.id)
def test_a_run_is_as_recorded(recording: Recording, rerun: Rerun):
    run = rerun(recording)
    assert run.is_alike is (recording.id not in DIFFERENT), unlike(run)
