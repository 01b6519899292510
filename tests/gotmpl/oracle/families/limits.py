"""Rows on limits: templates that reach outside their data, or nest too deep."""

from __future__ import annotations

from typing import Any, Final

from tests.gotmpl.oracle.texts import lines

from .rows import Row, cross, each, numbered, sections

# A part of a template that is repeated: its text, and how often.
Repeated = list[Any]
DEPTHS: Final = (20, 21, 98, 100, 300)


def safety() -> list[Row]:
    names, receivers = lines("safety", "names"), lines("safety", "receivers")
    odd = {"ª": 1, "a": 2, "ﬁ": 3, "fi": 4}  # Python would fold these names
    return [
        *cross("attribute", "a{{@.#}}b", receivers[:5], names),
        *cross("dunder", "a{{@.#}}b", receivers, names[::5]),
        *each("through-variable", "{{$v := @}}{{$v.__class__}}", receivers),
        *each("indexed", '{{index @ "__class__"}}', receivers),
        *each("called", "{{@ 1}}", lines("safety", "called")),
        *sections("safety", "format"),
        *sections("safety", "variable-data", data=odd),
    ]


def depth() -> list[Row]:
    made = [row for count in DEPTHS for row in (*blocks(count), *expressions(count), *long(count))]
    for calls in (10, 100, 200):
        made += recursive(calls)
    for count in (10_001, 12_000):
        made += [parenthesised(count), {"template": ["{{", ["(", count], "}}"]}]
    made += [
        {"template": "{{.}}", "data": lists(150)},
        {"template": "{{printf `%#v` .}}", "data": lists(100)},
        {"template": ["{{printf `%", ["9", 30], "d` 1}}"]},
        {"template": "{{printf `%*d` 1000001 1}}"},
        {"template": "{{len (printf `%1000000d` 1)}}"},
        {"template": "{{len (printf `%.1000000d` 1)}}"},
    ]
    return numbered("depth", made)


def nested(before: str, inside: str, after: str, count: int, **more: object) -> Row:
    return {"template": [[before, count], inside, [after, count]], **more}


def parenthesised(count: int, closed: int | None = None, call: str = "") -> Row:
    opened: Repeated = [f"({call}", count]
    return {"template": ["{{", call, opened, "1", [")", closed or count], "}}"]}


def blocks(count: int) -> list[Row]:
    few = min(count // 2, 6)
    return [
        nested("{{if true}}", "in", "{{end}}", count),
        nested("{{if .}}a", "in", "b{{else}}c{{end}}", count, data=1),
        nested("{{if false}}{{else}}", "in", "{{end}}", count),
        nested("{{with 1}}", "{{.}}", "{{end}}", count),
        nested("{{with 1}}\n", "{{.x}}", "{{end}}", count),
        nested("{{range 1}}", "{{.}}", "{{end}}", count),
        nested("{{range $i, $e := .}}{{$i}}", "in", "{{end}}", count, data=[1]),
        nested("{{if true}}{{range 2}}", "{{.}}", "{{break}}{{end}}{{end}}", count // 2),
        nested("{{range 2}}{{if .}}", "{{continue}}", "{{end}}{{end}}", few),
        nested('{{block "x" .}}', "", "{{end}}", count),
        nested("{{if true}}{{$x := 1}}", "{{$x}}", "{{end}}", count),
        nested("{{if true}}", "{{fail}}", "{{end}}", count, funcs=["fail"]),
        {"template": ["{{if false}}", ["{{else if false}}", count], "{{else}}last{{end}}"]},
        {"template": ["{{with false}}", ["{{else with false}}", count], "{{else}}last{{end}}"]},
        {"template": [["{{if true}}", count], "in"]},
        {"template": [["{{end}}", count]]},
    ]


def expressions(count: int) -> list[Row]:
    return [
        parenthesised(count),
        parenthesised(count, count - 1),
        parenthesised(count, count + 1),
        parenthesised(count, call="print "),
        parenthesised(count, call="not "),
        parenthesised(count, call="and 1 "),
        {"template": ["{{1", [" | print", count], "}}"]},
        {"template": ["{{.", ["a.", count], "a}}"], "data": {"a": {"a": {"a": None}}}},
        {"template": ["{{print", [" 1", count], "}}"]},
    ]


def long(count: int) -> list[Row]:
    return [
        {"template": [["{{print 1}}\n", count * 10]]},
        {"template": [["x", count * 50], "{{.x.y}}"], "data": {"x": 1}},
        {"template": [["{{$x := .x}}", count], "{{$x}}"], "data": {"x": 1}},
    ]


def recursive(calls: int) -> list[Row]:
    counted = (
        '{{define "d"}}{{.}} {{if .}}{{template "d" add . -1}}{{end}}{{end}}{{template "d" .}}'
    )
    walked = '{{define "d"}}{{range .}}[{{template "d" .}}]{{end}}{{end}}{{template "d" .}}'
    return [
        {"template": counted, "data": calls, "funcs": ["add"]},
        {"template": walked, "data": lists(min(calls, 100))},
    ]


def lists(count: int) -> list[Any]:
    made: list[Any] = []
    for _ in range(count):
        made = [made]
    return made


THEMES: Final = (safety, depth)
