"""Watching: a generator of snapshots, one for each change, for as long as somebody listens.

Waits, settles, reconnects; knows nothing of HTTP, and nothing of what the trees mean.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING, Final

from .backoff import delays
from .errors import MetadataError, RequestError, Stopped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .client import MetadataClient
    from .snapshot import Snapshot
    from .sockets import Stop

_log: Final = logging.getLogger(__name__)

_POLL: Final = 1.0  # seconds between two looks at answers that name no version


def watch(
    client: MetadataClient,
    *paths: str,
    stop: Stop | None = None,
    since: Snapshot | None = None,
    settle: float = 1.0,
    max_wait: float = 10.0,
) -> Iterator[Snapshot]:
    """The state of the metadata, and then each change of it.

    A change is delivered at once; what follows within `settle` seconds of a delivery comes as one
    snapshot when they are over. What happens while the consumer works on a snapshot is found when
    it asks for the next one. A snapshot whose values are those of the last one is not delivered,
    whatever its version. Failures are outlived: it asks again for ever, and logs each kind of
    failure once until there is an answer.

    Args:
        client: whom to ask.
        paths: what the snapshots hold; the whole tree, if none is named.
        stop: ends the generator within a second.
        since: what the consumer has already; without it the present state comes first.
        settle: seconds.
        max_wait: seconds for which one request waits for news.

    >>> from metadata_client import MetadataClient, MetadataServer
    >>> from metadata_client import watch
    >>> def answers(release):
    ...     return {"latest": {"default": {"version": release, "self": {"release": release}}}}
    >>> with MetadataServer(answers("r1")) as server, MetadataClient(server.url) as client:
    ...     seen = watch(client, "/self/release")
    ...     print(next(seen).documents)
    ...     server.replace(answers("r2"))
    ...     print(next(seen).documents)
    {'/self/release': 'r1'}
    {'/self/release': 'r2'}
    """
    stop = stop or threading.Event()
    last, known = since, since.version if since else None
    settled, retry = 0.0, delays()
    told: set[tuple[type, int]] = set()
    while not stop.is_set():
        try:
            if known is not None and not _has_news(client, known, max_wait, stop):
                continue
            if stop.wait(max(0.0, settled - time.monotonic())):
                return
            snapshot = client.snapshot(*paths, stop=stop)
        except Stopped:
            return
        except MetadataError as error:
            _tell(error, told)
            stop.wait(next(retry))
            continue
        # Read at most once in a while, also where the version changes with every request.
        known, settled, retry = snapshot.version, time.monotonic() + settle, delays()
        told.clear()
        if last is None or not snapshot.has_values_of(last):
            last = snapshot
            yield snapshot


def _tell(error: MetadataError, told: set[tuple[type, int]]) -> None:
    """Log a failure; at a level that is seen only if it is of a new kind."""
    kind = type(error), error.status if isinstance(error, RequestError) else 0
    level = logging.DEBUG if kind in told else logging.WARNING
    _log.log(level, "asking again until there is an answer: %s", error)
    told.add(kind)


def _has_news(client: MetadataClient, known: str, max_wait: float, stop: Stop) -> bool:
    if known:
        return client.wait(known, max_wait, stop=stop) != known
    stop.wait(_POLL)
    return not stop.is_set()
