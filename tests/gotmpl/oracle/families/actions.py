"""Rows on control: pipelines, variables, if, with, range, break, templates."""

from __future__ import annotations

from typing import Final

from tests.gotmpl.oracle.texts import lines

from .rows import Row, cross, each, numbered, on, sections

# Pipelines, one for each kind of value.
VALUES: Final = lines("shared", "values")
# The pipelines that can be printed, and that do not depend on dot.
PLAIN: Final = [value for value in VALUES if value not in {".fn", ".h", ".", "$"}]


def pipelines() -> list[Row]:
    return [
        *sections("pipelines", "plain"),
        *each("print", "a{{@}}b", [value for value in VALUES if value != "."]),
        *each("piped", "a{{@ | echo | print 1}}b", PLAIN),
        *each("in-parentheses", "a{{(@)}}b", PLAIN),
        *each("first", "{{@ 1}}", VALUES),
        *each("stage-two", "{{1 | @}}", VALUES),
        *on("dot-is", "x", lines("pipelines", "dot-is")),
        *on("dot-is-nil", None, lines("pipelines", "dot-is-nil")),
        *on("dot-is-int", 3, lines("pipelines", "dot-is-int")),
        *on("dot-is-list", [1, [2, "x"]], lines("pipelines", "dot-is-list")),
    ]


def variables_scope() -> list[Row]:
    return sections("variables_scope", "scope")


def if_with() -> list[Row]:
    return [
        *sections("if_with", "if", "with"),
        *each("if-value", "{{if @}}y{{else}}n{{end}}", VALUES),
        *each("with-value", "{{with @}}y{{else}}n{{end}}", VALUES),
        *each("with-dot", "{{with @}}[{{.}}]{{.zz}}{{else}}[{{.s}}]{{end}}", PLAIN),
        *each("variable", "{{$v := @}}[{{$v}}]{{$v.zz}}", PLAIN),
        *each("template-dot", '{{define "d"}}[{{.}}]{{.zz}}{{end}}{{template "d" @}}', PLAIN),
    ]


def range_() -> list[Row]:
    collections = lines("range", "collections")
    ranged = [row for shape in lines("range", "shapes") for row in each("", shape, collections)]
    return [*sections("range", "plain"), *numbered("collection", ranged)]


def break_continue() -> list[Row]:
    return sections("break_continue", "loop")


def define_template_block() -> list[Row]:
    theme = "define_template_block"
    leaf = {"v": 3}
    tree = {"v": 1, "c": [{"v": 2, "c": [leaf]}, {"v": 4}]}
    called = '@{{template "x" .}}{{define "x"}}#{{.s.y}}{{end}}'
    return [
        *sections(theme, "define", "block"),
        *sections(theme, "tree-data", data={"t": tree}),
        *cross("position", called, lines(theme, "before"), lines(theme, "inside")),
        *sections(theme, "named", name="dir/page.tmpl"),
    ]


range_.__name__ = "range"

THEMES: Final = (
    pipelines,
    variables_scope,
    if_with,
    range_,
    break_continue,
    define_template_block,
)
