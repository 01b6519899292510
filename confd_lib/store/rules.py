"""The rules by which a backend's values become keys: Rancher's, the file backend's and env's.

Knows nothing of templates, prefixes or where values come from. A set of rules is data, a frozen
`KeyRules`; the store reads a tree by it without flattening, and `flatten` is what it must agree
with: one key for each leaf.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from confd_lib.errors import ConfdError
from confd_lib.golang.path import clean
from confd_lib.golang.strings import from_bytes, to_lower, to_upper

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

# What a value may be to need no closer look: most leaves are one of these.
LEAF_TYPES: Final = frozenset({str, int, float, bool, type(None), bytes})


class NotAValue(ConfdError):
    """A tree holds something that no key can have as its value.

    Attributes:
        value: what was met.
    """

    def __init__(self, value: object) -> None:
        super().__init__(value)
        self.value = value

    def __str__(self) -> str:
        return (
            f"a key cannot have a value of type {type(self.value).__name__}: {self.value!r:.40} "
            "(use text, a number, a truth, None, a mapping or a list)"
        )


class KeyRules(NamedTuple):
    """How a backend makes keys and values of a tree.

    Attributes:
        named: whether an element of a list goes by its `name`, if that is text, not its index.
        by_text: whether a key that is asked for gives all keys which begin with its text, so that
            `/a` gives `/ab`; else itself and what lies below it.
        cleaned: whether keys are cleaned as they are made.
        text: gives the value of a leaf; None where the leaf vanishes.
    """

    named: bool
    by_text: bool
    cleaned: bool
    text: Callable[[object], str | None]

    def gives(self, query: str, key: str) -> bool:
        """Whether asking for one key gives the other.

        >>> RANCHER.gives("/a", "/a/b"), RANCHER.gives("/a", "/ab"), FILE.gives("/a", "/ab")
        (True, False, True)
        """
        if not key.startswith(query):
            return False
        return self.by_text or query in (key, "/") or key[len(query)] == "/"


def is_container(value: object) -> bool:
    """Whether the value makes keys of what it holds, and is none itself."""
    if type(value) in LEAF_TYPES:
        return False
    return isinstance(value, (dict, list, tuple, Mapping))


def members(container: object, rules: KeyRules) -> Iterator[tuple[str, object]]:
    """Yield what a mapping or a list holds, each under the name that makes its key."""
    if isinstance(container, Mapping):
        for name, value in container.items():
            yield (name if type(name) is str else key_text(name)), value
    elif isinstance(container, (list, tuple)):
        for index, value in enumerate(container):
            name = element_name(value) if rules.named else None
            yield (str(index) if name is None else name), value


def element_name(element: object) -> str | None:
    """Return the name by which an element of a list goes; None where it has none.

    >>> element_name({"name": "web"}), element_name({"name": 3}), element_name("web")
    ('web', None, None)
    """
    name = element.get("name") if isinstance(element, Mapping) else None
    return name if isinstance(name, str) else None


def key_text(name: object) -> str:
    """Return a mapping's key as text, as YAML writes it.

    >>> key_text(1), key_text(True), key_text(None), key_text(1.5)
    ('1', 'true', 'null', '1.5')
    """
    if isinstance(name, (tuple, frozenset)):
        raise NotAValue(name)
    return str(name) if isinstance(name, int) and type(name) is not bool else rancher_text(name)


def flatten(root: str, tree: object, rules: KeyRules) -> Iterator[tuple[str, str]]:
    """Yield the key and the value of each leaf, in the order in which the tree holds them.

    Args:
        root: what each key begins with.
        tree: what a backend answered for `root`.
        rules: the backend's.

    >>> dict(flatten("/r", {"a": [1, {"name": "n", "v": None}], "b": {}}, RANCHER))
    {'/r/a/0': '1', '/r/a/n/name': 'n', '/r/a/n/v': 'null'}
    """
    pending = [iter([("", tree)])]
    roots = [root]
    while pending:
        for name, value in pending[-1]:
            key = f"{roots[-1]}/{name}" if len(roots) > 1 else root
            if is_container(value):
                pending.append(members(value, rules))
                roots.append(key)
                break
            text = rules.text(value)
            if text is not None:
                yield (clean(key) if rules.cleaned else key), text
        else:
            pending.pop()
            roots.pop()


# -- Values


def rancher_text(value: object) -> str:
    """Return a JSON value as the Rancher backend stores it: numbers are those of float64.

    >>> rancher_text(None), rancher_text(True), rancher_text(1e21), rancher_text(-0.0)
    ('null', 'true', '1000000000000000000000', '-0')
    """
    if isinstance(value, str):
        return value
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return _integer_text(value)
    if isinstance(value, float):
        return float_text(value)
    if isinstance(value, bytes):
        return from_bytes(value)
    raise NotAValue(value)


def file_text(value: object) -> str | None:
    """Return a YAML value as the file backend stores it.

    Null vanishes, and so does a number that fits uint64 alone; integers keep all their digits.

    >>> file_text(None), file_text(2**63), file_text(2**63 - 1), file_text(0.5)
    (None, None, '9223372036854775807', '0.5')
    """
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        if -(1 << 63) <= value < 1 << 63:
            return str(value)
        return None if 0 < value < 1 << 64 else _integer_text(value)
    return rancher_text(value)


def float_text(number: float) -> str:
    """Return the shortest decimal that reads back as the number, without an exponent.

    >>> float_text(1e-7), float_text(123456789012345680.0), float_text(float("inf"))
    ('0.0000001', '123456789012345680', '+Inf')
    """
    if not math.isfinite(number):
        return "NaN" if math.isnan(number) else "+Inf" if number > 0 else "-Inf"
    text = repr(number)
    if "e" not in text:
        return text.removesuffix(".0")
    from decimal import Decimal  # noqa: PLC0415 - few numbers are so large or so small

    return format(Decimal(text), "f")


def _integer_text(number: int) -> str:
    if -(1 << 53) <= number <= 1 << 53:
        return str(number)
    try:
        return float_text(float(number))
    except OverflowError:
        raise NotAValue(number) from None


RANCHER: Final = KeyRules(named=True, by_text=False, cleaned=False, text=rancher_text)
FILE: Final = KeyRules(named=False, by_text=True, cleaned=True, text=file_text)


# -- The environment


def env_name(key: str) -> str:
    """Return what the name of a variable begins with that belongs to the key.

    >>> env_name("/myapp/database/url")
    'MYAPP_DATABASE_URL'
    """
    return to_upper(key.removeprefix("/").replace("/", "_"))


def env_key(name: str) -> str:
    """Return the key under which a variable is stored.

    >>> env_key("MYAPP_DATABASE_URL")
    '/myapp/database/url'
    """
    return "/" + to_lower(name).replace("_", "/")


def env_values(environ: Mapping[str, str], keys: Iterable[str]) -> dict[str, str]:
    """Return the variables that the keys ask for, under the keys that they make.

    A name is asked for when it begins with a key's text, so that `/a` gives `A`, `ABC` and `A_B`.

    >>> env_values({"A": "1", "A_B": "2", "B": "3"}, ["/a"])
    {'/a': '1', '/a/b': '2'}
    """
    asked = tuple(map(env_name, keys))
    return {env_key(name): value for name, value in environ.items() if name.startswith(asked)}
