"""Runs of confd beside OpenBao, again with our command: the same files and exit statuses."""

from __future__ import annotations

import pytest

from tests.confd_lib.backends.remote.runs import Rerun, rows, unlike
from tests.servers.recorded import Recording

# Where ours differs on purpose, and why.
DIFFERENT = {
    "vault-v2-plain": "secrets of version 2 are read by their own paths",
    "vault-token-narrow": "a folder that may be listed is no failure",
    "vault-userpass": "a folder that may be listed is no failure",
    "vault-userpass-path": "a folder that may be listed is no failure",
    "vault-token-env": "VAULT_TOKEN is the token of -auth-token",
    "vault-auth-unknown-env": "an auth type that is not known is refused, whatever VAULT_TOKEN is",
    "vault-node-path": "a path where Vault is not is no empty store",
    "vault-nodes-bad-first": "the next node is asked",
    "vault-env-addr": "VAULT_ADDR is the node",
    "vault-env-namespace": "VAULT_NAMESPACE is sent, and no namespace has that name",
    "vault-env-namespace-m": "a namespace that is not there is no empty store",
    "vault-env-wrap": "VAULT_WRAP_TTL, which empties every answer, is not read",
    "vault-tls-env-cacert": "VAULT_CACERT is the CA",
}

ROWS = rows("vault")
ALIKE = [one for one in ROWS if one.id not in DIFFERENT]
# Lines of confd that ours begin with.
AT_ONCE = ("is missing from configuration", "Unable to authenticate")


@pytest.mark.parametrize("recording", ROWS, ids=lambda one: one.id)
def test_a_run_is_as_recorded(recording: Recording, rerun: Rerun):
    run = rerun(recording)
    assert run.is_alike is (recording.id not in DIFFERENT), unlike(run)


def _names_values(recording: Recording) -> bool:
    return any("is not supported" in line for line in recording.stderr)


def _ends_at_once(recording: Recording) -> bool:
    return bool(recording.stderr) and recording.stderr[-1].endswith(AT_ONCE)


@pytest.mark.parametrize("recording", [*filter(_names_values, ALIKE)], ids=lambda one: one.id)
def test_the_values_without_keys_are_named_as_by_confd(recording: Recording, rerun: Rerun):
    recorded = {line for line in recording.stderr if "is not supported" in line}
    assert recorded <= set(rerun(recording).log)


@pytest.mark.parametrize("recording", [*filter(_ends_at_once, ALIKE)], ids=lambda one: one.id)
def test_a_login_that_cannot_be_ends_the_command_in_words_of_confd(
    recording: Recording, rerun: Rerun
):
    (line,) = rerun(recording).log
    assert line.startswith(recording.stderr[-1])
