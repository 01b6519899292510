"""One compose file: its text, its values, and the line on which something in it stands.

Knows YAML and its positions; what a value means is for the modules above. A position is looked for
when a fault or a warning is reported: only then is the file parsed a second time.
"""

from __future__ import annotations

import functools
import warnings
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import yaml

from metadata_client import yaml11
from metadata_client.errors import YAMLError

from .convert import key_text
from .errors import ComposeError, UnquotedKey, UnsetVariable

if TYPE_CHECKING:
    from pathlib import Path

_FILES: Final = 2  # of a stack, whose positions are kept

Key = str | int
"""One step into a document: the key of a map as it is written, or the index of a list."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a compose file.

    Attributes:
        path: the file, as it is named in messages.
        text: what the file holds.
        keys: the way from the top of the document.
    """

    path: str
    text: str
    keys: tuple[Key, ...] = ()

    def at(self, *keys: Key) -> Place:
        """The place that `keys` lead to from here."""
        return replace(self, keys=(*self.keys, *keys))

    def line(self) -> int:
        """The line, from 1, of the deepest of `keys` that is there.

        >>> top = Place("docker-compose.yml", "{web: {links: [db, cache]}}")
        >>> top.at("web", "links", 1).line()
        1
        """
        return _descend(_root(self.text), self.keys)[1]

    def written(self) -> str:
        """The scalar that stands here as it is written, variables and all; empty where none is."""
        node = _descend(_root(self.text), self.keys)[0]
        return node.value if isinstance(node, yaml.ScalarNode) else ""

    def fault(self, reason: str) -> ComposeError:
        """The error that says `reason` about what stands here."""
        return ComposeError(reason, path=self.path, line=self.line())

    def warn_unset(self, variable: str) -> None:
        """Say where a variable is not set; rancher-compose goes on, so do we."""
        line = self.line()
        unset = UnsetVariable(variable, path=self.path, line=line)
        warnings.warn_explicit(unset, None, self.path, line)

    def values(self) -> tuple[object, list[yaml11.KeyNotice]]:
        """The whole document by the rules of YAML 1.1, and what is to say of its keys.

        Keys are texts, as the metadata will have them. Keys that are not as they are written are
        warned of.

        Raises:
            ComposeError: the text is not YAML.
        """
        notices: list[yaml11.KeyNotice] = []
        try:
            value = yaml11.load(self.text, key=key_text, notices=notices)
        except YAMLError as error:
            reason = f"yaml: line {error.line}: {error.reason}"
            raise ComposeError(reason, path=self.path, line=error.line) from error
        for notice in notices:
            if not notice.is_repeated:
                warning = UnquotedKey(str(notice), path=self.path, line=notice.line)
                warnings.warn_explicit(warning, None, self.path, notice.line)
        return value, notices


class _Loader(yaml.SafeLoader):
    """PyYAML's composer in Python, which can be made to take an anchor that is defined again."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]  # PyYAML's stubs
        if not isinstance(event, yaml.AliasEvent):
            self.anchors.pop(event.anchor, None)
        return super().compose_node(parent, index)


@functools.lru_cache(maxsize=_FILES)
def _root(text: str) -> yaml.Node | None:
    """The nodes of a document; None where they cannot be had, and nothing in it has a place."""
    loader = _Loader(text)
    try:
        return loader.get_node() if loader.check_node() else None
    except (yaml.YAMLError, RecursionError):
        return None
    finally:
        loader.dispose()


def read(path: Path) -> Place:
    """Read a compose file; the place is its top.

    Raises:
        ComposeError: it cannot be read; `reason` is in Go's words.
    """
    try:
        return Place(str(path), path.read_text("utf-8"))
    except OSError as error:
        reason = f"open {path}: {(error.strerror or str(error)).lower()}"
        raise ComposeError(reason, path=str(path)) from error
    except UnicodeDecodeError as error:
        raise ComposeError("yaml: invalid leading UTF-8 octet", path=str(path)) from error


def _descend(node: yaml.Node | None, keys: tuple[Key, ...]) -> tuple[yaml.Node | None, int]:
    """Follow `keys` as far as they lead; the node there and the line of the last key met."""
    line = node.start_mark.line + 1 if node else 1
    for key in keys:
        step = _step(node, key)
        if step is None:
            return None, line
        node, line = step
    return node, line


def _step(node: yaml.Node | None, key: Key) -> tuple[yaml.Node, int] | None:
    if isinstance(node, yaml.MappingNode):
        # The last of two equal keys is the one whose value counts.
        for name, value in reversed(node.value):
            if str(key) in (name.value, key_text(yaml11.resolve(name.value))):
                return value, name.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
        item = node.value[key]
        return item, item.start_mark.line + 1
    return None
