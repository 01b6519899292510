"""Compare two answers to a case: which differences count.

A committed row in which we differ says why, as `known`; it must differ. Invented cases have no such
rows, so `comparable` leaves out what Python cannot express, and answers that change between builds
of Go.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Final

from . import ours
from .judge import Answer, Case

# Errors that Go alone gives: rows of COMPATIBILITY.md.
GO_ONLY: Final = re.compile(
    # A generator function does not say that it yields pairs.
    r"iter\.Seq2\["
    # A function that takes a list or dict takes any of that kind.
    r"|expected \[\]interface \{\}; got \[\](string|int|float64|bool)\b"
    r"|expected map\[string\].*; got map"
    # Go executes a clone that has no tree, and panics; here it is a template that is not defined.
    r"|runtime error: invalid memory address"
)
# Go's lexer refuses a text that is not one number, before the rules of numbers apply.
LEXERS_OWN: Final = ("bad number", "unterminated", "unexpected", "unrecognized", "not a number")
# The depth at which an endless recursion stops, and so its output, depends on the engine.
ENDLESS: Final = re.compile("exceeded maximum template depth|the output is too long")
ADDRESS: Final = re.compile(r"(?i)0x[0-9a-f]{6,}")
# Verbs that print an address as a number that the pattern does not match.
NUMERIC: Final = re.compile(r"%[^%\"`]*[bcdoOqxXU]")
POINTER: Final = re.compile(r"%[^%\"`]*p")
# Functions that print an address in a form that the pattern does not match.
DISGUISE: Final = re.compile(r"%[^%\"`]*[a-zA-Z]|\b(print|println|printf|html|js|urlquery)\b")
# Data whose printed form may hold an address.
ONLY_ADDRESS: Final = re.compile(r'"\$": "(func|chan|seq2?)"')
ADDRESSED: Final = re.compile(r'"\$": "(func|chan|seq2?|error)"|\*main\.Host')


def comparable(case: Case, go: Answer) -> bool:
    """Return whether another engine must give the same answer as Go."""
    if case.get("mode") == "value":  # no such question has an answer with an address
        return not is_lexers(case, go)
    said, asked = json.dumps(go), json.dumps(case)
    if "stopped" in go or "panic" in go or ENDLESS.search(said) or GO_ONLY.search(said):
        return False
    if ADDRESSED.search(asked) and NUMERIC.search(asked):
        return False
    if POINTER.search(asked) or (ADDRESSED.search(asked) and ADDRESS.search(said)):
        return False
    return not (ONLY_ADDRESS.search(asked) and DISGUISE.search(asked))


def is_lexers(question: Case, go: Answer) -> bool:
    """Return whether the answer is that of Go's lexer, to a question on a number."""
    return question["op"] == "number" and str(go.get("error", "")).startswith(LEXERS_OWN)


def wrong(rows: Iterable[Case]) -> list[tuple[str, Answer, Answer]]:
    """Return the rows that differ from Go without being `known`, and those `known` that do not.

    Each is an id, our answer and Go's.
    """
    answers = ((row, ours.answer(row)) for row in rows)
    return [
        (row["id"], mine, row["expect"])
        for row, mine in answers
        if (plain(mine) != row["expect"]) != ("known" in row)
    ]


def plain(answer: Answer) -> Answer:
    """Return an answer without its id."""
    return {key: value for key, value in answer.items() if key != "id"}
