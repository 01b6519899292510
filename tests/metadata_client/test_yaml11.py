"""YAML 1.1 with the scalar rules of go-yaml v2: one row for each rule."""

from __future__ import annotations

import contextlib
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metadata_client.errors import YAMLError
from metadata_client.yaml11 import load, resolve

SCALARS = [
    ("y", True),
    ("Y", True),
    ("on", True),
    ("No", False),
    ("OFF", False),
    ("oN", "oN"),
    ("yEs", "yEs"),
    ("~", None),
    ("Null", None),
    ("nULL", "nULL"),
    ("42", 42),
    ("-7", -7),
    ("+7", 7),
    ("0", 0),
    ("0755", 493),
    ("-0755", -493),
    ("0o17", 15),
    ("08", 8.0),
    ("0x1F", 31),
    ("-0x1f", -31),
    ("0b101", 5),
    ("1_000", 1000),
    ("9223372036854775807", 9223372036854775807),
    ("12345678901234567890", 12345678901234567890),
    ("18446744073709551616", 18446744073709551616.0),
    ("-9223372036854775809", -9223372036854775809.0),
    ("+9223372036854775808", 9223372036854775808.0),
    ("1.10", 1.1),
    ("1.", 1.0),
    (".5", 0.5),
    ("1e3", 1000.0),
    ("1.0e+25", 1e25),
    ("1e999", "1e999"),
    (".5_0", ".5_0"),
    (".", "."),
    ("-", "-"),
    ("+.INF", math.inf),
    ("-.inf", -math.inf),
    ("10.0.22", "10.0.22"),
    ("2001-02-03", "2001-02-03"),
    ("12:30:45", "12:30:45"),
    ("1,000", "1,000"),
    ("0x", "0x"),
    ("plain", "plain"),
    ("=", "="),
    ("\u0661", "\u0661"),
    ("1\u0661", "1\u0661"),
]


def test_numbers_longer_than_python_reads_are_texts() -> None:
    digits = "9" * 5000
    assert [resolve(digits), resolve(f"-{digits}"), resolve(f"1e{digits}")] == [
        digits,
        f"-{digits}",
        f"1e{digits}",
    ]


@pytest.mark.parametrize(("text", "value"), SCALARS, ids=[text for text, _ in SCALARS])
def test_plain_scalar(text: str, value: object) -> None:
    made = resolve(text)
    assert (type(made), made) == (type(value), value)


DOCUMENTS = [
    pytest.param("", None, id="nothing"),
    pytest.param("a: 'y'\nb: \"1\"\n", {"a": "y", "b": "1"}, id="quoted is a string"),
    pytest.param("a: ! 1\nb: !!str on\n", {"a": 1, "b": "on"}, id="tagged string"),
    pytest.param("a: !!float 3\nb: !!int '3'\n", {"a": 3.0, "b": 3}, id="tagged number"),
    pytest.param("a: !!binary aGk=\n", {"a": "hi"}, id="binary"),
    pytest.param("a: !!null x\nb: !local 1\n", {"a": None, "b": "1"}, id="other tags"),
    pytest.param("a:\nb: ''\n", {"a": None, "b": ""}, id="empty is null"),
    pytest.param("a: |\n  x\n  y\nb: >-\n  x\n  y\n", {"a": "x\ny\n", "b": "x y"}, id="blocks"),
    pytest.param("a: &x {k: 1}\nb: *x\n", {"a": {"k": 1}, "b": {"k": 1}}, id="alias"),
    pytest.param("a: 1\na: 2\n", {"a": 2}, id="last of two keys"),
    pytest.param("8080: x\non: z\n", {8080: "x", True: "z"}, id="keys are resolved"),
    pytest.param("<<: {a: 1}\na: 2\n", {"a": 2}, id="merge before"),
    pytest.param("a: 2\n<<: {a: 1}\n", {"a": 1}, id="merge after"),
    pytest.param("<<: [{a: 1}, {a: 2, b: 3}]\n", {"a": 1, "b": 3}, id="merge list"),
    pytest.param("'<<': 1\n", {"<<": 1}, id="quoted merge is a key"),
    pytest.param("a: 1\n---\nb: 2\n", {"a": 1}, id="first document"),
    pytest.param("\xff\xfea: 1", {"\xff\xfea": 1}, id="text stays text"),
]


@pytest.mark.parametrize(("text", "value"), DOCUMENTS)
def test_document(text: str, value: object) -> None:
    assert load(text) == value


def test_anchor_is_shared() -> None:
    made = load("a: &x [1]\nb: *x\n")
    assert isinstance(made, dict)
    assert made["a"] is made["b"]


def test_key_function() -> None:
    def text_key(key: object) -> str:
        if key is None:
            raise ValueError("null key")
        return repr(key)

    assert load("1: {true: x}\n", key=text_key) == {"1": {"True": "x"}}
    with pytest.raises(YAMLError, match=r"^line 2: null key$"):
        load("1: x\n~: y\n", key=text_key)


ERRORS = [
    pytest.param("a: [1", "line 2: did not find expected ',' or ']'", id="open list"),
    pytest.param("a:\n  - b\n c: d\n", "line 3: did not find expected key", id="indentation"),
    pytest.param("a: *nope\n", "line 1: found undefined alias", id="alias"),
    pytest.param("a:\n  &x [*x]\n", "line 2: anchor value contains itself", id="recursive"),
    pytest.param("? [a]\n: b\n", "line 1: invalid map key: a list or a map", id="list as key"),
    pytest.param(
        "\n<<: 1\n", "line 2: map merge requires map or sequence of maps as the value", id="merge"
    ),
    pytest.param("a: !!int x\n", "line 1: cannot decode !!str `x` as a !!int", id="int"),
    pytest.param("a: !!float ~\n", "line 1: cannot decode !!null `~` as a !!float", id="float"),
    pytest.param(
        "a: !!binary '?'\n", "line 1: !!binary value contains invalid base64 data", id="binary"
    ),
    pytest.param(b"a: \xff\n", None, id="bytes"),
    pytest.param("a: \x00\n", None, id="control character"),
    pytest.param("[" * 5_000, None, id="deep"),
    pytest.param("[" * 900 + "]" * 900, "line 1: nested too deep", id="deep and closed"),
    pytest.param("[" * 50_000 + "]" * 50_000, "line 1: nested too deep", id="deep in lists"),
    pytest.param("a:\n  " + "- " * 50_000 + "b", "line 2: nested too deep", id="deep in items"),
    pytest.param("- ? " * 50_000 + "b", "line 1: nested too deep", id="deep in items and keys"),
    pytest.param(
        ("- " * 50_000 + "b").encode("utf-16"), "line 1: nested too deep", id="deep in UTF-16"
    ),
    pytest.param('{"a":' * 50_000, "line 1: nested too deep", id="deep in maps"),
]


@pytest.mark.parametrize(("text", "message"), ERRORS)
def test_error(text: str | bytes, message: str | None) -> None:
    with pytest.raises(YAMLError) as caught:
        load(text)
    if message is not None:
        assert str(caught.value).startswith(message)


@given(st.text())
def test_any_text_loads_or_raises_ours(text: str) -> None:
    with contextlib.suppress(YAMLError):
        load(text)


@given(st.integers(-(1 << 63), (1 << 64) - 1))
def test_integers_are_exact(number: int) -> None:
    assert resolve(str(number)) == number
