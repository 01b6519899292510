"""Tree to Python source: a function for a part of a template, a line for what it writes at once.

Pure and deterministic: the same tree and the same signatures give the same text. Knows no values
and runs nothing. CPython refuses 21 nested loops and 100 levels of indentation, so deep blocks
become functions of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from gotmpl.codegen.expressions import Expressions
from gotmpl.codegen.fields import Asked, Look
from gotmpl.codegen.loops import Loops
from gotmpl.codegen.python import Function, Place, Printed, join
from gotmpl.codegen.state import Callee, Draft, Metered
from gotmpl.codegen.unit import ENTRY, Unit
from gotmpl.codegen.values import BOXED, NOT_BOXED, Joined, Known, Local, Value
from gotmpl.codegen.variables import (
    NamesIn,
    Variable,
    assignments,
    flow,
    leaves,
    names_in,
)
from gotmpl.fmt.printing import to_text
from gotmpl.strconv.quoting import quote
from gotmpl.syntax.nodes import (
    ActionNode,
    BreakNode,
    CommentNode,
    ContinueNode,
    IfNode,
    ListNode,
    Node,
    ProbeNode,
    RangeNode,
    TemplateNode,
    TextNode,
    Tree,
    WithNode,
)

# How deep blocks may nest in one function; a block is at most two levels of Python.
_MAX_NESTING: Final = 15
_MOST_PIECES: Final = 60  # of a segment: it is held twice while it is written
_MAX_CHAIN: Final = 200  # of `elif`, on which CPython's compiler recurses
# Python for the text of a value of a known type, which an f-string prints.
_TEXTS: Final[Mapping[type | None, str]] = {
    str: "{}",
    int: "{}",
    bool: "'true' if {} else 'false'",
}
_SIGNALS: Final = {"break": 1, "continue": 2}  # what the function of a block returns; 0 to go on
_IN_SEGMENTS: Final = frozenset({ActionNode, CommentNode, TextNode})
_SCOPES: Final = frozenset({IfNode, RangeNode, WithNode})  # whose variables end with them


def generate(
    tree: Tree,
    functions: Mapping[str, Callee | None],
    defined: Mapping[str, bool],
    *,
    metered: Metered = Metered.NOT,
    entry: str = ENTRY,
) -> Unit:
    """Generate the code of a template, or of a part of it.

    Args:
        tree: the template.
        functions: what it may call, by name.
        defined: whether there is a template of a name.
        metered: how the code is to hold the execution to limits.
        entry: the name of the function that executes it.
    """
    is_executed = tree.name == tree.source.name
    draft = Draft(functions, *assignments(tree.root), metered, is_executed)
    return _Generator(tree, defined, draft, Expressions(draft), Loops(draft)).unit(entry)


@dataclass(slots=True)
class _Outlined:
    """A block to be printed as its own function, with the scope it starts in."""

    function: Function
    body: ListNode
    dot: Local
    variables: list[Variable]


@dataclass(slots=True)
class _Generator:
    tree: Tree
    defined: Mapping[str, bool]
    draft: Draft
    expressions: Expressions
    loops: Loops
    names: Mapping[Node, NamesIn] = field(default_factory=dict)  # filled when first needed
    outlined: list[_Outlined] = field(default_factory=list)
    nesting: int = 0

    @property
    def takes(self) -> str:
        """The first parameters of every function."""
        return "out" if self.draft.metered is Metered.NOT else "out, meter"

    def unit(self, name: str) -> Unit:
        draft, root = self.draft, self.tree.root
        draft.out = Function(f"def {name}({self.takes}, d0)")
        dot = draft.dot = draft.as_dot(Local("d0"))
        if "$" in draft.assigned:
            draft.declare("$", dot)
        else:
            draft.variables.append(Variable("$", "d0", reads=dot.reads))
        functions = [draft.out]
        self._list(root)
        for block in self.outlined:  # the loop body appends to it
            functions.append(block.function)
            draft.out, draft.dot, draft.variables = block.function, block.dot, block.variables
            self._list(block.body)
            draft.out.line(self._return_signal(0))
        if draft.metered is not Metered.NOT:
            draft.names.flow = flow(root)
        draft.share_readers()
        return Unit(join(functions), draft.nodes, draft.names)

    # -- Lists

    def _list(self, body: ListNode) -> None:
        """Print the nodes of a list, in place or, where that is too deep, as a function."""
        if self.nesting == _MAX_NESTING:
            self._outline(body)
            return
        draft = self.draft
        self.nesting += 1
        outer = len(draft.variables)
        for node in body.nodes:
            kind, visible = type(node), len(draft.variables)
            if kind not in _IN_SEGMENTS or len(draft.out.segment) > _MOST_PIECES:
                draft.flush()
            _WALK[kind](self, node)
            if kind not in _IN_SEGMENTS:
                draft.flush()
            if kind in _SCOPES:
                del draft.variables[visible:]
        draft.flush()
        del draft.variables[outer:]
        self.nesting -= 1

    def _outline(self, body: ListNode, *, breaks: bool = True) -> None:
        """Print a list as a function; `breaks`: whether `{{break}}` in it ends the range around."""
        draft, out = self.draft, self.draft.out
        variables, changed = self._visible(body)
        targets = [variable.local for variable in changed]
        targets += [variable.boxed for variable in changed if variable.name in draft.mixed]
        dot = replace(draft.dot, reads="")
        names = [dot.text, dot.boxed]
        names += [name for one in variables for name in (one.local, one.boxed)]
        takes = [name for name in dict.fromkeys(names) if name not in (BOXED, NOT_BOXED)]
        draft.tracked.update(takes)
        function = draft.name("b")
        arguments = ", ".join([self.takes, *takes])
        block = Function(f"def {function}({arguments})", out.node, out.is_repeated, targets)
        self.outlined.append(_Outlined(block, body, dot, variables))
        signal = draft.name("s")
        out.line(f"{', '.join([signal, *targets])}, = {function}({arguments})")
        for word in _SIGNALS if out.is_repeated else ():
            if breaks or word != "break":
                with out.block(f"if {signal} == {_SIGNALS[word]}"):
                    self._leave(word)

    def _visible(self, body: ListNode) -> tuple[list[Variable], list[Variable]]:
        """Return the variables in scope that a list uses, and those of them that it assigns.

        There may be thousands of others in scope. What reads their fields is left behind.
        """
        if not self.names:
            self.names = names_in(self.tree.root)
        here = [self.names[node] for node in body.nodes]
        used = set[str]().union(*(node.used for node in here))
        changed = set[str]().union(*(node.assigned for node in here))
        found = []
        for variable in reversed(self.draft.variables):
            if variable.name in used:
                found.append(replace(variable, reads=""))
                if not variable.unsure:  # it hides those of its name before it
                    used.remove(variable.name)
        found.reverse()
        return found, [variable for variable in found if variable.name in changed]

    def _leave(self, word: str) -> None:
        """Break or continue the loop; a function that does not have it returns a signal."""
        out = self.draft.out
        out.line(word if out.loops else self._return_signal(_SIGNALS[word]))

    def _return_signal(self, signal: int) -> str:
        return f"return {', '.join([str(signal), *self.draft.out.returned])},"

    # -- Simple nodes

    def _action(self, node: ActionNode) -> None:
        """Print the value of a pipeline (Go: printValue), or set variables."""
        draft = self.draft
        value = self.expressions.pipeline(node.pipe)
        if node.pipe.decl:
            return
        place = Place(draft.visit(node))
        if isinstance(value, Known):
            draft.out.segment.append(to_text(value.value))
            return
        if isinstance(value, Joined):
            draft.out.segment += value.pieces
            return
        draft.out.segment.append(Printed(self._printed(value), place, bool(value.unchecked)))

    def _printed(self, value: Value) -> str:
        """Print the lines that make what an action prints, and return its variable."""
        draft, out = self.draft, self.draft.out
        code = value.unchecked or value.text  # what is written is measured
        if isinstance(value, Look):
            given = draft.evaluated(value)
            return draft.shown(given, value.shown(given))
        if isinstance(value, Asked):
            code = value.shown()
        elif value.exact in _TEXTS:
            code = _TEXTS[value.exact].format(code)
        elif not value.place:
            given = draft.evaluated(value)
            code = f"show({given})"
            if not draft.once:
                return draft.shown(given, code)
        name = draft.temporary()
        out.line(f"{name} = {code}", value.place)
        if value.place and value.exact not in _TEXTS:
            out.line(f"{name} = show({name})", when=f"type({name}) is not str")
        return name

    def _template(self, node: TemplateNode) -> None:
        draft = self.draft
        at = draft.visit(node)
        if not self.defined[node.name]:
            draft.out.line(draft.fail(f"template {quote(node.name)} not defined").code())
            return
        value = draft.apart(self.expressions.pipeline(node.pipe))
        templates = draft.names.templates
        local = templates.setdefault(node.name, f"t{len(templates)}")
        self.loops.tick(node)
        draft.out.line(f"{local}({self.takes}, {value.code()})", Place(at))

    def _probe(self, node: ProbeNode) -> None:
        draft = self.draft
        draft.out.line(f"visit({draft.bind(node.visit, 'k')})")

    # -- Branches

    def _if(self, node: IfNode) -> None:
        """Go: walkIfOrWith; an `else if` becomes an `elif` where that is possible."""
        draft, out = self.draft, self.draft.out
        keyword, length = "if", 0
        condition = self.expressions.condition(node.pipe)
        while True:
            visible, temporaries = len(draft.variables), draft.temporaries
            gathered, texts = draft.gathered, dict(draft.texts)
            with out.branch(keyword, condition):
                self._list(node.list)
            other_list = node.else_list
            if other_list is None:
                break
            # No block since then is executed before what follows.
            draft.gathered, draft.texts, draft.temporaries = gathered, texts, temporaries
            before = len(out.lines)
            match other_list.nodes:
                case (IfNode() as other,):
                    condition = self.expressions.condition(other.pipe, settles=False)
                    if len(out.lines) == before and length < _MAX_CHAIN:
                        keyword, node, length = "elif", other, length + 1
                        continue
                    draft.take_back(before, visible)
            with out.block("else"):
                write = self._outline if length == _MAX_CHAIN else self._list
                write(other_list)
            break

    def _with(self, node: WithNode) -> None:
        draft, out = self.draft, self.draft.out
        outer = draft.dot
        dot = draft.put(self.expressions.pipeline(node.pipe), draft.name("d"))
        with out.block(f"if {self.expressions.tested(dot)}"):
            draft.dot = draft.as_dot(dot)
            self._list(node.list)
            draft.dot = outer
        if node.else_list is not None:
            with out.block("else"):
                self._list(node.else_list)

    def _range(self, node: RangeNode) -> None:
        draft, out = self.draft, self.draft.out
        value = self.expressions.pipeline(node.pipe, sets=False)
        collection = draft.name("c")
        out.line(f"{collection} = {value.code()}", value.place)
        at = draft.here()
        whole = Local(collection)
        for variable in node.pipe.decl:  # Go: evalPipeline sets them, before there is an element
            if node.pipe.is_assign:
                draft.assign(variable.ident[0], whole)
            elif node.else_list is not None:
                draft.declare(variable.ident[0], whole)
        place = Place(draft.at if isinstance(draft.at, int) else draft.number(node.pipe))
        if node.else_list is None:
            items = self.loops.items(node, collection, at, place)
            self._loop(node, collection, items, place)
        else:
            run = draft.name("r")
            out.line(f"{run} = {self.loops.found(node, collection, at)}", place)
            with out.block(f"if {run}"):
                self._loop(node, collection, self.loops.held(node, run), place)
            with out.block("else"):
                # Go: a break in it leaves this range, although that has ended.
                if leaves(node.else_list, BreakNode):
                    self._outline(node.else_list, breaks=False)
                else:
                    self._list(node.else_list)

    def _loop(self, node: RangeNode, collection: str, items: str, place: Place) -> None:
        """Print the loop itself (Go: walkRange, oneIteration)."""
        draft, out, outer = self.draft, self.draft.out, self.draft.dot
        mark = len(draft.variables)
        element = Local(draft.name("d"), boxed=collection)
        index = Local(draft.name("i"))
        target = f"{index.text}, {element.text}" if len(node.pipe.decl) > 1 else element.text
        with out.block(f"for {target} in {items}", place):
            out.loops += 1
            draft.forget()  # the turn before has used the names for others
            draft.dot = element = draft.as_dot(element)
            turn = [index, element][-len(node.pipe.decl) :] if node.pipe.decl else []
            for variable, value in zip(node.pipe.decl, turn, strict=True):
                self._bind_loop_variable(variable.ident[0], value, assigns=node.pipe.is_assign)
            self._list(node.list)
            out.loops -= 1
            draft.dot = outer
        del draft.variables[mark:]

    def _bind_loop_variable(self, name: str, value: Local, *, assigns: bool) -> None:
        """Bind a range's variable to its value for one turn."""
        draft = self.draft
        if assigns:
            draft.assign(name, value, value.boxed)
            return
        local, reads = value.text, value.reads
        if name in draft.assigned:  # the loop needs its own
            local, reads = draft.name("v"), ""
            draft.out.line(f"{local} = {value.text}")
        boxed = draft.shadow(name, value.boxed)
        draft.variables.append(Variable(name, local, boxed, reads=reads))


_WALK: Final[Mapping[type[Node], Callable[..., None]]] = {
    ActionNode: _Generator._action,
    BreakNode: lambda self, _: self._leave("break"),
    CommentNode: lambda *_: None,
    ContinueNode: lambda self, _: self._leave("continue"),
    IfNode: _Generator._if,
    ProbeNode: _Generator._probe,
    RangeNode: _Generator._range,
    TemplateNode: _Generator._template,
    TextNode: lambda self, node: self.draft.out.segment.append(node.text),
    WithNode: _Generator._with,
}
