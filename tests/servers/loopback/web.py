"""JSON over HTTP for the stores that speak it: one address, its TLS files and its headers."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import requests

# Seconds that a store may take to answer.
_LIMIT = 20


@dataclass(frozen=True)
class Web:
    """An address of HTTP or HTTPS.

    Attributes:
        url: the address, without a path.
        ca: the path of the CA that signed the server's certificate.
        client: the paths of a client's certificate and key.
        headers: headers of each request.
    """

    url: str
    ca: str | None = None
    client: tuple[str, str] | None = None
    headers: dict[str, str] = field(default_factory=dict)

    @contextlib.contextmanager
    def session(self) -> Iterator[requests.Session]:
        """Yield a session of `requests` with the TLS files and headers, and no proxy."""
        with requests.Session() as session:
            session.trust_env = False
            session.verify = self.ca or True
            session.cert = self.client
            session.headers.update(self.headers)
            yield session

    def ask(self, method: str, path: str, body: object = None) -> requests.Response:
        """Return the answer to one request, whatever its status.

        Args:
            method: GET, PUT …
            path: the path and query.
            body: what is sent as JSON.
        """
        with self.session() as session:
            return session.request(method, self.url + path, json=body, timeout=_LIMIT)

    def json(self, method: str, path: str, body: object = None) -> Any:
        """Return the JSON of a good answer, or None for an empty one.

        Raises:
            requests.HTTPError: the status is 400 or more.
        """
        answer = self.ask(method, path, body)
        if not answer.ok:
            raise requests.HTTPError(f"{answer.status_code}: {answer.text}", response=answer)
        return answer.json() if answer.content else None

    def is_ready(self, path: str, words: str = "", status: int = 200) -> bool:
        """Tell if a request is answered with a status and some words."""
        try:
            answer = self.ask("GET", path)
        except requests.RequestException:
            return False
        return answer.status_code == status and words in answer.text
