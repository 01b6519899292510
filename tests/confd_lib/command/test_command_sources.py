"""Faults in the store of the command: one line, status 1, and the last good file."""

from __future__ import annotations

import contextlib
import socket
import threading

import pytest

from metadata_client import MetadataServer
from tests.confd_lib.commandline import TREE, confd, rancher
from tests.confd_lib.outcomes import names


def closed_port() -> str:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{sock.getsockname()[1]}"


@contextlib.contextmanager
def answering(raw: bytes):
    """A server that says one thing whatever it is asked."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with connection:
                    connection.recv(65536)
                    connection.sendall(raw)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


@pytest.fixture
def asking(folder):
    folder.dest().write_text("last good\n")
    folder.both('{{getv "/self/container/name"}}', keys=["/self"])
    yield folder
    assert folder.dest().read_text() == "last good\n"
    assert names(folder.out) == ["a.conf"]


def test_a_service_that_is_not_there(asking, capfd):
    address = closed_port()
    status, (line,), _ = confd(capfd, *rancher(address, asking))
    assert status == 1
    assert line.startswith(f"ERROR http://{address}/latest/")
    assert "refused" in line


def test_a_container_that_is_not_known_yet(asking, capfd):
    with MetadataServer({"latest": {"default": {"version": "1"}}}) as server:
        status, log, _ = confd(capfd, *rancher(server, asking))
        assert (status, log) == (1, [f"ERROR {server.url}/latest/self: 404 Not found"])


def test_a_version_that_is_not_served(asking, capfd):
    with MetadataServer({"2015-12-19": {"default": TREE}}) as server:
        args = [str(arg).replace("/latest", "/2016-07-29") for arg in rancher(server, asking)]
        status, (line,), _ = confd(capfd, *args)
        assert status == 1
        assert line.startswith(f"ERROR {server.url}/2016-07-29/")
        assert line.endswith(": 404 Invalid version")


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>", "the body is not JSON"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{", "the body was cut"),
        (b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n", "500 Oops"),
        (b"SSH-2.0-OpenSSH\r\n", ""),
        (b"", "the connection was closed before the first byte"),
    ],
    ids=["html", "cut", "500", "not-http", "nothing"],
)
def test_a_service_that_answers_rubbish(asking, capfd, raw, said):
    with answering(raw) as address:
        status, (line,), _ = confd(capfd, *rancher(address, asking))
    assert status == 1
    assert line.startswith(f"ERROR http://{address}/latest/")
    assert said in line


def test_a_values_file_that_is_wrong(folder, capfd, tmp_path):
    values = tmp_path / "values.yaml"
    args = ("-backend=file", f"-file={values}", f"-confdir={folder.path}")
    folder.both("x")
    assert confd(capfd, *args)[1] == [f"ERROR stat {values}: no such file or directory"]
    values.write_text("a: 1\n b: 2\n")
    status, (line,), _ = confd(capfd, *args)
    assert (status, line.startswith(f"ERROR {values}: yaml: line 2: ")) == (1, True)
    values.write_text("[1, 2]")
    assert confd(capfd, *args)[1] == [
        f"ERROR {values}: yaml: line 1: a mapping of keys is wanted, not a list"
    ]
    assert not folder.dest().exists()
