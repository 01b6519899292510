"""Keys of confd and names of Redis: which names a question is about, and which keys they become.

Redis has no folders. A question for `/app` is about the name `/app`; if that holds neither a text
nor a hash, it is about all names that begin with `/app/`. Knows nothing of connections.
"""

from __future__ import annotations

import itertools
import re
from bisect import bisect_left
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from confd_lib.backends.remote.flat import digest
from confd_lib.golang.path import join
from confd_lib.golang.strings import from_bytes, to_bytes
from confd_lib.store.rules import FLAT
from confd_lib.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

Value = bytes | dict[bytes, bytes]
"""The value of a name: a text, or the fields of a hash."""


@dataclass(frozen=True, slots=True)
class Question:
    """A key that is asked for, and the names that it is about.

    Attributes:
        asked: the key as it was asked for, cleaned.
        key: the key without `/*`, which confd cuts out wherever it stands.
        name: the name of the key.
        below: the beginning of the names below the key.
        separator: stands for `/` in names.

    >>> Question.of("/app/*", ":")
    Question(asked='/app/*', key='/app', name=b'app', below=b'app:', separator=':')
    >>> Question.of("/", "/").below
    b''
    """

    asked: str
    key: str
    name: bytes
    below: bytes
    separator: str

    @classmethod
    def of(cls, asked: str, separator: str) -> Question:
        """Return the question for an absolute key."""
        asked = join("/", asked)
        key = asked.replace("/*", "")
        text = key if separator == "/" else key.removeprefix("/").replace("/", separator)
        name = to_bytes(text)
        below = b"" if key == "/" else name + to_bytes(separator)
        return cls(asked, key, name, below, separator)

    @property
    def beginning(self) -> bytes:
        """The text that all names of the question begin with; so may others."""
        return min(self.name, self.below, key=len)

    def is_about(self, name: bytes) -> bool:
        """Return whether the answer may change with this name."""
        return name == self.name or name.startswith(self.below)

    def is_above(self, names: Iterable[bytes]) -> bool:
        """Return whether one of the names lies below the key."""
        return any(name.startswith(self.below) for name in names)

    def answer(self, names: Sequence[bytes], found: Mapping[bytes, Value]) -> dict[str, str]:
        """Return the answer, by absolute key; where two names become one key, the later counts.

        Args:
            names: all that have a value, in order.
            found: their values.

        >>> found = {b"app:db": b"1", b"app:h": {b"a:b": b"2"}, b"apple": b"3"}
        >>> Question.of("/app", ":").answer(list(found), found)
        {'/app/db': '1', '/app/h/a/b': '2'}
        """
        if self.name in found:
            return dict(self._entries(self.key, found[self.name]))
        after = (names[at] for at in range(bisect_left(names, self.below), len(names)))
        return {
            key: text
            for name in itertools.takewhile(lambda name: name.startswith(self.below), after)
            for key, text in self._entries(self._key_of(name), found[name])
        }

    def _entries(self, key: str, value: Value) -> Iterator[tuple[str, str]]:
        if isinstance(value, bytes):
            yield key, from_bytes(value)
            return
        for name in sorted(value):
            field_name = from_bytes(name).replace(self.separator, "/")
            yield f"{key}/{field_name}", from_bytes(value[name])

    def _key_of(self, name: bytes) -> str:
        text = from_bytes(name)
        return (text if text.startswith("/") else f"/{text}").replace(self.separator, "/")


@dataclass(frozen=True, slots=True)
class Answers:
    """The state of Redis at one moment: the answers to the questions of a pass.

    A key may be in the answer to one question and not in that to another: a text hides the names
    below it from a question for its own key.

    Attributes:
        version: a digest of the answers.
        values: by question as it was asked, then by absolute key; without the empty answers.

    >>> answers = Answers.of([Question.of("/app", "/")], {b"/app/port": b"80"})
    >>> dict(answers.view("/app", ["/"]).items())
    {'/port': '80'}
    """

    version: str
    values: Mapping[str, Mapping[str, str]]
    # Of each set of questions: resources share a store, and with it the levels that it finds.
    _stores: dict[tuple[str, ...], Store] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, questions: Iterable[Question], found: Mapping[bytes, Value]) -> Answers:
        """Return the answers to questions.

        Args:
            questions: of a pass.
            found: the values of all their names, by name.
        """
        names = sorted(found)
        every = {question.asked: question.answer(names, found) for question in questions}
        values = {asked: answer for asked, answer in every.items() if answer}
        return cls(digest(values), values)

    def view(self, prefix: str, keys: Sequence[str]) -> Store:
        """Return the keys that one resource asks for, with its prefix cut off."""
        asked = tuple(join("/", prefix, key) for key in keys)
        store = self._stores.get(asked)
        if store is None:
            parts = (self.values.get(key, {}) for key in asked)
            merged = {key: text for part in parts for key, text in part.items()}
            store = self._stores[asked] = Store.from_documents({"/": merged}, rules=FLAT)
        return store.view(prefix)


def outermost(beginnings: Iterable[bytes]) -> list[bytes]:
    """Return the texts that do not begin with another one of them.

    >>> outermost([b"/app/db", b"/app", b"/x"])
    [b'/app', b'/x']
    """
    kept: list[bytes] = []
    for beginning in sorted(beginnings):
        if not kept or not beginning.startswith(kept[-1]):
            kept.append(beginning)
    return kept


def pattern(beginnings: Sequence[bytes]) -> bytes:
    r"""Return the pattern of Redis that matches all names with one of these beginnings.

    It matches others too, where there are several.

    >>> pattern([b"/app/[x]/"]), pattern([b"/app/db/", b"/apple/"])
    (b'/app/\\[x\\]/*', b'/app*')
    """
    first, last = min(beginnings), max(beginnings)
    same = itertools.takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False))
    common = first[: len(list(same))]
    return re.sub(rb"[\\*?\[\]]", rb"\\\g<0>", common) + b"*"
