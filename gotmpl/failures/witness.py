"""The values that an execution failed on: a copy of the template runs again, with probes.

A probe before the statement that failed hands each of its operands to a function of ours. The last
turn is the one that failed. Knows `Template`, not how it is run.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from gotmpl.errors import ExecError
from gotmpl.failures import operands
from gotmpl.record import record
from gotmpl.strconv.quoting import quote
from gotmpl.syntax.nodes import (
    ActionNode,
    BranchNode,
    CommandNode,
    IdentifierNode,
    ListNode,
    Node,
    PipeNode,
    StringNode,
    Tree,
)

if TYPE_CHECKING:
    from gotmpl.template import Template

# A name that no template can call by accident.
_PROBE: Final = "gotmpl_witness"


@record
class Witness:
    """A value that a statement used when it failed.

    Attributes:
        text: the operand, as in the template.
        value: its value.
    """

    text: str
    value: object


def witnesses(template: Template, error: ExecError, data: object) -> list[Witness]:
    """Return the values of the operands that an error is about; what cannot be had is left out.

    The template is executed a second time, up to the error; its functions are called again.

    Args:
        template: the template that failed.
        error: its error.
        data: the value of `.` when it failed.

    >>> from gotmpl.template import Template
    >>> template = Template("t").parse("{{range .}}{{.name.first}}{{end}}")
    >>> data = [{"name": {"first": "A"}}, {"name": "B"}]
    >>> try:
    ...     template.render(data)
    ... except ExecError as error:
    ...     [(one.text, one.value) for one in witnesses(template, error, data)]
    [('.name', 'B')]
    """
    for one in template.templates():
        if one.name == error.template and one.tree is not None:
            found = operands.find(one.tree, error)
            if found is not None and found.operands:
                return _probed(template, one.tree, found, data)
    return []


def _probed(template: Template, tree: Tree, found: operands.Found, data: object) -> list[Witness]:
    values: dict[int, object] = {}

    def note(index: str, value: object) -> str:
        if index == "0":
            values.clear()
        values[int(index)] = value
        return ""

    probes = [_probe(i, operand, tree) for i, operand in enumerate(found.operands)]
    copy = template.clone().funcs({_PROBE: note})
    try:
        root = _with(tree.root, found.statement, probes)
        copy.add_parse_tree(tree.name, tree.with_root(root))
        copy.render(data)
    except Exception:  # noqa: BLE001 - it fails as before; there are values up to there
        pass
    return [Witness(str(found.operands[i]), value) for i, value in values.items()]


def _probe(index: int, operand: Node, tree: Tree) -> Node:
    pos = operand.pos
    name = StringNode(pos, quote(str(index)), str(index))
    call = CommandNode(pos, (IdentifierNode(pos, _PROBE), name, operand))
    return ActionNode(pos, PipeNode(pos, is_assign=False, decl=(), cmds=(call,)), tree.source)


def _with(block: ListNode, statement: Node, probes: list[Node]) -> ListNode:
    """Return a list of nodes with the probes before a statement of it, or of a block in it."""
    nodes: list[Node] = []
    for node in block.nodes:
        if node is statement:
            nodes += probes
        nodes.append(_inside(node, statement, probes) if isinstance(node, BranchNode) else node)
    return replace(block, nodes=tuple(nodes))


def _inside(node: BranchNode, statement: Node, probes: list[Node]) -> BranchNode:
    other = node.else_list
    return replace(
        node,
        list=_with(node.list, statement, probes),
        else_list=None if other is None else _with(other, statement, probes),
    )
