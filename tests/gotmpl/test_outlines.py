"""Outlines: the parts of templates, and what is part of their shapes."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest

import gotmpl
from gotmpl import Template
from gotmpl.builtins.functions import BUILTINS
from gotmpl.syntax.blocks import parse, parse_outlined
from gotmpl.syntax.nodes import Part, Source
from gotmpl.syntax.outlines import known, outline

from .oracle import ours
from .oracle.regenerate import CASES, read

MANY = 400  # cases, fewer than shapes are known at a time
FUNCTIONS = {*BUILTINS, "getv"}


def parts(text: str) -> list[Part] | None:
    """Return the parts of the outer template."""
    found = outline(Source("t", text), FUNCTIONS)
    return None if found is None else found["t"]


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
    pytest.param(
        '{{.a}}{{if .b}}{{template "t" .b}}{{end}}',
        ['{{.a}}{{if .b}}{{template "t" .b}}{{end}}'],
        id="a template that calls itself",
    ),
    pytest.param(
        '{{define "x"}}{{template "t" .b}}{{end}}{{.a}}{{if .b}}{{template "x" .}}{{end}}',
        ['{{.a}}{{if .b}}{{template "x" .}}{{end}}'],
        id="a template that another calls",
    ),
]


@pytest.mark.parametrize(("text", "expected"), PARTS)
def test_parts(text: str, expected: list[str]) -> None:
    template = Template("t").parse(text)
    assert template.tree is not None
    nodes = iter(template.tree.borrowed().nodes)
    found = parts(text)
    assert found
    shown = ["".join(str(next(nodes)) for _ in range(part.size)) for part in found]
    assert shown == expected
    assert template.python_source().count("\ndef ") == len(expected) - 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a{{.b.c}}", "d{{.e.f}}"),
        ("{{.a}}{{.a}}{{.b}}", "{{.c}}{{.c}}{{.d}}"),
        ('{{print "a" .b}}', '{{print "c" .d}}'),
        ("{{range $i, $x := .a}}{{$i}}{{end}}", "{{range $j, $y := .b}}{{$j}}{{end}}"),
        ("a{{- /* c */ -}} b {{- .c -}} d", "b{{/* */}}c{{.x}}e"),
        ("{{getv .a}}", "{{getv .b}}"),
    ],
)
def test_of_equal_shape(one: str, other: str) -> None:
    (made,), (same,) = parts(one) or [], parts(other) or []
    assert made.shape == same.shape
    assert made.values != same.values


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("{{.a.a}}", "{{.a.b}}"),
        ("{{.a}}", "{{$.a}}"),
        ("{{.a}}", "{{.a | print}}"),
        ("{{print .a.b}}", "{{print .a .b}}"),
        ("{{print .a 1}}", "{{print .a 2}}"),
        ("{{print true}}", "{{print false}}"),
        ('{{printf "%s" .a}}', '{{printf "%d" .a}}'),
        ('{{print "a"}}', '{{print ""}}'),
        ('{{print "a"}}', '{{print "é"}}'),
        ('{{print "a"}}', "{{print `a`}}"),
        ("{{print .a}}", "{{len .a}}"),
        ('{{template "a"}}', '{{template "b"}}'),
        ("{{.a}}b", "{{.a}}{{/* */}}"),
        ("{{if .a}}b{{end}}", "{{if .a}}b{{else}}c{{end}}"),
        ("{{if .a}}{{else}}b{{end}}", "{{if .a}}b{{else}}{{end}}"),
        ("{{$x := .a}}", "{{$x := .a}}{{$x = .a}}"),
        ("{{range $x, $y := .a}}{{$x}}{{end}}", "{{range $x, $y := .a}}{{$y}}{{end}}"),
    ],
)
def test_of_other_shapes(one: str, other: str) -> None:
    (made,), (differs,) = parts(one) or [], parts(other) or []
    assert made.shape != differs.shape


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("{{.é}}", id="letters beyond ASCII"),
        pytest.param("{{call .a}}", id="call names its argument"),
        pytest.param(f'{{{{printf "%s{"x" * 100}" .a}}}}', id="a long format"),
        pytest.param('{{printf "%sQz0zQ" .a}}', id="a mark"),
        pytest.param('{{block "x" .}}{{end}}', id="block"),
        pytest.param('{{define "x"}}{{end}}{{define "x"}}{{end}}', id="defined twice"),
        pytest.param('{{define "t"}}{{end}}', id="defined as the outer one"),
        pytest.param('{{define "x" .}}{{end}}', id="more than a name"),
        pytest.param('{{define "x"}}{{end .}}', id="more than an end"),
        pytest.param('{{define "x"}}', id="no end"),
        pytest.param("{{end}}", id="nothing to end"),
        pytest.param("{{nothing .}}", id="not a function"),
        pytest.param("{{.a", id="not closed"),
        pytest.param("{{\x01}}", id="not a token"),
    ],
)
def test_without_outline(text: str) -> None:
    assert outline(Source("t", text), FUNCTIONS) is None


def test_a_long_part_has_no_shape() -> None:
    long = "{{if .}}" + "{{.a}}" * 1000 + "{{end}}"
    assert [part.shape for part in parts(long) or []] == [None]
    assert all(part.shape for part in parts("{{.a}}" * 1000) or [])


def test_a_text_of_known_shape_is_parsed_when_its_nodes_are_asked_for() -> None:
    for name in "ab":
        (tree,) = parse_outlined("t", f"{{{{.{name}}}}}", funcs=(), delims=("", "")).values()
    assert tree._root is None
    assert str(tree) == "{{.b}}"
    assert tree.root is tree.root


@pytest.mark.parametrize(
    ("valid", "text", "reason"),
    [
        ("{{getv .a}}", "{{gets .a}}", 'function "gets" not defined'),
        ("{{$x := 1}}{{$x}}", "{{$x := 1}}{{$y}}", 'undefined variable "$y"'),
        ("{{$x := 1}}{{if .a}}{{$x}}{{end}}", "{{if .a}}{{$x}}{{end}}", 'undefined variable "$x"'),
        ("{{range .a}}{{break}}{{end}}", "{{break}}", "{{break}} outside {{range}}"),
        ("{{if .a}}{{else}}{{end}}", "{{else}}", "unexpected {{else}}"),
        (
            "{{range $i , $x := .a}}{{end}}",
            "{{range $i ! $x := .a}}{{end}}",
            'undefined variable "$i"',
        ),
        ("{{print 0x1f}}", "{{print 0x1g}}", 'bad number syntax: "0x1g"'),
        (
            '{{define "x"}}a{{end}}{{template "x"}}',
            '{{define "x"}}a{{end}}{{define "x"}}b{{end}}',
            'template: multiple definition of template "x"',
        ),
    ],
)
def test_errors_of_texts_much_like_one_that_was_parsed(valid: str, text: str, reason: str) -> None:
    for _ in range(2):
        Template("t").funcs({"getv": str}).parse(valid)
        with pytest.raises(gotmpl.ParseError) as caught:
            Template("t").funcs({"getv": str}).parse(text)
        assert caught.value.reason == reason


def rows() -> list[dict[str, Any]]:
    found = [row for path in sorted(CASES.glob("*.json")) for row in read(path)]
    return [row for row in found if row.get("mode", "exec") == "exec" and "delims" not in row]


def test_what_has_known_shapes_can_be_parsed() -> None:
    """Of many cases at a time all are parsed first, which makes shapes known."""
    cases = [(ours.text_of(row), {*BUILTINS, *row.get("funcs", ())}) for row in rows()]
    skipped = sum(_skipped(cases[start : start + MANY]) for start in range(0, len(cases), MANY))
    assert skipped > len(cases) / 2


def _skipped(cases: list[tuple[str, set[str]]]) -> int:
    """Return how many texts are of known shapes only; each of them can be parsed."""
    for text, names in cases:
        with contextlib.suppress(gotmpl.ParseError):
            parse_outlined("t", text, funcs=names, delims=("", ""))
    skipped = 0
    for text, names in cases:
        found = outline(Source("t", text), names)
        every = [part for some in found.values() for part in some] if found else []
        if found and all(part.shape and known(part.shape).is_parsed for part in every):
            skipped += 1
            trees = parse("t", text, funcs=names)
            assert list(trees) == list(found)
            for name, tree in trees.items():
                assert len(tree.root.nodes) == sum(part.size for part in found[name])
    return skipped
