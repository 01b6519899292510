"""Hypothesis strategies of a catalog's entry, with answers to its questions.

With `stacks(…, answers={})` they have a history as well. The module does not know templates.
"""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from metadata_client import compose

Answers = Mapping[str, SearchStrategy[object]]
"""Strategies for answers, by variable."""

Source = str | os.PathLike[str] | compose.Entry | compose.Version
"""The folder of an entry, or of a version of it; or an entry or a version of a `Catalog`."""

_NO_ENV: Final[Mapping[str, str]] = MappingProxyType({})
_NO_ANSWERS: Final[Answers] = MappingProxyType({})


def entries(
    source: Source,
    *,
    own: Answers = _NO_ANSWERS,
    env: Mapping[str, str] = _NO_ENV,
    version: str | int | None = None,
    name: str | None = None,
) -> SearchStrategy[compose.Stack]:
    """Return a strategy of stacks of a catalog's entry, with drawn answers to its questions.

    Args:
        source: the folder of the entry, or of a version; or the entry or version of a `Catalog`.
        own: by variable, strategies of answers in place of those that follow from the questions.
        env: values of variables that are no answers.
        version: the version; by default that which Rancher chooses.
        name: the name of the stack; by default that of the entry.

    Raises:
        ComposeError: the entry is refused, or has no such question.

    >>> from hypothesis import given, settings
    >>> @settings(database=None, deadline=None, max_examples=5)
    ... @given(entries("examples/catalog/templates/galera"))
    ... def test_as_many_members_as_answered(stack):
    ...     members = int(stack.answers_given["MEMBERS"])
    ...     assert len(stack.containers("galera")) == members <= 9
    >>> test_as_many_members_as_answered()
    """
    drawn = answers(_questions(source, version), own=own)

    def loading(given: Mapping[str, object]) -> compose.Stack:
        note(f"answers {given!r}")
        return compose.load(source, env=env, answers=given, version=version, name=name, strict=True)

    return drawn.map(loading)


def answers(
    questions: Sequence[compose.Question], *, own: Answers = _NO_ANSWERS
) -> SearchStrategy[dict[str, object]]:
    """Return a strategy of answers that keep what the questions say.

    They are options of an `enum`, numbers within the bounds, texts of the lengths and characters
    that are allowed. An answer to a question for a service, a certificate or a secret is its
    default; give strategies of your own.

    Args:
        questions: the questions.
        own: by variable, strategies in place of those that follow from the questions.

    Raises:
        ComposeError: `own` has an answer to no question.
    """
    asked = {question.variable: question for question in questions}
    for variable in own:
        if variable not in asked:
            raise compose.ComposeError(f"there is no question {variable}")
    drawn = {name: own[name] if name in own else _answers(one) for name, one in asked.items()}
    return st.fixed_dictionaries(drawn)


def _questions(source: Source, version: str | int | None) -> Sequence[compose.Question]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", compose.DoubtfulAnswer)
        return compose.expand(source, version=version).questions


def _answers(question: compose.Question) -> SearchStrategy[object]:
    """Return a strategy of answers to one question."""
    if question.type in _CHOSEN:
        return st.just(question.default)
    if question.type == "boolean":
        return st.sampled_from(["true", "false"])
    if question.type == "enum":
        return st.sampled_from(question.options or [question.default])
    drawn = _numbers(question) if question.type in ("int", "float") else _texts(question)
    return drawn.filter(lambda answer: not any(compose.doubts(question, str(answer))))


# What only an environment of Rancher can offer.
_CHOSEN: Final = ("service", "certificate", "secret")


def _numbers(question: compose.Question) -> SearchStrategy[object]:
    least = question.min or min(0, question.max - 1)
    return st.integers(least, question.max or max(least, _MOST_NUMBER))


_MOST_NUMBER: Final = 65535


def _texts(question: compose.Question) -> SearchStrategy[object]:
    least = question.min_length or int(question.required)
    most = question.max_length or least + 20
    return st.text(_alphabet(question.valid_chars), min_size=least, max_size=most)


def _alphabet(characters: str) -> SearchStrategy[str]:
    """Return a strategy of the characters between the brackets of a regular expression."""
    if not characters:
        return st.characters(min_codepoint=32, exclude_categories=["Cs", "Cc"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # about sets in sets
        try:
            return st.from_regex(re.compile(f"[{characters}]"), fullmatch=True)
        except re.error:
            return st.sampled_from(sorted(set(characters)))
