"""The block that explains an error of a template, whole, and its one line."""

from __future__ import annotations

from types import SimpleNamespace
from typing import NamedTuple

import pytest

from gotmpl import Failure, Template, TemplateError, near

DATA = {
    "a": "text",
    "port": 80,
    "hosts": [{"name": "db1", "ip": "10.0.0.1"}, {"name": "db2"}],
    "m": {"x": "q"},
    "none": None,
    "service": SimpleNamespace(name="web", port=80),
}


class Case(NamedTuple):
    """A template, and the block of its error."""

    text: str
    block: str
    missingkey: str = "default"


CASES = {
    "a field of a text": Case(
        "up\n{{.a.b.c}}",
        """\
        t:2
          2 | {{.a.b.c}}
            |   ^^^^^^
        rendered before it:
          1 | up
        values there:
          .a = "text" (string)
        a value of type string has no fields""",
    ),
    "a misspelt field of a struct": Case(
        "{{.service.prot}}",
        """\
        t:1
          1 | {{.service.prot}}
            |   ^^^^^^^^^^^^^
        rendered before it: nothing
        values there:
          .service = {web 80} (types.SimpleNamespace)
        did you mean port?""",
    ),
    "a field that resembles no other": Case(
        "{{with .service}}{{.zzz}}{{end}}",
        """\
        t:1
          1 | {{with .service}}{{.zzz}}{{end}}
            |                    ^^^^
        rendered before it: nothing
        values there:
          . = {web 80} (types.SimpleNamespace)
        . has the names name, port""",
    ),
    "a key that a map lacks in one turn": Case(
        "{{range .hosts}}\n{{.name}} {{.ip}}{{end}}",
        """\
        t:2
          2 | {{.name}} {{.ip}}{{end}}
            |             ^^^
        rendered before it:
          1 |\x20
          2 | db1 10.0.0.1
          3 | db2\x20
        values there:
          . = map[name:db2] (map[string]interface {})
        . has the names name""",
        "error",
    ),
    "two operands that do not compare": Case(
        "{{if eq .a .port}}{{end}}",
        """\
        t:1
          1 | {{if eq .a .port}}{{end}}
            |      ^^^^^^^^^^^
        rendered before it: nothing
        values there:
          .a = "text" (string)
          .port = 80 (int)""",
    ),
    "a piped operand": Case(
        '{{.m.x | printf "%s" | slice 1}}',
        """\
        t:1
          1 | {{.m.x | printf "%s" | slice 1}}
            |                        ^^^^^^^
        rendered before it: nothing
        values there:
          .m.x | printf "%s" = "q" (string)""",
    ),
    "spaces that Go prints otherwise": Case(
        '{{ index   .a   "x" }}',
        """\
        t:1
          1 | {{ index   .a   "x" }}
            |    ^^^^^^^^^^^^^^^^
        rendered before it: nothing
        values there:
          .a = "text" (string)""",
    ),
    "a chain behind parentheses": Case(
        '{{(index .m "x").b}}',
        """\
        t:1
          1 | {{(index .m "x").b}}
            |             ^^^
        rendered before it: nothing
        values there:
          index .m "x" = "q" (string)
        a value of type string has no fields""",
    ),
    "a range over a text": Case(
        "{{range $i, $one := .a}}{{end}}",
        """\
        t:1
          1 | {{range $i, $one := .a}}{{end}}
            |                     ^^
        rendered before it: nothing
        values there:
          .a = "text" (string)""",
    ),
    "an argument of the wrong type in parentheses": Case(
        "{{printf (index .hosts 0)}}",
        """\
        t:1
          1 | {{printf (index .hosts 0)}}
            |                        ^
        rendered before it: nothing
        values there:
          index .hosts 0 = map[ip:10.0.0.1 name:db1] (map[string]interface {})""",
    ),
    "a range over the text of a call": Case(
        '{{range $one := index .m "x"}}{{end}}',
        """\
        t:1
          1 | {{range $one := index .m "x"}}{{end}}
            |                          ^^^
        rendered before it: nothing
        values there:
          index .m "x" = "q" (string)""",
    ),
    "nil": Case(
        "{{.none.x}}",
        """\
        t:1
          1 | {{.none.x}}
            |   ^^^^^^^
        rendered before it: nothing
        values there:
          .none = nil
        a value of type <nil> has no fields""",
    ),
    "a variable": Case(
        "{{$s := .a}}\t日本{{$s.x}}",
        """\
        t:1
          1 | {{$s := .a}}\t日本{{$s.x}}
            |             \t      ^^^^
        rendered before it:
          1 | \t日本
        values there:
          $s = "text" (string)
        a value of type string has no fields""",
    ),
    "a template that is not defined": Case(
        '{{define "row"}}{{end}}{{template "rwo" .}}',
        """\
        t:1
          1 | {{define "row"}}{{end}}{{template "rwo" .}}
            |                        ^^^^^^^^^^^^^^^^^^^^
        rendered before it: nothing
        did you mean row?""",
    ),
    "a value inside a called template": Case(
        '{{define "row"}}<{{.name.x}}>{{end}}{{range .hosts}}{{template "row" .}}{{end}}',
        """\
        t:1
          1 | {{define "row"}}<{{.name.x}}>{{end}}{{range .hosts}}{{template "row" .}}{{end}}
            |                    ^^^^^^^
        rendered before it:
          1 | <
        values there:
          .name = "db1" (string)
        a value of type string has no fields""",
    ),
    "an unknown function": Case(
        "{{.a}}{{prinf .a}}",
        """\
        t:1
          1 | {{.a}}{{prinf .a}}
            |         ^^^^^
        did you mean printf, print or println?""",
    ),
    "an unknown variable": Case(
        "{{$port := .port}}{{print $prot}}",
        """\
        t:1
          1 | {{$port := .port}}{{print $prot}}
            |                           ^^^^^
        did you mean $port?""",
    ),
    "a variable of a block that has ended": Case(
        "{{if .a}}\n{{$port := .port}}\n{{end}}\n{{$port}}",
        """\
        t:4
          4 | {{$port}}
            |   ^^^^^
        $port is declared on line 2, in a block that has ended""",
    ),
    "a block without its end": Case(
        "{{range .hosts}}\n{{if .ip}}\n{{end}}\n",
        """\
        t:1
          1 | {{range .hosts}}
            | ^^^^^^^^^^^^^^^^
        {{range .hosts}} on line 1 has no {{end}}""",
    ),
    "an end too many": Case(
        "{{if .a}}\nx\n{{end}}\n{{- end }}",
        """\
        t:4
          4 | {{- end }}
            | ^^^^^^^^^^
        no block is open there: {{if .a}} on line 1 ended on line 3""",
    ),
    "a quote that is not closed": Case(
        '{{.a}} {{"x}}',
        """\
        t:1
          1 | {{.a}} {{"x}}
            |        ^^^^^^""",
    ),
    "an action that is not closed": Case(
        "a\nb {{.a\n",
        """\
        t:2
          2 | b {{.a
            |   ^^^^""",
    ),
    "no value": Case(
        "{{.a}}{{if}}x{{end}}",
        """\
        t:1
          1 | {{.a}}{{if}}x{{end}}
            |       ^^^^^^""",
    ),
}


def failure(text: str, data: object = None, missingkey: str = "default") -> Failure:
    """Return the failure of a template."""
    template = Template("t").option(f"missingkey={missingkey}")
    try:
        template.parse(text)
    except TemplateError as error:
        return Failure.of(error, text)
    with pytest.raises(TemplateError) as caught:
        template.render(data)
    return Failure.of(caught.value, text, template=template, data=data)


@pytest.mark.parametrize("name", CASES)
def test_a_block(name: str) -> None:
    text, block, missingkey = CASES[name]
    wanted = [line.removeprefix(" " * 8) for line in block.split("\n")]
    assert failure(text, DATA, missingkey).lines() == wanted


def test_a_long_line_is_cut_around_the_node() -> None:
    _, line, carets, *_ = failure("x" * 300 + "{{.a.b}}" + "y" * 300, DATA).lines()
    assert line.startswith("  1 | …xxx")
    assert line.endswith("yyy…")
    assert len(line) == 108
    assert line[carets.index("^") : carets.rindex("^") + 1] == ".a.b"


def test_characters_that_a_terminal_obeys_are_escaped() -> None:
    block = failure("\x1b[2J{{.a.b}}", {"a": "\x1b[1m"}).lines()
    assert block[1:3] == [r"  1 | \x1b[2J{{.a.b}}", "    |          ^^^^"]
    assert block[-2] == r'  .a = "\x1b[1m" (string)'
    assert "\x1b" not in "".join(block)


def test_a_long_value_is_cut() -> None:
    values = failure("{{.a.b}}", {"a": "x" * 1000}).values
    assert values == (f'.a = "{"x" * 79}… (string)',)


def test_the_values_are_those_of_the_failing_turn() -> None:
    data = [{"a": {"b": 1}}, {"a": 2}, {"a": 3}]
    assert failure("{{range .}}{{.a.b}}{{end}}", data).values == (".a = 2 (int)",)


def test_one_line_has_types_and_hints() -> None:
    said = failure("{{.service.prot}}", DATA).sentence()
    assert said == ".service is of type types.SimpleNamespace; did you mean port?"


def test_one_line_has_nothing_of_the_data() -> None:
    found = failure("{{.m.y}}", {"m": {"secret": 1}}, "error")
    assert found.sentence() == ".m is of type map[string]interface {}"
    assert found.lines()[-1] == ".m has the names secret"


def test_hints_are_added() -> None:
    assert failure("{{prinf}}").with_hints("", "more").hints == (
        "did you mean printf, print or println?",
        "more",
    )


def test_an_error_without_a_line_has_no_place() -> None:
    error = TemplateError("no template")
    assert Failure.of(error, "text").lines() == []


def test_a_template_that_must_not_run_again_has_no_values() -> None:
    calls: list[int] = []
    template = Template("t").funcs({"note": calls.append}).parse("{{note 1}}{{.a.b}}")
    with pytest.raises(TemplateError) as caught:
        template.render(DATA)
    assert Failure.of(caught.value, "{{note 1}}{{.a.b}}").values == ()
    assert calls == [1]


def test_names_of_a_large_set_are_not_compared() -> None:
    names = [f"host{number}" for number in range(1001)]
    assert near("hots1", names[:1000])
    assert near("hots1", names) == []


def test_an_error_on_a_later_line_of_an_action_says_where_it_begins() -> None:
    assert failure('a\n{{print "b"\nc d').lines() == [
        "t:3",
        "  3 | c d",
        "    | ^",
        "the action that begins on line 2 goes on here",
    ]
