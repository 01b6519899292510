"""Secrets of Vault: both versions of the engine, fields, and rights."""

from __future__ import annotations

import logging
import signal
import sys

import pytest

from confd_lib import backends
from confd_lib.backends.remote.vault import api as vaultapi
from confd_lib.errors import MissingLibrary, Refused
from confd_lib.logs import LOGGER
from tests.confd_lib import sidekick
from tests.confd_lib.backends.remote.vault.asking import READ, READ_AND_LIST, read, vault, warnings
from tests.confd_lib.commandline import confd
from tests.servers.openbao import OpenBao

# -- Secrets


def test_a_secret_of_version_2_is_read_as_one_of_version_1(bao: OpenBao):
    for mount in ("kv1", "secret"):
        bao.write_secret(f"{mount}/app", {"user": "u", "value": "v"})
        bao.write_secret(f"{mount}/app/deep/one", {"value": "1"})
        bao.write_secret(f"{mount}/gone", {"value": "x"})
        bao.delete(f"/{mount}/gone")
    bao.write_secret("secret/app", {"user": "of the second version", "value": "v"})
    first, second = (
        {
            key.removeprefix(f"/{mount}"): value
            for key, value in read(vault(bao), f"/{mount}").items()
        }
        for mount in ("kv1", "secret")
    )
    assert first == {
        "/app": '{"user":"u","value":"v"}',
        "/app/user": "u",
        "/app/value": "v",
        "/app/deep/one": "1",
    }
    assert second == {
        **first,
        "/app": '{"user":"of the second version","value":"v"}',
        "/app/user": "of the second version",
    }
    assert read(vault(bao), "/secret/app/deep") == {"/secret/app/deep/one": "1"}
    assert read(vault(bao), "/secret/gone") == {}


def test_a_key_that_names_a_part_of_version_2_is_read_as_it_stands(bao: OpenBao):
    bao.write_secret("secret/app", {"user": "u"})
    found = read(vault(bao), "/secret/data/app", "/secret/app")
    assert found["/secret/data/app/data/user"] == "u"
    assert "/secret/data/app/metadata/created_time" in found
    assert found["/secret/app/user"] == "u"


def test_the_root_has_nothing_and_hides_no_mount(bao: OpenBao):
    bao.write_secret("secret/app", {"user": "u", "value": "v"})
    assert read(vault(bao), "/", "/nope/x", "/secret/app")["/secret/app/user"] == "u"
    assert read(vault(bao), "/") == {}


def test_what_is_not_there_is_empty(bao: OpenBao):
    """Each is a 404 of its own form."""
    for name in ("deleted", "destroyed"):
        bao.write_secret(f"secret/{name}", {"user": "u"})
    bao.delete("/secret/deleted")
    bao.write("secret/destroy/destroyed", {"versions": [1]})
    mounts = ["/kv1/no", "/kv1/no/", "/kv1", "/secret/no", "/secret/data", "/secret/data/no"]
    keys = [*mounts, "/secret/deleted", "/secret/destroyed", "/no/x", "/no", "/sys/no", "/"]
    for key in keys:
        assert read(vault(bao), key) == {}


def test_a_namespace_that_has_gone_is_an_error(bao: OpenBao):
    bao.web().json("POST", "/v1/sys/namespaces/brief", {})
    asked = vault(bao, namespace="brief")
    assert read(asked, "/kv1/a") == {}
    bao.web().json("DELETE", "/v1/sys/namespaces/brief")
    while bao.web().ask("GET", "/v1/sys/namespaces/brief").status_code != 404:
        assert bao.server.runs
    with pytest.raises(Refused, match="namespace"):
        read(asked, "/kv1/a")


def test_a_field_has_a_key_and_is_not_one_to_ask_for(bao: OpenBao):
    """A resource gets what its own keys give, whatever others ask for."""
    bao.write_secret("kv1/app", {"user": "u", "port": 80})
    snapshot = vault(bao).get_values(["/kv1/app", "/kv1/app/user"])
    assert dict(snapshot.view("/kv1", ["/app/user"]).items()) == {}
    whole = {"/app": '{"port":80,"user":"u"}', "/app/user": "u"}
    assert dict(snapshot.view("/kv1", ["/app"]).items()) == whole
    # The root, which is asked for by the advice about a missing key.
    assert dict(snapshot.view("/kv1", ["/"]).items()) == whole


def test_a_secret_counts_where_a_field_has_the_same_key(bao: OpenBao):
    bao.write_secret("kv1/app", {"user": "field", "x": "y"})
    bao.write_secret("kv1/app/user", {"value": "secret"})
    assert read(vault(bao), "/kv1/app")["/kv1/app/user"] == "secret"


def test_a_value_without_a_key_is_warned_of_once(bao: OpenBao, caplog):
    bao.write_secret("kv1/app", {"port": 80, "none": None, "list": [1]})
    asked = vault(bao)
    with caplog.at_level(logging.WARNING, LOGGER.name):
        for _ in range(3):
            read(asked, "/kv1/app")
    assert sorted(warnings(caplog)) == [
        "type of '/kv1/app/list' is not supported ([]interface {})",
        "type of '/kv1/app/none' is not supported (<nil>)",
        "type of '/kv1/app/port' is not supported (json.Number)",
    ]


# -- Rights


def test_the_keys_that_are_refused_are_named_and_the_others_are_read(bao: OpenBao):
    keys = [f"/kv1/k{number}" for number in range(20)]
    for key in keys:
        bao.put(key, "1")
    policy = "\n".join(f'path "{key[1:]}" {READ}' for key in keys[1:])
    asked = vault(bao, token=bao.add_token("most", policy))
    with pytest.raises(Refused) as caught:
        asked.get_values(keys)
    assert caught.value.keys == ("/kv1/k0",)
    assert str(caught.value) == (f"vault {bao.address}: permission denied: /kv1/k0 (keys: /kv1/k0)")
    assert read(asked, *keys[1:]) == dict.fromkeys(keys[1:], "1")


def test_a_listed_secret_that_is_refused_is_named(bao: OpenBao):
    bao.put("/kv1/db/main", "1")
    bao.put("/kv1/db/other", "1")
    policy = f'path "kv1/db/*" {READ_AND_LIST}\npath "kv1/db/main" {{ capabilities = ["deny"] }}'
    with pytest.raises(Refused, match=r"permission denied: /kv1/db/main \(keys: /kv1/db\)"):
        read(vault(bao, token=bao.add_token("without-main", policy)), "/kv1/db")


def test_a_folder_is_read_whose_own_path_is_refused(bao: OpenBao):
    for mount, api in (("kv1", ["kv1/db/*"]), ("secret", ["secret/+/db/*"])):
        bao.put(f"/{mount}/db/main", "1")
        policy = "\n".join(f'path "{path}" {READ_AND_LIST}' for path in api)
        asked = vault(bao, token=bao.add_token(f"below-{mount}", policy))
        assert read(asked, f"/{mount}/db") == {f"/{mount}/db/main": "1"}


def test_a_folder_that_may_not_be_listed_is_warned_of_once(bao: OpenBao, caplog):
    bao.put("/kv1/db/main", "1")
    asked = vault(bao, token=bao.add_token("readonly", f'path "kv1/*" {READ}'))
    with caplog.at_level(logging.WARNING, LOGGER.name):
        found = [read(asked, "/kv1/db", "/kv1/db/main") for _ in range(3)]
    assert found == [{"/kv1/db/main": "1"}] * 3
    assert warnings(caplog) == [
        f"vault {bao.address}: may not list /kv1/db: keys below it are left out"
    ]


def test_a_folder_without_a_name_is_left_out_and_warned_of_once(bao: OpenBao, caplog):
    bao.put("/kv1/db/main", "1")
    bao.web().json("POST", "/v1/kv1/db/%2F/odd", {"value": "2"})
    asked = vault(bao)
    with caplog.at_level(logging.WARNING, LOGGER.name):
        assert [read(asked, "/kv1/db") for _ in range(2)] == [{"/kv1/db/main": "1"}] * 2
    assert warnings(caplog) == [
        f"vault {bao.address}: /kv1/db holds a folder without a name: keys below it are left out"
    ]


# -- The command


def test_a_missing_key_is_advised_of(bao: OpenBao, folder, capfd):
    bao.put("/kv1/app/name", "1")
    folder.both('{{getv "/app/nmae"}}', keys=["/app"])
    flags = ["-backend=vault", "-node", bao.address, "-prefix=/kv1", "-auth-type=token"]
    said = confd(capfd, *flags, "-auth-token", bao.token, "-confdir", folder.path)
    assert said[0] == 1
    assert "did you mean /app/name?" in said[1][0]


def test_the_library_is_an_extra(monkeypatch):
    monkeypatch.delitem(sys.modules, vaultapi.__name__)
    monkeypatch.delattr(vaultapi.__name__)
    monkeypatch.setitem(sys.modules, "hvac", None)
    with pytest.raises(MissingLibrary, match=r"Backend vault needs .* 'confd-lib\[vault\]'"):
        backends.Vault(token="t")


def test_a_watch_reads_in_intervals(bao: OpenBao, folder):
    bao.put("/kv1/a", "1")
    folder.both('{{getv "/kv1/a"}}', keys=["/kv1/a"])
    flags = ["-watch", "-interval=1", "-backend=vault", "-node", bao.address]
    login = ["-auth-type=token", "-auth-token", bao.token]
    with sidekick.confd(*flags, *login, "-confdir", folder.path) as running:
        refusal = "Watch is not supported for backend vault; asking every 1 s instead"
        assert any(refusal in line for line in running.until(refusal))
        assert folder.dest().read_text() == "1"
        bao.put("/kv1/a", "2")
        running.until("has been updated")
        assert folder.dest().read_text() == "2"
        running.end(signal.SIGTERM)
