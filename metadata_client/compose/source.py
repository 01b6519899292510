"""One compose file: its text, its values, and the line on which something in it stands.

Knows YAML and its positions; what a value means is for the modules above. A position is looked for
when a fault is reported, so that a file without faults pays nothing for it.
"""

from __future__ import annotations

import warnings
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import yaml

from metadata_client import yaml11
from metadata_client.errors import YAMLError

from .errors import ComposeError, UnsetVariable

if TYPE_CHECKING:
    from pathlib import Path

# The parser under yaml11, so that what one takes the other takes.
_Loader: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

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
        return _descend(self._root(), self.keys)[1]

    def fault(self, reason: str) -> ComposeError:
        """The error that says `reason` about what stands here."""
        return ComposeError(reason, path=self.path, line=self.line())

    def warn_unset(self, variable: str) -> None:
        """Say where a variable is not set; rancher-compose goes on, so do we."""
        line = self.line()
        unset = UnsetVariable(variable, path=self.path, line=line)
        warnings.warn_explicit(unset, None, self.path, line)

    def values(self) -> object:
        """The whole document, its scalars resolved by the rules of YAML 1.1.

        Raises:
            ComposeError: the text is not YAML.
        """
        try:
            return yaml11.load(self.text)
        except YAMLError as error:
            reason = f"yaml: line {error.line}: {error.reason}"
            raise ComposeError(reason, path=self.path, line=error.line) from error

    def twice(self) -> str | None:
        """The first key that stands twice in the map found here; None where there is none."""
        node = _descend(self._root(), self.keys)[0]
        if not isinstance(node, yaml.MappingNode):
            return None
        times = Counter(key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode))
        return next((key for key, count in times.items() if count > 1), None)

    def _root(self) -> yaml.Node | None:
        loader = _Loader(self.text)
        try:
            root: yaml.Node | None = loader.get_node() if loader.check_node() else None
        except yaml.YAMLError:
            return None  # the whole of it is wrong, and has no places
        finally:
            loader.dispose()
        return root


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
            if name.value == str(key):
                return value, name.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
        item = node.value[key]
        return item, item.start_mark.line + 1
    return None
