"""Watching: a generator of snapshots, one for each change, for as long as somebody listens.

Waits, settles, reconnects; knows nothing of HTTP, and nothing of what the trees mean.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING, Final

from metadata_client.client.backoff import delays
from metadata_client.errors import MetadataError, RequestError, Stopped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from metadata_client.client.client import MetadataClient
    from metadata_client.client.snapshot import Snapshot
    from metadata_client.client.sockets import Stop

_log: Final = logging.getLogger(__name__)

_POLL: Final = 1.0  # seconds between two looks at answers that name no version


def watch(
    client: MetadataClient,
    *paths: str,
    stop: Stop | None = None,
    since: Snapshot | None = None,
    settle: float = 1.0,
    max_wait: float = 10.0,
    heard: Callable[[MetadataError | None], None] | None = None,
) -> Iterator[Snapshot]:
    """The state of the metadata, and then each change of it.

    A change is delivered at once; what follows within `settle` seconds of a delivery comes as one
    snapshot when they are over. What happens while the consumer works on a snapshot is found when
    it asks for the next one. A snapshot whose values are those of the last one is not delivered,
    whatever its version. Failures are outlived: it asks again for ever, and unless `heard` is
    given it logs each kind of failure once until there is an answer.

    Args:
        client: whom to ask.
        paths: what the snapshots hold; the whole tree, if none is named.
        stop: ends the generator within a second.
        since: what the consumer has already; without it the present state comes first.
        settle: seconds.
        max_wait: seconds for which one request waits for news.
        heard: called with the error after each failure, and with None after each answer.

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
    heard = heard or _logged()
    while not stop.is_set():
        try:
            if known is not None and not _has_news(client, known, max_wait, stop):
                heard(None)
                continue
            if stop.wait(max(0.0, settled - time.monotonic())):
                return
            snapshot = client.snapshot(*paths, stop=stop)
        except Stopped:
            return
        except MetadataError as error:
            heard(error)
            stop.wait(next(retry))
            continue
        # Read at most once in a while, also where the version changes with every request.
        known, settled, retry = snapshot.version, time.monotonic() + settle, delays()
        heard(None)
        if last is None or not snapshot.has_values_of(last):
            last = snapshot
            yield snapshot


def _logged() -> Callable[[MetadataError | None], None]:
    """Return a listener that logs failures; at a level that is seen only if the kind is new."""
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


def _has_news(client: MetadataClient, known: str, max_wait: float, stop: Stop) -> bool:
    if known:
        return client.wait(known, max_wait, stop=stop) != known
    stop.wait(_POLL)
    return True  # perhaps: reading is the only way to see
