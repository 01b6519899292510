"""YAML as the Rancher programs read it: YAML 1.1 with the scalar rules of go-yaml v2.

PyYAML cuts the text into events (with libyaml in C where it is there). Values are made of them
here, since go-yaml differs from PyYAML: `y` is a boolean, `1e3` a number, a date a string, and an
anchor may be defined again. Knows nothing of answers or compose files.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import yaml

from .errors import YAMLError

if TYPE_CHECKING:
    from collections.abc import Callable, Container

_Loader: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_TAG: Final = "tag:yaml.org,2002:"

# Go: resolve.go resolveMapList
WORDS: Final[dict[str, object]] = {
    **dict.fromkeys(
        ("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True
    ),
    **dict.fromkeys(
        ("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False
    ),
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), math.inf),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
}
WORDS_OF_1_1: Final = frozenset(
    word for word, value in WORDS.items() if isinstance(value, bool) and word[0] not in "tTfF"
)
"""The words that are booleans in YAML 1.1 only, such as `on` and `no`."""
_INT: Final = re.compile(
    r"([-+]?) (?: 0[xX]([0-9a-fA-F]+) | 0[bB]([01]+) | 0[oO]?([0-7]+) | ([1-9][0-9]*|0) )",
    re.VERBOSE,
)
_SIGNED_BINARY: Final = re.compile("0b([-+][01]+)")
_BASES: Final = (16, 2, 8, 10)  # of the groups of _INT, in order
_FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_BASE60: Final = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?")

# No number of 64 bits is as long as this, and Python refuses to read one of 4 300 digits.
_LONGEST: Final = 4000
_INT64_MIN: Final = -(1 << 63)
_UINT64_MAX: Final = (1 << 64) - 1


def resolve(text: str) -> object:
    """Return the value that go-yaml v2 reads from a plain scalar.

    >>> [resolve(s) for s in ("on", "0755", "1e3", "~", "1_000", "10.0.22", "2001-02-03")]
    [True, 493, 1000.0, None, 1000, '10.0.22', '2001-02-03']
    """
    if text in WORDS:
        return WORDS[text]
    if text[0] not in "+-.0123456789":
        return text
    signed = _SIGNED_BINARY.fullmatch(text)
    if signed and len(text) <= 64:  # Go: ParseInt(plain[2:], 2, 64)
        return int(signed[1], 2)
    # Go: `_` may stand anywhere in a number, unless the number begins with a point.
    number = _number(text if text[0] == "." else text.replace("_", ""))
    return text if number is None else number


def _number(plain: str) -> int | float | None:
    whole = _INT.fullmatch(plain) if len(plain) < _LONGEST else None
    if whole:
        base, digits = next(
            (base, digits)
            for base, digits in zip(_BASES, whole.groups()[1:], strict=True)
            if digits
        )
        value = int(digits, base) * (-1 if whole[1] == "-" else 1)
        # Go: ParseInt, then ParseUint, which takes no sign
        if _INT64_MIN <= value < 1 << 63 or (not whole[1] and value <= _UINT64_MAX):
            return value
    if not _FLOAT.fullmatch(plain):
        return None
    number = float(plain)
    return None if math.isinf(number) else number  # Go: out of range is no number


def is_number_base60(text: str) -> bool:
    """Return whether other YAML 1.1 readers than go-yaml read the text as a number in base 60.

    >>> is_number_base60("12:30:45"), is_number_base60("10.42.0.1")
    (True, False)
    """
    return _BASE60.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class KeyNotice:
    """A key of a mapping that may not be the key that its author meant.

    Attributes:
        line: where it stands, from 1.
        path: the keys and indices that lead to the mapping.
        written: the key as it is written.
        key: the key that it became.
        earlier: how a key of the same mapping is written that became the same; None where none did.

    >>> print(KeyNotice(3, (), "on", "true", None))
    the key on becomes true; put it in quotes to keep it as it is written
    >>> print(KeyNotice(4, (), "yes", "true", "on"))
    the keys on and yes both become true, and the later one counts; put them in quotes
    """

    line: int
    path: tuple[object, ...]
    written: str
    key: object
    earlier: str | None

    def __str__(self) -> str:
        if self.earlier is None:
            return (
                f"the key {self.written} becomes {self.key}; "
                "put it in quotes to keep it as it is written"
            )
        if self.is_repeated:
            return f"the key {self.written} stands twice, and the later one counts"
        return (
            f"the keys {self.earlier} and {self.written} both become {self.key}, "
            "and the later one counts; put them in quotes"
        )

    @property
    def is_repeated(self) -> bool:
        """Whether both keys are written in the same way, so that no rule of YAML joined them."""
        return self.earlier == self.written


def load(
    text: str | bytes,
    *,
    key: Callable[[object], object] | None = None,
    notices: list[KeyNotice] | None = None,
    texts: Container[str] = (),
) -> object:
    """Return the first document of a YAML text, as Python values.

    Args:
        text: the document; bytes are UTF-8, or UTF-16 with a byte order mark.
        key: applied to every key of a mapping before it is stored. It may raise `ValueError` to
            refuse a key. Without it keys are what they resolve to: `8080: x` has an integer key.
            A `dict` holds 1, 1.0 and True as one key: a mapping with two of these is refused,
            unless `key` makes them different.
        notices: the list to which keys are added that became another text than they are written
            as, or that stand twice.
        texts: scalars that stay texts, such as `WORDS_OF_1_1`.

    Raises:
        YAMLError: the text is not YAML, is nested deeper than `MAX_DEPTH`, or consists for too
            large a part of aliases; `line` says where.

    >>> load("on: [0x1F, y, ~, 1.10]")
    {True: [31, True, None, 1.1]}
    >>> load("8080: web", key=str)
    {'8080': 'web'}
    """
    builder = _Builder(key, notices)
    try:
        for event in yaml.parse(text, Loader=_Loader):
            if isinstance(event, yaml.ScalarEvent) and event.implicit[0] and event.value in texts:
                event.implicit = (False, True)
            builder.take(event)
            # Go: Unmarshal reads the first document only.
            if isinstance(event, yaml.DocumentEndEvent):
                break
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reason = _reason(text, error)
        raise YAMLError(reason, line=mark.line + 1 if mark else 0) from error
    except (yaml.YAMLError, UnicodeError) as error:
        raise YAMLError(str(error).partition("\n")[0]) from error
    return builder.document


def _reason(text: str | bytes, error: yaml.MarkedYAMLError) -> str:
    # Brackets are found in bytes of any encoding, UTF-16 among them.
    shown = text if isinstance(text, str) else text.decode("latin-1").replace("\0", "")
    if isinstance(error, yaml.scanner.ScannerError) and _DEEP.search("".join(shown.split())):
        return _TOO_DEEP
    return error.problem or error.context or "not YAML"


# -- From events to values

MAX_DEPTH: Final = 200
"""The most lists and mappings in one another. What reads the values may recurse."""

_TOO_DEEP: Final = f"nested too deep: more than {MAX_DEPTH} levels"
# PyYAML's scanner reads ahead, and some versions of it have a limit of their own.
_DEEP: Final = re.compile(rf"(?<![\[{{])[\[{{]{{{MAX_DEPTH + 1}}}")

_NO_KEY: Final = object()
_MERGE: Final = object()  # the key `<<`


@dataclass(frozen=True, slots=True)
class _Anchor:
    """The value that an alias stands for.

    Attributes:
        value: the value.
        size: how many values it is made of, itself among them.
        scalar: the event that it was made of; None for a list or a mapping.
    """

    value: object
    size: int
    scalar: yaml.ScalarEvent | None


@dataclass(slots=True, eq=False)
class _Open:
    """A list or a mapping whose end was not read yet.

    Attributes:
        items: what it holds so far.
        event: its start.
        before: how many values were decoded before it.
        key: of a mapping, the key whose value comes next.
        written: of a mapping, how each key is written.
    """

    items: list[object] | dict[object, object]
    event: yaml.CollectionStartEvent
    before: int
    key: object = _NO_KEY
    written: dict[object, str] = field(default_factory=dict)


class _Builder:
    """Makes a value of the events of one document; an anchor is made once and then shared."""

    def __init__(
        self, key: Callable[[object], object] | None, notices: list[KeyNotice] | None
    ) -> None:
        self.document: object = None
        self._key = key
        self._notices = notices
        self._open: list[_Open] = []
        self._anchors: dict[str, _Anchor | _Open] = {}  # as they begin: the latest counts
        self._decoded = 1  # Go: decodeCount, in which the document counts as well
        self._aliased = 0  # Go: aliasCount

    def take(self, event: yaml.Event) -> None:
        """Go on by one event."""
        step = self._STEPS.get(type(event))
        if step is not None:
            step(self, event)

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        is_key = self._is_key_next()
        if is_key and _is_merge(event):
            self._open[-1].key = _MERGE
            return
        self._count(event)
        if is_key:
            self._begin_item(event)
        else:
            self._add(_value(event), event)
        if event.anchor:
            self._anchors[event.anchor] = _Anchor(_value(event), 1, event)

    def _start(self, event: yaml.CollectionStartEvent) -> None:
        if len(self._open) >= MAX_DEPTH:
            raise _error(event, _TOO_DEEP)
        if self._is_key_next():
            raise _error(event, "invalid map key: a list or a map")
        is_list = isinstance(event, yaml.SequenceStartEvent)
        begun = _Open([] if is_list else {}, event, self._decoded)
        self._open.append(begun)
        if event.anchor:
            self._anchors[event.anchor] = begun
        self._count(event)

    def _end(self, _: yaml.CollectionEndEvent) -> None:
        made = self._open.pop()
        name = made.event.anchor
        if name and self._anchors[name] is made:
            self._anchors[name] = _Anchor(made.items, self._decoded - made.before, None)
        self._add(made.items, made.event)

    def _alias(self, event: yaml.AliasEvent) -> None:
        name = event.anchor
        if name not in self._anchors:
            raise _error(event, f"unknown anchor '{name}' referenced")
        anchor = self._anchors[name]
        if isinstance(anchor, _Open):
            raise _error(event, f"anchor '{name}' value contains itself")
        self._count(event, anchor.size)
        if not self._is_key_next():
            self._add(anchor.value, event)
        elif anchor.scalar is not None:
            self._begin_item(anchor.scalar)
        else:
            raise _error(event, "invalid map key: a list or a map")

    _STEPS: Final[dict[type, Callable[..., None]]] = {
        yaml.ScalarEvent: _scalar,
        yaml.SequenceStartEvent: _start,
        yaml.MappingStartEvent: _start,
        yaml.SequenceEndEvent: _end,
        yaml.MappingEndEvent: _end,
        yaml.AliasEvent: _alias,
    }

    def _is_key_next(self) -> bool:
        if not self._open:
            return False
        top = self._open[-1]
        return top.key is _NO_KEY and type(top.items) is dict

    def _add(self, value: object, event: yaml.Event) -> None:
        if not self._open:
            self.document = value
            return
        top = self._open[-1]
        if isinstance(top.items, list):
            top.items.append(value)
            return
        # Go v2 writes pairs in the order of the text: a later `<<` replaces what stood before it.
        if top.key is _MERGE:
            _merge(top.items, value, event)
        else:
            top.items[top.key] = value
        top.key = _NO_KEY

    def _begin_item(self, event: yaml.ScalarEvent) -> None:
        top = self._open[-1]
        key = _value(event)
        try:
            top.key = self._key(key) if self._key else key
        except ValueError as error:
            raise _error(event, str(error)) from error
        if type(top.key) is not str:
            _refuse_twin(top.items, top.key, event)
        if self._notices is not None:
            self._notice(top, event)

    def _notice(self, top: _Open, event: yaml.ScalarEvent) -> None:
        earlier = top.written.get(top.key)
        top.written[top.key] = event.value
        is_other = isinstance(top.key, str) and top.key != event.value
        if self._notices is not None and (is_other or earlier is not None):
            line = _line(event)
            path = tuple(
                len(one.items) if isinstance(one.items, list) else one.key
                for one in self._open[:-1]
            )
            self._notices.append(KeyNotice(line, path, event.value, top.key, earlier))

    def _count(self, event: yaml.Event, aliased: int = 0) -> None:
        """Count a value, and those that an alias brings; refuse a document that is mostly these."""
        self._decoded += 1 + aliased
        self._aliased += aliased
        # Go: decode.go unmarshal checks each value. Within an alias the share only grows, so that
        # its end is enough.
        share = self._aliased / self._decoded
        is_large = self._aliased > 100 and self._decoded > 1000
        if is_large and share > _most_aliased(self._decoded):
            raise _error(event, "document contains excessive aliasing")


def _most_aliased(decoded: int) -> float:
    """Return the part of so many values that may come from aliases. Go: allowedAliasRatio.

    >>> _most_aliased(1000), round(_most_aliased(2_200_000), 3), _most_aliased(10**9)
    (0.99, 0.545, 0.1)
    """
    if decoded <= 400_000:
        return 0.99
    return max(0.10, 0.99 - 0.89 * (decoded - 400_000) / 3_600_000)


def _merge(items: dict[object, object], value: object, event: yaml.Event) -> None:
    # Go: of a list of mappings the first has the last word; an alias stands for no such list.
    is_list = not isinstance(event, yaml.AliasEvent)
    for source in value[::-1] if isinstance(value, list) and is_list else [value]:
        if not isinstance(source, dict):
            raise _error(event, "map merge requires map or sequence of maps as the value")
        items.update(source)


def _refuse_twin(items: object, key: object, event: yaml.ScalarEvent) -> None:
    """Refuse a key for which a `dict` would take another one that is there: 1, 1.0 and True."""
    if isinstance(items, dict) and key in items:
        twin = next(one for one in items if one == key)
        if type(twin) is not type(key):
            raise _error(event, f"the keys {twin!r} and {key!r} are one key in Python")


def _error(event: yaml.Event, reason: str) -> YAMLError:
    return YAMLError(reason, line=_line(event))


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 0


def _is_merge(event: yaml.ScalarEvent) -> bool:
    return event.value == "<<" and (event.implicit[0] or event.tag == _TAG + "merge")


def _value(event: yaml.ScalarEvent) -> object:
    if event.implicit[0]:
        return resolve(event.value)
    tagged = _TAGGED.get((event.tag or "").removeprefix(_TAG))
    made: object = event.value if tagged is None else tagged(event)
    return made


def _tagged_number(event: yaml.ScalarEvent) -> object:
    kind = (event.tag or "").removeprefix(_TAG)
    made = resolve(event.value) if event.value else None
    if kind == "float" and isinstance(made, int) and not isinstance(made, bool):
        return float(made)
    if type(made).__name__ != kind:
        raise _error(event, f"cannot decode !!{_kind(made)} `{event.value}` as a !!{kind}")
    return made


def _tagged_null(event: yaml.ScalarEvent) -> object:
    made = resolve(event.value)
    if made is not None:
        raise _error(event, f"cannot decode !!{_kind(made)} `{event.value}` as a !!null")
    return None


def _tagged_binary(event: yaml.ScalarEvent) -> object:
    try:
        data = base64.b64decode("".join(event.value.split()), validate=True)
    except binascii.Error as error:
        raise _error(event, "!!binary value contains invalid base64 data") from error
    return data.decode("utf-8", "surrogateescape")


def _kind(value: object) -> str:
    return "null" if value is None else type(value).__name__


_TAGGED: Final[dict[str, Callable[[yaml.ScalarEvent], object]]] = {
    "bool": _tagged_number,
    "int": _tagged_number,
    "float": _tagged_number,
    "null": _tagged_null,
    "binary": _tagged_binary,
}
