"""YAML as the Rancher programs read it: YAML 1.1 with the scalar rules of go-yaml v2.

PyYAML cuts the text into nodes (with libyaml in C where it is there); what a plain scalar *is* is
decided here, because go-yaml differs from PyYAML: `y` is a boolean, `1e3` a number, a date a
string. Knows nothing of answers or compose files.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import math
import re
from typing import TYPE_CHECKING, Final

import yaml

from .errors import YAMLError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_SafeLoader: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_TAG: Final = "tag:yaml.org,2002:"
_PLAIN: Final = "plain"  # our own mark of a scalar that has neither quotes nor a tag

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
_INT: Final = re.compile(
    r"([-+]?) (?: 0[xX]([0-9a-fA-F]+) | 0[bB]([01]+) | 0[oO]?([0-7]+) | ([1-9][0-9]*|0) )",
    re.VERBOSE,
)
_BASES: Final = (16, 2, 8, 10)  # of the groups of _INT, in order
_FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_BASE60: Final = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?")

# libyaml's composer recurses in C, where nothing stops it before the stack ends. What is nested as
# deep as this has at least so many brackets, or items that begin in items on the same line.
_MOST_NESTED: Final = 10_000
_NESTING: Final = r"[\[{]|[-?][ \t]+(?=[-?][ \t])"

# No number of 64 bits is as long as this, and Python refuses to read one of 4 300 digits.
_LONGEST: Final = 4000
_INT64_MIN: Final = -(1 << 63)
_UINT64_MAX: Final = (1 << 64) - 1


class _Loader(_SafeLoader):  # type: ignore[valid-type,misc]  # the C loader has no types
    """PyYAML's loader, told to leave plain scalars to us."""


# One resolver for every first character: whatever is plain and untagged gets our mark.
_Loader.yaml_implicit_resolvers = {None: [(_PLAIN, re.compile(""))]}


def resolve(text: str) -> object:
    """What go-yaml v2 makes of a plain scalar.

    >>> [resolve(s) for s in ("on", "0755", "1e3", "~", "1_000", "10.0.22", "2001-02-03")]
    [True, 493, 1000.0, None, 1000, '10.0.22', '2001-02-03']
    """
    if text in WORDS:
        return WORDS[text]
    if text[0] not in "+-.0123456789":
        return text
    # Go: in numbers `_` may stand anywhere but in one that begins with a point.
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
    """Whether YAML 1.1 readers other than go-yaml would take the text for a number in base 60.

    >>> is_number_base60("12:30:45"), is_number_base60("10.42.0.1")
    (True, False)
    """
    return _BASE60.fullmatch(text) is not None


def load(text: str | bytes, *, key: Callable[[object], object] | None = None) -> object:
    """The first document of a YAML text, as Python values.

    Args:
        text: the document; bytes are UTF-8, or UTF-16 with a byte order mark.
        key: applied to every key of a mapping before it is stored. It may raise `ValueError` to
            refuse a key. Without it keys are what they resolve to: `8080: x` has an integer key.

    Raises:
        YAMLError: the text is not YAML; `line` says where.

    >>> load("on: [0x1F, y, ~, 1.10]")
    {True: [31, True, None, 1.1]}
    >>> load("8080: web", key=str)
    {'8080': 'web'}
    """
    _refuse_depth(text)
    node = _compose(text)
    if node is None:
        return None
    try:
        return _Construct(key).value(node)
    except RecursionError:
        raise _error(node, "nested too deep") from None


def _refuse_depth(text: str | bytes) -> None:
    """Refuse what is nested so deep that composing it would kill the process."""
    # Of bytes, UTF-16 among them, the marks are seen without knowing more of the encoding.
    shown = text if isinstance(text, str) else text.decode("latin-1").replace("\0", "")
    if len(re.findall(_NESTING, shown)) < _MOST_NESTED:
        return
    depth = 0
    with contextlib.suppress(yaml.YAMLError, UnicodeError):  # composing will tell
        for event in yaml.parse(text, Loader=_SafeLoader):
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > _MOST_NESTED:
                mark = event.start_mark
                raise YAMLError("nested too deep", line=mark.line + 1 if mark else 0)


def _compose(text: str | bytes) -> yaml.Node | None:
    loader = None
    try:
        loader = _Loader(text)
        # Go: Unmarshal reads the first document and looks no further.
        if not loader.check_node():
            return None
        found: yaml.Node | None = loader.get_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reason = error.problem or error.context or "not YAML"
        raise YAMLError(reason, line=mark.line + 1 if mark else 0) from error
    except (yaml.YAMLError, UnicodeError) as error:
        raise YAMLError(str(error).partition("\n")[0]) from error
    except RecursionError:
        raise YAMLError("nested too deep") from None
    finally:
        if loader is not None:
            loader.dispose()
    return found


def _error(node: yaml.Node, reason: str) -> YAMLError:
    return YAMLError(reason, line=node.start_mark.line + 1)


class _Construct:
    """One pass over the nodes; an anchor is built once and then shared, as in the text."""

    def __init__(self, key: Callable[[object], object] | None) -> None:
        self._key = key
        self._done: dict[yaml.Node, object] = {}
        self._open: set[yaml.Node] = set()

    def value(self, node: yaml.Node) -> object:
        if isinstance(node, yaml.ScalarNode):
            return _scalar(node)
        if node in self._done:
            return self._done[node]
        if node in self._open:
            raise _error(node, "anchor value contains itself")
        self._open.add(node)
        made: object
        if isinstance(node, yaml.SequenceNode):
            made = [self.value(child) for child in node.value]
        else:
            made = dict(self._items(node))
        self._open.remove(node)
        self._done[node] = made
        return made

    def _items(self, node: yaml.Node) -> Iterator[tuple[object, object]]:
        # Go v2 writes pairs in the order of the text: a later `<<` replaces what stood before it.
        for left, right in node.value:
            if _is_merge(left):
                yield from self._merged(right)
            else:
                yield self._key_of(left), self.value(right)

    def _merged(self, node: yaml.Node) -> Iterator[tuple[object, object]]:
        # Go: of a list of mappings the first has the last word.
        sources = node.value[::-1] if isinstance(node, yaml.SequenceNode) else [node]
        for source in sources:
            if not isinstance(source, yaml.MappingNode):
                raise _error(node, "map merge requires map or sequence of maps as the value")
            made = self.value(source)
            if isinstance(made, dict):
                yield from made.items()

    def _key_of(self, node: yaml.Node) -> object:
        if not isinstance(node, yaml.ScalarNode):
            raise _error(node, "invalid map key: a list or a map")
        made = _scalar(node)
        try:
            return self._key(made) if self._key else made
        except ValueError as error:
            raise _error(node, str(error)) from error


def _is_merge(node: yaml.Node) -> bool:
    return node.value == "<<" and node.tag in (_PLAIN, _TAG + "merge")


def _scalar(node: yaml.ScalarNode) -> object:
    if node.tag == _PLAIN:
        return resolve(node.value)
    tagged = _TAGGED.get(node.tag.removeprefix(_TAG))
    return node.value if tagged is None else tagged(node)


def _tagged_number(node: yaml.ScalarNode) -> object:
    kind = node.tag.removeprefix(_TAG)
    made = resolve(node.value) if node.value else None
    if kind == "float" and isinstance(made, int) and not isinstance(made, bool):
        return float(made)
    if type(made).__name__ != kind:
        raise _error(node, f"cannot decode !!{_kind(made)} `{node.value}` as a !!{kind}")
    return made


def _tagged_binary(node: yaml.ScalarNode) -> object:
    try:
        data = base64.b64decode("".join(node.value.split()), validate=True)
    except binascii.Error as error:
        raise _error(node, "!!binary value contains invalid base64 data") from error
    return data.decode("utf-8", "surrogateescape")


def _kind(value: object) -> str:
    return "null" if value is None else type(value).__name__


_TAGGED: Final[dict[str, Callable[[yaml.ScalarNode], object]]] = {
    "bool": _tagged_number,
    "int": _tagged_number,
    "float": _tagged_number,
    "null": lambda _: None,
    "binary": _tagged_binary,
}
