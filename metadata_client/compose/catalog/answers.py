"""Answers to questions: the values that they give variables, and doubts about them.

Rancher's page refuses an empty answer to a required question, and no other; a doubt is stricter.
Knows nothing of files.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Final

from metadata_client.compose.convert import scalar_text
from metadata_client.compose.errors import ComposeError, DoubtfulAnswer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from metadata_client.compose.catalog.questions import Question, Section

BOOLEAN: Final = "boolean"
ENUM: Final = "enum"
NUMBERS: Final = ("int", "float")
SECRETS: Final = frozenset(("password", "masked", "secret", "certificate"))
"""The types of answers that no message shows."""


def texts(answers: Mapping[str, object]) -> dict[str, str]:
    """Return answers as texts: booleans and numbers as they stand in a file of answers.

    Raises:
        ComposeError: an answer is no text, number or boolean.

    >>> texts({"SCALE": 3, "LB": True, "TAG": "10.1"})
    {'SCALE': '3', 'LB': 'true', 'TAG': '10.1'}
    """
    for variable, answer in answers.items():
        if not isinstance(answer, str | int | float):
            kind = type(answer).__name__
            reason = f"the answer to {variable} is a {kind}: give a text, a number or a boolean"
            raise ComposeError(reason)
    return {variable: scalar_text(answer) for variable, answer in answers.items()}


def defaults(section: Section) -> dict[str, str]:
    """Return the defaults of the questions by variable; of several the last counts."""
    return {question.variable: question.default for question in section.questions}


def all_doubts(section: Section, answers: Mapping[str, str]) -> Iterator[DoubtfulAnswer]:
    """Yield what the original leaves unsaid about answers, and about defaults in their place.

    Args:
        section: the questions.
        answers: the answers that were given.
    """
    asked = defaults(section)
    for variable in answers:
        if variable not in asked:
            reason = f"there is no question {variable}{_instead(variable, list(asked))}"
            yield DoubtfulAnswer(variable, reason, path=section.path, line=section.line)
    for question in section.questions:
        answer = answers.get(question.variable, asked[question.variable])
        yield from doubts(question, answer)


def doubts(question: Question, answer: str) -> Iterator[DoubtfulAnswer]:
    """Yield the doubts about the answer to a question.

    >>> from metadata_client.compose import Question
    >>> question = Question(variable="MEMBERS", type="int", max=7)
    >>> [doubt.reason for doubt in doubts(question, "9")]
    ["MEMBERS: '9' is above the maximum of 7"]
    """
    for rule in _RULES if answer else (_missing,):
        reason = rule(question, answer)
        if reason:
            reason = f"{question.variable}: {reason}"
            place = {"path": question.path, "line": question.line}
            yield DoubtfulAnswer(question.variable, reason, **place)  # type: ignore[arg-type]  # a path and a line


# -- The rules: each returns a reason, or an empty text


def _missing(question: Question, _: str) -> str:
    if question.required and question.type != BOOLEAN:
        return "a required question has neither answer nor default"
    return ""


def _options(question: Question, answer: str) -> str:
    options = ("true", "false") if question.type == BOOLEAN else question.options
    if question.type not in (BOOLEAN, ENUM) or answer in options:
        return ""
    return f"{_shown(question, answer)} is no option; there are {', '.join(options) or 'none'}"


def _bounds(question: Question, answer: str) -> str:
    number = _number(answer)
    if number is None:
        return f"{_shown(question, answer)} is no number" if question.type in NUMBERS else ""
    if question.min and number < question.min:
        return f"{_shown(question, answer)} is below the minimum of {question.min}"
    if question.max and number > question.max:
        return f"{_shown(question, answer)} is above the maximum of {question.max}"
    return ""


def _length(question: Question, answer: str) -> str:
    count = len(answer)
    if count < question.min_length:
        return f"{count} characters are fewer than the minimum of {question.min_length}"
    if 0 < question.max_length < count:
        return f"{count} characters are more than the maximum of {question.max_length}"
    return ""


def _valid(question: Question, answer: str) -> str:
    if not question.valid_chars:
        return ""
    wrong = [char for char in answer if not _is_in(char, question.valid_chars)]
    return _characters(question, wrong, f"not in [{question.valid_chars}]")


def _invalid(question: Question, answer: str) -> str:
    if not question.invalid_chars:
        return ""
    wrong = [char for char in answer if _is_in(char, question.invalid_chars)]
    return _characters(question, wrong, f"in [{question.invalid_chars}]")


_RULES: Final[tuple[Callable[[Question, str], str], ...]] = (
    *(_options, _bounds, _length, _valid, _invalid),
)


def _characters(question: Question, wrong: list[str], where: str) -> str:
    if not wrong:
        return ""
    shown = "a character is" if question.type in SECRETS else f"{wrong[0]!r} is"
    return f"{shown} {where}"


# What Python's `re` would take for a set operation, or for the end of the class.
_SPECIAL: Final = re.compile(r"\\.|[\[\]&|~]|--", re.DOTALL)


def _is_in(char: str, characters: str) -> bool:
    """Return whether a character is among those between the brackets of a regular expression."""
    try:
        among = re.compile(f"[{_SPECIAL.sub(_escaped, characters)}]")
    except re.error:
        return char in characters
    return among.fullmatch(char) is not None


def _escaped(match: re.Match[str]) -> str:
    return match[0] if match[0][0] == "\\" else "".join(f"\\{char}" for char in match[0])


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _shown(question: Question, answer: str) -> str:
    return "the answer" if question.type in SECRETS else repr(answer)


def _instead(variable: str, asked: list[str]) -> str:
    """Return the end of a message that names the question that was meant."""
    import difflib  # noqa: PLC0415 - for a message only

    near = difflib.get_close_matches(variable, asked, 1) or [
        name for name in asked if name.lower() == variable.lower()
    ]
    return f"; did you mean {near[0]}?" if near else ""
