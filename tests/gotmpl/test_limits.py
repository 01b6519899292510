"""Executions with limits: which limit ends them, at which place and with which text."""

from __future__ import annotations

import contextlib
import itertools
import pickle
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import gotmpl
from gotmpl import LimitError, Template
from gotmpl.limits import Limits

from .oracle import ours
from .oracle.judge import Case
from .oracle.mirror import decode
from .oracle.regenerate import CASES, read
from .oracle.verdict import ADDRESS, wrong
from .strategies import executions
from .test_properties import slow

# More than any case needs; steps are counted only where they have a limit.
PLENTY = [Limits(1e9, 10**9, 10**9), Limits(1e9, 10**9)]


def yields() -> Iterator[int]:
    yield from itertools.count()


def doubling(depth: int) -> str:
    """Return templates that each call the next one twice."""
    defined = (
        f'{{{{define "a{n}"}}}}{{{{template "a{n + 1}"}}}}{{{{template "a{n + 1}"}}}}{{{{end}}}}'
        for n in range(depth)
    )
    return f'{"".join(defined)}{{{{define "a{depth}"}}}}{{{{end}}}}{{{{template "a0"}}}}'


RECURSION = '{{define "a"}}{{template "a"}}{{end}}{{template "a"}}'
STEPS = [
    pytest.param("{{range 1000000000000}}{{end}}", 100, "1:8", "1000000000000", id="number"),
    pytest.param("{{range $i := 1000000000000}}{{end}}", 100, "1:14", "1000000000000", id="one"),
    pytest.param("{{range $i, $x := .many}}{{end}}", 100, "1:18", ".many", id="two variables"),
    pytest.param("{{range .count}}{{end}}", 100, "1:8", ".count", id="iterator"),
    pytest.param("{{range $i, $x := .count}}{{end}}", 100, "1:18", ".count", id="pairs"),
    pytest.param("{{range .yields}}{{end}}", 100, "1:8", ".yields", id="generator function"),
    pytest.param("{{range .many}}{{else}}{{end}}", 100, "1:8", ".many", id="with an else"),
    pytest.param("{{range or .none .many}}{{end}}", 100, "1:8", "or .none .many", id="or"),
    pytest.param("{{range .map}}{{end}}", 1, "1:8", ".map", id="map"),
    pytest.param("{{range .many}}{{continue}}{{end}}", 100, "1:8", ".many", id="continue"),
    pytest.param(
        "{{range .many}}" + "{{if $}}" * 40 + "x" + "{{end}}" * 41, 100, "1:8", ".many", id="deep"
    ),
    pytest.param(
        "{{range 10}}{{range $.many}}{{break}}{{end}}{{end}}", 19, "1:21", "$.many", id="breaks"
    ),
    pytest.param("{{range .numbers}}{{end}}", 100, "1:8", ".numbers", id="seq"),
    pytest.param("{{range .bytes}}{{end}}", 100, "1:8", ".bytes", id="bytes"),
    pytest.param(
        "{{range .many}}{{print .}}{{break}}{{end}}{{range .many}}{{end}}",
        1000,
        "1:50",
        ".many",
        id="left early",
    ),
    pytest.param(
        '{{define "b"}}x{{end}}{{range .many}}{{template "b"}}{{end}}',
        1500,
        "1:30",
        ".many",
        id="calls in a loop",
    ),
    pytest.param(RECURSION, 100, "1:25", '{{template "a"}}', id="recursion"),
    pytest.param(doubling(40), 100, None, None, id="two to the fortieth calls"),
]


@pytest.mark.parametrize(("text", "steps", "place", "context"), STEPS)
def test_steps(text: str, steps: int, place: str | None, context: str | None) -> None:
    data = {
        "many": [1] * 1000,
        "map": {"a": 1, "b": 2},
        "count": itertools.count(),
        "yields": yields,
        "numbers": range(10**12),
        "bytes": b"x" * 1000,
    }
    with pytest.raises(LimitError) as caught:
        Template("t").parse(text).limits(steps=steps).render(data)
    unit = "step" if steps == 1 else "steps"
    assert str(caught.value).endswith(f": limit of {steps} {unit} exceeded")
    if place is not None:
        name = "a" if text == RECURSION else "t"
        assert f'template: t:{place}: executing "{name}" at <{context}>: ' in str(caught.value)


CALLED = '{{define "a"}}{{end}}'
EXACT = [
    ("{{range 10}}{{end}}", 10),
    ("{{range 10}}{{range 3}}{{break}}{{end}}{{end}}", 20),
    ('{{define "a"}}{{end}}{{range 10}}{{template "a"}}{{end}}', 20),
    (doubling(3), 15),
    ('{{define "a"}}{{range 3}}{{end}}{{end}}{{template "a"}}{{template "a"}}', 8),
    ("{{range 5}}{{range 4}}{{if .}}{{continue}}{{end}}{{end}}{{end}}", 25),
    ("{{range 3}}{{else}}{{end}}{{range 0}}{{else}}x{{end}}", 3),
    ("{{range .}}{{end}}{{if 1}}{{.}}{{end}}", 0),
    (CALLED + '{{range 4}}{{template "a"}}{{template "a"}}{{end}}', 12),
    (CALLED + '{{range 4}}{{if .}}{{template "a"}}{{end}}{{template "a"}}{{end}}', 11),
    (CALLED + '{{range 4}}{{if .}}{{continue}}{{end}}{{template "a"}}{{end}}', 5),
    (CALLED + '{{range 4}}{{if .}}{{break}}{{end}}{{template "a"}}{{end}}', 3),
    (CALLED + '{{range $i, $x := slice "abc" 1 | list}}{{template "a"}}{{end}}', 2),
    (CALLED + '{{range list 1 2}}{{range list 3 4}}{{template "a"}}{{end}}{{end}}', 10),
    (CALLED + "{{range 1}}" * 12 + '{{template "a"}}' + "{{end}}" * 12, 13),
    (CALLED + '{{range list}}{{template "a"}}{{else}}{{template "a"}}{{end}}', 1),
]


@pytest.mark.parametrize(("text", "steps"), EXACT)
def test_a_step_is_a_turn_of_a_loop_or_a_call_of_a_template(text: str, steps: int) -> None:
    template = Template("t").funcs({"list": lambda *items: list(items)}).parse(text)
    expected = template.render()
    assert template.limits(steps=max(steps, 1)).render() == expected
    if steps > 1:
        with pytest.raises(LimitError):
            template.limits(steps=steps - 1).render()


def test_a_loop_is_counted_before_it_begins_and_so_may_not_come_to_its_failure() -> None:
    template = Template("t").parse("{{range .}}{{range 6}}{{end}}{{.x}}{{end}}")
    with pytest.raises(LimitError):
        template.limits(steps=15).render([1] * 10)
    with pytest.raises(gotmpl.ExecError, match="can't evaluate field x"):
        template.limits(steps=16).render([1] * 10)


OUTPUT = [
    pytest.param("{{range .many}}x{{end}}", id="loop"),
    pytest.param("abcdefghijkl{{.many}}", id="no step at all"),
    pytest.param("{{range 1}}{{range $.many}}xyz{{end}}{{end}}", id="inner loop"),
    pytest.param('{{range .many}}{{printf "%1000d" .}}{{end}}', id="pads"),
    pytest.param('{{define "a"}}xx{{template "a"}}{{end}}{{template "a"}}', id="recursion"),
    pytest.param('{{printf "%1000000d" 1}}' * 3, id="wide pads"),
    pytest.param("{{$x := .many}}" + "{{$.wide}}" * 10_000, id="one text many times"),
    pytest.param("{{range .many}}- {{$.wide}}{{end}}", id="a wide value among text"),
    pytest.param("{{range .many}}{{spaces}}{{end}}", id="a function in a loop"),
    pytest.param("abcdefghijklmnopqrstuvwxyz", id="constant"),
]


@pytest.mark.parametrize("text", OUTPUT)
def test_output(text: str) -> None:
    data = {"many": [1] * 1000, "wide": "w" * 1_000_000}
    template = Template("t").funcs({"spaces": lambda: " " * 3}).parse(text)
    with pytest.raises(LimitError, match=r"limit of 10 characters of output exceeded$") as caught:
        template.limits(output=10).render(data)
    with pytest.raises(LimitError) as later:
        template.limits(output=20).render(data)
    assert later.value.partial.startswith(caught.value.partial)
    assert len(caught.value.partial) <= 10


@pytest.mark.parametrize("place", range(40))
def test_the_function_that_made_a_long_text_is_named(place: int) -> None:
    calls = "".join(f" {{{{text {number}}}}}" for number in range(40))
    template = Template("t").funcs({"text": lambda n: "x" * (9000 if n == place else 1)})
    with pytest.raises(LimitError, match=rf"at <{{{{text {place}}}}}>: limit of") as caught:
        template.parse(calls).limits(output=8000).render()
    assert caught.value.partial == (" x" * place + " " + "x" * 9000)[:8000]


CONSTANT = "x" * 5000


@pytest.mark.parametrize(
    ("text", "context"),
    [
        (f"{{{{range .}}}}{CONSTANT}{{{{end}}}}", "."),
        (f"{{{{range .}}}}{{{{if 1}}}}{CONSTANT}{{{{end}}}}{{{{end}}}}", "1"),
        (f"{{{{range .}}}}{{{{range $}}}}{CONSTANT}{{{{end}}}}{{{{end}}}}", "$"),
    ],
)
def test_a_long_constant_text_ends_at_what_came_before_it(text: str, context: str) -> None:
    with pytest.raises(LimitError) as caught:
        Template("t").parse(text).limits(output=12_000).render([1, 2, 3, 4])
    assert (caught.value.context, caught.value.partial) == (context, "x" * 12_000)


def test_the_whole_of_the_output_may_be_used() -> None:
    template = Template("t").parse("{{range .}}x{{end}}")
    assert template.limits(output=1000).render([1] * 1000) == "x" * 1000
    with pytest.raises(LimitError) as caught:
        template.limits(output=999).render([1] * 1000)
    assert caught.value.partial == "x" * 999


GROWING = [
    pytest.param('{{$x := "aaaa"}}{{range 60}}{{$x = print $x $x}}{{end}}', id="variable"),
    pytest.param('{{$x := "aaaa"}}{{range 60}}{{$x = printf "%s%s" $x $x}}{{end}}', id="inlined"),
    pytest.param('{{$x := "aaaa"}}{{range 60}}{{$x = double $x}}{{end}}', id="function"),
    pytest.param('{{define "a"}}{{template "a" (print . .)}}{{end}}{{template "a" "b"}}', id="dot"),
    pytest.param('{{printf "' + "%100000[1]d" * 10_000 + '" 1}}', id="one format"),
    pytest.param('{{len (printf "' + "%100000[1]d" * 10_000 + '" 1)}}', id="not written"),
    pytest.param("{{len (print " + "$.wide " * 10_000 + ")}}", id="print"),
    pytest.param("{{len (println " + "$.wide " * 10_000 + ")}}", id="println"),
    pytest.param("{{len (html " + "$.wide " * 10_000 + ")}}", id="html"),
    pytest.param("{{len (print .numbers)}}", id="numbers"),
    pytest.param("{{len (print .tree)}}", id="a tree of shared branches"),
]


@pytest.mark.parametrize("text", GROWING)
def test_no_text_grows_past_the_limit_of_the_output(text: str) -> None:
    tree: list[object] = []
    for _ in range(60):
        tree = [tree, tree]
    data = {"wide": "w" * 100_000, "numbers": range(10**12), "tree": tree}
    template = Template("t").funcs({"double": lambda text: text + text}).parse(text)
    with pytest.raises(LimitError, match=r"limit of 1000000 characters of output exceeded$"):
        template.limits(output=1_000_000).render(data)


def spin() -> None:
    while True:
        gotmpl.check_limits()


def keeps_everything() -> None:
    while True:
        with contextlib.suppress(Exception):
            gotmpl.check_limits()


def long(length: int) -> str:
    gotmpl.check_limits(length)
    return "x" * length


FUNCTIONS: Mapping[str, Callable[..., object]] = {
    "spin": spin,
    "keeps_everything": keeps_everything,
    "long": long,
    "nested": lambda: gotmpl.render("{{spin}}", funcs={"spin": spin}),
    "limited": lambda: Template("in").parse("{{range 9}}{{end}}").limits(steps=1).render(),
}
SECONDS = [
    pytest.param(
        "{{$ten := .ten}}" + "{{range $ten}}" * 14 + "{{end}}" * 14, id="nested short lists"
    ),
    pytest.param("{{range $i, $x := .long}}{{end}}", id="a long list"),
    pytest.param("{{range .short}}{{spin}}{{end}}", id="a function in a loop"),
    pytest.param("{{range 1000000000000}}{{end}}", id="empty loop"),
    pytest.param(doubling(60), id="calls"),
    pytest.param("{{spin}}", id="a function that asks"),
    pytest.param("{{.numbers}}", id="numbers that are printed"),
    pytest.param("{{keeps_everything}}", id="a function that lets no exception out"),
    pytest.param("{{nested}}", id="a function that renders"),
    pytest.param("{{.endless}}", id="a method"),
]


class Methods:
    def __init__(self) -> None:
        self.ten = [1] * 10
        self.long = [1] * 10_000_000
        self.short = [1] * 2
        self.numbers = range(10**12)

    def endless(self) -> None:
        spin()


@pytest.mark.parametrize("text", SECONDS)
def test_seconds(text: str) -> None:
    template = Template("t").funcs(FUNCTIONS).parse(text).limits(seconds=0.01)
    with pytest.raises(LimitError, match=r"^template: t:1:.*: limit of 0\.01 seconds exceeded$"):
        template.render(Methods())


def test_a_function_checks_the_length_of_its_text() -> None:
    template = Template("t").funcs(FUNCTIONS).parse("{{long .}}").limits(output=10)
    assert template.render(10) == "x" * 10
    with pytest.raises(
        LimitError, match=r"at <long \.>: limit of 10 characters of output exceeded"
    ):
        template.render(10**15)


def test_limits_of_an_inner_template_are_its_own() -> None:
    template = Template("t").funcs(FUNCTIONS).parse("{{limited}}").limits(steps=100)
    with pytest.raises(gotmpl.ExecError, match="error calling limited: template: in:1:8") as caught:
        template.render()
    assert not isinstance(caught.value, LimitError)


def test_after_an_execution_nothing_is_limited() -> None:
    template = Template("t").parse("{{range .}}{{end}}").limits(seconds=1e-9)
    with pytest.raises(LimitError):
        template.render(10**12)
    gotmpl.check_limits()


class Unsure(Sequence[int]):
    """A collection that is neither true nor false."""

    def __bool__(self) -> bool:
        raise ValueError

    def __len__(self) -> int:
        return 2

    def __getitem__(self, index: Any) -> Any:
        return [1, 2][index]


@pytest.mark.parametrize("limits", [*PLENTY, Limits()])
@pytest.mark.parametrize("body", ["{{.}}", "{{one .}}"])
def test_a_loop_asks_no_collection_whether_it_is_true(limits: Limits, body: str) -> None:
    template = Template("t").funcs({"one": lambda item: item}).limits(*limits)
    assert template.parse("{{range .}}" + body + "{{end}}").render(Unsure()) == "12"


# -- What stays the same


def test_without_limits_the_code_knows_nothing_of_them() -> None:
    text = '{{define "a"}}{{end}}{{range .}}{{printf "%d" .}}{{template "a"}}{{end}}'
    template = Template("t").parse(text)
    plain = template.python_source()
    assert "meter" not in plain
    assert "meter" in template.limits(steps=1).python_source()
    assert template.limits().python_source() == plain


@pytest.mark.parametrize("path", sorted(CASES.glob("*.json")), ids=lambda path: path.stem)
@pytest.mark.parametrize("limits", PLENTY, ids=["all", "no steps"])
def test_rows_give_the_same_within_limits(
    path: Path, limits: Limits, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gotmpl, "Template", lambda name: Template(name).limits(*limits))
    assert wrong(read(path)) == []


@slow
@given(limits=st.sampled_from(PLENTY), asked=executions())
def test_any_execution_gives_the_same_within_limits(limits: Limits, asked: Case) -> None:
    template = Template("t").funcs(ours.functions(asked["funcs"]))
    try:
        template.option(*asked.get("options", [])).delims(*asked.get("delims", ["", ""]))
        template.parse(asked["template"])
    except gotmpl.TemplateError:
        assume(condition=False)
    answers = [
        ours.outcome(lambda out, t=one: t.execute(out, decode(asked["data"])))  # type: ignore[misc]
        for one in (template, template.clone().limits(*limits))
    ]
    assume(not ADDRESS.search(str(answers[0])))
    assert answers[0] == answers[1]


def test_a_clone_keeps_the_limits_and_may_have_its_own() -> None:
    template = Template("t").parse("{{range 10}}{{end}}").limits(steps=5)
    copy = template.clone()
    with pytest.raises(LimitError):
        copy.render()
    copy.limits(steps=50).render()
    with pytest.raises(LimitError):
        template.render()


def test_executions_in_many_threads_do_not_share_their_limits() -> None:
    together = threading.Barrier(8)
    template = Template("t").funcs({"wait": lambda: together.wait(10) * 0})
    template.parse("{{range .}}{{wait}}{{end}}").limits(steps=10, output=10)
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(template.render, [10] * 8)) == ["0" * 10] * 8


class Diary:
    def __init__(self) -> None:
        self.written: list[str] = []

    def visit(self, visit: gotmpl.Visit) -> None:
        pass

    def write(self, text: str) -> None:
        self.written.append(text)


def test_an_observed_execution_has_limits_too() -> None:
    diary = Diary()
    template = Template("t").parse("{{range .}}ab{{end}}").observe(diary).limits(output=1000)
    assert template.render([1] * 500) == "".join(diary.written) == "ab" * 500
    with pytest.raises(LimitError):
        template.render([1] * 501)


def test_the_error_is_pickled() -> None:
    with pytest.raises(LimitError) as caught:
        Template("t").parse("{{range .}}x{{end}}").limits(steps=3).render([1] * 9)
    copied = pickle.loads(pickle.dumps(caught.value))
    assert type(copied) is LimitError
    assert (str(copied), copied.partial) == (str(caught.value), "xxx")


@pytest.mark.parametrize("wrong", [{"steps": 0}, {"output": -1}, {"seconds": float("nan")}])
def test_a_limit_is_above_zero(wrong: dict[str, float]) -> None:
    with pytest.raises(gotmpl.TemplateError, match=re.escape("limit is not above zero: ")):
        Template("t").limits(**wrong)  # type: ignore[arg-type]  # a bad value is the point
