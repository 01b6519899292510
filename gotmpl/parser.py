"""Makes trees of a template's pieces and tokens, and says what Go would have said of a bad one.

Blocks and parentheses are held on stacks of our own, so that nesting costs no recursion. Knows the
names of functions, but nothing of values.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, field, replace
from typing import Final, NoReturn

from gotmpl.errors import ParseError
from gotmpl.funcs import BUILTINS
from gotmpl.grammar import KEYWORDS, Token, tokenize
from gotmpl.lexer import Kind, Piece, cut
from gotmpl.literals import parse_number, quote, unquote
from gotmpl.nodes import (
    ActionNode,
    BoolNode,
    BranchNode,
    BreakNode,
    ChainNode,
    CommandNode,
    CommentNode,
    ContinueNode,
    DotNode,
    FieldNode,
    IdentifierNode,
    IfNode,
    ListNode,
    NilNode,
    Node,
    NumberNode,
    PipeNode,
    RangeNode,
    Source,
    StringNode,
    TemplateNode,
    TextNode,
    Tree,
    VariableNode,
    WithNode,
)

_MAX_DEPTH: Final = 10_000  # Go: maxStackDepth, of parentheses
_BRANCHES: Final[dict[str, type[BranchNode]]] = {"if": IfNode, "range": RangeNode, "with": WithNode}
_OPERANDS: Final = frozenset(
    {"left paren", "bool", "char", "complex", "dot", "field", "word"}
    | {"nil", "number", "raw", "string", "variable"}
)
# A later stage of a pipeline may not begin with one of these (Go: checkPipeline).
_NOT_EXECUTABLE: Final = (BoolNode, DotNode, NilNode, NumberNode, StringNode)


def parse(
    name: str,
    text: str,
    *,
    funcs: Container[str] = BUILTINS,
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

    >>> trees = parse("t", '{{define "x"}}{{.a}}{{end}}<{{ template   "x" . }}>')
    >>> {name: str(tree) for name, tree in trees.items()}
    {'x': '{{.a}}', 't': '<{{template "x" .}}>'}
    """
    source = Source(name, text, delims[0] or "{{", delims[1] or "}}")
    return _Parser(source, funcs, comments=comments).parse()


@dataclass(slots=True)
class _Frame:
    """A block that is open: what it will be made of."""

    kind: str  # top, define, block, or the keyword of a branch
    pos: int = 0
    name: str = ""
    pipe: PipeNode | None = None
    nodes: list[Node] = field(default_factory=list)
    body: list[Node] | None = None  # the nodes before `else`, once that was seen
    chained: bool = False  # an `else if`, which shares the `end` of the frame below
    mark: int = 0  # how many variables there were before
    scope: _Scope | None = None  # the enclosing template's, to come back to


@dataclass(slots=True)
class _Scope:
    """What is particular to the template being parsed (Go: a Tree while parsing)."""

    vars: list[str] = field(default_factory=lambda: ["$"])
    range_depth: int = 0
    action: int = -1  # the position of the action in work, where errors name its line


@dataclass(slots=True)
class _OpenPipe:
    """A pipeline that is open, and its open command."""

    context: str
    end: str
    pos: int
    is_assign: bool = False
    decl: list[VariableNode] = field(default_factory=list)
    cmds: list[CommandNode] = field(default_factory=list)
    args: list[Node] | None = None
    cmd_pos: int = 0


class _Parser:
    """One run over one text."""

    def __init__(self, source: Source, funcs: Container[str], *, comments: bool) -> None:
        self._source = source
        self._funcs = funcs
        self._comments = comments
        self._loop_words = frozenset(word for word in ("break", "continue") if word in funcs)
        self._trees: dict[str, Tree] = {}
        self._frames = [_Frame("top", name=source.name)]
        self._scope = _Scope()
        # The tokens of the action in work, where it begins, the next token and the furthest seen.
        self._tokens: tuple[Token, ...] = ()
        self._base = 0
        self._next_index = 0
        self._seen = 0

    def parse(self) -> dict[str, Tree]:
        for piece in cut(self._source):
            if piece.kind is Kind.TEXT:
                self._frames[-1].nodes.append(TextNode(piece.pos, piece.text))
            elif piece.kind is Kind.ACTION:
                self._action(piece)
            elif piece.kind is Kind.ERROR:
                self._load((Token("error", 0, piece.text),), piece.pos)
                self._unexpected(self._next(), "input")
            elif self._comments:
                self._frames[-1].nodes.append(CommentNode(piece.pos, piece.text, self._source))
        self._load((Token("EOF", 0, "EOF"),), len(self._source.text))
        self._next()
        if len(self._frames) > 1:
            self._error("unexpected EOF")
        self._add(self._frames[0])
        return self._trees

    # -- Tokens, read with Go's lookahead: an error stands on the line of the furthest one fetched

    def _load(self, tokens: tuple[Token, ...], base: int) -> None:
        self._tokens, self._base = tokens, base
        self._next_index = self._seen = 0

    def _next(self) -> Token:
        token = self._tokens[self._next_index]
        self._next_index += 1
        self._seen = max(self._seen, self._next_index)
        return token

    def _peek(self) -> Token:
        token = self._next()
        self._next_index -= 1
        return token

    def _next_non_space(self) -> Token:
        token = self._next()
        return self._next() if token.kind == "space" else token

    def _peek_non_space(self) -> Token:
        token = self._next_non_space()
        self._next_index -= 1
        return token

    def _expect(self, kind: str, context: str) -> Token:
        token = self._next_non_space()
        if token.kind != kind:
            self._unexpected(token, context)
        return token

    # -- Errors

    def _error(self, reason: str) -> NoReturn:
        pos = self._base + self._tokens[max(self._seen - 1, 0)].pos
        raise ParseError(reason, name=self._source.name, line=self._source.line(pos))

    def _unexpected(self, token: Token, context: str) -> NoReturn:
        if token.kind != "error":
            self._error(f"unexpected {self._spell(token)} in {context}")
        self._error(token.text + self._started(token))

    def _started(self, token: Token) -> str:
        """Return where the action began, if that is on another line."""
        if self._scope.action < 0:
            return ""
        line = self._source.line(self._scope.action)
        if line == self._source.line(self._base + token.pos):
            return ""
        place = f" started at {self._source.name}:{line}"
        return place if token.text.endswith(" action") else f" in action{place}"

    def _spell(self, token: Token) -> str:
        """Go: item.String."""
        if token.kind in KEYWORDS or token.kind == "dot":
            return f"<{token.text}>"
        text = self._source.right if token.kind == "right delim" else token.text
        raw = text.encode("utf-8", "surrogateescape")
        return f"{quote(text[:10])}..." if len(raw) > 10 else quote(text)

    # -- Actions

    def _action(self, piece: Piece) -> None:
        tokens = tokenize(piece.text, closed=piece.end >= 0)
        if self._loop_words:  # functions of these names make them ordinary words
            tokens = tuple(
                token._replace(kind="word") if token.kind in self._loop_words else token
                for token in tokens
            )
        if piece.end - piece.pos != len(piece.text) and tokens[-1].kind == "right delim":
            # Behind a trim marker; which line that is, no cached token can know.
            tokens = (*tokens[:-1], tokens[-1]._replace(pos=piece.end - piece.pos))
        self._load(tokens, piece.pos)
        word = self._next_non_space()
        if word.kind == "define" and len(self._frames) == 1:
            self._define()
            return
        self._scope.action = self._source.text.rfind(self._source.left, 0, piece.pos)
        control = _CONTROLS.get(word.kind)
        if control is not None:
            control(self, word)
            return
        self._next_index -= 1
        pipe = self._pipeline("command")
        self._append(ActionNode(self._base + word.pos, pipe, self._source))

    def _append(self, node: Node) -> None:
        """Add a node that is complete, which ends the action in work."""
        self._frames[-1].nodes.append(node)
        self._scope.action = -1

    def _break(self, word: Token) -> None:
        self._loop_word(word)
        self._append(BreakNode(self._base + word.pos, self._source))

    def _continue(self, word: Token) -> None:
        self._loop_word(word)
        self._append(ContinueNode(self._base + word.pos, self._source))

    def _loop_word(self, word: Token) -> None:
        action = f"{{{{{word.kind}}}}}"
        self._expect("right delim", action)
        if not self._scope.range_depth:
            self._error(f"{action} outside {{{{range}}}}")

    def _template(self, _: Token) -> None:
        token = self._next_non_space()
        name = self._template_name(token, "template clause")
        pipe = None
        if self._next_non_space().kind != "right delim":
            self._next_index -= 1
            pipe = self._pipeline("template clause")
        self._append(TemplateNode(self._base + token.pos, name, pipe, self._source))

    def _template_name(self, token: Token, context: str) -> str:
        if token.kind not in ("string", "raw"):
            self._unexpected(token, context)
        return self._unquote(token.text)

    def _unquote(self, text: str) -> str:
        try:
            return unquote(text)
        except ValueError as error:
            self._error(str(error))

    # -- Blocks

    def _define(self) -> None:
        name = self._template_name(self._next_non_space(), "define clause")
        self._expect("right delim", "define clause")
        self._open_template(_Frame("define", name=name))

    def _block(self, _: Token) -> None:
        token = self._next_non_space()
        name = self._template_name(token, "block clause")
        pipe = self._pipeline("block clause")
        self._open_template(_Frame("block", self._base + token.pos, name, pipe))

    def _open_template(self, frame: _Frame) -> None:
        frame.scope, self._scope = self._scope, _Scope()
        self._frames.append(frame)

    def _close_template(self, frame: _Frame) -> None:
        self._add(frame)
        assert frame.scope is not None
        self._scope = frame.scope
        if frame.kind == "block":
            self._append(TemplateNode(frame.pos, frame.name, frame.pipe, self._source))

    def _add(self, frame: _Frame) -> None:
        """Go: Tree.add."""
        tree = Tree(frame.name, self._source, ListNode(0, tuple(frame.nodes)))
        old = self._trees.get(tree.name)
        if old is None or old.is_empty:
            self._trees[tree.name] = tree
        elif not tree.is_empty:
            name = quote(tree.name)
            self._error(f"template: multiple definition of template {name}")

    def _branch(self, word: Token, *, chained: bool = False) -> None:
        frame = _Frame(word.kind, chained=chained, mark=len(self._scope.vars))
        frame.pipe = self._pipeline(word.kind)
        self._frames.append(frame)
        if word.kind == "range":
            self._scope.range_depth += 1

    def _else(self, _: Token) -> None:
        after = self._peek_non_space()
        if after.kind not in ("if", "with"):
            self._expect("right delim", "else")
        frame = self._frames[-1]
        found = f"{self._source.left}else{self._source.right}"
        if frame.kind not in _BRANCHES:
            self._misplaced(found)
        if frame.body is not None:
            self._error(f"expected end; found {found}")
        self._scope.action = -1
        frame.body, frame.nodes = frame.nodes, []
        if frame.kind == "range":
            self._scope.range_depth -= 1
        if after.kind not in ("if", "with"):
            return
        if frame.kind != after.kind:
            self._unexpected(self._next_non_space(), "input")
        self._branch(self._next_non_space(), chained=True)

    def _end(self, _: Token) -> None:
        self._expect("right delim", "end")
        if self._frames[-1].kind == "top":
            self._misplaced(f"{self._source.left}end{self._source.right}")
        self._scope.action = -1
        frame = self._frames.pop()
        while frame.kind in _BRANCHES:
            self._close_branch(frame)
            if not frame.chained:
                return
            frame = self._frames.pop()
        self._close_template(frame)

    def _close_branch(self, frame: _Frame) -> None:
        if frame.kind == "range" and frame.body is None:
            self._scope.range_depth -= 1
        del self._scope.vars[frame.mark :]
        nodes = ListNode(0, tuple(frame.nodes))
        body = None if frame.body is None else ListNode(0, tuple(frame.body))
        assert frame.pipe is not None
        node = _BRANCHES[frame.kind](
            frame.pipe.pos, frame.pipe, body or nodes, nodes if body else None, self._source
        )
        self._append(node)

    def _misplaced(self, found: str) -> NoReturn:
        """Complain of an `else` or `end` that belongs to no branch."""
        kind = self._frames[-1].kind
        self._error(f"unexpected {found}" + ("" if kind == "top" else f" in {kind} clause"))

    # -- Pipelines

    def _pipeline(self, context: str) -> PipeNode:
        """Go: pipeline, command and operand, with the open parentheses on a stack."""
        stack = [self._open_pipe(context, "right delim")]
        while True:
            pipe = stack[-1]
            if pipe.args is None:
                token = self._next_non_space()
                if token.kind == pipe.end:
                    node = self._close_pipe(stack.pop())
                    if not stack:
                        return node
                    self._operand(stack[-1], node)
                    continue
                if token.kind not in _OPERANDS:
                    self._unexpected(token, pipe.context)
                self._next_index -= 1
                pipe.args, pipe.cmd_pos = [], self._base + token.pos
            token = self._next_non_space()
            if token.kind == "left paren":
                if len(stack) > _MAX_DEPTH:
                    self._error("max expression depth exceeded")
                stack.append(self._open_pipe("parenthesized pipeline", "right paren"))
                continue
            self._operand(pipe, self._term(token))

    def _open_pipe(self, context: str, end: str) -> _OpenPipe:
        """Read the variables that a pipeline sets, if any."""
        pipe = _OpenPipe(context, end, self._base + self._peek_non_space().pos)
        while (variable := self._peek_non_space()).kind == "variable":
            mark = self._next_index
            self._next()
            after = self._peek_non_space()
            if after.kind in ("assign", "declare"):
                pipe.is_assign = after.kind == "assign"
            elif after.text != ",":
                self._next_index = mark
                break
            self._next()
            pipe.decl.append(VariableNode(self._base + variable.pos, (variable.text,)))
            self._scope.vars.append(variable.text)
            if after.text != ",":
                break
            self._second_variable(pipe)
        return pipe

    def _second_variable(self, pipe: _OpenPipe) -> None:
        if pipe.context != "range" or len(pipe.decl) > 1:
            self._error(f"too many declarations in {pipe.context}")
        if self._peek_non_space().kind not in ("variable", "right delim", "right paren"):
            self._error("range can only initialize variables")

    def _close_pipe(self, pipe: _OpenPipe) -> PipeNode:
        """Go: checkPipeline."""
        if not pipe.cmds:
            self._error(f"missing value for {pipe.context}")
        for stage, cmd in enumerate(pipe.cmds[1:], start=2):
            if isinstance(cmd.args[0], _NOT_EXECUTABLE):
                self._error(f"non executable command in pipeline stage {stage}")
        return PipeNode(pipe.pos, pipe.is_assign, tuple(pipe.decl), tuple(pipe.cmds))

    def _operand(self, pipe: _OpenPipe, term: Node | None) -> None:
        """Add an operand, with the fields that follow it, and see whether the command ends."""
        assert pipe.args is not None
        if term is not None:
            fields = []
            pos = self._base + self._peek().pos
            while self._peek().kind == "field":
                fields.append(self._next().text[1:])
            pipe.args.append(self._chain(term, pos, tuple(fields)) if fields else term)
        token = self._next()
        if token.kind == "space":
            return
        if token.kind in ("right delim", "right paren"):
            self._next_index -= 1
        elif token.kind != "pipe":
            self._unexpected(token, "operand")
        if not pipe.args:
            self._error("empty command")
        pipe.cmds.append(CommandNode(pipe.cmd_pos, tuple(pipe.args)))
        pipe.args = None

    def _chain(self, term: Node, pos: int, fields: tuple[str, ...]) -> Node:
        if isinstance(term, FieldNode | VariableNode):
            return replace(term, pos=pos, ident=term.ident + fields)
        if isinstance(term, _NOT_EXECUTABLE):
            self._error(f"unexpected . after term {quote(str(term))}")
        return ChainNode(pos, term, fields)

    def _term(self, token: Token) -> Node | None:
        """Return the operand that a token is, or None and leave the token."""
        make = _TERMS.get(token.kind)
        if make is None:
            self._next_index -= 1
            return None
        return make(self, self._base + token.pos, token.text)

    def _identifier(self, pos: int, text: str) -> Node:
        if text not in self._funcs:
            self._error(f"function {quote(text)} not defined")
        return IdentifierNode(pos, text)

    def _variable(self, pos: int, text: str) -> Node:
        if text not in self._scope.vars:
            self._error(f"undefined variable {quote(text)}")
        return VariableNode(pos, (text,))

    def _number(self, pos: int, text: str) -> Node:
        try:
            return NumberNode(pos, text, parse_number(text))
        except ValueError as error:
            self._error(str(error))

    def _string(self, pos: int, text: str) -> Node:
        return StringNode(pos, text, self._unquote(text))


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
_TERMS: Final = {
    "word": _Parser._identifier,
    "dot": lambda _, pos, __: DotNode(pos),
    "nil": lambda _, pos, __: NilNode(pos),
    "variable": _Parser._variable,
    "field": lambda _, pos, text: FieldNode(pos, (text[1:],)),
    "bool": lambda _, pos, text: BoolNode(pos, text == "true"),
    "number": _Parser._number,
    "char": _Parser._number,
    "complex": _Parser._number,
    "string": _Parser._string,
    "raw": _Parser._string,
}
