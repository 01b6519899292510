"""YAML 1.1 with the scalar rules of go-yaml v2: one row for each rule."""

from __future__ import annotations

import contextlib
import math

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from metadata_client.errors import YAMLError
from metadata_client.yaml11 import MAX_DEPTH, KeyNotice, load, resolve

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
    ("0b-1", -1),
    ("0b+101", 5),
    ("-0b101", -5),
    ("-0b-1", "-0b-1"),
    ("0x-1", "0x-1"),
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
    pytest.param("a: !!null ~\nb: !local 1\n", {"a": None, "b": "1"}, id="other tags"),
    pytest.param("a:\nb: ''\n", {"a": None, "b": ""}, id="empty is null"),
    pytest.param("a: |\n  x\n  y\nb: >-\n  x\n  y\n", {"a": "x\ny\n", "b": "x y"}, id="blocks"),
    pytest.param("a: &x {k: 1}\nb: *x\n", {"a": {"k": 1}, "b": {"k": 1}}, id="alias"),
    pytest.param("a: &x 1\nb: *x\n? *x\n: c\n", {"a": 1, "b": 1, 1: "c"}, id="alias of a scalar"),
    pytest.param(
        "a: &x {p: 1}\nb: &x {p: 2}\nc: *x\n",
        {"a": {"p": 1}, "b": {"p": 2}, "c": {"p": 2}},
        id="the latest anchor counts",
    ),
    pytest.param(
        "a: &x 1\nb: *x\nc: &x 2\nd: *x\n",
        {"a": 1, "b": 1, "c": 2, "d": 2},
        id="an alias knows what stands before it",
    ),
    pytest.param("- &x [&x 1, *x]\n- *x\n", [[1, 1], 1], id="an anchor begins with its node"),
    pytest.param("a: 1\na: 2\n", {"a": 2}, id="last of two keys"),
    pytest.param("8080: x\non: z\n", {8080: "x", True: "z"}, id="keys are resolved"),
    pytest.param("<<: {a: 1}\na: 2\n", {"a": 2}, id="merge before"),
    pytest.param("a: 2\n<<: {a: 1}\n", {"a": 1}, id="merge after"),
    pytest.param("<<: [{a: 1}, {a: 2, b: 3}]\n", {"a": 1, "b": 3}, id="merge list"),
    pytest.param("'<<': 1\n", {"<<": 1}, id="quoted merge is a key"),
    pytest.param("a: 1\n---\nb: 2\n", {"a": 1}, id="first document"),
    pytest.param("\xff\xfea: 1", {"\xff\xfea": 1}, id="text stays text"),
]


@pytest.fixture(params=["CSafeLoader", "SafeLoader"])
def loader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both of PyYAML's parsers: libyaml, and its own in Python."""
    monkeypatch.setattr("metadata_client.yaml11._Loader", getattr(yaml, request.param))


@pytest.mark.parametrize(("text", "value"), DOCUMENTS)
def test_document(loader: None, text: str, value: object) -> None:
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


TOO_DEEP = f"nested too deep: more than {MAX_DEPTH} levels"

# Where the text is no YAML, the words are PyYAML's or libyaml's: only the line is ours.
ERRORS = [
    pytest.param("a: [1\n", "line 2: ", id="open list"),
    pytest.param("a:\n  - b\n c: d\n", "line 3: ", id="indentation"),
    pytest.param("a: *nope\n", "line 1: unknown anchor 'nope' referenced", id="alias"),
    pytest.param("a:\n  &x [*x]\n", "line 2: anchor 'x' value contains itself", id="recursive"),
    pytest.param("a: &x 1\nb: &x [*x]\n", "line 2: anchor 'x' value contains", id="again"),
    pytest.param("? [a]\n: b\n", "line 1: invalid map key: a list or a map", id="list as key"),
    pytest.param("? {a: b}\n: b\n", "line 1: invalid map key: a list or a map", id="map as key"),
    pytest.param("a: &x []\n? *x\n: b\n", "line 2: invalid map key", id="alias of a list as key"),
    pytest.param("1: a\n1.0: b\n", "line 2: the keys 1 and 1.0 are one key in Python", id="1, 1.0"),
    pytest.param("{on: a, 1: b}", "line 1: the keys True and 1 are one key in Python", id="on, 1"),
    pytest.param(
        "\n<<: 1\n", "line 2: map merge requires map or sequence of maps as the value", id="merge"
    ),
    pytest.param(
        "a: &x [{}]\nb: {<<: *x}\n", "line 2: map merge requires map", id="merge of an aliased list"
    ),
    pytest.param("a: !!null x\n", "line 1: cannot decode !!str `x` as a !!null", id="null"),
    pytest.param("a: !!int x\n", "line 1: cannot decode !!str `x` as a !!int", id="int"),
    pytest.param("a: !!float ~\n", "line 1: cannot decode !!null `~` as a !!float", id="float"),
    pytest.param(
        "a: !!binary '?'\n", "line 1: !!binary value contains invalid base64 data", id="binary"
    ),
    pytest.param(b"a: \xff\n", None, id="bytes"),
    pytest.param("a: \x00\n", None, id="control character"),
    pytest.param("[" * 5_000, f"line 1: {TOO_DEEP}", id="deep"),
    pytest.param("[" * 201 + "]" * 201, f"line 1: {TOO_DEEP}", id="deep and closed"),
    pytest.param("[" * 50_000 + "]" * 50_000, f"line 1: {TOO_DEEP}", id="deep in lists"),
    pytest.param("a:\n  " + "- " * 50_000 + "b", f"line 2: {TOO_DEEP}", id="deep in items"),
    pytest.param("- ? " * 50_000 + "b", "line 1: invalid map key", id="deep in items and keys"),
    pytest.param(
        ("- " * 50_000 + "b").encode("utf-16"), f"line 1: {TOO_DEEP}", id="deep in UTF-16"
    ),
    pytest.param(("[" * 50_000).encode("utf-16"), f"line 1: {TOO_DEEP}", id="lists in UTF-16"),
    pytest.param('{"a":' * 50_000, f"line 1: {TOO_DEEP}", id="deep in maps"),
    pytest.param("[{a: b}, " * 50_000, f"line 1: {TOO_DEEP}", id="deep in lists of maps"),
]


@pytest.mark.parametrize(("text", "message"), ERRORS)
def test_error(loader: None, text: str | bytes, message: str | None) -> None:
    with pytest.raises(YAMLError) as caught:
        load(text)
    if message is not None:
        assert str(caught.value).startswith(message)


def test_as_deep_as_is_allowed() -> None:
    made = load("[" * MAX_DEPTH + "]" * MAX_DEPTH)
    for _ in range(MAX_DEPTH - 1):
        assert isinstance(made, list)
        (made,) = made
    assert made == []


# -- Aliases, as many as go-yaml 2.4.0 allows: both sides of its limit were tried with it.


def aliases(size: int, times: int, more: int = 0) -> str:
    """Return a list of some size, aliased some times, and more keys after that."""
    listed = f"a: &a [{','.join(['x'] * size)}]\nb: [{','.join(['*a'] * times)}]\n"
    return listed + "".join(f"k{number}: 1\n" for number in range(more))


def bomb(levels: int, width: int) -> str:
    """Return lists of lists of lists, each `width` aliases of the one before."""
    items = ["x", *(f"*a{level}" for level in range(levels - 1))]
    return "".join(
        f"a{level}: &a{level} [{','.join([item] * width)}]\n" for level, item in enumerate(items)
    )


ALLOWED = [
    pytest.param(aliases(1000, 110), id="110 of 1000"),
    pytest.param(aliases(9, 10_000), id="many small ones"),
    pytest.param(bomb(3, 10), id="three levels of 10"),
    pytest.param(bomb(9, 2), id="nine levels of 2"),
    pytest.param(aliases(1000, 90, 10_000), id="few among many keys"),
]
EXCESSIVE = [
    pytest.param(aliases(1000, 111), id="111 of 1000"),
    pytest.param(aliases(1000, 111, 5000), id="also where much follows"),
    pytest.param(bomb(3, 20), id="three levels of 20"),
    pytest.param(bomb(4, 9), id="four levels of 9"),
    pytest.param(bomb(9, 9), id="nine levels of 9"),
    pytest.param(bomb(60, 2), id="sixty levels of 2"),
]


@pytest.mark.parametrize("text", ALLOWED)
def test_aliases_that_are_allowed(text: str) -> None:
    assert load(text)


@pytest.mark.parametrize("text", EXCESSIVE)
def test_aliases_that_are_too_many(text: str) -> None:
    with pytest.raises(YAMLError, match=r"^line \d+: document contains excessive aliasing$"):
        load(text)


# -- Keys that are not what they seem

NOTICES = [
    pytest.param("a: 1\n'on': 2\n\"1\": 3\n", [], id="texts"),
    pytest.param("a: {on: 1}\n", ["1: the key on becomes True; put it in quotes"], id="a word"),
    pytest.param("a:\n- 1.10: x\n", ["2: the key 1.10 becomes 1.1; "], id="a number"),
    pytest.param("10: x\n", [], id="a number as it is written"),
    pytest.param(
        "y: 1\nn: 2\non: 3\n",
        ["1: the key y ", "2: the key n ", "3: the keys y and on both become True, and the later"],
        id="one key of two",
    ),
    pytest.param("8: 1\n010: 2\n", ["2: the keys 8 and 010 both become 8"], id="one number of two"),
    pytest.param("a: 1\na: 2\n", ["2: the key a stands twice"], id="twice"),
    pytest.param("b: &b {a: 1}\nc: {<<: *b, a: 2}\n", [], id="a merge is no second time"),
]


@pytest.mark.parametrize(("text", "said"), NOTICES)
def test_notices_of_keys(text: str, said: list[str]) -> None:
    notices: list[KeyNotice] = []
    load(text, key=str, notices=notices)
    assert len(notices) == len(said)
    for notice, words in zip(notices, said, strict=True):
        assert f"{notice.line}: {notice}".startswith(words)


def test_a_notice_names_the_way_to_the_mapping() -> None:
    notices: list[KeyNotice] = []
    load("a: [x, {b: {on: 1}}]", key=str, notices=notices)
    assert [notice.path for notice in notices] == [("a", 1, "b")]


def test_keys_of_unlike_types_are_different_keys_as_texts() -> None:
    text = "{0: zero, 1: one, 2: two, off: d, on: e, 1.5: f, '3': g, ~: h}"
    keys = ["0", "1", "2", "False", "True", "1.5", "'3'", "None"]
    values = ["zero", "one", "two", "d", "e", "f", "g", "h"]
    assert load(text, key=repr) == dict(zip(keys, values, strict=True))


def test_where_the_scanner_differs() -> None:
    # go-yaml: an unknown escape, and a list of the text `a:`.
    assert load(r'"\/"') == "/"
    with pytest.raises(YAMLError, match=r"^line 1: "):
        load("[a:]")


@given(st.text())
def test_any_text_loads_or_raises_ours(text: str) -> None:
    with contextlib.suppress(YAMLError):
        load(text)


@given(st.integers(-(1 << 63), (1 << 64) - 1))
def test_integers_are_exact(number: int) -> None:
    assert resolve(str(number)) == number
