"""Consul beyond the contract, beside a stand-in: moments, rights, indexes, odd answers."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Callable, Iterator

import pytest

from confd_lib import backends
from confd_lib.backends.remote import consul, web
from confd_lib.command.confd import cli
from confd_lib.errors import BackendError, CannotWatch, ConfigError, Refused
from tests.confd_lib.backends.contract.kinds import KINDS, Subject
from tests.confd_lib.backends.contract.watcher import watching
from tests.confd_lib.backends.remote.answers import answering
from tests.servers.consul.store import Consul
from tests.servers.fixtures import Share, Start
from tests.servers.loopback.certificates import Certificates
from tests.servers.loopback.proxy import Proxy

KIND = next(kind for kind in KINDS if kind.name == "consul")
Proxied = Callable[[int], Proxy]


def subject(store: Consul, *nodes: str, **options: str) -> Subject:
    return Subject(KIND, store, backends.Consul(*(nodes or (store.address,)), **options))


@pytest.fixture
def store(share: Share) -> Consul:
    shared = share("consul")
    assert isinstance(shared, Consul)
    return shared


# -- Reading


@pytest.mark.parametrize("count", [1, 2, 64, 65, 200])
def test_all_keys_are_of_one_moment_however_many_they_are(store: Consul, count: int):
    """Each change writes the first and the last key; a state has them from one change."""
    keys, stop = [f"/many/{number:03}" for number in range(count)], threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            store.put_all({keys[0]: str(number), keys[-1]: str(number)})

    writer = threading.Thread(target=write)
    writer.start()
    try:
        asked = subject(store)
        states = [asked.read(*keys) for _ in range(30)]
    finally:
        stop.set()
        writer.join()
    ends = [(state.get(keys[0]), state.get(keys[-1])) for state in states]
    assert len(set(ends)) > 1
    assert all(first == last for first, last in ends)


def test_a_folder_key_is_an_empty_value(store: Consul):
    store.put_raw({"both/x": "1", "both/": "", "both/dir/": "", "bothy": "3", "both": "leaf"})
    assert subject(store).read("/both") == {"/both": "", "/both/dir": "", "/both/x": "1"}


# -- Nodes


def test_dead_nodes_are_passed_over(store: Consul):
    asked = subject(store, "127.0.0.1:1", "127.0.0.1:2", store.address)
    asked.put({"/a/b": "1", "/c": "2"})
    assert asked.read("/a") == {"/a/b": "1"}
    assert asked.read("/a", "/c") == {"/a/b": "1", "/c": "2"}
    with watching(asked, "/a") as watcher:
        watcher.until(b="1")


def test_the_reason_of_each_node_is_given():
    with pytest.raises(BackendError) as caught:
        backends.Consul("127.0.0.1:1", "nope.invalid:2").get_values(["/a"])
    first, second = str(caught.value).split("; ")
    assert first == "consul http://127.0.0.1:1: Connection refused"
    assert second.startswith("consul http://nope.invalid:2: ")


@pytest.mark.parametrize(
    ("node", "reason"),
    [
        ("unix:///run/consul.sock", "backend consul asks no Unix sockets"),
        ("a b", "not the address of a server"),
        ("host:port", "not the address of a server"),
        ("me:pw@host", "given with a user or a password"),
    ],
)
def test_what_is_no_node_is_refused_without_its_password(node: str, reason: str):
    with pytest.raises(ConfigError, match=reason) as caught:
        backends.Consul(node)
    assert "pw" not in str(caught.value)


# -- Credentials and rights


def test_a_token_reads_and_watches(start: Start):
    store = start(Consul, tokens={"t0ken": [""]}, lists_need_rights=True)
    followed = subject(store, token="t0ken")
    followed.put({"/a/b": "1"})
    assert followed.read("/a") == {"/a/b": "1"}
    with watching(followed, "/a") as watcher:
        watcher.until(b="1")
        followed.put({"/a/b": "2"})
        watcher.until(b="2")


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"token": "t0ken"}, "401 Unauthorized"),
        ({"username": "u", "password": "wr0ng"}, "401 Unauthorized"),
        ({"username": "u", "password": "sesame", "token": "wr0ng"}, "403 ACL not found"),
    ],
)
def test_credentials_that_are_refused_are_one_line_without_them(start: Start, options, reason):
    store = start(Consul, login="u:sesame", tokens={"t0ken": [""]})
    asked = subject(store, **options)
    for keys in (["/a"], ["/a", "/b"]):
        with pytest.raises(Refused) as caught:
            asked.read(*keys)
        assert (str(caught.value), caught.value.keys) == (f"consul {store.url}: {reason}", ())
    with pytest.raises(Refused, match=reason):
        next(iter(asked.backend.changes(["/a"], None, threading.Event())))


def test_a_login_reads(start: Start):
    store = start(Consul, login="u:sesame")
    asked = subject(store, username="u", password="sesame")
    asked.put({"/a/b": "1"})
    assert asked.read("/a") == {"/a/b": "1"}


@pytest.fixture
def guarded(start: Start) -> Consul:
    """A server that refuses to list what a token may not read."""
    store = start(Consul, tokens={"some": ["app/", "app", "odd"]}, lists_need_rights=True)
    store.put_all({"/app/a": "1", "/b": "2", "/odd/c": "3"})
    return store


def test_the_keys_that_are_refused_are_named_and_the_others_are_read(guarded: Consul):
    asked = subject(guarded, token="some")
    with pytest.raises(Refused) as caught:
        asked.read("/app", "/b", "/odd")
    assert caught.value.keys == ("/b",)
    assert str(caught.value) == f"consul {guarded.url}: Permission denied (/b)"
    assert asked.read("/app", "/odd") == {"/app/a": "1", "/odd/c": "3"}


def test_more_keys_than_a_transaction_takes_need_no_right_to_what_they_have_in_common(
    guarded: Consul,
):
    keys = ["/odd", *(f"/app/{number}" for number in range(100))]
    guarded.put("/app/99", "4")
    asked = subject(guarded, token="some")
    assert asked.read(*keys) == {"/odd/c": "3", "/app/99": "4"}
    with pytest.raises(Refused) as caught:
        asked.read(*keys, "/b")
    assert caught.value.keys == ("/b",)


def test_a_watch_needs_the_right_to_list_what_its_keys_have_in_common(guarded: Consul):
    asked = subject(guarded, token="some").backend
    with pytest.raises(Refused, match=r"Permission denied \(/b\)"):
        next(iter(asked.changes(["/b"], None, threading.Event())))
    known = asked.get_values(["/app", "/odd"])
    with pytest.raises(CannotWatch, match="a watch lists all keys that begin with /, which"):
        next(iter(asked.changes(["/app", "/odd"], known, threading.Event())))


def test_keys_that_consul_leaves_out_are_not_there(start: Start):
    """Without a policy for lists Consul gives a token what it may read, and no word of the rest."""
    store = start(Consul, tokens={"some": ["app"]})
    store.put_all({"/app/a": "1", "/b": "2"})
    assert subject(store, token="some").read("/app", "/b") == {"/app/a": "1"}


# -- Watching


SEVERAL = [pytest.param(("/a",), id="one"), pytest.param(("/a", "/c"), id="several")]


@pytest.mark.parametrize("paths", SEVERAL)
def test_an_index_that_goes_backwards_is_read_again(start: Start, monkeypatch, paths):
    """The query that waits meanwhile ends with its time."""
    monkeypatch.setattr(consul, "_WAIT_S", 1)
    store = start(Consul)
    followed = subject(store)
    followed.put({"/a/b": "old"})
    older = store.snapshot()
    for number in range(10):
        followed.put({"/a/b": str(number)})
    with watching(followed, *paths) as watcher:
        watcher.until(b="9")
        store.restore(older)
        watcher.until(b="old")
        followed.put({"/a/b": "next"})
        watcher.until(b="next")


def test_an_idle_watch_has_one_connection_and_yields_nothing(
    store: Consul, proxied: Proxied, monkeypatch
):
    """A query that ends without news is made again: here after a tenth of a second."""
    monkeypatch.setattr(consul, "_WAIT_S", 0.1)
    monkeypatch.setattr(consul, "_PAUSE_S", 0)
    proxy = proxied(store.server.port)
    followed = subject(store, proxy.address)
    followed.put({"/a/b": "1", "/other": "2"})
    with watching(followed, "/a", "/other") as watcher:
        watcher.until(b="1")
        watcher.until_answers(6)
        followed.put({"/b": "elsewhere"})
        watcher.until_answers(12)
    assert watcher.states == [{"/a/b": "1", "/other": "2"}]
    assert proxy.connections == 1


def test_a_watch_of_several_keys_carries_no_values_of_others(
    store: Consul, proxied: Proxied, monkeypatch
):
    monkeypatch.setattr(consul, "_PAUSE_S", 0)
    proxy = proxied(store.server.port)
    followed = subject(store, proxy.address)
    followed.put({"/app/k": "1", "/svc/k": "1", "/others/large": "x" * 1_000_000})
    with watching(followed, "/app", "/svc") as watcher:
        watcher.until_state({"/app/k": "1", "/svc/k": "1"})
        for number in range(5):
            before = watcher.reports.count(None)
            followed.put({"/others/small": str(number)})
            watcher.until_answers(before + 1)
        followed.put({"/svc/k": "2"})
        watcher.until_state({"/app/k": "1", "/svc/k": "2"})
    assert proxy.received < 100_000


@pytest.mark.parametrize("count", [2, 64, 65])
def test_a_watch_of_several_keys_sees_each_kind_of_change(store: Consul, count: int):
    """The query that waits gives names, or values of more keys than a transaction takes."""
    first, *_, last = names = [f"/many/{number:03}" for number in range(count)]
    followed = subject(store)
    with watching(followed, *names) as watcher:
        watcher.until_state({})
        followed.put({f"{first}/x": "1"})
        watcher.until_state({f"{first}/x": "1"})
        followed.put({f"{first}/x": "2"})
        watcher.until_state({f"{first}/x": "2"})
        followed.put({last: "3"})
        watcher.until_state({f"{first}/x": "2", last: "3"})
        store.delete(f"{first}/x")
        watcher.until_state({last: "3"})
        store.delete(last)
        watcher.until_state({})


def test_an_idle_watch_makes_at_most_six_requests_a_minute():
    # The values of several keys are read by a request of their own after each wait.
    assert 2 * 60 / (consul._WAIT_S + consul._PAUSE_S) <= 6
    # Consul waits for up to a sixteenth longer, and has then to answer.
    assert consul._SILENCE_S > consul._WAIT_S * (1 + 1 / 16)


# -- Certificates


@pytest.fixture(scope="module")
def secured(
    tmp_path_factory: pytest.TempPathFactory, certificates: Certificates
) -> Iterator[Consul]:
    made = Consul(tmp_path_factory.mktemp("consul"), tls=certificates)
    made.server.start()
    yield made
    made.close()


def own(certificates: Certificates) -> dict[str, str]:
    client, key = certificates.of_client
    return {"ca": certificates.ca, "cert": client, "key": key}


def test_certificates_are_shown_and_checked(secured: Consul, certificates: Certificates):
    for node in (secured.url, secured.address):
        followed = subject(secured, node, **own(certificates))
        followed.put({"/a/b": "1"})
        with watching(followed, "/a") as watcher:
            watcher.until(b="1")
            followed.put({"/a/b": "2"})
            watcher.until(b="2")


@pytest.mark.parametrize(
    "change", [{"ca": "other"}, {"ca": ""}, {"cert": "", "key": ""}], ids=["other", "none", "own"]
)
def test_a_connection_that_is_not_trusted_is_one_line(secured, certificates, change):
    changed = {name: getattr(certificates, value, "") for name, value in change.items()}
    with pytest.raises(BackendError) as caught:
        subject(secured, secured.url, **{**own(certificates), **changed}).read("/a")
    assert str(caught.value).startswith(f"consul {secured.url}: ")
    assert "\n" not in str(caught.value)


def test_a_scheme_that_is_not_the_ports_is_one_line(secured: Consul, store: Consul):
    with pytest.raises(BackendError, match="it may speak TLS"):
        subject(secured, secured.url.replace("https:", "http:")).read("/a")
    with pytest.raises(BackendError, match=r"consul https://[0-9.:]+: TLS"):
        subject(store, store.url.replace("http:", "https:")).read("/a")


# -- Servers that are not Consul


ODD = json.dumps([{"Key": "a", "Value": 5}]).encode()


@pytest.mark.deep
@pytest.mark.parametrize(
    ("status", "body", "index", "reason"),
    [
        (404, b"404 page not found\n", None, "404 404 page not found: not an answer of Consul"),
        (200, b"<html>hello</html>", None, "200 <html>hello</html>: not an answer of Consul"),
        (200, b"<html>hello</html>", "5", "not an answer of Consul"),
        (200, b"[" * 100_000, "5", "not an answer of Consul"),
        (200, b"{}", "x", "not an answer of Consul"),
        (200, b"5", "5", "not an answer of Consul"),
        (200, ODD, "5", "not an answer of Consul"),
        (200, b'[{"Key": 5, "Value": "YQ=="}]', "5", "not an answer of Consul"),
        (302, b"", None, "302"),
        (500, b"No cluster leader", None, "500 No cluster leader"),
        (429, b"rate limit exceeded", None, "429 rate limit exceeded"),
    ],
)
def test_an_answer_that_is_not_consuls_is_one_line(status, body, index, reason):
    headers = {} if index is None else {"X-Consul-Index": index}
    with answering(status, body, headers=headers) as node:
        for keys in (["/a"], ["/a", "/b"]):
            with pytest.raises(BackendError) as caught:
                backends.Consul(node).get_values(keys)
            said = str(caught.value)
            assert said.startswith(f"consul {node}: ")
            assert reason in said
            assert len(said) < 400
            assert not isinstance(caught.value, Refused)


def test_the_next_node_is_asked_where_one_has_no_leader(store: Consul):
    store.put("/a", "1")
    with answering(500, b"No cluster leader") as node:
        assert subject(store, node, store.address).read("/a") == {"/a": "1"}


def test_an_answer_that_is_too_long_is_given_up(monkeypatch):
    monkeypatch.setattr(web, "MAX_BODY", 1 << 20)
    with (
        answering(200, b" " * (2 << 20)) as node,
        pytest.raises(BackendError, match="the answer is longer than 1 MB"),
    ):
        backends.Consul(node).get_values(["/a"])


# -- The command


def test_the_variables_of_consuls_own_client_are_read(start: Start, folder, monkeypatch):
    store = start(Consul, login="u:sesame:x", tokens={"t0ken": [""]})
    store.put("/a", "1")
    folder.both('{{getv "/a"}}', keys=["/a"])
    variables = {"ADDR": store.address, "AUTH": "u:sesame:x", "TOKEN": "t0ken"}
    for name, value in variables.items():
        monkeypatch.setenv(f"CONSUL_HTTP_{name}", value)
    flags = ["-onetime", "-backend=consul", "-config-file="]
    assert cli.main([*flags, "-confdir", str(folder.path)], "confd") == 0
    assert folder.dest().read_text() == "1"


def test_a_namespace_is_sent():
    seen = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.path)
            self.send_response(404)
            self.send_header("X-Consul-Index", "1")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        backends.Consul(f"127.0.0.1:{server.server_port}", namespace="n s").get_values(["/a"])
        thread.join()
    assert seen == ["/v1/kv/a?recurse=&ns=n+s"]
