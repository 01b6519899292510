"""Answers that do not keep what their questions say: warnings, and errors if strict.

Laws: answers within what the questions say load without a word; one outside is named.
"""

from __future__ import annotations

import pickle
import warnings
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from metadata_client import compose
from metadata_client.compose import ComposeError, DoubtfulAnswer

DOCKER = "web:\n  image: web:${TAG}\n"


def rancher(questions: str) -> str:
    lines = "".join(f"    {line}\n" for line in questions.splitlines())
    return f".catalog:\n  version: 1.0.0\n  questions:\n{lines}"


@pytest.fixture
def deploy(folder: Path) -> Any:
    """Load an entry with these questions; return the stack, and the warnings."""

    def deploying(
        questions: str, answers: dict[str, object], **options: Any
    ) -> tuple[compose.Stack, list[Any]]:
        (folder / "docker-compose.yml").write_text(DOCKER, "utf-8")
        (folder / "rancher-compose.yml").write_text(rancher(questions), "utf-8")
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            stack = compose.load(folder, answers=answers, env={"TAG": "1"}, **options)
        return stack, [warning.message for warning in caught]

    return deploying


DOUBTS = [
    pytest.param("- variable: A", {"B": "1"}, 1, "there is no question B", id="no question"),
    pytest.param(
        "- variable: MEMBERS",
        {"MEMBER": "1"},
        1,
        "there is no question MEMBER; did you mean MEMBERS?",
        id="a misspelt one",
    ),
    pytest.param(
        "- variable: PORT",
        {"port": "1"},
        1,
        "there is no question port; did you mean PORT?",
        id="small letters",
    ),
    pytest.param(
        "- {variable: A, type: enum, options: [a, b]}",
        {"A": "c"},
        4,
        "A: 'c' is no option; there are a, b",
        id="no option",
    ),
    pytest.param(
        "- {variable: A, type: enum, options: [a, b], default: c}",
        {},
        4,
        "A: 'c' is no option; there are a, b",
        id="a default that is no option",
    ),
    pytest.param(
        "- {variable: A, type: boolean}",
        {"A": "yes"},
        4,
        "A: 'yes' is no option; there are true, false",
        id="neither true nor false",
    ),
    pytest.param(
        "- {variable: A, type: int, min: 2, max: 5}",
        {"A": 1},
        4,
        "A: '1' is below the minimum of 2",
        id="below",
    ),
    pytest.param(
        "- {variable: A, type: int, min: 2, max: 5}",
        {"A": 6},
        4,
        "A: '6' is above the maximum of 5",
        id="above",
    ),
    pytest.param(
        "- {variable: A, type: int}", {"A": "many"}, 4, "A: 'many' is no number", id="no number"
    ),
    pytest.param(
        "- {variable: A, min_length: 3}",
        {"A": "éa"},
        4,
        "A: 2 characters are fewer than the minimum of 3",
        id="short",
    ),
    pytest.param(
        "- {variable: A, max_length: 3}",
        {"A": "abcd"},
        4,
        "A: 4 characters are more than the maximum of 3",
        id="long",
    ),
    pytest.param(
        "- {variable: A, valid_chars: a-z0-9}",
        {"A": "ab_c"},
        4,
        "A: '_' is not in [a-z0-9]",
        id="no valid character",
    ),
    pytest.param(
        "- {variable: A, invalid_chars: '\\s/'}",
        {"A": "a b"},
        4,
        "A: ' ' is in [\\s/]",
        id="an invalid character",
    ),
    pytest.param(
        "- {variable: A, required: true}",
        {},
        4,
        "A: a required question has neither answer nor default",
        id="required",
    ),
    pytest.param(
        "- {variable: A, required: true, default: a}",
        {"A": ""},
        4,
        "A: a required question has neither answer nor default",
        id="required, and answered by nothing",
    ),
    pytest.param(
        "- {variable: A, type: password, min: 5, options: [a]}",
        {"A": "3"},
        4,
        "A: the answer is below the minimum of 5",
        id="a secret",
    ),
    pytest.param(
        "- {variable: A, type: password, valid_chars: a-z}",
        {"A": "S"},
        4,
        "A: a character is not in [a-z]",
        id="a character of a secret",
    ),
]


@pytest.mark.parametrize(("questions", "answers", "line", "reason"), DOUBTS)
def test_a_doubt(deploy, folder, questions, answers, line, reason):
    stack, (doubt,) = deploy(questions, answers)
    assert isinstance(doubt, DoubtfulAnswer)
    assert str(doubt) == f"{folder}/rancher-compose.yml:{line}: {reason}"
    assert doubt.variable in reason
    assert [one.name for one in stack.services] == ["web"]
    with pytest.raises(DoubtfulAnswer) as caught:
        deploy(questions, answers, strict=True)
    assert str(caught.value) == str(doubt)


@pytest.mark.parametrize(
    ("questions", "answers"),
    [
        pytest.param("- {variable: A, required: true, type: boolean}", {}, id="boolean"),
        pytest.param("- {variable: A, type: enum, options: [a]}", {"A": ""}, id="first line"),
        pytest.param("- {variable: A, type: int, min: 1}", {}, id="no answer is no number"),
        pytest.param("- {variable: A, min: 1, type: string}", {"A": "text"}, id="a text"),
        pytest.param("- {variable: A, max: 0}", {"A": 7}, id="0 is no bound"),
        pytest.param("- {variable: A, valid_chars: '\\w.[&-'}", {"A": "a[&.-"}, id="signs"),
        pytest.param("- {variable: A, valid_chars: 'z-a'}", {"A": "z-a"}, id="no range"),
        pytest.param("- {variable: A, type: float, max: 2}", {"A": 1.5}, id="a float"),
        pytest.param("- {variable: A, type: boolean}", {"A": True}, id="a bool of Python"),
    ],
)
def test_no_doubt(deploy, questions, answers):
    assert deploy(questions, answers, strict=True)[1] == []


def test_a_variable_without_an_answer_takes_that_of_the_environment(deploy):
    questions = "- {variable: TAG, required: true, type: enum, options: ['2']}"
    doubts = deploy(questions, {})[1]
    assert [doubt.reason for doubt in doubts] == ["TAG: '1' is no option; there are 2"]


def test_an_answer_of_another_type(deploy):
    with pytest.raises(ComposeError, match="the answer to A is a list: give a text, a number or"):
        deploy("- variable: A", {"A": ["1"]})


def test_a_doubt_is_pickled():
    doubt = DoubtfulAnswer("A", "A: too long", path="rancher-compose.yml", line=3)
    again = pickle.loads(pickle.dumps(doubt))
    assert (str(again), again.variable) == (str(doubt), "A")


def test_without_a_file_of_questions(folder):
    (folder / "docker-compose.yml").write_text("web:\n  image: web\n")
    with pytest.warns(DoubtfulAnswer, match=r"docker-compose\.yml: there is no question A$"):
        compose.load(folder, answers={"A": "1"})


# -- Laws

NUMBER = "- {variable: COUNT, type: int, min: -5, max: 7, default: 1}\n"
TEXT = "- {variable: TEXT, min_length: 2, max_length: 4, valid_chars: a-f, default: abc}\n"
CHOICE = "- {variable: CHOICE, type: enum, options: [one, two], default: one}\n"
laws = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)

within = st.fixed_dictionaries(
    {},
    optional={
        "COUNT": st.integers(-5, 7),
        "TEXT": st.text("abcdef", min_size=2, max_size=4),
        "CHOICE": st.sampled_from(["one", "two"]),
    },
)
outside = st.one_of(
    st.tuples(st.just("COUNT"), st.integers().filter(lambda n: not -5 <= n <= 7)),
    st.tuples(st.just("TEXT"), st.text("abcdef", min_size=5)),
    st.tuples(st.just("TEXT"), st.text("ghi", min_size=1)),
    st.tuples(
        st.just("CHOICE"), st.text("onetw", min_size=1).filter(lambda t: t not in ("one", "two"))
    ),
)


@laws
@given(within)
def test_answers_within_what_the_questions_say_load(deploy, answers):
    stack, doubts = deploy(NUMBER + TEXT + CHOICE, answers, strict=True)
    assert doubts == []
    assert stack.answers_given == {name: str(answer) for name, answer in answers.items()}


@laws
@given(within, outside)
def test_an_answer_outside_is_named(deploy, answers, wrong):
    variable, answer = wrong
    doubts = deploy(NUMBER + TEXT + CHOICE, {**answers, variable: answer})[1]
    assert {doubt.variable for doubt in doubts} == {variable}
    with pytest.raises(DoubtfulAnswer, match=f": {variable}: "):
        deploy(NUMBER + TEXT + CHOICE, {**answers, variable: answer}, strict=True)
