"""Following a store: a generator of its states that outlives every outage.

Knows nothing of any store: it is given a function that reads the store and one that waits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from confd_lib.errors import BackendError, CannotWatch, Interrupted, Refused
from confd_lib.logs import LOGGER
from metadata_client import delays

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from threading import Event


class Values(Protocol):
    """A snapshot whose values can be compared."""

    @property
    def values(self) -> Mapping[str, object]: ...  # noqa: D102 - as in FlatSnapshot


V = TypeVar("V", bound=Values)

# A server that has just started may answer before it has its data.
_EMPTY_PAUSE_S: Final = 1.0
# After so many failures of the wait in a row a good reading is no longer the end of an outage.
_FLAPS: Final = 2


def follow(
    read: Callable[[], V],
    wait: Callable[[V], bool],
    since: V | None,
    stop: Event,
    report: Callable[[BackendError | None], None],
) -> Iterator[V]:
    """Yield each state of a store that differs from the one before, until `stop` is set.

    The store is read after each failure, whatever it was: the change that ended it may have been
    missed. It is asked for ever, with pauses that grow up to five seconds. Where it can be read and
    every wait fails, that is one outage, until a wait ends well.

    Args:
        read: reads the store.
        wait: waits until the store may hold something else than this state, and returns True; or
            returns False after a while, to show that the store still answers. It may take up the
            watch wherever the one before has ended.
        since: the state that the consumer has; without it, the present state comes first.
        stop: ends the generator; `read` and `wait` raise Interrupted within a second after it.
        report: called with the error after each failure, and with None after each answer that is
            not part of an outage.

    Raises:
        Refused: the credentials or some of the keys are refused; no pause would help.
        CannotWatch: `read` or `wait` raised it.
    """
    # What the consumer has, and what the store holds: None where that is to be read first.
    sent, known = since, since
    # Since a wait last ended well: a store that can be read need not be one that can be watched.
    failures, retries = 0, delays()
    while not stop.is_set():
        try:
            if known is not None:
                may_differ = wait(known)
                failures, retries = 0, delays()
                if not may_differ:
                    report(None)
                    continue
            now = read()
        except Interrupted:
            return
        except (CannotWatch, Refused):
            raise
        except BackendError as error:
            report(error)
            if known is not None:  # else the same failure goes on
                failures += 1
                known = None
            stop.wait(next(retries))
            continue
        if failures < _FLAPS:
            report(None)
        is_news = sent is None or now.values != sent.values
        sent = known = now
        if is_news:
            yield now


class Doubt:
    """Reads a store, and doubts that it is empty right after an outage.

    An empty answer would empty every file. Where there were keys before the outage, the store is
    read once more after a second; then it is believed, and a warning says so.

    Args:
        name: of the store and its server, for the warning.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._had_keys = False
        self._was_lost = False

    def read(self, read: Callable[[], V], stop: Event) -> V:
        """Return what `read` returns, or what it returns a second later.

        Raises:
            BackendError: `read` raised it.
            Interrupted: `stop` was set meanwhile.
        """
        try:
            now = read()
            if self._was_lost and self._had_keys and not now.values:
                now = self._read_again(read, stop)
        except Interrupted:
            raise
        except BackendError:
            self._was_lost = True
            raise
        self._was_lost, self._had_keys = False, bool(now.values)
        return now

    def follow(
        self,
        read: Callable[[], V],
        wait: Callable[[V], bool],
        since: V | None,
        stop: Event,
        report: Callable[[BackendError | None], None],
    ) -> Iterator[V]:
        """Follow the store as the function `follow` does; a wait that fails is an outage too."""

        def heard(error: BackendError | None) -> None:
            self._was_lost = self._was_lost or error is not None
            report(error)

        return follow(lambda: self.read(read, stop), wait, since, stop, heard)

    def _read_again(self, read: Callable[[], V], stop: Event) -> V:
        if stop.wait(_EMPTY_PAUSE_S):
            raise Interrupted("the stop event was set")
        now = read()
        if not now.values:
            LOGGER.warning("%s has come back without any of the keys that it held", self._name)
        return now
