"""Stands for a PostgreSQL: `python -m examples.patroni.failover.stand_in ADDRESS PORT TEXT`.

It writes the text to each client, and ends when it is killed.
"""

from __future__ import annotations

import socketserver
import sys


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


def main(address: str, port: str, text: str) -> None:
    """Serve until the process ends."""

    class Greeting(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(text.encode())

    with _Server((address, int(port)), Greeting) as server:
        server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
