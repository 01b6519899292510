"""Log-ins to Vault, and the tokens that they give."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import trustme

from confd_lib import backends
from confd_lib.backends.remote.vault import api as vaultapi
from confd_lib.errors import BackendError, ConfigError, Refused
from tests.confd_lib.backends.remote.answers import answering
from tests.confd_lib.backends.remote.vault.asking import READ_AND_LIST, read, vault
from tests.servers.loopback.proxy import Proxy
from tests.servers.openbao import OpenBao

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
