"""etcd beyond the contract: clusters, compaction, users, certificates, and what is not etcd."""

from __future__ import annotations

import dataclasses
import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from confd_lib import backends
from confd_lib.backends.remote import web
from confd_lib.backends.remote.etcd import store as etcd
from confd_lib.backends.remote.etcd import watching as etcd_watching
from confd_lib.errors import BackendError, ConfigError, Refused
from tests.confd_lib.backends.contract.kinds import KINDS, Subject
from tests.confd_lib.backends.contract.watcher import watching
from tests.confd_lib.backends.remote.answers import answering
from tests.servers.certificates import Certificates
from tests.servers.cluster import Cluster
from tests.servers.etcd import Etcd, User
from tests.servers.fixtures import Share, Start
from tests.servers.proxy import Proxy

KIND = next(kind for kind in KINDS if kind.name == "etcd")
Proxied = Callable[[int], Proxy]


def subject(store: Any, *nodes: str, **options: str) -> Subject:
    return Subject(KIND, store, backends.Etcd(*(nodes or (store.address,)), **options))


# -- Nodes


@pytest.mark.parametrize(
    ("node", "asked"),
    [
        ("10.0.0.7", "http://10.0.0.7:2379"),
        ("10.0.0.7:4001", "http://10.0.0.7:4001"),
        ("http://10.0.0.7:4001/", "http://10.0.0.7:4001"),
        ("https://db.example.com/path", "https://db.example.com:2379"),
        ("[::1]:2379", "http://[::1]:2379"),
    ],
)
def test_a_node_is_a_host_or_a_url(node, asked):
    assert etcd.url(node, scheme="http", port=etcd.PORT) == asked


@pytest.mark.parametrize("node", ["", "a b", "host:port", "ftp://host", "http://", "me:pw@host"])
def test_what_is_no_node_is_refused_without_its_password(node):
    with pytest.raises(ConfigError, match="not the address of a server") as caught:
        backends.Etcd(node)
    assert "pw" not in str(caught.value)


def test_dead_nodes_are_passed_over(share: Share):
    store = share("etcd")
    asked = subject(store, "127.0.0.1:1", "127.0.0.1:2", store.address)
    asked.put({"/a/b": "1"})
    assert asked.read("/a") == {"/a/b": "1"}


def test_the_reason_of_each_node_is_given():
    with pytest.raises(BackendError) as caught:
        backends.Etcd("127.0.0.1:1", "nope.invalid:2").get_values(["/a"])
    first, second = str(caught.value).split("; ")
    assert first == "etcd http://127.0.0.1:1: Connection refused"
    assert second.startswith("etcd http://nope.invalid:2: ")


# -- A cluster


def test_the_watched_member_of_a_cluster_is_killed(cluster: Cluster):
    store = cluster.members[2]
    followed = subject(store, *(member.address for member in cluster.members))
    followed.put({"/a/b": "1"})
    with watching(followed, "/a") as watcher:
        watcher.until(b="1")
        cluster.members[0].server.kill()
        cluster.settle()
        followed.put({"/a/b": "2"})
        watcher.until(b="2")


def test_a_member_without_its_majority_is_left(cluster: Cluster):
    """Such a member takes connections and watches, and reports nothing."""
    store = cluster.members[2]
    followed = subject(store, *(member.address for member in cluster.members))
    followed.put({"/a/b": "1"})
    with watching(followed, "/a") as watcher:
        watcher.until(b="1")
        for member in cluster.members[1:]:
            member.server.kill()
        watcher.until_lost()
        for member in cluster.members[1:]:
            member.server.launch()
        cluster.settle()
        followed.put({"/a/b": "2"})
        watcher.until(b="2")


# -- Revisions


def test_all_keys_are_of_one_revision_however_many_transactions_they_take(share: Share):
    """Each change writes both ends of three hundred keys; a state has them from one change."""
    store, stop = share("etcd"), threading.Event()
    keys = [f"/many/{number:03}" for number in range(300)]

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            store.put_all({keys[0]: str(number), keys[-1]: str(number)})

    writer = threading.Thread(target=write)
    writer.start()
    try:
        asked = subject(store)
        states = [asked.read(*keys) for _ in range(50)]
    finally:
        stop.set()
        writer.join()
    ends = [(state.get(keys[0]), state.get(keys[-1])) for state in states]
    assert len(set(ends)) > 1
    assert all(first == last for first, last in ends)


def test_a_compacted_history_is_read_again(share: Share):
    store = share("etcd")
    followed = subject(store)
    followed.put({"/a/b": "1"})
    known = followed.backend.get_values(["/a"])
    for number in range(2, 5):
        followed.put({"/a/b": str(number)})
    store.compact()
    with watching(followed, "/a", since=known) as watcher:
        watcher.until(b="4")
        followed.put({"/a/b": "5"})
        watcher.until(b="5")


def test_a_store_whose_data_was_replaced_by_older_ones_is_read_again(start: Start):
    store = start(Etcd)
    followed = subject(store)
    for number in range(10):
        followed.put({"/a/b": str(number)})
    known = followed.backend.get_values(["/a"])
    store.server.empty()
    followed.put({"/a/b": "of another"})
    with watching(followed, "/a", since=known) as watcher:
        watcher.until(b="of another")
        followed.put({"/a/b": "next"})
        watcher.until(b="next")


@pytest.mark.parametrize("version", ["etcd", "etcd-3.5"])
def test_a_change_of_any_of_many_keys_is_seen(share: Share, version: str, monkeypatch):
    """Of a request of more than 512 bytes etcd often loses the rest, and with it watches."""
    monkeypatch.setattr(etcd_watching, "_SILENCE_S", 3600)
    followed = subject(share(version))
    keys = [f"/many/{number:03}" for number in range(100)]
    followed.put(dict.fromkeys(keys, "0"))
    for number in range(1, 5):
        known = followed.backend.get_values(keys)
        with watching(followed, *keys, since=known) as watcher:
            followed.put({keys[-1]: str(number)})
            watcher.until(**{"many/099": str(number)})


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


# -- Servers that are not etcd


HEADER = {"header": {"revision": "1"}}


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (404, b"404 page not found\n", "404 404 page not found: not an answer of the v3 API"),
        (200, b"<html>hello</html>", "200 <html>hello</html>: not an answer of the v3 API"),
        (200, b"[" * 100_000, "not an answer of the v3 API"),
        (200, b"{}", "200 {}: not an answer of the v3 API"),
        (302, b"", "302: not an answer of the v3 API"),
        (200, json.dumps({**HEADER, "responses": [{}]}).encode(), "not an answer of the v3 API"),
        (200, json.dumps({**HEADER, "responses": 5}).encode(), "not an answer of the v3 API"),
        (200, json.dumps({"header": {"revision": "x"}}).encode(), "not an answer of the v3 API"),
        (503, b'{"code": 14, "error": "no leader"}', "no leader"),
        (500, json.dumps({"code": 2, "error": "odd\nX-Token: " + "x" * 500}).encode(), "odd"),
    ],
)
def test_an_answer_that_is_not_etcds_is_one_line(status, body, reason):
    with answering(status, body) as node, pytest.raises(BackendError) as caught:
        backends.Etcd(node).get_values(["/a"])
    assert reason in str(caught.value)
    assert len(str(caught.value)) < 400
    assert "\n" not in str(caught.value)


def test_an_answer_that_is_too_long_is_given_up(monkeypatch):
    monkeypatch.setattr(web, "MAX_BODY", 1 << 20)
    with (
        answering(200, b" " * (2 << 20)) as node,
        pytest.raises(BackendError, match="the answer is longer than 1 MB"),
    ):
        backends.Etcd(node).get_values(["/a"])


ANSWER = json.dumps({**HEADER, "responses": []}).encode()


def lost(share: Share, node: str, monkeypatch) -> str:
    """Watch a server that is not etcd, and return the first failure that is reported."""
    monkeypatch.setattr(etcd_watching, "_SILENCE_S", 3.0)  # a watch that reads on and on ends, too
    with watching(subject(share("etcd"), node), "/a") as watcher:
        return str(watcher.until_lost())


def test_a_line_of_a_watch_that_has_no_end_is_given_up(share: Share, monkeypatch):
    monkeypatch.setattr(web, "MAX_LINE", 1 << 20)
    with answering(200, ANSWER, endless={"/v3/watch": b"x" * (1 << 16)}) as node:
        assert (
            lost(share, node, monkeypatch)
            == f"etcd {node}: a line of the answer is longer than 1 MB"
        )


@pytest.mark.parametrize("message", [b'{"result": {}}', b'{"result": [1]}', b"5", b"", b"[" * 9999])
def test_a_message_of_a_watch_that_is_not_etcds_is_one_line(share: Share, message, monkeypatch):
    with answering(200, ANSWER, endless={"/v3/watch": message + b"\n"}) as node:
        reason = "not an answer of the v3 API of etcd 3.4 or newer"
        assert lost(share, node, monkeypatch) == f"etcd {node}: {message[:100]!r}: {reason}"


@pytest.mark.parametrize("answer", [{"header": 1}, {"header": {}}, {**HEADER, "responses": [{}]}])
def test_the_next_node_is_asked_where_one_is_not_etcd(share: Share, answer):
    store = share("etcd")
    store.put("/a", "1")
    with answering(200, json.dumps(answer).encode()) as node:
        assert subject(store, node, store.address).read("/a") == {"/a": "1"}


def test_a_login_without_a_token_is_one_line():
    with answering(200, ANSWER) as node, pytest.raises(BackendError) as caught:
        backends.Etcd(node, username="u", password="secret").get_values(["/a"])
    assert str(caught.value) == f"etcd {node}: not an answer of the v3 API of etcd 3.4 or newer"


def test_a_store_that_is_always_compacted_is_given_up():
    refusal = b'{"code": 11, "error": "required revision has been compacted"}'
    with answering(400, refusal) as node, pytest.raises(BackendError, match="compacted"):
        backends.Etcd(node).get_values(["/a"])


def test_an_answer_that_is_cut_is_no_answer():
    with (
        answering(200, b'{"header": {"revision": "1"}}', length=1000) as node,
        pytest.raises(BackendError),
    ):
        backends.Etcd(node).get_values(["/a"])


# -- Connections


def test_a_busy_watch_has_one_connection(share: Share, monkeypatch):
    """The messages that wait while the store is read are older than what was read."""
    opened: list[int] = []
    follow = etcd_watching.Watch._follow
    monkeypatch.setattr(
        etcd_watching.Watch,
        "_follow",
        lambda watch, since: opened.append(since) or follow(watch, since),
    )
    store = share("etcd")
    followed = subject(store)
    followed.put({"/a/b": "0"})
    with watching(followed, "/a") as watcher:
        watcher.until(b="0")
        for number in range(1, 300):
            followed.put({"/a/b": str(number)})
        watcher.until(b="299")
    assert len(opened) == 1


def test_a_watch_of_many_keys_hears_of_each(share: Share):
    store = share("etcd")
    followed = subject(store)
    paths = [f"/app/k{number}" for number in range(200)]
    followed.put({**dict.fromkeys(paths, "0"), "/app/other": "0"})
    with watching(followed, *paths) as watcher:
        watcher.until_state(dict.fromkeys(paths, "0"))
        for path in paths[::20]:
            followed.put({"/app/other": path})
            followed.put({path: "1"})
            watcher.until(**{path.rpartition("/")[2]: "1"})
    assert len(watcher.states) == 11


def test_an_idle_watch_has_one_connection(share: Share, proxied: Proxied, monkeypatch):
    """A watch that is silent for long is opened again: here after a tenth of a second."""
    monkeypatch.setattr(etcd_watching, "_SILENCE_S", 0.1)
    store = share("etcd")
    proxy = proxied(store.server.port)
    followed = subject(store, proxy.address)
    followed.put({"/a/b": "1"})
    with watching(followed, "/a") as watcher:
        watcher.until(b="1")
        opened = proxy.connections
        watcher.until_answers(20)
        followed.put({"/a/b": "2"})
        watcher.until(b="2")
        # One connection for each time it was opened, one for the last read.
        assert proxy.connections - opened <= len(watcher.reports) + 1
        assert watcher.states == [{"/a/b": "1"}, {"/a/b": "2"}]
