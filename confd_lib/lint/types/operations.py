"""Calls as texts of templates that are tried on samples, and what they give.

Knows no scopes and no problems.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from confd_lib.lint.types import shapes, trials
from confd_lib.lint.types.shapes import Value
from gotmpl import nodes

_MOST_SHOWN: Final = 70
INDEXING: Final = frozenset({"index", "slice"})
"""Functions whose result depends on the place that an index names."""
_LITERALS: Final = (nodes.StringNode, nodes.NumberNode, nodes.BoolNode, nodes.NilNode)


def text_of(
    command: nodes.CommandNode, name: str, operands: Sequence[Value]
) -> tuple[str, list[tuple[object, ...]]]:
    """Return a call as the text of an operation, and samples for its operands.

    Constants stay in the text, since Go gives them the type that the function takes.
    """
    words: list[str] = []
    samples: list[tuple[object, ...]] = []
    for i, value in enumerate(operands):
        node = command.args[i + 1] if i + 1 < len(command.args) else None
        if name in INDEXING and i and value.exact and isinstance(value.samples[0], int):
            words.append("0")  # an index that a sample of a list has
        elif isinstance(node, _LITERALS) and name not in _SAMPLED:
            words.append(str(node))
        else:
            words.append(f".a{len(samples)}")
            samples.append(_SAMPLED.get(name, _plain)(i, value, operands))
    return f"{{{{record ({name} {' '.join(words)})}}}}", samples


def indexed(operands: Sequence[Value], good: Sequence[trials.Outcome]) -> Value:
    """Return what `index` and `slice` give."""
    inside = [shapes.members(one.members) for one in operands[0].shapes if one.members]
    if inside or len(operands) > 2 or not operands[0].shapes:
        return shapes.union(inside)
    return shapes.like(one.values[0] for one in good)


def _plain(_: int, value: Value, __: Sequence[Value]) -> tuple[object, ...]:
    return value.samples


def _compared(_: int, value: Value, operands: Sequence[Value]) -> tuple[object, ...]:
    """Return samples that may be equal to the constants beside a value; nil never is."""
    if value.exact:
        return value.samples
    samples = tuple(one for one in value.samples if one is not None)
    types = {shapes.type_name(one) for one in samples}
    constants = (one.samples[0] for one in operands if one.exact)
    return (*samples, *(one for one in constants if shapes.type_name(one) in types))


def _formatted(i: int, value: Value, _: Sequence[Value]) -> tuple[object, ...]:
    """Return texts that do not look like the errors of printf."""
    is_text = value.exact and isinstance(value.samples[0], str)
    return ("w",) if i and is_text else value.samples


def short(node: nodes.Node) -> str:
    """Return a node as a message shows it."""
    text = str(node)
    return text if len(text) <= _MOST_SHOWN else f"{text[: _MOST_SHOWN - 1]}…"


COMPARISONS: Final = ("eq", "ne", "lt", "le", "gt", "ge")
# How functions are sampled, other than by the samples of their operands.
_SAMPLED: Final = {
    **dict.fromkeys(COMPARISONS, _compared),
    "printf": _formatted,
}
