"""Rows on the functions that every template has, printf apart."""

from __future__ import annotations

from typing import Final

from tests.gotmpl.oracle.texts import lines

from .actions import VALUES
from .rows import Row, cross, each, numbered, sections


def builtins_eq_lt() -> list[Row]:
    theme = "builtins_eq_lt"
    compared, ordered = lines(theme, "compared"), lines(theme, "ordered")
    made = [
        *sections(theme, "plain"),
        *cross("eq", "{{eq @ #}}", compared, compared[::3]),
        *cross("lt", "{{lt @ #}}", ordered, ordered[::2]),
    ]
    left, right = lines(theme, "left"), lines(theme, "right")
    for name in ("ne", "le", "gt", "ge"):
        made += cross(name, "{{" + name + " @ #}}", left, right)
    return made


def builtins_index_slice_len() -> list[Row]:
    theme = "builtins_index_slice_len"
    items = lines(theme, "items")
    return [
        *sections(theme, "plain"),
        *cross("index", "{{index @ #}}", items, lines(theme, "positions")),
        *cross("slice", "{{slice @ #}}", items, lines(theme, "bounds")),
        *each("len", "{{len @}}", [*VALUES, *items, *lines(theme, "sized")]),
    ]


def builtins_print() -> list[Row]:
    printed, pairs = lines("builtins_print", "printed"), lines("builtins_print", "pairs")
    return [
        *sections("builtins_print", "plain"),
        *each("print", "{{print @}}", printed),
        *each("println", "{{println @}}|", printed[::3]),
        *each("action", "{{@}}", printed),
        *cross("two", "{{print @ #}}", pairs, pairs),
        *cross("line", "{{println @ #}}|", pairs[:6], pairs[:6]),
        *each("loop", "{{range .l}}{{print @}}|{{end}}", lines("builtins_print", "forms")),
    ]


def html_js_urlquery() -> list[Row]:
    names = ["html", "js", "urlquery"]
    texts = lines("html_js_urlquery", "texts")
    shapes = lines("html_js_urlquery", "plain")
    return [
        *cross("text", "{{@ #}}", names, texts),
        *cross("piped", "{{# | @}}", names, texts[-30:-10]),
        *numbered("several", [row for shape in shapes for row in each("", shape, names)]),
    ]


THEMES: Final = (builtins_eq_lt, builtins_index_slice_len, builtins_print, html_js_urlquery)
