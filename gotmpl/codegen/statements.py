"""Tree to Python source: one function for a template, one line for what it writes at a time.

Pure and deterministic: the same tree and the same signatures give the same text. Knows no values
and runs nothing. CPython refuses 21 nested loops and 100 levels of indentation, so deep blocks
become functions of their own.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from gotmpl.codegen.expressions import Expressions
from gotmpl.codegen.python import Function, Piece, Place, Printed, join
from gotmpl.codegen.state import Callee, Draft, Metered
from gotmpl.codegen.unit import ENTRY, Unit
from gotmpl.codegen.values import Boxed, Known, Local, Look, Value
from gotmpl.codegen.variables import (
    NamesIn,
    Variable,
    assigned,
    breaks,
    continues,
    is_quick,
    mixed,
    names_in,
    settings,
)
from gotmpl.fmt.printing import to_text
from gotmpl.limits import SHORT
from gotmpl.strconv.quoting import quote
from gotmpl.syntax.nodes import (
    ActionNode,
    BranchNode,
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
_MAX_NESTING_METERED: Final = 9  # a loop may be two
_MOST_PIECES: Final = 60  # of a segment: it is held twice while it is written
_MOST_MADE: Final = 16  # results of functions that limits count together
_MAX_CHAIN: Final = 200  # of `elif`, on which CPython's compiler recurses
# Python for the text of a value of a known type, which an f-string prints.
_TEXTS: Final[Mapping[type | None, str]] = {
    str: "{}",
    int: "{}",
    bool: "'true' if {} else 'false'",
}
_WRITTEN_IN_PLACE: Final = (str, int, float, bool)
_IN_SEGMENTS: Final = frozenset({ActionNode, CommentNode, TextNode})


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
    return _Generator(tree, functions, defined, metered).unit(entry)


class _Turns(enum.Enum):
    """How the turns of a loop are held to limits."""

    FREE = "there are none"
    COUNTED = "counted before the loop begins, or where that cannot be, each with a tick"
    IN_LOTS = "with a check from time to time"
    TICKING = "each with a tick"


@dataclass(slots=True)
class _Outlined:
    """A block to be emitted as its own function, with the scope it starts in."""

    function: Function
    body: ListNode
    dot: Local | Known
    variables: list[Variable]
    targets: list[str]
    in_loop: bool


@dataclass(slots=True)
class _Generator:
    tree: Tree
    functions: Mapping[str, Callee | None]
    defined: Mapping[str, bool]
    metered: Metered
    draft: Draft = field(init=False)
    assigned: frozenset[str] = frozenset()  # variables that are assigned anywhere
    names: Mapping[Node, NamesIn] = field(default_factory=dict)  # filled when first needed
    expressions: Expressions = field(init=False)
    outlined: list[_Outlined] = field(default_factory=list)
    lots: dict[TemplateNode, str] = field(default_factory=dict)  # of loops that count the calls
    nesting: int = 0
    loops: int = 0  # how many loops of the function being printed are open
    in_loop: bool = False  # whether the function being printed stands in a loop of another
    targets: list[str] = field(default_factory=list)  # what an outlined function returns

    @property
    def takes(self) -> str:
        """The first parameters of every function."""
        return "out" if self.metered is Metered.NOT else "out, meter"

    @property
    def most_nesting(self) -> int:
        """How deep blocks may nest in one function."""
        return _MAX_NESTING if self.metered is Metered.NOT else _MAX_NESTING_METERED

    def unit(self, name: str) -> Unit:
        root = self.tree.root
        set_here = list(settings(root))
        self.assigned = assigned(set_here)
        self.draft = Draft(self.functions, mixed(set_here), self.metered)
        self.expressions = Expressions(self.draft)
        entry = Function(f"def {name}({self.takes}, d0)")
        self._enter(entry, Local("d0"), [])
        dot = self.draft.dot = self.draft.as_dot(Local("d0"))
        if "$" in self.assigned:
            self.draft.declare("$", dot)
        else:
            self.draft.variables.append(Variable("$", "d0", is_dict=dot.is_dict))
        self._list(root)
        functions = [entry]
        for block in self.outlined:  # the loop body appends to it
            functions.append(block.function)
            self.targets, self.in_loop = block.targets, block.in_loop
            self._enter(block.function, block.dot, block.variables)
            self._list(block.body)
            block.function.line(self._return_signal(0))
        made = self.draft
        return Unit(join(functions, made.tracked), made.nodes, made.names)

    def _enter(self, function: Function, dot: Local | Known, variables: list[Variable]) -> None:
        self.draft.out, self.draft.dot = function, dot
        self.draft.variables = variables
        self.nesting = self.loops = 0
        self.draft.once = not self.in_loop and self.tree.name == self.tree.source.name

    # -- Lists

    def _list(self, body: ListNode) -> None:
        """Print the nodes of a list, in place or, where that is too deep, as a function."""
        if self.nesting == self.most_nesting:
            self._outline(body)
            return
        self.nesting += 1
        for node in body.nodes:
            kind = type(node)
            if kind not in _IN_SEGMENTS or len(self.draft.out.segment) > _MOST_PIECES:
                self.draft.flush()
            _WALK[kind](self, node)
        self.draft.flush()
        self.nesting -= 1

    def _outline(self, body: ListNode, *, breaks: bool = True) -> None:
        """Print a list as a function; `breaks`: whether `{{break}}` in it ends the range around."""
        made = self.draft
        variables, changed = self._visible(body)
        targets = [variable.local for variable in changed]
        targets += [variable.boxed.code for variable in changed if variable.name in made.mixed]
        takes: list[str] = []
        if isinstance(made.dot, Local):
            takes += [made.dot.text, made.dot.is_dict, *made.dot.boxed.reads]
        for variable in variables:
            takes += [variable.local, variable.is_dict, *variable.boxed.reads]
        takes = list(dict.fromkeys(filter(None, takes)))
        made.tracked.update(takes)
        function = made.name("b")
        arguments = ", ".join([self.takes, *takes])
        header = Function(f"def {function}({arguments})", node=made.out.node)
        in_loop = self.in_loop or self.loops > 0
        block = _Outlined(header, body, made.dot, variables, targets, in_loop)
        self.outlined.append(block)
        signal = made.name("s")
        made.out.line(f"{', '.join([signal, *targets])}, = {function}({arguments})")
        if in_loop:
            self._propagate_signal(signal, breaks=breaks)

    def _visible(self, body: ListNode) -> tuple[list[Variable], list[Variable]]:
        """Return the variables in scope that a list uses, and those of them that it assigns.

        There may be thousands of others in scope.
        """
        if not self.names:
            self.names = names_in(self.tree.root)
        here = [self.names[node] for node in body.nodes]
        used = set[str]().union(*(node.used for node in here))
        changed = set[str]().union(*(node.assigned for node in here))
        found = []
        for variable in reversed(self.draft.variables):
            if variable.name in used:
                found.append(variable)
                if not variable.unsure:  # it hides those of its name before it
                    used.remove(variable.name)
        found.reverse()
        return found, [variable for variable in found if variable.name in changed]

    def _propagate_signal(self, signal: str, *, breaks: bool) -> None:
        """Break or continue the loop if the outlined block returned that signal."""
        out = self.draft.out
        if breaks:
            with out.block(f"if {signal} == 1"):
                out.line("break" if self.loops else self._return_signal(1))
        with out.block(f"if {signal} == 2"):
            out.line("continue" if self.loops else self._return_signal(2))

    def _return_signal(self, signal: int) -> str:
        return f"return {', '.join([str(signal), *self.targets])},"

    # -- Simple nodes

    def _text(self, node: TextNode) -> None:
        self.draft.write(node.text)

    def _comment(self, node: CommentNode) -> None:
        """Print nothing for a comment."""

    def _action(self, node: ActionNode) -> None:
        """Print the value of a pipeline (Go: printValue), or set variables."""
        made = self.draft
        value = self.expressions.pipeline(node.pipe)
        if node.pipe.decl:
            return
        made.visit(node)
        if isinstance(value, Known) and type(value.value) in _WRITTEN_IN_PLACE:
            made.write(to_text(value.value))
            return
        taken = isinstance(value, Local) and value.is_temporary
        name = value.code() if taken else made.temporary()
        for line, place in self._printed(value, name):
            made.out.line(line, place)
        made.write_value(name, is_made=bool(value.unchecked))
        if value.unchecked and _made(made.out.segment) == _MOST_MADE:
            made.flush()

    def _printed(self, value: Value, name: str) -> Iterable[tuple[str, Place | None]]:
        """Yield the lines that make a variable hold what an action prints, and their places."""
        code = value.unchecked or value.quick()  # what is written is measured
        if value.exact in _TEXTS:
            yield f"{name} = {_TEXTS[value.exact]}".format(code), value.place
        elif isinstance(value, Look) and value.once:
            yield f"{name} = {value.shown()}", None
        elif self.draft.once and not value.place:
            yield f"{name} = show({code})", None
        else:
            if code != name:
                yield f"{name} = {code}", value.place
            text = value.shown(name) if isinstance(value, Look) else f"show({name})"
            test = "is not str" if value.place else "not in PLAIN"  # most functions return texts
            yield f"if type({name}) {test}: {name} = {text}", None

    def _break(self, _: BreakNode) -> None:
        self.draft.out.line("break" if self.loops else self._return_signal(1))

    def _continue(self, _: ContinueNode) -> None:
        self.draft.out.line("continue" if self.loops else self._return_signal(2))

    def _template(self, node: TemplateNode) -> None:
        made = self.draft
        at = made.visit(node)
        if not self.defined[node.name]:
            made.out.line(made.fail(f"template {quote(node.name)} not defined").code())
            return
        value = self.expressions.pipeline(node.pipe)
        if value.place:
            value = made.hoist(value)
        templates = made.names.templates
        local = templates.setdefault(node.name, f"t{len(templates)}")
        self._tick(node)
        made.out.line(f"{local}({self.takes}, {value.code()})", Place(at))

    def _tick(self, node: TemplateNode) -> None:
        """Print the tick of a call, unless the turn of a loop stands for it."""
        in_loop = self.loops or self.in_loop
        if self.metered is Metered.NOT or (self.metered is Metered.IN_PART and in_loop):
            return
        lot = self.lots.get(node)
        test = f"if type({lot}) is compress: " if lot else ""
        self.draft.out.line(f"{test}next(meter.ticks)")

    def _probe(self, node: ProbeNode) -> None:
        made = self.draft
        made.out.line(f"visit({made.bind(node.visit, 'k')})")

    # -- Branches

    def _if(self, node: IfNode) -> None:
        """Go: walkIfOrWith; an `else if` becomes an `elif` where that is possible."""
        made, out = self.draft, self.draft.out
        mark = len(made.variables)
        keyword, length = "if", 0
        condition = self.expressions.condition(node.pipe)
        while True:
            visible = len(made.variables)
            with out.branch(keyword, condition):
                self._list(node.list)
            del made.variables[visible:]
            other_list = node.else_list
            if other_list is None:
                break
            before = len(out.lines)
            match other_list.nodes:
                case (IfNode() as other,):
                    condition = self.expressions.condition(other.pipe)
                    if len(out.lines) == before and length < _MAX_CHAIN:
                        keyword, node, length = "elif", other, length + 1
                        continue
                    del out.lines[before:], made.variables[visible:]
            with out.block("else"):
                write = self._outline if length == _MAX_CHAIN else self._list
                write(other_list)
            break
        del made.variables[mark:]

    def _with(self, node: WithNode) -> None:
        made, out = self.draft, self.draft.out
        mark, outer = len(made.variables), made.dot
        dot = made.hoist(self.expressions.pipeline(node.pipe), "d")
        visible = len(made.variables)
        with out.block(f"if {self.expressions.tested(dot)}"):
            made.dot = dot if isinstance(dot, Known) else made.as_dot(dot)
            self._list(node.list)
            made.dot = outer
        del made.variables[visible:]
        self._else(node)
        del made.variables[mark:]

    def _else(self, node: BranchNode) -> None:
        if node.else_list is not None:
            with self.draft.out.block("else"):
                self._list(node.else_list)

    def _range(self, node: RangeNode) -> None:
        made, out = self.draft, self.draft.out
        mark = len(made.variables)
        value = self.expressions.pipeline(node.pipe, sets=False)
        collection = made.name("c")
        out.line(f"{collection} = {value.code()}", value.place)
        at = made.here()
        whole = Local(collection)
        for variable in node.pipe.decl:  # Go: evalPipeline sets them, before there is an element
            if node.pipe.is_assign:
                made.assign(variable.ident[0], whole)
            elif node.else_list is not None:
                made.declare(variable.ident[0], whole)
        place = Place(made.at if isinstance(made.at, int) else made.number(node.pipe))
        if node.else_list is None:
            self._loop(node, collection, self._items(node, collection, at), place)
        else:
            visible = list(made.variables)
            run = made.name("r")
            items, listed, found = _iterated(node, collection, at)
            out.line(f"{run} = {items} if {listed} else {found}", place)
            with out.block(f"if {run}"):
                self._loop(node, collection, self._held(node, run), place)
            made.variables = visible
            with out.block("else"):
                if breaks(node.else_list):  # Go: which leaves this range, although it has ended
                    self._outline(node.else_list, breaks=False)
                else:
                    self._list(node.else_list)
        del made.variables[mark:]

    def _items(self, node: RangeNode, collection: str, at: str) -> str:
        """Return Python for what a loop iterates over: a list as it is; with limits, counted."""
        whole, listed, found = _iterated(node, collection, at)
        turns = self._turns(node)
        if turns is _Turns.IN_LOTS and len(node.pipe.decl) > 1:
            lots = f"meter.numbered({collection}{self._cost(node)})"
            return f"{lots} if {listed} else {self._held(node, found)}"
        if turns is not _Turns.COUNTED:
            return self._held(node, f"{whole} if {listed} else {found}")
        held = self._held(node, found)
        if self.metered is Metered.WHOLE:
            left = self._count_turns(collection)
            return f"({whole} if {listed} else {found}) if {left} >= 0 else {held}"
        size = f"len({collection})"
        free = f"({size} < {SHORT} or meter.takes({size}))"
        of_dict = f"{found} if type({collection}) in DICTS and {free}"
        return f"{whole} if {listed} and {free} else {of_dict} else {held}"

    def _count_turns(self, collection: str) -> str:
        """Print what counts the turns of a loop; return what is negative if they are too many."""
        left, out = self.draft.name("n"), self.draft.out
        counted = f"type({collection}) in COUNTED"
        out.line(f"{left} = meter.free - len({collection}) if {counted} else -1")
        out.line(f"if {left} >= 0: meter.free = {left}")
        return left

    def _held(self, node: RangeNode, items: str) -> str:
        """Return Python for what a loop iterates over, held to the limits if there are any."""
        match self._turns(node):
            case _Turns.FREE:
                return items
            case _Turns.COUNTED:
                return f"meter.turns({items})"
            case _Turns.IN_LOTS:
                return f"meter.lots({items}{self._cost(node)})"
            case _Turns.TICKING:
                return f"compress({items}, meter.ticks)"

    def _turns(self, node: RangeNode) -> _Turns:
        """Return how a loop is held to limits."""
        if self.metered is Metered.NOT:
            return _Turns.FREE
        if self.metered is Metered.WHOLE and breaks(node.list):
            return _Turns.TICKING
        return _Turns.COUNTED if is_quick(node.list, self._is_quick) else _Turns.IN_LOTS

    def _cost(self, node: RangeNode) -> str:
        """Return the argument for the steps of a turn, if there is one."""
        if self.metered is Metered.IN_PART:
            return ""
        return f", {1 + len(self._counted_calls(node))}"

    def _counted_calls(self, node: RangeNode) -> list[TemplateNode]:
        """Return the calls of templates in each turn of a loop, which count as one with it."""
        if (
            self.metered is Metered.IN_PART
            or len(node.pipe.decl) > 1
            or continues(node.list)
            or self.nesting == _MAX_NESTING_METERED
        ):
            return []
        return [one for one in node.list.nodes if isinstance(one, TemplateNode)]

    def _is_quick(self, name: str) -> bool:
        """Return whether a function is a builtin that calls no other."""
        known = self.functions[name]
        return known is not None and known.builtin and name != "call"

    def _loop(self, node: RangeNode, collection: str, items: str, place: Place) -> None:
        """Print the loop itself (Go: walkRange, oneIteration)."""
        made, out, outer = self.draft, self.draft.out, self.draft.dot
        mark = len(made.variables)
        element = Local(made.name("d"), boxed=Boxed(collection, (collection,)))
        index = Local(made.name("i"))
        target = f"{index.text}, {element.text}" if len(node.pipe.decl) > 1 else element.text
        with self._turning(node, target, items, place):
            made.dot = element = made.as_dot(element)
            turn = [index, element][-len(node.pipe.decl) :] if node.pipe.decl else []
            for variable, value in zip(node.pipe.decl, turn, strict=True):
                self._bind_loop_variable(variable.ident[0], value, assigns=node.pipe.is_assign)
            once, made.once = made.once, False
            self.loops += 1
            self._list(node.list)
            self.loops -= 1
            made.once, made.dot = once, outer
        del made.variables[mark:]

    @contextmanager
    def _turning(self, node: RangeNode, target: str, items: str, place: Place) -> Iterator[None]:
        """Print what follows as the body of a loop, or of one over lots and one in it."""
        out = self.draft.out
        if self._turns(node) is not _Turns.IN_LOTS:
            with out.block(f"for {target} in {items}", place):
                yield
            return
        lot = self.draft.name("l")
        for call in self._counted_calls(node):
            self.lots[call] = lot
        with out.block(f"for {lot} in {items}", place):
            with out.block(f"for {target} in {lot}", place):
                yield
            if breaks(node.list):
                with out.block("else"):
                    out.line("continue")
                out.line("break")

    def _bind_loop_variable(self, name: str, value: Local, *, assigns: bool) -> None:
        """Bind a range's variable to its value for one turn."""
        made = self.draft
        if assigns:
            made.assign(name, value, value.boxed)
            return
        local, is_dict = value.text, value.is_dict
        if name in self.assigned:  # the loop needs its own
            local, is_dict = made.name("v"), ""
            made.out.line(f"{local} = {value.text}")
        boxed = made.shadow(name, value.boxed)
        made.variables.append(Variable(name, local, boxed, is_dict=is_dict))


def _made(segment: Iterable[Piece]) -> int:
    """Return how many results of functions a segment has."""
    return sum(isinstance(piece, Printed) and piece.is_made for piece in segment)


def _iterated(node: RangeNode, collection: str, at: str) -> tuple[str, str, str]:
    """Return Python for a list's items, for whether it is a list, and for the items of others."""
    if len(node.pipe.decl) > 1:
        # An `enumerate` is true even if the list is empty.
        listed = f"type({collection}) is list and {collection}"
        return f"enumerate({collection})", listed, f"pairs({collection}, {at})"
    return collection, f"type({collection}) is list", f"each({collection}, {at})"


_WALK: Final[Mapping[type[Node], Callable[..., None]]] = {
    ActionNode: _Generator._action,
    BreakNode: _Generator._break,
    CommentNode: _Generator._comment,
    ContinueNode: _Generator._continue,
    IfNode: _Generator._if,
    ProbeNode: _Generator._probe,
    RangeNode: _Generator._range,
    TemplateNode: _Generator._template,
    TextNode: _Generator._text,
    WithNode: _Generator._with,
}
