"""The JSON gateway of etcd's v3 API: questions, log-ins and nodes.

Knows nothing of keys and values, nor of what is asked.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

from confd_lib.backends.remote.web import Web, server
from confd_lib.errors import BackendError, Refused
from confd_lib.escapes import quotation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from threading import Event
    from typing import Self

    from confd_lib.backends.remote.addresses import Nodes
    from confd_lib.backends.remote.tls import TLS
    from confd_lib.backends.remote.web import Reply, Stream

T = TypeVar("T")
Answer = dict[str, Any]
# What is raised where an answer has another form than etcd's.
ODD: Final = (AttributeError, KeyError, TypeError, ValueError)
NOT_ETCD: Final = "not an answer of the v3 API of etcd 3.4 or newer"

# gRPC's numbers of the failures that another node would report too.
_INVALID, _FORBIDDEN, _PRECONDITION, _OUT_OF_RANGE, _UNAUTHENTICATED = 3, 7, 9, 11, 16
# A node that has lost its majority then ends its watches; without it they are silent for ever.
_HAS_LEADER: Final = {"Grpc-Metadata-hasleader": "true"}


class Compacted(BackendError):
    """The revision that was asked for is no longer kept."""


class Forbidden(Refused):
    """The user may not read all keys of the question."""


class _LoggedOut(Refused):
    """The token is missing, or is no longer valid."""


class Login:
    """A user, and the last token that etcd gave it.

    Args:
        name: of the user; empty for no login.
        password: its password.

    Attributes:
        token: None before the first login; empty where etcd asks for no login.
    """

    def __init__(self, name: str, password: str) -> None:
        self.name = name
        self.password = password
        self.token: str | None = None


@dataclass(frozen=True, slots=True)
class Access:
    """How an etcd is reached; its connections share it.

    Attributes:
        nodes: the roots of the URLs.
        tls: the certificates.
        login: the user.
    """

    nodes: Nodes
    tls: TLS
    login: Login


class Gateway:
    """A connection to etcd, to whichever of its nodes answers.

    Args:
        access: how etcd is reached.
        stop: ends every request within a second; it then raises Interrupted.
    """

    def __init__(self, access: Access, stop: Event) -> None:
        self._nodes = access.nodes
        self._login = access.login
        self._web = Web("etcd", access.tls, stop)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the connection."""
        self._web.close()

    def ask(self, method: str, question: Answer, parse: Callable[[Answer], T]) -> T:
        """Return what `parse` makes of the answer of the first node that has one.

        Args:
            method: of the API, as `kv/txn`.
            question: as JSON.
            parse: may raise what a dict raises that has another form than etcd's answer.

        Raises:
            Forbidden: the user may not read all keys of the question.
            Refused: the login is refused, or there has to be one.
            Compacted: the question names a revision that is no longer kept.
            BackendError: no node answers; with the reason of each.
        """
        return self._nodes.first(
            lambda node: _parsed(node, self._ask_logged_in(node, method, question), parse),
            Compacted,
        )

    @contextmanager
    def watch(self, requests: str, silence: float) -> Iterator[Stream]:
        """Open a watch on the node that has answered last.

        Args:
            requests: the messages of the client, one a line.
            silence: seconds without a message after which the watch is given up.

        Raises:
            BackendError: the node does not answer.
        """
        node = self._nodes.current
        headers = {**self._headers(), **_HAS_LEADER}
        url = f"{node}/v3/watch"
        with self._web.stream(url, requests, headers, silence) as stream:
            yield stream

    def result(self, line: bytes) -> Answer:
        """Return the result in a message of a watch.

        Raises:
            BackendError: the message is an error; then the next question goes to another node.
        """
        try:
            message = json.loads(line)
            if "error" not in message:
                result: Answer = message["result"]
                return result
            reason = quotation(message["error"]["message"])
        except (*ODD, RecursionError):
            raise self.odd(line) from None
        raise self.error(reason)

    def odd(self, line: bytes) -> BackendError:
        """Return the error of a watch for a message that is not etcd's."""
        return self.error(f"{line[:100]!r}: {NOT_ETCD}")

    def error(self, reason: str) -> BackendError:
        """Return the error of a watch that was ended; the next question goes to another node."""
        node = self._nodes.current
        self._nodes.leave(node)
        return BackendError(f"etcd {server(node)}: {reason}")

    def _headers(self) -> dict[str, str]:
        return {"Authorization": self._login.token} if self._login.token else {}

    def _ask_logged_in(self, node: str, method: str, question: Answer) -> Answer:
        """Ask a node, with a login before it where one is missing or no longer valid."""
        if self._login.name and self._login.token is None:
            self._log_in(node)
        try:
            return self._ask(node, method, question)
        except _LoggedOut:
            if not self._login.name:
                raise
            self._log_in(node)
            return self._ask(node, method, question)

    def _log_in(self, node: str) -> None:
        self._login.token = None
        user = {"name": self._login.name, "password": self._login.password}
        try:
            answer = self._ask(node, "auth/authenticate", user)
            self._login.token = _parsed(node, answer, lambda login: str(login["token"]))
        except _NoLoginNeeded:
            self._login.token = ""

    def _ask(self, node: str, method: str, question: Answer) -> Answer:
        url = f"{node}/v3/{method}"
        reply = self._web.ask("POST", url, data=json.dumps(question), headers=self._headers())
        return _answer(node, reply)


def _parsed(node: str, answer: Answer, parse: Callable[[Answer], T]) -> T:
    try:
        return parse(answer)
    except ODD as error:
        raise BackendError(f"etcd {server(node)}: {NOT_ETCD}") from error


class _NoLoginNeeded(BackendError):
    """etcd runs without users."""


# The errors by gRPC's number; any other is the node's own, and the next node is asked.
_KINDS: Final[dict[int, type[BackendError]]] = {
    _INVALID: _LoggedOut,
    _FORBIDDEN: Forbidden,
    _PRECONDITION: _NoLoginNeeded,
    _OUT_OF_RANGE: Compacted,
    _UNAUTHENTICATED: _LoggedOut,
}


def _answer(node: str, reply: Reply) -> Answer:
    """Return the answer in a reply.

    Raises:
        BackendError: the reply is an error, or not etcd's.
    """
    try:
        answer = json.loads(reply.body)
    except (ValueError, RecursionError):
        answer = None
    if isinstance(answer, dict) and reply.status == 200 and "header" in answer:
        return answer
    if isinstance(answer, dict) and isinstance(answer.get("code"), int):
        kind = _KINDS.get(answer["code"], BackendError)
        raise kind(f"etcd {server(node)}: {quotation(answer.get('error'))}")
    raise BackendError(f"etcd {server(node)}: {reply.line}: {NOT_ETCD}")
