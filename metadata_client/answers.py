"""Answers: the trees that a metadata service serves, by version of the metadata and by client.

Reads the file that the real service reads. Knows nothing of HTTP, and nothing of what the trees
mean.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from gotmpl.arguments import checked

from . import gojson, yaml11
from .errors import AnswersError

Tree = Mapping[str, object]

# The characters of JSON that YAML has to have escaped. Beyond the BMP both have only themselves.
_UNPRINTED: Final = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")

# Made once: `json.dumps` would make it for each value.
_encode: Final = json.JSONEncoder(ensure_ascii=False).encode

_LONGEST_KEY: Final = 1024  # Go: scannerc.go yaml_parser_stale_simple_keys

LATEST: Final = "latest"
DEFAULT: Final = "default"


class Answers(Mapping[str, Mapping[str, Tree]]):
    """`{version: {address or "default": tree}}`, as in the file of rancher-metadata up to v0.7.

    Immutable: to change its answers, a server gets new ones. Trees may share parts.

    Raises:
        AnswersError: the mapping does not have this shape.

    >>> answers = Answers({"2016-07-29": {
    ...     "default": {"version": "1", "self": {}},
    ...     "10.42.0.2": {"self": {"container": {"name": "web_1"}}},
    ... }})
    >>> answers.tree("latest", "10.42.0.2")
    {'version': '1', 'self': {'container': {'name': 'web_1'}}}
    >>> answers.tree("2015-07-25") is None
    True
    """

    @checked
    def __init__(self, mapping: Mapping[str, object]) -> None:
        self._versions = {
            _name(version): _clients(version, clients) for version, clients in mapping.items()
        }

    @classmethod
    @checked
    def load(cls, path: str | Path) -> Answers:
        """Return the answers of a file, YAML or JSON.

        Raises:
            AnswersError: the file cannot be read, is not YAML, or does not hold answers.
        """
        try:
            return cls.loads(Path(path).read_bytes())
        except OSError as error:
            raise AnswersError(error.strerror or str(error), path=str(path)) from error
        except AnswersError as error:
            raise type(error)(error.reason, path=str(path), line=error.line) from error

    @classmethod
    @checked
    def loads(cls, text: str | bytes) -> Answers:
        """Return the answers of a text; an empty text has no versions.

        Raises:
            AnswersError: the text is not YAML, or does not hold answers.

        >>> Answers.loads("latest: {default: {version: '1'}}").versions()
        ('latest',)
        """
        loaded = _parsed(text)
        if loaded is None:
            return cls({})
        if not isinstance(loaded, dict):
            raise AnswersError(f"answers are a map of versions, not {type(loaded).__name__}")
        return cls(loaded)

    def dumps(self) -> str:
        r"""Return the text of a file with these answers: JSON that go-yaml reads as well.

        A lone surrogate, which no file can hold, is written as U+FFFD.

        Raises:
            AnswersError: a key is too long for YAML.

        >>> text = Answers({"latest": {"default": {"name": "caf\u00e9\u2028"}}}).dumps()
        >>> print(ascii(text))
        '{\n "latest": {\n  "default": {\n   "name": "caf\xe9\\u2028"\n  }\n }\n}\n'
        """
        tree = {version: dict(clients) for version, clients in self.items()}
        return f"{_written(tree, 1, {})}\n"

    def __getitem__(self, version: str) -> Mapping[str, Tree]:
        return self._versions[version]

    def __iter__(self) -> Iterator[str]:
        return iter(self._versions)

    def __len__(self) -> int:
        return len(self._versions)

    def __repr__(self) -> str:
        return f"<Answers {' '.join(self.versions())}>"

    def versions(self) -> tuple[str, ...]:
        """Return the names of the versions that the service lists, always including `latest`."""
        return tuple(sorted({*self._versions, LATEST}))

    def tree(self, version: str, address: str = DEFAULT) -> dict[str, object] | None:
        """Return the tree that a client sees.

        Args:
            version: a dated version or `latest`, which is the highest one unless it has answers.
            address: the IP address of the client; an unknown client sees the default.

        Returns:
            The client's own keys, and those of the default that it lacks; None where the version
            is not served or has nothing for this client.
        """
        clients = self._versions.get(self.resolve(version))
        if clients is None or (address not in clients and DEFAULT not in clients):
            return None
        return {**clients.get(DEFAULT, {}), **clients.get(address, {})}

    @checked
    def resolve(self, version: str) -> str:
        """Return the version with this name; for `latest`, the highest one unless it has answers.

        >>> Answers({"2015-12-19": {}, "2016-07-29": {}}).resolve("latest")
        '2016-07-29'
        """
        if version == LATEST and LATEST not in self._versions:
            return max(self._versions, default=LATEST)
        return version


def _written(value: object, depth: int, known: dict[tuple[int, int], str]) -> str:
    """Return JSON for a value, of which what clients share is written for the first of them.

    Args:
        value: the value.
        depth: how many spaces stand before what is in it.
        known: the texts of lists and maps by their `id` and depth.
    """
    if not isinstance(value, dict | list) or not value:
        return _quoted(value)
    place = id(value), depth
    if place not in known:
        line = "\n" + " " * depth
        inner = f",{line}".join(_parts(value, depth + 1, known))
        opening, closing = "{}" if isinstance(value, dict) else "[]"
        known[place] = f"{opening}{line}{inner}{line[:-1]}{closing}"
    return known[place]


def _parts(
    value: dict[str, object] | list[object], depth: int, known: dict[tuple[int, int], str]
) -> Iterator[str]:
    """Yield JSON for the elements of a list, or for the keys of a map with their values."""
    if isinstance(value, list):
        yield from (_written(one, depth, known) for one in value)
        return
    for key, one in value.items():
        name = _quoted(str(key))
        if len(name) > _LONGEST_KEY:
            raise AnswersError(f"a key is too long for YAML: {key[:40]}…")
        yield f"{name}: {_written(one, depth, known)}"


def _quoted(value: object) -> str:
    return _UNPRINTED.sub(_escaped, _encode(value))


def _escaped(found: re.Match[str]) -> str:
    code = ord(found[0])
    return "\ufffd" if 0xD800 <= code < 0xE000 else f"\\u{code:04x}"


def _parsed(text: str | bytes) -> object:
    # JSON is YAML too, but is read fifty times as fast by itself. Numbers are read as by go-yaml.
    if text.lstrip()[:1] in ("{", b"{"):
        with contextlib.suppress(ValueError, RecursionError):
            loaded = json.loads(
                text,
                parse_int=yaml11.resolve,
                parse_float=yaml11.resolve,
                parse_constant=_no_constant,
            )
            if not gojson.is_deeper(loaded, yaml11.MAX_DEPTH):
                return loaded
    return yaml11.load(text, key=_key)


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is a word in YAML")


def _key(key: object) -> str:
    # The real service panics on any other key while it loads the file.
    if isinstance(key, str):
        return key
    raise ValueError(f"the key {key!r} is not a string; put it in quotes")


def _name(version: object) -> str:
    if isinstance(version, str):
        return version
    raise AnswersError(f"the version {version!r} is not a string; put it in quotes")


def _clients(version: str, clients: object) -> dict[str, Tree]:
    if clients is None:
        return {}
    if not isinstance(clients, Mapping):
        raise AnswersError(f"version {version} is not a map of addresses")
    return {str(address): _tree(version, address, tree) for address, tree in clients.items()}


def _tree(version: str, address: object, tree: object) -> Tree:
    if tree is None:
        return {}
    if not isinstance(tree, Mapping):
        raise AnswersError(f"version {version}, address {address}: the tree is not a map")
    return tree
