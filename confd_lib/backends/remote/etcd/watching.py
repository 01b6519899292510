"""The watch of an etcd: one connection that reports the changes of all keys.

Knows nothing of values.
"""

from __future__ import annotations

import json
import math
import time
from base64 import b64decode
from contextlib import ExitStack
from typing import TYPE_CHECKING, Final

from confd_lib.errors import BackendError, Interrupted
from confd_lib.escapes import quotation
from confd_lib.logs import LOGGER

from .gateway import ODD, Gateway
from .ranges import Range, hold, ranges_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from threading import Event
    from typing import Self

    from confd_lib.backends.remote.flat import FlatSnapshot
    from confd_lib.backends.remote.web import Stream

    from .gateway import Access, Answer

# A watch that is silent for so long is opened again; a frozen server answers nothing.
_SILENCE_S: Final = 20.0
# A proxy may cut a watch that has been quiet for so long; one that is cut sooner is an outage.
_QUIET_S: Final = 1.0
# etcd's gateway reads so many bytes of a request before it answers, and may lose the rest.
_SAFE: Final = 512
# Keys that cannot be watched together are read this often.
_POLL_S: Final = 5.0
_DENIED: Final = "permission denied"
# A revision whose number is as long as any.
_LATE: Final = (1 << 62) - 1


class Watch:
    """Watches keys.

    One range that covers them all is watched, and the changes of other keys in it are ignored. Who
    may not read all of it watches the keys themselves, if they fit into one request.

    Args:
        access: how etcd is reached.
        keys: the absolute keys, at least one.
        stop: ends every wait within a second.
    """

    def __init__(self, access: Access, keys: Sequence[str], stop: Event) -> None:
        self._gateway = Gateway(access, stop)
        self._stop = stop
        self._ranges = ranges_of(keys)
        # Empty where the keys are read again and again instead.
        self._watched = [Range(self._ranges[0].first, max(one.end for one in self._ranges))]
        self._open = ExitStack()
        self._stream: Stream | None = None
        self._begun = 0
        # The revision of the last change that was heard since the known state and is not of a key.
        self._heard = 0
        # When the open connection has brought its last message, by `time.monotonic`.
        self._spoke = math.inf

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()
        self._gateway.close()

    def wait(self, known: FlatSnapshot) -> bool:
        """Return True once there may be a later state than `known`; False where etcd is silent.

        Raises:
            BackendError: the connection is lost, or its node has lost its majority.
        """
        if not self._watched:
            if self._stop.wait(_POLL_S):
                raise Interrupted("the stop event was set")
            return True
        try:
            return self._wait(int(known.version))
        except BackendError:
            self._close()
            raise

    def _wait(self, revision: int) -> bool:
        stream = self._stream or self._follow(revision)
        line = self._line(stream)
        if line is None:
            self._close()
            self._follow(max(revision, self._heard))
            return False
        result = self._gateway.result(line)
        try:
            return self._is_news(result, revision)
        except ODD as error:
            raise self._gateway.odd(line) from error

    def _line(self, stream: Stream) -> bytes | None:
        """Return the next message; None if etcd is silent, or if the quiet connection was cut.

        Both are no outage if the watch can be opened again where it has ended.
        """
        try:
            line = stream.line()
        except Interrupted:
            raise
        except BackendError as error:
            if time.monotonic() - self._spoke < _QUIET_S:
                raise
            LOGGER.debug("%s; the watch was quiet, and is opened again", error)
            return None
        self._spoke = time.monotonic()
        return line

    def _is_news(self, result: Answer, revision: int) -> bool:
        """Return whether a message of a watch means that there may be a later state.

        It may as well if the revisions after `revision` were compacted, or if etcd is at an earlier
        one than when the watch began, since somebody has replaced its data. Messages that are only
        older than `revision` have waited while the store was read.
        """
        if result.get("canceled"):
            self._close()
            return "compact_revision" in result or self._is_narrowed(result.get("cancel_reason"))
        if int(result["header"]["revision"]) < self._begun:
            self._close()
            return True
        return self._hold_change([event["kv"] for event in result.get("events", ())], revision)

    def _hold_change(self, pairs: Sequence[Answer], revision: int) -> bool:
        """Return whether some pairs change a key after `revision`; if not, note that they came.

        etcd sends the changes of a range in order, and all of a revision in one message: nothing up
        to the last one is missing. Where several ranges are watched, each change after `revision`
        is of a key, so what came of one says nothing of the others.
        """
        changes = [(int(pair["mod_revision"]), b64decode(pair["key"])) for pair in pairs]
        found = any(at > revision and hold(self._ranges, key) for at, key in changes)
        # After a change the store is read, and may be another one by then, at an earlier revision.
        self._heard = 0 if found else max([self._heard, *(at for at, _ in changes)])
        return found

    def _is_narrowed(self, reason: str | None) -> bool:
        """Watch less than before, where it is too much for the rights of the user.

        Raises:
            BackendError: the watch was cancelled for another reason.
        """
        if _DENIED not in (reason or "") or self._watched == self._ranges:
            raise self._gateway.error(quotation(reason or "the watch was cancelled"))
        self._watched = self._ranges
        if len(self._request(_LATE)) > _SAFE:
            self._watched = []
            LOGGER.warning(
                "etcd: the user may read the keys, but not all that lies between them, so they "
                "cannot be watched; reading them every %g s instead",
                _POLL_S,
            )
        return True

    def _follow(self, revision: int) -> Stream:
        """Open the connection: all that happens after `revision` will be reported."""
        self._begun = self._heard = revision
        self._spoke = math.inf
        watch = self._gateway.watch(self._request(revision), _SILENCE_S)
        self._stream = self._open.enter_context(watch)
        return self._stream

    def _request(self, revision: int) -> str:
        start = {"start_revision": str(revision + 1)}
        requests = [{"create_request": {**one.as_json(), **start}} for one in self._watched]
        return "\n".join(json.dumps(one, separators=(",", ":")) for one in requests)

    def _close(self) -> None:
        self._stream = None
        self._open.close()
