"""Vault beyond the contract: secrets, rights, log-ins, tokens, odd answers."""

from __future__ import annotations

import base64
import json
import logging
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from confd_lib import backends
from confd_lib.backends.remote import web
from confd_lib.backends.remote.vault import api as vaultapi
from confd_lib.errors import BackendError, ConfigError, Interrupted, MissingLibrary, Refused
from confd_lib.logs import LOGGER
from tests.confd_lib import sidekick
from tests.confd_lib.backends.remote.answers import answering
from tests.confd_lib.commandline import confd
from tests.servers.certificates import Certificates
from tests.servers.fixtures import Share, Start
from tests.servers.openbao import OpenBao
from tests.servers.proxy import Proxy

LIMIT = 60
READ = '{ capabilities = ["read"] }'
READ_AND_LIST = '{ capabilities = ["read", "list"] }'


@pytest.fixture
def bao(share: Share) -> OpenBao:
    store = share("openbao")
    assert isinstance(store, OpenBao)
    return store


def vault(store: OpenBao, **options: str) -> backends.Vault:
    return backends.Vault(store.address, **{"token": store.token, **options})


def read(asked: backends.Vault, *keys: str) -> dict[str, str]:
    return dict(asked.get_values(keys).view("/", keys).items())


def warnings(caplog) -> list[str]:
    return [record.message for record in caplog.records if record.levelno == logging.WARNING]


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


# -- Log-ins


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"auth_type": ""}, "you have to set the auth type when using the vault backend"),
        ({"auth_type": "token"}, "token is missing from configuration (flag -auth-token)"),
        ({"auth_type": "userpass"}, "username is missing from configuration (flag -username)"),
        (
            {"auth_type": "userpass", "username": "u"},
            "password is missing from configuration (flag -password)",
        ),
        ({"auth_type": "app-role"}, "role-id is missing from configuration (flag -role-id)"),
        (
            {"auth_type": "app-role", "role_id": "r"},
            "secret-id is missing from configuration (flag -secret-id)",
        ),
        (
            {"auth_type": "github", "token": "t"},
            "Unable to authenticate: auth type github is not known; there are app-role, kubernetes",
        ),
    ],
)
def test_a_login_that_cannot_be_is_refused_at_once(options, reason):
    with pytest.raises(ConfigError) as caught:
        backends.Vault(**options)
    assert str(caught.value).startswith(reason)


Make = Callable[[OpenBao], dict[str, str]]


def by_password(store: OpenBao) -> dict[str, str]:
    store.add_user("u/ü", "sesame", "all")
    return {"auth_type": "userpass", "username": "u/ü", "password": "sesame"}


def by_password_elsewhere(store: OpenBao) -> dict[str, str]:
    store.add_user("u", "sesame", "all", path="else where")
    user = {"username": "u", "password": "sesame", "path": "else where"}
    return {"auth_type": "userpass", **user}


def by_role(store: OpenBao) -> dict[str, str]:
    role_id, secret_id = store.add_role("web", "all")
    return {"auth_type": "app-role", "role_id": role_id, "secret_id": secret_id}


def by_token(store: OpenBao) -> dict[str, str]:
    return {"token": store.add_token("all", f'path "kv1/*" {READ_AND_LIST}')}


LOGINS = [by_password_elsewhere, by_role, by_token]


@pytest.mark.parametrize("login", LOGINS)
def test_a_login_reads(bao: OpenBao, login: Make):
    bao.put("/kv1/a", "1")
    by_token(bao)  # the policy
    assert read(vault(bao, **login(bao)), "/kv1/a") == {"/kv1/a": "1"}


@pytest.mark.parametrize(
    ("login", "wrong", "reason"),
    [
        (by_password_elsewhere, "password", "invalid username or password (log-in by userpass)"),
        (by_role, "secret_id", "invalid role or secret ID (log-in by app-role)"),
        (by_role, "path", "permission denied (log-in by app-role)"),
        (by_token, "token", "permission denied (log-in by token, which may have expired)"),
    ],
)
def test_a_login_that_is_refused_is_one_line_without_its_secrets(
    bao: OpenBao, login: Make, wrong: str, reason: str
):
    with pytest.raises(Refused) as caught:
        read(vault(bao, **{**login(bao), wrong: "wr0ng"}), "/kv1/a")
    assert (str(caught.value), caught.value.keys) == (f"vault {bao.address}: {reason}", ())


def by_service_account(store: OpenBao, kubernetes: str, jwt: str) -> dict[str, str]:
    """Let a service account log in, and return how; `kubernetes` is asked if its token is good."""
    web = store.web()
    if "kubernetes/" not in web.json("GET", "/v1/sys/auth")["data"]:
        web.json("POST", "/v1/sys/auth/kubernetes", {"type": "kubernetes"})
    cluster = {
        "kubernetes_host": kubernetes,
        "kubernetes_ca_cert": trustme.CA().cert_pem.bytes().decode(),
        "disable_local_ca_jwt": True,
        "token_reviewer_jwt": jwt,
    }
    web.json("POST", "/v1/auth/kubernetes/config", cluster)
    account = {"bound_service_account_names": "app", "bound_service_account_namespaces": "default"}
    web.json("POST", "/v1/auth/kubernetes/role/web", {**account, "token_policies": ["all"]})
    return {"auth_type": "kubernetes", "role_id": "web"}


def signed(claims: dict[str, str]) -> str:
    """Return the token of a service account; only Kubernetes checks its signature."""
    parts = [json.dumps(part).encode() for part in ({"alg": "RS256", "typ": "JWT"}, claims)]
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in [*parts, b"x"])


def test_a_service_account_logs_in(bao: OpenBao, tmp_path: Path, monkeypatch):
    bao.put("/kv1/a", "1")
    by_token(bao)  # the policy
    user = {"username": "system:serviceaccount:default:app", "uid": "u1"}
    review = json.dumps({"status": {"authenticated": True, "user": user}}).encode()
    claims = {
        "kubernetes.io/serviceaccount/namespace": "default",
        "kubernetes.io/serviceaccount/service-account.name": "app",
        "kubernetes.io/serviceaccount/service-account.uid": "u1",
    }
    jwt = signed({"iss": "kubernetes/serviceaccount", "sub": user["username"], **claims})
    monkeypatch.setattr(vaultapi, "_SERVICE_ACCOUNT", tmp_path / "token")
    with answering(201, review, headers={"Content-Type": "application/json"}) as kubernetes:
        asked = vault(bao, **by_service_account(bao, kubernetes, jwt))
        with pytest.raises(BackendError, match=f"open {tmp_path}/token: no such file or directory"):
            read(asked, "/kv1/a")
        (tmp_path / "token").write_text(f"{jwt}\n")
        assert read(asked, "/kv1/a") == {"/kv1/a": "1"}
        end_all_tokens(bao, "kubernetes")
        assert read(asked, "/kv1/a") == {"/kv1/a": "1"}
        (tmp_path / "token").write_text("wr0ng")
        with pytest.raises(Refused, match=r"\(log-in by kubernetes\)") as caught:
            read(vault(bao, auth_type="kubernetes", role_id="web"), "/kv1/a")
        assert "wr0ng" not in str(caught.value)


# -- Tokens


def end_all_tokens(store: OpenBao, path: str) -> None:
    store.web().json("PUT", f"/v1/sys/leases/revoke-prefix/auth/{path}", {})


@pytest.mark.parametrize(
    ("login", "path"), [(by_password_elsewhere, "else%20where"), (by_role, "approle")]
)
def test_a_login_is_repeated_when_its_token_has_ended(bao: OpenBao, login: Make, path: str):
    bao.put("/kv1/a", "1")
    by_token(bao)  # the policy
    asked = vault(bao, **login(bao))
    assert read(asked, "/kv1/a") == {"/kv1/a": "1"}
    for value in ("2", "3"):
        end_all_tokens(bao, path)
        bao.put("/kv1/a", value)
        assert read(asked, "/kv1/a") == {"/kv1/a": value}


def test_a_given_token_that_has_ended_is_refused_by_name(bao: OpenBao):
    bao.put("/kv1/a", "1")
    given = by_token(bao)
    asked = vault(bao, **given)
    assert read(asked, "/kv1/a") == {"/kv1/a": "1"}
    bao.revoke(given["token"])
    for _ in range(2):
        with pytest.raises(Refused, match="log-in by token, which may have expired"):
            read(asked, "/kv1/a")


def test_a_refused_key_is_no_reason_to_log_in_again(bao: OpenBao, proxied: Callable[[int], Proxy]):
    by_token(bao)  # the policy
    asked = vault(bao, **by_role(bao))
    bao.put("/kv1/a", "1")
    read(asked, "/kv1/a")
    before = tokens(bao)
    with pytest.raises(Refused):
        read(asked, "/secret/a")
    assert tokens(bao) == before


def tokens(store: OpenBao) -> int:
    return len(store.web().json("GET", "/v1/auth/token/accessors?list=true")["data"]["keys"])


def facts(store: OpenBao, token: str) -> dict[str, Any]:
    return dict(store.web().json("POST", "/v1/auth/token/lookup", {"token": token})["data"])


def test_a_token_is_renewed_by_a_read_once_a_part_of_its_time_has_passed(bao: OpenBao, monkeypatch):
    bao.put("/kv1/a", "1")
    given = by_token(bao)
    asked = vault(bao, **given)
    read(asked, "/kv1/a")
    read(asked, "/kv1/a")
    assert "last_renewal" not in facts(bao, given["token"])
    monkeypatch.setattr(vaultapi, "_RENEW_AFTER", 0)
    asked = vault(bao, **given)
    read(asked, "/kv1/a")
    assert "last_renewal" in facts(bao, given["token"])


@pytest.mark.soak
def test_a_token_outlives_its_first_time(bao: OpenBao):
    bao.put("/kv1/a", "1")
    token = bao.add_token("all", f'path "kv1/*" {READ_AND_LIST}', ttl="6s")
    asked = vault(bao, token=token)
    lived = 0
    while lived < 12:
        assert read(asked, "/kv1/a") == {"/kv1/a": "1"}
        found = facts(bao, token)
        lived = int(found.get("last_renewal_time") or 0) - int(found["creation_time"])
    assert found["creation_ttl"] == 6


def test_a_token_that_is_not_renewed_is_used_to_its_end(bao: OpenBao, monkeypatch):
    """A token of a batch has a time and cannot be renewed; the root token has no end."""
    monkeypatch.setattr(vaultapi, "_RENEW_AFTER", 0)
    bao.put("/kv1/a", "1")
    by_token(bao)  # the policy
    batch = {"type": "batch", "policies": ["all"], "ttl": "1h"}
    made = bao.web().json("POST", "/v1/auth/token/create", batch)["auth"]["client_token"]
    for token in (made, bao.token):
        asked = vault(bao, token=token)
        assert [read(asked, "/kv1/a") for _ in range(2)] == [{"/kv1/a": "1"}] * 2


# -- Nodes, outages


def test_a_sealed_server_is_an_outage_and_the_next_node_is_asked(start: Start, bao: OpenBao):
    sealed = start(OpenBao)
    sealed.seal()
    bao.put("/kv1/a", "1")
    with pytest.raises(BackendError) as caught:
        read(vault(sealed), "/kv1/a")
    assert not isinstance(caught.value, Refused)
    assert str(caught.value) == f"vault {sealed.address}: Vault is sealed"
    both = backends.Vault(sealed.address, bao.address, token="root")
    assert read(both, "/kv1/a") == {"/kv1/a": "1"}


def test_a_server_that_is_unsealed_is_read_again(start: Start):
    store = start(OpenBao, keeps=True)
    asked = vault(store)
    store.put("/kv1/a", "1")
    assert read(asked, "/kv1/a") == {"/kv1/a": "1"}
    store.server.stop()
    store.server.start()
    with pytest.raises(BackendError, match="Vault is sealed"):
        read(asked, "/kv1/a")
    store.unseal()
    assert read(asked, "/kv1/a") == {"/kv1/a": "1"}


def test_a_store_that_comes_back_empty_is_doubted_then_believed(start: Start, caplog):
    store = start(OpenBao)
    asked = vault(store)
    store.put("/kv1/a", "1")
    read(asked, "/kv1/a")
    store.server.stop()
    with pytest.raises(BackendError, match="Connection refused"):
        read(asked, "/kv1/a")
    store.server.empty()
    with caplog.at_level(logging.WARNING, LOGGER.name):
        assert read(asked, "/kv1/a") == {}
    assert warnings(caplog) == [
        f"vault {store.address} has come back without any of the keys that it held"
    ]


def test_the_reason_of_each_node_is_given():
    with pytest.raises(BackendError) as caught:
        backends.Vault("127.0.0.1:1", "http://nope.invalid:2", token="t").get_values(["/a"])
    first, second = str(caught.value).split("; ")
    assert first == "vault http://127.0.0.1:1: Connection refused"
    assert second.startswith("vault http://nope.invalid:2: ")


def test_the_read_of_a_frozen_server_ends_with_the_stop_event(start: Start):
    store = start(OpenBao)
    stop, raised = threading.Event(), []
    asked = backends.Vault(store.address, token=store.token, stop=stop)

    def ask() -> None:
        try:
            read(asked, "/kv1/a")
        except BackendError as error:
            raised.append(error)

    store.server.freeze()
    thread = threading.Thread(target=ask)
    thread.start()
    stop.set()
    thread.join(LIMIT)
    assert [type(error) for error in raised] == [Interrupted]


# -- Certificates


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenBao]:
    store = OpenBao(tmp_path_factory.mktemp("bao"), tls=True)
    store.server.start()
    yield store
    store.close()


def test_a_server_is_checked_against_its_authority(secured: OpenBao):
    secured.put("/kv1/a", "1")
    assert read(vault(secured, ca=str(secured.ca)), "/kv1/a") == {"/kv1/a": "1"}
    # With certificates, a node without a scheme is asked by https.
    bare = backends.Vault(f"127.0.0.1:{secured.server.port}", token="root", ca=str(secured.ca))
    assert read(bare, "/kv1/a") == {"/kv1/a": "1"}


@pytest.mark.parametrize("ca", ["", "other"])
def test_a_server_that_is_not_trusted_is_one_line(secured, certificates: Certificates, ca):
    with pytest.raises(BackendError) as caught:
        read(vault(secured, ca=getattr(certificates, ca, "")), "/kv1/a")
    assert str(caught.value).startswith(f"vault {secured.address}: TLS: certificate verify failed")


def test_a_scheme_that_is_not_the_ports_is_one_line(secured: OpenBao, bao: OpenBao):
    plain = secured.address.replace("https:", "http:")
    with pytest.raises(BackendError, match="400 Client sent an HTTP request to an HTTPS server"):
        backends.Vault(plain, token="t").get_values(["/a"])
    with pytest.raises(BackendError, match=r"vault https://[0-9.:]+: TLS"):
        backends.Vault(bao.address.replace("http:", "https:"), token="t").get_values(["/a"])


# -- Servers that are not Vault


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (404, b"404 page not found\n", "404 404 page not found: not an answer of Vault"),
        (200, b"<html>hello</html>", "200 <html>hello</html>: not an answer of Vault"),
        (200, b"[" * 100_000, "an answer is nested too deep"),
        (200, b"[]", "200 []: not an answer of Vault"),
        (200, b"{}", "not an answer of Vault"),
        (200, b'{"data": {"ttl": null}}', "not an answer of Vault"),
        (302, b"", "302: not an answer of Vault"),
        (503, b'{"errors": 5}', "not an answer of Vault"),
        (503, b"<html>\n no upstream", "503 <html>: not an answer of Vault"),
        (429, b'{"errors": ["too many"]}', "too many"),
        (500, b'{"errors": []}', "500"),
        (500, b'{"errors": ["%s"]}' % (b"long" * 500), "long"),
    ],
)
def test_an_answer_that_is_not_vaults_is_one_line(status, body, reason):
    for options in ({"token": "t"}, {"auth_type": "app-role", "role_id": "r", "secret_id": "s"}):
        with answering(status, body) as node, pytest.raises(BackendError) as caught:
            backends.Vault(node, **options).get_values(["/a"])
        assert str(caught.value).startswith(f"vault {node}: ")
        assert reason in str(caught.value)
        assert not isinstance(caught.value, Refused)
        assert len(str(caught.value)) < 400


def test_an_answer_that_is_too_long_is_given_up(monkeypatch):
    monkeypatch.setattr(web, "MAX_BODY", 1 << 20)
    with (
        answering(200, b" " * (2 << 20)) as node,
        pytest.raises(BackendError, match="the answer is longer than 1 MB"),
    ):
        backends.Vault(node, token="t").get_values(["/a"])


def test_a_secret_that_nests_too_deep_is_one_line():
    nested = b'{"a":' * 2000 + b"1" + b"}" * 2000
    body = b'{"data": {"ttl": 0, "renewable": false, "nested": ' + nested + b"}}"
    with answering(200, body) as node, pytest.raises(BackendError, match="nested too deep"):
        backends.Vault(node, token="t").get_values(["/a"])


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
