"""Errors of statements that are not TOML: their line, their key, and the advice."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from confd_lib.confdir.resource import TemplateResource
from confd_lib.confdir.tomlfile import BOOLEAN, INTEGER, TOMLFile, octal_mode
from confd_lib.errors import ResourceError, TOMLError

HEAD = '[template]\nsrc = "a.tmpl"\n'
ESCAPE = 'a backslash begins an escape in "…": write'
LINE = "a line is [table] or name = value"
TABLE = "a table has a name of letters, digits, - and _, or one in quotes"


def refused(text: str) -> TOMLError:
    with pytest.raises(TOMLError) as caught:
        TOMLFile.parse("a.toml", text.encode())
    return caught.value


OF_A_VALUE = [
    # -- Values without quotes
    ("dest = /etc/a.conf", "a text needs quotes", 'dest = "/etc/a.conf"'),
    ("uid = 1__0", "a text needs quotes", 'uid = "1__0"'),
    ("dest = 10.42.0.2", "a text needs quotes", 'dest = "10.42.0.2"'),
    ('dest = a"b', "a text needs quotes", "dest = 'a\"b'"),
    ("x = True", "a boolean is true or false", "x = true"),
    ("x = no", "a boolean is true or false", "x = false"),
    # -- Typographic quotes
    ("dest = “/a”", "typographic quotes", 'dest = "/a"'),
    ('dest = "/a”', "typographic quotes", 'dest = "/a"'),
    ("keys = [\u2018/a\u2019, „/b“]", "typographic quotes", 'keys = ["/a", "/b"]'),
    # -- Backslashes
    (
        r'check_cmd = "sed s/\.x//"',
        'a backslash begins an escape in "…"',
        r"check_cmd = 'sed s/\.x//'",
    ),
    (r'dest = "C:\Users"', 'a backslash begins an escape in "…"', r"dest = 'C:\Users'"),
    (r'''x = "echo '\d'"''', 'a backslash begins an escape in "…"', r'''x = "echo '\\d'"'''),
    # -- Quotes inside
    ('x = "sh -c "y""', 'the text ends at its second "', "x = 'sh -c \"y\"'"),
    ("x = 'it's'", "the text ends at its second '", 'x = "it\'s"'),
]


@pytest.mark.parametrize(
    ("line", "fault", "written"), OF_A_VALUE, ids=[row[0] for row in OF_A_VALUE]
)
def test_the_advice_for_a_value_is_toml(line: str, fault: str, written: str) -> None:
    error = refused(f"{HEAD}{line}\n")
    key = line.partition(" ")[0]
    assert (error.line, error.key) == (3, f"template.{key}")
    assert error.reason == f"{fault}: write {written}"
    TOMLFile.parse("a.toml", f"{HEAD}{written}\n".encode())


OTHERS = [
    # -- Lists and texts that are not closed
    ('keys = [\n "/a"\n "/b"\n]', 5, "keys", 'a comma is missing before "/b"'),
    ('keys = ["/a" "/b"]', 3, "keys", "a comma is missing between two texts of the list"),
    ('keys = ["/a"', 3, "keys", "the list is not closed: put ] at its end"),
    (
        'keys = ["/a"\nx = 1',
        4,
        "keys",
        "the list that begins on line 3 is not closed: put ] at its end",
    ),
    (
        'keys = ["/a",\n"/b"\n\n',
        6,
        "keys",
        "the list that begins on line 3 is not closed: put ] at its end",
    ),
    (
        "keys = [/a, /b]",
        3,
        "keys",
        "each text of the list needs quotes of its own, and a comma after it",
    ),
    ('dest = "/a', 3, "dest", 'the text is not closed: put " at its end'),
    ("dest = '/a", 3, "dest", "the text is not closed: put ' at its end"),
    ('x = """\na\ny = "b"', 5, "x", "the text that begins on line 3 is not closed"),
    (
        "x = {a = 1,\nb = 2}",
        3,
        "x",
        "{…} is one line of name = value, with commas: write a table instead, [x]",
    ),
    # -- Names and tables that are defined twice
    (
        '[template]\ndest = "a"',
        3,
        "",
        "[template] stands twice, first on line 1: put all its lines in one place",
    ),
    ('src = "b"', 3, "src", "src stands twice, first on line 2: remove one"),
    # -- Missing or additional text
    ('dest = "/a";', 3, "dest", "nothing may follow the value: remove ;"),
    (
        'dest = "/a" mode = "0644"',
        3,
        "dest",
        "two settings on one line: begin a new one before mode",
    ),
    ("dest =", 3, "dest", "dest has no value"),
    ("dest = # later", 3, "dest", "dest has no value"),
    ("[other", 3, "", "the name of the table is not closed: write [other]"),
    ("[other]]", 3, "", "as many ] as [ are needed: [other]]"),
    ("[o ther]", 3, "", f"{TABLE}: [o ther]"),
    ("[other.]", 3, "", f"{TABLE}: [other.]"),
    ("[other] x", 3, "", "nothing may follow the name of a table: remove x"),
    ("dest: /a", 3, "", f'{LINE}: write dest = "/a"'),
    ('dest "/a"', 3, "", f'{LINE}: write dest = "/a"'),
    ('reload cmd = "x"', 3, "", "a name cannot hold a space: reload cmd"),
    ("- dest", 3, "", LINE),
    # -- Names
    (
        "a/b = 1",
        3,
        "a/b",
        'a name of other characters than letters, digits, - and _ needs quotes: "a/b"',
    ),
    (
        "src.x = 1",
        3,
        "src.x",
        "src.x, or its beginning, stands above with another value: remove one",
    ),
    # -- Characters
    ('dest = "a"\x1b[2J', 3, "dest", "an invisible character stands in it, U+001B: remove it"),
    ('dest = "a\0"', 3, "dest", "an invisible character stands in it, U+0000: remove it"),
    ('\u00a0dest =\u00a0"a"', 3, "dest", "an invisible character stands in it, U+00A0: remove it"),
]


@pytest.mark.parametrize(("lines", "line", "key", "reason"), OTHERS, ids=[row[0] for row in OTHERS])
def test_the_reason_names_the_mistake(lines: str, line: int, key: str, reason: str) -> None:
    error = refused(f"{HEAD}{lines}")
    assert (error.line, error.key) == (line, f"template.{key}" if key else "")
    assert error.reason == reason


def test_lines_may_end_as_on_windows() -> None:
    error = refused("[template]\r\nsrc = a.tmpl\r\n")
    assert (error.line, error.reason) == (2, 'a text needs quotes: write src = "a.tmpl"')


def test_a_table_made_by_dotted_names_counts_as_defined() -> None:
    error = refused('template.src = "a"\n[template]\n')
    assert error.reason == "[template] stands twice: put all its lines in one place"


@pytest.mark.parametrize(
    "line",
    [
        "x = {}",
        "x ={0}" + " " * 100_000 + "{0}",
        "x: {}",
        'x = "a" {}',
        "[x] {}",
        "[{}",
        "{} b = 1",
        'x = [\n"a"\n"{}"\n]',
    ],
)
def test_a_long_text_is_not_quoted(line: str) -> None:
    error = refused(HEAD + line.format("y" * 500))
    assert "…" in error.reason
    assert "yy" not in error.reason


toml = st.lists(
    st.sampled_from(
        [
            "[",
            "]",
            "template",
            "=",
            '"',
            "'",
            "\\",
            "{",
            "}",
            ",",
            "#",
            " ",
            "\n",
            "0",
            "a",
            "“",
            "\r",
        ]
    )
).map("".join)


@given(toml | st.text())
@example("[template]\nsrc = \n")
@example("=")
@example("a = ")
@example("\r")
def test_any_text_is_toml_or_an_error_of_one_line(text: str) -> None:
    error = None
    try:
        TOMLFile.parse("a.toml", text.encode("utf-8", "replace"))
    except TOMLError as caught:
        error = caught
    if error is not None:
        assert error.reason
        assert "\n" not in str(error)
        assert 1 <= error.line <= text.count("\n") + text.count("\r") + 1


@pytest.mark.parametrize("depth", [101, 600, 100_000])
def test_the_limit_of_nesting_does_not_depend_on_python(depth: int) -> None:
    error = refused(f"a = {'[' * depth}{']' * depth}")
    assert error.reason == "values nest deeper than 100 levels"


def test_many_lists_and_nested_lists_up_to_the_limit_are_read() -> None:
    assert TOMLFile.parse("a.toml", f"a = [{'[],' * 500}]".encode()).values["a"] == [[]] * 500
    TOMLFile.parse("a.toml", f"a = {'[' * 100}{']' * 100}".encode())


# -- Values of another type


MODES = ("0600", "0644", "0755", "0711", "0640", "0400", "02755")


@pytest.mark.parametrize("mode", MODES)
def test_the_advice_for_a_usual_mode_is_octal(mode: str) -> None:
    assert octal_mode(int(mode)) == f'"{mode}"'
    assert octal_mode(int(mode, 8)) == f'"{mode}"'


@pytest.mark.parametrize(
    ("number", "written"),
    [(511, '"0511"'), (8, '"0010"'), (0, ""), (-1, ""), (10**9, ""), (True, ""), ("x", "")],
)
def test_the_advice_for_another_mode_is_narrow_or_missing(number: object, written: str) -> None:
    assert octal_mode(number) == written


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("mode = 600", 'mode = "0600"'),
        ("mode = 0644", 'mode = "0644"'),
        ("mode = 0o600", 'mode = "0600"'),
        ("prefix = 5", 'prefix = "5"'),
        ('keys = "/a"', 'keys = ["/a"]'),
        ("Keys = '/a\"b'", 'Keys = ["/a\\"b"]'),
        ("prefix = true", ""),
        ("keys = [1]", ""),
        ("keys = 1", ""),
    ],
)
def test_the_advice_for_a_resource_value_of_another_type(text: str, written: str) -> None:
    with pytest.raises(ResourceError) as caught:
        TemplateResource.parse("a.toml", f"{HEAD}{text}\n".encode())
    _, _, advice = str(caught.value).partition("; write ")
    assert advice == written
    assert "toml: line 3 " in str(caught.value)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ('interval = "30"', "interval = 30"),
        ('interval = "30s"', ""),
        ('noop = "Yes"', "noop = true"),
        ('noop = "maybe"', ""),
        ("noop = 1", ""),
    ],
)
def test_the_advice_for_a_setting_of_another_type(text: str, written: str) -> None:
    file = TOMLFile.parse("confd.toml", text.encode())
    with pytest.raises(TOMLError) as caught:
        file.decode({"interval": INTEGER, "noop": BOOLEAN})
    assert str(caught.value).partition("; write ")[2] == written
