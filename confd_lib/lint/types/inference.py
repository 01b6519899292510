"""Inference over the trees of a template: what its expressions may be, and what must fail.

A key's value is always text, whatever it is; what functions take and give is tried on samples. Only
what fails for every sample is reported. The module does not know rules nor resources.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from graphlib import CycleError, TopologicalSorter
from typing import Final

from confd_lib.funcs.readers import READERS
from confd_lib.lint.types import operations, shapes, trials
from confd_lib.lint.types.calls import assigned, place_of
from confd_lib.lint.types.shapes import UNKNOWN, Value
from confd_lib.lint.types.trials import Tried
from gotmpl import BUILTINS, nodes

# Parentheses nested deeper than this are ignored.
_MAX_DEPTH: Final = 60
# A range with so many variables, and what it passes on.
_RANGES: Final = (("", "."), ("$v := ", "$v"), ("$k, $v := ", "$k $v"))
_OF_ANOTHER_RULE: Final = "wrong number of args"
# An error that printf writes into its output.
_BAD_VERB: Final = re.compile(r"%!.?\([^)]*\)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Problem:
    """A fault in an expression.

    Attributes:
        rule: the rule that reports it.
        line: the line of the template.
        column: the column, from 1.
        message: the fault.
    """

    rule: str
    line: int
    column: int
    message: str


@dataclass(slots=True)
class _Variable:
    """A variable in its scope.

    Attributes:
        value: what it may be.
        pos: its declaration.
        shadows: whether an action declares it in a block, and hides one of that name outside.
        is_read: whether an expression reads it.
    """

    value: Value
    pos: int = 0
    shadows: bool = False
    is_read: bool = False


@dataclass(frozen=True, slots=True)
class _Scope:
    """A list of nodes with what is known where it begins.

    Attributes:
        list: the nodes.
        cursor: what `.` may be.
        variables: the variables in scope, by name.
        outer: the names that were declared outside the block.
        is_guarded: whether a condition around it asks the store.
        is_dead: whether it never runs.
    """

    list: nodes.ListNode
    cursor: Value
    variables: dict[str, _Variable]
    outer: frozenset[str] = frozenset()
    is_guarded: bool = False
    is_dead: bool = False

    def inner(self, nodes_: nodes.ListNode, **changes: object) -> _Scope:
        """Return the scope of a block inside this one."""
        copied = dict(self.variables)
        return replace(self, list=nodes_, variables=copied, **changes)  # type: ignore[arg-type]  # fields of _Scope


@dataclass(frozen=True, slots=True)
class _Result:
    """The outcomes of a trial.

    Attributes:
        reason: the first reason for a failure; empty if nothing failed.
        good: the outcomes of those that did not fail.
    """

    reason: str
    good: tuple[trials.Outcome, ...]


def problems(
    trees: Mapping[str, nodes.Tree], compat: str, data: Value = UNKNOWN, main: str = ""
) -> tuple[Problem, ...]:
    """Return what must fail, can never be true, or never runs in the templates of a file.

    Args:
        trees: the templates, by name.
        compat: the functions they may call, as `confd_lib.funcs.functions` takes it.
        data: what `.` is in the main template.
        main: its name.

    >>> import gotmpl
    >>> tree = gotmpl.parse("t", '{{eq (getv "/a") 1}}', funcs=["eq", "getv"])
    >>> [(one.rule, one.column) for one in problems(tree, "")]
    [('comparison-types', 3)]
    """
    given: dict[str, list[Value]] = {main: [data]}
    found: dict[str, list[Problem]] = {}
    for name, in_circle in _callers_first(trees):
        known = shapes.union(given.get(name, [UNKNOWN]))
        walk = _Walk(trees[name], compat, UNKNOWN if in_circle else known)
        found[name] = list(walk.run())
        for called, value in walk.given:
            given.setdefault(called, []).append(value)
    return tuple(problem for name in trees for problem in found[name])


def _callers_first(trees: Mapping[str, nodes.Tree]) -> Iterator[tuple[str, bool]]:
    """Yield the names of templates, those that call others first, and whether that is a circle."""
    callers = TopologicalSorter[str](dict.fromkeys(trees, ()))
    for name, tree in trees.items():
        for called in _called(tree):
            if called in trees:
                callers.add(called, name)
    with contextlib.suppress(CycleError):  # those outside circles are still given
        callers.prepare()
    left = dict.fromkeys(trees)
    while ready := callers.get_ready():
        for name in ready:
            del left[name]
            yield name, False
        callers.done(*ready)
    yield from ((name, True) for name in left)


def _called(tree: nodes.Tree) -> Iterator[str]:
    """Yield the names of the templates that a template calls."""
    lists = [tree.root]
    while lists:
        for node in lists.pop().nodes:
            if isinstance(node, nodes.TemplateNode):
                yield node.name
            elif isinstance(node, nodes.BranchNode):
                lists += filter(None, (node.list, node.else_list))


@dataclass(slots=True)
class _Walk:
    """A walk over one tree.

    Attributes:
        tree: the tree.
        compat: the functions that it may call.
        data: what `.` is where the tree begins.
        unsure: the variables that are assigned with `=`, whose values count as unknown.
        found: the problems so far.
        declared: the variables that hide others.
        given: the templates that it calls, and what it gives them.
        scope: the list of nodes that is walked.
        depth: the number of pipelines around an expression.
        reads: the number of calls so far that ask the store.
        asks: whether the pipeline of the node asks the store.
    """

    tree: nodes.Tree
    compat: str
    data: Value
    unsure: set[str] = field(init=False)
    found: list[Problem] = field(default_factory=list)
    declared: list[tuple[str, _Variable]] = field(default_factory=list)
    given: list[tuple[str, Value]] = field(default_factory=list)
    scope: _Scope = field(init=False)
    depth: int = 0
    reads: int = 0
    asks: bool = False

    def run(self) -> Iterator[Problem]:
        self.unsure, root = set(assigned(self.tree.root)), {"$": _Variable(self.data)}
        pending = [_Scope(self.tree.root, self.data, root)]
        while pending:
            self.scope = pending.pop()
            inner: list[_Scope] = []
            for node in self.scope.list.nodes:
                inner += self._node(node)
            pending += reversed(inner)
        for name, variable in self.declared:
            if not variable.is_read:
                message = f"this {name} hides the one outside the block, and is never read"
                self._report("shadowed-variable", variable.pos, message)
        yield from self.found

    def _report(self, rule: str, pos: int, message: str) -> None:
        self.found.append(Problem(rule, *place_of(self.tree.source, pos), message))

    def _fails(self, rule: str, node: nodes.Node, message: str) -> Value:
        if not self.scope.is_dead:
            self._report(rule, node.pos, message)
        return UNKNOWN

    # -- Control structures

    def _node(self, node: nodes.Node) -> Iterator[_Scope]:
        pipe = getattr(node, "pipe", None)
        before = self.reads
        value = self._pipe(pipe) if isinstance(pipe, nodes.PipeNode) else UNKNOWN
        if isinstance(node, nodes.TemplateNode) and not self.scope.is_dead:
            # A template is made for any value: only the type of a constant matters.
            self.given.append((node.name, shapes.general(value)))
        if pipe is None:
            return
        self.asks = self.reads > before
        if isinstance(node, nodes.RangeNode):
            yield from self._range(node, value)
        elif isinstance(node, nodes.BranchNode):
            yield from self._branch(node, value)
        elif not pipe.is_assign:
            for one in pipe.decl:
                self._declare(one, value)

    def _declare(self, node: nodes.VariableNode, value: Value) -> None:
        name = node.ident[0]
        shadows = name in self.scope.outer and not self.scope.is_dead
        known = UNKNOWN if name in self.unsure else value
        variable = self.scope.variables[name] = _Variable(known, node.pos, shadows)
        if shadows:
            self.declared.append((name, variable))

    def _range(self, node: nodes.RangeNode, value: Value) -> Iterator[_Scope]:
        # A constant may have any number of elements: only their type matters.
        key, element = self._elements(node, shapes.general(value))
        names = [] if node.pipe.is_assign else [one.ident[0] for one in node.pipe.decl]
        values = (element,) if len(names) == 1 else (key, element)
        bound = dict(zip(names, values, strict=False))
        dead = bool(value.shapes) and value.exact and True not in value.tests
        yield from self._blocks(node, bound, element, dead=(dead, False))

    def _elements(self, node: nodes.RangeNode, value: Value) -> tuple[Value, Value]:
        """Return the keys and elements that a range over a value gives."""
        names, shown = _RANGES[len(node.pipe.decl)]
        text = f"{{{{range {names}.a0}}}}{{{{record {shown}}}}}{{{{end}}}}"
        keys: list[object] = []
        elements: list[Value] = []
        is_possible = False
        for shape in value.shapes:
            tried = self._try(text, [shape.samples])
            rows = [one.values for one in tried.good if one.values]
            is_possible = is_possible or bool(tried.good)
            keys += [row[0] for row in rows]
            inside = shapes.like(row[-1] for row in rows)
            if tried.good:
                elements.append(shapes.members(shape.members) if shape.members else inside)
        if value.shapes and not is_possible:
            message = f"range cannot go over {shapes.names(value)}: {operations.short(node.pipe)}"
            self._fails("range-type", node.pipe, message)
        return shapes.like(keys), shapes.union(elements)

    def _branch(self, node: nodes.BranchNode, value: Value) -> Iterator[_Scope]:
        tests = value.tests if value.shapes else {True, False}
        dead = (True not in tests, False not in tests)
        moves = isinstance(node, nodes.WithNode)
        true = tuple(one for one in value.shapes if True in Value((one,)).tests)
        cursor = replace(value, shapes=true) if moves else self.scope.cursor
        names = [] if node.pipe.is_assign else [one.ident[0] for one in node.pipe.decl]
        yield from self._blocks(node, dict.fromkeys(names, value), cursor, dead=dead)

    def _blocks(
        self,
        node: nodes.BranchNode,
        bound: Mapping[str, Value],
        cursor: Value,
        *,
        dead: tuple[bool, bool],
    ) -> Iterator[_Scope]:
        """Yield the two blocks of a control structure, and report one that never runs."""
        scope = self.scope
        outer = frozenset(scope.variables) | frozenset(bound)
        guarded = scope.is_guarded or self.asks
        blocks = ((node.list, cursor, "block"), (node.else_list, scope.cursor, "else"))
        for (body, at, name), is_dead in zip(blocks, dead, strict=True):
            if body is None:
                continue
            if is_dead and body.nodes:
                always = "false" if name == "block" else "true"
                message = f"{operations.short(node.pipe)} is always {always}: the {name} never runs"
                self._fails("dead-branch", node.pipe, message)
            inner = scope.inner(
                body, cursor=at, outer=outer, is_guarded=guarded, is_dead=is_dead or scope.is_dead
            )
            for one, value in bound.items():
                inner.variables[one] = _Variable(UNKNOWN if one in self.unsure else value)
            yield inner

    # -- Expressions

    def _pipe(self, pipe: nodes.PipeNode) -> Value:
        if self.depth > _MAX_DEPTH:
            return UNKNOWN
        self.depth += 1
        value: Value | None = None
        for command in pipe.cmds:
            value = self._command(command, value)
        self.depth -= 1
        return value or UNKNOWN

    def _command(self, command: nodes.CommandNode, piped: Value | None) -> Value:
        first, *rest = command.args
        values = [self._operand(one) for one in rest]
        if isinstance(first, nodes.IdentifierNode):
            return self._call(command, first.ident, values, piped)
        if not rest and piped is None:
            return self._operand(first)
        *inner, last = self._fields(first) or ("",)
        base = self._members(first, self._base(first), inner)
        return self._method(command, base, last, [*values, *([piped] if piped else [])])

    def _operand(self, node: nodes.Node) -> Value:
        match node:
            case nodes.StringNode(text=constant) | nodes.BoolNode(value=constant):
                return shapes.exactly(constant)
            case nodes.NilNode():
                return shapes.exactly(None)
            case nodes.NumberNode():
                return self._number(node)
            case nodes.PipeNode():
                return self._pipe(node)
            case nodes.IdentifierNode():
                return self._command(nodes.CommandNode(node.pos, (node,)), None)
            case nodes.VariableNode() | nodes.FieldNode() | nodes.ChainNode() | nodes.DotNode():
                return self._members(node, self._base(node), self._fields(node))
        return UNKNOWN

    def _number(self, node: nodes.NumberNode) -> Value:
        """Return the value of the type that Go gives a number where any type will do."""
        tried = self._try(f"{{{{record {node}}}}}", [])
        return shapes.exactly(tried.good[0].values[0]) if tried.good else UNKNOWN

    def _base(self, node: nodes.Node) -> Value:
        """Return the value whose fields a node takes."""
        match node:
            case nodes.VariableNode(ident=(name, *_)) if name in self.scope.variables:
                variable = self.scope.variables[name]
                variable.is_read = True
                return variable.value
            case nodes.ChainNode(node=inner):
                return self._operand(inner)
            case nodes.FieldNode() | nodes.DotNode():
                return self.scope.cursor
        return UNKNOWN

    def _fields(self, node: nodes.Node) -> Sequence[str]:
        match node:
            case nodes.VariableNode(ident=(_, *names)):
                return names
            case nodes.ChainNode(fields=names) | nodes.FieldNode(ident=names):
                return names
        return ()

    def _members(self, node: nodes.Node, base: Value, names: Sequence[str]) -> Value:
        for name in names:
            base = self._method(node, base, name, [])
        return base

    def _method(self, node: nodes.Node, base: Value, name: str, operands: Sequence[Value]) -> Value:
        """Return the field of a value, or the result of its method."""
        if not base.shapes or not name:
            return UNKNOWN
        places = " ".join(f".a{i}" for i in range(1, len(operands) + 1))
        text = f"{{{{record (.a0.{name} {places})}}}}"
        reason, given = "", []
        for shape in base.shapes:
            if shape.members:
                given.append(shapes.members(shape.members))
                continue
            tried = self._try(text, [shape.samples, *(one.samples for one in operands)])
            reason = reason or tried.reason
            given += [shapes.like(one.values) for one in tried.good]
            if not tried.reason and not tried.good:
                return UNKNOWN
        if not given:
            reason = reason.replace(" in type interface {}", f" in type {shapes.names(base)}")
            rule = "unknown-field" if "field" in reason else "argument-type"
            return self._fails(rule, node, f"{operations.short(node)} always fails: {reason}")
        return shapes.union(given)

    # -- Calls

    def _call(
        self, command: nodes.CommandNode, name: str, values: Sequence[Value], piped: Value | None
    ) -> Value:
        operands = [*values, *([piped] if piped is not None else [])]
        self.reads += name in READERS
        if name in ("and", "or"):
            return self._either(command, name, values, piped)
        if (name not in trials.functions(self.compat) and name not in BUILTINS) or name == "call":
            return UNKNOWN
        # What stands behind the first index is not known well enough.
        text, samples = operations.text_of(
            command, name, operands[:2] if name == "index" else operands
        )
        is_exact = name not in trials.OUTSIDE and all(one.exact for one in operands)
        tried = self._try(text, samples, Tried.VALUES if is_exact else Tried.TEXTS)
        if tried.reason and not tried.good:
            is_typed = not self._try(text, samples, Tried.TYPES).good
            may_be_nil = any(one is None for value in operands for one in value.samples)
            verb = "is never true" if name == "eq" and may_be_nil else "always fails"
            reason = f"{verb}: {tried.reason}"
            return self._failed(command, name, reason, is_typed=is_typed)
        if name == "printf":
            self._check_verbs(command, operands[0], tried.good)
        if name in operations.INDEXING:
            return operations.indexed(operands, tried.good)
        return self._result(name, operands, tried.good, is_exact=is_exact)

    def _failed(
        self, command: nodes.CommandNode, name: str, reason: str, *, is_typed: bool
    ) -> Value:
        if name not in BUILTINS and _OF_ANOTHER_RULE in reason:
            return UNKNOWN
        of_types = "comparison-types" if name in operations.COMPARISONS else "argument-type"
        message = f"{operations.short(command)} {reason}"
        return self._fails(of_types if is_typed else "always-fails", command, message)

    def _check_verbs(
        self, command: nodes.CommandNode, form: Value, good: Sequence[trials.Outcome]
    ) -> None:
        if not form.exact or "%%!" in str(form.samples[0]):
            return
        wrong = [_BAD_VERB.search(str(one.values[0])) for one in good]
        first = wrong[0] if wrong else None
        if first is not None and all(wrong):
            shown = shapes.without_sample(first[0])
            self._fails("printf-verbs", command, f"{operations.short(command)} prints {shown}")

    def _result(
        self,
        name: str,
        operands: Sequence[Value],
        good: Sequence[trials.Outcome],
        *,
        is_exact: bool,
    ) -> Value:
        if name == "map":
            return shapes.mapped(operands[1::2])
        values = [one.values[0] for one in good]
        if is_exact and len(values) == 1:
            return shapes.exactly(values[0])
        result = shapes.like(values) if values else trials.result(name, self.compat)
        is_alone = name == "getv" and len(operands) == 1 and operands[0].exact
        return replace(result, key=str(operands[0].samples[0])) if is_alone else result

    def _either(
        self, command: nodes.CommandNode, name: str, values: Sequence[Value], piped: Value | None
    ) -> Value:
        operands = [*values, *([piped] if piped is not None else [])]
        if name == "or" and len(operands) > 1:
            self._check_default(command, operands, piped)
        return shapes.union(operands)

    def _check_default(
        self, command: nodes.CommandNode, operands: Sequence[Value], piped: Value | None
    ) -> None:
        """Report an `or` whose default is never or always given, for all that `getv` reads."""
        shown, key = operations.short(command), operands[0].key
        if key and operands[-1].exact and not self.scope.is_guarded:
            message = f"{shown}: without {key} getv fails, and or never gives its default"
            self._fails("or-after-getv", command, message)
        first = operands[0]
        if piped is not None and piped.key and first.exact and first.tests == {True}:
            message = f"{shown}: without {piped.key} getv fails, and else or always gives"
            self._fails("or-after-getv", command, f"{message} {command.args[1]}")

    def _try(
        self, text: str, samples: Sequence[Sequence[object]], tried: Tried = Tried.TEXTS
    ) -> _Result:
        outcomes = trials.outcomes(text, samples, self.compat, tried)
        reasons = [one.reason for one in outcomes if one.reason]
        good = tuple(one for one in outcomes if not one.reason)
        return _Result(reasons[0] if reasons else "", good)
