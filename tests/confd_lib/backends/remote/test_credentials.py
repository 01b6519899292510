"""Credentials that cannot be sent: refused before anything is asked, and shown by no error."""

from __future__ import annotations

import threading
from functools import partial

import pytest

from confd_lib import backends
from confd_lib.backends.remote.tls import TLS
from confd_lib.backends.remote.web import Web
from confd_lib.command.confd import cli
from confd_lib.errors import BackendError, ConfigError

NOWHERE = "127.0.0.1:1"
# A file of a secret often ends with a line break, and a variable that was read from it as well.
UNSENDABLE = ["s3cret\n", "s3cret\r", " s3cret", "s3cret ", "s3cret\t", "s3\x00cret", "s3cret€"]
NO_UTF8 = "s3cret\udcff"
HEADERS = {
    "the token of backend vault": lambda text: backends.Vault(NOWHERE, token=text),
    "the namespace of backend vault": lambda text: backends.Vault(
        NOWHERE, token="t", namespace=text
    ),
    "the token of backend consul": lambda text: backends.Consul(NOWHERE, token=text),
}
userpass = partial(backends.Vault, NOWHERE, auth_type="userpass")
app_role = partial(backends.Vault, NOWHERE, auth_type="app-role")
LOGINS = {
    "consul: a user": lambda text: backends.Consul(NOWHERE, username=text),
    "consul: a password": lambda text: backends.Consul(NOWHERE, username="me", password=text),
    "consul: a namespace": lambda text: backends.Consul(NOWHERE, namespace=text),
    "etcd: a user": lambda text: backends.Etcd(NOWHERE, username=text),
    "etcd: a password": lambda text: backends.Etcd(NOWHERE, username="me", password=text),
    "redis: a user": lambda text: backends.Redis(NOWHERE, username=text),
    "redis: a password": lambda text: backends.Redis(NOWHERE, password=text),
    "vault: a user": lambda text: userpass(username=text, password="p"),
    "vault: a password": lambda text: userpass(username="me", password=text),
    "vault: a role": lambda text: app_role(role_id=text, secret_id="s"),
    "vault: a secret": lambda text: app_role(role_id="r", secret_id=text),
    "zookeeper: a user": lambda text: backends.ZooKeeper(NOWHERE, username=text),
    "zookeeper: a password": lambda text: backends.ZooKeeper(NOWHERE, username="me", password=text),
}


@pytest.mark.parametrize("text", UNSENDABLE, ids=ascii)
@pytest.mark.parametrize("name", HEADERS)
def test_what_no_header_can_hold_is_refused_without_being_shown(name: str, text: str):
    with pytest.raises(ConfigError) as caught:
        HEADERS[name](text)
    assert str(caught.value) == (
        f"{name} holds other characters than printable ASCII, or outer spaces or line breaks: "
        "remove them"
    )


@pytest.mark.parametrize("name", LOGINS)
def test_credentials_that_are_not_utf_8_are_refused_without_being_shown(name: str):
    with pytest.raises(ConfigError, match="have to be UTF-8") as caught:
        LOGINS[name](NO_UTF8)
    assert f"backend {name.partition(':')[0]}" in str(caught.value)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    "flags",
    [
        ["-backend=vault", "-auth-type=token", "-auth-token=s3cret\n"],
        ["-backend=consul", "-auth-token=s3cret\n"],
        ["-backend=consul", "-basic-auth", "-username=me", f"-password={NO_UTF8}"],
    ],
    ids=lambda flags: " ".join(flags[:1]),
)
def test_the_command_refuses_them_in_one_line(flags: list[str], capfd):
    status = cli.main(["-onetime", "-config-file=", "-confdir=/nonexistent", *flags])
    said = capfd.readouterr().err
    assert status == 1
    assert said.splitlines()[-1].count("FATAL") == 1
    assert "s3cret" not in said


@pytest.mark.parametrize("text", ["s3cret\n", "s3cret€", NO_UTF8], ids=ascii)
def test_no_error_of_a_request_shows_a_header(text: str):
    """A server may have given the token, so that no setting has been checked."""
    with Web("vault", TLS(), threading.Event()) as web, pytest.raises(BackendError) as caught:
        web.ask("GET", f"http://{NOWHERE}/v1/a", headers={"X-Vault-Token": text})
    assert str(caught.value) == (
        f"vault http://{NOWHERE}: a header of the request holds a character that cannot be sent"
    )
