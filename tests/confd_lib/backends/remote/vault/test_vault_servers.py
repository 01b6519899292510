"""Servers of Vault: outages, certificates, and answers that are not Vault's."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator

import pytest

from confd_lib import backends
from confd_lib.backends.remote import web
from confd_lib.errors import BackendError, Interrupted, Refused
from confd_lib.logs import LOGGER
from tests.confd_lib.backends.remote.answers import answering
from tests.confd_lib.backends.remote.vault.asking import LIMIT, read, vault, warnings
from tests.servers.fixtures import Start
from tests.servers.loopback.certificates import Certificates
from tests.servers.openbao import OpenBao

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


@pytest.mark.deep
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


LOOKUP = {"/v1/auth/token/lookup-self": b'{"data": {"ttl": 0, "renewable": false}}'}


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, b'{"message": "no Route matched with those values"}'),
        (404, b'{"errors": [{"status": "404"}]}'),
        (404, b'{"data": null}'),
        (404, b'{"request_id": "1"}'),
        (404, b"{}"),
        (404, b'[{"errors": []}]'),
        (405, b'{"message": "Method not allowed"}'),
        (403, b'{"message": "Forbidden"}'),
        (200, b'{"status": "up"}'),
        (200, b'{"errors": []}'),
        (200, b'{"data": null, "auth": null}'),
        (204, b""),
    ],
)
def test_an_answer_of_a_gateway_does_not_say_that_nothing_is_there(status: int, body: bytes):
    with (
        answering(status, body, good=LOOKUP) as node,
        pytest.raises(BackendError, match=f"{status}.*: not an answer of Vault") as caught,
    ):
        backends.Vault(node, token="t").get_values(["/a"])
    assert not isinstance(caught.value, Refused)


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
