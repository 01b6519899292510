"""One compose file: its text, its values, and the lines on which they stand.

Knows YAML and its positions, not what a value means. Positions are needed only where a fault or a
warning is reported: the file is then parsed a second time, once for all of its positions.
"""

from __future__ import annotations

import functools
import warnings
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import yaml

from metadata_client import yaml11
from metadata_client.errors import YAMLError
from metadata_client.nearest import instead_of_path
from metadata_client.yaml11 import KeyNotice

from .convert import key_text
from .errors import ComposeError, UnquotedKey, UnsetVariable

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Sequence
    from pathlib import Path

Key = str | int
"""One step into a document: the key of a map as it is written, or the index of a list."""


@dataclass(frozen=True, eq=False)  # without slots: the nodes are cached
class Document:
    """The text of one compose file.

    Attributes:
        path: the file, as it is named in messages.
        text: the content of the file, or what a template in it was expanded to.
        lines: of an expanded text, the line of the template that wrote each line; else empty.
    """

    path: str
    text: str
    lines: Sequence[int] = ()

    @functools.cached_property
    def root(self) -> yaml.Node | None:
        """The nodes, which have positions; None where the text cannot be composed."""
        return _root(self.text)

    def line(self, number: int) -> int:
        r"""Return the line of the file, from 1, for a line of the text.

        >>> Document("docker-compose.yml.tpl", "a\nb", lines=(1, 5)).line(2)
        5
        """
        return self.lines[number - 1] if 0 < number <= len(self.lines) else number

    def values(
        self, *, warn: bool = True, texts: Container[str] = ()
    ) -> tuple[object, list[KeyNotice]]:
        """Return the whole document by the rules of YAML 1.1, and the notices about its keys.

        Keys are texts, as the metadata will have them.

        Args:
            warn: whether to warn of a key that becomes another text than it is written as.
            texts: scalars that stay texts.

        Raises:
            ComposeError: the text is not YAML.
        """
        notices: list[KeyNotice] = []
        try:
            value = yaml11.load(self.text, key=key_text, notices=notices, texts=texts)
        except YAMLError as error:
            reason = f"yaml: line {error.line}: {error.reason}"
            raise ComposeError(reason, path=self.path, line=self.line(error.line)) from error
        for notice in notices if warn else ():
            if not notice.is_repeated:
                line = self.line(notice.line)
                warning = UnquotedKey(str(notice), path=self.path, line=line)
                warnings.warn_explicit(warning, None, self.path, line)
        return value, notices


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a compose file.

    Attributes:
        document: the file.
        keys: the way from the top of the document.
    """

    document: Document
    keys: tuple[Key, ...] = ()

    def at(self, *keys: Key) -> Place:
        """Return the place that `keys` lead to from here."""
        return replace(self, keys=(*self.keys, *keys))

    def line(self) -> int:
        """Return the line, from 1, of the deepest of `keys` that is there.

        >>> top = Place(Document("docker-compose.yml", "{web: {links: [db, cache]}}"))
        >>> top.at("web", "links", 1).line()
        1
        """
        return self.document.line(_descend(self.document.root, self.keys)[1])

    def exists(self) -> bool:
        """Return whether the document has all of `keys`."""
        return _descend(self.document.root, self.keys)[0] is not None

    def written(self) -> str:
        """Return the scalar here as it is written, variables and all; empty for anything else."""
        node = _descend(self.document.root, self.keys)[0]
        return node.value if isinstance(node, yaml.ScalarNode) else ""

    def plain(self) -> str:
        """Return the scalar here as `written` does, if it stands without quotes; else nothing."""
        node = _descend(self.document.root, self.keys)[0]
        return node.value if isinstance(node, yaml.ScalarNode) and not node.style else ""

    def fault(self, reason: str) -> ComposeError:
        """Return the error that gives `reason` for the value at this place."""
        return ComposeError(reason, path=self.document.path, line=self.line())

    def warn_unset(self, variable: str) -> None:
        """Warn that a variable is not set; rancher-compose only warns as well."""
        self.warn(UnsetVariable, variable)

    def warn(self, kind: type[ComposeError], about: str) -> None:
        """Warn of a fault here.

        Args:
            kind: the class of the warning.
            about: its first argument: the reason, or the variable.
        """
        path, line = self.document.path, self.line()
        warnings.warn_explicit(kind(about, path=path, line=line), None, path, line)  # type: ignore[call-overload]  # a warning as well


# libyaml's composer in C, where it is there.
_FAST: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def substituted(place: Place, value: object, substitute: Callable[[Place, str], str]) -> object:
    """Return a value with a text in place of each that has a `$`, but not of keys of maps.

    Args:
        place: its place.
        value: a value that was read from YAML.
        substitute: returns the text for one, and the place of it.
    """
    if isinstance(value, str):
        return substitute(place, value) if "$" in value else value
    if isinstance(value, list):
        items = enumerate(value)
        return [substituted(place.at(index), item, substitute) for index, item in items]
    if isinstance(value, dict):
        pairs = value.items()
        return {key: substituted(place.at(str(key)), item, substitute) for key, item in pairs}
    return value


class _Loader(yaml.SafeLoader):
    """PyYAML's composer in Python, extended to accept an anchor that is defined again."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]  # PyYAML's stubs
        if not isinstance(event, yaml.AliasEvent):
            self.anchors.pop(event.anchor, None)
        return super().compose_node(parent, index)


def _root(text: str) -> yaml.Node | None:
    """Return the nodes of a document, or None if they cannot be composed."""
    try:
        return yaml.compose(text, Loader=_FAST)
    except (yaml.YAMLError, UnicodeError):  # an anchor is defined again, or more is wrong
        pass
    loader = _Loader(text)
    try:
        return loader.get_node() if loader.check_node() else None
    except (yaml.YAMLError, RecursionError):
        return None
    finally:
        loader.dispose()


def read(path: Path) -> Document:
    """Read a compose file.

    Raises:
        ComposeError: the file cannot be read; `reason` is in Go's words.
    """
    try:
        return Document(str(path), path.read_text("utf-8"))
    except OSError as error:
        near = instead_of_path(path) if isinstance(error, FileNotFoundError) else ""
        reason = f"open {path}: {(error.strerror or str(error)).lower()}{near}"
        raise ComposeError(reason, path=str(path)) from error
    except UnicodeDecodeError as error:
        raise ComposeError("yaml: invalid leading UTF-8 octet", path=str(path)) from error


def _descend(node: yaml.Node | None, keys: tuple[Key, ...]) -> tuple[yaml.Node | None, int]:
    """Return the node that `keys` lead to, and the line of the last of them that is there."""
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
