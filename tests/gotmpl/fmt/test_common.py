"""Values made of Python's own types alone: their texts are those of the rules for all values."""

from __future__ import annotations

import math
import struct
from collections import OrderedDict, defaultdict
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

import gotmpl
from gotmpl.errors import LimitError
from gotmpl.fmt.formats import Spec
from gotmpl.fmt.printf import sprintf
from gotmpl.fmt.printing import common_text, format_value, sprint, to_text
from gotmpl.strconv.floats import format_float, shortest
from gotmpl.values.keys import sorted_items, sorted_keys

LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
KEYS = st.text(max_size=3) | st.integers() | st.booleans()
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.lists(inner, max_size=5).map(tuple)
        | st.dictionaries(KEYS, inner, max_size=5)
    ),
    max_leaves=20,
)


@given(VALUES, st.sampled_from("vsdqt"))
def test_a_text_is_that_of_the_rules_for_all_values(value: object, verb: str) -> None:
    text = common_text(value, verb)
    assert text in (None, format_value(value, Spec(verb)))


@given(VALUES)
def test_a_verb_prints_a_value_in_a_slice_as_alone(value: object) -> None:
    assert sprintf("%v", [[value]]) == f"[{sprint([value])}]"


class Name(str):
    __slots__ = ()

    def String(self) -> str:  # noqa: N802 - Go's name
        return f"<{self[:]}>"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (["a", 1, 1.0, 1e6, True, None], "[a 1 1 1e+06 true <nil>]"),
        (("a", "b"), "[a b]"),
        ([], "[]"),
        ({}, "map[]"),
        ({"b": [{"c": ()}], "a": {}}, "map[a:map[] b:[map[c:[]]]]"),
        ({10: "a", 9: "b"}, "map[9:b 10:a]"),
        ([[[[["a"]]]]], "[[[[[a]]]]]"),
        (["a", Name("b")], "[a <b>]"),
        ({Name("b"): "x", "a": Name("y")}, "map[a:<y> <b>:x]"),
        ([{"a": [Name("b"), "c"]}], "[map[a:[<b> c]]]"),
    ],
)
def test_printed(value: object, text: str) -> None:
    assert to_text(value) == text


@pytest.mark.parametrize("count", [31, 32, 255, 256, 257, 1000])
@pytest.mark.parametrize("item", ["ab", 1, ["a", 2], {"k": "v"}, "x" * 5000, ["x" * 5000]])
def test_long_slices_and_maps(count: int, item: object) -> None:
    text = to_text(item)
    assert to_text([item] * count) == f"[{' '.join([text] * count)}]"
    keys = [f"{number:04}" for number in range(count)]
    pairs = " ".join(f"{key}:{text}" for key in keys)
    assert to_text(dict.fromkeys(reversed(keys), item)) == f"map[{pairs}]"


def nested(item: object, width: int, depth: int) -> object:
    for _ in range(depth):
        item = [item] * width
    return item


@pytest.mark.parametrize(
    "value",
    [
        nested("x", 300, 4),  # 16 GB of text
        nested("x" * 100_000, 31, 4),
        nested({"a": "x"}, 31, 6),
        {"a": nested(1, 100, 5)},
    ],
)
def test_large_texts_obey_the_limits(value: object) -> None:
    template = gotmpl.Template("t").parse("{{.}}").limits(output=1_000_000)
    with pytest.raises(LimitError, match="limit of 1000000 characters"):
        template.render(value)


# -- Floats, keys and elements


@given(st.binary(min_size=8, max_size=8))
def test_any_float_is_printed_as_by_the_verb_g(bits: bytes) -> None:
    (value,) = struct.unpack("d", bits)
    assert shortest(value) == format_float(value, "g")


@given(st.integers(-(10**18), 10**18) | st.floats(-1e18, 1e18))
def test_a_float_near_the_first_exponent_is_printed_as_by_the_verb_g(number: float) -> None:
    value = float(number)
    assert shortest(value) == format_float(value, "g")


@pytest.mark.parametrize("value", [1e6, 999999.0, 1e16, 1e15, 9999999999999998.0, 1e-4, 9.9e-5])
@pytest.mark.parametrize("sign", [1, -1])
def test_floats_where_the_form_changes(value: float, sign: int) -> None:
    assert shortest(sign * value) == format_float(sign * value, "g")


def test_floats_without_digits() -> None:
    assert [shortest(each) for each in (math.inf, -math.inf, math.nan, -0.0)] == [
        *("+Inf", "-Inf", "NaN", "-0")
    ]


@given(st.dictionaries(st.integers(), st.none()))
def test_keys_that_are_ints_are_in_their_order(mapping: dict[int, None]) -> None:
    assert sorted_keys(mapping) == sorted(mapping)


def test_keys_of_an_ordered_dict_that_was_reordered() -> None:
    mapping = OrderedDict(b=1, a=2, c=3)
    mapping.move_to_end("b")
    assert sorted_items(mapping) == [("a", 2), ("b", 1), ("c", 3)]


@pytest.mark.parametrize("mapping", [OrderedDict(a=1), defaultdict(int, a=1)])
def test_index_adds_no_key(mapping: Mapping[str, int]) -> None:
    assert gotmpl.render('{{index . "a"}} {{index . "b"}}', mapping) == "1 <no value>"
    assert list(mapping) == ["a"]
