"""Asks and watches the first Redis that answers.

redis-py is needed to import this module. The watch is that of `CLIENT TRACKING` (Redis 6), which
needs no setting of the server and hears of every change. Where the server or the rights of the user
lack it, the watch is that of keyspace notifications.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from redis import ResponseError

from confd_lib.backends.remote.addresses import Nodes
from confd_lib.errors import BackendError, CannotWatch, Interrupted, Refused

from .keys import outermost, pattern
from .link import READ_S, Link
from .reading import read

if TYPE_CHECKING:
    from collections.abc import Sequence
    from threading import Event
    from typing import Self

    from .keys import Answers, Question
    from .link import Command, Reply, Server

# After so many seconds without a message the server is asked whether it is still there.
_SILENCE_S: Final = 20.0
# Changes that follow one another so closely are read together, for a tenth of a second at most.
_GAP_S: Final = 0.01
_BURST_S: Final = 0.1
# Readings of a store that changes while it is read; then its state is given as it is.
_READINGS: Final = 3
_INVALIDATIONS: Final = "__redis__:invalidate"


class Client:
    """A Redis, or several with the same data of which one is asked at a time.

    Args:
        servers: at least one.
    """

    def __init__(self, servers: Sequence[Server]) -> None:
        self._servers = {server.node: server for server in servers}
        self._nodes = Nodes(list(self._servers))

    def read(self, questions: Sequence[Question], stop: Event) -> Answers:
        """Return the answers of the first server that has some.

        Raises:
            Refused: the credentials or some of the keys are refused.
            BackendError: no server answers; with the reason of each.
            Interrupted: `stop` was set.
        """
        with self.connect(stop) as link:
            return read(link, questions)

    def watch(self, questions: Sequence[Question], stop: Event) -> Watch:
        """Return a watch, which connects when it is first used."""
        return Watch(self, questions, stop)

    def connect(self, stop: Event) -> Link:
        """Return a connection to the first server that takes one; raises as `read` does."""
        failures: list[str] = []
        for node in self._nodes.in_turn():
            try:
                return Link(self._servers[node], stop)
            except (Refused, Interrupted):
                raise
            except BackendError as error:
                failures.append(str(error))
                self._nodes.leave(node)
        raise BackendError("; ".join(failures))

    def leave(self, server: Server) -> None:
        """Let the next connection go to another server."""
        self._nodes.leave(server.node)


class Watch:
    """One connection that reports the changes of all keys.

    Args:
        client: connects.
        questions: what is watched.
        stop: ends every wait within a second.
    """

    def __init__(self, client: Client, questions: Sequence[Question], stop: Event) -> None:
        self._client = client
        self._questions = questions
        self._stop = stop
        self._link: Link | None = None
        self._hears_all = True
        self._has_news = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def read(self) -> Answers:
        """Return the present answers; each later change is reported to `wait`.

        Raises:
            CannotWatch: the server or the user lacks both ways of watching.
            Refused: the credentials or some of the keys are refused.
            BackendError: no server answers.
            Interrupted: the stop event was set.
        """
        link = self._link or self._open()
        try:
            return self._read_beside(link)
        except BackendError:
            self._lost(link)
            raise

    def wait(self, _: Answers) -> bool:
        """Return True once the answers may be others; False where the server is silent.

        Raises:
            BackendError: as `read`.
        """
        if self._has_news:
            return True
        if self._link is None:
            self._open()
            return True
        try:
            return self._wait(self._link)
        except BackendError:
            self._lost(self._link)
            raise

    def _read_beside(self, link: Link) -> Answers:
        """Read by another connection to the same server; a watching one takes no other commands."""
        with Link(link.server, self._stop) as reader:
            for _ in range(_READINGS):
                answers = read(reader, self._questions)
                self._has_news = self._drain(link)
                if not self._has_news:
                    break
        return answers

    def _wait(self, link: Link) -> bool:
        message = link.receive(_SILENCE_S)
        if message is None:
            if not self._hears_all:
                return True
            link.send(("PING",))
            message = link.receive(READ_S)
        if message is None:
            raise link.error("no answer in time")
        return self._is_news(message) or self._drain(link)

    def _drain(self, link: Link) -> bool:
        """Take the messages that have come or follow closely; return whether one is news."""
        end, news = time.monotonic() + _BURST_S, False
        while time.monotonic() < end:
            message = link.receive(_GAP_S)
            if message is None:
                break
            news = news or self._is_news(message)
        return news

    def _is_news(self, message: Reply) -> bool:
        """Return whether a message means that answers may have changed."""
        match message:
            case [b"message", _, None]:  # all keys were removed
                return True
            case [b"message", _, [*names]]:
                changed = names
            case [b"pmessage", _, channel, _]:
                changed = [channel.partition(b"__:")[2]]
            case _:
                return False
        return any(one.is_about(name) for one in self._questions for name in changed)

    # -- Connecting

    def _open(self) -> Link:
        """Connect and subscribe: all that happens from here on will be reported."""
        link = self._client.connect(self._stop)
        try:
            self._subscribe(link)
        except BaseException:
            link.close()
            raise
        self._link = link
        return link

    def _subscribe(self, link: Link) -> None:
        beginnings = outermost(question.beginning for question in self._questions)
        no_tracking = _track(link, beginnings)
        self._hears_all = no_tracking is None
        if no_tracking is None:
            return
        no_notifications = _be_notified(link, beginnings)
        if no_notifications is not None:
            error = link.error(f"cannot be watched: {no_tracking}; {no_notifications}")
            raise CannotWatch(str(error))

    def _lost(self, link: Link) -> None:
        self._client.leave(link.server)
        self._close()

    def _close(self) -> None:
        if self._link is not None:
            self._link.close()
        self._link, self._has_news = None, False


def _track(link: Link, beginnings: Sequence[bytes]) -> ResponseError | str | None:
    """Let a connection report the changes of names to itself; return why it cannot.

    Args:
        link: the connection.
        beginnings: of the names; the server takes none that begins with another one.
    """
    [number] = link.ask(("CLIENT", "ID"))
    if not isinstance(number, int):
        return str(number)
    prefixes = [word for one in beginnings if one for word in ("PREFIX", one)]
    track = ("CLIENT", "TRACKING", "ON", "REDIRECT", number, "BCAST", *prefixes)
    return _first_error(link, track, ("SUBSCRIBE", _INVALIDATIONS))


def _be_notified(link: Link, beginnings: Sequence[bytes]) -> ResponseError | str | None:
    """Let a connection get keyspace notifications; return why it cannot.

    A server that does not show its settings is taken at its word that it lets us subscribe.
    """
    [setting] = link.ask(("CONFIG", "GET", "notify-keyspace-events"))
    if isinstance(setting, list) and not _are_sent(setting):
        return "keyspace notifications are off (set notify-keyspace-events to KEA)"
    channel = b"__keyspace@%d__:" % link.server.database
    return _first_error(link, *[("PSUBSCRIBE", channel + pattern([one])) for one in beginnings])


def _are_sent(setting: Sequence[Reply]) -> bool:
    """Return whether the changes of texts and hashes are sent to channels of their keys."""
    match setting:
        case [_, bytes(flags)]:
            return b"K" in flags and (b"A" in flags or all(one in flags for one in b"g$h"))
    return False


def _first_error(link: Link, *commands: Command) -> ResponseError | None:
    """Send commands one after the other until one fails; return its error."""
    for command in commands:
        [reply] = link.ask(command)
        if isinstance(reply, ResponseError):
            return reply
    return None
