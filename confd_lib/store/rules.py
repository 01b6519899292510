"""The rules by which a backend's values become keys: Rancher's, the file backend's and env's.

Knows nothing of templates, prefixes or where values come from. A set of rules is data, a frozen
`KeyRules`. The store reads a tree by these rules without flattening it; its answers must agree with
`flatten`, which makes one key of each leaf.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from confd_lib.errors import ConfdError
from confd_lib.golang.path import clean
from confd_lib.golang.strings import from_bytes, to_lower, to_upper
from gotmpl import format_float, scalar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

# The types of most leaves. They are tested first, because that is cheap.
LEAF_TYPES: Final = frozenset({str, int, float, bool, type(None), bytes})


class NotAValue(ConfdError):
    """A tree holds a value of a type that no key can have.

    Attributes:
        value: the value.
    """

    def __init__(self, value: object) -> None:
        super().__init__(value)
        self.value = value

    def __str__(self) -> str:
        return (
            f"a key cannot have a value of type {type(self.value).__name__}: {self.value!r:.40} "
            "(use text, a number, a boolean, None, a mapping or a list)"
        )


@dataclass(frozen=True, slots=True)
class KeyRules:
    """How a backend makes keys and values of a tree.

    Attributes:
        named: whether the key of a list's element has the element's `name` in it, if that is text;
            else its index.
        by_text: whether a query gives all keys that begin with its text, so that `/a` gives `/ab`;
            else only its own key and the keys below it.
        cleaned: whether keys are cleaned as they are made.
        text: returns the value of a leaf; None if the leaf is left out.
    """

    named: bool
    by_text: bool
    cleaned: bool
    text: Callable[[object], str | None]

    def gives(self, query: str, key: str) -> bool:
        """Return whether a query gives a key.

        >>> RANCHER.gives("/a", "/a/b"), RANCHER.gives("/a", "/ab"), FILE.gives("/a", "/ab")
        (True, False, True)
        """
        if not key.startswith(query):
            return False
        return self.by_text or query in (key, "/") or key[len(query)] == "/"


def is_container(value: object) -> bool:
    """Return whether the value is a mapping or a list, which has child keys and no value."""
    if type(value) in LEAF_TYPES:
        return False
    return isinstance(value, (dict, list, tuple, Mapping))


def members(container: object, rules: KeyRules) -> Iterator[tuple[str, object]]:
    """Yield the values of a mapping or a list, each after its name in a key."""
    if isinstance(container, Mapping):
        for name, value in container.items():
            yield (name if type(name) is str else key_text(name)), value
    elif isinstance(container, (list, tuple)):
        for index, value in enumerate(container):
            name = element_name(value) if rules.named else None
            yield (str(index) if name is None else name), value


def element_name(element: object) -> str | None:
    """Return the name of an element of a list; None without a `name` that is text.

    >>> element_name({"name": "web"}), element_name({"name": 3}), element_name("web")
    ('web', None, None)
    """
    name = element.get("name") if isinstance(element, Mapping) else None
    return name if isinstance(name, str) else None


def key_text(name: object) -> str:
    """Return a key of a mapping as text, as YAML writes it.

    Raises:
        NotAValue: the key is a collection.

    >>> key_text(1), key_text(True), key_text(None), key_text(1.5)
    ('1', 'true', 'null', '1.5')
    """
    if isinstance(name, (tuple, frozenset)):
        raise NotAValue(name)
    return str(name) if isinstance(name, int) and type(name) is not bool else rancher_text(name)


def flatten(root: str, tree: object, rules: KeyRules) -> Iterator[tuple[str, str]]:
    """Yield the key and the value of each leaf, in the order of the tree.

    Args:
        root: the beginning of each key.
        tree: the answer of a backend for `root`.
        rules: the backend's.

    Raises:
        NotAValue: the tree holds a value of a type that no key can have.

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


def climbing(root: str, tree: object, rules: KeyRules) -> list[str]:
    """Return the keys of a tree that have a segment `..`.

    Args:
        root: as for `flatten`.
        tree: as for `flatten`.
        rules: as for `flatten`; they leave keys as they are written.

    >>> climbing("/r", {"a": {"..": {"b": 1}}, "c": 2}, RANCHER)
    ['/r/a/../b']
    """
    base = root.rstrip("/")
    return [
        f"/{key.lstrip('/')}" for key, _ in flatten(base, tree, rules) if ".." in key.split("/")
    ]


# -- Values


def rancher_text(value: object) -> str:
    """Return the text of a JSON value as the Rancher backend stores it; numbers are float64.

    Of other types, those that print themselves in a template have that text.

    Raises:
        NotAValue: the value is of another type, or an integer overflows float64.

    >>> rancher_text(None), rancher_text(True), rancher_text(1e21), rancher_text(-0.0)
    ('null', 'true', '1000000000000000000000', '-0')
    >>> rancher_text(1e-7), rancher_text(123456789012345680.0), rancher_text(float("inf"))
    ('0.0000001', '123456789012345680', '+Inf')
    """
    if type(value) not in LEAF_TYPES:
        value = scalar(value)
    if isinstance(value, str):
        return value
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return _integer_text(value)
    if isinstance(value, float):
        return format_float(value, "f")
    if isinstance(value, bytes):
        return from_bytes(value)
    raise NotAValue(value)


def file_text(value: object) -> str | None:
    """Return the text of a YAML value as the file backend stores it; None if it is left out.

    Null is left out, and so are integers beyond int64 that fit uint64. Integers keep all digits.

    Raises:
        NotAValue: the value is of another type, or an integer overflows float64.

    >>> file_text(None), file_text(2**63), file_text(2**63 - 1), file_text(0.5)
    (None, None, '9223372036854775807', '0.5')
    """
    if value is None:
        return None
    if type(value) not in LEAF_TYPES:
        value = scalar(value)
    if isinstance(value, int) and not isinstance(value, bool):
        if -(1 << 63) <= value < 1 << 63:
            return str(value)
        return None if 0 < value < 1 << 64 else _integer_text(value)
    return rancher_text(value)


def _integer_text(number: int) -> str:
    if -(1 << 53) <= number <= 1 << 53:
        return str(number)
    try:
        return format_float(float(number), "f")
    except OverflowError:
        raise NotAValue(number) from None


RANCHER: Final = KeyRules(named=True, by_text=False, cleaned=False, text=rancher_text)
FILE: Final = KeyRules(named=False, by_text=True, cleaned=True, text=file_text)
# Of the stores that hold keys and texts, and no trees.
FLAT: Final = KeyRules(named=False, by_text=False, cleaned=True, text=file_text)


# -- The environment


def env_name(key: str) -> str:
    """Return the beginning of the names of the variables that a query gives.

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
    """Return the values of the variables that the queries give, by their keys.

    A query gives each variable whose name begins with its text: `/a` gives `A`, `ABC` and `A_B`.

    >>> env_values({"A": "1", "A_B": "2", "B": "3"}, ["/a"])
    {'/a': '1', '/a/b': '2'}
    """
    asked = tuple(map(env_name, keys))
    return {env_key(name): value for name, value in environ.items() if name.startswith(asked)}
