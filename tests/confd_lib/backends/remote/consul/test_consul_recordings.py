"""Runs of confd beside a stand-in for Consul, again with ours: the same files and exit statuses."""

from __future__ import annotations

import pytest

from tests.confd_lib.backends.remote.runs import Rerun, rows, unlike
from tests.servers.recorded import Recording

# Where ours differs on purpose, and why.
_EXACT = "a key gives itself and what lies below it, not all that begins with its name"
DIFFERENT = {
    "consul-folder": _EXACT,
    "consul-slash-none": _EXACT,
    "consul-overlap": _EXACT,
    "consul-prefix-global-root": _EXACT,
    "consul-prefix-half": _EXACT,
    "consul-folder-keys": _EXACT,
    "consul-folder-collide": _EXACT,
    "consul-raw-keys": "a key whose name leads out of a folder by `..` does not belong to it",
    "consul-node-slash": "a slash at the end of a node is not a part of its name",
    "consul-nodes-bad-first": "the next node is asked",
    "consul-env-addr": "CONSUL_HTTP_ADDR is the node",
    "consul-tls-no-scheme": "with certificates, a node without a scheme is asked by https",
    "consul-tls-env-verify": "certificates are always checked",
}

ROWS = rows("consul")


@pytest.mark.parametrize("recording", ROWS, ids=lambda one: one.id)
def test_a_run_is_as_recorded(recording: Recording, rerun: Rerun):
    run = rerun(recording)
    assert run.is_alike is (recording.id not in DIFFERENT), unlike(run)
