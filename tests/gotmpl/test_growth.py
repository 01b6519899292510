"""The work to compile a template, and the memory that is kept, grow no faster than its length.

Work is counted in calls of Python's functions, which do not depend on the machine.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import gotmpl
from confd_lib import each
from confd_lib.destination import commands
from confd_lib.golang import match
from confd_lib.lint.types import trials
from gotmpl.golang.regexp.expression import Expression
from gotmpl.syntax import tokens

# Twice the template may take this much more work: 2 where it is linear, 4 where it is quadratic.
MOST = 2.6
SHAPES = {
    "actions": "{{.a}}" * 10,
    "trimmed": "{{- 1 -}} " * 10,
    "calls as arguments": ("{{print", " (print .)", "}}"),
    "methods as arguments": ("{{print", " (.a.b 1)", "}}"),
    "fields": ("{{", ".a", "}}"),
    "fields in a loop": ("{{range 1}}{{$", ".a", "}}{{end}}"),
    "pipes": ("{{range 1}}{{.", "|print", "}}{{end}}"),
    "and": ("{{and", " .a", "}}"),
    "calls as arguments of and": ("{{if and", " (and 1 $)", "}}{{end}}"),
    "one format": ('{{range 1}}{{printf "', "{}", '%s" $}}{{end}}'),
    "assignments": ("{{$x := 1}}", "{{$x = .}}", ""),
    "else if": ("{{if .a}}", "{{else if .b}}", "{{end}}"),
    "else with": ("{{with .a}}", "{{else with .b}}", "{{end}}"),
}
NESTED = ["{{if .}}", "{{range .}}", "{{with .}}", "{{$x := .}}{{if $x}}{{$x = 1}}"]


def variables(count: int) -> str:
    declared = "".join(f"{{{{$a{n} := .}}}}" for n in range(count))
    return declared + "".join(f"{{{{$a{n}}}}}" for n in range(count))


def variables_over_depth(count: int) -> str:
    declared = "".join(f"{{{{$a{n} := .}}}}" for n in range(count))
    return declared + "{{if .}}" * count + "{{end}}" * count


def templates(count: int) -> str:
    defined = (f'{{{{define "t{n}"}}}}x{{{{end}}}}{{{{template "t{n}"}}}}' for n in range(count))
    return "".join(defined)


def made() -> Iterator[tuple[str, Callable[[int], str]]]:
    for name, shape in SHAPES.items():
        start, one, end = shape if isinstance(shape, tuple) else ("", shape, "")
        yield name, lambda n, s=start, o=one, e=end: s + o * n + e  # type: ignore[misc]
    for opening in NESTED:
        ends = opening.count("{{if") + opening.count("{{range") + opening.count("{{with")
        yield f"nested {opening}", lambda n, o=opening, e=ends: o * n + "{{end}}" * e * n  # type: ignore[misc]
    yield "variables", variables
    yield "variables over depth", variables_over_depth
    yield "templates", templates


def work(text: str) -> int:
    """Return how many functions are called to compile a template."""
    tokens.tokenize.cache_clear()
    calls = 0

    def count(_: FrameType, event: str, __: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        gotmpl.Template("t").parse(text).python_source()
    finally:
        sys.setprofile(before)
    return calls


@pytest.mark.parametrize(
    ("name", "shape"), [pytest.param(name, shape, id=name[:40]) for name, shape in made()]
)
def test_twice_the_template_takes_twice_the_work(name: str, shape: Callable[[int], str]) -> None:
    short, long = work(shape(300)), work(shape(600))
    assert long / short < MOST, name


def test_an_outlined_block_takes_the_variables_that_it_uses() -> None:
    used = "".join(f"{{{{$a{n}}}}}" for n in range(0, 200, 10))
    deep = variables(200) + "{{if 1}}" * 20 + used + "{{end}}" * 20
    source = gotmpl.Template("t").parse(deep).python_source()
    taken = [line.count(",") for line in source.splitlines() if line.startswith("def b")]
    assert taken
    assert max(taken) <= 40


# -- Memory

LARGE = "x" * 20_000
# The caches by text of any length, and what puts a text into each.
BY_TEXT: dict[str, Callable[[str], object]] = {
    "gotmpl.syntax.tokens.tokenize": lambda text: gotmpl.parse("t", f'{{{{"{text}"}}}}'),
    "gotmpl.syntax.outlines._action": lambda text: gotmpl.render(f'{{{{"{text}"}}}}'),
    "gotmpl.syntax.outlines.known": lambda text: gotmpl.render(f'{{{{printf "{text}%s" .}}}}', 1),
    "gotmpl.run.skeletons._kept": lambda text: gotmpl.render(f'{{{{printf "{text}%s" .}}}}', 1),
    "gotmpl.fmt.formats.parse_format": lambda text: gotmpl.render("{{printf .}}", text),
    "confd_lib.golang.match._read": match.read,
    "confd_lib.destination.commands._template": lambda text: commands.check_text(
        f"{{{{.src}}}}{text}", src=Path("s"), dest=Path("d")
    ),
    "confd_lib.each._parsed": lambda text: each.dest_template(f"/{text}"),
    "gotmpl.golang.regexp.expression._compiled": Expression.of,
    "confd_lib.lint.types.trials._kept": lambda text: trials.outcomes(
        f'{{{{record (len "{text}")}}}}', [], ""
    ),
}
# Those by a character, by a class, and by names that users choose or Go has.
OTHERS = {
    *("gotmpl.golang.strings._upper_rune", "gotmpl.golang.strings._lower_rune"),
    "gotmpl.golang.unicode.title_rune",
    "gotmpl.run.methods.nullary",
    *("gotmpl.values.signatures._field_type", "confd_lib.lint.targets._functions"),
    "confd_lib.lint.types.trials.functions",
    *("metadata_client.compose.identity.uuid_of", "metadata_client.compose.identity.digest_of"),
}


def caches() -> dict[str, Any]:
    """Return the caches of the packages by name."""
    found: dict[str, Any] = {}
    for package in ("gotmpl", "confd_lib", "metadata_client"):
        path = importlib.import_module(package).__path__
        for module in pkgutil.walk_packages(path, f"{package}."):
            if not module.name.endswith("__main__"):
                for name, value in vars(importlib.import_module(module.name)).items():
                    if hasattr(value, "cache_info") and value.__module__ == module.name:
                        found[f"{module.name}.{name}"] = value
    return found


def test_every_cache_has_a_greatest_size() -> None:
    """A cache of what takes nothing holds one value."""
    for name, cache in caches().items():
        takes_nothing = not inspect.signature(cache).parameters
        assert takes_nothing or cache.cache_parameters()["maxsize"] is not None, name


def test_every_cache_by_text_is_known() -> None:
    by_text = {
        name
        for name, cache in caches().items()
        if any(
            parameter.annotation not in ("type", "object")
            or parameter.kind.name == "VAR_POSITIONAL"
            for parameter in inspect.signature(cache).parameters.values()
        )
    }
    assert by_text == {*BY_TEXT, *OTHERS}


@pytest.mark.parametrize("name", BY_TEXT)
def test_a_large_text_is_in_no_cache(name: str) -> None:
    cache = caches()[name]
    cache.cache_clear()
    BY_TEXT[name]("x")
    BY_TEXT[name](LARGE)
    assert cache.cache_info().currsize == 1
