"""TOML of confd 0.16 against recordings of its decoder, and what other TOML becomes."""

from __future__ import annotations

import contextlib
import json
import time
import tomllib
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from confd_lib.confdir.oldtoml import NOT_UTF8, rewrite
from confd_lib.confdir.resource import TemplateResource
from confd_lib.confdir.tomlfile import TOMLFile, line_of
from confd_lib.errors import ResourceError
from confd_lib.golang.strings import from_bytes, to_bytes

DATA = Path(__file__).parents[1] / "data"
ROWS = [json.loads(line) for line in (DATA / "oldtoml.jsonl").read_text().splitlines()]
HEAD = b'[template]\nsrc = "a.tmpl"\n'


def of(group: str) -> list[object]:
    rows = [row for row in ROWS if row["id"].startswith(f"{group}/")]
    return [pytest.param(row, id=row["id"]) for row in rows]


def parse(row: dict[str, str]) -> TemplateResource:
    return TemplateResource.parse("a.toml", to_bytes(row["toml"]))


def given_fields(found: TemplateResource) -> dict[str, object]:
    fields = {
        "src": found.src,
        "dest": found.dest,
        "keys": list(found.keys),
        "mode": found.mode,
        "uid": found.uid,
        "check_cmd": found.check_cmd,
        "reload_cmd": found.reload_cmd,
    }
    return {name: value for name, value in fields.items() if value not in ("", [], -1)}


@pytest.mark.parametrize("row", of("read"))
def test_a_file_of_confd_0_16_has_its_values_and_is_warned_of(row):
    found = parse(row)
    assert given_fields(found) == row["resource"]
    assert found.outdated


@pytest.mark.parametrize("row", [*of("refused"), *of("broken")])
def test_what_confd_refuses_and_what_only_broken_files_hold_is_refused(row):
    with pytest.raises(ResourceError) as caught:
        parse(row)
    assert str(caught.value) == f"Cannot process template resource a.toml - {row['ours']}"


@pytest.mark.parametrize("row", of("other"))
def test_values_that_differ_from_those_of_confd(row):
    found = given_fields(parse(row))
    for name, value in row["ours"].items():
        assert found.get(name, "") == value != row["resource"].get(name, "")


@pytest.mark.parametrize(
    ("lines", "line", "reason"),
    [
        (b"uid = 010", 3, "a number cannot begin with 0: write 10"),
        (b"\nx = [\n1,\n-00.50]", 6, "a number cannot begin with 0: write -0.50"),
        (b"# Sch\xf6ne Gr\xfc\xdfe", 3, NOT_UTF8),
        (b"dest = '/\xe9'", 3, NOT_UTF8),
        (
            b"dest = '/\x1b'",
            3,
            r'the control character \x1b stands in it: remove it, or write \u001b in "…"',
        ),
        (b"x = {a = 1, }", 3, "a comma stands before }: remove it"),
        (
            b"uid = 1\r\r\n",
            3,
            "a carriage return stands in it: end lines with LF, or with CR and LF",
        ),
    ],
)
def test_the_warning_names_the_line_and_what_to_write(lines, line, reason):
    (fault,) = TOMLFile.parse("a.toml", HEAD + lines).outdated
    assert (fault.line, fault.reason) == (line, reason)


def test_each_kind_of_fault_is_named_once():
    text = "# \udce9\nx = 01 # \udce9\ny = '''\udce9'''\nz = [02, 03]"
    assert [fault.line for fault in rewrite(text)[1]] == [1, 2, 3]


def test_an_error_names_the_line_where_confd_stops_too():
    with pytest.raises(ResourceError, match=r"line 4 .*a text needs quotes: write dest = "):
        TemplateResource.parse("a.toml", b"# \xe9\n" + HEAD + b"dest = /a # \xe9\nuid = 010\n")


def test_the_line_of_a_key_in_old_toml():
    assert line_of("# mode\n[template]\nx = 010\nmode = 1 # \x1b\n", ("template", "mode")) == 4


VALUES = ("{}", "'{}'", '"{}"', "'''{}'''", '"""{}"""', "[{}]", "{{x = {}}}", "1 # {}")


@given(st.sampled_from(VALUES), st.text("\"'\\#\n\r=[]{},.0 _1a\té") | st.text())
@example("{}", "07:32:00")
@example("{}", "'010'\r\nb = 0018-01-01")
@example("{}", "{x = '''\r\n'''}")
def test_toml_stays_as_it_is(value, text):
    document = f"a = {value.format(text)}"
    with contextlib.suppress(ValueError):
        document.encode()
        tomllib.loads(document)
        assert rewrite(document) == (document, ())


@pytest.mark.parametrize(
    "part", ['"', '"""', "'", "'''", '"""\\', "0", "0_", "\r", ", ", ",", "#", "\\", "\udce9", "a."]
)
def test_a_long_text_takes_no_long_time(part):
    began = time.process_time()
    rewrite(part * 200_000)
    assert time.process_time() - began < 2


def test_the_bytes_of_a_comment_stay():
    data = b"# \xe9\nx = 01\n"
    assert to_bytes(rewrite(from_bytes(data))[0]) == b"# \xe9\nx = 1\n"
