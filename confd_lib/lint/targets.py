"""The versions of confd that may run a template: their functions, and the Go they were built with.

The module does not know resources.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from confd_lib import funcs
from confd_lib.funcs import sprig
from confd_lib.lint.types.calls import Spot
from confd_lib.store.store import Store
from gotmpl import BUILTINS, nodes

Go = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Target:
    """A version of confd.

    Attributes:
        name: the name, as `--for` takes it.
        compat: the functions it has, as `confd_lib.render` takes it.
        go: the version of Go it was built with.
        named: the set of functions beside those, as the flag `functions` names it.
    """

    name: str
    compat: str
    go: Go
    named: str = ""

    def functions(self) -> Mapping[str, inspect.Signature | None]:
        """Return the functions of its templates, with signatures; None for those built into Go."""
        return _functions(self.compat, self.go, self.named)


@lru_cache(maxsize=16)
def _functions(compat: str, go: Go, named: str) -> Mapping[str, inspect.Signature | None]:
    own = funcs.functions(Store(), compat, sprig.chosen(named))
    return {
        **{name: None for name in BUILTINS if _BUILTIN_SINCE.get(name, go) <= go},
        **{name: inspect.signature(function) for name, function in own.items()},
    }


# The built-in functions of Go that a target may lack.
_BUILTIN_SINCE: Final[dict[str, Go]] = {"slice": (1, 13)}

TARGETS: Final = {
    target.name: target
    for target in (
        Target("0.11", "0.11", (1, 5)),
        Target("0.16", "0.16", (1, 10)),
        Target("confd-lib", "", (1, 27)),
    )
}
NEWEST: Final = TARGETS["confd-lib"]


@dataclass(frozen=True, slots=True)
class Action:
    """An action as written.

    Attributes:
        text: the text between the delimiters.
        line: its first line, from 1.
        is_comment: whether it is a comment.
    """

    text: str
    line: int
    is_comment: bool


def actions(text: str, delims: tuple[str, str]) -> Iterator[Action]:
    """Yield the actions in a text.

    >>> [one.text for one in actions('a {{- "}}" }} b {{/* c */}}', ("{{", "}}"))]
    ['- "}}" ', '/* c */']
    """
    for found in _pattern(*delims).finditer(text):
        if found["end"] is None:
            continue
        line = text.count("\n", 0, found.start()) + 1
        yield Action(found[1], line, found["comment"] is not None)


def _pattern(left: str, right: str) -> re.Pattern[str]:
    """Return the pattern of an action; one that has no end is read too, with all behind it."""
    left, right = re.escape(left), re.escape(right)
    quoted = r'"(?:\\.|[^"\\\n])*+"|`[^`]*+`|' r"'(?:\\.|[^'\\\n])*+'"
    inside = rf"(?P<comment>(?:-\s)?\s*+/\*.*?\*/)\s*+-?|(?:{quoted}|(?!{right})[^\"`'])*+"
    return re.compile(rf"{left}({inside})(?P<end>{right})?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Syntax:
    """A piece of syntax that older versions of Go lack.

    Attributes:
        name: its name in messages.
        since: the first version of Go that has it.
        in_action: returns whether an action, as written, uses it.
        in_node: returns whether a node uses it.
    """

    name: str
    since: Go
    in_action: Callable[[Action], bool] = lambda _: False
    in_node: Callable[[nodes.Node], bool] = lambda _: False

    def lines(self, written: tuple[Action, ...], spots: tuple[Spot, ...]) -> list[int]:
        """Return the lines that use it, in order."""
        lines = {action.line for action in written if self.in_action(action)}
        lines |= {spot.line for spot in spots if self.in_node(spot.node)}
        return sorted(lines)


def _pipe(node: nodes.Node) -> nodes.PipeNode | None:
    pipe = getattr(node, "pipe", None)
    return pipe if isinstance(pipe, nodes.PipeNode) else None


def _assigns(node: nodes.Node) -> bool:
    pipe = _pipe(node)
    return pipe is not None and pipe.is_assign


def _ranges_over_number(node: nodes.Node) -> bool:
    pipe = _pipe(node) if isinstance(node, nodes.RangeNode) else None
    return pipe is not None and isinstance(pipe.cmds[0].args[0], nodes.NumberNode)


_RAW: Final = re.compile(r"`[^`]*`")
_ELSE_WITH: Final = re.compile(r"-?\s*else\s+with\b")
_BLOCK: Final = re.compile(r"(?:-\s)?\s*block\s")
_NEW_NUMBER: Final = re.compile(r"0[bo]|.*[0-9]_[0-9]|0x.*p", re.IGNORECASE)

SYNTAX: Final = (
    Syntax(
        "a trim marker",
        (1, 6),
        in_action=lambda one: (
            (one.text[:1] == "-" and one.text[1:2].isspace())
            or (one.text[-1:] == "-" and one.text[-2:-1].isspace())
        ),
    ),
    Syntax("block", (1, 6), in_action=lambda one: bool(_BLOCK.match(one.text))),
    Syntax("an assignment with =", (1, 11), in_node=_assigns),
    Syntax(
        "a number like 0b1 or 1_000",
        (1, 13),
        in_node=lambda node: (
            isinstance(node, nodes.NumberNode) and bool(_NEW_NUMBER.match(node.text))
        ),
    ),
    Syntax(
        "an action of several lines",
        (1, 16),
        in_action=lambda one: not one.is_comment and "\n" in _RAW.sub("", one.text),
    ),
    Syntax("break", (1, 18), in_node=lambda node: isinstance(node, nodes.BreakNode)),
    Syntax("continue", (1, 18), in_node=lambda node: isinstance(node, nodes.ContinueNode)),
    Syntax("range over a number", (1, 22), in_node=_ranges_over_number),
    Syntax("else with", (1, 23), in_action=lambda one: bool(_ELSE_WITH.match(one.text))),
)
