"""Go's literals: numbers, runes, quoted strings and floats against strconv and the parser."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gotmpl.strconv.numbers import parse_float, parse_number
from gotmpl.strconv.quoting import from_utf8, quote, quote_to_ascii, unquote, utf8
from tests.gotmpl.oracle.judge import Judge
from tests.gotmpl.oracle.ours import answer
from tests.gotmpl.oracle.regenerate import load
from tests.gotmpl.oracle.verdict import plain, wrong


@pytest.mark.parametrize(
    "op", ["number", "unquote", "unquote_char", "quote", "quote_rune", "float"]
)
def test_literals_are_gos(op: str) -> None:
    rows = load("values_literals", op=op)
    assert len(rows) > 20
    assert wrong(rows) == []


@pytest.mark.soak
def test_every_rune_is_printable_where_go_says_so(judge: Judge) -> None:
    asked = [{"mode": "value", "op": "is_print", "rune": rune} for rune in range(0x110000)]
    assert [answer(question) for question in asked] == list(map(plain, judge.ask_all(asked)))


@given(st.binary())
def test_bytes_survive_as_text(data: bytes) -> None:
    assert utf8(from_utf8(data)) == data


@given(st.binary())
def test_what_is_quoted_can_be_unquoted(data: bytes) -> None:
    text = from_utf8(data)
    assert unquote(quote(text)) == text
    assert unquote(quote_to_ascii(text)) == text


@given(st.text())
def test_any_text_has_bytes(text: str) -> None:
    assert from_utf8(utf8(text)).isascii() == text.isascii()


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_floats_survive(value: float) -> None:
    assert parse_float(repr(value)) == value


@given(st.text(alphabet="0123456789abcdefxXoOpP_+-.i'\"\\"))
def test_any_text_is_a_number_or_a_value_error(text: str) -> None:
    try:
        number = parse_number(text)
    except ValueError:
        return
    assert number.is_int or number.is_uint or number.is_float or number.is_complex


@pytest.mark.parametrize("mark", ['"', "`"])
def test_bytes_that_make_a_rune_are_unquoted_as_that_rune(mark: str) -> None:
    assert unquote(f"{mark}\udce6\udc97\udc97a\udc97{mark}") in ("旗a\udc97", "旗a�")
