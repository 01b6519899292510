"""Watching: a generator of snapshots, one for each change of the metadata.

Waits, settles and tries again; knows nothing of HTTP, and nothing of what the trees mean.
"""

from __future__ import annotations

import functools
import logging
import threading
import time
from typing import TYPE_CHECKING, Final

from gotmpl.arguments import checked
from metadata_client.client.backoff import delays
from metadata_client.errors import MetadataError, RequestError, Stopped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from metadata_client.client.client import MetadataClient
    from metadata_client.client.snapshot import Snapshot
    from metadata_client.client.sockets import Stop

_log: Final = logging.getLogger(__name__)

_POLL: Final = 1.0  # seconds between two reads of a tree that names no version


@checked
def watch(
    client: MetadataClient,
    *paths: str,
    stop: Stop | None = None,
    since: Snapshot | None = None,
    settle: float = 1.0,
    max_wait: float = 10.0,
    heard: Callable[[MetadataError | None], None] | None = None,
) -> Iterator[Snapshot]:
    """Yield the present state of the metadata, and then each change of it.

    A change is delivered at once; the changes of the next `settle` seconds are delivered together
    as one snapshot. Changes that happen while the consumer works on a snapshot are found when it
    asks for the next one. A snapshot with the same values as the last one is not delivered, even
    if its version is another one. After a failure the client is asked again, for ever; unless
    `heard` is given, each kind of failure is logged once until there is an answer.

    Args:
        client: the client that is asked.
        paths: the paths of the snapshots; the whole tree, if none is given.
        stop: ends the generator within a second.
        since: the snapshot that the consumer has already; without it the present state comes first.
        settle: seconds for which changes are collected after a delivery.
        max_wait: seconds for which one request waits for news.
        heard: called with the error after each failure, and with None after each answer.

    >>> from metadata_client import MetadataClient, MetadataServer
    >>> from metadata_client import watch
    >>> def answers(release):
    ...     return {"latest": {"default": {"version": release, "self": {"release": release}}}}
    >>> with MetadataServer(answers("r1")) as server, MetadataClient(server.url) as client:
    ...     changes = watch(client, "/self/release")
    ...     print(next(changes).documents)
    ...     server.replace(answers("r2"))
    ...     print(next(changes).documents)
    {'/self/release': 'r1'}
    {'/self/release': 'r2'}
    """
    stop = stop or threading.Event()
    known = since.version if since else None
    read = functools.partial(client.snapshot, *paths, stop=stop)
    has_news = functools.partial(_has_news, client, max_wait, stop)
    last = since
    for snapshot in _snapshots(read, has_news, known, settle, stop, heard or _logged()):
        if last is None or not snapshot.has_values_of(last):
            last = snapshot
            yield snapshot


def _snapshots(
    read: Callable[[], Snapshot],
    has_news: Callable[[str], bool],
    known: str | None,
    settle: float,
    stop: Stop,
    heard: Callable[[MetadataError | None], None],
) -> Iterator[Snapshot]:
    """Yield a snapshot whenever there is news, at most one in `settle` seconds, until `stop`.

    Args:
        read: reads a snapshot.
        has_news: waits for another version than the one given, and returns whether there is one.
        known: the version that the consumer has; None for a consumer that has nothing.
        settle: seconds between two snapshots, also where the version changes with every request.
        stop: ends the generator.
        heard: called with the error after each failure, and with None after each answer.
    """
    settled, retry = 0.0, delays()
    while not stop.is_set():
        try:
            if known is not None and not has_news(known):
                heard(None)
                continue
            if stop.wait(max(0.0, settled - time.monotonic())):
                return
            snapshot = read()
        except Stopped:
            return
        except MetadataError as error:
            heard(error)
            stop.wait(next(retry))
            continue
        known, settled, retry = snapshot.version, time.monotonic() + settle, delays()
        heard(None)
        yield snapshot


def _logged() -> Callable[[MetadataError | None], None]:
    """Return a function that logs failures: as a warning if the kind is new, else for debugging."""
    known: set[tuple[type, int]] = set()

    def heard(error: MetadataError | None) -> None:
        if error is None:
            known.clear()
            return
        kind = type(error), error.status if isinstance(error, RequestError) else 0
        level = logging.DEBUG if kind in known else logging.WARNING
        _log.log(level, "asking again until there is an answer: %s", error)
        known.add(kind)

    return heard


def _has_news(client: MetadataClient, max_wait: float, stop: Stop, known: str) -> bool:
    if known:
        return client.wait(known, max_wait, stop=stop) != known
    stop.wait(_POLL)
    return True  # perhaps: only reading the tree can show it
