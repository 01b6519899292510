"""Runs of confd 0.16 beside etcd, again with our command: the same files and exit statuses."""

from __future__ import annotations

import pytest

from tests.confd_lib.backends.remote.runs import Rerun, rows, unlike
from tests.servers.recorded import Recording

# Where ours differs on purpose, and why.
_MISSING = "a missing key is an error of etcd's API of version 2; in version 3 it is nothing"
_NODE = "nodes are read as for etcdv3: with or without a scheme, and without their path"
_PEERS = "the variables of etcdctl are read for both names"
_ODD = "of keys that become one by cleaning, the last in byte order counts; in confd it is random"
DIFFERENT = {
    "etcd-case": _MISSING,
    "etcd-env-endpoints": _PEERS,
    "etcd-master-v2-data-m": "the keys of the recording are put where ours looks for them",
    "etcd-missing": _MISSING,
    "etcd-missing-below": _MISSING,
    "etcd-missing-one": _MISSING,
    "etcd-node-no-scheme": _NODE,
    "etcd-node-no-scheme-m": "the keys of the recording are put where ours looks for them",
    "etcd-node-no-scheme-name": _NODE,
    "etcd-node-path": _NODE,
    "etcd-prefix-both": _MISSING,
    "etcd-prefix-half": _MISSING,
    "etcd-prefix-missing": _MISSING,
    "etcd-star": _MISSING,
    "etcd-star-part": _MISSING,
    "etcd-values-raw": "version 2 keeps texts; ours writes the bytes as they are",
    "etcdv3-auth-narrow": "a right to a key and what lies below it is enough",
    "etcdv3-collide-m": _ODD,
    "etcdv3-env-peers": _PEERS,
    "etcdv3-env-peers-m": _PEERS,
    "etcdv3-raw-keys": _ODD,
    "etcdv3-raw-keys-prefix": _ODD,
}

ROWS = rows("etcd", "etcdv3")


@pytest.mark.parametrize("recording", ROWS, ids=lambda one: one.id)
def test_a_run_is_as_recorded(recording: Recording, rerun: Rerun):
    run = rerun(recording)
    assert run.is_alike is (recording.id not in DIFFERENT), unlike(run)
