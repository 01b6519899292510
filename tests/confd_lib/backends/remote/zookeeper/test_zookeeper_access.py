"""Access to ZooKeeper: rights of users, certificates, and ports where something else answers."""

from __future__ import annotations

import errno
import logging
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from kazoo.security import make_digest_acl

from confd_lib import backends
from confd_lib.backends.remote.zookeeper import session
from confd_lib.errors import BackendError, ConfigError, Refused
from tests.confd_lib.backends.contract.watcher import watching
from tests.confd_lib.backends.remote.zookeeper.test_zookeeper import subject
from tests.servers.fixtures import Start
from tests.servers.loopback.certificates import Certificates
from tests.servers.zookeeper import ZooKeeper

# -- Rights


@pytest.fixture
def guarded(start: Start) -> ZooKeeper:
    """Some nodes are for the user `u` alone."""
    store = start(ZooKeeper)
    store.put_all({"/pub/a": "1", "/pub/b/c": "2", "/dir/open": "3", "/dir/shut/x": "4"})
    store.put("/closed", "5")
    store.client().add_auth("digest", "u:pa:ss")
    for node in ("/closed", "/dir/shut"):
        store.client().set_acls(node, [make_digest_acl("u", "pa:ss", all=True)])
    return store


def test_a_user_reads_and_watches(guarded: ZooKeeper):
    followed = subject(guarded, username="u", password="pa:ss")
    assert followed.read("/closed", "/dir") == {
        "/closed": "5",
        "/dir/open": "3",
        "/dir/shut/x": "4",
    }
    with watching(followed, "/dir") as watcher:
        watcher.until(x="4")
        followed.put({"/dir/shut/x": "6"})
        watcher.until(x="6")


@pytest.mark.parametrize(
    ("options", "who"),
    [({}, ""), ({"username": "u", "password": "wrong"}, " as user u")],
)
def test_the_nodes_that_are_refused_are_named_and_the_others_are_read(guarded, options, who):
    asked = subject(guarded, **options)
    with pytest.raises(Refused) as caught:
        asked.read("/closed", "/pub", "/dir", "/nope")
    assert caught.value.keys == ("/closed", "/dir")
    assert str(caught.value) == (
        f"zookeeper {guarded.address}: zk: not authenticated{who} (/closed, /dir/shut)"
    )
    assert asked.read("/pub") == {"/pub/a": "1", "/pub/b/c": "2"}
    with pytest.raises(Refused, match="/dir/shut"):
        next(iter(asked.backend.changes(["/pub", "/dir"], None, threading.Event())))


def test_many_refused_nodes_are_counted(guarded: ZooKeeper):
    many = {f"/many/{number}": "" for number in range(5)}
    guarded.put_all(many)
    for node in many:
        guarded.client().set_acls(node, [make_digest_acl("u", "p", all=True)])
    with pytest.raises(Refused, match=r"\(/many/0, /many/1, /many/2 and 2 more\)$"):
        subject(guarded).read("/many")


def test_a_node_that_is_refused_is_read_once_it_may_be(guarded: ZooKeeper):
    asked = subject(guarded)
    with pytest.raises(Refused):
        asked.read("/dir")
    guarded.client().set_acls("/dir/shut", guarded.client().get_acls("/pub")[0])
    assert asked.read("/dir") == {"/dir/open": "3", "/dir/shut/x": "4"}


def test_a_password_is_in_no_log(guarded: ZooKeeper, caplog):
    caplog.set_level(logging.DEBUG)
    logging.getLogger("kazoo").setLevel(logging.NOTSET)
    subject(guarded, username="u", password="pa:ss").read("/closed")
    assert "pa:ss" not in caplog.text


NO_LINGER = struct.pack("ii", 1, 0)
# A session of ten seconds, as a server confirms it; and its answer to a login that it refuses.
CONFIRMED = struct.pack("!iiiqi16s?", 37, 0, 10_000, 1, 16, b"", False)  # noqa: FBT003 - a field
REFUSED = struct.pack("!iiqi", 16, -4, 1, -115)


def test_a_login_that_is_refused_is_raised():
    """ZooKeeper itself refuses no user of the scheme digest, but a server may not have it."""
    with saying(CONFIRMED, REFUSED, closes=False) as node, pytest.raises(Refused) as caught:
        backends.ZooKeeper(node, username="u", password="p").get_values(["/a"])
    assert str(caught.value) == f"zookeeper {node}: the login is refused"
    assert caught.value.keys == ()


def test_a_login_that_cannot_be_sent_is_refused_at_once():
    with pytest.raises(ConfigError, match=r"the user and the password .* have to be UTF-8"):
        backends.ZooKeeper(username="u", password="caf\udce9")


def test_a_process_that_may_have_no_more_threads_is_one_line(monkeypatch):
    def start(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", start)
        with pytest.raises(BackendError, match="can't start new thread"):
            backends.ZooKeeper().get_values(["/a"])


def test_a_process_that_may_open_nothing_more_is_one_line_and_keeps_no_threads(monkeypatch):
    def refuse(_: object) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(
        "confd_lib.backends.remote.zookeeper.wire.Handler.create_socket_pair", refuse
    )
    before = threading.active_count()
    with pytest.raises(BackendError, match=r"^zookeeper 127.0.0.1:2181: Too many open files$"):
        backends.ZooKeeper().get_values(["/a"])
    while threading.active_count() > before:
        pass


# -- Certificates


@pytest.fixture(scope="module")
def secured(
    tmp_path_factory: pytest.TempPathFactory, certificates: Certificates
) -> Iterator[ZooKeeper]:
    """A server with a port for TLS that asks for certificates."""
    store = ZooKeeper(tmp_path_factory.mktemp("zookeeper"), tls=certificates)
    store.server.start()
    yield store
    store.close()


def own(certificates: Certificates) -> dict[str, str]:
    return {
        "ca": certificates.ca,
        "cert": certificates.client,
        "key": certificates.client_key,
    }


def test_certificates_are_shown_and_checked(secured: ZooKeeper, certificates: Certificates):
    followed = subject(secured, **own(certificates))
    many = {f"/many/{number}": str(number) * 100 for number in range(1000)}
    followed.put({**many, "/a/b": "1"})
    assert followed.read("/many") == many
    with watching(followed, "/a") as watcher:
        watcher.until(b="1")
        followed.put({"/a/b": "2"})
        watcher.until(b="2")


@pytest.mark.parametrize(
    ("host", "change", "reason"),
    [
        ("127.0.0.1", {"ca": "other"}, "TLS: certificate verify failed"),
        ("127.0.0.1", {"ca": ""}, "TLS: certificate verify failed"),
        ("127.0.0.2", {}, "TLS: certificate verify failed: IP address mismatch"),
        ("127.0.0.1", {"cert": "", "key": ""}, "TLS: "),
        (
            "127.0.0.1",
            {"ca": "", "cert": "", "key": ""},
            "the server has ended the connection without an answer: it has no quorum, or expects",
        ),
    ],
)
def test_a_connection_that_is_not_trusted_is_one_line(secured, certificates, host, change, reason):
    changed = {name: getattr(certificates, value, "") for name, value in change.items()}
    node = f"{host}:{secured.server.ports[1]}"
    with pytest.raises(BackendError) as caught:
        subject(secured, node, **{**own(certificates), **changed}).read("/a")
    said = str(caught.value)
    assert said.startswith(f"zookeeper {node}: {reason}")
    assert "\n" not in said
    assert "_ssl.c" not in said


def test_a_question_by_tls_to_a_plain_port_is_one_line(secured, certificates):
    node = f"127.0.0.1:{secured.server.ports[0]}"
    with pytest.raises(BackendError, match=f"zookeeper {node}: TLS: "):
        subject(secured, node, **own(certificates)).read("/a")


def test_files_that_are_no_certificates_are_refused_at_once():
    with pytest.raises(ConfigError, match=r"open /none\.pem: no such file or directory"):
        backends.ZooKeeper(ca="/none.pem")


# -- Servers that are not ZooKeeper


@contextmanager
def saying(*answers: bytes, closes: bool, resets: bool = False) -> Iterator[str]:
    """A port with an answer to each of the first things that it is sent."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        held: list[socket.socket] = []

        def serve() -> None:
            while True:
                try:
                    connection = server.accept()[0]
                except OSError:
                    return
                held.append(connection)
                for answer in answers:
                    connection.recv(1000)
                    connection.sendall(answer)
                if resets:
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
                if closes:
                    connection.close()

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"127.0.0.1:{server.getsockname()[1]}"
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()
            for connection in held:
                connection.close()


@pytest.fixture
def silent() -> Iterator[str]:
    """A port that never answers."""
    with saying(b"", closes=False) as node:
        yield node


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "not an answer of ZooKeeper: it would have 12134"),
        (b"\0\0\0\x04abcd", "not an answer of ZooKeeper"),
        (b"\0\0\0\0", "not an answer of ZooKeeper"),
        (b"\xff\xff\xff\xff", "not an answer of ZooKeeper"),
        (b"\0\0\0\x25" + b"x" * 10, "the server has ended the connection"),
        (b"", "the server has ended the connection without an answer"),
    ],
)
def test_what_is_not_zookeeper_is_one_line(answer, reason, capfd):
    with saying(answer, closes=True) as node, pytest.raises(BackendError) as caught:
        backends.ZooKeeper(node).get_values(["/a"])
    assert str(caught.value).startswith(f"zookeeper {node}: {reason}")
    assert capfd.readouterr() == ("", "")


def test_a_connection_that_is_reset_is_one_line():
    with saying(b"", closes=True, resets=True) as node, pytest.raises(BackendError) as caught:
        backends.ZooKeeper(node).get_values(["/a"])
    assert str(caught.value) == f"zookeeper {node}: Connection reset by peer"


def test_an_error_of_zookeeper_has_its_name():
    error = struct.pack("!iiqi", 16, 1, 1, -5)
    with saying(CONFIRMED, error, closes=False) as node, pytest.raises(BackendError) as caught:
        backends.ZooKeeper(node).get_values(["/a"])
    assert str(caught.value) == f"zookeeper {node}: MarshallingError"


def test_a_server_that_answers_no_more_is_given_up(monkeypatch):
    monkeypatch.setattr(session, "_ANSWER_S", 0.1)
    with (
        saying(CONFIRMED, closes=False) as node,
        pytest.raises(BackendError, match=f"zookeeper {node}: no answer in time"),
    ):
        backends.ZooKeeper(node).get_values(["/a"])


def test_a_port_that_never_answers_is_given_up(silent: str, monkeypatch):
    monkeypatch.setattr(session, "_OPEN_S", 0.1)
    with pytest.raises(BackendError, match=f"zookeeper {silent}: no answer in time"):
        backends.ZooKeeper(silent).get_values(["/a"])


def test_the_stop_event_ends_a_question(silent: str):
    stop = threading.Event()
    stop.set()
    with pytest.raises(BackendError, match="the stop event was set"):
        backends.ZooKeeper(silent, stop=stop).get_values(["/a"])


def test_a_watch_that_connects_ends(silent: str):
    stop = threading.Event()
    ended = threading.Event()

    def watch() -> None:
        list(backends.ZooKeeper(silent).changes(["/a"], None, stop))
        ended.set()

    thread = threading.Thread(target=watch)
    thread.start()
    stop.set()
    thread.join()
    assert ended.is_set()
