"""A flat store with confd's rules, each a literal translation of its description.

The code is slow and simple on purpose: tests compare the lazy store with it.
"""

from __future__ import annotations

import posixpath
from typing import Any

from confd_lib.golang.match import BadPattern, read
from confd_lib.golang.path import base, clean, directory, join


def cut(text: str, prefix: str) -> str:
    return text.removeprefix(prefix)


def number(value: float) -> str:
    value = float(value)
    text = f"{value:.17f}" if value != int(value) else f"{value:.0f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def walk(key: str, value: Any, *, named: bool) -> list[tuple[str, Any]]:
    """Return the key and the value of each leaf, in the order of the tree."""
    if isinstance(value, dict):
        parts = [(str(name), member) for name, member in value.items()]
    elif isinstance(value, list):
        parts = []
        for index, member in enumerate(value):
            name = member.get("name") if named and isinstance(member, dict) else None
            parts.append((name if isinstance(name, str) else str(index), member))
    else:
        return [(key, value)]
    return [pair for name, member in parts for pair in walk(f"{key}/{name}", member, named=named)]


def rancher(root: str, tree: object) -> list[tuple[str, str]]:
    texts = {None: "null", True: "true", False: "false"}
    return [
        (
            key,
            value
            if isinstance(value, str)
            else texts[value]
            if value is None or isinstance(value, bool)
            else number(value),
        )
        for key, value in walk(root, tree, named=True)
    ]


def file(root: str, tree: object) -> list[tuple[str, str]]:
    texts = {True: "true", False: "false"}
    return [
        (
            join("/", key),
            value
            if isinstance(value, str)
            else texts[value]
            if isinstance(value, bool)
            else number(value),
        )
        for key, value in walk(root, tree, named=False)
        if value is not None
    ]


def below(query: str, key: str) -> bool:
    return query in ("/", key) or key.startswith(query + "/")


class FlatStore:
    """A map of keys and values, as in memkv."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self.pairs = dict(pairs)

    def ls(self, path: str) -> list[str]:
        names = set()
        for key in self.pairs:
            if clean(path) == "/":
                names.add(key.split("/")[1] or "/")
            elif key == path:
                names.add(base(key))
            elif self._starts(directory(key), path):
                names.add(cut(cut(key, path), "/").split("/")[0])
        return sorted(names - {"/"} if clean(path) == "/" and path != "/" else names)

    def lsdir(self, path: str) -> list[str]:
        names = set()
        terms = [] if clean(path) == "/" else clean(path).split("/")[1:]
        if not clean(path).startswith("/"):
            return []
        for key in self.pairs:
            items = directory(key).split("/")[1:] if directory(key) != "/" else []
            begins = key.startswith(path) or clean(path) == "/"
            if begins and items[: len(terms)] == terms and len(items) > len(terms):
                names.add(items[len(terms)])
        return sorted(names)

    def ls_of_confd(self, path: str) -> list[str]:
        """Return the names by the rule of 0.16, for the root too."""
        names = set()
        for key in self.pairs:
            if key == path:
                names.add(base(key))
            elif self._starts(directory(key), path):
                names.add(cut(cut(key, path), "/").split("/")[0])
        return sorted(names)

    def lsdir_of_confd(self, path: str) -> list[str]:
        """Return the names by the rule of 0.16, for the root too."""
        names = set()
        terms = clean(path).split("/")
        for key in self.pairs:
            items = directory(key).split("/")
            if key.startswith(path) and items[: len(terms)] == terms and len(items) > len(terms):
                names.add(items[len(terms)])
        return sorted(names)

    @staticmethod
    def _starts(directory_of_key: str, path: str) -> bool:
        terms = clean(path).split("/")
        return directory_of_key.split("/")[: len(terms)] == terms

    def ls_by_text(self, path: str) -> list[str]:
        names = set()
        for key in self.pairs:
            if key == path:
                names.add(posixpath.basename(key) or "/")
            elif key.startswith(path):
                names.add(cut(cut(key, path), "/").split("/")[0])
        return sorted(names)

    def lsdir_by_text(self, path: str) -> list[str]:
        names = set()
        for key in self.pairs:
            items = cut(cut(key, path), "/").split("/")
            if key.startswith(path) and len(items) > 1:
                names.add(items[0])
        return sorted(names)

    def gets(self, pattern: str) -> list[tuple[str, str]] | str:
        try:
            return sorted(pair for pair in self.pairs.items() if read(pattern).matches(pair[0]))
        except BadPattern as error:
            return str(error)
