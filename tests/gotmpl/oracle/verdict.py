"""Compare two answers to a case: which differences count, and which few are known, and why.

The known differences are values that Python cannot express, or answers that change between builds
of Go.
"""

from __future__ import annotations

import json
import re
from typing import Final

from .judge import Answer, Case

# Cases in which our answer differs from Go's, with the reason: rows of COMPATIBILITY.md.
KNOWN: Final[list[tuple[re.Pattern[str], str]]] = [
    (re.compile(r"iter\.Seq2\["), "a generator function does not say that it yields pairs"),
    (
        re.compile(
            r"expected (\[\]interface \{\}; got \[\](string|int|float64|bool)\b"
            r"|map\[string\].*; got map)"
        ),
        "a function that takes a list or dict takes any of that kind",
    ),
    (re.compile(r'"\((print|not|and 1) ", 300\]'), "calls nest as deep as the interpreter goes"),
    (re.compile(r'"delims": \["\\n", "\\n"\].*"error"'), "newlines in delimiters are lines"),
    (re.compile(r'"parse_glob", "a", "\[bad"'), "a malformed pattern matches no files"),
]
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
    if "stopped" in go or "panic" in go or known_difference(case, go):
        return False
    said, asked = json.dumps(go), json.dumps(case)
    if ENDLESS.search(said):
        return False
    if ADDRESSED.search(asked) and NUMERIC.search(asked):
        return False
    if POINTER.search(asked) or (ADDRESSED.search(asked) and ADDRESS.search(said)):
        return False
    return not (ONLY_ADDRESS.search(asked) and DISGUISE.search(asked))


def known_difference(case: Case, go: Answer) -> str:
    """Return why our answer may differ from this one of Go's; empty if it may not."""
    said = json.dumps({**case, "expect": go})
    return next((why for pattern, why in KNOWN if pattern.search(said)), "")


def plain(answer: Answer) -> Answer:
    """Return an answer without its id."""
    return {key: value for key, value in answer.items() if key != "id"}
