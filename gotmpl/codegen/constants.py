"""Constants of a tree as arguments and values: which Go type a literal takes (Go: evalArg).

Knows the types of parameters; prints nothing and runs nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gotmpl.syntax.nodes import BoolNode, NilNode, Node, NumberNode, StringNode
from gotmpl.values.signatures import GoType, Refused

_EXPECTED: Final = {
    "string": "string",
    "int": "integer",
    "float64": "float",
    "bool": "bool",
    "complex128": "complex",
}
# The types of which a named type may be.
_KINDS: Final = {str: "string", int: "int", float: "float64", complex: "complex128"}


def constant(node: Node, go_type: GoType) -> object:
    """Return a constant of the tree as an argument of the type (Go: evalArg).

    Raises:
        Refused: the constant cannot be of that type.
    """
    if isinstance(node, NilNode):
        if go_type.zero is None:
            raise Refused(f"cannot assign nil to {go_type.name}")
        return go_type.zero()
    if go_type.is_interface:
        return ideal(node)
    named = go_type.named
    kind = go_type.name
    if named is not None:
        kind = next(name for cls, name in _KINDS.items() if issubclass(named, cls))
    value = _as_type(node, kind)
    if value is not None:
        return value if named is None else named(value)
    if kind in _EXPECTED:
        raise Refused(f"expected {_EXPECTED[kind]}; found {node}")
    raise Refused(f"can't handle {node} for arg of type {go_type.name}")


def _as_type(node: Node, name: str) -> object:
    """Return the constant where its form fits the type, else None."""
    match node:
        case StringNode(text=text):
            return text if name == "string" else None
        case BoolNode(value=value):
            return value if name == "bool" else None
        case NumberNode(number=number):
            forms: Mapping[str, tuple[bool, object]] = {
                "int": (number.is_int, number.int_),
                "float64": (number.is_float, number.float_),
                "complex128": (number.is_complex, number.complex_),
            }
            fits, form = forms.get(name, (False, None))
            return form if fits else None
    return None


def ideal(node: Node) -> object:
    """Return a constant where no type is asked for: its spelling decides (Go: idealConstant).

    Raises:
        Refused: an integer is too large.
    """
    if isinstance(node, StringNode):
        return node.text
    if isinstance(node, BoolNode):
        return node.value
    if not isinstance(node, NumberNode):
        raise Refused(f"can't handle assignment of {node} to empty interface argument")
    number, text = node.number, node.text
    if number.is_complex:
        return number.complex_
    hex_int = text[:2] in ("0x", "0X") and not set(text) & set("pP")
    if number.is_float and not hex_int and text[0] != "'" and set(text) & set(".eEpP"):
        return number.float_
    if number.is_int:
        return number.int_
    raise Refused(f"{text} overflows int")
