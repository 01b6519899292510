"""Go's fmt: every verb on every kind with many flags, odd formats, print, println."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from gotmpl.errors import FuncError
from gotmpl.fmt.formats import PLAIN, Directive, parse_format
from gotmpl.fmt.printf import sprintf
from gotmpl.fmt.printing import is_printable, sprint, sprintln, to_text
from tests.gotmpl.oracle.families.questions import VERBS
from tests.gotmpl.oracle.judge import Judge
from tests.gotmpl.oracle.ours import answer
from tests.gotmpl.oracle.random_questions import random_question
from tests.gotmpl.oracle.regenerate import load
from tests.gotmpl.oracle.verdict import comparable, plain, wrong

PRINTF = load("values_printf")


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_is_gos(verb: str) -> None:
    rows = [row for row in PRINTF if row["text"][-1:] == verb]
    assert len(rows) > 30
    assert wrong(rows) == []


def test_odd_formats_are_gos() -> None:
    rows = [row for row in PRINTF if row["text"][-1:] not in VERBS]
    assert len(rows) > 30
    assert wrong(rows) == []


@pytest.mark.parametrize("op", ["print", "sprint", "sprintln"])
def test_printing_is_gos(op: str) -> None:
    assert wrong(load("values_print", op=op)) == []


@pytest.mark.parametrize("print_", [sprint, sprintln])
def test_bytes_that_make_a_rune_are_printed_as_that_rune(
    print_: Callable[[list[object]], str],
) -> None:
    assert print_([None, "\udce6\udc97\udc97"]).strip() in ("<nil> 旗", "<nil>旗")


def test_the_widest_width() -> None:
    # Go: parsenum checks that the number is not too large before it adds the last digit.
    assert len(sprintf("%10000009d", [1])) == 10000009
    assert sprintf("%10000010d|%s", [1, "a"]) == "%!(NOVERB)%!(EXTRA int=1, string=a)"


def test_a_format_is_read_once() -> None:
    assert parse_format("a%%b%5.1f") is parse_format("a%%b%5.1f")
    *literals, directive = parse_format("a%%b%5.1f")
    assert literals == ["a", "%", "b"]
    assert isinstance(directive, Directive)
    assert (directive.spec.width, directive.spec.precision, directive.plain) == (5, 1, "")


def test_a_bare_v_is_recognised_without_the_parser() -> None:
    directives = [part for part in parse_format("%v%5v%+v%0v%.1v%s") if isinstance(part, Directive)]
    assert [each.spec is PLAIN for each in directives] == [True, *[False] * 5]


def test_values_with_an_address() -> None:
    holder: list[object] = []
    assert sprintf("%p", [holder]) == hex(id(holder))
    assert sprintf("%v %s", [len, len]).startswith(f"{hex(id(len))} %!s(func(")
    assert not is_printable(len)
    assert is_printable({"f": len})


def test_depth_is_bounded_by_memory_only() -> None:
    deep: list[object] = []
    for _ in range(20_000):
        deep = [deep]
    assert to_text(deep) == "[" * 20_001 + "]" * 20_001


def test_a_value_that_holds_itself_is_refused() -> None:
    endless: list[object] = []
    endless.append(endless)
    with pytest.raises(FuncError, match="nested too deeply"):
        to_text(endless)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(10))
def test_random_questions_have_gos_answers(seed: int, judge: Judge) -> None:
    rng = random.Random(seed)
    asked = [random_question(rng) for _ in range(20_000)]
    rows = zip(asked, map(plain, judge.ask_all(asked)), strict=True)
    compared = [(question, go) for question, go in rows if comparable(question, go)]
    assert len(compared) > 19_000
    assert [(question, go) for question, go in compared if answer(question) != go] == []
