"""Answer the mode "value" with gotmpl: ops.go in Python.

Knows the parts of gotmpl that stand for strconv, fmt and the builtin functions.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from gotmpl.builtins.functions import BUILTINS
from gotmpl.errors import FuncError
from gotmpl.fmt import printf, printing
from gotmpl.golang.regexp.expression import Expression
from gotmpl.strconv import floats, numbers, printable, quoting
from gotmpl.values import kinds

from .judge import Answer, Case
from .mirror import decode


def ask_value(case: Case) -> Answer:
    """Return gotmpl's answer to a case of the mode "value"."""
    try:
        return {"value": OPS[case["op"]](case)}
    except (FuncError, ValueError) as error:
        return {"error": str(error)}


def args(case: Case) -> list[object]:
    return [decode(arg) for arg in case["args"]]


def call(case: Case) -> str:
    result = BUILTINS[case["text"]](*args(case))
    return printf.sprintf("%T %#v", [result, result])


def hexed(value: float) -> str:
    return floats.format_float(value, "x")


def number(case: Case) -> dict[str, list[object]]:
    read = numbers.parse_number(case["text"])
    real, imag = read.complex_.real, read.complex_.imag
    return {
        "int": [read.is_int, str(read.int_)],
        "uint": [read.is_uint, str(read.uint)],
        "float": [read.is_float, hexed(read.float_)],
        "complex": [read.is_complex, hexed(real), hexed(imag)],
    }


def quote(case: Case) -> list[object]:
    text = case["text"]
    return [quoting.quote(text), quoting.quote_to_ascii(text), quoting.can_backquote(text)]


def quote_rune(case: Case) -> list[object]:
    return [write(case["rune"]) for write in (quoting.quote_rune, quoting.quote_rune_to_ascii)]


def layout(case: Case) -> str:
    return floats.format_float(decode(case["args"][0]), case["verb"], case["precision"])


def regexp(case: Case) -> list[object]:
    text, replacement, count = case["args"]
    expression = Expression.of(case["text"])
    return [
        expression.matches(text),
        expression.find(text),
        expression.find_all(text, count),
        expression.replace_all(text, replacement),
        expression.replace_all_literal(text, replacement),
        expression.split(text, count) if count else [],
    ]


OPS: Final[dict[str, Callable[[Case], Any]]] = {
    "sprintf": lambda case: printf.sprintf(case["text"], args(case)),
    "sprint": lambda case: printing.sprint(args(case)),
    "sprintln": lambda case: printing.sprintln(args(case)),
    "print": lambda case: printing.to_text(*args(case)),
    "truth": lambda case: kinds.is_true(*args(case)),
    "call": call,
    "quote": quote,
    "quote_rune": quote_rune,
    "unquote": lambda case: quoting.unquote(case["text"]),
    "unquote_char": lambda case: list(quoting.unquote_char(case["text"], case["quote"])),
    "number": number,
    "float": layout,
    "regexp": regexp,
    "is_print": lambda case: printable.is_print(case["rune"]),
}
