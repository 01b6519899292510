"""The stand-in for Consul as a program: its documented KV API over HTTP.

It has `GET`, `PUT` and `DELETE` of `/v1/kv/KEY`, with `recurse`, `index`, `wait`, `keys` and
`separator`; `PUT /v1/txn` with the verbs `get`, `get-tree`, `set`, `delete` and `delete-tree`;
`GET` and `PUT` of `/v1/snapshot`, in JSON. It follows Consul where its documentation or its source
is clear:

- a GET that waits returns when the index is passed or `wait` is over (5 minutes), changed or not;
- what is read below a prefix leaves out what the token may not read; if nothing is left, it is 404;
- a transaction has no index, and `get-tree` refuses the empty key.

It takes any key, as older Consuls do; new ones take letters, digits and `,-_./` only.
"""

from __future__ import annotations

import argparse
import base64
import json
import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

from tests.servers.consul.keys import Keys

_UNITS: Final = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "": 1e-9}
_OPERATIONS: Final = 64
_READS: Final = {"get", "get-tree"}
# The results of a transaction, and the number and error of each operation that failed.
Outcome = tuple[list[dict[str, Any]], list[tuple[int, str]]]


class Refused(Exception):
    """A request is answered with an error: the status and the text."""


@dataclass(frozen=True, slots=True)
class Access:
    """The rights of tokens, and the login that all requests need.

    Attributes:
        tokens: the prefixes that each token may read and write; None lets everybody do all.
        login: the value that a header `Authorization` needs, or None.
        lists_need_rights: whether reading below a prefix is refused without a right to it.
    """

    tokens: dict[str, list[str]] | None
    login: str | None
    lists_need_rights: bool

    def rights(self, headers: Any) -> Callable[[str], bool]:
        """Return a function that tells if a request may use a key.

        Raises:
            Refused: the login is wrong, or the token unknown.
        """
        if self.login is not None and headers.get("Authorization") != self.login:
            raise Refused(401, "Unauthorized")
        token = headers.get("X-Consul-Token", "")
        if self.tokens is None:
            return lambda key: True
        if token and token not in self.tokens:
            raise Refused(403, "ACL not found")
        prefixes = tuple(self.tokens.get(token, ()))
        return lambda key: key.startswith(prefixes)


class Handler(BaseHTTPRequestHandler):
    """Answers one connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Program

    def do_GET(self) -> None:
        self._answer({"kv": self._get, "snapshot": self._save})

    def do_PUT(self) -> None:
        self._answer({"kv": self._put, "txn": self._transact, "snapshot": self._restore})

    def do_DELETE(self) -> None:
        self._answer({"kv": self._delete})

    def log_message(self, *_: object) -> None:
        """Log nothing."""

    def _answer(self, methods: dict[str, Callable[[], None]]) -> None:
        # The body is read in any case: the next request stands behind it.
        self._body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = urlsplit(self.path)
        self._query = parse_qs(parts.query, keep_blank_values=True)
        _, version, name, *key = parts.path.split("/", 3)
        self._key = unquote("".join(key), errors="surrogateescape")
        try:
            if version != "v1" or name not in methods:
                raise Refused(404, "no such endpoint")
            self._may = self.server.access.rights(self.headers)
            methods[name]()
        except Refused as refused:
            status, text = refused.args
            self._send(status, text.encode(), {"Content-Type": "text/plain"})

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _json(self, text: str, status: int = 200, headers: dict[str, str] | None = None) -> None:
        self._send(status, text.encode(), {"Content-Type": "application/json", **(headers or {})})

    def _get(self) -> None:
        names = "keys" in self._query
        exactly = not names and "recurse" not in self._query
        if exactly:
            self._need_key()
        if exactly or self.server.access.lists_need_rights:
            self._need(self._key)
        index = int(self._query.get("index", ["0"])[0])
        wait = seconds(self._query.get("wait", ["5m"])[0])
        view = self.server.keys.wait(self._key, exactly, index, min(wait, 600) if index else 0)
        entries = [entry for entry in view.entries if self._may(entry["Key"])]
        headers = {"X-Consul-Index": str(view.index)}
        if entries or (names and not self._key):
            self._json(json.dumps(self._names(entries) if names else entries), headers=headers)
        else:
            self._send(404, b"", headers)

    def _names(self, entries: list[dict[str, Any]]) -> list[str]:
        """Return the names of keys, each once and up to the first separator after the prefix."""
        separator = self._query.get("separator", [""])[0]
        names = [entry["Key"] for entry in entries]
        return list(dict.fromkeys(self._cut(name, separator) for name in names))

    def _cut(self, name: str, separator: str) -> str:
        at = name.find(separator, len(self._key)) if separator else -1
        return name if at < 0 else name[: at + len(separator)]

    def _need_key(self) -> None:
        if not self._key:
            raise Refused(400, "Missing key name")

    def _need(self, key: str) -> None:
        if not self._may(key):
            raise Refused(403, "Permission denied")

    def _put(self) -> None:
        self._need_key()
        self._need(self._key)
        value = base64.b64encode(self._body).decode() or None
        self.server.keys.change({self._key: value}, [])
        self._json("true")

    def _delete(self) -> None:
        exactly = "recurse" not in self._query
        if exactly:
            self._need_key()
        self._need(self._key)
        self.server.keys.change({}, self._keys_of((self._key, exactly)))
        self._json("true")

    def _keys_of(self, *wanted: tuple[str, bool]) -> list[str]:
        views = self.server.keys.views(wanted)
        return [entry["Key"] for view in views for entry in view.entries]

    def _save(self) -> None:
        self._need("")
        self._json(json.dumps(self.server.keys.snapshot()))

    def _restore(self) -> None:
        self._need("")
        self.server.keys.restore(json.loads(self._body))
        self._send(200, b"", {})

    def _transact(self) -> None:
        operations = [operation["KV"] for operation in json.loads(self._body)]
        if len(operations) > _OPERATIONS:
            raise Refused(413, f"Transaction contains too many operations (> {_OPERATIONS})")
        reads = {one["Verb"] in _READS for one in operations}
        if reads == {True, False}:
            raise Refused(400, "the stand-in takes either reads or writes in a transaction")
        results, errors = (self._read if reads == {True} else self._write)(operations)
        refused = [{"OpIndex": at, "What": what} for at, what in errors]
        body = {"Results": None if refused else results, "Errors": refused or None}
        self._json(json.dumps(body), 409 if refused else 200)

    def _read(self, operations: list[dict[str, Any]]) -> Outcome:
        wanted = [(one["Key"], one["Verb"] == "get") for one in operations]
        views = self.server.keys.views(wanted)
        errors = [(at, "Must provide key") for at, (key, _) in enumerate(wanted) if not key]
        for at, ((key, exactly), view) in enumerate(zip(wanted, views, strict=True)):
            if key and exactly and not view.entries:
                errors.append((at, f'key "{key}" doesn\'t exist'))
        found = [entry for view in views for entry in view.entries if self._may(entry["Key"])]
        return [{"KV": entry} for entry in found], errors

    def _write(self, operations: list[dict[str, Any]]) -> Outcome:
        keys = [one["Key"] for one in operations]
        denied = [(at, "Permission denied") for at, key in enumerate(keys) if not self._may(key)]
        if denied:
            return [], denied
        values = {
            one["Key"]: one.get("Value") or None for one in operations if one["Verb"] == "set"
        }
        deletes = [one for one in operations if one["Verb"] != "set"]
        gone = self._keys_of(*((one["Key"], one["Verb"] == "delete") for one in deletes))
        entries = self.server.keys.change(values, sorted(set(gone) - set(values)))
        return [{"KV": {**entry, "Value": None}} for entry in entries], []


class Program(ThreadingHTTPServer):
    """Listens, and has a thread for each connection."""

    request_queue_size = 128

    def __init__(self, port: int, keys: Keys, access: Access, tls: ssl.SSLContext | None) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.keys, self.access = keys, access
        if tls:
            # The handshake is the connection's thread's, which alone waits for a slow client.
            self.socket = tls.wrap_socket(
                self.socket, server_side=True, do_handshake_on_connect=False
            )

    def handle_error(self, *_: object) -> None:
        """Say nothing: clients that go away, or fail their handshake, are what tests do."""


def seconds(duration: str) -> float:
    """Return the seconds of a duration of Go; without a unit it counts nanoseconds.

    >>> seconds("1m30s"), seconds("250ms"), seconds("5")
    (90.0, 0.25, 5e-09)
    """
    parts = re.findall(r"([\d.]+)(ms|[smh]?)", duration)
    return float(sum(float(number) * _UNITS[unit] for number, unit in parts))


def _tls(options: argparse.Namespace) -> ssl.SSLContext | None:
    if not options.cert:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(options.cert, options.key)
    context.load_verify_locations(options.ca)
    context.verify_mode = ssl.CERT_REQUIRED
    return context


def _access(options: argparse.Namespace) -> Access:
    tokens = {name: prefixes.split(",") for name, _, prefixes in options.token}
    login = base64.b64encode(options.login.encode()).decode()
    return Access(tokens or None, f"Basic {login}" if login else None, options.list_policy)


def main() -> None:
    """Serve until the process is ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--keys", type=Path, required=True, help="the file that keeps the keys")
    parser.add_argument("--login", default="", help="user:password of basic authentication")
    parser.add_argument(
        "--token",
        action="append",
        default=[],
        type=lambda text: text.partition("="),
        help="TOKEN=PREFIX,PREFIX: what a token may read and write",
    )
    parser.add_argument("--list-policy", action="store_true", help="lists need rights, too")
    for name in ("--cert", "--key", "--ca"):
        parser.add_argument(name, help="a PEM file; clients need a certificate of the CA")
    options = parser.parse_args()
    keys = Keys(options.keys)
    with Program(options.port, keys, _access(options), _tls(options)) as program:
        program.serve_forever()


if __name__ == "__main__":
    main()
