"""The mutants of templates, each as the text that it makes, and where the parts of a text stand."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gotmpl
from confd_lib.mutation.mutants import mutants
from confd_lib.mutation.spans import branches, pipeline_end
from confd_lib.testing.coverage.recording import Record
from gotmpl import nodes


def made(text: str, record: Record | None = None) -> list[tuple[str, str]]:
    """Return what each mutant of a text is, and its text."""
    found = mutants(Path("t"), text, record or Record())
    return [(one.what, one.edit.apply(text)) for one in found]


# A template, one of its mutants, and the text of that mutant.
CASES = [
    ("{{if .a}}x{{end}}", "flips the condition", "{{if not (.a)}}x{{end}}"),
    ("{{- if eq 1 2 -}}x{{end}}", "flips the condition", "{{- if not (eq 1 2) -}}x{{end}}"),
    (
        "{{if $x := .a | print}}{{end}}",
        "flips the condition",
        "{{if $x := not (.a | print)}}{{end}}",
    ),
    (
        "{{if .a}}{{else if .b}}{{end}}",
        "flips the condition",
        "{{if .a}}{{else if not (.b)}}{{end}}",
    ),
    ('{{if eq "}}" ")"}}{{end}}', "flips the condition", '{{if not (eq "}}" ")")}}{{end}}'),
    ("{{if .a}}x{{else}}y{{end}}", "drops the else", "{{if .a}}x{{else}}{{end}}"),
    ("{{if .a}}x {{- else -}} y {{- end}}", "drops the else", "{{if .a}}x {{- else -}}{{- end}}"),
    (
        "{{if .a}}x{{else if .b}}y{{else}}z{{end}}",
        "drops the else",
        "{{if .a}}x{{else}}{{end}}",
    ),
    (
        "{{if .a}}x{{else if .b}}y{{else}}z{{end}}",
        "drops the else",
        "{{if .a}}x{{else if .b}}y{{else}}{{end}}",
    ),
    ("{{if .}}a{{else}}\ny\n{{end}}", "drops the else", "{{if .}}a{{else}}{{/*\n\n*/}}{{end}}"),
    ("{{with .a}}x{{else}}y{{end}}", "takes the other branch", "{{with false}}x{{else}}y{{end}}"),
    (
        "{{with $x := .a}}{{$x}}{{end}}",
        "takes the other branch",
        "{{with $x := false}}{{$x}}{{end}}",
    ),
    ("{{range .}}x{{end}}", "empties the range", "{{range .}}{{end}}"),
    ("{{range .}}\nx\n{{- end}}", "empties the range", "{{range .}}{{/*\n\n*/}}{{- end}}"),
    ("{{range .}}x{{else}}y{{end}}", "empties the range", "{{if false}}{{else}}y{{end}}"),
    ("{{range .}}x{{end}}", "ends the range after one turn", "{{range .}}x{{break}}{{end}}"),
    (
        "{{range .}}x\n{{- end}}",
        "ends the range after one turn",
        "{{range .}}x\n{{- break}}{{- end}}",
    ),
    ("{{.a}}", "writes nothing", '{{""}}'),
    ("{{print 1\n  2}}\n", "writes nothing", '{{""\n}}\n'),
    ("{{if .a |\n print}}{{end}}", "flips the condition", "{{if not (.a |\n print)}}{{end}}"),
    ("{{- .a | print -}}", "writes nothing", '{{- "" -}}'),
    ("{{$x := 1}}{{$x = 2}}", "keeps the variable", "{{$x := 1}}{{$x = $x}}"),
    (
        "{{define `x`}}{{end}}{{template `x` .}}",
        "does not call the template",
        '{{define `x`}}{{end}}{{""}}',
    ),
    ("{{range .}}{{break}}{{end}}", "does not break", '{{range .}}{{""}}{{end}}'),
    ("{{range .}}{{continue}}{{end}}", "does not continue", '{{range .}}{{""}}{{end}}'),
    ("{{.a | base | dir}}", "drops `base` from the pipeline", "{{.a | dir}}"),
    ("{{.a | base | dir}}", "drops `dir` from the pipeline", "{{.a | base}}"),
    ("{{print (.a | base) 1}}", "drops `base` from the pipeline", "{{print (.a) 1}}"),
    ("{{if and .a .b}}{{end}}", "has or in the place of and", "{{if or .a .b}}{{end}}"),
    ("{{if (lt .a 2) | not}}{{end}}", "has le in the place of lt", "{{if (le .a 2) | not}}{{end}}"),
    ("{{print (eq .a .b)}}", "has ne in the place of eq", "{{print (ne .a .b)}}"),
    ("{{index . 0}}", "has 1 in the place of 0", "{{index . 1}}"),
    ('{{getv "/a"}}', 'swaps the key for "/a-"', '{{getv "/a-"}}'),
    ("{{getv `/a`}}", "swaps the key for `/a-`", "{{getv `/a-`}}"),
    ('{{getv "/a"}}{{getv "/b"}}', 'swaps the key for "/b"', '{{getv "/b"}}{{getv "/b"}}'),
    ('{{getv "/a"}}{{getv "/b"}}', 'swaps the key for "/a"', '{{getv "/a"}}{{getv "/a"}}'),
    (
        '{{getv "/a"}}{{getv (printf "/b/%s" .)}}{{ls (printf "/c/%s" .)}}',
        'swaps the key for "/c/%s"',
        '{{getv "/a"}}{{getv (printf "/c/%s" .)}}{{ls (printf "/c/%s" .)}}',
    ),
    (
        '{{getv "/a"}}{{ls "/b/*"}}{{getv "/c"}}',
        'swaps the key for "/c"',
        '{{getv "/c"}}{{ls "/b/*"}}{{getv "/c"}}',
    ),
    ('{{getenv "A" "d"}}', 'has "" as the default', '{{getenv "A" ""}}'),
    ('{{getv "/a" "d"}}', 'has "" as the default', '{{getv "/a" ""}}'),
    ('{{getv "/a" ""}}', 'has "mutant" as the default', '{{getv "/a" "mutant"}}'),
    (
        "a\n{{/* {{if */}}{{if .a}}{{end}}",
        "flips the condition",
        "a\n{{/* {{if */}}{{if not (.a)}}{{end}}",
    ),
]


@pytest.mark.parametrize(("text", "what", "expected"), CASES)
def test_a_mutant_changes_one_thing(text: str, what: str, expected: str) -> None:
    assert (what, expected) in made(text)


def test_delimiters_of_a_resource_are_those_of_its_mutants() -> None:
    record = Record(("<<", ">>"))
    assert ("ends the range after one turn", "<<range .>>{{x}}<<break>><<end>>") in made(
        "<<range .>>{{x}}<<end>>", record
    )


NOTHING = ["text", "{{/* a comment */}}", "", '{{define "x"}}x{{end}}']


@pytest.mark.parametrize("text", NOTHING)
def test_text_alone_has_no_mutants(text: str) -> None:
    assert made(text) == []


def test_an_eq_that_is_the_condition_is_flipped_once() -> None:
    flipped = [what for what, _ in made("{{if eq .a .b}}x{{end}}")]
    assert flipped == ["flips the condition"]


def test_a_block_keeps_its_call() -> None:
    assert made('{{block "x" .}}y{{end}}') == []


LEFT_OUT = [
    "{{if .}}{{.}}{{end}}{{/* confd: no mutants: equal by nature */}}",
    "{{/* confd: no cover */}}\n{{if .}}{{.}}{{end}}",
    "{{range .}}{{/* confd: no mutants */}}\n{{.}}\n{{end}}",
]


@pytest.mark.parametrize("text", LEFT_OUT)
def test_a_comment_leaves_mutants_out(text: str) -> None:
    assert made(text) == []


def test_a_comment_in_a_text_that_is_longer_leaves_only_its_line_out() -> None:
    assert [what for what, _ in made("{{.}}{{/* confd: no mutants */}}\n{{.}}")] == [
        "writes nothing"
    ]


TEXTS = st.lists(
    st.sampled_from(
        [
            *("x", "\n", " ", '"', "}}", "{{.}}", "{{- . -}}", '{{getv "/a" "b" | base}}'),
            *(
                "{{if .}}",
                "{{- else if eq 1 2}}",
                "{{else -}}",
                "{{end}}",
                "{{- end -}}",
                "{{break}}",
            ),
            *("{{range $i, $e := .}}", "{{with $x := .}}", "{{$e}}", '{{print "}}" `{{`}}'),
            *("{{/* {{if */}}", '{{define "q"}}', '{{template "q" .}}', "{{$v := 1}}{{$v = 2}}"),
            '{{print\n"a" |\nbase}}',
        ]
    ),
    max_size=12,
).map("".join)


@settings(deadline=None)
@given(text=TEXTS)
def test_a_mutant_is_another_template_with_as_many_lines(text: str) -> None:

    try:
        found = made(text)
    except gotmpl.ParseError:
        return
    for _, other in found:
        assert other != text
        assert other.count("\n") == text.count("\n")
        gotmpl.parse("t", other, funcs={*gotmpl.BUILTINS, "getv", "base"})


def test_the_parts_of_branches_are_found_behind_quotes_and_comments() -> None:
    text = (
        "{{/* {{end}} */}}{{if `{{end}}`}}a{{- else -}}b{{end}}{{range .}}{{with 1}}c{{end}}{{end}}"
    )
    source = nodes.Source("t", text)
    found = [
        (one.action.of(text), one.body.of(text), one.other_body.of(text))
        for one in branches(source).values()
    ]
    assert found == [
        ("{{if `{{end}}`}}", "a", "b"),
        ("{{range .}}", "{{with 1}}c{{end}}", ""),
        ("{{with 1}}", "c", ""),
    ]


ENDS = ['print "a" -}}', "print `)`}}", "print ')' )}}", "print (print 1)\n-}}"]


@pytest.mark.parametrize("text", ENDS)
def test_a_pipeline_ends_before_its_delimiter_or_parenthesis(text: str) -> None:
    end = pipeline_end(nodes.Source("t", text), 0)
    assert text[:end] in {'print "a"', "print `)`", "print ')'", "print (print 1)"}
