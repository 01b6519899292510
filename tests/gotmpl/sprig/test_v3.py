"""The function set of sprig v3: what sprig itself answered, its sources, and laws."""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gotmpl import ExecError, Template, TemplateError, render
from gotmpl.golang.time import Time
from gotmpl.sprig import functions
from tests.gotmpl.oracle.mirror import decode

ROWS = [
    json.loads(line)
    for line in Path(__file__).with_name("cases.jsonl").read_text("utf-8").splitlines()
]
GROUPS = sorted({row["group"] for row in ROWS})
# Nothing of these is in the rows: they reach outside.
WITHOUT_ROWS = {"env", "getHostByName"}
FUNCTIONS = functions(random=random.Random(5), env={})


@pytest.fixture
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def answer(template: str, data: object, made: dict[str, Any] = FUNCTIONS) -> dict[str, str]:
    """Return the answer in the form of the recorded ones."""
    try:
        return {"output": Template("t").funcs(made).parse(template).render(data)}
    except ExecError as error:
        return {"error": str(error), "stage": "exec", "output": error.partial}
    except TemplateError as error:
        return {"error": str(error), "stage": "parse", "output": ""}


@pytest.mark.usefixtures("utc")
@pytest.mark.parametrize("group", GROUPS)
def test_rows_give_what_sprig_gave(group: str) -> None:
    if group in ("crypto", "random"):
        pytest.importorskip("cryptography")
        pytest.importorskip("bcrypt")
    for row in (row for row in ROWS if row["group"] == group):
        wanted = {"output": ""} | {k: row[k] for k in ("output", "error", "stage") if k in row}
        assert answer(row["template"], decode(row.get("data"))) == wanted, row["id"]


def test_the_set_has_the_names_of_sprig() -> None:
    assert len(FUNCTIONS) == 211
    assert FUNCTIONS.keys() - {row["function"] for row in ROWS} == WITHOUT_ROWS


def test_each_function_is_described() -> None:
    assert [name for name, function in FUNCTIONS.items() if not function.__doc__] == []


# -- Sources from outside


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ('{{env "HOME"}}', "env: the environment is off here; functions(env=os.environ) turns it"),
        ('{{expandenv "$HOME"}}', "expandenv: the environment is off here"),
        (
            '{{getHostByName "localhost"}}',
            "getHostByName: the network is off here; functions(network=True) turns it on",
        ),
    ],
)
def test_what_reaches_outside_is_off(template: str, reason: str) -> None:
    with pytest.raises(ExecError, match=re.escape(reason)):
        render(template, funcs=functions())


def test_what_reaches_outside_can_be_turned_on() -> None:
    made = functions(env={"A": "1"}, network=True)
    assert render('{{env "A"}} {{expandenv "<$A>"}}', funcs=made) == "1 <1>"
    assert render('{{getHostByName "127.0.0.1"}}', funcs=made) == "127.0.0.1"
    with pytest.raises(ExecError, match="invalid argument to Intn"):
        render('{{getHostByName "no..name"}}', funcs=made)


def test_the_clock_comes_from_outside() -> None:
    made = functions(now=lambda: Time(90_061 * 10**9, _local=False))
    template = '{{now | unixEpoch}} {{ago 0}} {{durationRound (toDate "2006" "x")}}'
    assert render(template, funcs=made) == "90061 25h1m1s 292y"


def test_chance_comes_from_outside() -> None:
    template = '{{randInt 0 1000000}} {{shuffle "abcdefgh"}} {{randBytes 9}} {{randAlpha 9}}'
    first, second = (render(template, funcs=functions(random=random.Random(7))) for _ in "ab")
    assert first == second != render(template, funcs=functions(random=random.Random(8)))


@pytest.mark.parametrize(
    ("module", "template", "hint"),
    [
        ("bcrypt", '{{bcrypt "x"}}', r"bcrypt needs a library: pip install 'confd-lib\[sprig\]'"),
        (
            "cryptography.x509",
            '{{genCA "x" 1}}',
            r"certificates need a library: pip install 'confd-lib\[sprig\]'",
        ),
        *(
            ("re2", template, r"regular expressions need a library: .*confd-lib\[sprig\]")
            # No other test asks for these, so that they are not in the cache.
            for template in ('{{regexMatch "no re2" "b"}}', '{{mustRegexFind "re2 \\\\pL" "b"}}')
        ),
        ("cryptography.hazmat.primitives", '{{encryptAES "k" "x"}}', r"confd-lib\[sprig\]"),
    ],
)
def test_an_extra_that_is_missing_is_named(
    module: str, template: str, hint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ExecError, match=hint):
        render(template, funcs=functions())


def test_the_import_needs_no_extra() -> None:
    program = (
        "import sys; from gotmpl.sprig import functions; functions(); "
        "print(*({'cryptography', 'bcrypt', 're2', 'regex', 'requests'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert done.stdout.strip() == b""


# -- Expressions

# A matcher that goes back needs more steps for these than there is time for.
COSTLY = [
    ("(a+)+$", "a" * 36 + "b"),
    ("(a*)*b", "a" * 50_000),
    ("(a|aa)+$", "a" * 50_000 + "b"),
    ("(a|a?)+x", "a" * 50_000),
    ("(.*)(.*)(.*)(.*)(.*)x", "a" * 5_000),
    ("(?i)(k|\u212a)+z", "\u212a" * 5_000),
    (r"^(([a-z])+.)+[A-Z]([a-z])+$", "a" * 5_000),
    (r"(\w+\s?)*!", "word " * 5_000),
    ("(a?){30}a{30}b", "a" * 5_000),
]
EVERY = """
import sys
from gotmpl import Template
from gotmpl.sprig import functions

texts = (
    "{{regexMatch .e .x}}",
    "{{regexFind .e .x | len}}",
    "{{regexFindAll .e .x -1 | len}}",
    '{{eq .x (regexReplaceAll .e .x "$0")}}',
    "{{regexSplit .e .x -1 | len}}",
)
for text in texts:
    print(Template("t").funcs(functions()).parse(text).render({"e": sys.argv[1], "x": sys.argv[2]}))
"""


@pytest.mark.parametrize(("expression", "text"), COSTLY, ids=[case[0] for case in COSTLY])
def test_an_expression_comes_to_an_end(expression: str, text: str) -> None:
    command = [sys.executable, "-c", EVERY, expression, text]
    done = subprocess.run(command, capture_output=True, check=True, text=True, timeout=200)
    assert done.stdout.split() == ["false", "0", "0", "true", "1"]
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("expression", "error"),
    [
        (r"\pL{1000}" * 20, "expression too large"),  # RE2 refuses it in its own words
        ("(" * 1000 + ")" * 1000, "expression nests too deeply"),
    ],
    ids=["large", "deep"],
)
def test_an_expression_may_be_too_much(
    expression: str, error: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert error in answer("{{mustRegexMatch . `a`}}", expression)["error"]
    assert capfd.readouterr() == ("", "")


# -- What is ours


def test_a_map_that_contains_itself() -> None:
    start = '{{$d := dict "a" 1}}{{$_ := set $d "d" $d}}'
    for template, reason in {
        "{{deepCopy $d}}": "deepCopy: the value nests too deep to be copied",
        "{{merge (dict) $d | len}}": "2",
        '{{$e := dict "a" 1}}{{$_ := set $e "d" $e}}{{merge $d $e}}': "nest too deep to be merged",
        '{{$e := dict "a" 1}}{{$_ := set $e "d" $e}}{{deepEqual $d $e}}': "too deep to be compared",
        "{{mustToJson $d}}": "encountered a cycle via map[string]interface {}",
    }.items():
        found = answer(start + template, None)
        assert reason in found.get("error", found["output"])


def test_damage_inside_a_key_is_named() -> None:
    pytest.importorskip("cryptography")
    damaged = "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n"
    found = answer('{{genCAWithKey "x" 1 .}}', damaged)
    assert "error calling genCAWithKey: parsing private key: decoding PEM: " in found["error"]


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        (
            '{{genCAWithKey "x" 1 "-----BEGIN X-----\\nAA\\n-----END X-----\\n"}}',
            "no private key data",
        ),
        ('{{genCAWithKey "x" 1 "-----BEGIN X PRIVATE KEY-----\\nAA"}}', "invalid private key type"),
    ],
)
def test_other_blocks_are_no_keys(template: str, reason: str) -> None:
    pytest.importorskip("cryptography")
    assert reason in answer(template, None)["error"]


# -- Laws

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
NESTED = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(-9, 9) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


def call(name: str, *arguments: object) -> Any:
    """Return what a template gets of a function."""
    found: Any = FUNCTIONS[name](*arguments)
    return found


@given(TEXTS)
def test_what_is_encoded_is_decoded(text: str) -> None:
    for name in ("b64", "b32"):
        assert call(f"{name}dec", call(f"{name}enc", text)) == text
    pytest.importorskip("cryptography")
    assert call("decryptAES", "key", call("encryptAES", "key", text)) == text


@given(NESTED)
def test_json_is_read_as_it_was_written(value: object) -> None:
    for name in ("toJson", "toPrettyJson", "toRawJson"):
        assert json.loads(call(name, value)) == value
    assert call("toJson", call("fromJson", call("toJson", value))) == call("toJson", value)


@given(TEXTS, st.text("ab,", min_size=1, max_size=2))
def test_what_is_split_is_joined(text: str, separator: str) -> None:
    assert call("join", separator, call("splitList", separator, text)) == text
    assert separator.join(call("splitn", separator, 3, text).values()) == text
    literal = call("regexQuoteMeta", separator)
    assert call("join", separator, call("regexSplit", literal, text, -1)) == text


@given(st.lists(st.integers(0, 5) | st.sampled_from("abc")))
def test_lists(items: list[object]) -> None:
    kept = call("uniq", items)
    assert call("uniq", kept) == kept
    assert all(call("has", item, kept) for item in items)
    assert call("reverse", call("reverse", items)) == items
    assert call("concat", *call("chunk", 2, items)) == items
    assert call("without", items, *items) == []
    if items:
        assert [call("first", items), *call("rest", items)] == items
        assert call("append", call("initial", items), call("last", items)) == items


@given(st.lists(TEXTS))
def test_a_sorted_list_stays(items: list[object]) -> None:
    ordered = call("sortAlpha", items)
    assert call("sortAlpha", ordered) == ordered == sorted(items, key=lambda one: str(one).encode())


@given(st.dictionaries(TEXTS, NESTED, max_size=4), st.dictionaries(TEXTS, NESTED, max_size=4))
def test_maps(one: dict[str, object], other: dict[str, object]) -> None:
    copied = call("deepCopy", one)
    assert call("deepEqual", copied, one)
    merged = call("merge", copied, other)
    assert merged is copied
    assert merged.keys() >= one.keys()
    again = call("merge", call("deepCopy", merged), call("deepCopy", other))
    assert call("deepEqual", again, merged)
    picked, omitted = call("pick", one, *other), call("omit", one, *other)
    assert picked | omitted == one
    assert call("keys", one) == sorted(one, key=str.encode)


@given(st.integers(-(2**63), 2**63 - 1), st.integers(-(2**63), 2**63 - 1))
def test_arithmetic(one: int, other: int) -> None:
    assert call("sub", call("add", one, other), other) == one
    if other:
        rest = call("mod", one, other)
        assert call("add", call("mul", call("div", one, other), other), rest) == one


@given(st.decimals(-1000, 1000, places=3), st.decimals(-1000, 1000, places=3))
def test_decimals_are_exact(one: Any, other: Any) -> None:
    assert call("addf", float(one), float(other)) == float(one + other)
    assert call("mulf", float(one), float(other)) == float(one * other)


@given(TEXTS, st.integers(0, 9), st.integers(-20, 20))
def test_parts_of_a_text(text: str, count: int, cut: int) -> None:
    assert len(call("trunc", cut, text).encode("utf-8", "surrogateescape")) <= abs(cut)
    assert call("nindent", count, text) == "\n" + call("indent", count, text)


EXPRESSIONS = ("a", "ab*", "[^b]", "(a|b)+", "b?", "^a", "a$", "")


@given(st.sampled_from(EXPRESSIONS), st.text("ab", max_size=8))
def test_matches(expression: str, text: str) -> None:
    found = call("regexFindAll", expression, text, -1)
    assert bool(found) is call("regexMatch", expression, text)
    assert call("regexReplaceAll", expression, text, "${0}") == text


@given(st.integers(0, 99), st.integers(0, 99), st.integers(0, 99))
def test_versions(major: int, minor: int, patch: int) -> None:
    text = f"{major}.{minor}.{patch}"
    assert call("semver", text).String() == text
    for constraint in (f"={text}", f"^{text}", f"~{text}", f">={text}", f"<={text}", "*"):
        assert call("semverCompare", constraint, text) is True, constraint
    for constraint in (f">{text}", f"<{text}", f"!={text}"):
        assert call("semverCompare", constraint, text) is False, constraint


@pytest.mark.parametrize(
    "url",
    [
        "http://u:p@h:80/a%20b?q=1#f",
        "mailto:a@b",
        "//h/p",
        "file:///etc/x",
        "/a/b",
        "https://[::1]:8/",
    ],
)
def test_parts_of_a_url_make_the_url(url: str) -> None:
    assert call("urlJoin", call("urlParse", url)) == url


@given(st.integers(0, 4_000_000_000))
def test_a_date_is_read_as_it_was_written(seconds: int) -> None:
    layout = "2006-01-02T15:04:05Z07:00"
    text = call("dateInZone", layout, seconds, "UTC")
    assert call("unixEpoch", call("toDate", layout, text)) == str(seconds)


ANY = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 5),
    st.text("a é,$(*", max_size=4),
    st.just({"a": {"b": 1}}),
    st.just([1, "a", None]),
    st.floats(),
)
SLOW = {name for name in FUNCTIONS if name.startswith(("gen", "derive", "bcrypt", "htpasswd"))}


@given(st.sampled_from(sorted(FUNCTIONS.keys() - SLOW)), st.lists(ANY, max_size=4))
def test_any_arguments_give_a_text_or_go_s_error(name: str, arguments: list[object]) -> None:
    fields = " ".join(f".a{i}" for i in range(len(arguments)))
    data = {f"a{i}": value for i, value in enumerate(arguments)}
    found = answer(f"{{{{{name} {fields}}}}}", data)
    ours = "NoneType|attribute|object|not supported|Traceback"
    assert "error" not in found or not re.search(ours, found["error"])
