"""The variables that the files of a catalog's entry use: in templates, and as `$VAR`.

The module does not know rules, nor whether a question asks for a variable.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import gotmpl
from gotmpl import nodes
from gotmpl.sprig import rancher

_VALUES: Final = "Values"
_UNTOUCHED: Final = re.compile(r"\s*# ?notemplating")
_COMMENT: Final = re.compile(r"^[ \t]*#.*", re.MULTILINE)
_VARIABLE: Final = re.compile(r"\$(?:\$|\{(\w+)\}|([A-Za-z_]\w*))", re.ASCII)
# `environment: [NAME]` takes the value of that name.
_LISTED: Final = re.compile(r"""(?ma)^[ \t]*-[ \t]*(["']?)([A-Za-z_]\w*)\1[ \t]*$""")


@dataclass(slots=True)
class Uses:
    """The variables that texts use.

    Attributes:
        lines: the first line of each use, by variable.
        listed: names that may be uses, in lists.
        is_whole: whether a template uses all values at once, so that any may be used.
    """

    lines: dict[str, int] = field(default_factory=dict)
    listed: set[str] = field(default_factory=set)
    is_whole: bool = False


@functools.cache
def _names() -> frozenset[str]:
    return frozenset(rancher.functions()) | gotmpl.BUILTINS.keys()


def uses(text: str) -> Uses:
    r"""Return the variables that a text uses.

    >>> found = uses("web:\n  image: web:${TAG}{{ if .Values.LB }}-lb{{ end }}\n")
    >>> found.lines
    {'TAG': 2, 'LB': 2}
    """
    found = Uses()
    # Comments keep their lines, but nothing in them counts.
    plain = _COMMENT.sub("", text)
    try:
        trees = {} if _UNTOUCHED.match(text) else gotmpl.parse("template", plain, funcs=_names())
    except gotmpl.ParseError:  # a rule of its own reports it
        trees = {}
    if not trees:
        _of_plain(found, plain, 1)
    for tree in trees.values():
        for node in _walk(tree.root):
            line = tree.source.line(node.pos)
            if isinstance(node, nodes.TextNode):
                _of_plain(found, node.text, line)
            else:
                _of_node(found, node, line)
    return found


def _of_plain(found: Uses, text: str, first: int) -> None:
    for match in _VARIABLE.finditer(text):
        name = match[1] or match[2]
        if name:
            found.lines.setdefault(name, first + text.count("\n", 0, match.start()))
    found.listed.update(match[2] for match in _LISTED.finditer(text))


def _of_node(found: Uses, node: nodes.Node, line: int) -> None:
    match node:
        case nodes.FieldNode(ident=[values, name, *_]) if values == _VALUES:
            found.lines.setdefault(name, line)
        case nodes.VariableNode(ident=["$", values, name, *_]) if values == _VALUES:
            found.lines.setdefault(name, line)
        case nodes.CommandNode(
            args=[nodes.IdentifierNode(ident="index"), whole, nodes.StringNode(text=name), *_]
        ) if str(whole) in (f".{_VALUES}", f"$.{_VALUES}"):
            found.lines.setdefault(name, line)
        case nodes.FieldNode() | nodes.VariableNode() if str(node) in (
            f".{_VALUES}",
            f"$.{_VALUES}",
        ):
            found.is_whole = True


def _walk(node: nodes.Node) -> Iterator[nodes.Node]:
    """Yield a node and those in it, but not the values in an `index` that names its key."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        yield one
        inner = [piece for piece in one.pieces() if isinstance(piece, nodes.Node)]
        match one:
            case nodes.CommandNode(args=[nodes.IdentifierNode(ident="index"), _, key, *_]) if (
                isinstance(key, nodes.StringNode)
            ):
                inner = list(one.args[3:])
        waiting += reversed(inner)
