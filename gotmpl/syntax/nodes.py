"""The tree of a template: data that prints itself back as the template text it came from.

Nodes know nothing of values, of output or of how they were parsed. They are named as in Go's
`text/template/parse`; `str(node)` is Go's `String()`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final

from gotmpl.golang.unicode import SPACES
from gotmpl.record import record
from gotmpl.strconv.numbers import Number as Number  # noqa: PLC0414 - re-exported
from gotmpl.strconv.quoting import quote


@record
class Source:
    """The text that was parsed, its name (Go: ParseName) and its delimiters."""

    name: str
    text: str
    left: str = "{{"
    right: str = "}}"

    def line(self, pos: int) -> int:
        """Return the line of a position, counted from 1."""
        return self.text.count("\n", 0, pos) + 1

    def column(self, pos: int) -> int:
        """Return the byte offset of a position in its line, counted from 0 as Go does."""
        start = self.text.rfind("\n", 0, pos) + 1
        return len(self.text[start:pos].encode("utf-8", "surrogateescape"))


class Node:
    """The base of all nodes: a position in the source and a printed form.

    `pieces` yields the printed form one level deep. `str` walks it without recursion, since
    templates nest deeper than the interpreter can recurse.
    """

    __slots__ = ()

    pos: int

    def pieces(self) -> Iterable[str | Node]:
        """Yield the node's text, with its children in place of their text."""
        raise TypeError(type(self).__name__)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {str(self)!r}>"

    def __str__(self) -> str:
        out: list[str] = []
        stack: list[Iterator[str | Node]] = [iter((self,))]
        while stack:
            for piece in stack[-1]:
                if isinstance(piece, str):
                    out.append(piece)
                else:
                    stack.append(iter(piece.pieces()))
                    break
            else:
                stack.pop()
        return "".join(out)


def _operand(node: Node) -> Iterable[str | Node]:
    """Yield an operand; a pipeline in its place stands in parentheses."""
    return ("(", node, ")") if isinstance(node, PipeNode) else (node,)


# -- Operands


@record
class BoolNode(Node):
    """The constant `true` or `false`."""

    pos: int
    value: bool

    def pieces(self) -> Iterable[str | Node]:
        """Yield the keyword."""
        return ("true" if self.value else "false",)


@record
class DotNode(Node):
    """The cursor, `.`."""

    pos: int

    def pieces(self) -> Iterable[str | Node]:
        """Yield the dot."""
        return (".",)


@record
class NilNode(Node):
    """The untyped constant `nil`."""

    pos: int

    def pieces(self) -> Iterable[str | Node]:
        """Yield the keyword."""
        return ("nil",)


@record
class NumberNode(Node):
    """A number, held under every type that can represent it (Go's ideal constants)."""

    pos: int
    text: str
    number: Number

    def pieces(self) -> Iterable[str | Node]:
        """Yield the number as it was spelled."""
        return (self.text,)


@record
class StringNode(Node):
    """A string constant, quoted and unquoted."""

    pos: int
    quoted: str
    text: str

    def pieces(self) -> Iterable[str | Node]:
        """Yield the string with its quotes."""
        return (self.quoted,)


@record
class IdentifierNode(Node):
    """The name of a function."""

    pos: int
    ident: str

    def pieces(self) -> Iterable[str | Node]:
        """Yield the name."""
        return (self.ident,)


@record
class FieldNode(Node):
    """Fields of the cursor, `.a.b`; the names come without their dots."""

    pos: int
    ident: tuple[str, ...]

    def pieces(self) -> Iterable[str | Node]:
        """Yield the fields, each behind its dot."""
        return (f".{'.'.join(self.ident)}",)


@record
class VariableNode(Node):
    """A variable and fields of it, `$x.a.b`; the first name keeps its dollar sign."""

    pos: int
    ident: tuple[str, ...]

    def pieces(self) -> Iterable[str | Node]:
        """Yield the variable and its fields."""
        return (".".join(self.ident),)


@record
class ChainNode(Node):
    """Fields of a parenthesised pipeline or of a function's result, `(…).a.b`."""

    pos: int
    node: Node
    fields: tuple[str, ...]

    def pieces(self) -> Iterable[str | Node]:
        """Yield the term, then the fields."""
        return (*_operand(self.node), f".{'.'.join(self.fields)}")


# -- Pipelines


@record
class CommandNode(Node):
    """One stage of a pipeline: an operand and its arguments."""

    pos: int
    args: tuple[Node, ...]

    def pieces(self) -> Iterable[str | Node]:
        """Yield the operands, a space between them."""
        for i, arg in enumerate(self.args):
            if i:
                yield " "
            yield from _operand(arg)


@record
class PipeNode(Node):
    """A pipeline: variables that it sets, if any, and its commands."""

    pos: int
    is_assign: bool
    decl: tuple[VariableNode, ...]
    cmds: tuple[CommandNode, ...]

    def pieces(self) -> Iterable[str | Node]:
        """Yield the variables, then the commands with bars between them."""
        if self.decl:
            yield ", ".join(map(str, self.decl))
            yield " = " if self.is_assign else " := "
        for i, cmd in enumerate(self.cmds):
            if i:
                yield " | "
            yield cmd


# -- What stands in a list


@record
class ListNode(Node):
    """A sequence of nodes."""

    pos: int
    nodes: tuple[Node, ...]

    def pieces(self) -> Iterable[str | Node]:
        """Yield the nodes."""
        return self.nodes


@record
class TextNode(Node):
    """Plain text, trimmed already."""

    pos: int
    text: str

    def pieces(self) -> Iterable[str | Node]:
        """Yield the text."""
        return (self.text,)


@record
class CommentNode(Node):
    """A comment with its marks; in a tree only where comments were asked for."""

    pos: int
    text: str
    source: Source

    def pieces(self) -> Iterable[str | Node]:
        """Yield the comment between delimiters."""
        return (f"{self.source.left}{self.text}{self.source.right}",)


@record
class ActionNode(Node):
    """A pipeline whose value is printed, unless it sets variables."""

    pos: int
    pipe: PipeNode
    source: Source

    def pieces(self) -> Iterable[str | Node]:
        """Yield the pipeline between delimiters."""
        return (self.source.left, self.pipe, self.source.right)


@record
class BreakNode(Node):
    """Leaves the innermost range."""

    pos: int
    source: Source

    def pieces(self) -> Iterable[str | Node]:
        """Yield the action."""
        return (f"{self.source.left}break{self.source.right}",)


@record
class ContinueNode(Node):
    """Goes on with the next turn of the innermost range."""

    pos: int
    source: Source

    def pieces(self) -> Iterable[str | Node]:
        """Yield the action."""
        return (f"{self.source.left}continue{self.source.right}",)


@record
class TemplateNode(Node):
    """A call of another template."""

    pos: int
    name: str
    pipe: PipeNode | None
    source: Source

    def pieces(self) -> Iterable[str | Node]:
        """Yield the action, its name quoted as Go quotes."""
        yield f"{self.source.left}template {quote(self.name)}"
        if self.pipe is not None:
            yield " "
            yield self.pipe
        yield self.source.right


@record
class ProbeNode(Node):
    """A call of the observer, which no parsed tree has. It has no text."""

    pos: int
    visit: object

    def pieces(self) -> Iterable[str | Node]:
        """Yield nothing."""
        return ()


@record
class BranchNode(Node):
    """The base of `if`, `range` and `with` (Go: BranchNode)."""

    pos: int
    pipe: PipeNode
    list: ListNode
    else_list: ListNode | None
    source: Source

    def pieces(self) -> Iterable[str | Node]:
        """Yield the action, its body, and the other body if there is one."""
        left, right = self.source.left, self.source.right
        yield f"{left}{KEYWORDS[type(self)]} "
        yield self.pipe
        yield right
        yield self.list
        if self.else_list is not None:
            yield f"{left}else{right}"
            yield self.else_list
        yield f"{left}end{right}"


class IfNode(BranchNode):
    """`if`: one body or the other, by whether the pipeline is true."""

    __slots__ = ()


class RangeNode(BranchNode):
    """`range`: the body once for each element; the other body if there are no elements."""

    __slots__ = ()


class WithNode(BranchNode):
    """`with`: as `if`, and the cursor is the pipeline's value."""

    __slots__ = ()


KEYWORDS: Final[dict[type[BranchNode], str]] = {IfNode: "if", RangeNode: "range", WithNode: "with"}


@record
class Part:
    """Nodes of a template in a row, whose code depends on no others (syntax: outlines).

    Attributes:
        size: how many nodes there are.
        shape: equal for parts with equal code but for values; None if it has none.
        values: the names and texts that are not in the shape.
        functions: the functions that are called.
        templates: the templates that are called.
        items: the texts and actions.
    """

    size: int
    shape: tuple[object, ...] | None
    values: Sequence[str]
    functions: Sequence[str]
    templates: Sequence[str]
    items: Sequence[Any]


class Tree:
    """One parsed template: its name, the source it was cut from, and its nodes.

    What executes a tree lets go of the nodes once there is code for them, unless somebody else has
    asked for them: they are four fifths of what a template keeps, and can be parsed again.

    Args:
        name: the template's name.
        source: what was parsed.
        root: its nodes; None to parse them when somebody asks for them.
        parse: parses the source again and returns the nodes of the template of a name; None if
            the nodes come from elsewhere.
        parts: the parts of its list, if they are known.
    """

    __slots__ = ("_is_asked", "_parse", "_root", "name", "parts", "source")

    def __init__(
        self,
        name: str,
        source: Source,
        root: ListNode | None,
        parse: Callable[[str], ListNode] | None = None,
        parts: Sequence[Part] | None = None,
    ) -> None:
        self.name = name
        self.source = source
        self._root = root
        self._parse = parse
        self._is_asked = False  # whether somebody who is no borrower has the nodes
        self.parts = parts

    def __repr__(self) -> str:
        return f"<Tree {self.name!r}>"

    def __str__(self) -> str:
        return str(self.borrowed())

    @property
    def root(self) -> ListNode:
        """The nodes, the same each time."""
        self._is_asked = True
        root = self._root = self.borrowed()
        return root

    def borrowed(self) -> ListNode:
        """Return the nodes for a while: later they may be others, equal to them."""
        root = self._root
        if root is None:
            assert self._parse is not None
            root = self._parse(self.name)
        return root

    def release(self) -> None:
        """Let go of the parts, and of the nodes if only borrowers have asked for them."""
        self.parts = None
        if self._parse is not None and not self._is_asked:
            self._root = None

    def with_root(self, root: ListNode) -> Tree:
        """Return a tree of the same name and source with other nodes."""
        return Tree(self.name, self.source, root)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing but space and comments (Go: IsEmptyTree)."""
        return all(
            isinstance(node, CommentNode) or (isinstance(node, TextNode) and not _trim(node.text))
            for node in self.borrowed().nodes
        )


def _trim(text: str) -> str:
    """Go: bytes.TrimSpace, whose spaces are Unicode's White_Space and not Python's."""
    return text.strip(SPACES)
