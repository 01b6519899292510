"""Users and certificates of Redis."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from confd_lib.backends.remote.redis import link as redis_link
from confd_lib.errors import BackendError, CannotWatch, Refused
from tests.confd_lib.backends.contract.watcher import watching
from tests.confd_lib.backends.remote.redis.asking import first_step, subject
from tests.confd_lib.commandline import confd
from tests.servers.fixtures import Share, Start
from tests.servers.loopback.certificates import Certificates
from tests.servers.redis import Redis

# -- Users


# Those that the docstring of `Redis` names.
RIGHTS = "+@read +multi +exec +ping +client|id +client|tracking +subscribe"


@pytest.fixture
def guarded(start: Start) -> Redis:
    """A Redis with users: one who may do all, one who may read `/app/*`, one who may watch it."""
    return start(
        Redis,
        password="open",
        users=[
            "reader on >sesame ~/app/* resetchannels +@read",
            f"watcher on >sesame ~/app/* resetchannels &__redis__:invalidate {RIGHTS}",
        ],
    )


@pytest.mark.parametrize(
    "options",
    [{"password": "open"}, {"username": "watcher", "password": "sesame"}],
    ids=["the password alone", "a user"],
)
def test_a_user_reads_and_watches(guarded: Redis, options):
    followed = subject(guarded, **options)
    followed.put({"/app/a": "1"})
    assert followed.read("/app") == {"/app/a": "1"}
    with watching(followed, "/app") as watcher:
        watcher.until(a="1")
        followed.put({"/app/a": "2"})
        watcher.until(a="2")


def test_a_user_may_read_without_transactions_and_not_watch(guarded: Redis):
    asked = subject(guarded, username="reader", password="sesame")
    asked.put({"/app/a": "1", "/app/b/c": "2"})
    assert asked.read("/app") == {"/app/a": "1", "/app/b/c": "2"}
    with pytest.raises(CannotWatch, match=f"redis {guarded.address}: cannot be watched: "):
        first_step(asked, "/app")


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({}, "Authentication required"),
        ({"password": "no"}, "invalid username-password pair or user is disabled"),
        (
            {"username": "nobody", "password": "open"},
            "invalid username-password pair or user is disabled",
        ),
    ],
)
def test_a_login_that_is_refused_is_raised(guarded: Redis, options, reason: str):
    asked = subject(guarded, guarded.address, "127.0.0.1:1", **options)
    with pytest.raises(Refused) as caught:
        asked.read("/app", "/b")
    assert (str(caught.value), caught.value.keys) == (f"redis {guarded.address}: {reason}", ())
    with pytest.raises(Refused, match=reason):
        first_step(asked, "/app")


def test_a_password_that_is_not_asked_for_and_a_database_that_is_not_there(share: Share):
    store = share("redis")
    with pytest.raises(Refused, match="called without any password"):
        subject(store, password="needless").read("/a")
    with pytest.raises(Refused, match=f"redis {store.address}/99: DB index is out of range"):
        subject(store, f"{store.address}/99").read("/a")


@pytest.mark.parametrize("user", ["reader", "watcher"])
def test_the_keys_that_are_refused_are_named_and_the_others_are_read(guarded: Redis, user: str):
    asked = subject(guarded, username=user, password="sesame")
    asked.put({"/app/a": "1", "/b": "2", "/d/e": "3"})
    with pytest.raises(Refused) as caught:
        asked.read("/app", "/b", "/c", "/d")
    assert caught.value.keys == ("/b", "/c", "/d")
    assert str(caught.value).endswith("(/b, /c, /d)")
    with pytest.raises(Refused) as caught:
        asked.read("/")
    assert caught.value.keys == ("/",)
    assert asked.read("/app") == {"/app/a": "1"}


def test_one_refused_key_of_twenty_does_not_hold_up_the_others(guarded: Redis, folder, capfd):
    guarded.put_all({f"/app/{number}": str(number) for number in range(19)})
    for number in range(19):
        folder.both(f'{{{{getv "/app/{number}"}}}}', f"r{number}", keys=[f"/app/{number}"])
    folder.both('{{getv "/b"}}', "refused", keys=["/b"])
    login = ("-username=watcher", "-password=sesame", f"-node={guarded.address}")
    status, log, _ = confd(capfd, "-backend=redis", f"-confdir={folder.path}", *login)
    assert status == 1
    assert [folder.dest(f"r{number}").read_text() for number in range(19)] == [
        str(number) for number in range(19)
    ]
    assert not folder.dest("refused").exists()
    assert all(line.endswith("one of the keys used as arguments (/b)") for line in log)


def test_the_password_is_the_key_only_where_there_is_no_certificate(guarded: Redis, folder, capfd):
    guarded.put("/app/a", "1")
    folder.both('{{getv "/app/a"}}', keys=["/app/a"])
    flags = ("-backend=redis", f"-confdir={folder.path}", f"-node={guarded.address}")
    assert confd(capfd, *flags, "-client-key=open")[0] == 0
    assert folder.dest().read_text() == "1"
    status, log, _ = confd(capfd, *flags, "-client-key=open", "-client-cert=/none.pem")
    assert (status, log) == (1, ["FATAL open /none.pem: no such file or directory"])


# -- Certificates


@pytest.fixture(scope="module")
def secured(
    tmp_path_factory: pytest.TempPathFactory, certificates: Certificates
) -> Iterator[Redis]:
    """A Redis that speaks TLS alone and asks for certificates."""
    store = Redis(tmp_path_factory.mktemp("redis"), tls=certificates)
    store.server.start()
    yield store
    store.close()


def own(certificates: Certificates) -> dict[str, str]:
    return {"ca": certificates.ca, "cert": certificates.client, "key": certificates.client_key}


def test_certificates_are_shown_and_checked(secured: Redis, certificates: Certificates):
    followed = subject(secured, **own(certificates))
    followed.put({"/a/b": "1", "/a/long": "x" * 1_000_000})
    assert followed.read("/a/long") == {"/a/long": "x" * 1_000_000}
    with watching(followed, "/a") as watcher:
        watcher.until(b="1")
        followed.put({"/a/b": "2"})
        watcher.until(b="2")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"ca": "other"}, "TLS: certificate verify failed"),
        ({"ca": ""}, "TLS: certificate verify failed"),
        ({"cert": "", "key": ""}, "certificate"),
        ({"ca": "", "cert": "", "key": ""}, "no answer of Redis; it may speak TLS"),
    ],
)
def test_a_connection_that_is_not_trusted_is_one_line(secured, certificates, change, reason):
    changed = {name: getattr(certificates, value, "") for name, value in change.items()}
    with pytest.raises(BackendError) as caught:
        subject(secured, **{**own(certificates), **changed}).read("/a")
    said = str(caught.value)
    assert said.startswith(f"redis {secured.address}: ")
    assert reason in said
    assert "\n" not in said
    assert "_ssl.c" not in said


def test_a_certificate_for_another_host_is_refused(secured: Redis, certificates: Certificates):
    """The certificate names 127.0.0.1, and not this other way to write it."""
    asked = subject(secured, f"127.1:{secured.server.port}", **own(certificates))
    with pytest.raises(BackendError, match="TLS: certificate verify failed"):
        asked.read("/a")


def test_tls_to_a_plain_port_is_one_line(share: Share, certificates: Certificates, monkeypatch):
    monkeypatch.setattr(redis_link, "_CONNECT_S", 0.3)
    store = share("redis")
    with pytest.raises(BackendError) as caught:
        subject(store, ca=certificates.ca).read("/a")
    assert str(caught.value) == f"redis {store.address}: no answer in time; it may not speak TLS"
