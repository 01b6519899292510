"""Inference of types: seeded faults, each with its rule and place, and sound templates."""

from __future__ import annotations

import contextlib
import json
import re
from pathlib import Path

import pytest

from confd_lib import funcs
from confd_lib.lint import lint
from confd_lib.lint.rules.types import RULES
from confd_lib.lint.types.inference import problems
from confd_lib.store.store import Store
from gotmpl import BUILTINS, ParseError, nodes, parse
from tests.confd_lib.lint.test_corpus import CORPUS
from tests.confd_lib.lint.test_faults import HEAD, written
from tests.confd_lib.lint.test_faults import Fault as Resource

DATA = Path(__file__).parents[1] / "data"

# A template, the rule, and the line and column of the finding; the text in it, if that matters.
SEEDED = [
    # -- A key's value is text
    ('{{eq (getv "/a") 1}}', "comparison-types", 1, 3, "string and int"),
    ('\n  {{if eq (getv "/a") 1}}x{{end}}', "comparison-types", 2, 8, "1 always fails: "),
    ('{{ne 1 (getv "/a")}}', "comparison-types", 1, 3, "always fails"),
    ('{{if lt (getv "/a") 10}}x{{end}}', "comparison-types", 1, 6, "string and int"),
    ('{{if and (exists "/a") (eq (getv "/a") 5)}}x{{end}}', "comparison-types", 1, 25, ""),
    ('{{eq (getv "/a") true}}', "comparison-types", 1, 3, "string and bool"),
    ('{{range gets "/a/*"}}{{eq .Value 1}}{{end}}', "comparison-types", 1, 24, ""),
    ('{{eq (ls "/a") "b"}}', "comparison-types", 1, 3, "[]string"),
    ('{{eq (len (ls "/a")) "1"}}', "comparison-types", 1, 3, "int and string"),
    ('{{add (getv "/a") 1}}', "argument-type", 1, 3, "expected int; got string"),
    ('é{{getv "/a" | add 1}}', "argument-type", 1, 16, "expected int; got string"),
    ('{{$n := getv "/n"}}\n{{mul $n 2}}', "argument-type", 2, 3, "got string"),
    ('{{seq 1 (getv "/a")}}', "argument-type", 1, 3, "got string"),
    # -- Lists and their elements
    ('{{range ls "/a"}}{{.Key}}{{end}}', "unknown-field", 1, 20, "Key in type string"),
    ('{{range getvs "/a/*"}}\n{{.Value}}{{end}}', "unknown-field", 2, 3, "Value in type string"),
    ('{{range $i, $e := ls "/a"}}{{$e.Key}}{{end}}', "unknown-field", 1, 32, "string"),
    ('{{range gets "/a/*"}}{{.Name}}{{end}}', "unknown-field", 1, 24, "memkv.KVPair"),
    ('{{with get "/a"}}{{.value}}{{end}}', "unknown-field", 1, 20, "memkv.KVPair"),
    ('{{(getv "/a").Value}}', "unknown-field", 1, 14, "Value in type string"),
    ('{{range lookupSRV "a" "b" "c"}}{{.Host}}{{end}}', "unknown-field", 1, 34, "net.SRV"),
    ('{{range getv "/a"}}x{{end}}', "range-type", 1, 9, "over string"),
    ('{{range $i, $e := get "/a"}}x{{end}}', "range-type", 1, 9, "memkv.KVPair"),
    ('{{$l := getv "/l"}}{{range $l}}x{{end}}', "range-type", 1, 28, "over string"),
    ('{{join (jsonArray (getv "/a")) ","}}', "argument-type", 1, 3, "expected []string"),
    ('{{join (getv "/a") ","}}', "argument-type", 1, 3, "got string"),
    ('{{split (ls "/a") ","}}', "argument-type", 1, 3, "expected string; got []string"),
    ('{{ls "/a" | toUpper}}', "argument-type", 1, 13, "got []string"),
    ('{{sortKVByLength (ls "/a")}}', "argument-type", 1, 3, "[]memkv.KVPair"),
    ('{{getv (ls "/a")}}', "argument-type", 1, 3, "expected string"),
    ("{{len 3}}", "argument-type", 1, 3, "len of type int"),
    ('{{index (getvs "/a/*") "x"}}', "argument-type", 1, 3, "type string"),
    # -- JSON
    ('{{add (json (getv "/a")).port 1}}', "argument-type", 1, 3, "got float64"),
    ('{{$d := json (getv "/a")}}{{$d.port | mul 2}}', "argument-type", 1, 39, "got float64"),
    ('{{range jsonArray (getv "/a")}}{{sub .n 1}}{{end}}', "argument-type", 1, 34, "float64"),
    ('{{eq (json (getv "/a")).port 1}}', "comparison-types", 1, 3, "1 is never true: "),
    ('{{add (index (jsonArray (getv "/a")) 0) 1}}', "argument-type", 1, 3, "got float64"),
    # -- Values of a map
    ('{{$m := map "a" "1"}}{{add 1 $m.a}}', "argument-type", 1, 24, "got string"),
    ('{{$m := map "a" (getv "/a")}}{{index $m "a" | add 1}}', "argument-type", 1, 47, "string"),
    ('{{range map "a" "1"}}{{add 1 .}}{{end}}', "argument-type", 1, 24, "got string"),
    # -- What a template is given
    (
        '{{define "r"}}{{.Key}}{{end}}{{range ls "/a"}}{{template "r" .}}{{end}}',
        *("unknown-field", 1, 17, "Key in type string"),
    ),
    (
        '{{template "r" ""}}{{define "r"}}{{template "s" .}}{{end}}{{define "s"}}\n{{.K}}{{end}}',
        *("unknown-field", 2, 3, "K in type string"),
    ),
    # -- Constants
    ("{{div 6 0}}", "always-fails", 1, 3, "divide by zero"),
    ('{{div (atoi (getv "/a")) 0}}', "always-fails", 1, 3, "divide by zero"),
    ("{{mod 6 (sub 1 1)}}", "always-fails", 1, 3, "divide by zero"),
    ('{{atoi "x"}}', "always-fails", 1, 3, "invalid syntax"),
    ('{{map "a"}}', "always-fails", 1, 3, "invalid map call"),
    ('{{jsonArray "{"}}', "always-fails", 1, 3, "unexpected end"),
    # -- printf
    ('{{printf "%d" (getv "/a")}}', "printf-verbs", 1, 3, "%!d(string=…)"),
    ('{{range ls "/a"}}{{printf "/a/%d" .}}{{end}}', "printf-verbs", 1, 20, "%!d(string=…)"),
    ('{{printf "%s %s" "a"}}', "printf-verbs", 1, 3, "%!s(MISSING)"),
    ('{{printf "/a" (getv "/b")}}', "printf-verbs", 1, 3, "%!(EXTRA string=…)"),
    ('{{getv (printf "/a/%s" 3)}}', "printf-verbs", 1, 9, "%!s(int=…)"),
    ('{{printf "%" }}', "printf-verbs", 1, 3, "%!(NOVERB)"),
    # -- The clock
    ("{{datetime.Nope}}", "unknown-field", 1, 11, "Nope in type time.Time"),
    ("{{datetime.Format 3}}", "argument-type", 1, 3, "expected string"),
    # -- What has no effect
    ('{{or (getv "/a") "d"}}', "or-after-getv", 1, 3, "without /a"),
    ('{{if true}}{{or (getv "/a") "d"}}{{end}}', "or-after-getv", 1, 14, "without /a"),
    ('{{if false | not}}{{or (getv "/a") "d"}}{{end}}', "or-after-getv", 1, 21, "without /a"),
    ('{{$k := "/a"}}{{or (getv $k) "x" | toUpper}}', "or-after-getv", 1, 17, ""),
    ('{{getv "/a" | or "d"}}', "or-after-getv", 1, 15, 'or always gives "d"'),
    ('{{if exists "/a"}}{{getv "/a" | or "d"}}{{end}}', "or-after-getv", 1, 33, "always"),
    ('{{$x := 1}}{{if exists "/a"}}{{$x := 2}}{{end}}{{$x}}', "shadowed-variable", 1, 32, "$x"),
    ('{{$x := 1}}\n{{range ls "/a"}}\n{{$x := .}}{{end}}{{$x}}', "shadowed-variable", 3, 3, ""),
    ("{{if eq 1 2}}a{{end}}", "dead-branch", 1, 6, "always false: the block never runs"),
    ('{{if eq "/a" "b"}}a{{else}}b{{end}}', "dead-branch", 1, 6, "always false"),
    ('{{with get "/a"}}a{{else}}b{{end}}', "dead-branch", 1, 8, "always true: the else"),
    ("{{$on := false}}{{if $on}}a{{end}}", "dead-branch", 1, 22, "always false"),
    ("{{range seq 5 1}}a{{end}}", "dead-branch", 1, 9, "always false"),
]


def parsed(text: str) -> dict[str, nodes.Tree]:
    return parse("a.tmpl", text, funcs={*BUILTINS, *funcs.functions(Store())})


@pytest.mark.parametrize(("text", "rule", "line", "column", "said"), SEEDED)
def test_a_seeded_fault_is_found_at_its_place(
    text: str, rule: str, line: int, column: int, said: str
) -> None:
    (found,) = problems(parsed(text), "")
    assert (found.rule, found.line, found.column) == (rule, line, column)
    assert said in found.message


def test_every_rule_of_types_has_a_seeded_fault() -> None:
    assert {row[1] for row in SEEDED} == {rule.name for rule in RULES}


SOUND = [
    '{{eq (getv "/a") "1"}}{{eq (atoi (getv "/a")) 1}}',
    '{{$d := json (getv "/a")}}{{eq $d.port 1.0}}{{eq $d.name "b"}}{{add (atoi $d.n) 1}}',
    '{{range jsonArray (getv "/a")}}{{.}}{{.x.y}}{{join (split .s ",") ";"}}{{end}}',
    '{{range $k, $v := json (getv "/a")}}{{toUpper $k}}{{$v}}{{end}}',
    '{{add (atoi (printf "%.0f" (json (getv "/a")).port)) 1}}',
    '{{printf "%d" (json (getv "/a")).list}}{{printf "%v" (json (getv "/a")).port}}',
    '{{index (ls "/a") 5}}{{index (jsonArray (getv "/a")) 3 "b" 1}}{{slice (getv "/a") 1 3}}',
    '{{div 6 (atoi (getv "/a"))}}{{atoi (getv "/a")}}{{parseBool (getv "/b" "true")}}',
    '{{range gets "/a/*"}}{{.Key}}={{.Value}}{{end}}{{with get "/a"}}{{.Value}}{{end}}',
    '{{range $i, $e := sortKVByLength (gets "/a/*")}}{{add $i 1}}{{$e.Key}}{{end}}',
    '{{range reverse (ls "/a")}}{{toUpper .}}{{end}}{{range reverse (gets "/a")}}{{.Key}}{{end}}',
    '{{range seq 1 3}}{{add . 1}}{{end}}{{range lookupSRV "a" "b" "c"}}{{.Port}}{{end}}',
    '{{$m := map "a" 1 "b" (ls "/a")}}{{add $m.a 1}}{{join $m.b ","}}',
    '{{$x := 1}}{{if exists "/a"}}{{$x = 2}}{{end}}{{if eq $x 2}}a{{else}}b{{end}}',
    '{{$x := 1}}{{if exists "/a"}}{{$x := 2}}{{$x}}{{end}}{{$x}}',
    '{{$i := 1}}{{range $i, $e := ls "/a"}}{{$e}}{{end}}{{$i}}',
    '{{if exists "/a"}}{{or (getv "/a") "d"}}{{end}}{{or (getv "/a" "") "d"}}',
    '{{range ls "/a"}}{{or (getv (printf "/a/%s" .)) "d"}}{{end}}',
    '{{with getv "/a"}}a{{else}}b{{end}}{{if ls "/a"}}a{{else}}b{{end}}',
    '{{printf "100%%"}}{{printf "%%!d(x)"}}{{printf "%s" "%!d(x)"}}{{printf (getv "/f") 1}}',
    '{{printf "%5.2f|%-4s|%q|%x" 1.5 "a" "b" "c"}}{{printf "%[2]s %[1]s" "a" "b"}}',
    '{{printf "%*d" 5 1}}{{printf "%s %v" (ls "/a") (get "/a")}}',
    '{{datetime.Format "2006"}}{{datetime.Year | add 1}}{{datetime.Month}}',
    '{{define "t"}}{{.a.b}}{{add .n 1}}{{range .l}}{{.x}}{{end}}{{end}}{{template "t" .}}',
    '{{if eq 1 2}}{{add (getv "/a") 1}}{{end}}',
    '{{len (getv "/a")}}{{len (json (getv "/a"))}}{{not (exists "/a")}}{{html (ls "/a")}}',
    '{{getv "/a" | or ""}}{{getv "/a" "" | or "d"}}{{getv "/a" | or (getv "/b")}}',
    '{{define "r"}}{{.}}{{.Key}}{{end}}{{range ls "/a"}}{{template "r"}}{{end}}',
    '{{define "r"}}{{.Key}}{{end}}{{if eq 1 2}}{{template "r" "a"}}{{end}}',
    '{{define "r"}}{{.Key}}{{end}}{{template "r" (get "/a")}}{{template "r" "a"}}',
    '{{define "r"}}{{if .}}{{template "r" (json (getv "/a"))}}{{end}}{{end}}{{template "r" 1}}',
    '{{define "r"}}{{if .}}a{{else}}b{{end}}{{end}}{{template "r" true}}',
    '{{$m := map "a" 1 "b" "c"}}{{add 1 $m.a}}{{toUpper $m.b}}{{$m.c}}{{map (getv "/a") 1}}',
    '{{$m := map "a" (json (getv "/a")).b}}{{$m.a.b}}{{add 1 (atoi $m.a)}}',
    '{{and 1 "a" (ls "/a")}}{{eq (or (getv "/a" "") "b") "b" "c"}}{{ne nil (getv "/a")}}',
]


@pytest.mark.parametrize("text", SOUND)
def test_a_template_that_can_render_has_no_fault(text: str) -> None:
    found = {one.rule for one in problems(parsed(text), "")}
    assert found <= ({"dead-branch"} if "{{if eq 1 2}}" in text else set())


ROWS = [json.loads(line) for line in (DATA / "templates.jsonl").read_text().splitlines()]
# What Go prints, though its text says that a verb is wrong; and what never runs.
HARMLESS = {"printf-verbs", "dead-branch", "shadowed-variable", "or-after-getv"}


def test_no_template_that_confd_rendered_has_a_call_that_always_fails() -> None:
    rendered = 0
    for row in ROWS:
        if "output" in row["expect"]["0.16"]:
            rendered += 1
            found = {one.rule: one.message for one in problems(parsed(row["template"]), "0.16")}
            assert found.keys() <= HARMLESS, (row["template"], found)
    assert rendered > 500


# How confd says that types do not fit, whatever the keys hold.
OF_TYPES = re.compile(
    "wrong type for value|incompatible types|can't evaluate field|can't iterate|"
    "expected (?:string|integer)|divide by zero|invalid map call|map keys"
)


def test_most_templates_whose_types_confd_refused_have_a_problem() -> None:
    errors = {row["template"]: row["expect"]["0.16"].get("error", "") for row in ROWS}
    refused = [text for text, error in errors.items() if OF_TYPES.search(error)]
    missed = [text for text in refused if not problems(parsed(text), "0.16")]
    # These read data that only their keys, or their caller, know.
    assert len(missed) <= 9, missed
    assert len(refused) > 75


GO = Path(__file__).parents[2] / "gotmpl/cases"


@pytest.mark.parametrize("path", sorted(GO.glob("*.json")), ids=lambda path: path.stem)
def test_any_template_can_be_inferred(path: Path) -> None:
    for row in json.loads(path.read_text())[::5]:
        text = row.get("template")
        with contextlib.suppress(ParseError):
            for one in problems(parsed(text if isinstance(text, str) else ""), ""):
                assert one.rule in {rule.name for rule in RULES}
                assert 1 <= one.line <= text.count("\n") + 1


CASES = CORPUS.parent / "rancher_cases.jsonl"


@pytest.mark.skipif(not CASES.exists(), reason="the corpus is not beside the checkout")
def test_no_real_template_that_confd_rendered_has_a_call_that_always_fails() -> None:
    rows = [json.loads(line) for line in CASES.read_text().splitlines()]
    rendered = {row["template"] for row in rows if row["ok"]}
    for name in rendered:
        text = (CORPUS.parent / name).read_text()
        found = {one.rule: one.message for one in problems(parsed(text), "0.16")}
        assert found.keys() <= HARMLESS, (name, found)
    assert len(rendered) > 50


HUGE = [
    "{{range seq 1 100000000000}}{{.}}{{end}}",
    "{{$s := seq 1 100000000000}}{{len $s}}{{print $s}}{{range $i, $e := $s}}{{$e}}{{end}}",
    "{{range 1000000000000}}{{.}}{{end}}",
    '{{$a := printf "%999999d" 1}}{{$b := print $a $a}}{{$c := print $b $b $b}}{{print $c}}',
    '{{$a0 := "xxxxxxxx"}}' + "".join(f"{{{{$a{i + 1} := print $a{i} $a{i}}}}}" for i in range(60)),
    "{{if true}}" * 300 + "{{end}}" * 300,
    "{{" + "(" * 300 + 'add "a" 1' + ")" * 300 + "}}",
]


@pytest.mark.parametrize("text", HUGE, ids=lambda text: text[:30])
def test_what_would_take_for_ever_is_not_tried(text: str) -> None:
    assert problems(parsed(text), "") == ()


def test_problems_are_findings_of_lint_with_columns(tmp_path: Path) -> None:
    template = '{{getv "/app/port"}}\n port {{add (getv "/app/port") 1}}\n'
    fault = Resource("", "", 0, HEAD + 'keys = ["/app"]\n', template)
    (found,) = lint(written(fault, tmp_path))
    assert (found.rule, found.line, found.column) == ("argument-type", 2, 9)


ADVICE = [
    ('{{add (getv "/app/a") 1}}', "make an int of the text with atoi"),
    ('{{join (jsonArray (getv "/app/a")) ","}}', "range over the list: JSON may hold any type"),
    ('{{range ls "/app"}}{{.Key}}{{end}}', "it is a text, which has no fields: gets gives"),
    ('{{eq (json (getv "/app/a")).port 1}}', "numbers in JSON are floats: write 1.0"),
    ('{{html (len (get "/app/a"))}}', "convert it: "),
]


@pytest.mark.parametrize(("template", "advice"), ADVICE)
def test_the_advice_fits_the_types(template: str, advice: str, tmp_path: Path) -> None:
    fault = Resource("", "", 0, HEAD + 'keys = ["/app"]\n', template)
    (found,) = lint(written(fault, tmp_path))
    assert found.advice.startswith(advice)


def test_a_comment_silences_a_problem(tmp_path: Path) -> None:
    template = '{{add (getv "/app/port") 1}} {{/* lint: ignore argument-type */}}\n'
    fault = Resource("", "", 0, HEAD + 'keys = ["/app"]\n', template)
    assert lint(written(fault, tmp_path), target="confd-lib") == []
