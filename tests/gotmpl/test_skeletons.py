"""Parts of equal shape: the code that a skeleton gives is the code that is generated directly."""

from __future__ import annotations

import dis
from collections.abc import Iterator
from pathlib import Path
from types import CodeType

import pytest

import gotmpl
from gotmpl import Template
from gotmpl.builtins.functions import BUILTINS
from gotmpl.codegen.shapes import shape
from gotmpl.run import skeletons
from gotmpl.run.code import Code
from gotmpl.run.skeletons import Compiled, Skeleton
from gotmpl.syntax.blocks import parse_blank
from gotmpl.syntax.outlines import outline

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
    source = made.tree.source
    found = outline(source, {*BUILTINS, *made.functions})
    if found is None or template.name not in found:
        return
    trees = made._trees()
    for part, tree in zip(found[template.name], trees, strict=False):
        if shape(tree, part, made.functions, made.templates) is not None:
            unit, of_blank = made._unit(tree), made._unit(parse_blank(part, tree))
            if not skeletons._varies(of_blank):
                direct, common = skeletons._compiled([unit, of_blank], "f")
                yield str(tree), direct, Skeleton(common).filled(part.values)


def test_each_part_has_its_own_values() -> None:
    skeletons._kept.cache_clear()
    for name in "abcde":
        text = f'{{{{range $i, ${name} := .l}}}}{name}{{{{print "{name}" .x}}}}{{{{end}}}}'
        template = Template("t").parse(f"{name}{{{{.{name}}}}}{text}")
        shown = template.render({name: name.upper(), "l": [{"x": 1}]})
        assert shown == f"{name}{name.upper()}{name}{name}1"
    assert skeletons._kept.cache_info().currsize == 2


def test_an_error_names_the_place_in_its_own_text() -> None:
    for line in range(1, 5):
        text = "{{if .a}}b{{end}}" + "\n" * line + "{{.a}}{{.b.c}}"
        with pytest.raises(gotmpl.ExecError) as caught:
            Template("t").parse(text).render({"a": line, "b": "x"})
        assert (caught.value.line, caught.value.column) == (line + 1, 10)
        assert caught.value.partial == "b" + "\n" * line + str(line)


def test_a_delimiter_may_be_like_a_name() -> None:
    for name in "bcd":
        template = Template("t").delims("<", 'a"').parse(f'<.{name}\t-a"')
        assert template.render({name: name}) == name


def test_classes_of_one_name_differ() -> None:
    def made(number: int) -> str:
        cls = type("Host", (str,), {})

        def shown(host: object) -> str:
            return f"{number}{type(host) is cls}"

        shown.__annotations__["host"] = cls
        template = Template("t").funcs({"host": cls, "shown": shown})
        return template.parse('{{shown (host "a")}} {{shown "b"}}').render()

    assert [made(n) for n in range(5)] == [f"{n}True {n}True" for n in range(5)]


@pytest.mark.parametrize(
    ("text", "output"),
    [
        (r'{{"\x51z0zQ"}}{{.a}}', "Qz0zQ1"),
        (r'{{"\121z0zQ"}}{{.a}}', "Qz0zQ1"),
        (r'{{"\u0051z0zQ"}}{{.a}}', "Qz0zQ1"),
        ('{{"%Qz0"}}{{"zQ%"}}{{.a}}', "%Qz0zQ%1"),
        ('{{"%Q"}}{{"z0zQ%"}}{{.a}}', "%Qz0zQ%1"),
        ('{{"%Qz"}}{{0}}{{"zQ%"}}{{.a}}', "%Qz0zQ%1"),
        ("{{`%Qz0z`}}a{{.a}}", "%Qz0za1"),
        (r'{{printf "%d\x51z0zQ" .a}}', "1Qz0zQ"),
        (r'{{print "\x51z0zQ" .a}}', "Qz0zQ1"),
        ('{{print "Qz1zQ"}}Qz0zQ{{.a}}{{.Qz0zQ}}', "Qz1zQQz0zQ12"),
        ("{{$Qz1zQ := .a}}{}{0}{{$Qz1zQ}}", "{}{0}1"),
    ],
)
def test_a_text_that_looks_like_a_mark_stays(text: str, output: str) -> None:
    for _ in range(4):
        assert Template("t").parse(text).render({"a": 1, "Qz0zQ": 2}) == output


@pytest.mark.parametrize(
    "delims",
    [("Qz", "zQ"), ("zQ", "}}"), ("z", "Q"), ("0", "0"), ("{", "}"), ("<%", "%>"), ("$", "$")],
)
def test_delimiters_may_stand_in_marks(delims: tuple[str, str]) -> None:
    left, right = delims
    texts = [f"x {left} .{name} {right} y {left} .{name} {right}" for name in "abcd"]
    shown = [
        Template("t").delims(left, right).parse(text).render({"a": 1, "b": 2, "c": 3, "d": 4})
        for text in texts
    ]
    assert shown == [f"x {n} y {n}" for n in range(1, 5)]


def test_types_of_one_name_differ() -> None:
    def made(annotation: object) -> str:
        def size(items: object) -> int:
            return len(list(items))  # type: ignore[call-overload]  # what the annotation says

        size.__annotations__["items"] = annotation
        template = Template("t").funcs({"size": size}).parse("{{range .}}{{size .}}{{end}}")
        try:
            return template.render([range(3)])
        except gotmpl.ExecError as error:
            return error.reason

    refused = "wrong type for value; expected []interface {}; got []int"
    for _ in range(3):
        assert [made(list[object]), made(list)] == [refused, "3"]


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
            assert filled.names.constants.keys() == direct.names.constants.keys(), text
            assert filled.names.functions == direct.names.functions, text
            assert filled.names.templates == direct.names.templates, text
            assert filled.lines == direct.lines, text
