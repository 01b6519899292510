"""Rows on the text: lexing, literals, comments, delimiters, parse errors, printed trees."""

from __future__ import annotations

import json
from typing import Final

from tests.gotmpl.oracle.texts import lines

from .rows import Row, cross, each, numbered, sections, trees

SPACES: Final = lines("shared", "spaces")


def lexing() -> list[Row]:
    return [
        *sections("lexing", "text", "fields", "variables", "words", "multi"),
        *cross("space", "{{print@1#2}}|", SPACES, ["", " "]),
        *each("around", "{{@.s@}}", SPACES),
    ]


def numbers() -> list[Row]:
    plain = lines("numbers", "numbers")
    characters = lines("numbers", "characters")
    typed = lines("numbers", "typed")
    return [
        *each("plain", "{{@}}", plain),
        *each("type", '{{printf "%T %v" @ @}}', plain),
        *each("character", "{{@}}", [*characters, *lines("numbers", "odd-characters")]),
        *each("character-type", '{{printf "%T %d %q" @ @ @}}', characters),
        *each("to-int", "{{add @ 0}}", typed),
        *each("to-float", "{{half @}}", typed),
        *each("to-string", "{{upper @}}", typed),
        *each("to-bool", "{{invert @}}", typed),
        *each("to-any", "{{echo @ | printf `%T %v`}}", typed),
        *each("adjacent", "{{@}}", lines("numbers", "adjacent")),
        *each("index", "{{index .ints @}}", lines("numbers", "index")),
    ]


def strings() -> list[Row]:
    escapes = lines("strings", "escapes")
    return [
        *each("escape", '{{"@"}}|', escapes),
        *each("escape-inside", '{{"a@b"}}|', escapes),
        *each("escape-quoted", '{{printf "%q" "@"}}', escapes),
        *each("escape-error", '{{"x" | print "@" 1x}}', escapes),
        *sections("strings", "quoted"),
    ]


def comments_trim() -> list[Row]:
    return [
        *sections("comments_trim", "comment", "trim"),
        *trees("comment-kept", lines("comments_trim", "comment"), comments=True),
        *each("trim-left", "a@{{- .s}}", SPACES),
        *each("trim-right", "{{.s -}}@b", SPACES),
        *each("trim-marker", "a {{-@.s@-}} b", SPACES),
        *each("trim-all", "@{{- .s -}}@", SPACES),
    ]


def delims() -> list[Row]:
    """Shapes have `L` and `R` where the delimiters go."""
    pairs = [json.loads(pair) for pair in lines("delims", "pairs")]
    shapes, printed = lines("delims", "shapes"), lines("delims", "printed")
    made = [delimited(shape, *pair) for pair in pairs for shape in shapes]
    made += [
        {**delimited(shape, *pair), "mode": "parse", "comments": True}
        for pair in pairs[::3]
        for shape in printed
    ]
    return numbered("delims", made)


def delimited(shape: str, left: str, right: str) -> Row:
    text = shape.replace("L", left or "{{").replace("R", right or "}}")
    (row,) = each("", "@", [text], delims=[left, right])
    return row


def parse_errors() -> list[Row]:
    shadowed = ["if", "end", "range", "nil", "true", "define", "print"]
    return [
        *sections("parse_errors", "block", "pipeline", "unclosed"),
        *sections("parse_errors", "named", name="conf.d/a b.tmpl"),
        *sections("parse_errors", "odd-name", name='é\udcff"d'),
        *each("empty-name", "@", ["{{end}}", "{{.s.x}}", "ok"], name=""),
        *sections("parse_errors", "break-is-a-function", funcs={"break": "answer"}),
        *sections("parse_errors", "keyword-as-function", funcs=dict.fromkeys(shadowed, "answer")),
    ]


def string_of_tree() -> list[Row]:
    texts = lines("string_of_tree", "tree")
    return [
        *trees("tree", texts),
        *trees("comments", [text for text in texts if "/*" in text], comments=True),
        *trees("error", lines("string_of_tree", "error"), funcs=[]),
        *trees("known", lines("string_of_tree", "known"), funcs=["add", "upper"]),
        *trees("name", lines("string_of_tree", "name"), name="other"),
    ]


THEMES: Final = (lexing, numbers, strings, comments_trim, delims, parse_errors, string_of_tree)
