"""The function set of sprig of 2016: what Rancher's executor and sprig itself answered, and laws.

The rows of Rancher's executor are expanded with its data; those of sprig v3 are asked where both
versions agree, and a row that differs is named with the reason.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gotmpl import ExecError, Template, TemplateError, render
from gotmpl.golang import base32
from gotmpl.golang.duration import parse_duration
from gotmpl.golang.time import Time, format_in_zone
from gotmpl.sprig import rancher, v2016
from gotmpl.values.kinds import Map

HERE = Path(__file__).parent
CATALOG = HERE.parents[1] / "metadata_client/compose/catalog/cases.jsonl"

Row = dict[str, Any]


def rows(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def answer(template: str, data: object, functions: dict[str, Any], name: str) -> Row:
    """Return the answer in the form of the recorded ones."""
    try:
        return {"output": Template(name).funcs(functions).parse(template).render(data)}
    except ExecError as error:
        return {"error": str(error), "stage": "execute", "partial": error.partial}
    except TemplateError as error:
        return {"error": str(error), "stage": "parse"}


# -- Rancher's executor


TEMPLATES = [
    row for row in rows(CATALOG) if row["kind"] == "template" and "notemplating" not in row["text"]
]


@pytest.mark.parametrize("row", TEMPLATES, ids=lambda row: f"{row['id']} {row['about']}")
def test_a_template_gives_what_the_executor_gave(row: Row) -> None:
    given = row["stack"]
    stack = SimpleNamespace(
        Version=given["version"], PreviousVersion=given["previous_version"], Name=given["name"]
    )
    data = {
        "Values": Map("string", row["values"]),
        "Release": stack,
        "Stack": stack,
        "Environment": SimpleNamespace(Name=row["environment"]),
    }
    wanted = {key: row[key] for key in ("output", "error", "stage", "partial") if key in row}
    assert answer(row["text"], data, rancher.functions(), "template") == wanted


def test_the_sets_have_no_other_names() -> None:
    assert len(v2016.functions()) == 84
    assert rancher.functions().keys() - v2016.functions().keys() == {"splitPreserveQuotes"}


# -- Rows of sprig v3

# Where sprig of 2016 differs.
OTHERWISE = {
    **dict.fromkeys(("strings-078", "strings-081"), "counts from the end in v3"),
    **dict.fromkeys(
        ("strings-150", "strings-152", "strings-166", "strings-174", "coercion-034"),
        "nil is left out in v3",
    ),
    **dict.fromkeys(("split-042", "split-044"), "anything is joined in v3"),
    **dict.fromkeys(
        ("coercion-001", "coercion-010", "coercion-029"), "by Go's literal rules in v3"
    ),
}


def is_asked(row: Row) -> bool:
    if row["function"] not in v2016.functions() or "shape" in row.get("tags", ()):
        return False
    return '{"$"' not in json.dumps(row.get("data"))


V3 = [row for row in rows(HERE / "cases.jsonl") if is_asked(row)]


@pytest.fixture
def utc(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("utc")
@pytest.mark.parametrize("group", sorted({row["group"] for row in V3}))
def test_rows_give_what_sprig_gave(group: str) -> None:
    for row in (row for row in V3 if row["group"] == group):
        template = row["template"]
        given = answer(template, row.get("data"), v2016.functions(), "t")
        if "not defined" in given.get("error", ""):
            continue  # it calls a newer function as well
        stage = {"exec": "execute", "parse": "parse"}.get(row.get("stage", ""))
        wanted = {key: row[key] for key in ("output", "error") if key in row}
        if stage:
            wanted |= {"stage": stage}
        if stage == "execute":
            wanted["partial"] = wanted.pop("output", "")
        assert (given == wanted) is (row["id"] not in OTHERWISE), row["id"]


# -- Sources from outside


def test_the_clock_comes_from_outside() -> None:
    functions = v2016.functions(now=lambda: Time(86_400 * 10**9))
    template = '{{dateInZone "2006-01-02" now "UTC"}} {{htmlDateInZone "no date" "UTC"}}'
    assert render(template, funcs=functions) == "1970-01-02 1970-01-02"


def test_chance_comes_from_outside() -> None:
    template = "{{randAlphaNum 8}} {{randAscii 4}} {{uuidv4}}"
    first, second = (
        render(template, funcs=v2016.functions(random=random.Random(7))) for _ in range(2)
    )
    assert first == second != render(template, funcs=v2016.functions(random=random.Random(8)))
    assert render(template, funcs=v2016.functions()) != render(template, funcs=v2016.functions())


def test_the_environment_is_empty_unless_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CATALOG_TEST", "of the process")
    template = '[{{env "CATALOG_TEST"}}] [{{expandenv "$CATALOG_TEST"}}]'
    assert render(template, funcs=v2016.functions()) == "[] []"
    given = v2016.functions(env={"CATALOG_TEST": "given"})
    assert render(template, funcs=given) == "[given] [given]"


@pytest.mark.parametrize(
    ("text", "expanded"),
    [
        ("$A-${A}", "1-1"),
        ("${A", "A"),
        ("${A$A-${A", "A1-A"),
        ("${}x", "x"),
        ("$", "$"),
        ("$%", "$%"),
        ("$1$*x", "x"),
        ("${A b}", ""),
    ],
)
def test_variables_of_a_text(text: str, expanded: str) -> None:
    functions = v2016.functions(env={"A": "1"})
    assert render("{{expandenv .}}", text, funcs=functions) == expanded


@pytest.mark.parametrize(("kind", "title"), [("dsa", "DSA"), ("ecdsa", "EC")], ids=["dsa", "ecdsa"])
def test_a_private_key(kind: str, title: str) -> None:
    pytest.importorskip("cryptography")
    made = render("{{genPrivateKey .}}", kind, funcs=v2016.functions())
    assert made.startswith(f"-----BEGIN {title} PRIVATE KEY-----\n")


def test_a_private_key_without_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.asymmetric", None)
    with pytest.raises(ExecError, match=r"genPrivateKey: private keys need a library: pip"):
        render('{{genPrivateKey "rsa"}}', funcs=v2016.functions())


# -- Values of Go


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("1h30m", "1h30m0s"),
        ("-1.5h", "-1h30m0s"),
        ("+0", "0s"),
        ("1us2ns", "1.002µs"),
        (".5s", "500ms"),
        ("1.s", "1s"),
        ("-9223372036854775808ns", 'time: invalid duration "-9223372036854775808ns"'),
        ("bad", 'time: invalid duration "bad"'),
        ("", 'time: invalid duration ""'),
        ("-", 'time: invalid duration "-"'),
        (".s", 'time: invalid duration ".s"'),
        ("1", 'time: missing unit in duration "1"'),
        ("1d", 'time: unknown unit "d" in duration "1d"'),
        ("300000000h", 'time: invalid duration "300000000h"'),
    ],
)
def test_a_duration(text: str, shown: str) -> None:
    try:
        found = parse_duration(text).String()
    except ValueError as error:
        found = str(error)
    assert found == shown


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        ("", "00:00 UTC"),
        ("UTC", "00:00 UTC"),
        ("Asia/Tokyo", "09:00 JST"),
        ("No/Where", "00:00 UTC"),
        ("../etc", "00:00 UTC"),
    ],
)
def test_a_zone(zone: str, shown: str) -> None:
    assert format_in_zone(Time(0), "15:04 MST", zone) == shown


def test_a_zone_in_the_year_1() -> None:
    first = Time(0).AddDate(-1969, 0, 0)
    assert format_in_zone(first, "2006", "Asia/Tokyo") == "0001"


# -- Laws


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_texts_survive_encoding(text: str) -> None:
    functions = v2016.functions()
    for pair in ("b64enc .|b64dec", "b32enc .|b32dec"):
        assert render("{{" + pair + "}}", text, funcs=functions) == text
    assert base32.decoded(base32.encoded(text)) == text
    wanted = hashlib.sha256(text.encode()).hexdigest()
    assert render("{{sha256sum .}}", text, funcs=functions) == wanted


@given(st.text("ab ,é"), st.text(",é ", min_size=1, max_size=2))
def test_what_was_split_is_joined(text: str, separator: str) -> None:
    parts = v2016.functions()["split"](separator, text)
    assert separator.join(parts.values()) == text


@given(st.text("a' \"é\n", max_size=12))
def test_pieces_with_quotes_hold_the_text(text: str) -> None:
    parts = rancher.split_preserve_quotes(text)
    if text and text[-1] != "é":
        assert "".join(parts).replace(" ", "").replace("\n", "") == text.replace(" ", "").replace(
            "\n", ""
        )


@given(st.text("ab \n"), st.integers(1, 6))
def test_lines_are_not_longer_than_their_width(text: str, width: int) -> None:
    lines = v2016.functions()["wrapWith"](width, "|", text.replace("\n", " ")).split("|")
    assert all(len(line) <= width for line in lines)


@given(
    st.sampled_from(sorted(v2016.functions().keys() - {"genPrivateKey"})),
    st.lists(
        st.one_of(
            st.none(),
            st.booleans(),
            st.integers(-5, 5),
            st.text("a é,$", max_size=4),
            st.just(Map("string", {"a": "b"})),
            st.just([1, "a"]),
            st.floats(),
        ),
        max_size=4,
    ),
)
def test_any_arguments_give_a_text_or_go_s_error(name: str, arguments: list[object]) -> None:
    fields = " ".join(f".a{i}" for i in range(len(arguments)))
    data = {f"a{i}": value for i, value in enumerate(arguments)}
    given = answer(f"{{{{{name} {fields}}}}}", data, v2016.functions(), "t")
    assert "output" in given or not re.search("NoneType|'|attribute|object", given["error"])
