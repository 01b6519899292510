"""A stop event and a deadline end requests over HTTP and over HTTPS, with real sockets and TLS."""

from __future__ import annotations

import contextlib
import http.server
import itertools
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import requests
import urllib3

from metadata_client import (
    MetadataClient,
    StoppableAdapter,
    Stopped,
    Unavailable,
    bounded,
    open_socket,
)
from tests.metadata_client.conftest import unanswered

CONFIG = """
[req]
distinguished_name = name
[name]
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
[leaf]
subjectAltName = IP:127.0.0.1
extendedKeyUsage = serverAuth, clientAuth
authorityKeyIdentifier = keyid
"""
CERTIFICATES = """
openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -subj /CN=ca -days 3 \\
    -config openssl.cnf -extensions ca
for name in server client; do
    openssl req -newkey rsa:2048 -nodes -keyout $name.key -out $name.csr -subj /CN=$name \\
        -config openssl.cnf
    openssl x509 -req -in $name.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out $name.pem \\
        -days 3 -extfile openssl.cnf -extensions leaf
done
"""


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers `/short` at once; `/silent` never, and `/half` and `/flood` never to the end."""

    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        with contextlib.suppress(OSError):  # the client closes the connection
            self._answer()

    def _answer(self) -> None:
        if self.path == "/silent":
            self._block()
            return
        self.send_response(200)
        self.send_header("Content-Length", "3" if self.path == "/short" else str(1 << 40))
        self.end_headers()
        self.wfile.write(b"[1]")
        if self.path == "/half":
            self._block()
        while self.path == "/flood":
            self.wfile.write(b" " * 100_000)

    def _block(self) -> None:
        self.server.blocked.set()
        assert self.connection.recv(1) == b""  # until the client closes the connection

    def log_message(self, *_: object) -> None:
        pass


class Server(http.server.ThreadingHTTPServer):
    """A server on loopback that counts its connections."""

    # A connection that failed is closed by urllib3 1.26 only once its exception is forgotten.
    daemon_threads = True

    def __init__(self, context: ssl.SSLContext | None) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.context = context
        self.blocked = threading.Event()  # set when a request waits for an answer
        self.connections = 0

    @property
    def url(self) -> str:
        return f"http{'s' if self.context else ''}://127.0.0.1:{self.server_port}"

    def finish_request(self, request: socket.socket, address: object) -> None:  # type: ignore[override]
        self.connections += 1
        if self.context is None:
            super().finish_request(request, address)
            return
        with (
            contextlib.suppress(OSError),
            self.context.wrap_socket(request, server_side=True) as secured,
        ):
            super().finish_request(secured, address)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("openssl") is None:
        pytest.skip("there is no openssl, which makes the certificates")
    folder = tmp_path_factory.mktemp("certificates")
    (folder / "openssl.cnf").write_text(CONFIG)
    subprocess.run(["sh", "-ec", CERTIFICATES], cwd=folder, check=True, capture_output=True)
    return folder


@pytest.fixture(params=["http", "https"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    context = None
    if request.param == "https":
        folder = request.getfixturevalue("certificates")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "server.pem", folder / "server.key")
        context.load_verify_locations(folder / "ca.pem")
        context.verify_mode = ssl.CERT_REQUIRED  # clients need a certificate too
    with Server(context) as made:
        thread = threading.Thread(target=made.serve_forever, args=(0.01,))
        thread.start()
        yield made
        made.shutdown()
        thread.join()


@pytest.fixture
def session(server: Server, request: pytest.FixtureRequest) -> Iterator[requests.Session]:
    with requests.Session() as made:
        made.trust_env = False
        made.mount("http://", StoppableAdapter())
        made.mount("https://", StoppableAdapter())
        if server.context:
            folder = request.getfixturevalue("certificates")
            made.verify = str(folder / "ca.pem")
            made.cert = (str(folder / "client.pem"), str(folder / "client.key"))
        yield made


def test_connections_are_kept(server: Server, session: requests.Session) -> None:
    with bounded(None, 60):
        replies = [session.get(f"{server.url}/short", timeout=5).json() for _ in range(5)]
    assert replies == [[1]] * 5
    assert server.connections == 1


@pytest.mark.parametrize("warm", [False, True], ids=["first request", "kept connection"])
@pytest.mark.parametrize("path", ["/silent", "/half"])
def test_stop_ends_a_read(server: Server, session: requests.Session, path: str, warm: bool) -> None:
    if warm:
        session.get(f"{server.url}/short", timeout=5)
    stop = threading.Event()
    raised: list[BaseException] = []

    def ask() -> None:
        try:
            with bounded(stop, 3600):
                session.get(f"{server.url}{path}", timeout=3600)
        except (requests.RequestException, Stopped) as error:
            raised.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    assert server.blocked.wait(5)
    stop.set()
    thread.join(5)
    assert not thread.is_alive()
    assert [type(error) for error in raised] == [Stopped]


@pytest.mark.parametrize("path", ["/silent", "/half"])
def test_timeout_of_a_part(server: Server, session: requests.Session, path: str) -> None:
    with bounded(None, 3600), pytest.raises(requests.RequestException, match="timed out"):
        session.get(f"{server.url}{path}", timeout=(5, 0.3))


def test_deadline_of_a_body(
    server: Server, session: requests.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The clock shows a second more whenever it is read: no piece is late, but all of them are.
    clock = SimpleNamespace(monotonic=itertools.count().__next__)
    monkeypatch.setattr("metadata_client.client.sockets.time", clock)
    with bounded(None, 100), pytest.raises(requests.RequestException, match="timed out"):
        session.get(f"{server.url}/flood", timeout=3600)


def test_without_bounds_requests_are_as_ever(server: Server, session: requests.Session) -> None:
    assert session.get(f"{server.url}/short", timeout=5).json() == [1]


def test_bounds_end_with_their_block(server: Server, session: requests.Session) -> None:
    stop = threading.Event()
    with bounded(stop, 60):
        pass
    stop.set()
    assert session.get(f"{server.url}/short", timeout=5).json() == [1]


def hears(name: str) -> contextlib.AbstractContextManager[int]:
    return unanswered() if name == "connect" else deaf()


@contextlib.contextmanager
def deaf() -> Iterator[int]:
    """A port where connections are accepted, and nothing is ever answered."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@pytest.mark.parametrize("phase", ["connect", "handshake"])
def test_stop_ends_the_phases_before_a_request(phase: str) -> None:
    stop = threading.Event()
    threading.Timer(0.1, stop.set).start()
    with hears(phase) as port, requests.Session() as session:
        session.trust_env = False
        session.mount("https://", StoppableAdapter())
        with bounded(stop, 3600), pytest.raises(Stopped):
            session.get(f"https://127.0.0.1:{port}/", timeout=3600)


# -- Other protocols

DATA = b"0123456789" * 1_000_000


@pytest.mark.parametrize("does", ["read", "write"])
def test_stop_ends_a_wait_of_a_plain_socket(does: str) -> None:
    stop = threading.Event()
    with deaf() as port, bounded(stop, 3600), open_socket(("127.0.0.1", port), 3600) as plain:
        threading.Timer(0.1, stop.set).start()
        with pytest.raises(Stopped):
            plain.recv(1) if does == "read" else plain.sendall(bytes(1 << 26))


def test_stop_ends_the_handshake_of_a_socket() -> None:
    stop = threading.Event()
    threading.Timer(0.1, stop.set).start()
    context = ssl.create_default_context()
    with deaf() as port, bounded(stop, 3600), pytest.raises(Stopped):
        open_socket(("127.0.0.1", port), 3600, context)


def test_what_is_written_arrives_whole(certificates: Path, tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates / "server.pem", certificates / "server.key")
    trusting = ssl.create_default_context(cafile=str(certificates / "ca.pem"))
    path = str(tmp_path / "socket")
    with (
        socket.create_server(("127.0.0.1", 0)) as plain,
        socket.create_server(path, family=socket.AF_UNIX) as local,
        context.wrap_socket(socket.create_server(("127.0.0.1", 0)), server_side=True) as secured,
    ):
        for server, tls in ((plain, None), (local, None), (secured, trusting)):
            thread = threading.Thread(target=_echo, args=(server, len(DATA)))
            thread.start()
            with open_socket(server.getsockname(), 5, tls) as client:
                client.sendall(DATA)
                with client.makefile("rb") as file:
                    assert file.read() == DATA
            thread.join()


def _echo(server: socket.socket, size: int) -> None:
    connection = server.accept()[0]
    with connection, connection.makefile("rb") as file:
        connection.sendall(file.read(size))


# -- Certificates


over_tls = pytest.mark.parametrize("server", ["https"], indirect=True)


@over_tls
def test_server_with_an_unknown_certificate(server: Server) -> None:
    with MetadataClient(server.url) as client, pytest.raises(Unavailable, match="certificate"):
        client.get("/short")


@over_tls
def test_each_connection_trusts_its_own_authorities(
    server: Server, session: requests.Session
) -> None:
    url = f"{server.url}/short"
    assert session.get(url, timeout=5).ok
    session.close()
    with pytest.raises(requests.exceptions.SSLError):
        session.get(url, timeout=5, verify=True)  # the public authorities
    with pytest.warns(urllib3.exceptions.InsecureRequestWarning):
        assert session.get(url, timeout=5, verify=False).ok
