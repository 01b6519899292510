"""Shared by tests of stores over HTTP: a web server that is not the store."""

from __future__ import annotations

import contextlib
import http.server
import threading
from collections.abc import Iterator, Mapping


@contextlib.contextmanager
def answering(
    status: int,
    body: bytes,
    length: int | None = None,
    headers: Mapping[str, str] | None = None,
    endless: Mapping[str, bytes] | None = None,
    good: Mapping[str, bytes] | None = None,
) -> Iterator[str]:
    """Run a web server with one answer to everything, and give its URL.

    Args:
        status: of the answer.
        body: of the answer.
        length: that the answer says it has, if not that of the body.
        headers: further ones.
        endless: by path, what is sent again and again instead, until the client has enough.
        good: by path, the bodies that are sent instead, with status 200.
    """
    without_end, bodies = endless or {}, good or {}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(200 if self.path in bodies else status)
            if self.path in without_end:
                self._send_headers(headers or {})
                self._send_on(without_end[self.path])
                return
            sent = bodies.get(self.path, body)
            said = len(sent) if length is None else length
            self._send_headers({"Content-Length": str(said), **(headers or {})})
            self.wfile.write(sent)

        def _send_headers(self, named: Mapping[str, str]) -> None:
            for name, value in named.items():
                self.send_header(name, value)
            self.end_headers()

        def _send_on(self, body: bytes) -> None:
            self.close_connection = True
            with contextlib.suppress(OSError):
                while True:
                    self.wfile.write(body)

        def do_POST(self) -> None:
            self.do_GET()

        def do_PUT(self) -> None:
            self.do_GET()

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
