"""The engine beyond Go's answers: generated code, how deep blocks nest, and observers."""

from __future__ import annotations

import gc
import linecache
import os
import re
import subprocess
import sys
import traceback
from collections import deque
from pathlib import Path

import pytest

import gotmpl
from gotmpl import Template
from gotmpl.fmt.formats import parse_format
from gotmpl.run import code
from gotmpl.syntax.tokens import tokenize
from tests.layers import ROOT

from .oracle import ours
from .oracle.judge import Judge
from .oracle.regenerate import CASES, read
from .oracle.verdict import plain, wrong

# -- Generated code


@pytest.mark.parametrize(
    ("text", "source"),
    [
        pytest.param(
            "a{{.}}",
            ["x1 = show(d0)", 'out.append(f"a{x1}")'],
            id="action",
        ),
        pytest.param(
            "a{{.x}}b{{.y.z}}{{$v := .x}}c{{/* x */}}{{if .x}}d{{end}}",
            [
                "x1 = text(d0, 'x', 1)",
                "x2 = text(d0, ('y', 'z'), 4)",
                "v2_v = value(d0, 'x', 7)",
                'out.append(f"a{x1}b{x2}c")',
                "if test(d0, 'x', 1):",
                "    out.append('d')",
            ],
            id="segment",
        ),
        pytest.param("{{/* x */}}", ["pass"], id="nothing"),
        pytest.param(
            '{{"a\\n"}}{{1}}{{true}}',
            [r"out.append('a\n1true')"],
            id="constants",
        ),
        pytest.param(
            "{{range .}}{{.}}{{end}}",
            [
                "was6 = str",
                "c2 = d0",
                "for d3 in c2 if type(c2) is list else each(c2, 1):",
                (
                    "    x1 = d3 if type(d3) is was6 else SHOWN[type(d3)](d3) if type(d3) in SHOWN"
                    " else d3 if type(d3) in PLAIN and (was6 := type(d3)) else show(d3)"
                ),
                '    out.append(f"{x1}")',
            ],
            id="range",
        ),
        pytest.param(
            "{{range .}}{{printf `%s%s` .b .c}}{{end}}",
            [
                "keyed6 = dict",
                "named6 = None",
                "c2 = d0",
                "for d3 in c2 if type(c2) is list else each(c2, 1):",
                "    if type(d3) is keyed6:",
                "        try: x1 = d3['b']; x2 = d3['c']",
                (
                    "        except KeyError: keyed6 = False;"
                    " x1, x2 = map(GET, repeat(d3), ('b', 'c'), repeat(MISSING))"
                ),
                "    elif type(d3) is named6:",
                "        try: x1 = d3.b; x2 = d3.c",
                (
                    "        except AttributeError: named6 = False;"
                    " x1, x2 = map(getattr, repeat(d3), ('b', 'c'), repeat(MISSING))"
                ),
                "    else:",
                (
                    "        read = GET if (cls := type(d3)) is dict or cls in DICTS"
                    " else READ_EARLY['b c'][cls];"
                    " x1 = read(d3, 'b', MISSING); x2 = read(d3, 'c', MISSING)"
                ),
                "        if type(d3) is OrderedDict and keyed6: keyed6 = OrderedDict",
                "        elif read is getattr and named6 is not False: named6 = type(d3)",
                "    x3 = x1 if type(x1) is str else None",
                "    x4 = x2 if type(x2) is str else None",
                (
                    "    if x3 is None or x4 is None: x3, x4, = texts('%s%s',"
                    " value(d3, 'b', 6, c2, x1), value(d3, 'c', 8, c2, x2))"
                ),
                '    out.append(f"{x3}{x4}")',
            ],
            id="fields together",
        ),
        pytest.param(
            "{{if .}}a{{else if true}}b{{else}}c{{end}}",
            [
                "if is_true(d0):",
                "    out.append('a')",
                "elif True:",
                "    out.append('b')",
                "else:",
                "    out.append('c')",
            ],
            id="else if",
        ),
    ],
)
def test_what_nothing_interrupts_is_written_by_a_line(text: str, source: list[str]) -> None:
    parts = [part.splitlines() for part in Template("t").parse(text).python_source().split("\n\n")]
    numbers = range(1, len(parts) + 1) if len(parts) > 1 else [""]
    assert [part[0] for part in parts] == [f"def template{n}(out, d0):" for n in numbers]
    assert [line for part in parts for line in part[1:]] == [f"    {line}" for line in source]


def test_a_field_alone_is_not_read_by_what_reads_others_together() -> None:
    source = Template("t").parse("{{range .}}{{if .a}}{{.b}}{{.c}}{{end}}{{end}}").python_source()
    assert re.findall(r"READ\w*\['(.*?)'\]", source) == ["a", "b c"]


def test_the_code_is_the_same_in_every_process() -> None:
    text = (
        '{{range $i, $x := .a}}{{if and $x (eq $i 2)}}{{printf "%5d" $x}}{{end}}{{end}}{{len .b}}'
        "{{$x := 1}}{{$y := 2}}{{range .c}}{{if .d}}{{$x = .}}{{$y = .}}{{end}}{{end}}"
    )
    program = f"import gotmpl; print(gotmpl.Template('t').parse({text!r}).python_source())"
    sources = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert sources == {f"{Template('t').parse(text).python_source()}\n"}


def test_a_traceback_shows_generated_lines() -> None:
    def fail() -> str:
        raise ValueError("boom")

    with pytest.raises(gotmpl.ExecError) as caught:
        gotmpl.render("a\n{{fail}}", name="motd", funcs={"fail": fail})
    shown = "".join(traceback.format_exception(caught.value.__cause__))
    assert "f_fail()" in shown
    assert "<template motd #" in shown


def test_generated_lines_go_with_their_template() -> None:
    template = Template("gone").parse("{{.}}")
    template.render(1)
    assert any("<template gone #" in name for name in linecache.cache)
    del template
    gc.collect()
    Template("next").parse("{{.}}").render(1)
    assert not any("<template gone #" in name for name in linecache.cache)


def test_a_template_may_go_while_tracebacks_look_for_their_lines() -> None:
    Template("gone").parse("{{.}}").render(1)
    gc.collect()
    # `linecache.checkcache` lists its entries, and then looks each of them up.
    assert any("<template gone #" in name for name in linecache.cache)


def test_another_thread_may_take_out_the_last_template_that_is_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Emptied(deque[str]):
        """Is emptied by another thread once it was seen to have something."""

        def __bool__(self) -> bool:
            return True

    monkeypatch.setattr(code, "_gone", Emptied())
    assert Template("t").parse("{{.}}").render(1) == "1"


@pytest.mark.parametrize("name", ["a\0b", "a\nb", "\ud800", "<x>", "{{", "ünï"])
def test_any_name_will_do(name: str) -> None:
    assert Template(name).parse("{{.}}").render(1) == "1"


@pytest.mark.parametrize("name", ["FIELDS", "READ", "GET", "cls", "d0", "x1", "out", "None", "é"])
@pytest.mark.parametrize(
    ("text", "output"),
    [
        ("{{range .}}{{$@ := .}}{{$@.a}}{{$@.b}}{{end}}", "12"),
        ("{{range .}}{{$@ := .}}{{$@.@}}{{end}}", "3"),
        ("{{range $@ := .}}{{$@.a}}{{$@.@}}{{end}}", "13"),
        ("{{range .}}{{$@ := 1}}{{$@ = .}}{{$@.a}}{{$@.b}}{{end}}", "12"),
        ("{{range .}}{{$@ := .}}{{if $@.a}}{{$@.@}}{{end}}{{end}}", "3"),
        ("{{$@ := index . 0}}{{range .}}{{with $@}}{{.a}}{{$@.b}}{{end}}{{end}}", "12"),
    ],
)
def test_any_name_will_do_for_a_variable(name: str, text: str, output: str) -> None:
    template = Template("t").parse(text.replace("@", name))
    assert template.render([{"a": 1, "b": 2, name: 3}]) == output


def test_large_texts_are_not_kept_in_caches() -> None:
    tokenize.cache_clear()
    parse_format.cache_clear()
    large = "x" * 10_000
    assert gotmpl.render('{{printf "%s' + large + '" .}}{{printf .}}', "a") == f"a{large}a"
    assert gotmpl.render("{{range .}}{{printf . 1}}{{end}}", [f"%d{large}"]) == f"1{large}"
    assert tokenize.cache_info().currsize == 4
    assert parse_format.cache_info().currsize == 1


@pytest.mark.parametrize(
    ("start", "repeated", "end"),
    [("", "1", "e"), ("", "1", ".e"), ("0x", "f", ""), ("0x", "f", "p"), ("", "1_", "e")],
)
def test_long_numbers_are_read_in_linear_time(start: str, repeated: str, end: str) -> None:
    """Quadratic time would be hours."""
    with pytest.raises(gotmpl.ParseError) as caught:
        gotmpl.render(f"{{{{{start}{repeated * 300_000}{end}}}}}")
    assert caught.value.reason[:21] == "illegal number syntax"


# -- Limits


@pytest.mark.parametrize("opening", ["{{if .}}", "{{range $.l}}", "{{with .}}"])
@pytest.mark.parametrize("depth", [14, 15, 16, 21, 100, 300])
def test_blocks_nest(opening: str, depth: int) -> None:
    text = opening * depth + "x{{$.n}}" + "{{end}}" * depth
    assert gotmpl.render(text, {"l": [1], "n": 7}) == "x7"
    assert str(gotmpl.parse("t", text)["t"]) == text


@pytest.mark.parametrize(
    ("inner", "result"),
    [
        pytest.param("{{$x = 5}}", "5 0", id="a variable is assigned from deep inside"),
        pytest.param("{{break}}", "0 0", id="a break leaves the loop from deep inside"),
        pytest.param("{{continue}}", "0 0", id="a continue goes on from deep inside"),
        pytest.param("{{$x := 5}}", "0 1", id="a declaration stays inside"),
    ],
)
def test_deep_blocks_see_and_set_what_is_outside(inner: str, result: str) -> None:
    after = "{{$y = 1}}" if ":=" in inner else ""
    text = (
        "{{$x := 0}}{{$y := 0}}{{range .}}"
        + "{{if true}}" * 40
        + inner
        + "{{end}}" * 40
        + after
        + "{{end}}{{$x}} {{$y}}"
    )
    assert gotmpl.render(text, [1, 2]) == result


@pytest.mark.parametrize("opening", ["(", "(and 1 ", "(or 0 ", "(print "])
def test_parentheses_nest(opening: str) -> None:
    assert gotmpl.render("{{" + opening * 100 + ".x" + ")" * 100 + "}}", {"x": 1}) == "1"


@pytest.mark.parametrize("count", [9_999, 10_000, 10_001])
def test_go_counts_parentheses_as_we_do(judge: Judge, count: int) -> None:
    """The answers are too long to be rows."""
    asked = {"mode": "parse", "template": f"{{{{{'(' * count}1{')' * count}}}}}"}
    go = judge.ask(asked)
    assert plain(ours.answer(asked)) == plain(go)
    assert ("trees" in go) == (count <= 10_000)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param(
            "{{" + "(" * 5000 + ".x" + ")" * 5000 + "}}", "max expression depth", id="deep"
        ),
        pytest.param(
            "{{" + "(" * 10001 + ".x", "max expression depth exceeded", id="Go's own limit"
        ),
        pytest.param(
            '{{define "r"}}{{template "r"}}{{end}}{{template "r"}}',
            "exceeded maximum template depth (100000)",
            id="recursion",
        ),
        pytest.param(
            '{{define "a"}}{{template "b"}}{{end}}'
            '{{define "b"}}{{if true}}{{template "a"}}{{end}}{{end}}{{template "a"}}',
            "exceeded maximum template depth (100000)",
            id="recursion over two",
        ),
    ],
)
def test_where_the_interpreter_ends_go_s_message_stands(text: str, reason: str) -> None:
    limit = sys.getrecursionlimit()
    with pytest.raises(gotmpl.TemplateError) as caught:
        gotmpl.render(text, {"x": 1})
    assert reason in str(caught.value)
    assert sys.getrecursionlimit() == limit


@pytest.mark.parametrize("length", [1, 2, 3, 7])
def test_recursion_ends_where_go_s_does_however_deep_the_stack_is(length: int) -> None:
    text = "".join(
        f'{{{{define "t{n}"}}}}{{{{template "t{(n + 1) % length}"}}}}{{{{end}}}}'
        for n in range(length)
    )
    template = Template("t").parse(text + '{{template "t0"}}')
    messages = {below(frames, template) for frames in range(2 * length)}
    # The call at depth 0 is the root's own, so that at depth 100 000 is of template 99 999.
    name = f"t{99_999 % length}"
    assert len(messages) == 1
    assert f'executing "{name}"' in messages.pop()


def below(frames: int, template: Template) -> str:
    """Return the error of a template that is rendered below more frames."""
    if frames:
        return below(frames - 1, template)
    with pytest.raises(gotmpl.ExecError, match="exceeded maximum template depth") as caught:
        template.render()
    return str(caught.value)


def test_a_long_chain_of_else_ifs() -> None:
    arms = "".join(f"{{{{else if eq . {n}}}}}{n}" for n in range(1, 3000))
    assert gotmpl.render(f"{{{{if eq . 0}}}}0{arms}{{{{end}}}}", 2999) == "2999"


# -- Observers


class Diary:
    """Record the places that an execution passes."""

    def __init__(self) -> None:
        self.entries: list[str] = []

    def visit(self, visit: gotmpl.Visit) -> None:
        self.entries.append(f"{type(visit.node).__name__} {visit.branch}".strip())

    def write(self, text: str) -> None:
        self.entries.append(repr(text))


def test_an_observer_receives_every_place() -> None:
    diary = Diary()
    template = (
        Template("t").parse("{{range .}}{{if eq . 1}}a{{end}}{{else}}b{{end}}").observe(diary)
    )
    assert template.render([1, 2]) == "a"
    one = ["RangeNode list", "IfNode", "IfNode list", "TextNode", "'a'"]
    two = ["RangeNode list", "IfNode", "IfNode else"]
    assert diary.entries == ["ListNode list", "RangeNode", *one, *two]


@pytest.mark.parametrize("path", sorted(CASES.glob("*.json")), ids=lambda path: path.stem)
def test_observed_rows_give_the_same(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gotmpl, "Template", lambda name: Template(name).observe(Diary()))
    assert wrong(read(path)) == []


def test_without_an_observer_the_code_has_no_trace_of_it() -> None:
    template = Template("t").parse("{{if .}}a{{end}}")
    plain = template.python_source()
    assert "visit" in template.observe(Diary()).python_source()
    assert template.observe(None).python_source() == plain


def test_places_are_known_before_any_execution() -> None:
    tree = gotmpl.parse("t", "{{with .}}a{{end}}")["t"]
    places = [
        f"{type(visit.node).__name__} {visit.branch}".strip() for visit in gotmpl.visits(tree)
    ]
    assert places == ["ListNode list", "WithNode", "WithNode list", "TextNode", "WithNode else"]


def test_a_percent_sign_in_a_name_is_one() -> None:
    with pytest.raises(gotmpl.ParseError, match=r"^template: 100%s\.tmpl:1: function"):
        gotmpl.render("{{nope}}", name="100%s.tmpl")


def test_bytes_in_data_may_be_a_rune_only_together() -> None:
    """The inlined comparison with a constant takes ASCII only."""
    unmerged = "\udcc3\udca9"
    text = '{{range .}}{{eq . "é"}} {{ne . "é"}} {{len .}} {{printf "%q" .}}{{end}}'
    assert gotmpl.render(text, [unmerged]) == 'true false 2 "é"'
