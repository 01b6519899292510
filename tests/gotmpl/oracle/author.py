"""Write random templates that mostly fit their data.

A template that fails at its first action tests one action. So most expressions have the kind that
their place needs, and only a few have another one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any, Final

from .invention import Inventor, elements, kind_of, paths
from .judge import Case
from .mirror import FUNCTIONS
from .random_questions import random_question
from .soup import soup
from .texts import lines

# Functions and methods of main.Person by the kind of their result, with the kinds of their
# arguments; and words by their kind.
CALLS: Final = {
    kind: [call.split() for call in lines("vocabulary", f"calls {kind}")]
    for kind in ("int", "float", "string", "bool", "list", "strings", "map", "any")
}
METHODS: Final = {
    kind: [call.split() for call in lines("vocabulary", f"methods {kind}")]
    for kind in ("int", "string", "any")
}
LITERALS: Final = {
    kind: lines("vocabulary", f"literals {kind}")
    for kind in ("int", "float", "number", "string", "bool", "zero", "small", "key", "nil", "any")
}
TEXTS: Final = lines("vocabulary", "texts")
WRONG: Final = lines("vocabulary", "wrong")
STAGES: Final = lines("vocabulary", "stages")
PLAIN_STAGES: Final = lines("vocabulary", "plain stages")
PRINTED: Final = [
    *("any", "any", "int", "int", "string", "string", "float", "bool", "list", "strings"),
    *("typed", "ints", "map", "bytes"),
]
VERBS: Final = "vvvvdsqxXtTfgeGEbcoOU"
FLAGS: Final = ["", "", "", "+", "-", "#", "0", " ", "+0", "-0", "# "]
NAMES: Final = ["A", "B", "C", "D"]
# Variables that are assigned, whether declared or not.
SET: Final = ["$x", "$y", "$v1", "$é", "$e", "$i", "$w", "$q", "$1", "$2x", "$12", "$日", "$é1"]
# Variables that are declared. Names that begin with digits, and others in other scripts, may become
# alike where letters of Python names are made of them.
DECLARED: Final = ["$x", "$x", "$y", "$v1", "$é", "$1", "$1x", "$2x", "$12", "$日", "$é1", "$ß"]
# Directives that print a percent sign, and take no argument.
PERCENT: Final = ["%%", "%%", "%5%", "%-3%", "%.3%", "%05%", "%+%"]
LINKS: Final = [".a", ".x", ".Name", ".zz.y", ".Nicknames", ".About.age"]
OPTIONS: Final = ["missingkey=default", "missingkey=invalid", "missingkey=zero", "missingkey=error"]
DELIMS: Final = [["<<", ">>"], ["[[", "]]"], ["{%", "%}"], ["", ">>"], ["{{", "}}"], ["|", "|"]]


@dataclass(frozen=True)
class Scope:
    """The names that are visible at one place: a sample of dot, and of each variable."""

    dot: Any
    root: Any
    variables: dict[str, Any] = field(default_factory=dict)
    in_range: bool = False
    templates: tuple[str, ...] = ()


class Author:
    """Write one template for data."""

    def __init__(self, random: Random, data: Any) -> None:
        self._random = random
        self._data = data
        self._known_paths: dict[int, list[tuple[str, Any]]] = {}

    # -- Chance

    def _chance(self, odds: float) -> bool:
        return self._random.random() < odds

    def _choice(self, things: Any) -> Any:
        return self._random.choice(things)

    # -- Structure

    def template(self) -> str:
        """Return a whole template: definitions, and a body that may use them."""
        scope = Scope(self._data, self._data)
        names: tuple[str, ...] = ()
        parts = []
        for name in NAMES[: self._choice([0, 0, 0, 1, 2])]:
            body = self._body(replace(scope, dot=self._sample(), templates=names), 2)
            parts.append(self._tag(f'define "{name}"') + body + self._tag("end"))
            names = (*names, name)
        parts.insert(
            self._random.randrange(len(parts) + 1), self._body(replace(scope, templates=names), 3)
        )
        return "".join(parts)

    def body(self) -> str:
        """Return actions that define nothing and may stand anywhere."""
        return self._body(Scope(self._data, self._data), 3)

    def _sample(self) -> Any:
        reached = [inner for _, inner in paths(self._data)]
        return self._choice(reached) if reached else self._data

    def _body(self, scope: Scope, depth: int) -> str:
        scope = replace(scope, variables=dict(scope.variables))
        return "".join(self._node(scope, depth) for _ in range(self._choice([1, 1, 2, 2, 3, 4])))

    def _tag(self, inside: str) -> str:
        left = "{{- " if self._chance(0.06) else self._choice(["{{", "{{", "{{", "{{ "])
        right = " -}}" if self._chance(0.06) else self._choice(["}}", "}}", "}}", " }}",
            "\n}}"] if self._chance(0.1) else ["}}"])  # fmt: skip
        return f"{left}{inside}{right}"

    def _node(self, scope: Scope, depth: int) -> str:
        writers = self._LEAVES if depth <= 0 else self._NODES
        return str(self._choice(writers)(self, scope, depth - 1))

    def _text(self, _: Scope, __: int) -> str:
        return str(self._choice(TEXTS))

    def _comment(self, _: Scope, __: int) -> str:
        return str(self._choice(["{{/* c */}}", "{{- /* c */ -}}", "{{/**/}}", "{{/*\n}} */}}"]))

    def _action(self, scope: Scope, _: int) -> str:
        return self._tag(
            self._pipeline(scope, self._choice(["any", "any", "string", "int", "bool", "float"]))
        )

    def _declaration(self, scope: Scope, _: int) -> str:
        name = self._choice(DECLARED)
        pipeline, sample = self._value(scope)
        known = name in scope.variables and self._chance(0.5)
        scope.variables[name] = sample
        return self._tag(f"{name} {'=' if known else ':='} {pipeline}")

    def _if(self, scope: Scope, depth: int) -> str:
        parts = [
            self._tag("if " + self._pipeline(scope, self._choice(["bool", "any"]))),
            self._body(scope, depth),
        ]
        for _ in range(self._choice([0, 0, 0, 1, 2])):
            parts += [
                self._tag("else if " + self._pipeline(scope, "any")),
                self._body(scope, depth),
            ]
        if self._chance(0.4):
            parts += [self._tag("else"), self._body(scope, depth)]
        return "".join([*parts, self._tag("end")])

    def _with(self, scope: Scope, depth: int) -> str:
        pipeline, sample = self._value(scope)
        inner = replace(scope, dot=sample, variables=dict(scope.variables))
        head = "with "
        if self._chance(0.25):
            head, inner.variables["$w"] = "with $w := ", sample
        parts = [self._tag(head + pipeline), self._body(inner, depth)]
        if self._chance(0.2):
            parts += [
                self._tag("else with " + self._pipeline(scope, "any")),
                self._body(replace(scope, dot=None), depth),
            ]
        if self._chance(0.3):
            parts += [self._tag("else"), self._body(scope, depth)]
        return "".join([*parts, self._tag("end")])

    def _range(self, scope: Scope, depth: int) -> str:
        pipeline, sample = self._collection(scope)
        inside = elements(sample)
        element = self._choice(inside) if inside else 1
        inner = replace(scope, dot=element, in_range=True, variables=dict(scope.variables))
        head = "range "
        shape = self._random.random()
        if shape < 0.25:
            head, inner.variables["$e"] = "range $e := ", element
        elif shape < 0.5:
            head = "range $i, $e := "
            inner.variables.update({"$i": 0, "$e": element})
        elif shape < 0.55 and {"$x", "$y"} <= scope.variables.keys():
            head = "range $x, $y = "
        parts = [self._tag(head + pipeline), self._body(inner, depth)]
        if self._chance(0.3):
            parts += [self._tag("else"), self._body(scope, depth)]
        return "".join([*parts, self._tag("end")])

    def _reset(self, scope: Scope, depth: int) -> str:
        """Return actions on the variables that a block sets, some of them out of scope."""
        name, other = self._choice(SET), self._choice(SET)
        if self._chance(0.5):
            return self._tag(f"{name} = {self._pipeline(scope, 'any')}")
        if self._chance(0.2):
            return self._tag(name + self._choice(["", " 1", *LINKS]))
        if self._chance(0.5):
            head, inner = f"range {name}, {other} = ", replace(scope, in_range=True)
            pipeline = self._collection(scope)[0]
        else:
            head, inner = f"{self._choice(['if', 'with'])} {name} = ", scope
            pipeline = self._pipeline(scope, "any")
        parts = [self._tag(head + pipeline), self._body(inner, depth)]
        if self._chance(0.3):
            parts += [self._tag("else"), self._body(scope, depth)]
        return "".join([*parts, self._tag("end")])

    def _leave(self, scope: Scope, depth: int) -> str:
        if not scope.in_range and self._chance(0.99):
            return self._action(scope, depth)
        leave = self._tag(self._choice(["break", "continue"]))
        if self._chance(0.7):
            return self._tag("if " + self._pipeline(scope, "bool")) + leave + self._tag("end")
        return leave

    def _call_template(self, scope: Scope, depth: int) -> str:
        if not scope.templates:
            return self._block(scope, depth) if self._chance(0.3) else self._action(scope, depth)
        argument = self._choice(["", " .", " " + self._pipeline(scope, "any")])
        return self._tag(f'template "{self._choice(scope.templates)}"{argument}')

    def _block(self, scope: Scope, depth: int) -> str:
        pipeline, sample = self._value(scope)
        inner = Scope(sample, sample)
        name = f"b{self._random.randrange(1000)}"
        return self._tag(f'block "{name}" {pipeline}') + self._body(inner, depth) + self._tag("end")

    _LEAVES: Final[list[Callable[[Author, Scope, int], str]]] = [_text, _text, _action, _action,
        _action, _declaration, _leave, _comment]  # fmt: skip
    _NODES: Final[list[Callable[[Author, Scope, int], str]]] = [*_LEAVES, _action, _if, _if, _with,
        _range, _range, _reset, _call_template]  # fmt: skip

    # -- Expressions

    def _pipeline(self, scope: Scope, kind: str) -> str:
        """Return a pipeline whose value is mostly of the kind."""
        if self._chance(0.25):
            first = self._expression(scope, self._choice(["any", "string", "int"]), 2)
            stages = [self._stage(scope) for _ in range(self._choice([1, 1, 2]))]
            return " | ".join([first, *stages])
        if self._chance(0.02):
            return f"$p := {self._expression(scope, kind, 2)}"
        return self._expression(scope, kind, 3)

    def _stage(self, scope: Scope) -> str:
        """Return a command to follow a pipe; mostly one that takes any value."""
        if self._chance(0.01):
            return self._operand(scope, "any", 1)
        return str(self._choice(PLAIN_STAGES if self._chance(0.6) else STAGES))

    def _expression(self, scope: Scope, kind: str, depth: int) -> str:
        """Return an expression without parentheses around it."""
        calls = CALLS.get(kind, [])
        if depth > 0 and calls and self._chance(0.5):
            return self._call(scope, kind, depth)
        return self._operand(scope, kind, depth)

    def _call(self, scope: Scope, kind: str, depth: int) -> str:
        if self._chance(0.005):
            return str(self._choice(["fail", "crash", "broken 1", 'check ""', "first list"]))
        name, *kinds = self._choice(CALLS[kind])
        if self._chance(0.06):
            name, *kinds = self._choice(METHODS.get(kind, METHODS["any"]))
            name = f"{self._person(scope)}.{name}"
        if self._chance(0.03):
            kinds = kinds[:-1] if self._chance(0.5) else [*kinds, "any"]
        return " ".join([name, *(self._argument(scope, each, depth - 1) for each in kinds)])

    def _person(self, scope: Scope) -> str:
        """Return a word for a value with methods; a new one if none is in scope."""
        found = [
            path
            for path, value in self._reachable(scope)
            if path != "." and isinstance(value, dict) and value.get("type") == "main.Person"
        ]
        return str(self._choice([*found, '(person "Ann" 30)']))

    def _argument(self, scope: Scope, kind: str, depth: int) -> str:
        if kind == "format":
            return self._format(scope, depth)
        return self._operand(scope, "any" if self._chance(0.03) else kind, depth)

    def _format(self, scope: Scope, depth: int) -> str:
        verbs, arguments = [], []
        for _ in range(self._choice([1, 1, 1, 2, 3])):
            width = self._choice(["", "", "", "5", "12", ".2", "8.3", ".0", "[1]", "*", "."])
            verbs.append("%" + self._choice(FLAGS) + width + self._choice(VERBS))
            arguments.append(self._operand(scope, self._choice(PRINTED), depth))
        between = self._choice(["", " ", "-", *PERCENT])
        return " ".join([f'"{between.join(verbs)}{self._choice(["", "", between])}"', *arguments])

    def _operand(self, scope: Scope, kind: str, depth: int) -> str:
        """Return one word: a literal, a field or variable, or an expression in parentheses."""
        kind = "any" if self._chance(0.02) else kind
        if depth > 0 and self._chance(0.25):
            link = self._choice(LINKS) if self._chance(0.04) else ""
            return f"({self._inner(scope, kind, depth - 1)}){link}"
        reached = self._reach(scope, kind) if self._chance(0.75) or kind not in LITERALS else None
        return reached or str(self._choice(LITERALS.get(kind, LITERALS["any"])))

    def _inner(self, scope: Scope, kind: str, depth: int) -> str:
        """Return the inside of parentheses; sometimes a pipeline, or one that sets a variable."""
        if self._chance(0.9):
            return self._expression(scope, kind, depth)
        if self._chance(0.5):
            return f"{self._expression(scope, 'any', depth)} | {self._stage(scope)}"
        name = self._choice(SET)
        setting = self._choice([":=", ":=", "="])
        if setting == ":=":
            scope.variables[name] = 1
        return f"{name} {setting} {self._expression(scope, kind, depth)}"

    def _reachable(self, scope: Scope) -> list[tuple[str, Any]]:
        """Return every name that is visible here, with a sample of its value."""
        return [
            (".", scope.dot),
            ("$", scope.root),
            *scope.variables.items(),
            *self._paths(scope.dot),
            *(("$" + path, inner) for path, inner in self._paths(scope.root)),
            *((name + path, inner) for name, value in scope.variables.items() for path,
                inner in self._paths(value)),
        ]  # fmt: skip

    def _paths(self, value: Any) -> list[tuple[str, Any]]:
        """Return `paths` of a value, cached by identity: values are parts of data, or constants."""
        if not isinstance(value, dict):
            return []
        if id(value) not in self._known_paths:
            self._known_paths[id(value)] = list(paths(value))
        return self._known_paths[id(value)]

    def _reach(self, scope: Scope, kind: str) -> str | None:
        wanted = FITS.get(kind)
        found = [
            path
            for path, value in self._reachable(scope)
            if wanted is None or kind_of(value) in wanted
        ]
        if not found:
            return None
        path = str(self._choice(found))
        return (
            path + self._choice([".a", ".zz", ".x.y", ".Name"])
            if self._chance(0.02) and path != "."
            else path
        )

    def _value(self, scope: Scope) -> tuple[str, Any]:
        """Return a pipeline, and a sample of its value."""
        if self._chance(0.3):
            return self._pipeline(scope, "any"), "a"
        path, sample = self._choice(self._reachable(scope))
        return path, sample

    def _collection(self, scope: Scope) -> tuple[str, Any]:
        """Return a value to range over; no int of the data, which may be huge."""
        roll = self._random.random()
        if roll < 0.1:
            return str(self._choice(["3", "1", "0", "len .", "5", "-1", '"abc"', "2.0"])), [0, 1, 2]
        if roll < 0.2:
            return self._call(scope, self._choice(["list", "strings", "map"]), 2), ["a"]
        found = [(p, v) for p, v in self._reachable(scope) if kind_of(v) in RANGED]
        if not found:
            return "list 1 2", [1, 2]
        path, sample = self._choice(found)
        return path, sample


FITS: Final[dict[str, set[str]]] = {
    "int": {"int"},
    "float": {"float"},
    "number": {"float"},
    "string": {"string"},
    "bool": {"bool"},
    "list": {"list"},
    "strings": {"strings"},
    "typed": {"typed", "strings"},
    "ints": {"typed"},
    "map": {"map"},
    "bytes": {"bytes"},
    "func": {"func"},
    "sized": {"string", "list", "map", "strings", "typed", "bytes", "keyed"},
    "zero": set(),
    "small": set(),
    "key": set(),
}
RANGED: Final = {"list", "map", "strings", "typed", "keyed", "stream", "bytes", "nil", "string"}


def with_fault(random: Random, text: str) -> str:
    """Return the text with one small fault."""
    at = random.randrange(len(text) + 1)
    to = min(len(text), at + random.choice([1, 1, 2, 3, 5]))
    ways: list[Callable[[], str]] = [
        lambda: text[:at] + text[to:],
        lambda: text[:at],
        lambda: text[:at] + random.choice(WRONG) + text[at:],
        lambda: text[:at] + random.choice(WRONG) + text[at:],
        lambda: text[:at] + random.choice(WRONG) + text[to:],
        lambda: text[:at] + text[at:to] + text[at:to] + text[to:],
        lambda: text.replace("{{end}}", "", 1),
        lambda: text.replace(" ", "", 1),
    ]
    return random.choice(ways)()


def redelimited(text: str, delims: list[str]) -> str:
    return text.replace("{{", delims[0] or "{{").replace("}}", delims[1] or "}}")


def case(random: Random) -> Case:
    """Return a case for the judge: mostly a template to execute, with its data and options."""
    roll = random.random()
    if roll < 0.03:
        return {"mode": "steps", "steps": play(random)}
    if roll < 0.15:
        return random_question(random)
    if roll > 0.8:
        return soup(random)
    data = Inventor(random).root()
    made: Case = {"template": Author(random, data).template(), "funcs": list(FUNCTIONS)}
    if random.random() < 0.05:
        made["delims"] = random.choice(DELIMS)
        made["template"] = redelimited(made["template"], made["delims"])
    if random.random() < 0.2:
        for _ in range(random.choice([1, 1, 2])):
            made["template"] = with_fault(random, made["template"])
    if roll < 0.08:
        return {**made, "mode": "parse", "comments": random.random() < 0.5}
    if random.random() < 0.15:
        made["options"] = [random.choice(OPTIONS)]
    return {**made, "data": data}


def play(random: Random) -> list[list[Any]]:
    """Return a case of steps: random calls of the methods of a set of templates."""
    data = Inventor(random).root()
    steps: list[list[Any]] = [["new", "a", "A"], ["funcs", "a", list(FUNCTIONS)]]
    known = ["a"]
    for _ in range(random.randrange(3, 12)):
        on, name = random.choice(known), random.choice(NAMES)
        text = random.choice(["", " ", name, Author(random, data).template()])
        step: list[Any] = random.choice(
            [
                ["parse", on, text],
                ["parse", on, f'{{{{define "{name}"}}}}{text}{{{{end}}}}'],
                ["parse", on, f'{text}{{{{template "{name}" .}}}}'],
                ["new_in", name.lower(), on, name],
                ["clone", name.lower(), on],
                ["execute", on, data],
                ["execute_template", on, name, data],
                ["option", on, random.choice(OPTIONS)],
                ["delims", on, *random.choice(DELIMS)],
                ["templates", on],
                ["defined_templates", on],
            ]
        )
        if step[0] in {"new_in", "clone"}:
            known.append(step[1])
        steps.append(step)
    return [*steps, ["execute", random.choice(known), data]]
