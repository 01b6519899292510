"""Answer the questions of `main.go` with gotmpl, for comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gotmpl.builtins.functions import BUILTINS
from gotmpl.errors import FuncError
from gotmpl.fmt import printing
from gotmpl.strconv import floats, numbers, printable, quoting
from gotmpl.values import kinds

from .values import read_text, read_value, write_text

if TYPE_CHECKING:
    from collections.abc import Callable

Question = dict[str, Any]


def _args(question: Question) -> list[object]:
    return [read_value(raw) for raw in question.get("args", ())]


def _text(question: Question) -> str:
    return read_text(question["text"])


def _or_error(ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except (FuncError, ValueError) as error:
        return {"error": write_text(str(error))}


def _call(question: Question) -> Any:
    result = BUILTINS[_text(question)](*_args(question))
    return write_text(printing.sprintf("%T %#v", [result, result]))


def _hex(value: float) -> str:
    return floats.format_float(value, "x")


def _number(question: Question) -> Any:
    number = numbers.parse_number(_text(question))
    real, imag = number.complex_.real, number.complex_.imag
    return {
        "int": [number.is_int, str(number.int_)],
        "uint": [number.is_uint, str(number.uint)],
        "float": [number.is_float, _hex(number.float_)],
        "complex": [number.is_complex, _hex(real), _hex(imag)],
    }


def _quote(question: Question) -> Any:
    text = _text(question)
    return [quoting.quote(text), quoting.quote_to_ascii(text), quoting.can_backquote(text)]


def _quote_rune(question: Question) -> Any:
    return [write(question["rune"]) for write in (quoting.quote_rune, quoting.quote_rune_to_ascii)]


def _unquote_char(question: Question) -> Any:
    rune, tail = quoting.unquote_char(_text(question), question["quote"])
    return [rune, write_text(tail)]


def _float(question: Question) -> Any:
    value = read_value(question["args"][0])
    return floats.format_float(value, question["verb"], question["precision"])


_ANSWERS: dict[str, Callable[[Question], Any]] = {
    "sprintf": lambda q: write_text(printing.sprintf(_text(q), _args(q))),
    "sprint": lambda q: write_text(printing.sprint(_args(q))),
    "sprintln": lambda q: write_text(printing.sprintln(_args(q))),
    "print": lambda q: write_text(printing.to_text(*_args(q))),
    "truth": lambda q: kinds.is_true(*_args(q)),
    "call": _call,
    "quote": _quote,
    "quote_rune": _quote_rune,
    "unquote": lambda q: write_text(quoting.unquote(_text(q))),
    "unquote_char": _unquote_char,
    "number": _number,
    "float": _float,
    "is_print": lambda q: printable.is_print(q["rune"]),
}


def answer(question: Question) -> Any:
    """Return gotmpl's answer; an error as `{"error": …}`."""
    return _or_error(lambda: _ANSWERS[question["op"]](question))
