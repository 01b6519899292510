"""The regular expressions of the packages, and the steps that a backtracking matcher needs.

The matcher walks the tree that `re` compiles, as the engine of `re` does, and counts. So a pattern
that needs n² steps shows itself without a clock.
"""

from __future__ import annotations

import ast
import contextlib
import importlib
import itertools
import pkgutil
import re
import re._constants as op  # type: ignore[import-not-found]  # no stubs
import re._parser as parser  # type: ignore[import-not-found]  # no stubs
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

PACKAGES: Final = ("gotmpl", "confd_lib", "metadata_client")
METHODS: Final = frozenset({"match", "fullmatch", "search", "sub", "split", "findall", "finditer"})
# Patterns that are made of local names: their source, and one that is made so.
LOCAL: Final = {
    "f'{_UNIT}|{spaces}'": ("gotmpl.syntax.lexer", "_UNIT + '|' + _SPACE_UNIT"),
    "f'{left}({inside})(?P<end>{right})?'": (
        "confd_lib.lint.targets",
        "_pattern('<<', '>>').pattern",
    ),
    "f'(?<!\\\\w){re.escape(value)}(?!\\\\w)'": ("re", "r'(?<!\\w)secret(?!\\w)'"),
    "pattern": ("confd_lib.confdir.tomlfaults", "_TABLE_LINE.pattern"),
}


# Where flags stand in a call of `re`, counted behind the pattern.
_FLAGS_AT: Final = {"compile": 0, "sub": 3, "split": 2}


class Regex(NamedTuple):
    """A regular expression, and the methods by which it is used."""

    place: str
    pattern: str | bytes
    flags: int
    methods: frozenset[str]


def regexes() -> list[Regex]:
    """Return the regular expressions of the packages, each once."""
    sources = dict(modules())
    anywhere = methods_by_name(sources.values())
    found: dict[tuple[str | bytes, int], Regex] = {}
    for module, tree in sources.items():
        here = methods_by_name([tree])
        used = {**{name: found for name, found in anywhere.items() if name[0] != "_"}, **here}
        for regex in (*compiled(module, used), *direct(module, tree)):
            known = found.get(regex[1:3])
            methods = regex.methods | (known.methods if known else frozenset())
            found[regex[1:3]] = regex._replace(methods=methods)
    return list(found.values())


def modules() -> Iterator[tuple[str, ast.Module]]:
    """Yield the modules of the packages, with their trees."""
    for package in PACKAGES:
        path = importlib.import_module(package).__path__
        names = [found.name for found in pkgutil.walk_packages(path, f"{package}.")]
        for name in (package, *names):
            if not name.endswith("__main__"):
                file = importlib.import_module(name).__file__
                assert file is not None
                yield name, ast.parse(Path(file).read_text("utf-8"))


def methods_by_name(trees: Iterable[ast.Module]) -> Mapping[str, set[str]]:
    """Return the methods that are called on what has a name, anywhere."""
    found: dict[str, set[str]] = {}
    for tree in trees:
        for node in ast.walk(tree):
            match node:
                case ast.Attribute(
                    attr=method, value=ast.Name(id=name) | ast.Attribute(attr=name)
                ) if method in METHODS:
                    found.setdefault(name, set()).add(method)
    return found


def compiled(module: str, used: Mapping[str, set[str]]) -> Iterator[Regex]:
    """Yield the compiled expressions among the globals of a module, also those in tables."""
    for name, value in vars(importlib.import_module(module)).items():
        for pattern in patterns_in(value):
            methods = frozenset(used.get(name, {"match", "fullmatch"}))
            yield Regex(f"{module}.{name}", pattern.pattern, pattern.flags, methods)


def patterns_in(value: object) -> Iterator[re.Pattern[Any]]:
    match value:
        case re.Pattern():
            yield value
        case list() | tuple() | frozenset():
            for item in value:
                yield from patterns_in(item)
        case dict():
            yield from patterns_in(list(value.values()))


def direct(module: str, tree: ast.Module) -> Iterator[Regex]:
    """Yield the expressions that stand in calls of functions of `re`."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Attribute(attr=name, value=ast.Name(id="re")), args=[argument, *rest]
            ) if name in METHODS or name == "compile":
                space: Mapping[str, Any] = vars(importlib.import_module(module))
                source = ast.unparse(argument)
                if name == "compile" and source not in LOCAL:
                    continue  # `compiled` finds it
                if source in LOCAL:
                    other, source = LOCAL[source]
                    space = vars(importlib.import_module(other))
                place = _FLAGS_AT.get(name, 1)
                flags = ast.unparse(rest[place]) if len(rest) > place else "0"
                method = frozenset({"match" if name == "compile" else name})
                number = int(eval(flags, {"re": re}))
                yield Regex(f"{module}:{node.lineno}", eval(source, dict(space)), number, method)


# -- Steps

ENOUGH: Final = 20_000
After = Callable[[int], bool]  # matches what follows, at a position


class Enough(Exception):
    """So many steps that to count them all would take too long."""


class Matcher:
    """A backtracking matcher that counts its steps.

    Args:
        regex: the expression.
    """

    def __init__(self, regex: Regex) -> None:
        text = regex.pattern
        self.tree = parser.parse(text, regex.flags & ~re.DEBUG)
        self.flags = self.tree.state.flags
        self.steps = 0

    def count(self, method: str, subject: str) -> int:
        """Return the steps that a method needs for a subject, up to `ENOUGH`."""
        self.subject, self.steps, self.end = subject, 0, 0
        self.groups: dict[int, tuple[int, int]] = {}
        with contextlib.suppress(Enough):
            if method == "fullmatch":
                self.ends(0, lambda at: at == len(subject))
            elif method == "match":
                self.ends(0, self.stop)
            else:
                self.scan(once=method == "search")
        return self.steps

    def scan(self, *, once: bool) -> None:
        start = 0
        while start <= len(self.subject):
            self.steps += 1
            if self.ends(start, self.stop):
                if once:
                    return
                start = max(self.end, start + 1)
            else:
                start += 1

    def stop(self, at: int) -> bool:
        self.end = at
        return True

    def ends(self, at: int, after: After) -> bool:
        return self.sequence(self.tree.data, 0, at, after)

    def sequence(self, items: Sequence[Any], index: int, at: int, after: After) -> bool:
        if index == len(items):
            return after(at)
        return self.item(*items[index], at, lambda end: self.sequence(items, index + 1, end, after))

    def item(self, code: Any, value: Any, at: int, after: After) -> bool:
        self.steps += 1
        if self.steps >= ENOUGH:
            raise Enough
        if code in (op.LITERAL, op.NOT_LITERAL, op.ANY, op.IN):
            return self.is_one(code, value, at) and after(at + 1)
        return bool(_ITEMS[code](self, value, at, after))

    # -- One character

    def is_one(self, code: Any, value: Any, at: int) -> bool:
        if at >= len(self.subject):
            return False
        char = self.subject[at]
        if code is op.ANY:
            return char != "\n" or bool(self.flags & re.DOTALL)
        if code is not op.IN:
            return self.is_literal(char, value) == (code is op.LITERAL)
        negated = value[0][0] is op.NEGATE
        return any(self.is_member(char, *item) for item in value[negated:]) != negated

    def is_literal(self, char: str, number: int) -> bool:
        return chr(number) in self.cases(char)

    def cases(self, char: str) -> set[str]:
        return {char, char.lower(), char.upper()} if self.flags & re.IGNORECASE else {char}

    def is_member(self, char: str, code: Any, value: Any) -> bool:
        if code is op.LITERAL:
            return self.is_literal(char, value)
        if code is op.RANGE:
            return any(chr(value[0]) <= one <= chr(value[1]) for one in self.cases(char))
        found = re.match(_CATEGORIES[value], char, self.flags & re.ASCII)
        return found is not None

    # -- The rest

    def branch(self, value: Any, at: int, after: After) -> bool:
        return any(self.sequence(one.data, 0, at, after) for one in value[1])

    def group(self, value: Any, at: int, after: After) -> bool:
        number, _, _, inner = value

        def then(end: int) -> bool:
            if number is not None:
                self.groups[number] = (at, end)
            return after(end)

        return self.sequence(inner.data, 0, at, then)

    def again(self, value: int, at: int, after: After) -> bool:
        start, end = self.groups.get(value, (0, 0))
        text = self.subject[start:end]
        return self.subject.startswith(text, at) and after(at + len(text))

    def greedy(self, value: Any, at: int, after: After) -> bool:
        return self.repeat(value, at, after, 0, lazy=False)

    def lazy(self, value: Any, at: int, after: After) -> bool:
        return self.repeat(value, at, after, 0, lazy=True)

    def repeat(self, value: Any, at: int, after: After, done: int, *, lazy: bool) -> bool:
        least, most, inner = value
        self.steps += 1

        def more() -> bool:
            if done >= most:
                return False
            return self.sequence(
                inner.data,
                0,
                at,
                lambda end: (
                    (end > at or done < least)
                    and self.repeat(value, end, after, done + 1, lazy=lazy)
                ),
            )

        def leave() -> bool:
            return done >= least and after(at)

        return leave() or more() if lazy else more() or leave()

    def possessive(self, value: Any, at: int, after: After) -> bool:
        least, most, inner = value
        done = 0
        while done < most and self.within(inner, at) and (self.last > at or done < least):
            at, done = self.last, done + 1
        return done >= least and after(at)

    def atomic(self, value: Any, at: int, after: After) -> bool:
        return self.within(value, at) and after(self.last)

    def within(self, inner: Any, at: int) -> bool:
        def then(end: int) -> bool:
            self.last = end
            return True

        return self.sequence(inner.data, 0, at, then)

    def ahead(self, value: Any, at: int, after: After) -> bool:
        return self.beside(value, at) and after(at)

    def not_ahead(self, value: Any, at: int, after: After) -> bool:
        return not self.beside(value, at) and after(at)

    def beside(self, value: Any, at: int) -> bool:
        direction, inner = value
        start = at if direction > 0 else at - inner.getwidth()[0]
        return start >= 0 and self.within(inner, start)

    def position(self, value: Any, at: int, after: After) -> bool:
        text = self.subject
        is_word = [
            0 <= place < len(text) and (text[place].isalnum() or text[place] == "_")
            for place in (at - 1, at)
        ]
        here = {
            op.AT_BEGINNING: at == 0 or (bool(self.flags & re.MULTILINE) and text[at - 1] == "\n"),
            op.AT_BEGINNING_STRING: at == 0,
            op.AT_END: text[at:] in ("", "\n") or text[at : at + 1] == "\n",
            op.AT_END_STRING: at == len(text),
            op.AT_BOUNDARY: is_word[0] != is_word[1],
            op.AT_NON_BOUNDARY: is_word[0] == is_word[1],
        }
        return here[value] and after(at)


_CATEGORIES: Final = {
    op.CATEGORY_DIGIT: r"\d",
    op.CATEGORY_NOT_DIGIT: r"\D",
    op.CATEGORY_SPACE: r"\s",
    op.CATEGORY_NOT_SPACE: r"\S",
    op.CATEGORY_WORD: r"\w",
    op.CATEGORY_NOT_WORD: r"\W",
}
_ITEMS: Final[Mapping[Any, Callable[..., bool]]] = {
    op.ASSERT: Matcher.ahead,
    op.ASSERT_NOT: Matcher.not_ahead,
    op.AT: Matcher.position,
    op.ATOMIC_GROUP: Matcher.atomic,
    op.BRANCH: Matcher.branch,
    op.GROUPREF: Matcher.again,
    op.MAX_REPEAT: Matcher.greedy,
    op.MIN_REPEAT: Matcher.lazy,
    op.POSSESSIVE_REPEAT: Matcher.possessive,
    op.SUBPATTERN: Matcher.group,
}

# -- Subjects

_EXAMPLES: Final = dict.fromkeys(_CATEGORIES, "a") | {
    op.CATEGORY_DIGIT: "1",
    op.CATEGORY_SPACE: " ",
    op.CATEGORY_NOT_WORD: "-",
}


def characters(tree: Any) -> list[str]:
    """Return characters that an expression mentions, and two that it may not."""
    found: dict[str, None] = {}

    def walk(value: Any) -> None:
        match value:
            case (code, int(number)) if code in (op.LITERAL, op.NOT_LITERAL):
                found[chr(number)] = None
            case (code, (low, high)) if code is op.RANGE:
                found.update({chr(low): None, chr(high): None})
            case (code, category) if code is op.CATEGORY:
                found[_EXAMPLES[category]] = None
            case parser.SubPattern() | list() | tuple():
                for item in value:
                    walk(item)

    walk(tree)
    return [*found, "\x00", "~"]


def sample(tree: Any) -> str:
    """Return a text that an expression matches, or nearly: each repetition once, first branches."""
    text = ""
    for code, value in tree:
        if code is op.LITERAL:
            text += chr(value)
        elif code in (op.IN, op.ANY, op.NOT_LITERAL):
            text += characters([(code, value)])[0] if code is op.IN else "a"
        elif code in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
            text += sample(value[2]) * max(1, min(value[0], 4))
        elif code is op.SUBPATTERN:
            text += sample(value[3])
        elif code is op.ATOMIC_GROUP:
            text += sample(value)
        elif code is op.BRANCH:
            text += sample(value[1][0])
    return text


def subjects(tree: Any, count: int) -> Iterator[str]:
    """Yield long texts of an expression's own alphabet."""
    whole, chars = sample(tree), characters(tree)
    some = chars[:8] + chars[-2:]
    units = [*some, *(one + other for one, other in itertools.pairwise(some)), whole]
    starts = dict.fromkeys(["", *(whole[:end] for end in range(1, min(len(whole), 4) + 1)), whole])
    for start in starts:
        for unit in dict.fromkeys(units):
            for end in ("", "\x00"):
                yield start + unit * count + end
