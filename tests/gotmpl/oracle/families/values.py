"""Rows on data: fields, methods, keys, nil, missing values, true and false, arguments, errors."""

from __future__ import annotations

from typing import Final

from tests.gotmpl.oracle.texts import lines

from .actions import PLAIN, VALUES
from .rows import Row, each, numbered, on, sections

# A call with one argument left open, by what it takes there.
TARGETS: Final = {
    "string": "upper @",
    "int": "add 1 @",
    "float": "half @",
    "bool": "invert @",
    "slice": "first @",
    "strings": "join @ `,`",
    "map": "size @",
}


def fields_nil_missing() -> list[Row]:
    theme = "fields_nil_missing"
    paths = lines(theme, "paths")
    return [
        *sections(theme, "plain"),
        *each("path", "a{{@}}b", paths),
        *each("argument", "{{print @}}", [path for path in paths if path != "$"]),
        *each("multi", "line\n  é {{ @ }}", lines(theme, "multi")),
        *on("nil-data", None, lines(theme, "nil-data")),
    ]


def missingkey() -> list[Row]:
    made = []
    for value in ("default", "invalid", "zero", "error"):
        option = [f"missingkey={value}"]
        made += numbered(value, sections("missingkey", "key", options=option))
        made += on(f"{value}-nil", None, lines("missingkey", "nil-data"), options=option)
    for bad in lines("missingkey", "bad"):
        made += each("bad", "@", ["{{.m.zz}}"], options=[bad])
    two = ["missingkey=error", "missingkey=zero"]
    return numbered("missingkey", [*made, *sections("missingkey", "several", options=two)])


def truth() -> list[Row]:
    literals, more = lines("truth", "literals"), lines("truth", "more")
    printed = [value for value in [*literals, *PLAIN, *more] if value != "(adder 1)"]
    return [
        *each("if", "{{if @}}y{{else}}n{{end}}", [*literals, *more]),
        *each("not", "{{not @}}", [*literals, *VALUES, *more]),
        *each("not-piped", "{{@ | not}}", [*literals, *VALUES, *more]),
        *each("and", '{{and @ "last" | printf "%v %T"}}', printed),
        *each("or", '{{or @ "last" | printf "%v %T"}}', printed),
    ]


def and_or() -> list[Row]:
    others = {"and": "add", "or": "sum", "not": "invert", "fail": "fail", "len": "count"}
    return [
        *sections("and_or", "short"),
        *sections("and_or", "redefined", funcs={**others, "print": "half"}),
    ]


def functions_args() -> list[Row]:
    made = sections("functions_args", "plain")
    arguments = lines("functions_args", "arguments")
    for takes, call in TARGETS.items():
        made += each(takes, "{{" + call + "}}", arguments)
    for takes in ("string", "int", "float", "bool"):
        made += each(f"{takes}-piped", "{{@ | " + TARGETS[takes][:-2] + "}}", arguments)
    return made


def exec_errors() -> list[Row]:
    """Return a row for each kind of failure at each place where it can happen."""
    failing = lines("exec_errors", "failing")
    placed = [row for shape in lines("exec_errors", "shapes") for row in each("", shape, failing)]
    return numbered("failing", placed)


THEMES: Final = (fields_nil_missing, missingkey, truth, and_or, functions_args, exec_errors)
