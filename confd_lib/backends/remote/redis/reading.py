"""Reads the names that questions are about, at one moment where the user may use `MULTI`.

Knows nothing of how connections are made or lost. redis-py is needed to import this module.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from redis import ResponseError
from redis.exceptions import NoPermissionError

from confd_lib.errors import Refused

from .keys import Answers, pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from .keys import Question, Value
    from .link import Command, Link, Reply

# Redis serves nobody else during a transaction: about ten milliseconds for so many names.
_MOST_NAMES: Final = 10_000
# The names that Redis looks at for one SCAN.
_SCANNED: Final = 1000
# Readings until the types of all names stay the same from one command to the next.
_READINGS: Final = 5
_GETTERS: Final[Mapping[bytes, str]] = {b"string": "GET", b"hash": "HGETALL"}


def read(link: Link, questions: Sequence[Question]) -> Answers:
    """Return the answers to questions.

    Raises:
        Refused: the user may not read some of the names; the error has the keys of the questions.
        BackendError: the connection is lost, or a command fails.
        Interrupted: the stop event was set.
    """
    reading = _Reading(link, questions)
    for _ in range(_READINGS):
        try:
            found = reading.values(reading.types())
            if found is not None:
                return Answers.of(questions, found)
        except (AttributeError, TypeError, ValueError) as error:
            raise link.error(error) from error  # a reply of another form than Redis gives
    raise link.error("keys change their types faster than they are read")


class _Reading:
    """Reads the names of some questions.

    Args:
        link: the connection.
        questions: what is asked.
    """

    def __init__(self, link: Link, questions: Sequence[Question]) -> None:
        self._link = link
        self._questions = questions

    def types(self) -> dict[bytes, bytes]:
        """Return the types of the texts and the hashes that the questions are about, by name."""
        own, forbidden = self._types_of({one.name for one in self._questions})
        folders = [one for one in self._questions if one.name not in own]
        below, forbidden_below = self._types_of(self._scan(folders))
        # A user who may read `/app/*` need not be allowed to read `/app`.
        readable = {one.name for one in folders if one.name in forbidden and one.is_above(below)}
        own_names = {name: error for name, error in forbidden.items() if name not in readable}
        self._refuse({**own_names, **forbidden_below})
        return {**below, **own}

    def values(self, types: Mapping[bytes, bytes]) -> dict[bytes, Value] | None:
        """Return the values of names; None if the type of one has changed meanwhile.

        Args:
            types: by name.
        """
        found: dict[bytes, Value] = {}
        for names in _parts(types):
            replies = self._at_once([(_GETTERS[types[name]], name) for name in names])
            errors = _errors(names, replies)
            self._refuse(errors)
            if any(str(error).startswith("WRONGTYPE") for error in errors.values()):
                return None
            for error in errors.values():
                raise self._link.error(error)
            found.update(_values(names, replies))
        return found

    def _types_of(
        self, names: Iterable[bytes]
    ) -> tuple[dict[bytes, bytes], dict[bytes, ResponseError]]:
        """Return the types of texts and hashes by name, and by name what may not be read."""
        types: dict[bytes, bytes] = {}
        forbidden: dict[bytes, ResponseError] = {}
        for part in _parts(names):
            replies = self._link.ask(*[("TYPE", name) for name in part])
            forbidden |= self._forbidden(_errors(part, replies))
            types |= {
                name: reply
                for name, reply in zip(part, replies, strict=True)
                if isinstance(reply, bytes) and reply in _GETTERS
            }
        return types, forbidden

    def _scan(self, folders: Sequence[Question]) -> set[bytes]:
        """Return the names below folders: one pass over the database, however many they are."""
        if not folders:
            return set()
        below = tuple({one.below for one in folders})
        found: set[bytes] = set()
        cursor: bytes = b"0"
        while True:
            scan = ("SCAN", cursor, "MATCH", pattern(below), "COUNT", _SCANNED)
            [reply] = self._link.ask(scan)
            if isinstance(reply, NoPermissionError):
                self._refuse(dict.fromkeys((one.name for one in folders), reply))
            if not isinstance(reply, list):
                raise self._link.error(reply)
            cursor, names = reply
            found.update(name for name in names if name.startswith(below))
            if cursor == b"0":
                return found

    def _at_once(self, commands: Sequence[Command]) -> list[Reply]:
        """Return the replies to commands that read, of one moment if the user may use `MULTI`."""
        started, *queued, executed = self._link.ask(("MULTI",), *commands, ("EXEC",))
        if isinstance(executed, list):
            return executed
        if isinstance(started, ResponseError):
            return queued  # not queued, but executed one by one
        if any(isinstance(reply, ResponseError) for reply in queued):
            return queued
        raise self._link.error(executed)

    def _forbidden(self, errors: Mapping[bytes, ResponseError]) -> dict[bytes, ResponseError]:
        """Return the errors by name; raise a BackendError for one that is no refusal."""
        for error in errors.values():
            if not isinstance(error, NoPermissionError):
                raise self._link.error(error)
        return dict(errors)

    def _refuse(self, errors: Mapping[bytes, ResponseError]) -> None:
        """Raise Refused if the user may not read a name, with the keys that it belongs to."""
        forbidden = {n: e for n, e in errors.items() if isinstance(e, NoPermissionError)}
        if forbidden:
            keys = [one.asked for one in self._questions if any(map(one.is_about, forbidden))]
            error = self._link.error(next(iter(forbidden.values())))
            raise Refused(f"{error} ({', '.join(keys)})", keys)


def _parts(names: Iterable[bytes]) -> Iterator[list[bytes]]:
    rest = iter(names)
    while part := list(islice(rest, _MOST_NAMES)):
        yield part


def _errors(names: Sequence[bytes], replies: Sequence[Reply]) -> dict[bytes, ResponseError]:
    return {n: r for n, r in zip(names, replies, strict=True) if isinstance(r, ResponseError)}


def _values(names: Sequence[bytes], replies: Sequence[Reply]) -> Iterator[tuple[bytes, Value]]:
    """Yield names with their values, but those that are gone."""
    for name, reply in zip(names, replies, strict=True):
        if isinstance(reply, bytes):
            yield name, reply
        elif isinstance(reply, list) and reply:
            fields = iter(reply)
            yield name, dict(zip(fields, fields, strict=True))
