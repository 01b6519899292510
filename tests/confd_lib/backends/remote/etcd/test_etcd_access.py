"""Users and certificates of etcd."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Iterator

import pytest

from confd_lib import backends
from confd_lib.backends.remote.etcd import watching as etcd_watching
from confd_lib.errors import BackendError, ConfigError, Refused
from tests.confd_lib.backends.contract.watcher import watching
from tests.confd_lib.backends.remote.etcd.asking import subject
from tests.servers.etcd import Etcd, User
from tests.servers.fixtures import Share, Start
from tests.servers.loopback.certificates import Certificates

# -- Users


@pytest.fixture
def guarded(start: Start) -> Etcd:
    """An etcd with users: one who may read all, and one who may read `/app` alone."""
    return start(
        Etcd,
        users=[
            User("all", "open", [("/", "0")]),
            User("some", "sesame", [("/app", "/app0")]),
            User("two", "sesame", [("/app", "/app0"), ("/web", "/web0")]),
        ],
    )


def test_a_user_watches_keys_with_others_between_them(guarded: Etcd):
    subject(guarded).put({"/app/a": "1", "/between": "1", "/web/b": "1"})
    followed = subject(guarded, username="two", password="sesame")
    with watching(followed, "/app", "/web") as watcher:
        watcher.until(a="1", b="1")
        for key, name in (("/app/a", "a"), ("/web/b", "b")):
            followed.put({key: "2"})
            watcher.until(**{name: "2"})
        assert not any(watcher.reports)


def test_a_user_reads_and_watches(guarded: Etcd):
    followed = subject(guarded, username="all", password="open")
    followed.put({"/app/a": "1", "/b": "2"})
    assert followed.read("/app", "/b") == {"/app/a": "1", "/b": "2"}
    with watching(followed, "/app") as watcher:
        watcher.until(a="1")
        followed.put({"/app/a": "2"})
        watcher.until(a="2")


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({}, "etcdserver: user name is empty"),
        (
            {"username": "all", "password": "wrong"},
            "etcdserver: authentication failed, invalid user ID or password",
        ),
        (
            {"username": "nobody", "password": "open"},
            "etcdserver: authentication failed, invalid user ID or password",
        ),
    ],
)
def test_a_login_that_is_refused_is_raised(guarded: Etcd, options, reason):
    asked = subject(guarded, **options)
    with pytest.raises(Refused) as caught:
        asked.read("/app", "/b")
    assert (str(caught.value), caught.value.keys) == (f"etcd {guarded.url}: {reason}", ())
    with pytest.raises(Refused, match=reason):
        next(iter(asked.backend.changes(["/app"], None, threading.Event())))


def test_the_keys_that_are_refused_are_named_and_the_others_are_read(guarded: Etcd):
    asked = subject(guarded, username="some", password="sesame")
    asked.put({"/app/a": "1", "/b": "2"})
    with pytest.raises(Refused) as caught:
        asked.read("/app", "/b", "/c")
    assert caught.value.keys == ("/b", "/c")
    assert str(caught.value).endswith("etcdserver: permission denied (/b, /c)")
    assert asked.read("/app") == {"/app/a": "1"}


FEW = ["/app/a", "/other/b"]
MANY = [f"/app/{number:03}" for number in range(50)] + ["/other/b"]


@pytest.mark.parametrize(("keys", "warns"), [(FEW, False), (MANY, True)])
def test_keys_are_followed_though_what_lies_between_them_may_not_be_read(
    start: Start, keys: list[str], warns: bool, monkeypatch, caplog
):
    monkeypatch.setattr(etcd_watching, "_POLL_S", 0.1)
    rights = [("/app", "/app0"), ("/other", "/other0")]
    store = start(Etcd, users=[User("some", "sesame", rights)])
    followed = subject(store, username="some", password="sesame")
    followed.put({"/between": "-", keys[0]: "1", "/other/b": "1"})
    with watching(followed, *keys) as watcher:
        watcher.until(b="1")
        for number in range(2, 6):
            followed.put({"/other/b": str(number)})
            watcher.until(b=str(number))
    assert any("cannot be watched" in record.message for record in caplog.records) is warns


def test_a_token_that_is_gone_is_renewed(guarded: Etcd):
    """A member keeps its tokens in memory, so a restart ends them."""
    followed = subject(guarded, username="all", password="open")
    followed.put({"/app/a": "1"})
    with watching(followed, "/app") as watcher:
        watcher.until(a="1")
        guarded.server.stop()
        watcher.until_lost()
        guarded.server.start()
        followed.put({"/app/a": "2"})
        watcher.until(a="2")
    assert followed.read("/app") == {"/app/a": "2"}


def test_a_login_where_none_is_needed_is_no_fault(share: Share):
    asked = subject(share("etcd"), username="all", password="open")
    asked.put({"/a/b": "1"})
    assert asked.read("/a") == {"/a/b": "1"}


# -- Certificates


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory, certificates: Certificates) -> Iterator[Etcd]:
    """An etcd that speaks TLS and asks for certificates."""
    store = Etcd(tmp_path_factory.mktemp("etcd"), tls=certificates, asks_for_certificates=True)
    store.server.start()
    yield store
    store.close()


def own(certificates: Certificates) -> dict[str, str]:
    return {
        "ca": certificates.ca,
        "cert": certificates.client,
        "key": certificates.client_key,
    }


@pytest.mark.parametrize("node", ["{url}", "127.0.0.1:{port}"])
def test_certificates_are_shown_and_checked(secured: Etcd, certificates: Certificates, node: str):
    node = node.format(url=secured.url, port=secured.server.port)
    followed = subject(secured, node, **own(certificates))
    followed.put({"/a/b": "1"})
    with watching(followed, "/a") as watcher:
        watcher.until(b="1")
        followed.put({"/a/b": "2"})
        watcher.until(b="2")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"ca": "other"}, "TLS: certificate verify failed"),
        ({"ca": ""}, "TLS: certificate verify failed"),
        ({"cert": "", "key": ""}, "TLS: "),
    ],
)
def test_a_connection_that_is_not_trusted_is_one_line(secured, certificates, change, reason):
    changed = {name: getattr(certificates, value, "") for name, value in change.items()}
    with pytest.raises(BackendError) as caught:
        subject(secured, **{**own(certificates), **changed}).read("/a")
    said = str(caught.value)
    assert said.startswith(f"etcd {secured.url}: {reason}")
    assert "\n" not in said
    assert "_ssl.c" not in said


def test_a_certificate_for_another_host_is_refused(start: Start, certificates: Certificates):
    wrong = dataclasses.replace(
        certificates, server=certificates.badname, server_key=certificates.badname_key
    )
    store = start(Etcd, tls=wrong)
    with pytest.raises(BackendError, match="TLS: certificate verify failed: IP address mismatch"):
        subject(store, ca=certificates.ca).read("/a")


def test_a_plain_question_to_a_port_of_tls_is_one_line(secured: Etcd):
    with pytest.raises(BackendError, match=r"it may speak TLS|Connection reset by peer"):
        subject(secured, f"http://127.0.0.1:{secured.server.port}").read("/a")


def test_a_question_by_tls_to_a_plain_port_is_one_line(share: Share):
    store = share("etcd")
    with pytest.raises(BackendError, match=r"etcd https://[0-9.:]+: (TLS|Connection reset)"):
        subject(store, store.url.replace("http:", "https:")).read("/a")


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"ca": "/none.pem"}, "open /none.pem: no such file or directory"),
        ({"ca": "client_key"}, "holds no certificate"),
        ({"cert": "client", "key": "server_key"}, "is not a key, without a password, of"),
        ({"cert": "client"}, "is not a key, without a password, of"),
        ({"key": "client_key"}, "a key is of no use without its certificate"),
    ],
)
def test_files_that_are_no_certificates_are_refused_at_once(certificates, files, reason):
    given = {name: getattr(certificates, value, value) for name, value in files.items()}
    with pytest.raises(ConfigError, match=reason):
        backends.Etcd(**given)
