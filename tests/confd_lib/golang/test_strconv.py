"""Integers and booleans as Go 1.27 parses them, as tables."""

from __future__ import annotations

import pytest

from confd_lib.golang.strconv import parse_bool, parse_int, parse_uint

SYNTAX, RANGE = "invalid syntax", "value out of range"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", 0),
        ("00", 0),
        ("0_7", 7),
        ("1_000", 1000),
        ("0b1_0", 2),
        ("0X_1F", 31),
        ("0O17", 15),
        ("4294967295", 4294967295),
        ("4294967296", RANGE),
        ("9" * 5000, RANGE),
        ("0" * 5000 + "7", 7),
        ("", SYNTAX),
        ("0x", SYNTAX),
        ("08", SYNTAX),
        ("1__0", SYNTAX),
        ("_1", SYNTAX),
        ("1_", SYNTAX),
        ("+1", SYNTAX),
        ("1.0", SYNTAX),
        ("٣", SYNTAX),
    ],
)
def test_unsigned(text, expected):
    if isinstance(expected, int):
        assert parse_uint(text, 32) == expected
        return
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the text is compared below
        parse_uint(text, 32)
    assert str(caught.value) == f'strconv.ParseUint: parsing "{text}": {expected}'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("-0x10", -16),
        ("+7", 7),
        ("9223372036854775807", (1 << 63) - 1),
        ("-9223372036854775808", -(1 << 63)),
        ("9223372036854775808", RANGE),
        ("--1", SYNTAX),
        ("-", SYNTAX),
    ],
)
def test_signed(text, expected):
    if isinstance(expected, int):
        assert parse_int(text) == expected
        return
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the text is compared below
        parse_int(text)
    assert str(caught.value) == f'strconv.ParseInt: parsing "{text}": {expected}'


def test_booleans():
    assert [parse_bool(text) for text in ("1", "True", "F", "false")] == [True, True, False, False]
    with pytest.raises(ValueError, match="invalid syntax"):
        parse_bool("yes")
