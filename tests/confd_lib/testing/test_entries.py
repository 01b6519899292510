"""Strategies of entries draw answers that their questions allow, and all of them."""

from __future__ import annotations

import re
import warnings
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from confd_lib.testing import Bench, answers, entries, stacks
from metadata_client import compose
from metadata_client.compose import Question

ROOT = Path(__file__).parents[3]
GALERA = ROOT / "examples/catalog/templates/galera"
QUICK = settings(
    database=None, max_examples=300, phases=[Phase.generate], deadline=None, derandomize=True
)


@given(entries(GALERA))
@settings(QUICK, max_examples=30)
def test_an_entry_has_as_many_members_as_were_answered(stack: compose.Stack) -> None:
    given = stack.answers_given
    assert len(stack.containers("galera")) == int(given["MEMBERS"])
    has_balancer = "galera-lb" in [one.name for one in stack.services]
    assert has_balancer is (given["LB"] == "true")


@pytest.mark.parametrize(
    "state",
    [
        pytest.param(lambda stack: stack.answers_given["LB"] == "false", id="false"),
        pytest.param(lambda stack: stack.answers_given["SST_METHOD"] == "rsync", id="an option"),
        pytest.param(lambda stack: stack.answers_given["MEMBERS"] == "9", id="the most"),
    ],
)
def test_every_answer_is_found(state: Any) -> None:
    assert state(find(entries(GALERA), state, settings=QUICK))


def test_an_entry_has_a_history_too() -> None:
    drawn = entries(GALERA).flatmap(stacks)
    found = find(
        drawn, lambda stack: any(one.state == "stopped" for one in stack.members), settings=QUICK
    )
    assert found.answers_given


def test_stacks_draw_answers_too() -> None:
    drawn = stacks(GALERA, answers={"LB": st.just("false")}, name="db")
    found = find(drawn, lambda stack: stack.answers_given["MEMBERS"] == "2", settings=QUICK)
    assert (found.answers_given["LB"], found.name) == ("false", "db")
    with pytest.raises(compose.ComposeError, match="answers are for the folder of an entry"):
        stacks(found, answers={})


QUESTIONS = [
    Question(variable="A", min_length=3, max_length=5, valid_chars="a-c_"),
    Question(variable="A", valid_chars="z-a"),
    Question(variable="A", valid_chars="\\w[", required=True),
    Question(variable="A", invalid_chars="0-9", required=True),
    Question(variable="A", type="int", min=-3, max=-1),
    Question(variable="A", type="int", min=70000),
    Question(variable="A", type="int", max=-5),
    Question(variable="A", type="float", max=2),
    Question(variable="A", type="enum", options=("a", "b")),
    Question(variable="A", type="enum"),
    Question(variable="A", type="boolean", required=True),
    Question(variable="A", type="service", default="db/mysql"),
    Question(variable="A", type="password", required=True),
    Question(variable="A"),
]


@pytest.mark.parametrize("question", QUESTIONS, ids=str)
def test_answers_keep_what_the_question_says(question: Question) -> None:
    @given(answers([question]))
    @settings(QUICK, max_examples=50)
    def keeps(drawn: dict[str, object]) -> None:
        (answer,) = drawn.values()
        assert list(compose.doubts(question, str(answer))) == []

    keeps()


def test_strategies_of_ones_own() -> None:
    own = {"MEMBERS": st.just(2)}
    assert (
        find(entries(GALERA, own=own), lambda _: True, settings=QUICK).answers_given["MEMBERS"]
        == "2"
    )
    with pytest.raises(compose.ComposeError, match=r"there is no question MEMBER$"):
        entries(GALERA, own={"MEMBER": st.just(2)})


# -- The fixture


def test_the_fixture_takes_answers() -> None:
    bench = Bench()
    given = {"ROOT_PASSWORD": "s3cret", "MEMBERS": 1, "LB": False}
    folder = GALERA
    stack = bench.compose(folder, answers=given, version=1, strict=True)
    assert stack.answers_given == {"ROOT_PASSWORD": "s3cret", "MEMBERS": "1", "LB": "false"}
    with pytest.raises(compose.DoubtfulAnswer):
        bench.compose(folder, strict=True)


def test_the_entry_renders_the_files_of_the_example() -> None:
    bench = Bench()
    stack = bench.compose(GALERA, answers={"ROOT_PASSWORD": "s3cret"})
    plain = bench.compose(ROOT / "examples/galera", env={"mysql_root_password": "s3cret"})
    template = ROOT / "examples/galera/templates/galera.cnf.tmpl"
    made, wanted = (
        str(bench.render(template, one, as_="galera_galera_2", version="2015-07-25"))
        for one in (stack, plain)
    )
    assert made == wanted
    assert re.search("wsrep_node_name ?= ?galera_galera_2", made)


def test_an_answer_without_a_question_is_warned_of() -> None:
    bench = Bench()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        bench.compose(GALERA, answers={"PASSWORD": "x"})
    variables = [getattr(one.message, "variable", None) for one in caught]
    assert variables == ["PASSWORD", "ROOT_PASSWORD"]
