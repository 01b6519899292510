"""Parts of equal shape: the code that a skeleton gives is the code that is generated directly."""

from __future__ import annotations

import dis
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType

import pytest

import gotmpl
from gotmpl import Template
from gotmpl.codegen.parts import parts
from gotmpl.codegen.shapes import Shape, blank, shape
from gotmpl.run import skeletons
from gotmpl.run.code import Code
from gotmpl.run.skeletons import Compiled, Skeleton

from .oracle import ours
from .oracle.regenerate import CASES, read


def code(template: Template) -> Code:
    assert template.tree is not None
    return template._set.program().code(template.name, template.tree)


def steps(compiled: Compiled) -> list[object]:
    """Return what code does, line by line; how CPython numbers constants does not matter."""
    return [
        (function.co_varnames, list(function.co_lines()), list(_instructions(function)))
        for function in compiled.functions
    ]


def _instructions(function: CodeType) -> Iterator[tuple[str, str]]:
    for one in dis.get_instructions(function):
        yield one.opname, repr(one.argval)


def both(template: Template) -> Iterator[tuple[str, Compiled, Compiled]]:
    """Yield the text of each part that has a shape, and its code: direct, and of a skeleton."""
    made = code(template)
    for tree in parts(made.tree):
        found = shape(tree, made.functions, made.templates)
        if found is not None:
            unit, of_blank = made._unit(tree), made._unit(blank(tree))
            if not skeletons._varies(of_blank):
                direct, common = skeletons._compiled([unit, of_blank], "f")
                yield str(tree), direct, Skeleton(common).filled(found.values)


PARTS = [
    pytest.param("a{{.b}}c{{len .d}}e", ["a{{.b}}c{{len .d}}e"], id="one"),
    pytest.param(
        "a{{if .b}}c{{end}}d{{range .e}}{{.}}{{end}}",
        ["a{{if .b}}c{{end}}", "d{{range .e}}{{.}}{{end}}"],
        id="a text joins what follows",
    ),
    pytest.param(
        "{{.a}}b{{with .c}}{{end}}d", ["{{.a}}b", "{{with .c}}{{end}}", "d"], id="an action ends"
    ),
    pytest.param(
        "{{$x := 1}}{{if .a}}{{$x = 2}}{{end}}{{$x}}{{if .b}}{{end}}",
        ["{{$x := 1}}{{if .a}}{{$x = 2}}{{end}}{{$x}}", "{{if .b}}{{end}}"],
        id="a variable",
    ),
    pytest.param(
        "{{if .a}}{{end}}{{print ($x := 1)}}{{if .b}}{{end}}{{if .c}}{{$x}}{{end}}",
        ["{{if .a}}{{end}}", "{{print ($x := 1)}}{{if .b}}{{end}}{{if .c}}{{$x}}{{end}}"],
        id="a variable of an argument",
    ),
    pytest.param("{{if .a}}{{$ = 1}}{{end}}{{$}}", ["{{if .a}}{{$ = 1}}{{end}}{{$}}"], id="$"),
    pytest.param(
        '{{define "x"}}{{if .a}}{{end}}b{{if .c}}{{end}}{{end}}{{template "x" .}}',
        ['{{template "x" .}}'],
        id="a template",
    ),
]


@pytest.mark.parametrize(("text", "expected"), PARTS)
def test_parts(text: str, expected: list[str]) -> None:
    template = Template("t").parse(text)
    assert template.tree is not None
    assert [str(part) for part in parts(template.tree)] == expected
    assert template.python_source().count("\ndef ") == len(expected) - 1


def shape_of(text: str, **functions: Callable[..., object]) -> Shape | None:
    template = Template("t").funcs(functions).parse(text)
    made = code(template)
    return shape(made.tree, made.functions, made.templates)


class Host(str):
    """A class of the user's."""

    __slots__ = ()


def of_host(host: Host) -> str:
    return host


def of_text(text: str) -> str:
    return text


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a{{.b.c}}", "d{{.e.f}}"),
        ('{{print "a" .b}}', '{{print "c" .d}}'),
        ("{{range $i, $x := .a}}{{$i}}{{end}}", "{{range $j, $y := .b}}{{$j}}{{end}}"),
        ("{{of_text .a}}", "{{of_text .b}}"),
    ],
)
def test_of_equal_shape(one: str, other: str) -> None:
    made, same = shape_of(one, of_text=of_text), shape_of(other, of_text=of_text)
    assert made
    assert same
    assert made.key == same.key
    assert made.values != same.values


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("{{.a.a}}", "{{.a.b}}"),
        ("{{.a}}", "{{$.a}}"),
        ("{{.a}}", "{{.a | print}}"),
        ("{{print .a 1}}", "{{print .a 2}}"),
        ("{{print true}}", "{{print false}}"),
        ('{{printf "%s" .a}}', '{{printf "%d" .a}}'),
        ('{{print "a"}}', '{{print ""}}'),
        ('{{print "a"}}', '{{print "é"}}'),
        ('{{print "a"}}', "{{print `a`}}"),
        ("{{if .a}}b{{end}}", "{{if .a}}b{{else}}c{{end}}"),
        ("{{if .a}}{{else}}b{{end}}", "{{if .a}}b{{else}}{{end}}"),
        ("{{$x := .a}}", "{{$x := .a}}{{$x = .a}}"),
        ("{{range $x, $y := .a}}{{$x}}{{end}}", "{{range $x, $y := .a}}{{$y}}{{end}}"),
    ],
)
def test_of_other_shapes(one: str, other: str) -> None:
    made, differs = shape_of(one), shape_of(other)
    assert made
    assert differs
    assert made.key != differs.key


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("{{of_host .a}}", id="a class"),
        pytest.param("{{.é}}", id="letters beyond ASCII"),
        pytest.param("{{call .a}}", id="call names its argument"),
        pytest.param(f'{{{{printf "%s{"x" * 100}" .a}}}}', id="a long format"),
        pytest.param("{{.a}}" * 1000, id="long"),
        pytest.param("{{if .a}}" * 30 + "{{end}}" * 30, id="deep"),
        pytest.param('{{printf "%sQz0zQ" .a}}', id="a mark"),
    ],
)
def test_code_that_depends_on_more_has_no_shape(text: str) -> None:
    assert shape_of(text, of_host=of_host) is None


def test_each_part_has_its_own_values() -> None:
    skeletons._kept.cache_clear()
    for name in "abcde":
        text = (
            f'{name}{{{{.{name}}}}}{{{{range $i, ${name} := .l}}}}{name}{{{{print "{name}" .x}}}}'
        )
        data = {name: name.upper(), "l": [{"x": 1}]}
        assert (
            Template("t").parse(f"{text}{{{{end}}}}").render(data)
            == f"{name}{name.upper()}{name}{name}1"
        )
    found = shape_of("a{{.a}}")
    assert found
    assert skeletons._kept(found.key).skeleton


def test_classes_of_one_name_differ() -> None:
    def made(number: int) -> str:
        cls = type("Host", (str,), {})

        def shown(host: object) -> str:
            return f"{number}{type(host) is cls}"

        shown.__annotations__["host"] = cls
        template = Template("t").funcs({"host": cls, "shown": shown})
        return template.parse('{{shown (host "a")}} {{shown "b"}}').render()

    assert [made(n) for n in range(5)] == [f"{n}True {n}True" for n in range(5)]


@pytest.mark.parametrize("path", sorted(CASES.glob("*.json")), ids=lambda path: path.stem)
def test_a_skeleton_gives_the_code_itself(path: Path) -> None:
    for row in read(path):
        if row.get("mode", "exec") != "exec" or "delims" in row:
            continue
        set_ = Template("t").funcs(ours.functions(row.get("funcs", [])))
        try:
            found = [
                one
                for template in set_.parse(ours.text_of(row)).templates()
                if template.tree
                for one in both(template)
            ]
        except gotmpl.TemplateError:
            continue
        for text, direct, filled in found:
            assert steps(filled) == steps(direct), text
            assert filled.names.readers == direct.names.readers, text
            assert filled.names.functions == direct.names.functions, text
            assert filled.names.templates == direct.names.templates, text
            assert filled.lines == direct.lines, text
