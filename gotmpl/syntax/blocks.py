"""Parses the pieces of a template into trees: blocks and their contents.

Keeps open blocks on a stack, so that nesting needs no recursion. Raises Go's parse errors. Knows
the names of functions, but no values.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from typing import Final, NoReturn

from gotmpl.limits import CACHED
from gotmpl.record import record
from gotmpl.strconv.quoting import quote
from gotmpl.syntax.cursor import Cursor
from gotmpl.syntax.lexer import Piece, PieceKind, cut
from gotmpl.syntax.nodes import (
    ActionNode,
    BranchNode,
    BreakNode,
    CommentNode,
    ContinueNode,
    IfNode,
    ListNode,
    Node,
    Part,
    PipeNode,
    RangeNode,
    Source,
    TemplateNode,
    TextNode,
    Tree,
    WithNode,
)
from gotmpl.syntax.outlines import LOOP_WORDS, blank, known, outline
from gotmpl.syntax.pipelines import Pipelines
from gotmpl.syntax.tokens import Tokens, tokenize

_BRANCHES: Final[dict[str, type[BranchNode]]] = {"if": IfNode, "range": RangeNode, "with": WithNode}


def parse(
    name: str,
    text: str,
    *,
    funcs: Container[str],
    delims: tuple[str, str] = ("{{", "}}"),
    comments: bool = False,
) -> dict[str, Tree]:
    """Parse a text; return its tree and those that it defines, by name (Go: parse.Parse).

    Args:
        name: the name of the template, which errors carry.
        text: the template.
        funcs: the names of the functions that the template may call, and no others.
        delims: what opens and closes an action; an empty one stands for its default.
        comments: whether comments become nodes.

    Raises:
        ParseError: the text is not a template.

    >>> trees = parse("t", '{{define "x"}}{{.a}}{{end}}<{{ template   "x" . }}>', funcs=())
    >>> {name: str(tree) for name, tree in trees.items()}
    {'x': '{{.a}}', 't': '<{{template "x" .}}>'}
    """
    source = Source(name, text, delims[0] or "{{", delims[1] or "}}")
    return _Parser(source, funcs, comments=comments).parse(cut(source))


class _Later:
    """The parsing of a source that is known to be without an error.

    Args:
        source: what is parsed.
        loop_words: which of `break` and `continue` are functions.
        comments: whether comments become nodes.
    """

    __slots__ = ("_comments", "_funcs", "_roots", "_source")

    def __init__(
        self, source: Source, loop_words: frozenset[str] = frozenset(), *, comments: bool = False
    ) -> None:
        self._source, self._funcs, self._comments = source, _Functions(loop_words), comments
        self._roots: dict[str, ListNode] = {}

    def __call__(self, name: str) -> ListNode:
        """Return the nodes of a template; those of the others are kept for the next call."""
        root = self._roots.pop(name, None)
        if root is None:
            trees = _Parser(self._source, self._funcs, comments=self._comments).parse(
                cut(self._source)
            )
            roots = {own: tree.borrowed() for own, tree in trees.items()}
            root = roots.pop(name)
            self._roots = roots
        return root


def parse_outlined(
    name: str, text: str, *, funcs: Container[str], delims: tuple[str, str]
) -> dict[str, Tree]:
    """Parse a text as `parse` does; where all its shapes were parsed before, not yet.

    The arguments are as in `parse`.

    Raises:
        ParseError: the text is not a template.

    >>> for text in ("a{{.b}}", "c{{.d}}"):
    ...     tree = parse_outlined("t", text, funcs=(), delims=("", ""))["t"]
    ...     print(tree, tree.parts[0].values)
    a{{.b}} ['a', 'b']
    c{{.d}} ['c', 'd']
    """
    source = Source(name, text, delims[0] or "{{", delims[1] or "}}")
    pieces = list(cut(source))
    outlined = outline(source, funcs, pieces)
    if outlined is None:
        return _Parser(source, funcs, comments=False).parse(pieces)
    shapes = {part.shape for parts in outlined.values() for part in parts}
    if None not in shapes and all(known(shape).is_parsed for shape in shapes if shape is not None):
        later = _Later(source)
        return {own: Tree(own, source, None, later, parts) for own, parts in outlined.items()}
    trees = _Parser(source, funcs, comments=False).parse(pieces)
    for own, tree in trees.items():
        tree.parts = outlined[own]
    for shape in shapes:
        if shape is not None:
            known(shape).is_parsed = True
    return trees


def parse_blank(part: Part, tree: Tree) -> Tree:
    """Return the tree of a part with marks in the place of its values."""
    source = Source(tree.source.name, blank(part), "{{", "}}")
    return Tree(tree.name, source, _Later(source)(source.name))


@record
class _Functions:
    """The names of the functions of a source without an error: all that it calls are defined.

    Attributes:
        loop_words: which of `break` and `continue` are.
    """

    loop_words: frozenset[str]

    def __contains__(self, name: object) -> bool:
        return name in self.loop_words or name not in LOOP_WORDS


@dataclass(slots=True)
class _OpenBlock:
    """An unfinished block: what has been read of it."""

    kind: str  # top, define, block, or the keyword of a branch
    pos: int = 0
    name: str = ""
    pipe: PipeNode | None = None
    nodes: list[Node] = field(default_factory=list)
    body: list[Node] | None = None  # the nodes before `else`, once that was read
    chained: bool = False  # an `else if`, which shares the `end` of the frame below
    opened: int = 0  # where the action that opened a block ends
    mark: int = 0  # how many variables there were before
    outer: _Scope | None = None  # the state of the enclosing template, to be restored


@record
class _Scope:
    """Parser state saved while a nested define or block is parsed (Go: a Tree)."""

    vars: list[str]
    range_depth: int
    action: int


class _Parser:
    """The parsing of one text."""

    def __init__(self, source: Source, funcs: Container[str], *, comments: bool) -> None:
        self._source = source
        self._comments = comments
        # `break` and `continue` are no keywords if a function has that name (Go: breakOK).
        self._loop_words = frozenset(word for word in LOOP_WORDS if word in funcs)
        self._cursor = Cursor(source)
        self._pipelines = Pipelines(self._cursor, funcs)
        self._trees: dict[str, Tree] = {}
        self._frames = [_OpenBlock("top", name=source.name)]
        self._range_depth = 0
        self._later = _Later(source, self._loop_words, comments=comments)

    def parse(self, pieces: Iterable[Piece]) -> dict[str, Tree]:
        for piece in pieces:
            match piece.kind:
                case PieceKind.TEXT:
                    self._frames[-1].nodes.append(TextNode(piece.pos, piece.text))
                case PieceKind.ACTION:
                    self._action(piece)
                case PieceKind.COMMENT if self._comments:
                    node = CommentNode(piece.pos, piece.text, self._source)
                    self._frames[-1].nodes.append(node)
                case PieceKind.ERROR:
                    self._fault(piece)
        self._cursor.load(Tokens("EOF", ("EOF",), (0,)), len(self._source.text))
        self._cursor.next()
        if len(self._frames) > 1:
            self._cursor.error("unexpected EOF")
        self._add(self._frames[0])
        return self._trees

    def _fault(self, piece: Piece) -> None:
        self._cursor.load(Tokens("", ("error",), (0,), piece.text), piece.pos)
        self._cursor.next()
        self._cursor.unexpected("input")

    # -- Actions

    def _action(self, piece: Piece) -> None:
        split = tokenize if len(piece.text) <= CACHED else tokenize.__wrapped__
        tokens = split(piece.text, closed=piece.end >= 0)
        if self._loop_words:
            kinds = ("word" if kind in self._loop_words else kind for kind in tokens.kinds)
            tokens = tokens._replace(kinds=tuple(kinds))
        if piece.end - piece.pos != len(piece.text) and tokens.kinds[-1] == "right delim":
            # It follows a trim marker; the cached tokens do not know its position.
            tokens = tokens._replace(starts=(*tokens.starts[:-1], piece.end - piece.pos))
        self._cursor.load(tokens, piece.pos)
        word = self._cursor.next_non_space()
        if word == "define" and len(self._frames) == 1:
            self._define()
            return
        self._cursor.action = self._source.text.rfind(self._source.left, 0, piece.pos)
        control = _CONTROLS.get(word)
        if control is not None:
            control(self, word)
            return
        pos = self._cursor.pos
        self._cursor.back()
        self._append(ActionNode(pos, self._pipelines.parse("command"), self._source))

    def _append(self, node: Node) -> None:
        """Add a complete node, which ends the current action."""
        self._frames[-1].nodes.append(node)
        self._cursor.action = -1

    def _break(self, word: str) -> None:
        self._append(BreakNode(self._loop_word(word), self._source))

    def _continue(self, word: str) -> None:
        self._append(ContinueNode(self._loop_word(word), self._source))

    def _loop_word(self, word: str) -> int:
        """Return the position of `break` or `continue`, which must stand alone in a range."""
        pos, action = self._cursor.pos, f"{{{{{word}}}}}"
        self._cursor.expect("right delim", action)
        if not self._range_depth:
            self._cursor.error(f"{action} outside {{{{range}}}}")
        return pos

    def _template(self, _: str) -> None:
        pos, name = self._name("template clause")
        pipe = None
        if self._cursor.next_non_space() != "right delim":
            self._cursor.back()
            pipe = self._pipelines.parse("template clause")
        self._append(TemplateNode(pos, name, pipe, self._source))

    def _name(self, context: str) -> tuple[int, str]:
        """Read the name of a template; return its position too."""
        if self._cursor.next_non_space() not in ("string", "raw"):
            self._cursor.unexpected(context)
        return self._cursor.pos, self._pipelines.unquote(self._cursor.text)

    # -- Blocks

    def _define(self) -> None:
        _, name = self._name("define clause")
        self._cursor.expect("right delim", "define clause")
        self._open_template(_OpenBlock("define", name=name))

    def _block(self, _: str) -> None:
        pos, name = self._name("block clause")
        pipe = self._pipelines.parse("block clause")
        frame = _OpenBlock("block", pos, name, pipe)
        frame.opened = self._cursor.furthest()
        self._open_template(frame)

    def _open_template(self, frame: _OpenBlock) -> None:
        frame.outer = _Scope(self._pipelines.vars, self._range_depth, self._cursor.action)
        self._pipelines.vars, self._range_depth, self._cursor.action = ["$"], 0, -1
        self._frames.append(frame)

    def _close_template(self, frame: _OpenBlock) -> None:
        self._add(frame)
        outer = frame.outer
        assert outer is not None
        self._pipelines.vars, self._range_depth = outer.vars, outer.range_depth
        self._cursor.action = outer.action
        if frame.kind == "block":
            self._append(TemplateNode(frame.pos, frame.name, frame.pipe, self._source))

    def _add(self, frame: _OpenBlock) -> None:
        """Go: Tree.add."""
        tree = Tree(frame.name, self._source, ListNode(0, tuple(frame.nodes)), self._later)
        old = self._trees.get(tree.name)
        if old is None or old.is_empty:
            self._trees[tree.name] = tree
        elif not tree.is_empty:
            name = quote(tree.name)
            self._cursor.error(f"template: multiple definition of template {name}")

    def _branch(self, word: str, *, chained: bool = False) -> None:
        frame = _OpenBlock(word, chained=chained, mark=len(self._pipelines.vars))
        frame.pipe = self._pipelines.parse(word)
        self._frames.append(frame)
        if word == "range":
            self._range_depth += 1

    def _else(self, _: str) -> None:
        after = self._cursor.peek_non_space()
        if after not in ("if", "with"):
            self._cursor.expect("right delim", "else")
        frame = self._frames[-1]
        found = f"{self._source.left}else{self._source.right}"
        if frame.kind not in _BRANCHES:
            self._misplaced(found)
        if frame.body is not None:
            self._cursor.error(f"expected end; found {found}")
        self._cursor.action = -1
        frame.body, frame.nodes = frame.nodes, []
        if frame.kind == "range":
            self._range_depth -= 1
        if after not in ("if", "with"):
            return
        self._cursor.next()
        if frame.kind != after:
            self._cursor.unexpected("input")
        self._branch(after, chained=True)

    def _end(self, _: str) -> None:
        self._cursor.expect("right delim", "end")
        if self._frames[-1].kind == "top":
            self._misplaced(f"{self._source.left}end{self._source.right}")
        self._cursor.action = -1
        frame = self._frames.pop()
        while frame.kind in _BRANCHES:
            self._close_branch(frame)
            if not frame.chained:
                return
            frame = self._frames.pop()
        self._close_template(frame)

    def _close_branch(self, frame: _OpenBlock) -> None:
        if frame.kind == "range" and frame.body is None:
            self._range_depth -= 1
        del self._pipelines.vars[frame.mark :]
        nodes = ListNode(0, tuple(frame.nodes))
        body = None if frame.body is None else ListNode(0, tuple(frame.body))
        assert frame.pipe is not None
        node = _BRANCHES[frame.kind](
            frame.pipe.pos, frame.pipe, body or nodes, nodes if body else None, self._source
        )
        self._append(node)

    def _misplaced(self, found: str) -> NoReturn:
        """Raise the error of an `else` or `end` that belongs to no branch."""
        frame = self._frames[-1]
        where = "" if frame.kind == "top" else f" in {frame.kind} clause"
        # Go reports this from the outer tree, whose last token is the block's action.
        pos = frame.opened if frame.kind == "block" else self._cursor.furthest()
        self._cursor.error(f"unexpected {found}{where}", pos)


_CONTROLS: Final = {
    "block": _Parser._block,
    "break": _Parser._break,
    "continue": _Parser._continue,
    "else": _Parser._else,
    "end": _Parser._end,
    "if": _Parser._branch,
    "range": _Parser._branch,
    "template": _Parser._template,
    "with": _Parser._branch,
}
