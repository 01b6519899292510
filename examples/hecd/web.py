"""A small web server that registers in etcd, a program of its own: `--name web_1 --etcd 2379`.

Its key lives as long as its lease, which it keeps alive: after a crash the key vanishes by itself.
On SIGTERM it ends its lease first, and itself when no request has come for a while. Each answer is
its name.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from typing import Any, Final

from .gateway import Gateway, GatewayError

FOLDER: Final = "/services/web"
# The seconds that a lease lives: so long after a crash the key vanishes.
TTL_S: Final = 3
# A lease is kept alive three times as often as it has to be.
_RENEWAL_S: Final = TTL_S / 3
# The pause after a failure of etcd.
_RETRY_S: Final = 0.2
# A server that leaves ends after so many seconds without a request.
_QUIET_S: Final = 1.0
# The time that an answer takes, so that there is one under way at most times.
_WORK_S: Final = 0.002
# The signals that end it.
_ENDS: Final = (signal.SIGTERM, signal.SIGINT)


class Web(ThreadingTCPServer):
    """The server. It listens on a free port of 127.0.0.1."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, name: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.name: Final = name
        self.last_request = time.monotonic()

    def handle_error(self, *_: Any) -> None:
        """Log one line about a request that cannot be answered."""
        _log(sys.exception())

    def is_quiet(self) -> bool:
        """Return whether no request has come for a while."""
        return time.monotonic() - self.last_request > _QUIET_S


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Else the body waits until the head is acknowledged.
    disable_nagle_algorithm = True
    server: Web

    def do_GET(self) -> None:
        self.server.last_request = time.monotonic()
        time.sleep(_WORK_S)
        body = self.server.name.encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@dataclass(slots=True)
class Registration:
    """The key of a server in etcd.

    Attributes:
        gateway: etcd.
        key: the key.
        value: its value.
    """

    gateway: Gateway
    key: str
    value: str
    _lease: str = field(default="", init=False)

    def keep(self, stop: threading.Event) -> None:
        """Keep the key alive until `stop` is set, then delete it."""
        while not stop.wait(self._renew()):
            pass
        if self._lease:
            try:
                self.gateway.revoke(self._lease)
            except GatewayError as error:  # then the key vanishes with its lease
                _log(error)

    def _renew(self) -> float:
        """Keep the lease alive, or register with a new one; return the seconds to the next time."""
        try:
            if not (self._lease and self.gateway.keep_alive(self._lease)):
                lease = self.gateway.grant(TTL_S)
                self.gateway.put(self.key, self.value, lease)
                self._lease = lease
        except GatewayError as error:
            _log(error)
            return _RETRY_S
        return _RENEWAL_S


def main() -> int:
    """Serve until a signal comes, and return the exit status."""
    parser = argparse.ArgumentParser(prog="web", description="A web server that registers in etcd.")
    parser.add_argument("--name", required=True, help="its name, which is also its answer")
    parser.add_argument(
        "--etcd", required=True, type=int, metavar="PORT", help="where etcd listens"
    )
    arguments = parser.parse_args()
    # Blocked in all threads, and taken where the main thread waits for them.
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDS)
    with Web(arguments.name) as web:
        _serve(web, Gateway(arguments.etcd))
    return 0


def _serve(web: Web, etcd: Gateway) -> None:
    """Serve and stay registered until a signal comes, then until no request comes any more."""
    host, port = web.server_address[:2]
    value = json.dumps({"host": host, "port": port})
    leaves = threading.Event()
    registration = Registration(etcd, f"{FOLDER}/{web.name}", value)
    keeper = threading.Thread(target=registration.keep, args=(leaves,))
    threading.Thread(target=web.serve_forever, daemon=True).start()
    keeper.start()
    signal.sigwait(_ENDS)
    leaves.set()
    keeper.join()
    while not web.is_quiet():
        time.sleep(_RETRY_S)
    web.shutdown()


def _log(error: BaseException | None) -> None:
    print(repr(error), file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
