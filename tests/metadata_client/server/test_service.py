"""The service itself: who asks, waiting, files, threads and ports."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import resource
import socket
import struct
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from metadata_client import Answers, AnswersError, MetadataError, MetadataServer, YAMLError
from metadata_client.server.listening import Port
from tests.metadata_client.conftest import answers

from .asking import VERSION, dialled, exchange, get, port_of

# -- Who asks


def test_source_address_decides() -> None:
    served = {"latest": {"default": {"who": "anyone", "a": 1}, "127.0.0.2": {"who": "two"}}}
    with MetadataServer(served) as server:
        request = b"GET /latest/who HTTP/1.0\r\nX-Forwarded-For: 127.0.0.2\r\n\r\n"
        assert exchange(server, request).endswith(b"\r\n\r\nanyone")
        assert exchange(server, request, source="127.0.0.2").endswith(b"\r\n\r\ntwo")
        assert exchange(server, b"GET /latest/a HTTP/1.0\r\n\r\n", source="127.0.0.2").endswith(
            b"\r\n\r\n1"
        )


# -- Waiting

AT_ONCE = [
    pytest.param("version?wait=true&value=other", id="another value"),
    pytest.param("version?wait=true&value=1-abcd&maxWait=-1", id="negative"),
    pytest.param("version?wait=1&value=1-abcd", id="not true"),
    pytest.param("version?wait=true", id="no value"),
    pytest.param("version?value=1-abcd", id="no wait"),
    pytest.param("odd?wait=true&value=a%3Fb", id="question mark"),
    pytest.param("map?wait=true&value=a%2F", id="map"),
]


@pytest.mark.parametrize("target", AT_ONCE)
def test_answers_at_once(server: MetadataServer, target: str) -> None:
    server.replace({"latest": {"default": {"version": "1-abcd", "odd": "a?b", "map": {"a": {}}}}})
    assert get(server, f"/latest/{target}")[0] == 200


def test_version_without_a_slash_does_not_wait(server: MetadataServer) -> None:
    assert get(server, "/latest?wait=true&value=x")[0] == 200
    assert get(server, "/1999-01-01/x?wait=true&value=x") == (404, b"Invalid version\n")


WAITED_FOR: list[Any] = [
    pytest.param("text", "a\nb ", "a%0Ab+", id="text"),
    pytest.param("text", "", "", id="empty"),
    pytest.param("null", None, "%3Cnil%3E", id="null"),
    pytest.param("bool", True, "true", id="bool"),
    pytest.param("float", 1e25, "1e%2B25", id="float"),
    pytest.param("list", [1, {"b": None, "a": 2.5}], "[1%20map[a:2.5%20b:%3Cnil%3E]]", id="list"),
    pytest.param("other", None, "anything", id="missing key"),
    pytest.param("text", "", None, id="no old value is an empty one"),
    pytest.param("other", None, None, id="missing key, no old value"),
]


@pytest.mark.parametrize(("key", "value", "old"), WAITED_FOR)
def test_waits_while_it_is_the_old_one(
    server: MetadataServer, key: str, value: object, old: str | None
) -> None:
    values = {} if key == "other" else {key: value}
    server.replace({"latest": {"default": values}})
    got: list[Any] = []
    target = f"/latest/{key}?maxWait=60&wait=true" + ("" if old is None else f"&value={old}")
    waiter = threading.Thread(target=lambda: got.append(get(server, target, "application/json")))
    waiter.start()
    assert server.wait_for_waiters()
    server.replace({"latest": {"default": {key: "new"}}})
    waiter.join(10)
    assert got == [(200, b'"new"')]


def test_waiting_below_a_null_is_dropped(server: MetadataServer) -> None:
    with pytest.raises(http.client.RemoteDisconnected):
        get(server, "/latest/self/service/lb_config/x?wait=true&value=y")


def test_more_replies_than_are_remembered(server: MetadataServer) -> None:
    numbers = {f"n{number}": number for number in range(200)}
    server.replace({"latest": {"default": numbers}})
    for _ in range(2):
        assert [get(server, f"/latest/{key}")[1] for key in numbers] == [
            str(number).encode() for number in numbers.values()
        ]


def test_change_elsewhere_wakes_nobody(server: MetadataServer) -> None:
    got: list[Any] = []
    target = "/latest/self/container/name?wait=true&value=web_1&maxWait=60"
    waiter = threading.Thread(target=lambda: got.append(get(server, target)))
    waiter.start()
    assert server.wait_for_waiters()
    server.replace(answers(2))
    assert server.wait_for_waiters()
    assert got == []
    server.replace(answers(3, self={"container": {"name": "new"}}))
    waiter.join(10)
    assert got == [(200, b"new")]


def versions(**numbers: str) -> dict[str, Any]:
    return {f"v{name}": {"default": {"version": number}} for name, number in numbers.items()}


class Watched(Answers):
    """Answers that tell when somebody has read them."""

    def __init__(self, mapping: Any) -> None:
        super().__init__(mapping)
        self.read = threading.Event()

    def tree(self, version: str, address: str = "default") -> dict[str, object] | None:
        try:
            return super().tree(version, address)
        finally:
            self.read.set()


# What a waiter asks, what is then served while it waits on, and what ends its wait.
STAYING: list[Any] = [
    pytest.param("latest", versions(a="1", b="2"), versions(a="3", b="2"), id="a newer version"),
    pytest.param("latest", {}, versions(a="3"), id="no version"),
    pytest.param("va", versions(b="2"), versions(a="3"), id="its version goes and comes back"),
]


@pytest.mark.parametrize(("version", "meanwhile", "then"), STAYING)
def test_waiter_stays_with_its_version(
    server: MetadataServer, version: str, meanwhile: dict[str, Any], then: dict[str, Any]
) -> None:
    server.replace(versions(a="1"))
    got: list[Any] = []
    target = f"/{version}/version?wait=true&value=1&maxWait=60"
    waiter = threading.Thread(target=lambda: got.append(get(server, target)))
    waiter.start()
    assert server.wait_for_waiters()
    watched = Watched(meanwhile)
    server.replace(watched)
    assert watched.read.wait(10)
    server.replace(then)
    waiter.join(10)
    assert got == [(200, b"3")]


def test_version_that_goes_while_one_waits_is_not_found(server: MetadataServer) -> None:
    server.replace(versions(a="1"))
    got: list[Any] = []
    target = "/va/version?wait=true&value=1&maxWait=3"
    waiter = threading.Thread(target=lambda: got.append(get(server, target)))
    waiter.start()
    assert server.wait_for_waiters()
    server.replace(versions(b="2"))
    waiter.join(10)
    assert got == [(404, b"Not found\n")]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_time_runs_out(server: MetadataServer, method: str) -> None:
    target = "/latest/version?wait=true&value=1-abcd&maxWait=1"
    assert get(server, target, method=method)[0] == 200
    assert get(server, "/latest/nope?wait=true&value=&maxWait=1", method=method)[0] == 404


def test_waiter_that_has_gone_is_forgotten(server: MetadataServer) -> None:
    with dialled(server) as connection:
        connection.sendall(VERSION.replace(b"version", b"version?wait=true&value=1-abcd"))
        assert server.wait_for_waiters()
    assert server._connections.wait_until_none(10)


def test_client_that_is_gone_is_no_error(
    server: MetadataServer, caplog: pytest.LogCaptureFixture
) -> None:
    with dialled(server) as connection:
        connection.sendall(VERSION.replace(b"version", b"version?wait=true&value=1-abcd"))
        assert server.wait_for_waiters()
        # Closed so, it is reset: what is sent to it then fails.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert server._connections.wait_until_none(10)
    assert not caplog.records


def test_waiters_are_dropped_at_the_end() -> None:
    with MetadataServer(answers(1)) as server, dialled(server) as connection:
        connection.sendall(VERSION.replace(b"version", b"version?wait=true&value=1-abcd"))
        assert server.wait_for_waiters()
        server.stop()
        assert connection.recv(1) == b""


# -- Life


def test_h11_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("metadata_client.server.reading.h11", None)
    with pytest.raises(MetadataError) as caught:
        MetadataServer(answers(1))
    assert str(caught.value) == "MetadataServer needs h11: pip install 'confd-lib[testing]'"


def test_port_and_threads_are_given_back() -> None:
    before = {*threading.enumerate()}
    with MetadataServer(answers(1)) as server:
        port = port_of(server)
        assert get(server, "/")[0] == 200
    for thread in {*threading.enumerate()} - before:
        thread.join(10)  # it may have left the connections and not ended yet
    assert {*threading.enumerate()} <= before
    with pytest.raises(RuntimeError, match="not running"):
        _ = server.url
    with MetadataServer(answers(2), port=port) as again:
        assert port_of(again) == port


def test_port_stays_ours_while_it_refuses(server: MetadataServer) -> None:
    port = port_of(server)
    server.faults.add("refuse")
    with pytest.raises(ConnectionRefusedError):
        get(server, "/")
    with socket.socket() as other, pytest.raises(OSError, match="in use"):
        other.bind(("127.0.0.1", port))
    server.faults.clear("refuse")
    assert get(server, "/")[0] == 200


def test_it_refuses_as_soon_as_the_fault_is_on(server: MetadataServer) -> None:
    for _ in range(100):  # a port that is only closed is open for a moment more, now and then
        server.faults.add("refuse")
        with pytest.raises(ConnectionRefusedError):
            get(server, "/")
        server.faults.clear("refuse")
        assert get(server, "/")[0] == 200


@contextlib.contextmanager
def no_more_descriptors() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    free = os.dup(0)
    os.close(free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_it_pauses_while_there_are_no_descriptors(monkeypatch: pytest.MonkeyPatch) -> None:
    warned = threading.Event()
    monkeypatch.setattr("metadata_client.server.listening._PAUSE_MS", 3_600_000)
    monkeypatch.setattr("metadata_client.server.listening._log.warning", lambda *_: warned.set())
    port = Port("127.0.0.1", 0)
    assert port.accept() is None  # it has just been opened
    accepted: list[Any] = []
    accepting = threading.Thread(target=lambda: accepted.append(port.accept()))
    with socket.socket() as client:
        with no_more_descriptors():
            accepting.start()
            client.connect(port.address)
            assert warned.wait(10)
            assert accepting.is_alive()
            port.wake()  # a pause ends when the server does
            accepting.join(10)
        assert accepted == [None]
        assert port.accept() is None  # what it was woken for
        connection, _ = port.accept() or pytest.fail("nothing is accepted")
        connection.close()
    port.close()


def test_lack_of_descriptors_is_logged_once_at_a_time(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("metadata_client.server.listening._PAUSE_MS", 0)
    port = Port("127.0.0.1", 0)
    assert port.accept() is None  # it has just been opened
    for _ in range(2):
        with socket.socket() as client:
            with no_more_descriptors():
                client.connect(port.address)
                assert [port.accept() for _ in range(3)] == [None] * 3
            connection, _ = port.accept() or pytest.fail("nothing is accepted")
            connection.close()
    port.close()
    said = "no connection is accepted for now: Too many open files"
    assert [record.getMessage() for record in caplog.records] == [said] * 2


def test_it_goes_on_when_there_are_descriptors_again(
    server: MetadataServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    warned = threading.Event()
    monkeypatch.setattr("metadata_client.server.listening._log.warning", lambda *_: warned.set())
    with socket.socket() as client:
        with no_more_descriptors():
            client.connect(("127.0.0.1", port_of(server)))
            assert warned.wait(10)
        client.sendall(VERSION)
        assert client.recv(12) == b"HTTP/1.1 200"


def test_it_goes_on_when_a_thread_cannot_be_made(
    server: MetadataServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", fail)
        with dialled(server) as connection:
            assert connection.recv(1) == b""
    assert "can't start new thread" in caplog.text
    assert get(server, "/latest/version") == (200, b"1-abcd")


def test_port_that_is_taken() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(OSError, match="in use"):
            MetadataServer(answers(1), port=other.getsockname()[1]).start()


def test_port_of_another_server(server: MetadataServer) -> None:
    with pytest.raises(OSError, match="in use"):
        MetadataServer(answers(1), port=port_of(server)).start()


def test_ipv6() -> None:
    with MetadataServer(answers(1), host="::1") as server:
        assert server.url.startswith("http://[::1]:")
        with socket.create_connection(("::1", port_of(server)), 10) as connection:
            connection.sendall(VERSION)
            assert connection.recv(12) == b"HTTP/1.1 200"


def test_many_clients_at_once(server: MetadataServer) -> None:
    got: list[Any] = []
    target = "/latest/version?wait=true&value=1-abcd&maxWait=60"
    waiters = [threading.Thread(target=lambda: got.append(get(server, target))) for _ in range(50)]
    for waiter in waiters:
        waiter.start()
    assert server.wait_for_waiters(50)
    server.replace(answers(2))
    for waiter in waiters:
        waiter.join(10)
    assert got == [(200, b"2-abcd")] * 50


# -- Files


def wait_for(server: MetadataServer, old: str) -> str:
    """The version once it is no longer the old one."""
    _, body = get(server, f"/latest/version?wait=true&value={old}&maxWait=20", "application/json")
    version: str = json.loads(body)
    return version


def write(path: Path, text: str) -> None:
    """Replace a file at once, as a careful program does."""
    fresh = path.with_suffix(".new")
    fresh.write_text(text)
    os.replace(fresh, path)  # noqa: PTH105 - the point is that it is this call


def test_file_is_read_again_when_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "answers.yaml"
    write(path, "latest: {default: {version: '1'}}")
    with MetadataServer(path) as server:
        assert wait_for(server, "") == "1"
        write(path, "latest: {default: {version: '2'}}")
        assert wait_for(server, "1") == "2"
        path.unlink()  # what is gone for a moment is not forgotten
        write(path, "latest: {default: {version: '3'}}")
        assert wait_for(server, "2") == "3"


def test_broken_file_leaves_the_old_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "answers.yaml"
    write(path, "latest: {default: {version: '1'}}")
    warned = threading.Event()
    monkeypatch.setattr("metadata_client.server.service._log.warning", lambda *_: warned.set())
    with MetadataServer(str(path)) as server:
        write(path, "latest: {default: [")
        assert warned.wait(10)
        assert get(server, "/latest/version") == (200, b"1")


def test_file_that_comes_later(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "answers.yaml"
    with MetadataServer(path) as server:
        assert get(server, "/") == (200, b"latest\n")
        assert get(server, "/latest/version") == (404, b"Not found\n")
        assert get(server, "/2015-12-19/version") == (404, b"Invalid version\n")
        write(path, "latest: {default: {version: '1'}}")
        assert wait_for(server, "") == "1"
    assert f"no file {path}" in caplog.text


def test_broken_file_at_the_start(tmp_path: Path) -> None:
    path = tmp_path / "answers.yaml"
    path.write_text("a: [")
    with pytest.raises(YAMLError, match=r"answers\.yaml: line 2: did not find"):
        MetadataServer(path).start()


@pytest.mark.parametrize("given", [Answers({"latest": {}}), {"latest": None}])
def test_version_without_trees(given: Any) -> None:
    with MetadataServer(given) as server:
        assert get(server, "/latest/") == (404, b"Not found\n")


def test_answers_of_the_wrong_shape() -> None:
    with pytest.raises(AnswersError, match="version latest is not a map of addresses"):
        MetadataServer({"latest": []})
